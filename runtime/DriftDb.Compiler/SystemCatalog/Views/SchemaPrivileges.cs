namespace DriftDb.Compiler;

/// <summary>information_schema's views of roles and their rights: the one role has all.</summary>
internal static class SchemaPrivileges
{
    private static readonly string[] TableRights = ["INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];

    public static IEnumerable<(string, Action<CatalogRows>)> All =>
    [
        ("information_schema.enabled_roles", Enabled), ("information_schema.table_privileges", OnTables), ("information_schema.role_table_grants", OnTables), ("information_schema.column_privileges", OnColumns),
        ("information_schema.role_column_grants", OnColumns),
    ];

    private static void Enabled(CatalogRows rows)
    {
        foreach (var (_, name) in Roles.All(rows.Session)) rows.Add(name);
    }

    private static void OnTables(CatalogRows rows)
    {
        foreach (var relation in rows.PlainTables.Concat<CatalogRelation>(rows.Views))
            foreach (string right in TableRights)
                rows.Add(Instance.DefaultName, Instance.DefaultName, rows.Database.Name, relation.Schema, relation.Name, right, "YES", SchemaTables.YesNo(right == "SELECT"));
    }

    private static void OnColumns(CatalogRows rows)
    {
        foreach (var relation in rows.PlainTables.Concat<CatalogRelation>(rows.Views))
            foreach (var column in relation.Columns)
                foreach (string right in new[] { "INSERT", "SELECT", "UPDATE", "REFERENCES" })
                    rows.Add(Instance.DefaultName, Instance.DefaultName, rows.Database.Name, relation.Schema, relation.Name, column.Name, right, "YES");
    }
}
