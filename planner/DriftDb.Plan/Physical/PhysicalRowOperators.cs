using System.Collections.Immutable;

namespace DriftDb.Plan;

public sealed record PhysicalFilter(PhysicalPlan Input, ScalarExpr Predicate) : PhysicalUnary(Input)
{
    public override ImmutableArray<ScalarExpr> Expressions => [Predicate];
}

public sealed record PhysicalProject(PhysicalPlan Input, ImmutableArray<Assignment> Assignments) : PhysicalUnary(Input)
{
    public override ImmutableArray<OutputColumn> Output => [.. Assignments.Select(assignment => assignment.Column)];

    public override ImmutableArray<ScalarExpr> Expressions => [.. Assignments.Select(assignment => assignment.Value)];
}

/// <summary>See <see cref="LogicalLimit"/>. Stops its input once it is satisfied.</summary>
public sealed record PhysicalLimit(PhysicalPlan Input, ScalarExpr? Count, ScalarExpr? Offset, ImmutableArray<SortKey> TieKeys) : PhysicalUnary(Input)
{
    /// <summary>Count is a share of all rows; the input is a <see cref="PhysicalSort"/> then, which knows how many there are before it hands out the first.</summary>
    public bool IsPercent { get; init; }

    public override ImmutableArray<ScalarExpr> Expressions => [.. new[] { Count, Offset }.OfType<ScalarExpr>()];
}

/// <summary>The first row of each run of equal keys.</summary>
public sealed record PhysicalDistinctOn(PhysicalPlan Input, ImmutableArray<int> KeyIds) : PhysicalUnary(Input);

/// <summary>Locks rows; see <see cref="LogicalLockRows"/>.</summary>
public sealed record PhysicalLockRows(PhysicalPlan Input, ImmutableArray<(IRelation Relation, int RowId)> Targets, RowLockStrength Strength, LockWaitPolicy Policy) : PhysicalUnary(Input);
