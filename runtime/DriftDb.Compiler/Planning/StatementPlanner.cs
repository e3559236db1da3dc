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
    public QueryPlan Plan(DataStatement statement, IReadOnlyList<SqlType> parameterTypes, bool keepStages = false, IReadOnlyList<object?>? values = null, Profiling profiling = Profiling.None)
    {
        bool holdsNow = false;
        var bound = Binder.Binder.Bind(statement, environment.BindOptions(parameterTypes, values, () => holdsNow = true));
        // Taken before the estimates: what is analysed meanwhile makes the plan stale.
        ImmutableArray<PlannedStatistics> statistics = [.. Tables(bound.Plan).Distinct().Select(environment.Database.Statistics.Stamp)];
        var optimized = Optimize(bound, keepStages);
        var query = CompiledQuery.Compile(optimized.Physical, new CompileOptions { ParameterTypes = bound.ParameterTypes, Profiling = profiling });
        var write = bound.Plan;
        var (kind, target, returns) = write switch
        {
            LogicalInsert insert => (QueryKind.Insert, insert.Target, !insert.Returning.IsDefault),
            LogicalUpdate update => (QueryKind.Update, update.Target, !update.Returning.IsDefault),
            LogicalDelete delete => (QueryKind.Delete, delete.Target, !delete.Returning.IsDefault),
            _ => (QueryKind.Select, (IRelation?)null, true),
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
            Target = (TableRelation?)target,
            ConcernsReferences = target is not null && environment.Catalog.Snapshot.ForeignKeys.Concern(target.Oid),
            LocksRows = ContainsLocks(bound.Plan),
            NeedsOpenPeriodCheck = bound.HasOpenPeriod && values is null,
        };
    }

    public BoundStatement Bind(DataStatement statement, IReadOnlyList<SqlType> parameterTypes, IReadOnlyList<object?>? values = null) =>
        Binder.Binder.Bind(statement, environment.BindOptions(parameterTypes, values));

    public OptimizedPlan Optimize(BoundStatement bound, bool keepStages) => Optimizer.Optimizer.Run(bound.Plan, bound.Ids, environment.OptimizerOptions, keepStages);

    private static IEnumerable<TableRelation> Tables(LogicalPlan plan)
    {
        var nested = plan.Expressions.SelectMany(expression => expression.DescendantsAndSelf()).OfType<ScalarSubquery>().Select(subquery => subquery.Plan);
        var own = plan is LogicalScan { Relation: TableRelation table } ? new[] { table } : [];
        return own.Concat(plan.Inputs.Concat(nested).SelectMany(Tables));
    }

    private static bool ContainsLocks(LogicalPlan plan) => plan is LogicalLockRows || plan.Inputs.Any(ContainsLocks);
}
