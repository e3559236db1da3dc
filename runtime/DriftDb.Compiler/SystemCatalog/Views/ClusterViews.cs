namespace DriftDb.Compiler;

/// <summary>What all databases have alike: pg_database, pg_tablespace, pg_extension.</summary>
internal static class ClusterViews
{
    private const int Utf8 = 6;

    public static IEnumerable<(string, Action<CatalogRows>)> All => [("pg_catalog.pg_database", Databases), ("pg_catalog.pg_tablespace", Tablespaces), ("pg_catalog.pg_extension", Extensions)];

    private static void Databases(CatalogRows rows)
    {
        foreach (var database in rows.Session.Instance.Databases.OrderBy(database => database.Oid))
        {
            rows.Add(
                database.Oid, database.Name, WellKnownOids.Superuser, Utf8, 'c', false, true, -1, 0, 0, WellKnownOids.Tablespace, rows.Session.Settings.Required("lc_collate"),
                rows.Session.Settings.Required("lc_ctype"), null, null, null);
        }
    }

    /// <summary>What DriftDB adds of its own is an extension that came with the database: pg_dump leaves such alone.</summary>
    private static void Extensions(CatalogRows rows) => rows.Add(WellKnownOids.DriftExtension, "drift", WellKnownOids.Superuser, WellKnownOids.DriftSchema, false, "0.1", null, null);

    private static void Tablespaces(CatalogRows rows)
    {
        rows.Add(WellKnownOids.Tablespace, "pg_default", WellKnownOids.Superuser, null, null);
        rows.Add(WellKnownOids.Tablespace + 1, "pg_global", WellKnownOids.Superuser, null, null);
    }
}
