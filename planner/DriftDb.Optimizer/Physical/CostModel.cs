using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>Costs in PostgreSQL's unit, so that EXPLAIN's numbers read as people expect. CPU costs, at the ratios measured here: a row found by an index costs seventy times one that a scan passes over, since it is gathered from
/// wherever it lies. Where a table doesn't fit into memory, its chunk is often read and unpacked for that row alone, which costs a thousand times as much again (measured 2–5 ms).</summary>
internal static class CostModel
{
    public const double RowScan = 0.01, RowFilter = 0.0025, HashBuild = 0.06, HashProbe = 0.02, IndexLookup = 0.5, IndexRow = 0.7, SortRow = 0.02, GroupRow = 0.025, StreamRow = 0.015, MergeRow = 0.02, Disabled = 1e10;

    /// <summary>Rows whose values a hash table may collect in all its groups together.</summary>
    public const double MostCollectedRows = 200_000;

    /// <summary>Rows from which on a statement changes them in their own order.</summary>
    public const double ManyRows = 10_000;

    private const double MissedRow = 1_000, SystemColumnsBytes = 24;

    /// <summary>A row of the table that an index finds, in an order that isn't the table's.</summary>
    public static double ScatteredRow(ITableStatistics? statistics, double cacheBytes)
    {
        if (statistics is null) return IndexRow;
        double bytes = statistics.RowCount * (statistics.RowBytes + SystemColumnsBytes);
        return IndexRow + MissedRow * Math.Max(0, 1 - cacheBytes / Math.Max(1, bytes));
    }

    /// <summary>Keeping the first few of so many rows: most are refused by one comparison.</summary>
    public static double TopN(double rows) => rows * RowFilter * 2;

    public static double Sort(double rows) => rows * SortRow * Math.Log2(Math.Max(2, rows));
}
