using DriftDb.Plan;
using DriftDb.Runtime;

namespace DriftDb.Compiler;

/// <summary>COMMENT ON's texts.</summary>
internal static class DescriptionFunctions
{
    [SqlFunction("obj_description", Parameters = "oid, name", Volatility = Volatility.Stable)]
    [SqlFunction("shobj_description", Parameters = "oid, name", Volatility = Volatility.Stable)]
    public static string? Object(QueryContext context, int oid, string catalog) => SystemCatalog.Find("pg_catalog", catalog) is { } view ? Find(context, view.Oid, oid, 0) : null;

    /// <summary>The form without the catalog's name: the first object of this number that has a comment.</summary>
    [SqlFunction("obj_description", Parameters = "oid", Volatility = Volatility.Stable)]
    public static string? Object(QueryContext context, int oid) => context.CatalogOf().Comments.FirstOrDefault(comment => comment.ObjectOid == oid && comment.SubId == 0)?.Text;

    [SqlFunction("col_description", Parameters = "oid, integer", Volatility = Volatility.Stable)]
    public static string? Column(QueryContext context, int table, int column) => Find(context, WellKnownOids.PgClass, table, column);

    private static string? Find(QueryContext context, int classOid, int oid, int subId) =>
        (classOid == WellKnownOids.PgAuthid ? context.SessionOf().RoleComments : context.CatalogOf().Comments).FirstOrDefault(comment => comment.ClassOid == classOid && comment.ObjectOid == oid && comment.SubId == subId)?.Text
        ?? (classOid == WellKnownOids.PgNamespace && oid == WellKnownOids.PublicSchema ? DescriptionViews.PublicComment : null);
}
