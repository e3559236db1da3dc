namespace DriftDb.Plan;

/// <summary>An application-time period of a table: two of its columns, from the first moment to the one behind the last (ISO/IEC 9075-2, 4.6.5.3).</summary>
/// <param name="Name">Its name; no column has the same.</param>
/// <param name="Start">The ordinal of the column with its start.</param>
/// <param name="End">The ordinal of the column with its end.</param>
public sealed record RelationPeriod(string Name, int Start, int End);
