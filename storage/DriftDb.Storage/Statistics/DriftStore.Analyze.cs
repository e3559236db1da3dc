using System.Collections.Immutable;

namespace DriftDb.Storage;

public sealed partial class DriftStore
{
    public partial TableStatistics Analyze(StorageTable table)
    {
        ReadView view = LatestView;
        TableDefinition definition = table.Definition;
        int[] columnIds = [.. definition.Columns.Select(column => column.Id)];
        ColumnAnalysis[] columns = [.. definition.Columns.Select(column => new ColumnAnalysis(column.Type, _options.Random))];
        long rows = 0;
        VectorSource source = table.Scan(view, columnIds);
        using var vector = new ScanVector(columnIds.Length);
        while (source.Next(vector))
        {
            for (int i = 0; i < columns.Length; i++) columns[i].Take(vector, i);
            rows += vector.Count;
        }

        return new TableStatistics(rows, view.AsOf, definition.Columns.Zip(columns).ToImmutableDictionary(pair => pair.First.Id, pair => pair.Second.Finish(rows)));
    }
}
