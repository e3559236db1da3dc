using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Optimizer;

/// <summary>The logical plan before and after each pass, for EXPLAIN (STAGES).</summary>
/// <param name="Pass">The pass's name.</param>
/// <param name="Plan">The plan after it.</param>
/// <param name="Fired">The rules that changed the plan, in order.</param>
public sealed record OptimizerStage(string Pass, LogicalPlan Plan, IReadOnlyList<string> Fired);

/// <summary>What optimisation gives: the plan to run, and how it came about.</summary>
/// <param name="Physical">The plan to run.</param>
/// <param name="Logical">The logical plan that it was lowered from.</param>
/// <param name="Stages">The logical plan after each pass, when they were asked for.</param>
/// <param name="ConstantError">The error of a constant expression that can't be computed: the statement must not run. Null when there is none.</param>
public sealed record OptimizedPlan(PhysicalPlan Physical, LogicalPlan Logical, IReadOnlyList<OptimizerStage> Stages, SqlException? ConstantError);

/// <summary>Logical plan in, physical plan out: normalise, unnest, push down, order joins, prune, lower.</summary>
public static class Optimizer
{
    /// <summary>All rules by name, for <c>drift.disabled_rules</c>.</summary>
    public static IReadOnlyList<string> RuleNames { get; } =
    [
        .. new IRule[] { new FoldConstants(), new InlineSingleUseCte(), new UnnestSubqueries(), new DecorrelateApply(), new ExtractCommonTerms(), new SimplifyOuterJoin(), new PushDownFilter(), new PushDownJoinCondition() }.Select(rule => rule.Name),
        OrderJoins.Name, "push_down_semi_join", PruneColumns.Name,
    ];

    /// <summary>Optimises a bound plan.</summary>
    /// <param name="bound">What the binder made.</param>
    /// <param name="ids">The statement's column ids.</param>
    /// <param name="options">Settings.</param>
    /// <param name="keepStages">True to keep the plan after each pass.</param>
    public static OptimizedPlan Run(LogicalPlan bound, ColumnIds ids, OptimizerOptions options, bool keepStages = false)
    {
        var stages = new List<OptimizerStage>();
        var plan = bound;
        var estimator = new Estimator();
        SqlException? constantError = null;

        void Pass(string name, Func<LogicalPlan, RuleContext, LogicalPlan> run)
        {
            var context = new RuleContext(ids, options);
            var next = run(plan, context);
            if (keepStages && !ReferenceEquals(next, plan)) stages.Add(new OptimizerStage(name, next, context.Fired));
            constantError ??= context.ConstantError;
            plan = next;
        }

        Pass("normalise", new RuleSet("normalise", new FoldConstants(), new InlineSingleUseCte(), new ExtractCommonTerms(), new SimplifyOuterJoin(), new PushDownFilter(), new PushDownJoinCondition()).Run);
        Pass("unnest", new RuleSet("unnest", new UnnestSubqueries(), new DecorrelateApply()).Run);
        Pass("push down", new RuleSet("push down", new FoldConstants(), new ExtractCommonTerms(), new SimplifyOuterJoin(), new PushDownFilter(), new PushDownJoinCondition(), new DecorrelateApply()).Run);
        Pass("prune", (current, context) => context.IsEnabled(PruneColumns.Name) ? PruneColumns.Run(current) : current);
        Pass("order joins", (current, context) =>
        {
            if (!context.IsEnabled(OrderJoins.Name)) return current;
            var ordered = new OrderJoins(estimator).Run(current);
            context.Fire(OrderJoins.Name);
            return new RuleSet("semi joins", new PushDownSemiJoin(estimator), new PushDownJoinCondition(), new PushDownFilter()).Run(ordered, context);
        });
        Pass("prune again", (current, context) => context.IsEnabled(PruneColumns.Name) ? PruneColumns.Run(current) : current);
        var planner = new PhysicalPlanner(estimator, options);
        return new OptimizedPlan(planner.Lower(plan), plan, stages, constantError);
    }
}
