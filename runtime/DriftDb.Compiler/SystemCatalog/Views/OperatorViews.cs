using System.Collections.Frozen;

namespace DriftDb.Compiler;

/// <summary>Operators, their classes and families, casts, collations: fixed, from the data files.</summary>
internal static class OperatorViews
{
    /// <summary>The default class by access method and type.</summary>
    private static readonly Lazy<FrozenDictionary<(int Method, int Type), int>> DefaultClasses = new(() =>
        SystemData.Table("operator_classes.tsv").Where(row => row[6] == "t").ToFrozenDictionary(row => (SystemData.Number(row[1]), SystemData.Number(row[5])), row => SystemData.Number(row[0])));

    private static readonly Lazy<FrozenDictionary<int, int>> Equalities = new(() =>
        SystemData.Table("operators.tsv").Where(row => row[1] == "=" && row[2] == row[3]).ToFrozenDictionary(row => SystemData.Number(row[2]), row => SystemData.Number(row[0])));

    public static IEnumerable<(string, Action<CatalogRows>)> All =>
    [
        ("pg_catalog.pg_operator", rows => rows.AddFixed(Operators)), ("pg_catalog.pg_opclass", rows => rows.AddFixed(Classes)), ("pg_catalog.pg_opfamily", rows => rows.AddFixed(Families)),
        ("pg_catalog.pg_cast", rows => rows.AddFixed(Casts)), ("pg_catalog.pg_collation", Collations),
    ];

    /// <summary>The operator class that an index column of this type has by default. varchar is indexed as text, any array as anyarray.</summary>
    public static int DefaultClass(TypeFacts type, string method)
    {
        int indexed = type.Oid == 1043 ? 25 : type.Subscript == 6179 && type.Name[0] == '_' ? 2277 : type.Oid;
        return DefaultClasses.Value.GetValueOrDefault((method == "hash" ? WellKnownOids.HashMethod : WellKnownOids.BtreeMethod, indexed));
    }

    /// <summary>The type's equality operator; 0 when the data has none.</summary>
    public static int Equality(int type) => Equalities.Value.GetValueOrDefault(type == 1043 ? 25 : type);

    private static void Operators(CatalogRows rows)
    {
        foreach (string[] row in SystemData.Table("operators.tsv"))
        {
            int Number(int column) => SystemData.Number(row[column]);
            rows.Add(Number(0), row[1], WellKnownOids.CatalogSchema, WellKnownOids.Superuser, 'b', row[10] == "t", row[9] == "t", Number(2), Number(3), Number(4), Number(5), Number(6), Number(7), 0, 0);
        }
    }

    private static void Classes(CatalogRows rows)
    {
        foreach (string[] row in SystemData.Table("operator_classes.tsv"))
        {
            int Number(int column) => SystemData.Number(row[column]);
            rows.Add(Number(0), Number(1), row[2], WellKnownOids.CatalogSchema, WellKnownOids.Superuser, Number(3), Number(5), row[6] == "t", Number(7));
        }
    }

    private static void Families(CatalogRows rows)
    {
        foreach (string[] row in SystemData.Table("operator_classes.tsv").DistinctBy(row => row[3]))
            rows.Add(SystemData.Number(row[3]), SystemData.Number(row[1]), row[4], WellKnownOids.CatalogSchema, WellKnownOids.Superuser);
    }

    /// <summary>The functions behind casts have no entry in pg_proc: they are operators of the compiled plan.</summary>
    private static void Casts(CatalogRows rows)
    {
        foreach (string[] row in SystemData.Table("casts.tsv"))
            rows.Add(SystemData.Number(row[0]), SystemData.Number(row[1]), SystemData.Number(row[2]), 0, row[4][0], row[5][0]);
    }

    private static void Collations(CatalogRows rows)
    {
        const int catalog = WellKnownOids.CatalogSchema, owner = WellKnownOids.Superuser;
        rows.Add(100, "default", catalog, owner, 'd', true, -1, null, null, null, null);
        rows.Add(950, "C", catalog, owner, 'c', true, -1, "C", "C", null, null);
        rows.Add(951, "POSIX", catalog, owner, 'c', true, -1, "POSIX", "POSIX", null, null);
        rows.Add(12340, "ucs_basic", catalog, owner, 'c', true, 6, "C", "C", null, null);
    }
}
