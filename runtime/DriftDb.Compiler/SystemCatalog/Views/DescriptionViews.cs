namespace DriftDb.Compiler;

/// <summary>COMMENT ON: pg_description for the database's own objects, pg_shdescription for the databases.</summary>
internal static class DescriptionViews
{
    public static IEnumerable<(string, Action<CatalogRows>)> All => [("pg_catalog.pg_description", Own), ("pg_catalog.pg_shdescription", Shared)];

    private static void Own(CatalogRows rows)
    {
        foreach (var comment in rows.Catalog.Comments.Where(comment => comment.ClassOid != WellKnownOids.PgDatabase)) rows.Add(comment.ObjectOid, comment.ClassOid, comment.SubId, comment.Text);
    }

    private static void Shared(CatalogRows rows)
    {
        foreach (var comment in rows.Catalog.Comments.Where(comment => comment.ClassOid == WellKnownOids.PgDatabase)) rows.Add(comment.ObjectOid, comment.ClassOid, comment.Text);
    }
}
