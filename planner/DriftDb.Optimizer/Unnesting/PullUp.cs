using System.Collections.Immutable;
using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>
/// Takes the correlated terms out of a plan, so that it no longer depends on the outer query, and gives them to the join above.
/// Columns that the terms need are put out by the plan; grouping gets them as further keys.
/// </summary>
internal static class PullUp
{
    /// <summary>The plan without its correlations, and the terms taken out; null where some correlation can't be taken out this way.</summary>
    public sealed record Result(LogicalPlan Plan, ImmutableArray<ScalarExpr> Terms);

    public static Result? From(LogicalPlan plan)
    {
        if (!FreeColumns.IsCorrelated(plan)) return new Result(plan, []);
        return plan switch
        {
            LogicalFilter filter => FromFilter(filter),
            LogicalProject project => FromProject(project),
            LogicalJoin join => FromJoin(join),
            LogicalAggregate aggregate => FromAggregate(aggregate),
            LogicalSort sort => From(sort.Input) is { } inner ? inner with { Plan = sort with { Input = inner.Plan } } : null,
            _ => null,
        };
    }

    private static Result? FromFilter(LogicalFilter filter)
    {
        if (From(filter.Input) is not { } inner) return null;
        var defined = Conjunctions.Ids(inner.Plan);
        List<ScalarExpr> own = [], taken = [];
        foreach (var term in Conjunctions.Split(filter.Predicate)) (Conjunctions.UsesOnly(term, defined) ? own : taken).Add(term);
        if (taken.Exists(Volatile.Is)) return null;
        return new Result(Conjunctions.Filter(inner.Plan, own), [.. inner.Terms, .. taken]);
    }

    private static Result? FromProject(LogicalProject project)
    {
        if (From(project.Input) is not { } inner) return null;
        var defined = Conjunctions.Ids(inner.Plan);
        if (project.Assignments.Any(assignment => !Conjunctions.UsesOnly(assignment.Value, defined))) return null;
        var needed = inner.Terms.SelectMany(FreeColumns.Of).Where(defined.Contains).ToHashSet();
        var present = project.Assignments.Select(assignment => assignment.Column.Id).ToHashSet();
        var extra = inner.Plan.Output.Where(column => needed.Contains(column.Id) && !present.Contains(column.Id)).Select(Assignment.PassThrough);
        return new Result(new LogicalProject(inner.Plan, [.. project.Assignments, .. extra]), inner.Terms);
    }

    private static Result? FromJoin(LogicalJoin join)
    {
        bool rightAllowed = join.Kind == JoinKind.Inner;
        if (join.Kind is JoinKind.Full or JoinKind.Mark) return null;
        if (!rightAllowed && FreeColumns.IsCorrelated(join.Right)) return null;
        if (From(join.Left) is not { } left || From(join.Right) is not { } right) return null;
        HashSet<int> defined = [.. Conjunctions.Ids(left.Plan), .. Conjunctions.Ids(right.Plan)];
        List<ScalarExpr> own = [], taken = [];
        foreach (var term in Conjunctions.Split(join.Condition)) (Conjunctions.UsesOnly(term, defined) ? own : taken).Add(term);
        if (taken.Count > 0 && join.Kind != JoinKind.Inner) return null;
        return new Result(join with { Left = left.Plan, Right = right.Plan, Condition = Conjunctions.Combine(own) }, [.. left.Terms, .. right.Terms, .. taken]);
    }

    /// <summary>Grouping with keys (DISTINCT too): the inner sides of equalities become further keys. A grand total is the caller's case.</summary>
    private static Result? FromAggregate(LogicalAggregate aggregate) => aggregate.Keys.IsEmpty ? null : Grouped(aggregate);

    /// <summary>The aggregate by the inner sides of its correlated equalities, beside its own keys.</summary>
    public static Result? Grouped(LogicalAggregate aggregate)
    {
        if (!aggregate.GroupingSets.IsDefault || From(aggregate.Input) is not { } inner) return null;
        var defined = Conjunctions.Ids(inner.Plan);
        if (aggregate.Expressions.Any(expression => !Conjunctions.UsesOnly(expression, defined))) return null;
        var keys = aggregate.Keys;
        foreach (var term in inner.Terms)
        {
            if (InnerSide(term, defined) is not { } id) return null;
            if (keys.All(key => key.Id != id)) keys = keys.Add(inner.Plan.Output.First(column => column.Id == id));
        }

        return new Result(aggregate with { Input = inner.Plan, Keys = keys }, inner.Terms);
    }

    /// <summary>The inner column of <c>inner = outer expression</c>; null for any other term.</summary>
    private static int? InnerSide(ScalarExpr term, HashSet<int> defined)
    {
        if (term is not ScalarComparison { Operator: ComparisonOperator.Equal } equality) return null;
        if (equality.Left is ScalarColumn left && defined.Contains(left.Id) && !FreeColumns.Of(equality.Right).Overlaps(defined)) return left.Id;
        if (equality.Right is ScalarColumn right && defined.Contains(right.Id) && !FreeColumns.Of(equality.Left).Overlaps(defined)) return right.Id;
        return null;
    }
}
