using DriftDb.Plan;
using DriftDb.Types;
using MessagePack;

namespace DriftDb.Compiler;

/// <summary>A domain as it is stored. A column of a domain has the base type, and the domain's constraints and default among its table's own.</summary>
[MessagePackObject]
public sealed record DomainObject
{
    [Key(0)] public required int Oid { get; init; }

    [Key(1)] public required string Schema { get; init; }

    [Key(2)] public required string Name { get; init; }

    [Key(3)] public required StoredType BaseType { get; init; }

    [Key(4)] public bool IsNotNull { get; init; }

    [Key(5)] public string? DefaultText { get; init; }

    [Key(6)] public DomainCheckObject[] Checks { get; init; } = [];

    /// <summary>Not a domain but a distinct type, whose values mix with no others: the columns of it have the type itself.</summary>
    [Key(7)] public bool IsDistinct { get; init; }

    [Key(20)] public int Owner { get; init; }

    [Key(21)] public AclEntry[]? Acl { get; init; }

    [IgnoreMember] public int OwnerOid => Owner == 0 ? WellKnownOids.Superuser : Owner;

    /// <summary>pg_constraint.oid of a check; those from before checks had oids have one made of the domain's.</summary>
    internal int CheckOid(int place) => Checks[place].Oid != 0 ? Checks[place].Oid : CatalogOids.DomainCheck(Oid, place);

    internal SqlType ToDistinctType() => BaseType.ToSqlType().AsDistinct(new DistinctType(Oid, Name));

    internal Domain ToDomain() => new(Oid, Schema, Name, BaseType.ToSqlType(), IsNotNull, [.. Checks.Select(check => new CheckText(check.Name, check.Text))]);
}

[MessagePackObject]
public sealed record DomainCheckObject([property: Key(0)] string Name, [property: Key(1)] string Text, [property: Key(2)] int Oid = 0);
