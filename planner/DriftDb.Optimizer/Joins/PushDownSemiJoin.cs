using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>
/// Before: a semi join over an inner join that uses columns of one side only. After: the semi join on that side, when it is expected to
/// drop at least half of the rows there.
/// </summary>
public sealed class PushDownSemiJoin(Estimator estimator) : IRule
{
    public string Name => "push_down_semi_join";

    public LogicalPlan? Apply(LogicalPlan plan, RuleContext context)
    {
        if (plan is not LogicalJoin { Kind: JoinKind.Semi, Left: LogicalJoin { Kind: JoinKind.Inner } inner } semi) return null;
        var used = FreeColumns.Of(semi.Condition);
        used.ExceptWith(Conjunctions.Ids(semi.Right));
        bool inLeft = used.IsSubsetOf(Conjunctions.Ids(inner.Left)), inRight = used.IsSubsetOf(Conjunctions.Ids(inner.Right));
        if (!inLeft && !inRight) return null;
        var side = inLeft ? inner.Left : inner.Right;
        estimator.Rows(semi);
        if (estimator.SemiSelectivity(semi.Condition, estimator.Rows(side), estimator.Rows(semi.Right)) > 0.5) return null;
        var reduced = semi with { Left = side };
        return inLeft ? inner with { Left = reduced } : inner with { Right = reduced };
    }
}
