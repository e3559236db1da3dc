using System.Collections.Concurrent;
using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>The statistics of a table that a plan was costed with.</summary>
/// <param name="Analyzed">The ANALYZE of then, by reference; null for none.</param>
/// <param name="RowCount">Live rows at that moment.</param>
internal sealed record PlannedStatistics(TableRelation Relation, Storage.TableStatistics? Analyzed, long RowCount);

/// <summary>
/// The tables' statistics as the optimizer reads them: live row counts always, column statistics from the last ANALYZE. A table that has changed
/// much since (or was never looked at) is analysed in the background when a plan asks for it.
/// </summary>
internal sealed class StatisticsCache
{
    /// <summary>Tables below this many rows are planned well enough without.</summary>
    private const long SmallestAnalyzed = 500;

    private readonly ConcurrentDictionary<int, Storage.TableStatistics> _analyzed = new();
    private readonly ConcurrentDictionary<int, bool> _running = new();

    public ITableStatistics Of(TableRelation relation)
    {
        var table = relation.Storage;
        long live = table.LiveRowCount;
        _analyzed.TryGetValue(relation.Oid, out var analyzed);
        if (live >= SmallestAnalyzed && (analyzed is null || live > analyzed.RowCount * 2 || live * 2 < analyzed.RowCount)) StartAnalyze(relation, table);
        return new View(relation, live, analyzed);
    }

    /// <summary>ANALYZE.</summary>
    public void Analyze(TableRelation relation) => _analyzed[relation.Oid] = relation.Storage.Store.Analyze(relation.Storage);

    /// <summary>The last ANALYZE's result; null for none.</summary>
    public Storage.TableStatistics? Find(int tableOid) => _analyzed.GetValueOrDefault(tableOid);

    /// <summary>What a plan that is made now is costed with.</summary>
    public PlannedStatistics Stamp(TableRelation relation) => new(relation, Find(relation.Oid), relation.Storage.LiveRowCount);

    /// <summary>Whether a plan that was costed so is as good as a new one: no other ANALYZE since, and the table neither half nor twice as large.</summary>
    public bool IsFresh(PlannedStatistics planned)
    {
        long live = planned.Relation.Storage.LiveRowCount;
        if (live > planned.RowCount * 2 + SmallestAnalyzed || live * 2 + SmallestAnalyzed < planned.RowCount) return false;
        return ReferenceEquals(Find(planned.Relation.Oid), planned.Analyzed);
    }

    public void Forget(int tableOid) => _analyzed.TryRemove(tableOid, out _);

    private void StartAnalyze(TableRelation relation, StorageTable table)
    {
        if (!_running.TryAdd(relation.Oid, true)) return;
        ThreadPool.UnsafeQueueUserWorkItem(_ =>
        {
            try
            {
                _analyzed[relation.Oid] = table.Store.Analyze(table);
            }
            catch (Exception)
            {
                // Statistics only help plans. Nobody waits for these, and an exception on this thread would end the process; ANALYZE tells what is wrong.
            }
            finally
            {
                _running.TryRemove(relation.Oid, out bool _);
            }
        }, null);
    }

    private sealed class View(TableRelation relation, long live, Storage.TableStatistics? analyzed) : ITableStatistics
    {
        public double RowCount => live;

        public double RowBytes => analyzed?.Columns.Values.Sum(column => column.AverageWidthBytes) ?? 8 * relation.Columns.Length;

        public Plan.ColumnStatistics? Column(int ordinal)
        {
            if (analyzed is null || !analyzed.Columns.TryGetValue(relation.Columns[ordinal].ColumnId, out var column)) return null;
            var type = relation.Columns[ordinal].Type;
            // A table that grew since keeps its shape: what looked unique is taken to be unique still.
            double distinct = column.DistinctCount > analyzed.RowCount * 0.9 ? Math.Max(column.DistinctCount, live * 0.95) : column.DistinctCount;
            return new Plan.ColumnStatistics(column.NullFraction, Math.Max(1, distinct), column.Minimum ?? double.NaN, column.Maximum ?? double.NaN)
            {
                MostCommonValues = [.. column.MostCommon.Select(entry => (StoredValues.Box(entry.Value, type), entry.Fraction))],
                HistogramBounds = [.. column.Histogram.Select(value => Optimizer.ValueLine.Of(StoredValues.Box(value, type)))],
            };
        }
    }
}
