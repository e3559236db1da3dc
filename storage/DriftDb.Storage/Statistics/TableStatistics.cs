using System.Collections.Immutable;

namespace DriftDb.Storage;

/// <summary>What ANALYZE found out about a table.</summary>
/// <param name="RowCount">Rows alive when it was computed.</param>
/// <param name="Sequence">When that was.</param>
/// <param name="Columns">By column id.</param>
public sealed record TableStatistics(long RowCount, long Sequence, ImmutableDictionary<int, ColumnStatistics> Columns);

/// <summary>What ANALYZE found out about a column.</summary>
/// <param name="NullFraction">0 to 1.</param>
/// <param name="DistinctCount">Approximate number of distinct values (HyperLogLog, 4,096 registers: ±1.6 %).</param>
/// <param name="AverageWidthBytes">Of the values that aren't NULL.</param>
/// <param name="Minimum">Smallest value of an integer-like column (see <see cref="ZoneBound"/>) in a long; null otherwise or when all is NULL.</param>
/// <param name="Maximum">Likewise.</param>
/// <param name="MostCommon">Most common values of a sample with their share of all rows, most common first.</param>
/// <param name="Histogram">Bounds of equally filled buckets over the sample's values that aren't among the most common, ascending.</param>
public sealed record ColumnStatistics(
    double NullFraction, double DistinctCount, double AverageWidthBytes, long? Minimum, long? Maximum,
    ImmutableArray<(StoredValue Value, double Fraction)> MostCommon, ImmutableArray<StoredValue> Histogram);
