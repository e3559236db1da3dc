using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>Expressions that must be computed exactly as often as the text says.</summary>
public static class Volatile
{
    public static bool Is(ScalarExpr expression) =>
        expression.DescendantsAndSelf().Any(node => node is ScalarCall { Function.Volatility: Volatility.Volatile } || node is ScalarSubquery subquery && Is(subquery.Plan));

    public static bool Is(LogicalPlan plan) => plan.Expressions.Any(Is) || plan.Inputs.Any(Is) || plan is LogicalTableFunction { Function.Volatility: Volatility.Volatile };
}
