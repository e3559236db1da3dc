using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>
/// Before: a filter over an outer join that no padded row can pass. After: the same filter over a narrower join: LEFT becomes INNER, FULL becomes
/// LEFT (sides exchanged where need be) or INNER.
/// </summary>
public sealed class SimplifyOuterJoin : IRule
{
    public string Name => "simplify_outer_join";

    public LogicalPlan? Apply(LogicalPlan plan, RuleContext context)
    {
        if (plan is not LogicalFilter { Input: LogicalJoin { Kind: JoinKind.Left or JoinKind.Full } join } filter) return null;
        bool rejectsRight = NullRejection.Rejects(filter.Predicate, Conjunctions.Ids(join.Right));
        if (join.Kind == JoinKind.Left) return rejectsRight ? filter with { Input = join with { Kind = JoinKind.Inner } } : null;
        bool rejectsLeft = NullRejection.Rejects(filter.Predicate, Conjunctions.Ids(join.Left));
        return (rejectsLeft, rejectsRight) switch
        {
            (true, true) => filter with { Input = join with { Kind = JoinKind.Inner } },
            // Rows padded on the left don't pass: what remains preserves the left side.
            (true, false) => filter with { Input = join with { Kind = JoinKind.Left } },
            (false, true) => filter with { Input = new LogicalProject(join with { Kind = JoinKind.Left, Left = join.Right, Right = join.Left }, [.. join.Output.Select(Assignment.PassThrough)]) },
            _ => null,
        };
    }
}
