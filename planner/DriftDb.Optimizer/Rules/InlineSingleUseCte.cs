using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>
/// Before: WITH whose table is read once and isn't MATERIALIZED. After: its definition in the place of the scan (PostgreSQL 12's rule).
/// </summary>
/// <remarks>Not when it has side effects or volatile functions, and not inside a recursive step, which runs many times.</remarks>
public sealed class InlineSingleUseCte : IRule
{
    public string Name => "inline_cte";

    public LogicalPlan? Apply(LogicalPlan plan, RuleContext context)
    {
        if (plan is not LogicalWith { Materialized: false } with || Volatile.Is(with.Definition) || Count(with.Body, with.CteId) != 1) return null;
        return Replace(with.Body, with);
    }

    private static int Count(LogicalPlan plan, int cteId)
    {
        int count = plan is LogicalCteScan scan && scan.CteId == cteId ? 1 : 0;
        int weight = plan is LogicalRecursiveUnion or LogicalApply ? 2 : 1;
        count += plan.Inputs.Sum(input => Count(input, cteId)) * weight;
        return count + plan.Expressions.SelectMany(e => e.DescendantsAndSelf()).OfType<ScalarSubquery>().Sum(subquery => 2 * Count(subquery.Plan, cteId));
    }

    private static LogicalPlan Replace(LogicalPlan plan, LogicalWith with)
    {
        if (plan is LogicalCteScan scan && scan.CteId == with.CteId)
            return new LogicalProject(with.Definition, [.. scan.Columns.Zip(with.Definition.Output).Select(pair => new Assignment(pair.First, pair.Second.Reference()))]);
        return plan.MapInputs(input => Replace(input, with));
    }
}
