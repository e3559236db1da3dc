namespace DriftDb.Compiler;

/// <summary>Figures about tables and indexes. Scans aren't counted (their columns are 0); rows are.</summary>
internal static class StatisticsViews
{
    public static IEnumerable<(string, Action<CatalogRows>)> All =>
    [
        ("pg_catalog.pg_stat_user_tables", TableFigures), ("pg_catalog.pg_stat_all_tables", TableFigures), ("pg_catalog.pg_stat_user_indexes", IndexFigures), ("pg_catalog.pg_stat_all_indexes", IndexFigures),
        ("pg_catalog.pg_statio_user_tables", TableReads), ("pg_catalog.pg_statio_all_tables", TableReads), ("pg_catalog.pg_stats", Columns),
    ];

    private static void TableFigures(CatalogRows rows)
    {
        foreach (var table in rows.Tables)
        {
            long live = table.Storage.LiveRowCount, past = Math.Max(0, table.Storage.StoredVersionCount - live);
            rows.Add(table.Oid, table.Schema, table.Name, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, live, past, 0L, 0L, null, null, null, null, 0L, 0L, 0L, 0L);
        }
    }

    private static void IndexFigures(CatalogRows rows)
    {
        foreach (var table in rows.Tables)
            foreach (var index in table.IndexObjects) rows.Add(table.Oid, index.Oid, table.Schema, table.Name, index.Name, 0L, 0L, 0L);
    }

    private static void TableReads(CatalogRows rows)
    {
        foreach (var table in rows.Tables) rows.Add(table.Oid, table.Schema, table.Name, 0L, 0L, 0L, 0L, null, null, null, null);
    }

    /// <summary>The last ANALYZE's column statistics; distinct counts as PostgreSQL has them: negative for a share of the rows.</summary>
    private static void Columns(CatalogRows rows)
    {
        foreach (var table in rows.Tables)
        {
            if (rows.Database.Statistics.Find(table.Oid) is not { } analyzed) continue;
            foreach (var column in table.Columns)
            {
                if (!analyzed.Columns.TryGetValue(column.ColumnId, out var found)) continue;
                double distinct = analyzed.RowCount > 0 && found.DistinctCount > analyzed.RowCount * 0.1 ? -found.DistinctCount / analyzed.RowCount : found.DistinctCount;
                rows.Add(
                    table.Schema, table.Name, column.Name, false, (float)found.NullFraction, (int)found.AverageWidthBytes, (float)Math.Max(-1, distinct),
                    null, found.MostCommon.IsEmpty ? null : found.MostCommon.Select(entry => (float)entry.Fraction).ToArray(), null, null, null, null, null);
            }
        }
    }
}
