using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>A named pass: its rules are applied to every node, inputs first, until none matches any more.</summary>
public sealed class RuleSet(string name, params IRule[] rules)
{
    /// <summary>More rewrites of one node than this is a loop between rules: a bug that must not hang a server.</summary>
    private const int RewritesPerNode = 200;

    public string Name { get; } = name;

    public LogicalPlan Run(LogicalPlan plan, RuleContext context)
    {
        var current = plan.MapInputs(input => Run(input, context)).MapExpressions(expression => RunInside(expression, context));
        for (int i = 0; i < RewritesPerNode; i++)
        {
            var next = ApplyOne(current, context);
            if (next is null) return current;
            // A rewrite may have made new nodes below: they are brought to a fixpoint as well.
            current = next.MapInputs(input => Run(input, context));
        }

        return current;
    }

    private LogicalPlan? ApplyOne(LogicalPlan plan, RuleContext context)
    {
        foreach (var rule in rules)
        {
            if (!context.IsEnabled(rule.Name)) continue;
            if (rule.Apply(plan, context) is not { } next || ReferenceEquals(next, plan)) continue;
            context.Fire(rule.Name);
            context.Options.AfterRule?.Invoke(rule.Name, plan, next);
            return next;
        }

        return null;
    }

    /// <summary>Subqueries that still stand in expressions are plans too.</summary>
    private ScalarExpr RunInside(ScalarExpr expression, RuleContext context) => expression.Rewrite(node =>
    {
        if (node is not ScalarSubquery subquery) return node;
        var plan = Run(subquery.Plan, context);
        return ReferenceEquals(plan, subquery.Plan) ? node : subquery with { Plan = plan };
    });
}
