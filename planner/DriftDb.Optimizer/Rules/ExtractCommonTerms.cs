using System.Collections.Immutable;
using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>
/// Before: (a AND b) OR (a AND c). After: a AND (b OR c), so that <c>a</c> can become a join key or a scan's predicate.
/// </summary>
/// <remarks>Equivalent in three-valued logic, which is distributive.</remarks>
public sealed class ExtractCommonTerms : IRule
{
    public string Name => "extract_common_terms";

    public LogicalPlan? Apply(LogicalPlan plan, RuleContext context)
    {
        if (plan is not (LogicalFilter or LogicalJoin)) return null;
        var changed = plan.MapExpressions(expression => expression.Rewrite(node => node is ScalarOr or ? Extract(or) : node));
        return ReferenceEquals(changed, plan) ? null : changed;
    }

    private static ScalarExpr Extract(ScalarOr or)
    {
        var branches = or.Terms.Select(Conjunctions.Split).ToList();
        var common = branches[0].Where(term => branches.Skip(1).All(branch => branch.Any(other => ScalarEquality.Same(term, other)))).ToList();
        if (common.Count == 0) return or;
        var rests = branches.Select(branch => branch.Where(term => !common.Exists(c => ScalarEquality.Same(c, term))).ToList()).ToList();
        // One branch that is nothing but the common terms makes the rest of the disjunction true.
        if (rests.Exists(rest => rest.Count == 0)) return Conjunctions.Combine(common);
        return Conjunctions.Combine([.. common, new ScalarOr([.. rests.Select(rest => Conjunctions.Combine(rest))])]);
    }
}
