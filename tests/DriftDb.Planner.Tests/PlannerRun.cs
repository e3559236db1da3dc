using DriftDb.Binder;
using DriftDb.Frontend;
using DriftDb.Optimizer;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Planner.Tests;

/// <summary>Takes a query through the planner, or through one rule of it, and verifies the plan after every rewrite.</summary>
internal static class PlannerRun
{
    private static readonly TestCatalog s_catalog = new();

    /// <summary>Every rule by name, each as it is in the optimizer.</summary>
    private static readonly Dictionary<string, Func<IRule>> s_rules = new()
    {
        ["fold_constants"] = () => new FoldConstants(),
        ["inline_cte"] = () => new InlineSingleUseCte(),
        ["extract_common_terms"] = () => new ExtractCommonTerms(),
        ["simplify_outer_join"] = () => new SimplifyOuterJoin(),
        ["push_down_filter"] = () => new PushDownFilter(),
        ["push_down_join_condition"] = () => new PushDownJoinCondition(),
        ["unnest_subqueries"] = () => new UnnestSubqueries(),
        ["decorrelate_apply"] = () => new DecorrelateApply(),
        ["push_down_semi_join"] = () => new PushDownSemiJoin(new Estimator()),
    };

    static PlannerRun() => RuntimeSetup.Initialize();

    public static IEnumerable<string> RuleNames => s_rules.Keys;

    public static BoundStatement Bind(string sql)
    {
        var statement = Frontend.SqlParser.ParseOne(sql).Node;
        var data = statement switch
        {
            StatementNode.Query query => DataStatement.NewQuery(query.Item),
            StatementNode.Update update => DataStatement.NewUpdate(update.Item),
            StatementNode.Delete delete => DataStatement.NewDelete(delete.Item),
            _ => throw new InvalidOperationException("a query, UPDATE or DELETE"),
        };
        return Binder.Binder.Bind(data, new BindOptions(s_catalog, static (type, text) => ValueText.Parse(type, text), static _ => null, null!, [], null!, 100, false));
    }

    /// <summary>The plan before and after the rule alone; <paramref name="prepared"/> names rules that make the shape which it is about.</summary>
    public static (LogicalPlan Before, LogicalPlan After, bool Fired) Apply(string rule, IReadOnlyList<string> prepared, string sql)
    {
        var bound = Bind(sql);
        PlanVerifier.Check(bound.Plan, new HashSet<int>());
        var before = bound.Plan;
        if (prepared.Count > 0) before = new RuleSet("prepared", [.. prepared.Select(name => s_rules[name]())]).Run(before, new RuleContext(bound.Ids, Options()));
        // Hidden columns of the scans would only be noise.
        before = PruneColumns.Run(before);
        if (rule == PruneColumns.Name) return (bound.Plan, Checked(bound.Plan, before), true);
        if (rule == OrderJoins.Name)
        {
            var ordered = Checked(before, new OrderJoins(new Estimator()).Run(before));
            return (before, ordered, !ReferenceEquals(ordered, before));
        }

        var context = new RuleContext(bound.Ids, Options());
        var after = Checked(before, new RuleSet("one rule", s_rules[rule]()).Run(before, context));
        return (before, after, context.Fired.Contains(rule));
    }

    /// <summary>The whole way, verified after each rewrite.</summary>
    public static OptimizedPlan Optimize(string sql, params string[] disabled)
    {
        var bound = Bind(sql);
        var optimized = Optimizer.Optimizer.Run(bound.Plan, bound.Ids, Options() with { DisabledRules = disabled.ToHashSet() }, keepStages: true);
        Checked(bound.Plan, optimized.Logical);
        return optimized;
    }

    private static OptimizerOptions Options() => new()
    {
        Functions = s_catalog.Functions,
        EvaluateConstant = Evaluate,
        AfterRule = static (rule, before, after) =>
        {
            try
            {
                PlanVerifier.Check(after, FreeColumns.Of(before));
            }
            catch (InvalidOperationException error)
            {
                throw new InvalidOperationException($"{rule} broke the plan\n{before}\ninto\n{after}", error);
            }
        },
    };

    /// <summary>Additions of two integers are all the arithmetic that the tests' constants need; a division by zero stays.</summary>
    private static ScalarConstant Evaluate(ScalarExpr expression) => expression switch
    {
        ScalarArithmetic { Operator: ArithmeticOperator.Add, Left: ScalarConstant { Value: int a }, Right: ScalarConstant { Value: int b } } => new ScalarConstant(a + b, SqlType.Int4),
        ScalarArithmetic { Operator: ArithmeticOperator.Divide, Right: ScalarConstant { Value: 0 } } => throw new SqlException(SqlState.DivisionByZero, "division by zero"),
        ScalarComparison { Left: ScalarConstant { Value: int a }, Right: ScalarConstant { Value: int b } } comparison => comparison.Operator switch
        {
            ComparisonOperator.Equal => a == b ? ScalarConstant.True : ScalarConstant.False,
            ComparisonOperator.Less => a < b ? ScalarConstant.True : ScalarConstant.False,
            ComparisonOperator.Greater => a > b ? ScalarConstant.True : ScalarConstant.False,
            _ => throw NotComputed(expression),
        },
        ScalarComparison => new ScalarConstant(null, SqlType.Bool),
        _ => throw NotComputed(expression),
    };

    private static InvalidOperationException NotComputed(ScalarExpr expression) => new($"the tests can't compute {expression}");

    /// <summary>A rewrite of a whole statement keeps its columns: their ids in order, and their types.</summary>
    private static LogicalPlan Checked(LogicalPlan before, LogicalPlan after)
    {
        PlanVerifier.Check(after, new HashSet<int>());
        if (!before.Output.Select(column => (column.Id, column.Type.Id)).SequenceEqual(after.Output.Select(column => (column.Id, column.Type.Id))))
            throw new InvalidOperationException($"the columns were\n{string.Join(", ", before.Output)}\nand are\n{string.Join(", ", after.Output)}");
        return after;
    }
}
