using System.Collections.Immutable;
using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>Conditions as lists of terms.</summary>
public static class Conjunctions
{
    /// <summary>The terms of a condition that must all be true; none for TRUE.</summary>
    public static ImmutableArray<ScalarExpr> Split(ScalarExpr? condition)
    {
        if (condition is null || condition is ScalarConstant { IsTrue: true }) return [];
        if (condition is not ScalarAnd and) return [condition];
        var terms = ImmutableArray.CreateBuilder<ScalarExpr>();
        foreach (var term in and.Terms) terms.AddRange(Split(term));
        return terms.ToImmutable();
    }

    /// <summary>The conjunction of the terms; TRUE for none. A term that stands twice is kept once.</summary>
    public static ScalarExpr Combine(IEnumerable<ScalarExpr> terms)
    {
        var distinct = new List<ScalarExpr>();
        foreach (var term in terms)
            if (!distinct.Exists(other => ScalarEquality.Same(other, term))) distinct.Add(term);
        return distinct.Count switch
        {
            0 => ScalarConstant.True,
            1 => distinct[0],
            _ => new ScalarAnd([.. distinct]),
        };
    }

    public static LogicalPlan Filter(LogicalPlan input, IReadOnlyCollection<ScalarExpr> terms) => terms.Count == 0 ? input : new LogicalFilter(input, Combine(terms));

    /// <summary>True when the expression uses columns of the set only (subqueries' correlations included).</summary>
    public static bool UsesOnly(ScalarExpr expression, IReadOnlySet<int> columns) => FreeColumns.Of(expression).IsSubsetOf(columns);

    public static HashSet<int> Ids(LogicalPlan plan) => [.. plan.Output.Select(column => column.Id)];
}
