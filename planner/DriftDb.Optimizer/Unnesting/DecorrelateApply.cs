using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Optimizer;

/// <summary>
/// Before: an apply. After: a join, when the right side doesn't depend on the left at all, or when its correlated terms can be moved into
/// the join's condition (Neumann and Kemper, "Unnesting Arbitrary Queries", section 2's simple cases). What remains an apply is
/// run as one, with the answers of repeated bindings remembered.
/// </summary>
/// <remarks>
/// A correlated grand total, <c>(SELECT agg(x) FROM r WHERE r.k = l.k)</c>, becomes grouping by k and a left join; where no group matches,
/// count is 0 and the others are NULL, which is what they are over no rows.
/// In a null-aware anti join and in a mark join a filter's term that is NULL must not count as a match: it is tested with IS TRUE.
/// </remarks>
public sealed class DecorrelateApply : IRule
{
    public string Name => "decorrelate_apply";

    public LogicalPlan? Apply(LogicalPlan plan, RuleContext context)
    {
        if (plan is not LogicalApply apply) return null;
        var left = Conjunctions.Ids(apply.Left);
        bool dependent = FreeColumns.Of(apply.Right).Overlaps(left);
        if (!dependent) return Join(apply, apply.Right, []);
        if (apply.Kind is JoinKind.Semi or JoinKind.Anti && Simplified(apply.Right, apply.Condition) is { } simpler && !ReferenceEquals(simpler, apply.Right))
            return apply with { Right = simpler };
        if (GrandTotal(apply, context) is { } total) return total;
        // One row at most is asked of the whole group, which grouping by further keys would change; LIMIT isn't pulled through anyway.
        if (PullUp.From(apply.Right) is { } pulled && !StillDependent(pulled, left)) return Join(apply, pulled.Plan, pulled.Terms);
        return null;
    }

    private static bool StillDependent(PullUp.Result pulled, HashSet<int> left) => FreeColumns.Of(pulled.Plan).Overlaps(left);

    private static LogicalPlan Join(LogicalApply apply, LogicalPlan right, ImmutableArray<ScalarExpr> terms)
    {
        bool nullsCount = apply.Kind is JoinKind.AntiNullAware or JoinKind.Mark;
        var moved = terms.Select(term => nullsCount && term.Nullable ? new ScalarIsBool(term, true, false) : term);
        var join = new LogicalJoin(apply.Kind, apply.Left, right, Conjunctions.Combine([.. Conjunctions.Split(apply.Condition), .. moved]), apply.Mark);
        // Columns that only the terms needed aren't put out.
        var output = apply.Output;
        return join.Output.Length == output.Length ? join : new LogicalProject(join, [.. output.Select(Assignment.PassThrough)]);
    }

    /// <summary>EXISTS asks only whether there is a row: projections (whose columns the condition doesn't use), sorts and DISTINCT don't matter.</summary>
    private static LogicalPlan? Simplified(LogicalPlan right, ScalarExpr condition) => right switch
    {
        LogicalProject project when condition is ScalarConstant && !Volatile.Is(project) => project.Input,
        LogicalSort sort => sort.Input,
        LogicalAggregate { Keys.IsEmpty: false, Aggregates.IsEmpty: true, GroupingSets.IsDefault: true } distinct => distinct.Input,
        LogicalLimit { Offset: null, Count: ScalarConstant { Value: long and > 0 } } limit => limit.Input,
        _ => null,
    };

    private static LogicalProject? GrandTotal(LogicalApply apply, RuleContext context)
    {
        if (apply.Kind is not (JoinKind.Single or JoinKind.Left or JoinKind.Inner) || !Conjunctions.Split(apply.Condition).IsEmpty) return null;
        // Projections and HAVING-like filters over the total are done over the join instead.
        var above = new List<LogicalProject>();
        var node = apply.Right;
        while (node is LogicalProject project)
        {
            above.Add(project);
            node = project.Input;
        }

        if (node is not LogicalAggregate { Keys.IsEmpty: true } aggregate) return null;
        if (PullUp.Grouped(aggregate) is not { } grouped) return null;
        var left = Conjunctions.Ids(apply.Left);
        if (FreeColumns.Of(grouped.Plan).Overlaps(left)) return null;
        if (grouped.Plan is LogicalAggregate { Keys.IsEmpty: true }) return null;
        LogicalPlan result = new LogicalJoin(JoinKind.Left, apply.Left, grouped.Plan, Conjunctions.Combine(grouped.Terms));

        // What an aggregate is over no rows: count 0, everything else NULL as the join pads it.
        var values = new Dictionary<int, ScalarExpr>();
        foreach (var call in aggregate.Aggregates)
        {
            if (call.Function.Name != "count") continue;
            var padded = call.Column.Reference() with { ColumnNullable = true, Nullable = true };
            values[call.Column.Id] = new ScalarCoalesce([padded, new ScalarConstant(0L, SqlType.Int8)]);
        }

        var leftAssignments = apply.Left.Output.Select(Assignment.PassThrough).ToList();
        var totals = aggregate.Aggregates.Select(call =>
            values.TryGetValue(call.Column.Id, out var value)
                ? (Fresh: context.Ids.New(call.Column.Name, call.Column.Type, false), Value: value, call.Column)
                : (Fresh: call.Column with { Nullable = true }, Value: call.Column.Reference() with { ColumnNullable = true, Nullable = true }, call.Column)).ToList();
        result = new LogicalProject(result, [.. leftAssignments, .. totals.Select(total => new Assignment(total.Fresh, total.Value))]);
        var renamed = totals.Where(total => total.Fresh.Id != total.Column.Id).ToDictionary(total => total.Column.Id, total => (ScalarExpr)total.Fresh.Reference());
        for (int i = above.Count - 1; i >= 0; i--)
        {
            result = new LogicalProject(result, [.. leftAssignments, .. above[i].Assignments.Select(a => a with { Value = Substitution.Replace(a.Value, renamed) })]);
        }

        // Without a projection above, the counts go out under the ids that the apply's readers know.
        if (above.Count > 0 || renamed.Count == 0) return (LogicalProject)result;
        return new LogicalProject(result, [.. leftAssignments, .. totals.Select(total => new Assignment(total.Column with { Nullable = total.Fresh.Nullable }, total.Fresh.Reference()))]);
    }
}
