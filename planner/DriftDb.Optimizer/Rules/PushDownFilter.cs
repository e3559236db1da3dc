using System.Collections.Immutable;
using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>
/// Before: a filter over a node. After: its terms as far down as they mean the same: below projections (columns replaced by what computes them),
/// into the side of a join that they use, below grouping where they use keys only, into both sides of a set operation.
/// </summary>
/// <remarks>
/// Outer joins: a term over the preserved side's columns goes below; one over the padded side stays above (see simplify_outer_join). A term
/// that spans both sides of an inner join joins its condition. Volatile terms stay where they are, and so does what would pass a LIMIT.
/// </remarks>
public sealed class PushDownFilter : IRule
{
    public string Name => "push_down_filter";

    public LogicalPlan? Apply(LogicalPlan plan, RuleContext context)
    {
        if (plan is not LogicalFilter filter) return null;
        var terms = Conjunctions.Split(filter.Predicate);
        return filter.Input switch
        {
            LogicalFilter inner => new LogicalFilter(inner.Input, Conjunctions.Combine([.. Conjunctions.Split(inner.Predicate), .. terms])),
            LogicalProject project => BelowProject(project, terms),
            LogicalJoin join => IntoJoin(join, terms),
            LogicalApply apply => IntoApply(apply, terms),
            LogicalAggregate aggregate => BelowAggregate(aggregate, terms),
            LogicalSetOperation set => IntoSetOperation(set, terms),
            LogicalSort sort => Below(terms, static _ => true, moved => sort with { Input = new LogicalFilter(sort.Input, moved) }),
            LogicalWindow window => Below(
                terms, term => Conjunctions.UsesOnly(term, window.PartitionBy.Select(key => key.Id).ToHashSet()), moved => window with { Input = new LogicalFilter(window.Input, moved) }),
            LogicalWith with => with with { Body = new LogicalFilter(with.Body, filter.Predicate) },
            _ => null,
        };
    }

    private static LogicalPlan? Below(ImmutableArray<ScalarExpr> terms, Func<ScalarExpr, bool> canMove, Func<ScalarExpr, LogicalPlan> move)
    {
        var moved = terms.Where(term => !Volatile.Is(term) && canMove(term)).ToList();
        if (moved.Count == 0) return null;
        return Conjunctions.Filter(move(Conjunctions.Combine(moved)), [.. terms.Except(moved)]);
    }

    private static LogicalPlan? BelowProject(LogicalProject project, ImmutableArray<ScalarExpr> terms)
    {
        var values = project.Assignments.Where(a => !a.IsPassThrough).ToDictionary(a => a.Column.Id, a => a.Value);
        bool CanMove(ScalarExpr term) => FreeColumns.Of(term).All(id => !values.TryGetValue(id, out var value) || !Volatile.Is(value) && !value.DescendantsAndSelf().Any(node => node is ScalarSubquery));
        return Below(terms, CanMove, moved => project with { Input = new LogicalFilter(project.Input, Substitution.Replace(moved, values)) });
    }

    private static LogicalPlan? IntoJoin(LogicalJoin join, ImmutableArray<ScalarExpr> terms)
    {
        var (left, right) = (Conjunctions.Ids(join.Left), Conjunctions.Ids(join.Right));
        bool leftPreserved = join.Kind != JoinKind.Full;
        bool rightPushable = join.Kind is JoinKind.Inner;
        List<ScalarExpr> toLeft = [], toRight = [], toCondition = [], rest = [];
        foreach (var term in terms)
        {
            var used = FreeColumns.Of(term);
            bool usesLeft = used.Overlaps(left), usesRight = used.Overlaps(right), usesMark = join.Mark is { } mark && used.Contains(mark.Id);
            if (Volatile.Is(term) || usesMark) rest.Add(term);
            else if (!usesRight && leftPreserved) toLeft.Add(term);
            else if (!usesLeft && rightPushable) toRight.Add(term);
            else if (join.Kind == JoinKind.Inner && !HasSubquery(term)) toCondition.Add(term);
            else rest.Add(term);
        }

        if (rest.Count == terms.Length) return null;
        var moved = join with
        {
            Left = Conjunctions.Filter(join.Left, toLeft),
            Right = Conjunctions.Filter(join.Right, toRight),
            Condition = Conjunctions.Combine([.. Conjunctions.Split(join.Condition), .. toCondition]),
        };
        return Conjunctions.Filter(moved, rest);
    }

    private static bool HasSubquery(ScalarExpr term) => term.DescendantsAndSelf().Any(node => node is ScalarSubquery);

    private static LogicalPlan? IntoApply(LogicalApply apply, ImmutableArray<ScalarExpr> terms)
    {
        var right = Conjunctions.Ids(apply.Right);
        if (apply.Mark is { } mark) right.Add(mark.Id);
        return Below(terms, term => !FreeColumns.Of(term).Overlaps(right), moved => apply with { Left = new LogicalFilter(apply.Left, moved) });
    }

    private static LogicalPlan? BelowAggregate(LogicalAggregate aggregate, ImmutableArray<ScalarExpr> terms)
    {
        // A grand total exists even when no row passes; grouping sets put out NULL for keys that the rows have.
        if (aggregate.Keys.IsEmpty || !aggregate.GroupingSets.IsDefault) return null;
        var results = aggregate.Aggregates.Select(call => call.Column.Id).ToHashSet();
        return Below(terms, term => !FreeColumns.Of(term).Overlaps(results), moved => aggregate with { Input = new LogicalFilter(aggregate.Input, moved) });
    }

    private static LogicalPlan? IntoSetOperation(LogicalSetOperation set, ImmutableArray<ScalarExpr> terms)
    {
        LogicalPlan Side(LogicalPlan side, ScalarExpr moved)
        {
            var columns = set.Columns.Zip(side.Output).ToDictionary(pair => pair.First.Id, pair => (ScalarExpr)pair.Second.Reference());
            return new LogicalFilter(side, Substitution.Replace(moved, columns));
        }

        return Below(terms, term => !HasSubquery(term), moved => set with { Left = Side(set.Left, moved), Right = Side(set.Right, moved) });
    }
}
