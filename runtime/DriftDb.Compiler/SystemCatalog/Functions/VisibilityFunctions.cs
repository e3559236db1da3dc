using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>pg_…_is_visible: whether an object is what its bare name finds along the search path.</summary>
internal static class VisibilityFunctions
{
    [SqlFunction("pg_table_is_visible", Parameters = "oid", Volatility = Volatility.Stable)]
    public static bool? TableIsVisible(QueryContext context, int oid)
    {
        var names = context.SessionOf().Catalog;
        if ((names.Snapshot.Find(oid) ?? SystemCatalog.Find(oid)) is { } relation) return ReferenceEquals(names.Find(null, relation.Name), relation);
        if (names.Snapshot.Types.Composites.FirstOrDefault(type => type.RelationOid == oid) is { } composite) return IsFound(names, composite.Name, composite.Oid);
        if (!names.Snapshot.Indexes.TryGetValue(oid, out var index)) return null;
        foreach (string schema in names.SearchPath)
        {
            if (names.Find(schema, index.Name) is not null) return false;
            if (names.Snapshot.FindIndex(schema, index.Name) is { } found) return found.Oid == oid;
        }

        return false;
    }

    [SqlFunction("pg_type_is_visible", Parameters = "oid", Volatility = Volatility.Stable)]
    public static bool? TypeIsVisible(QueryContext context, int oid)
    {
        if (SystemData.Types.ContainsKey(oid)) return true;
        var catalog = context.SessionOf().Catalog;
        var types = catalog.Snapshot.Types;
        if (types.Enum(oid) is { } labels) return IsFound(catalog, labels.Name, oid);
        if (types.Composite(oid) is { } composite) return IsFound(catalog, composite.Name, oid);
        if (types.Find(oid) is { IsArray: true } array) return TypeIsVisible(context, TypeNames.Oid(array.Element!));
        if (catalog.Snapshot.Domains.Values.FirstOrDefault(domain => domain.Oid == oid) is { } domain) return catalog.DomainOf(null, domain.Name)?.Oid == oid;
        return CatalogOids.RelationOfRowType(oid) is var relation and not 0 ? TableIsVisible(context, relation) : null;
    }

    private static bool IsFound(SessionCatalog catalog, string name, int oid) => catalog.FindType(null, name) is { } found && TypeNames.Oid(found) == oid;

    /// <summary>Users' routines are found along the search path.</summary>
    [SqlFunction("pg_function_is_visible", Parameters = "oid", Volatility = Volatility.Stable)]
    public static bool FunctionIsVisible(QueryContext context, int oid)
    {
        var catalog = context.SessionOf().Catalog;
        if (catalog.Snapshot.AllRoutines.FirstOrDefault(routine => routine.Oid == oid) is not { } routine) return oid != 0;
        return catalog.FindRoutines(null, routine.Name).FirstOrDefault(found => found.Signature.ParameterTypes.Select(TypeNames.Oid).SequenceEqual(routine.InputTypes.Select(type => type.TypeOid)))?.Oid == oid;
    }

    /// <summary>All these are in pg_catalog, which is always looked into.</summary>
    [SqlFunction("pg_operator_is_visible", Parameters = "oid", Volatility = Volatility.Stable)]
    [SqlFunction("pg_opclass_is_visible", Parameters = "oid", Volatility = Volatility.Stable)]
    [SqlFunction("pg_opfamily_is_visible", Parameters = "oid", Volatility = Volatility.Stable)]
    [SqlFunction("pg_collation_is_visible", Parameters = "oid", Volatility = Volatility.Stable)]
    [SqlFunction("pg_conversion_is_visible", Parameters = "oid", Volatility = Volatility.Stable)]
    [SqlFunction("pg_statistics_obj_is_visible", Parameters = "oid", Volatility = Volatility.Stable)]
    [SqlFunction("pg_ts_config_is_visible", Parameters = "oid", Volatility = Volatility.Stable)]
    [SqlFunction("pg_ts_dict_is_visible", Parameters = "oid", Volatility = Volatility.Stable)]
    [SqlFunction("pg_ts_parser_is_visible", Parameters = "oid", Volatility = Volatility.Stable)]
    [SqlFunction("pg_ts_template_is_visible", Parameters = "oid", Volatility = Volatility.Stable)]
    public static bool IsVisible(int oid) => oid != 0;
}
