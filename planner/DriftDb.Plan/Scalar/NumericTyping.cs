using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary>
/// Which numeric type an operation has: as long as 38 digits are proven to suffice it stays a scaled integer with PostgreSQL's display scale,
/// else it is unbounded. PostgreSQL's rules for the scale: numeric.c, <c>add_var</c>, <c>mul_var</c>, <c>select_div_scale</c>.
/// </summary>
public static class NumericTyping
{
    /// <summary>The type of an arithmetic result; both operands are numeric.</summary>
    public static SqlType Result(ArithmeticOperator op, SqlType left, SqlType right)
    {
        if (!left.IsFixedNumeric || !right.IsFixedNumeric) return SqlType.Numeric;
        int scale = Math.Max(left.Scale, right.Scale);
        int whole = Math.Max(left.Precision - left.Scale, right.Precision - right.Scale);
        return op switch
        {
            ArithmeticOperator.Add or ArithmeticOperator.Subtract => SqlType.FixedNumeric(whole + scale + 1, scale),
            ArithmeticOperator.Multiply => SqlType.FixedNumeric(left.Precision + right.Precision, left.Scale + right.Scale),
            ArithmeticOperator.Modulo => SqlType.FixedNumeric(right.Precision - right.Scale + scale, scale),
            _ => SqlType.Numeric, // a quotient's scale depends on the values
        };
    }

    /// <summary>The type that holds both without loss, for comparisons that need one type (hash keys, UNION, CASE). Display scales must not change, so unequal scales give unbounded numeric.</summary>
    public static SqlType Common(SqlType left, SqlType right)
    {
        if (!left.IsFixedNumeric || !right.IsFixedNumeric || left.Scale != right.Scale) return SqlType.Numeric;
        return left.Precision >= right.Precision ? left.WithoutTypmod() : right.WithoutTypmod();
    }

    /// <summary>An integer type as a fixed numeric.</summary>
    public static SqlType OfInteger(TypeId integer) => SqlType.FixedNumeric(integer switch { TypeId.Int2 => 5, TypeId.Int4 => 10, _ => 19 }, 0);

    /// <summary>The type of sum(numeric): 38 digits can't be exceeded by 2^63 rows of p ≤ 18 digits; wider sums check for overflow and are unbounded.</summary>
    public static SqlType Sum(SqlType argument) => argument.IsFixedNumeric && argument.Precision <= 18 ? SqlType.FixedNumeric(38, argument.Scale) : SqlType.Numeric;
}
