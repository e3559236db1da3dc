using DriftDb.Plan;

namespace DriftDb.Optimizer;

/// <summary>Whether a condition can't be true when certain columns are all NULL: then rows that an outer join padded don't pass it.</summary>
public static class NullRejection
{
    public static bool Rejects(ScalarExpr condition, IReadOnlySet<int> columns) => condition switch
    {
        ScalarAnd and => and.Terms.Any(term => Rejects(term, columns)),
        ScalarOr or => or.Terms.All(term => Rejects(term, columns)),
        ScalarIsNull { Negated: true } test => IsNullWhen(test.Operand, columns),
        ScalarIsBool { Negated: false } test => IsNullWhen(test.Operand, columns),
        ScalarConstant { Value: null or false } => true,
        _ => IsNullWhen(condition, columns),
    };

    /// <summary>True when the value is NULL whenever the columns are.</summary>
    public static bool IsNullWhen(ScalarExpr expression, IReadOnlySet<int> columns) => expression switch
    {
        ScalarColumn column => columns.Contains(column.Id),
        ScalarComparison or ScalarArithmetic or ScalarNegate or ScalarNot or ScalarCast => expression.Children.Any(child => IsNullWhen(child, columns)),
        ScalarLike like => IsNullWhen(like.Operand, columns),
        ScalarIn membership => IsNullWhen(membership.Operand, columns),
        ScalarCall { Function.IsStrict: true } call => call.Arguments.Any(argument => IsNullWhen(argument, columns)),
        _ => false,
    };
}
