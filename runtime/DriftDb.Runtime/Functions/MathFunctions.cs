using System.Numerics;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Functions of numbers.</summary>
internal static class MathFunctions
{
    [SqlOperator("@", "abs")] public static short Abs(short x) => x < 0 ? IntegerMath.NegateInt16(x) : x;
    [SqlOperator("@", "abs")] public static int Abs(int x) => x < 0 ? IntegerMath.NegateInt32(x) : x;
    [SqlOperator("@", "abs")] public static long Abs(long x) => x < 0 ? IntegerMath.NegateInt64(x) : x;
    [SqlOperator("@", "abs")] public static float Abs(float x) => Math.Abs(x);
    [SqlOperator("@", "abs")] public static double Abs(double x) => Math.Abs(x);
    [SqlOperator("@", "abs")] public static SqlNumeric Abs(SqlNumeric x) => SqlNumeric.Abs(x);
    [SqlFunction("ceil"), SqlFunction("ceiling")] public static double Ceil(double x) => Math.Ceiling(x);
    [SqlFunction("ceil"), SqlFunction("ceiling")] public static SqlNumeric Ceil(SqlNumeric x) => x.Ceiling();
    [SqlFunction("floor")] public static double Floor(double x) => Math.Floor(x);
    [SqlFunction("floor")] public static SqlNumeric Floor(SqlNumeric x) => x.Floor();
    [SqlFunction("round")] public static double Round(double x) => Math.Round(x, MidpointRounding.ToEven);
    [SqlFunction("round")] public static SqlNumeric Round(SqlNumeric x) => x.Round(0);
    [SqlFunction("round")] public static SqlNumeric Round(SqlNumeric x, int digits) => x.Round(Math.Clamp(digits, -2000, 2000));
    [SqlFunction("trunc")] public static double Trunc(double x) => Math.Truncate(x);
    [SqlFunction("trunc")] public static SqlNumeric Trunc(SqlNumeric x) => x.Truncate(0);
    [SqlFunction("trunc")] public static SqlNumeric Trunc(SqlNumeric x, int digits) => x.Truncate(Math.Clamp(digits, -2000, 2000));
    [SqlFunction("sign")] public static double Sign(double x) => double.IsNaN(x) ? x : Math.Sign(x);
    [SqlFunction("sign")] public static SqlNumeric Sign(SqlNumeric x) => x.IsNaN ? x : SqlNumeric.FromInt64(x.Sign);
    [SqlFunction("sqrt"), SqlOperator("|/", "dsqrt")] public static double Sqrt(double x) => x < 0 ? throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "cannot take square root of a negative number") : Math.Sqrt(x);
    [SqlFunction("sqrt")] public static SqlNumeric Sqrt(SqlNumeric x) => SqlNumeric.Sqrt(x);
    [SqlFunction("cbrt"), SqlOperator("||/", "dcbrt")] public static double Cbrt(double x) => Math.Cbrt(x);
    [SqlFunction("exp")] public static double Exp(double x) => Checked(Math.Exp(x), x);
    [SqlFunction("exp")] public static SqlNumeric Exp(SqlNumeric x) => SqlNumeric.Exp(x);
    [SqlFunction("ln")] public static double Ln(double x) => Math.Log(Positive(x));
    [SqlFunction("ln")] public static SqlNumeric Ln(SqlNumeric x) => SqlNumeric.Ln(x);
    [SqlFunction("log"), SqlFunction("log10")] public static double Log(double x) => Math.Log10(Positive(x));
    [SqlFunction("log"), SqlFunction("log10")] public static SqlNumeric Log(SqlNumeric x) => SqlNumeric.Log(SqlNumeric.FromInt64(10), x);
    [SqlFunction("log")] public static SqlNumeric Log(SqlNumeric b, SqlNumeric x) => SqlNumeric.Log(b, x);
    [SqlFunction("power"), SqlFunction("pow"), SqlOperator("^", "dpow")] public static double Power(double x, double y) => PowerOf(x, y);
    [SqlFunction("power"), SqlFunction("pow"), SqlOperator("^", "numeric_power")] public static SqlNumeric Power(SqlNumeric x, SqlNumeric y) => SqlNumeric.Power(x, y);
    [SqlFunction("mod")] public static short Mod(short x, short y) => IntegerMath.ModuloInt16(x, y);
    [SqlFunction("mod")] public static int Mod(int x, int y) => IntegerMath.ModuloInt32(x, y);
    [SqlFunction("mod")] public static long Mod(long x, long y) => IntegerMath.ModuloInt64(x, y);
    [SqlFunction("mod")] public static SqlNumeric Mod(SqlNumeric x, SqlNumeric y) => SqlNumeric.Modulo(x, y);
    [SqlFunction("div")] public static SqlNumeric Div(SqlNumeric x, SqlNumeric y) => SqlNumeric.DivideTruncated(x, y);
    [SqlFunction("pi")] public static double Pi() => Math.PI;
    [SqlFunction("degrees")] public static double Degrees(double x) => x * 180 / Math.PI;
    [SqlFunction("radians")] public static double Radians(double x) => x * Math.PI / 180;
    [SqlFunction("sin")] public static double Sin(double x) => Math.Sin(x);
    [SqlFunction("cos")] public static double Cos(double x) => Math.Cos(x);
    [SqlFunction("tan")] public static double Tan(double x) => Math.Tan(x);
    [SqlFunction("cot")] public static double Cot(double x) => 1 / Math.Tan(x);
    [SqlFunction("asin")] public static double Asin(double x) => InRange(x) ? Math.Asin(x) : 0;
    [SqlFunction("acos")] public static double Acos(double x) => InRange(x) ? Math.Acos(x) : 0;
    [SqlFunction("atan")] public static double Atan(double x) => Math.Atan(x);
    [SqlFunction("atan2")] public static double Atan2(double y, double x) => Math.Atan2(y, x);
    [SqlFunction("sinh")] public static double Sinh(double x) => Math.Sinh(x);
    [SqlFunction("cosh")] public static double Cosh(double x) => Math.Cosh(x);
    [SqlFunction("tanh")] public static double Tanh(double x) => Math.Tanh(x);
    [SqlFunction("asinh")] public static double Asinh(double x) => Math.Asinh(x);
    [SqlFunction("acosh")] public static double Acosh(double x) => x < 1 ? throw OutOfRange() : Math.Acosh(x);
    [SqlFunction("atanh")] public static double Atanh(double x) => x is < -1 or > 1 ? throw OutOfRange() : Math.Atanh(x);
    [SqlFunction("random", Volatility = Volatility.Volatile)] public static double Random() => RandomSource.NextDouble();
    [SqlFunction("setseed", Volatility = Volatility.Volatile)] public static void SetSeed(double seed) => RandomSource.Seed(seed);

    [SqlOperator("&", "int4and")] public static int And(int x, int y) => x & y;
    [SqlOperator("|", "int4or")] public static int Or(int x, int y) => x | y;
    [SqlOperator("#", "int4xor")] public static int Xor(int x, int y) => x ^ y;
    [SqlOperator("~", "int4not")] public static int Not(int x) => ~x;
    [SqlOperator("<<", "int4shl")] public static int ShiftLeft(int x, int y) => x << y;
    [SqlOperator(">>", "int4shr")] public static int ShiftRight(int x, int y) => x >> y;
    [SqlOperator("&", "int8and")] public static long And(long x, long y) => x & y;
    [SqlOperator("|", "int8or")] public static long Or(long x, long y) => x | y;
    [SqlOperator("#", "int8xor")] public static long Xor(long x, long y) => x ^ y;
    [SqlOperator("~", "int8not")] public static long Not(long x) => ~x;
    [SqlOperator("<<", "int8shl")] public static long ShiftLeft(long x, int y) => x << y;
    [SqlOperator(">>", "int8shr")] public static long ShiftRight(long x, int y) => x >> y;
    [SqlOperator("&", "int2and")] public static short And(short x, short y) => (short)(x & y);
    [SqlOperator("|", "int2or")] public static short Or(short x, short y) => (short)(x | y);

    [SqlOperator("#", "int2xor")] public static short Xor(short x, short y) => (short)(x ^ y);
    [SqlOperator("~", "int2not")] public static short Not(short x) => (short)~x;
    [SqlOperator("<<", "int2shl")] public static short ShiftLeft(short x, int y) => (short)(x << y);
    [SqlOperator(">>", "int2shr")] public static short ShiftRight(short x, int y) => (short)(x >> y);

    [SqlFunction("gcd")] public static int Gcd(int x, int y) => IntegerMath.Int64ToInt32((long)BigInteger.GreatestCommonDivisor(x, y));
    [SqlFunction("gcd")] public static long Gcd(long x, long y) => (long)BigInteger.GreatestCommonDivisor(x, y);
    [SqlFunction("lcm")] public static int Lcm(int x, int y) => x == 0 || y == 0 ? 0 : IntegerMath.Int64ToInt32(Math.Abs((long)x / Gcd(x, y) * y));
    [SqlFunction("lcm")] public static long Lcm(long x, long y) => x == 0 || y == 0 ? 0 : Abs(IntegerMath.MultiplyInt64(x / Gcd(x, y), y));

    [SqlFunction("factorial")]
    public static SqlNumeric Factorial(long x)
    {
        if (x < 0) throw new SqlException(SqlState.NumericValueOutOfRange, "factorial of a negative number is undefined");
        if (x > 32_177) throw SqlNumeric.Overflow();
        BigInteger product = 1;
        for (int i = 2; i <= x; i++) product *= i;
        return new SqlNumeric(product, 0);
    }

    [SqlFunction("scale")] public static int? Scale(SqlNumeric x) => x.IsFinite ? x.Scale : null;
    [SqlFunction("min_scale")] public static int? MinScale(SqlNumeric x) => x.IsFinite ? x.WithoutTrailingZeros().Scale : null;
    [SqlFunction("trim_scale")] public static SqlNumeric TrimScale(SqlNumeric x) => x.WithoutTrailingZeros();

    /// <summary>How many of the sorted bounds are at or below the operand.</summary>
    [SqlFunction("width_bucket", Parameters = "anyelement, anyarray")]
    public static int WidthBucket(Datum operand, Datum thresholds)
    {
        var reader = new ArrayReader(thresholds.Bytes);
        if (reader.Dimensions > 1) throw new SqlException(SqlState.ArraySubscriptError, "thresholds must be one-dimensional array");
        SqlType element = ArrayReader.StoredElement(thresholds.Type!.Element!);
        int bucket = 0;
        var items = reader.GetEnumerator();
        while (items.MoveNext())
        {
            if (items.IsNull) throw new SqlException(SqlState.NullValueNotAllowed, "thresholds array must not contain NULLs");
            if (DatumComparer.Compare(ArrayFunctions.Element(element, items.Current), operand) <= 0) bucket++;
        }

        return bucket;
    }

    [SqlFunction("width_bucket")]
    public static int WidthBucket(SqlNumeric operand, SqlNumeric low, SqlNumeric high, int count)
    {
        if (count <= 0) throw new SqlException("2201G", "count must be greater than zero");
        if (operand.IsNaN || low.IsNaN || high.IsNaN) throw new SqlException("2201G", "operand, lower bound, and upper bound cannot be NaN");
        int order = low.CompareTo(high);
        if (order == 0) throw new SqlException("2201G", "lower bound cannot equal upper bound");
        // Falling bounds count from the upper end: the same with every sign changed.
        int fromLow = operand.CompareTo(low) * -order, fromHigh = operand.CompareTo(high) * -order;
        if (fromLow < 0) return 0;
        if (fromHigh >= 0) return checked(count + 1);
        SqlNumeric share = SqlNumeric.Multiply(SqlNumeric.Subtract(operand, low), SqlNumeric.FromInt64(count));
        _ = SqlNumeric.DivideTruncated(share, SqlNumeric.Subtract(high, low)).TryToInt64(out long bucket);
        return (int)bucket + 1;
    }

    [SqlFunction("width_bucket")]
    public static int WidthBucket(double operand, double low, double high, int count)
    {
        if (count <= 0) throw new SqlException("2201G", "count must be greater than zero");
        if (low == high) throw new SqlException("2201G", "lower bound cannot equal upper bound");
        if (low < high) return operand < low ? 0 : operand >= high ? count + 1 : (int)((operand - low) / (high - low) * count) + 1;
        return operand > low ? 0 : operand <= high ? count + 1 : (int)((low - operand) / (low - high) * count) + 1;
    }

    private static double Positive(double x) => x switch
    {
        0 => throw new SqlException(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of zero"),
        < 0 => throw new SqlException(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of a negative number"),
        _ => x,
    };

    private static bool InRange(double x) => x is >= -1 and <= 1 || double.IsNaN(x) ? true : throw OutOfRange();

    internal static SqlException OutOfRange() => new(SqlState.NumericValueOutOfRange, "input is out of range");

    private static double PowerOf(double x, double y)
    {
        if (x == 0 && y < 0) throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined");
        if (x < 0 && y != Math.Floor(y)) throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "a negative number raised to a non-integer power yields a complex result");
        return Checked(Math.Pow(x, y), x, y);
    }

    private static double Checked(double result, double x, double y = 0)
    {
        if (double.IsInfinity(result) && !double.IsInfinity(x) && !double.IsInfinity(y)) FloatMath.ThrowOverflow();
        if (result == 0 && x != 0 && !double.IsInfinity(x) && !double.IsInfinity(y)) FloatMath.ThrowUnderflow();
        return result;
    }
}

/// <summary>random(): a generator for each thread, so that setseed repeats a run of one session's statement.</summary>
internal static class RandomSource
{
    [ThreadStatic]
    private static Random? t_random;

    public static double NextDouble() => (t_random ??= new Random()).NextDouble();

    public static void Seed(double seed) => t_random = new Random(BitConverter.DoubleToInt64Bits(seed).GetHashCode());
}
