using System.Collections.Frozen;
using DriftDb.Runtime;

namespace DriftDb.Compiler;

/// <summary>The system's own schemas: pg_catalog, information_schema and drift, views over the live catalog.</summary>
internal static class SystemCatalog
{
    public static FrozenDictionary<string, int> Schemas { get; } = new Dictionary<string, int>
    {
        ["pg_catalog"] = WellKnownOids.CatalogSchema,
        ["information_schema"] = WellKnownOids.InformationSchema,
        ["drift"] = WellKnownOids.DriftSchema,
        ["pg_toast"] = WellKnownOids.ToastSchema,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<(string, string), SystemRelation> Relations =
        SystemViews.All().ToFrozenDictionary(relation => (relation.Schema, relation.Name));

    public static IEnumerable<SystemRelation> All => Relations.Values;

    private static readonly FrozenDictionary<int, SystemRelation> ByOid = Relations.Values.ToFrozenDictionary(relation => relation.Oid);

    public static SystemRelation? Find(int oid) => ByOid.GetValueOrDefault(oid);

    public static SystemRelation? Find(string schema, string name) => Relations.GetValueOrDefault((schema, name));

    /// <summary>Adds the functions of pg_catalog that ask the catalog: pg_get_viewdef, format_type and their kin.</summary>
    public static void RegisterFunctions(FunctionCatalog functions)
    {
        foreach (var type in typeof(SystemCatalog).Assembly.GetTypes().Where(type => type.Namespace == typeof(SystemCatalog).Namespace && type.IsAbstract && type.IsSealed))
            functions.Register(type);
    }
}
