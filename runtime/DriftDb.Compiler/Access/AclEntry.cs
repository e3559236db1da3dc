using MessagePack;

namespace DriftDb.Compiler;

/// <summary>What one role granted another on an object: an aclitem.</summary>
[MessagePackObject]
public sealed record AclEntry
{
    /// <summary>A role's oid; 0 for PUBLIC.</summary>
    [Key(0)] public required int Grantee { get; init; }

    [Key(1)] public required int Grantor { get; init; }

    [Key(2)] public required Rights Rights { get; init; }

    /// <summary>The ones of them that may be granted on.</summary>
    [Key(3)] public Rights Grantable { get; init; }
}

/// <summary>ALTER DEFAULT PRIVILEGES: what is granted on objects that are made from then on.</summary>
[MessagePackObject]
public sealed record DefaultPrivilegesObject
{
    /// <summary>The id under which the store keeps the only one.</summary>
    public const int Id = 1;

    [Key(0)] public DefaultPrivileges[] All { get; init; } = [];
}

/// <param name="Role">Whose new objects.</param>
/// <param name="Schema">The schema in which they are made, beside what holds everywhere; 0 for everywhere, in place of the kind's own default.</param>
/// <param name="Kind">As pg_default_acl has it: 'r' tables and views, 'S' sequences, 'f' functions and procedures, 'T' types, 'n' schemas.</param>
/// <param name="Acl">The grants.</param>
[MessagePackObject]
public sealed record DefaultPrivileges([property: Key(0)] int Role, [property: Key(1)] int Schema, [property: Key(2)] char Kind, [property: Key(3)] AclEntry[] Acl);

/// <summary>An object's list of grants. A missing list stands for the kind's default: all to the owner, and what PUBLIC has.</summary>
internal static class Acl
{
    public const int Public = 0;

    public static AclEntry[] Default(SecuredKind kind, int owner)
    {
        var all = new AclEntry { Grantee = owner, Grantor = owner, Rights = kind.All() };
        return kind.OfPublic() is var toAll and not Rights.None ? [new AclEntry { Grantee = Public, Grantor = owner, Rights = toAll }, all] : kind == SecuredKind.Column ? [] : [all];
    }

    /// <summary>Whether two lists grant the same.</summary>
    public static bool AreSame(IReadOnlyCollection<AclEntry> one, IReadOnlyCollection<AclEntry> other) => one.Count == other.Count && one.All(other.Contains);

    /// <summary>What one of the roles may do by grants.</summary>
    public static Rights Held(IEnumerable<AclEntry> acl, IReadOnlySet<int> roles) =>
        acl.Where(entry => entry.Grantee == Public || roles.Contains(entry.Grantee)).Aggregate(Rights.None, (held, entry) => held | entry.Rights);

    /// <summary>What one of the roles may grant on.</summary>
    public static Rights Grantable(IEnumerable<AclEntry> acl, IReadOnlySet<int> roles) =>
        acl.Where(entry => roles.Contains(entry.Grantee)).Aggregate(Rights.None, (held, entry) => held | entry.Grantable);

    public static AclEntry[] Grant(IReadOnlyList<AclEntry> acl, int grantee, int grantor, Rights rights, bool withGrantOption)
    {
        var grantable = withGrantOption && grantee != Public ? rights : Rights.None;
        var known = acl.FirstOrDefault(entry => entry.Grantee == grantee && entry.Grantor == grantor);
        if (known is null) return [.. acl, new AclEntry { Grantee = grantee, Grantor = grantor, Rights = rights, Grantable = grantable }];
        return [.. acl.Select(entry => ReferenceEquals(entry, known) ? entry with { Rights = entry.Rights | rights, Grantable = entry.Grantable | grantable } : entry)];
    }

    /// <summary>Takes rights (or only their grant option) back; what their holder granted on goes with them, or is in the way.</summary>
    /// <returns>The new list; null when something depends on what is revoked and <paramref name="cascade"/> is false.</returns>
    public static AclEntry[]? Revoke(IReadOnlyList<AclEntry> acl, int grantee, int grantor, Rights rights, bool optionOnly, bool cascade, int owner)
    {
        AclEntry[] left =
        [
            .. acl.Select(entry => entry.Grantee == grantee && entry.Grantor == grantor
                ? entry with { Rights = optionOnly ? entry.Rights : entry.Rights & ~rights, Grantable = entry.Grantable & ~rights }
                : entry).Where(entry => entry.Rights != Rights.None),
        ];
        if (grantee == Public || grantee == owner) return left;
        // Whoever has lost a grant option by all who gave it can't have granted by it.
        var lost = rights & ~left.Where(entry => entry.Grantee == grantee).Aggregate(Rights.None, (held, entry) => held | entry.Grantable);
        foreach (var dependent in left.Where(entry => entry.Grantor == grantee && (entry.Rights & lost) != Rights.None).ToList())
        {
            if (!cascade) return null;
            left = Revoke(left, dependent.Grantee, grantee, dependent.Rights & lost, optionOnly: false, cascade, owner)!;
        }

        return left;
    }
}
