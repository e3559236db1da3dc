using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>Base of the nodes that change data. Without RETURNING they put out no rows; the number of rows changed goes to the statement's result.</summary>
public abstract record PhysicalWrite(PhysicalPlan Input, IRelation Target, ImmutableArray<Assignment> Returning) : PhysicalUnary(Input)
{
    public sealed override ImmutableArray<OutputColumn> Output => Returning.IsDefault ? [] : [.. Returning.Select(assignment => assignment.Column)];
}

/// <summary>See <see cref="LogicalInsert"/>.</summary>
public sealed record PhysicalInsert(
    PhysicalPlan Input, IRelation Target, ImmutableArray<OutputColumn> NewColumns, ImmutableArray<CheckCondition> Checks, ConflictClause? OnConflict, ImmutableArray<Assignment> Returning)
    : PhysicalWrite(Input, Target, Returning);

/// <summary>See <see cref="LogicalUpdate"/>.</summary>
public sealed record PhysicalUpdate(
    PhysicalPlan Input, IRelation Target, int RowId, ImmutableArray<OutputColumn> NewColumns, ImmutableArray<int> ChangedOrdinals, ImmutableArray<CheckCondition> Checks,
    ImmutableArray<Assignment> Returning)
    : PhysicalWrite(Input, Target, Returning)
{
    /// <summary>See <see cref="LeftoverRow"/>.</summary>
    public ImmutableArray<LeftoverRow> Leftovers { get; init; } = [];
}

/// <summary>See <see cref="LogicalDelete"/>.</summary>
public sealed record PhysicalDelete(PhysicalPlan Input, IRelation Target, int RowId, ImmutableArray<Assignment> Returning) : PhysicalWrite(Input, Target, Returning)
{
    /// <summary>See <see cref="LeftoverRow"/>.</summary>
    public ImmutableArray<LeftoverRow> Leftovers { get; init; } = [];
}
