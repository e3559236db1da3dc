using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>ALTER DEFAULT PRIVILEGES, and what it gives to new objects (PostgreSQL's documentation of the command; aclchk.c).</summary>
internal sealed partial class DefinitionExecutor
{
    private string AlterDefaultPrivileges(DefaultPrivilegesStatement alter)
    {
        var (kind, letter) = alter.Kind switch
        {
            { IsTable: true } => (SecuredKind.Table, 'r'),
            { IsSequence: true } => (SecuredKind.Sequence, 'S'),
            { IsType: true } => (SecuredKind.Type, 'T'),
            { IsSchema: true } => (SecuredKind.Schema, 'n'),
            _ => (SecuredKind.Function, 'f'),
        };
        if (kind == SecuredKind.Schema && !alter.InSchemas.IsEmpty) throw new SqlException(SqlState.InvalidGrantOperation, "cannot use IN SCHEMA clause when using GRANT/REVOKE ON SCHEMAS");
        if (alter.IsGrant && alter.GrantOption && alter.Roles.Any(role => role.IsPublic)) throw new SqlException(SqlState.InvalidGrantOperation, "grant options can only be granted to roles");
        var rights = RightsOf(alter.Privileges, kind);
        var grantees = alter.Roles.Select(role => role.IsPublic ? Acl.Public : Existing(role).Oid).ToList();
        var owners = alter.ForRoles.IsEmpty ? [Access.CurrentRole] : alter.ForRoles.Select(Existing).ToList();
        foreach (var owner in owners)
        {
            if (!Access.IsSuperuser && !Access.Roles.RolesOf(Access.CurrentRole.Oid, byInheritance: false).Contains(owner.Oid)) throw new SqlException(SqlState.InsufficientPrivilege, $"must be member of role \"{owner.Name}\"");
            int[] schemas = alter.InSchemas.IsEmpty ? [0] : [.. alter.InSchemas.Select(name => session.Catalog.Snapshot.Schemas[RequireSchema(name)].Oid)];
            foreach (int schema in schemas) Change(owner.Oid, schema, letter, acl => grantees.Aggregate(acl, (list, grantee) => alter.IsGrant
                ? Acl.Grant(list, grantee, owner.Oid, rights, alter.GrantOption)
                : Acl.Revoke(list, grantee, owner.Oid, rights, alter.GrantOption, alter.Behavior.IsCascade, owner.Oid) ?? throw new SqlException(SqlState.DependentObjectsStillExist, "dependent privileges exist", hint: "Use CASCADE to revoke them too.")));
        }

        return "ALTER DEFAULT PRIVILEGES";
    }

    private static Rights RightsOf(IEnumerable<Privilege> privileges, SecuredKind kind)
    {
        var all = Rights.None;
        foreach (var privilege in privileges)
        {
            if (!privilege.Columns.IsEmpty) throw new SqlException(SqlState.InvalidGrantOperation, "default privileges cannot be set for columns", privilege.Span);
            var rights = privilege.Name == "all" ? kind.All() : RightNames.Find(privilege.Name);
            if (rights == Rights.None) throw new SqlException(SqlState.SyntaxError, $"unrecognized privilege type \"{privilege.Name}\"");
            if ((rights & ~kind.All()) != Rights.None) throw new SqlException(SqlState.InvalidGrantOperation, $"invalid privilege type {privilege.Name.ToUpperInvariant()} for {(kind == SecuredKind.Table ? "relation" : kind.Word())}");
            all |= rights;
        }

        return all;
    }

    /// <summary>Everywhere the kind's own default is what changes; in a schema there is something beside it.</summary>
    private static AclEntry[] BasisOf(int role, int schema, char letter) => schema != 0 ? [] : Acl.Default(
        letter switch { 'r' => SecuredKind.Table, 'S' => SecuredKind.Sequence, 'T' => SecuredKind.Type, 'n' => SecuredKind.Schema, _ => SecuredKind.Function }, role);

    private void Change(int role, int schema, char letter, Func<AclEntry[], AclEntry[]> change)
    {
        var all = session.Catalog.Snapshot.DefaultPrivileges;
        var basis = BasisOf(role, schema, letter);
        var acl = change(Array.Find(all, entry => entry.Role == role && entry.Schema == schema && entry.Kind == letter)?.Acl ?? basis);
        var others = all.Where(entry => (entry.Role, entry.Schema, entry.Kind) != (role, schema, letter));
        PutDefaultPrivileges(Acl.AreSame(acl, basis) ? others : others.Append(new DefaultPrivileges(role, schema, letter, acl)));
    }

    private void PutDefaultPrivileges(IEnumerable<DefaultPrivileges> all) => Put(ObjectKindNumber.DefaultPrivileges, DefaultPrivilegesObject.Id, new DefaultPrivilegesObject { All = [.. all] });

    /// <summary>What is gone has no defaults.</summary>
    private void DropDefaultPrivileges(Func<DefaultPrivileges, bool> isGone)
    {
        var all = session.Catalog.Snapshot.DefaultPrivileges;
        if (Array.Exists(all, entry => isGone(entry))) PutDefaultPrivileges(all.Where(entry => !isGone(entry)));
    }

    /// <summary>What keeps a role from being dropped.</summary>
    private IEnumerable<string> DefaultPrivilegesOf(RoleObject role)
    {
        foreach (var entry in session.Catalog.Snapshot.DefaultPrivileges)
        {
            string what = entry.Kind switch { 'r' => "relations", 'S' => "sequences", 'f' => "functions", 'T' => "types", _ => "schemas" };
            string described = $"default privileges on new {what} belonging to role {Access.TryFind(entry.Role)?.Name}";
            if (session.Catalog.Snapshot.Schemas.Values.FirstOrDefault(schema => schema.Oid == entry.Schema) is { } schema) described += $" in schema {schema.Name}";
            if (entry.Role == role.Oid) yield return $"owner of {described}";
            else if (Array.Exists(entry.Acl, grant => grant.Grantee == role.Oid)) yield return $"privileges for {described}";
        }
    }

    /// <summary>DROP OWNED: the role's own defaults, and what others' give it.</summary>
    private void DropDefaultPrivilegesOf(int role)
    {
        var all = session.Catalog.Snapshot.DefaultPrivileges;
        if (!Array.Exists(all, entry => entry.Role == role || Array.Exists(entry.Acl, grant => grant.Grantee == role))) return;
        PutDefaultPrivileges(all.Where(entry => entry.Role != role).Select(entry => entry with { Acl = [.. entry.Acl.Where(grant => grant.Grantee != role)] }).Where(entry => !Acl.AreSame(entry.Acl, BasisOf(entry.Role, entry.Schema, entry.Kind))));
    }

    /// <summary>The grants on an object that the session makes; null for those that such an object has anyway.</summary>
    private AclEntry[]? NewAcl(SecuredKind kind, string? schema)
    {
        var all = session.Catalog.Snapshot.DefaultPrivileges;
        if (all.Length == 0) return null;
        char letter = kind switch { SecuredKind.Table => 'r', SecuredKind.Sequence => 'S', SecuredKind.Type => 'T', SecuredKind.Schema => 'n', _ => 'f' };
        int owner = Access.NewOwner == 0 ? WellKnownOids.Superuser : Access.NewOwner;
        int schemaOid = schema is not null && session.Catalog.Snapshot.Schemas.TryGetValue(schema, out var found) ? found.Oid : -1;
        AclEntry[]? Of(int place) => Array.Find(all, entry => entry.Role == owner && entry.Schema == place && entry.Kind == letter)?.Acl;
        var (everywhere, here) = (Of(0), Of(schemaOid));
        if (everywhere is null && here is null) return null;
        var basis = Acl.Default(kind, owner);
        var acl = (here ?? []).Aggregate(everywhere ?? basis, (list, entry) => Acl.Grant(Acl.Grant(list, entry.Grantee, entry.Grantor, entry.Rights & ~entry.Grantable, false), entry.Grantee, entry.Grantor, entry.Grantable, true));
        return Acl.AreSame(acl, basis) ? null : [.. acl.OrderBy(entry => entry.Grantee)];
    }
}
