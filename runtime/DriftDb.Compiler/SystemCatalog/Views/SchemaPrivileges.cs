namespace DriftDb.Compiler;

/// <summary>information_schema's views of roles and of what was granted on tables and columns.</summary>
internal static class SchemaPrivileges
{
    public static IEnumerable<(string, Action<CatalogRows>)> All =>
    [
        ("information_schema.enabled_roles", Enabled), ("information_schema.table_privileges", OnTables), ("information_schema.role_table_grants", OnTables), ("information_schema.column_privileges", OnColumns),
        ("information_schema.role_column_grants", OnColumns),
    ];

    private static void Enabled(CatalogRows rows)
    {
        var access = rows.Session.Access;
        foreach (var role in access.All.Where(role => access.IsSuperuser || access.Roles.RolesOf(access.CurrentRole.Oid, byInheritance: false).Contains(role.Oid))) rows.Add(role.Name);
    }

    private static void OnTables(CatalogRows rows)
    {
        foreach (var relation in rows.PlainTables.Concat<CatalogRelation>(rows.Views))
            foreach (var (grantor, grantee, right, name, grantable) in Grants(rows, relation.Acl ?? Acl.Default(SecuredKind.Table, relation.Owner), relation.Owner))
                rows.Add(grantor, grantee, rows.Database.Name, relation.Schema, relation.Name, name, SchemaTables.YesNo(grantable), SchemaTables.YesNo(right == Rights.Select));
    }

    private static void OnColumns(CatalogRows rows)
    {
        foreach (var relation in rows.PlainTables.Concat<CatalogRelation>(rows.Views))
        {
            var ofTable = (relation.Acl ?? Acl.Default(SecuredKind.Table, relation.Owner)).Select(entry => entry with { Rights = entry.Rights & SecuredKind.Column.All() }).ToList();
            foreach (var column in relation.Columns)
                foreach (var (grantor, grantee, _, name, grantable) in Grants(rows, ofTable.Concat(relation.ColumnAcl(column.AttributeNumber)), relation.Owner).DistinctBy(grant => (grant.Grantor, grant.Grantee, grant.Right)))
                    rows.Add(grantor, grantee, rows.Database.Name, relation.Schema, relation.Name, column.Name, name, SchemaTables.YesNo(grantable));
        }
    }

    /// <summary>One entry for each right of a list; what the owner has he can grant on.</summary>
    private static IEnumerable<(string? Grantor, string? Grantee, Rights Right, string Name, bool Grantable)> Grants(CatalogRows rows, IEnumerable<AclEntry> acl, int owner)
    {
        var access = rows.Session.Access;
        foreach (var entry in acl)
            foreach (var (right, name) in RightNames.Of(entry.Rights))
                yield return (access.TryFind(entry.Grantor)?.Name, entry.Grantee == Acl.Public ? "PUBLIC" : access.TryFind(entry.Grantee)?.Name, right, name, entry.Grantable.HasFlag(right) || entry.Grantee == owner);
    }
}
