namespace DriftDb.Compiler;

/// <summary>PostgreSQL's readable lists: pg_tables, pg_views, pg_indexes, pg_sequences.</summary>
internal static class ListViews
{
    public static IEnumerable<(string, Action<CatalogRows>)> All =>
    [
        ("pg_catalog.pg_tables", Tables), ("pg_catalog.pg_views", Views), ("pg_catalog.pg_indexes", Indexes), ("pg_catalog.pg_sequences", Sequences),
        ("pg_catalog.pg_matviews", MaterializedViews),
    ];

    private static void Tables(CatalogRows rows)
    {
        rows.AddFixed(SystemTables);
        foreach (var table in rows.PlainTables)
        {
            bool hasTriggers = table.Definition.Constraints.Any(constraint => constraint.Kind == 'f');
            rows.Add(table.Schema, table.Name, Instance.DefaultName, null, table.IndexObjects.Length > 0, false, hasTriggers, false);
        }
    }

    private static void SystemTables(CatalogRows rows)
    {
        foreach (var relation in SystemCatalog.All.Where(relation => relation.IsTable).OrderBy(relation => relation.Oid)) rows.Add(relation.Schema, relation.Name, Instance.DefaultName, null, false, false, false, false);
    }

    private static void Views(CatalogRows rows)
    {
        rows.AddFixed(SystemViewList);
        foreach (var view in rows.Views) rows.Add(view.Schema, view.Name, Instance.DefaultName, DefinitionText.View(rows.ShownNames, view));
    }

    private static void SystemViewList(CatalogRows rows)
    {
        foreach (var relation in SystemCatalog.All.Where(relation => !relation.IsTable).OrderBy(relation => relation.Oid)) rows.Add(relation.Schema, relation.Name, Instance.DefaultName, null);
    }

    private static void MaterializedViews(CatalogRows rows)
    {
        foreach (var view in rows.MaterializedViews) rows.Add(view.Schema, view.Name, Instance.DefaultName, null, view.IndexObjects.Length > 0, view.IsPopulated, DefinitionText.View(rows.ShownNames, view));
    }

    private static void Indexes(CatalogRows rows)
    {
        foreach (var table in rows.Tables)
            foreach (var index in table.IndexObjects) rows.Add(table.Schema, table.Name, index.Name, null, DefinitionText.Index(table, index, isQualified: true));
    }

    private static void Sequences(CatalogRows rows)
    {
        foreach (var sequence in rows.Sequences)
        {
            var definition = sequence.Definition;
            var state = rows.Session.StoreOf(sequence.Oid).SequenceState(sequence.Oid);
            rows.Add(
                sequence.Schema, sequence.Name, Instance.DefaultName, definition.Type.Oid, definition.Start, definition.Minimum, definition.Maximum, definition.Increment, definition.Cycle, definition.Cache,
                state is { IsCalled: true } called ? called.Value : null);
        }
    }
}
