using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>Replaces columns by the expressions that compute them.</summary>
public static class Substitution
{
    public static ScalarExpr Replace(ScalarExpr expression, IReadOnlyDictionary<int, ScalarExpr> values) => expression.Rewrite(node => node switch
    {
        ScalarColumn column when values.TryGetValue(column.Id, out var value) => value,
        ScalarSubquery subquery => subquery with { Plan = ReplaceIn(subquery.Plan, values) },
        _ => node,
    });

    /// <summary>Replaces free columns in a whole plan.</summary>
    public static LogicalPlan ReplaceIn(LogicalPlan plan, IReadOnlyDictionary<int, ScalarExpr> values) =>
        plan.MapInputs(input => ReplaceIn(input, values)).MapExpressions(expression => Replace(expression, values));
}
