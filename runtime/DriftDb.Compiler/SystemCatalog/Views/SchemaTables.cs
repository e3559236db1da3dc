namespace DriftDb.Compiler;

/// <summary>information_schema's lists of schemas, tables, views and sequences.</summary>
internal static class SchemaTables
{
    public static IEnumerable<(string, Action<CatalogRows>)> All =>
    [
        ("information_schema.tables", Tables), ("information_schema.views", Views), ("information_schema.schemata", Schemas), ("information_schema.sequences", Sequences),
        ("information_schema.information_schema_catalog_name", rows => rows.Add(rows.Database.Name)), ("information_schema.character_sets", CharacterSets),
        ("information_schema.view_table_usage", ViewTables), ("information_schema.collations", Collations),
    ];

    public static string YesNo(bool value) => value ? "YES" : "NO";

    private static void Tables(CatalogRows rows)
    {
        rows.AddFixed(SystemTables, namesDatabase: true);
        foreach (var table in rows.PlainTables) AddTable(rows, table, TemporaryObjects.Owns(table.Oid) ? "LOCAL TEMPORARY" : "BASE TABLE", true);
        foreach (var view in rows.Views) AddTable(rows, view, "VIEW", false);
    }

    private static void SystemTables(CatalogRows rows)
    {
        foreach (var relation in SystemCatalog.All.OrderBy(relation => relation.Oid)) AddTable(rows, relation, relation.IsTable ? "BASE TABLE" : "VIEW", false);
    }

    private static void AddTable(CatalogRows rows, CatalogRelation relation, string kind, bool isInsertable) =>
        rows.Add(rows.Database.Name, relation.Schema, relation.Name, kind, null, null, null, null, null, YesNo(isInsertable), "NO", null);

    private static void Views(CatalogRows rows)
    {
        foreach (var view in rows.Views) rows.Add(rows.Database.Name, view.Schema, view.Name, DefinitionText.View(rows.ShownNames, view), "NONE", "NO", "NO", "NO", "NO", "NO");
    }

    private static void Schemas(CatalogRows rows)
    {
        foreach (string name in SystemCatalog.Schemas.Keys.Concat(rows.Catalog.Schemas.Keys).Order(StringComparer.Ordinal)) rows.Add(rows.Database.Name, name, Instance.DefaultName, null, null, null, null);
    }

    private static void Sequences(CatalogRows rows)
    {
        foreach (var sequence in rows.Sequences)
        {
            var definition = sequence.Definition;
            var type = definition.Type.ToSqlType();
            rows.Add(
                rows.Database.Name, sequence.Schema, sequence.Name, type.ToString(), SchemaColumns.Precision(type), 2, 0, Text(definition.Start), Text(definition.Minimum), Text(definition.Maximum), Text(definition.Increment),
                YesNo(definition.Cycle));
        }
    }

    public static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static void CharacterSets(CatalogRows rows) => rows.Add(null, null, "UTF8", "UCS", "UTF8", rows.Database.Name, "pg_catalog", "default");

    private static void Collations(CatalogRows rows)
    {
        foreach (string name in new[] { "default", "C", "POSIX", "ucs_basic" }) rows.Add(rows.Database.Name, "pg_catalog", name, "NO PAD");
    }

    private static void ViewTables(CatalogRows rows)
    {
        foreach (var view in rows.Views)
            foreach (int oid in view.Definition.DependsOn)
                if (rows.Catalog.Find(oid) is { } relation) rows.Add(rows.Database.Name, view.Schema, view.Name, rows.Database.Name, relation.Schema, relation.Name);
    }
}
