using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>
/// A dependent join: the right side is computed anew for each left row and may use its columns. Unnesting turns it into joins where it can;
/// what remains runs as a <see cref="PhysicalApply"/>. LATERAL is an apply too.
/// </summary>
public sealed record LogicalApply(JoinKind Kind, LogicalPlan Left, LogicalPlan Right, ScalarExpr Condition, OutputColumn? Mark = null) : LogicalPlan
{
    public override ImmutableArray<OutputColumn> Output => LogicalJoin.OutputOf(Kind, Left.Output, Right.Output, Mark);

    public override ImmutableArray<LogicalPlan> Inputs => [Left, Right];

    public override LogicalPlan WithInputs(ImmutableArray<LogicalPlan> inputs) => this with { Left = inputs[0], Right = inputs[1] };

    public override ImmutableArray<ScalarExpr> Expressions => [Condition];

    public override LogicalPlan WithExpressions(ImmutableArray<ScalarExpr> expressions) => this with { Condition = expressions[0] };
}
