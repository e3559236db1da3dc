using System.Collections.Immutable;
using DriftDb.Binder;
using DriftDb.Frontend;
using DriftDb.Optimizer;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>The compiler's stages in order: bind, optimise, lower, compile. One place, used by sessions, EXPLAIN and the embedded API.</summary>
internal sealed class StatementPlanner(PlanningEnvironment environment)
{
    /// <summary>AST → executable plan.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="parameterTypes">Types of the parameters as far as the client declared them.</param>
    /// <param name="keepStages">True to keep the logical plan after each pass.</param>
    /// <param name="values">The parameters' values when the plan is made for them alone (a moment in the past with another schema).</param>
    /// <param name="profiling">What a run is to measure of each node, for EXPLAIN ANALYZE.</param>
    public QueryPlan Plan(DataStatement statement, IReadOnlyList<SqlType> parameterTypes, bool keepStages = false, IReadOnlyList<object?>? values = null, Profiling profiling = Profiling.None) =>
        DeepStack.Run(() => PlanHere(statement, parameterTypes, keepStages, values, profiling));

    private QueryPlan PlanHere(DataStatement statement, IReadOnlyList<SqlType> parameterTypes, bool keepStages, IReadOnlyList<object?>? values, Profiling profiling)
    {
        bool holdsNow = false;
        var bound = Binder.Binder.Bind(statement, environment.BindOptions(parameterTypes, values, () => holdsNow = true));
        // Taken before the estimates: what is analysed meanwhile makes the plan stale.
        ImmutableArray<PlannedStatistics> statistics = [.. Tables(bound.Plan).Distinct().Select(environment.Database.Statistics.Stamp)];
        var optimized = Optimize(bound, keepStages);
        var query = CompiledQuery.Compile(optimized.Physical, new CompileOptions { ParameterTypes = bound.ParameterTypes, Profiling = profiling });
        // WITH stands around what the statement does.
        var write = bound.Plan;
        while (write is LogicalWith with) write = with.Body;
        var targets = Targets(bound.Plan).Distinct().ToImmutableArray();
        var (kind, returns) = write switch
        {
            _ when statement.IsMerge => (QueryKind.Merge, false),
            LogicalInsert insert => (QueryKind.Insert, !insert.Returning.IsDefault),
            LogicalUpdate update => (QueryKind.Update, !update.Returning.IsDefault),
            LogicalDelete delete => (QueryKind.Delete, !delete.Returning.IsDefault),
            // A subquery in RETURNING stands over the write.
            _ when statement.IsInsert => (QueryKind.Insert, true),
            _ when statement.IsUpdate => (QueryKind.Update, true),
            _ when statement.IsDelete => (QueryKind.Delete, true),
            _ => (QueryKind.Select, true),
        };
        return new QueryPlan
        {
            Query = query,
            Kind = kind,
            Bound = bound,
            Optimized = optimized,
            ParameterTypes = bound.ParameterTypes,
            Shape = returns ? new ResultShape(bound.Plan.Output, query.OutputLayout) : null,
            Statement = statement,
            Catalog = environment.Catalog.Snapshot,
            Statistics = query.IsPointOperation ? [] : statistics,
            HoldsNow = holdsNow,
            Targets = targets,
            ConcernsReferences = targets.Any(written => environment.Catalog.Snapshot.ForeignKeys.Concern(written.Oid)),
            LocksRows = ContainsLocks(bound.Plan),
            CallsRoutines = bound.CallsPrograms,
            NeedsOpenPeriodCheck = bound.HasOpenPeriod && values is null,
        };
    }

    public BoundStatement Bind(DataStatement statement, IReadOnlyList<SqlType> parameterTypes, IReadOnlyList<object?>? values = null) =>
        DeepStack.Run(() => Binder.Binder.Bind(statement, environment.BindOptions(parameterTypes, values)));

    public OptimizedPlan Optimize(BoundStatement bound, bool keepStages) => Optimizer.Optimizer.Run(bound.Plan, bound.Ids, environment.OptimizerOptions, keepStages);

    private static IEnumerable<TableRelation> Tables(LogicalPlan plan)
    {
        var nested = plan.Expressions.SelectMany(expression => expression.DescendantsAndSelf()).OfType<ScalarSubquery>().Select(subquery => subquery.Plan);
        var own = plan is LogicalScan { Relation: TableRelation table } ? new[] { table } : [];
        return own.Concat(plan.Inputs.Concat(nested).SelectMany(Tables));
    }

    /// <summary>The tables that the statement writes, those of WITH first.</summary>
    private static IEnumerable<TableRelation> Targets(LogicalPlan plan)
    {
        foreach (var input in plan.Inputs)
            foreach (var target in Targets(input)) yield return target;
        var written = plan switch
        {
            LogicalInsert insert => insert.Target,
            LogicalUpdate update => update.Target,
            LogicalDelete delete => delete.Target,
            _ => null,
        };
        if (written is TableRelation table) yield return table;
    }

    private static bool ContainsLocks(LogicalPlan plan) => plan is LogicalLockRows || plan.Inputs.Any(ContainsLocks);
}
