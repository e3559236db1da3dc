namespace DriftDb.Plan;

/// <summary>What is known of a table's rows at one moment.</summary>
public interface ITableStatistics
{
    /// <summary>Rows alive.</summary>
    double RowCount { get; }

    /// <summary>Average bytes a row, for costing.</summary>
    double RowBytes { get; }

    /// <summary>Statistics of a column by its ordinal; null when it was never analysed.</summary>
    ColumnStatistics? Column(int ordinal);
}

/// <summary>Statistics of one column. Values are numbers on a line that keeps the column's order (integers as they are, dates in days, text by its first bytes).</summary>
/// <param name="NullFraction">Share of NULLs, 0 to 1.</param>
/// <param name="DistinctCount">Estimated number of different values.</param>
/// <param name="Min">Smallest value on the line; NaN when unknown.</param>
/// <param name="Max">Largest value on the line; NaN when unknown.</param>
public sealed record ColumnStatistics(double NullFraction, double DistinctCount, double Min, double Max)
{
    /// <summary>Bounds of an equi-depth histogram, ascending; empty when there is none.</summary>
    public IReadOnlyList<double> HistogramBounds { get; init; } = [];

    /// <summary>The most common values, boxed as constants are, with their share of all rows.</summary>
    public IReadOnlyList<(object Value, double Fraction)> MostCommonValues { get; init; } = [];
}
