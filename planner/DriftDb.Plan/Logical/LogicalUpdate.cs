using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>Updates rows. The input puts out the row id, then the whole new row (one column for each table column), then whatever RETURNING needs besides.</summary>
/// <param name="RowId">The input's column that has the row id.</param>
/// <param name="NewColumns">The input's columns that have the new row, one for each table column.</param>
/// <param name="ChangedOrdinals">Table columns that SET names; the others are unchanged.</param>
public sealed record LogicalUpdate(
    IRelation Target, LogicalPlan Input, int RowId, ImmutableArray<OutputColumn> NewColumns, ImmutableArray<int> ChangedOrdinals, ImmutableArray<CheckCondition> Checks,
    ImmutableArray<Assignment> Returning)
    : LogicalUnary(Input)
{
    /// <summary>FOR PORTION OF: what is left over of the row's period at either side; empty without it.</summary>
    public ImmutableArray<LeftoverRow> Leftovers { get; init; } = [];

    public override ImmutableArray<OutputColumn> Output => Returning.IsDefault ? [] : [.. Returning.Select(assignment => assignment.Column)];
}
