using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>The rows for which the predicate is true (not false, not NULL).</summary>
public sealed record LogicalFilter(LogicalPlan Input, ScalarExpr Predicate) : LogicalUnary(Input)
{
    public override ImmutableArray<OutputColumn> Output => Input.Output;

    public override ImmutableArray<ScalarExpr> Expressions => [Predicate];

    public override LogicalPlan WithExpressions(ImmutableArray<ScalarExpr> expressions) => this with { Predicate = expressions[0] };
}
