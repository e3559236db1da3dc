namespace DriftDb.Optimizer;

/// <summary>Costs in PostgreSQL's unit, so that EXPLAIN's numbers read as people expect. Everything is in memory: CPU costs only, at the ratios measured here:
/// a row found by an index costs twenty times one that a scan passes over, since it is gathered from wherever it lies.</summary>
internal static class CostModel
{
    public const double RowScan = 0.01, RowFilter = 0.0025, HashBuild = 0.02, HashProbe = 0.01, IndexLookup = 0.3, IndexRow = 0.2, SortRow = 0.02, GroupRow = 0.015, StreamRow = 0.01, MergeRow = 0.01, Disabled = 1e10;

    public static double Sort(double rows) => rows * SortRow * Math.Log2(Math.Max(2, rows));
}
