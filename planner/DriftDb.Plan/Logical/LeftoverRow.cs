using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>
/// A part of a row's period that UPDATE or DELETE FOR PORTION OF leaves as it was: it becomes a row of its own, inserted when the row itself has been changed (ISO/IEC 9075-2, 15.9 and 15.13). It doesn't count among the rows
/// changed, and RETURNING doesn't show it.
/// </summary>
/// <param name="IsWanted">The input's column that says whether anything is left over at this side.</param>
/// <param name="Row">The input's columns that have the row to insert, one for each table column.</param>
/// <param name="Checks">Conditions over <paramref name="Row"/> that it must not make false.</param>
public sealed record LeftoverRow(int IsWanted, ImmutableArray<OutputColumn> Row, ImmutableArray<CheckCondition> Checks)
{
    /// <summary>The input's columns that it needs.</summary>
    public IEnumerable<int> ColumnIds => Row.Select(column => column.Id).Prepend(IsWanted);
}
