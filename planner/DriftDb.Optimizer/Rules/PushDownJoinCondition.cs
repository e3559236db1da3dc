using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>
/// Before: a join whose condition has terms over one side only. After: such terms filter that side, where this means the same.
/// </summary>
/// <remarks>
/// Inner: both sides. Left and Single: the right side only (a left row that fails the term must come out padded). Semi: both. Anti, Mark: the right side;
/// for a null-aware anti join only terms that can't be NULL, since there a NULL condition counts.
/// </remarks>
public sealed class PushDownJoinCondition : IRule
{
    public string Name => "push_down_join_condition";

    public LogicalPlan? Apply(LogicalPlan plan, RuleContext context)
    {
        if (plan is not LogicalJoin { Kind: not JoinKind.Full } join) return null;
        var terms = Conjunctions.Split(join.Condition);
        var (left, right) = (Conjunctions.Ids(join.Left), Conjunctions.Ids(join.Right));
        bool toLeftAllowed = join.Kind is JoinKind.Inner or JoinKind.Semi;
        bool nullsCount = join.Kind is JoinKind.AntiNullAware or JoinKind.Mark;
        List<ScalarExpr> toLeft = [], toRight = [], rest = [];
        foreach (var term in terms)
        {
            var used = FreeColumns.Of(term);
            if (Volatile.Is(term)) rest.Add(term);
            else if (used.Count > 0 && used.IsSubsetOf(right) && !(nullsCount && term.Nullable)) toRight.Add(term);
            else if (used.Count > 0 && used.IsSubsetOf(left) && toLeftAllowed) toLeft.Add(term);
            else rest.Add(term);
        }

        if (toLeft.Count == 0 && toRight.Count == 0) return null;
        return join with { Left = Conjunctions.Filter(join.Left, toLeft), Right = Conjunctions.Filter(join.Right, toRight), Condition = Conjunctions.Combine(rest) };
    }
}
