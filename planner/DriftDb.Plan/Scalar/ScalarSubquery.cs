using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Plan;

public enum SubqueryKind
{
    /// <summary>The one value of the one row; NULL for none; 21000 for more than one row.</summary>
    Scalar,
    Exists,
    /// <summary><c>x op ANY (…)</c>; IN is <c>= ANY</c>.</summary>
    Any,
    /// <summary><c>x op ALL (…)</c>; NOT IN is <c>&lt;&gt; ALL</c>.</summary>
    All,
    /// <summary><c>ARRAY(…)</c>.</summary>
    Array,
}

/// <summary>
/// A query inside an expression. Only before unnesting: the optimizer turns every one into a join or an apply, and a physical plan has none.
/// Columns of the outer query that the inner plan uses are <see cref="ScalarColumn"/>s whose ids its own nodes don't define.
/// </summary>
/// <param name="Kind">What is asked of the query.</param>
/// <param name="Plan">The query.</param>
/// <param name="Operands">For ANY and ALL: the left side's values, one for each of the query's columns; else empty.</param>
/// <param name="Operator">For ANY and ALL: the comparison.</param>
/// <param name="ResultType">Boolean, or the type of the query's column, or an array of it.</param>
public sealed record ScalarSubquery(SubqueryKind Kind, LogicalPlan Plan, ImmutableArray<ScalarExpr> Operands, ComparisonOperator Operator, SqlType ResultType)
    : ScalarExpr(ResultType, Kind is not (SubqueryKind.Exists or SubqueryKind.Array))
{
    public override ImmutableArray<ScalarExpr> Children => Operands;

    /// <summary>The same question asked of another query.</summary>
    public ScalarSubquery WithPlan(LogicalPlan plan) => ReferenceEquals(plan, Plan) ? this : this with { Plan = plan };

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Operands = children };
}
