using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Arithmetic of money, which is kept in cents.</summary>
internal static class MoneyFunctions
{
    private const string M = "money";

    [SqlOperator("+", "cash_pl", Parameters = "money, money", Returns = M)] public static long Add(long a, long b) => InRange((Int128)a + b);
    [SqlOperator("-", "cash_mi", Parameters = "money, money", Returns = M)] public static long Subtract(long a, long b) => InRange((Int128)a - b);
    [SqlOperator("/", "cash_div_cash", Parameters = "money, money")] public static double Ratio(long a, long b) => b == 0 ? throw DivisionByZero() : (double)a / b;
    [SqlOperator("*", "cash_mul_int8", Parameters = "money, bigint", Returns = M)] public static long Multiply(long money, long factor) => InRange((Int128)money * factor);
    [SqlOperator("*", "int8_mul_cash", Parameters = "bigint, money", Returns = M)] public static long MultiplyOf(long factor, long money) => Multiply(money, factor);
    [SqlOperator("*", "cash_mul_flt8", Parameters = "money, double precision", Returns = M)] public static long Multiply(long money, double factor) => Rounded(money * factor);
    [SqlOperator("*", "flt8_mul_cash", Parameters = "double precision, money", Returns = M)] public static long MultiplyOf(double factor, long money) => Rounded(money * factor);
    [SqlOperator("/", "cash_div_int8", Parameters = "money, bigint", Returns = M)] public static long Divide(long money, long divisor) => divisor == 0 ? throw DivisionByZero() : InRange((Int128)money / divisor);
    [SqlOperator("/", "cash_div_flt8", Parameters = "money, double precision", Returns = M)] public static long Divide(long money, double divisor) => divisor == 0 ? throw DivisionByZero() : Rounded(money / divisor);

    private static long Rounded(double cents)
    {
        double whole = Math.Round(cents, MidpointRounding.ToEven);
        return whole is >= long.MinValue and < long.MaxValue ? (long)whole : throw OutOfRange();
    }

    private static long InRange(Int128 cents) => cents == (long)cents ? (long)cents : throw OutOfRange();

    private static SqlException OutOfRange() => new(SqlState.NumericValueOutOfRange, "money out of range");

    private static SqlException DivisionByZero() => new(SqlState.DivisionByZero, "division by zero");
}
