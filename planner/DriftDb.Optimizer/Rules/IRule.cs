using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>A rewrite of one node of the logical plan into an equivalent one.</summary>
public interface IRule
{
    /// <summary>The rule's name, as <c>drift.disabled_rules</c> and EXPLAIN (STAGES) know it.</summary>
    string Name { get; }

    /// <summary>The rewritten node; null where the rule doesn't match.</summary>
    LogicalPlan? Apply(LogicalPlan plan, RuleContext context);
}
