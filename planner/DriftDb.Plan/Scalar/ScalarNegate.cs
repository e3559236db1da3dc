using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>Unary minus on a number; 22003 where the smallest integer has no negative.</summary>
public sealed record ScalarNegate(ScalarExpr Operand) : ScalarExpr(Operand.Type, Operand.Nullable)
{
    public override ImmutableArray<ScalarExpr> Children => [Operand];

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Operand = children[0] };
}
