using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>A pair of expressions that must be equal, each over its side, both of one type.</summary>
/// <param name="NullsMatch">True when NULL equals NULL (IS NOT DISTINCT FROM, set operations).</param>
public sealed record JoinKey(ScalarExpr Left, ScalarExpr Right, bool NullsMatch = false);

/// <summary>
/// Hash join: the right side is built into a hash table, the left side probes it. Left rows' order is kept.
/// <see cref="Residual"/> is the rest of the condition. With <see cref="BuildLeft"/> the left side is built and the right side probes
/// (Inner, Left, Full, Semi, Anti): for a small left side. Its order is not kept then.
/// </summary>
public sealed record PhysicalHashJoin(
    JoinKind Kind, PhysicalPlan Left, PhysicalPlan Right, ImmutableArray<JoinKey> Keys, ScalarExpr? Residual, OutputColumn? Mark, bool BuildLeft = false) : PhysicalPlan
{
    public override ImmutableArray<OutputColumn> Output => LogicalJoin.OutputOf(Kind, Left.Output, Right.Output, Mark);

    public override ImmutableArray<PhysicalPlan> Inputs => [Left, Right];

    public override ImmutableArray<ScalarExpr> Expressions => [.. Keys.SelectMany(key => new[] { key.Left, key.Right }), .. Residual is null ? ReadOnlySpan<ScalarExpr>.Empty : [Residual]];
}

/// <summary>
/// Merge join of two inputs that are sorted ascending (NULLs last) by their keys. Inner, Left, Single, Full, Semi, Anti. All but Full keep the left rows' order.
/// </summary>
public sealed record PhysicalMergeJoin(JoinKind Kind, PhysicalPlan Left, PhysicalPlan Right, ImmutableArray<JoinKey> Keys, ScalarExpr? Residual) : PhysicalPlan
{
    public override ImmutableArray<OutputColumn> Output => LogicalJoin.OutputOf(Kind, Left.Output, Right.Output, null);

    public override ImmutableArray<PhysicalPlan> Inputs => [Left, Right];

    public override ImmutableArray<ScalarExpr> Expressions => [.. Keys.SelectMany(key => new[] { key.Left, key.Right }), .. Residual is null ? ReadOnlySpan<ScalarExpr>.Empty : [Residual]];
}

/// <summary>Nested loop: for each left row every row of the materialised right side. Any kind, any condition.</summary>
public sealed record PhysicalNestedLoopJoin(JoinKind Kind, PhysicalPlan Left, PhysicalPlan Right, ScalarExpr Condition, OutputColumn? Mark) : PhysicalPlan
{
    public override ImmutableArray<OutputColumn> Output => LogicalJoin.OutputOf(Kind, Left.Output, Right.Output, Mark);

    public override ImmutableArray<PhysicalPlan> Inputs => [Left, Right];

    public override ImmutableArray<ScalarExpr> Expressions => [Condition];
}

/// <summary>
/// Index join: for each left row a lookup in the right table's index. <see cref="KeyValues"/> are expressions over the left row, equal to the index's
/// leading keys. <see cref="Inner"/> describes what is read of the right table (its own Equal and bounds are not used). Inner, Left, Semi, Anti, Single.
/// </summary>
public sealed record PhysicalIndexJoin(JoinKind Kind, PhysicalPlan Left, PhysicalIndexScan Inner, ImmutableArray<ScalarExpr> KeyValues, ScalarExpr? Residual) : PhysicalPlan
{
    public override ImmutableArray<OutputColumn> Output => LogicalJoin.OutputOf(Kind, Left.Output, Inner.Output, null);

    public override ImmutableArray<PhysicalPlan> Inputs => [Left, Inner];

    public override ImmutableArray<ScalarExpr> Expressions => Residual is null ? KeyValues : [.. KeyValues, Residual];
}

/// <summary>
/// Dependent join: runs the right plan anew for each left row, after storing the row's values in the slots that the right plan reads as
/// <see cref="ScalarOuter"/>. Rows with the same values as one seen before may reuse its answer when the right plan isn't volatile.
/// </summary>
/// <param name="Bindings">Slot and the expression over the left row that fills it.</param>
public sealed record PhysicalApply(
    JoinKind Kind, PhysicalPlan Left, PhysicalPlan Right, ImmutableArray<(int Slot, ScalarExpr Value)> Bindings, ScalarExpr Condition, OutputColumn? Mark) : PhysicalPlan
{
    public override ImmutableArray<OutputColumn> Output => LogicalJoin.OutputOf(Kind, Left.Output, Right.Output, Mark);

    public override ImmutableArray<PhysicalPlan> Inputs => [Left, Right];

    public override ImmutableArray<ScalarExpr> Expressions => [.. Bindings.Select(binding => binding.Value), Condition];
}
