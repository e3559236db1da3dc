using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary>Conjunction of two or more conditions: FALSE if any is false, else NULL if any is NULL.</summary>
public sealed record ScalarAnd(ImmutableArray<ScalarExpr> Terms) : ScalarExpr(SqlType.Bool, Terms.Any(term => term.Nullable))
{
    public override ImmutableArray<ScalarExpr> Children => Terms;

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Terms = children };
}

/// <summary>Disjunction of two or more conditions: TRUE if any is true, else NULL if any is NULL.</summary>
public sealed record ScalarOr(ImmutableArray<ScalarExpr> Terms) : ScalarExpr(SqlType.Bool, Terms.Any(term => term.Nullable))
{
    public override ImmutableArray<ScalarExpr> Children => Terms;

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Terms = children };
}

/// <summary>Negation; NULL stays NULL.</summary>
public sealed record ScalarNot(ScalarExpr Operand) : ScalarExpr(SqlType.Bool, Operand.Nullable)
{
    public override ImmutableArray<ScalarExpr> Children => [Operand];

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Operand = children[0] };
}
