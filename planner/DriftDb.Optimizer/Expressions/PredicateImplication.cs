using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Optimizer;

/// <summary>
/// Whether what a query asks for makes an index's predicate true, so that the index has every row that the query wants. Says no where it doesn't know: then the index isn't used.
/// </summary>
internal static class PredicateImplication
{
    /// <param name="terms">What must be true of the query's rows.</param>
    /// <param name="predicate">The index's predicate over the same columns.</param>
    public static bool Implies(IReadOnlyCollection<ScalarExpr> terms, ScalarExpr predicate) =>
        predicate is ScalarOr or && or.Terms.Any(term => Implies(terms, term)) || Conjunctions.Split(predicate).All(wanted => terms.Any(term => ImpliesTerm(term, wanted)));

    private static bool ImpliesTerm(ScalarExpr term, ScalarExpr wanted)
    {
        if (ScalarEquality.Same(term, wanted)) return true;
        if (term is ScalarOr or) return or.Terms.All(part => Implies([.. Conjunctions.Split(part)], wanted));
        return wanted switch
        {
            ScalarIsNull { Negated: true, Operand: ScalarColumn column } => NullRejection.Rejects(term, new HashSet<int> { column.Id }),
            ScalarIsNull { Negated: true } test => term is ScalarComparison comparison && (ScalarEquality.Same(comparison.Left, test.Operand) || ScalarEquality.Same(comparison.Right, test.Operand)),
            ScalarComparison range => ImpliesRange(term, range),
            _ => false,
        };
    }

    /// <summary>x &gt; 5 makes x &gt; 3 true: comparisons of one expression with whole numbers (dates and timestamps are such too).</summary>
    private static bool ImpliesRange(ScalarExpr term, ScalarComparison wanted)
    {
        if (AsRange(term) is not { } given || AsRange(wanted) is not { } asked || !ScalarEquality.Same(given.Value, asked.Value)) return false;
        return given.Operator switch
        {
            ComparisonOperator.Equal => Holds(given.Bound, asked.Operator, asked.Bound),
            ComparisonOperator.Greater => asked.Operator switch
            {
                ComparisonOperator.Greater or ComparisonOperator.GreaterOrEqual or ComparisonOperator.NotEqual => given.Bound >= asked.Bound,
                _ => false,
            },
            ComparisonOperator.GreaterOrEqual => asked.Operator switch
            {
                ComparisonOperator.GreaterOrEqual => given.Bound >= asked.Bound,
                ComparisonOperator.Greater or ComparisonOperator.NotEqual => given.Bound > asked.Bound,
                _ => false,
            },
            ComparisonOperator.Less => asked.Operator switch
            {
                ComparisonOperator.Less or ComparisonOperator.LessOrEqual or ComparisonOperator.NotEqual => given.Bound <= asked.Bound,
                _ => false,
            },
            ComparisonOperator.LessOrEqual => asked.Operator switch
            {
                ComparisonOperator.LessOrEqual => given.Bound <= asked.Bound,
                ComparisonOperator.Less or ComparisonOperator.NotEqual => given.Bound < asked.Bound,
                _ => false,
            },
            _ => false,
        };
    }

    private static bool Holds(long value, ComparisonOperator op, long bound) => op switch
    {
        ComparisonOperator.Equal => value == bound,
        ComparisonOperator.NotEqual => value != bound,
        ComparisonOperator.Less => value < bound,
        ComparisonOperator.LessOrEqual => value <= bound,
        ComparisonOperator.Greater => value > bound,
        _ => value >= bound,
    };

    private static (ScalarExpr Value, ComparisonOperator Operator, long Bound)? AsRange(ScalarExpr term)
    {
        if (term is not ScalarComparison comparison) return null;
        if (Whole(comparison.Right) is { } right && Whole(comparison.Left) is null) return (comparison.Left, comparison.Operator, right);
        return Whole(comparison.Left) is { } left ? (comparison.Right, ScalarComparison.Commute(comparison.Operator), left) : null;
    }

    private static long? Whole(ScalarExpr expression) => expression is ScalarConstant { Value: { } value, Type.Id: TypeId.Int2 or TypeId.Int4 or TypeId.Int8 or TypeId.Date or TypeId.Timestamp or TypeId.TimestampTz }
        ? value switch { short v => v, int v => v, long v => v, _ => null }
        : null;
}
