using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>Deletes rows by the input's row id column. A row that comes twice is deleted once.</summary>
public sealed record LogicalDelete(IRelation Target, LogicalPlan Input, int RowId, ImmutableArray<Assignment> Returning) : LogicalUnary(Input)
{
    /// <summary>FOR PORTION OF: what is left over of the row's period at either side; empty without it.</summary>
    public ImmutableArray<LeftoverRow> Leftovers { get; init; } = [];

    public override ImmutableArray<OutputColumn> Output => Returning.IsDefault ? [] : [.. Returning.Select(assignment => assignment.Column)];
}
