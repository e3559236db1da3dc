namespace DriftDb.Compiler;

/// <summary>COMMENT ON: pg_description for the database's own objects, pg_shdescription for databases and roles.</summary>
internal static class DescriptionViews
{
    public static IEnumerable<(string, Action<CatalogRows>)> All => [("pg_catalog.pg_description", Own), ("pg_catalog.pg_shdescription", Shared)];

    /// <summary>Schema public comes with a comment, which pg_dump expects.</summary>
    public const string PublicComment = "standard public schema";

    private static void Own(CatalogRows rows)
    {
        if (!rows.Catalog.Comments.Any(comment => comment.ClassOid == WellKnownOids.PgNamespace && comment.ObjectOid == WellKnownOids.PublicSchema))
            rows.Add(WellKnownOids.PublicSchema, WellKnownOids.PgNamespace, 0, PublicComment);
        foreach (var comment in rows.Catalog.Comments.Where(comment => comment.ClassOid is not (WellKnownOids.PgDatabase or WellKnownOids.PgAuthid))) rows.Add(comment.ObjectOid, comment.ClassOid, comment.SubId, comment.Text);
    }

    private static void Shared(CatalogRows rows)
    {
        foreach (var comment in rows.Catalog.Comments.Where(comment => comment.ClassOid == WellKnownOids.PgDatabase)) rows.Add(comment.ObjectOid, comment.ClassOid, comment.Text);
        foreach (var comment in rows.Session.RoleComments) rows.Add(comment.ObjectOid, comment.ClassOid, comment.Text);
    }
}
