using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Checked integer arithmetic with PostgreSQL's errors.</summary>
internal static class IntegerMath
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    [MethodImpl(Inline)]
    public static int AddInt32(int a, int b)
    {
        int sum = a + b;
        if (((a ^ sum) & (b ^ sum)) < 0) ThrowInteger();
        return sum;
    }

    [MethodImpl(Inline)]
    public static int SubtractInt32(int a, int b)
    {
        int difference = a - b;
        if (((a ^ b) & (a ^ difference)) < 0) ThrowInteger();
        return difference;
    }

    [MethodImpl(Inline)]
    public static int MultiplyInt32(int a, int b)
    {
        long product = (long)a * b;
        if (product != (int)product) ThrowInteger();
        return (int)product;
    }

    public static int DivideInt32(int a, int b)
    {
        if (b == 0) ThrowZero();
        if (b == -1) return NegateInt32(a);
        return a / b;
    }

    public static int ModuloInt32(int a, int b)
    {
        if (b == 0) ThrowZero();
        return b == -1 ? 0 : a % b;
    }

    public static int NegateInt32(int a)
    {
        if (a == int.MinValue) ThrowInteger();
        return -a;
    }

    [MethodImpl(Inline)]
    public static long AddInt64(long a, long b)
    {
        long sum = a + b;
        if (((a ^ sum) & (b ^ sum)) < 0) ThrowBigint();
        return sum;
    }

    [MethodImpl(Inline)]
    public static long SubtractInt64(long a, long b)
    {
        long difference = a - b;
        if (((a ^ b) & (a ^ difference)) < 0) ThrowBigint();
        return difference;
    }

    [MethodImpl(Inline)]
    public static long MultiplyInt64(long a, long b)
    {
        long high = Math.BigMul(a, b, out long low);
        if (high != low >> 63) ThrowBigint();
        return low;
    }

    public static long DivideInt64(long a, long b)
    {
        if (b == 0) ThrowZero();
        if (b == -1) return NegateInt64(a);
        return a / b;
    }

    public static long ModuloInt64(long a, long b)
    {
        if (b == 0) ThrowZero();
        return b == -1 ? 0 : a % b;
    }

    public static long NegateInt64(long a)
    {
        if (a == long.MinValue) ThrowBigint();
        return -a;
    }

    public static short AddInt16(short a, short b) => ToInt16(a + b);

    public static short SubtractInt16(short a, short b) => ToInt16(a - b);

    public static short MultiplyInt16(short a, short b) => ToInt16(a * b);

    public static short DivideInt16(short a, short b)
    {
        if (b == 0) ThrowZero();
        return ToInt16(a / b);
    }

    public static short ModuloInt16(short a, short b)
    {
        if (b == 0) ThrowZero();
        return (short)(a % b);
    }

    public static short NegateInt16(short a) => ToInt16(-a);

    public static short ToInt16(int value)
    {
        if (value != (short)value) throw new SqlException(SqlState.NumericValueOutOfRange, "smallint out of range");
        return (short)value;
    }

    public static short Int64ToInt16(long value) => value == (short)value ? (short)value : throw new SqlException(SqlState.NumericValueOutOfRange, "smallint out of range");

    public static int Int64ToInt32(long value)
    {
        if (value != (int)value) ThrowInteger();
        return (int)value;
    }

    public static int Int64ToOid(long value) => value is >= 0 and <= uint.MaxValue ? (int)(uint)value : throw new SqlException(SqlState.NumericValueOutOfRange, "OID out of range");

    private static void ThrowInteger() => throw new SqlException(SqlState.NumericValueOutOfRange, "integer out of range");

    private static void ThrowBigint() => throw new SqlException(SqlState.NumericValueOutOfRange, "bigint out of range");

    private static void ThrowZero() => throw new SqlException(SqlState.DivisionByZero, "division by zero");
}

/// <summary>Float arithmetic: infinity out of finite operands is an overflow, zero out of others an underflow.</summary>
internal static class FloatMath
{
    public static double Add64(double a, double b) => Check(a + b, a, b);

    public static double Subtract64(double a, double b) => Check(a - b, a, b);

    public static double Multiply64(double a, double b)
    {
        double product = Check(a * b, a, b);
        if (product == 0 && a != 0 && b != 0) ThrowUnderflow();
        return product;
    }

    public static double Divide64(double a, double b)
    {
        if (b == 0 && !double.IsNaN(a)) throw new SqlException(SqlState.DivisionByZero, "division by zero");
        double quotient = Check(a / b, a, b);
        if (quotient == 0 && a != 0 && !double.IsInfinity(b)) ThrowUnderflow();
        return quotient;
    }

    public static double Modulo64(double a, double b) => b == 0 ? throw new SqlException(SqlState.DivisionByZero, "division by zero") : a % b;

    public static float Add32(float a, float b) => Check32(a + b, a, b);

    public static float Subtract32(float a, float b) => Check32(a - b, a, b);

    public static float Multiply32(float a, float b)
    {
        float product = Check32(a * b, a, b);
        if (product == 0 && a != 0 && b != 0) ThrowUnderflow();
        return product;
    }

    public static float Divide32(float a, float b)
    {
        if (b == 0 && !float.IsNaN(a)) throw new SqlException(SqlState.DivisionByZero, "division by zero");
        float quotient = Check32(a / b, a, b);
        if (quotient == 0 && a != 0 && !float.IsInfinity(b)) ThrowUnderflow();
        return quotient;
    }

    public static float Modulo32(float a, float b) => b == 0 ? throw new SqlException(SqlState.DivisionByZero, "division by zero") : a % b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Check(double result, double a, double b)
    {
        if (double.IsInfinity(result) && !double.IsInfinity(a) && !double.IsInfinity(b)) ThrowOverflow();
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Check32(float result, float a, float b)
    {
        if (float.IsInfinity(result) && !float.IsInfinity(a) && !float.IsInfinity(b)) ThrowOverflow();
        return result;
    }

    public static void ThrowOverflow() => throw new SqlException(SqlState.NumericValueOutOfRange, "value out of range: overflow");

    public static void ThrowUnderflow() => throw new SqlException(SqlState.NumericValueOutOfRange, "value out of range: underflow");
}

/// <summary>Numerics: between scaled integers, encoded bytes and <see cref="SqlNumeric"/>.</summary>
internal static class NumericMath
{
    public static SqlNumeric Decode(ByteSlice encoded) => SqlNumeric.Decode(encoded.Span);

    public static ByteSlice Encode(SqlNumeric value, Arena arena) => value.ToSlice(arena);

    public static SqlNumeric FromInt64(long value) => new((Int128)value, 0);

    public static SqlNumeric FromFixed64(long value, int scale) => new((Int128)value, scale);

    public static SqlNumeric FromFixed128(Int128 value, int scale) => new(value, scale);

    public static long ToFixed64(SqlNumeric value, int precision, int scale) =>
        value.TryToFixed(scale, out Int128 unscaled) && Int128.Abs(unscaled) < PowersOfTen.Wide(precision) ? (long)unscaled : throw NotFixed(value, precision, scale);

    public static Int128 ToFixed128(SqlNumeric value, int precision, int scale) =>
        value.TryToFixed(scale, out Int128 unscaled) && Int128.Abs(unscaled) < PowersOfTen.Wide(precision) ? unscaled : throw NotFixed(value, precision, scale);

    private static SqlException NotFixed(SqlNumeric value, int precision, int scale) => value.IsNaN
        ? new SqlException(SqlState.FeatureNotSupported, $"numeric({precision},{scale}) cannot hold NaN; use numeric without precision")
        : SqlNumeric.FieldOverflow(precision, scale);

    public static SqlNumeric Add(SqlNumeric a, SqlNumeric b) => SqlNumeric.Add(a, b);

    public static SqlNumeric Subtract(SqlNumeric a, SqlNumeric b) => SqlNumeric.Subtract(a, b);

    public static SqlNumeric Multiply(SqlNumeric a, SqlNumeric b) => SqlNumeric.Multiply(a, b);

    public static SqlNumeric Divide(SqlNumeric a, SqlNumeric b) => SqlNumeric.Divide(a, b);

    public static SqlNumeric Modulo(SqlNumeric a, SqlNumeric b) => SqlNumeric.Modulo(a, b);

    public static SqlNumeric Negate(SqlNumeric a) => SqlNumeric.Negate(a);

    public static int Compare(SqlNumeric a, SqlNumeric b) => a.CompareTo(b);

    /// <summary>
    /// Stands for a product or sum that 128 bits don't hold, where a numeric without proven precision is tried in scaled integers first: no number of 38 digits has these bits. Whoever gets it
    /// computes again with <see cref="SqlNumeric"/>.
    /// </summary>
    public static readonly Int128 Overflowed = Int128.MinValue;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsOverflowed(Int128 value) => (ulong)(value >> 64) == 0x8000_0000_0000_0000UL && (ulong)value == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsLong(Int128 value) => (long)(value >> 64) == (long)value >> 63;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int128 MultiplyWide(Int128 a, Int128 b) => IsLong(a) && IsLong(b) ? MultiplyLongs((long)a, (long)b) : MultiplyWidest(a, b);

    private static Int128 MultiplyWidest(Int128 a, Int128 b)
    {
        if (IsOverflowed(a) || IsOverflowed(b)) return Overflowed;
        int bits = 256 - (int)UInt128.LeadingZeroCount((UInt128)(a ^ (a >> 127))) - (int)UInt128.LeadingZeroCount((UInt128)(b ^ (b >> 127)));
        return bits <= 126 ? a * b : Overflowed;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int128 AddWide(Int128 a, Int128 b)
    {
        if (IsLong(a) && IsLong(b)) return a + b;
        return AddWidest(a, b);
    }

    private static Int128 AddWidest(Int128 a, Int128 b)
    {
        if (IsOverflowed(a) || IsOverflowed(b)) return Overflowed;
        Int128 sum = a + b;
        return ((a ^ sum) & (b ^ sum)) < 0 ? Overflowed : sum;
    }

    public static Int128 SubtractWide(Int128 a, Int128 b) => IsOverflowed(b) ? Overflowed : AddWide(a, -b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int128 MultiplyLongs(long a, long b)
    {
        long high = Math.BigMul(a, b, out long low);
        return new Int128((ulong)high, (ulong)low);
    }

    /// <summary>Stands for a number that 64 bits don't hold, as <see cref="Overflowed"/> does for 128. (The number itself goes the same, wider way.)</summary>
    public const long NarrowOverflowed = long.MinValue;

    /// <summary>The product where 64 bits hold it. Operands of 32 bits, the rule, need no wide multiplication to prove it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long MultiplyNarrow(long a, long b) => a == (int)a && b == (int)b ? a * b : MultiplyNarrowChecked(a, b);

    private static long MultiplyNarrowChecked(long a, long b)
    {
        if (a == NarrowOverflowed || b == NarrowOverflowed) return NarrowOverflowed;
        long high = Math.BigMul(a, b, out long low);
        return high == low >> 63 ? low : NarrowOverflowed;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long AddNarrow(long a, long b) => IsHalf(a) && IsHalf(b) ? a + b : NarrowOverflowed;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long SubtractNarrow(long a, long b) => IsHalf(a) && IsHalf(b) ? a - b : NarrowOverflowed;

    /// <summary>Whether the sum of two such numbers can't leave 64 bits; <see cref="NarrowOverflowed"/> isn't one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsHalf(long value) => (ulong)(value + (1L << 62)) < 1UL << 63;

    public static Int128 ScaleUp(Int128 value, int digits) => value * PowersOfTen.Wide(digits);

    public static Int128 ModuloInt128(Int128 a, Int128 b) => b == 0 ? throw new SqlException(SqlState.DivisionByZero, "division by zero") : a % b;
}

/// <summary>Comparison and hashing of what has no operator in the CLR.</summary>
internal static class BytesMath
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe bool Equal(ByteSlice a, ByteSlice b) => a.Length == b.Length && (a.Length == 0 || (*a.Address == *b.Address && (a.Length == 1 || a.Span.SequenceEqual(b.Span))));

    public static int Compare(ByteSlice a, ByteSlice b) => a.Span.SequenceCompareTo(b.Span);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool EqualPadded(ByteSlice a, ByteSlice b) => Equal(a, b) || EqualTrimmed(a, b);

    private static bool EqualTrimmed(ByteSlice a, ByteSlice b) => a.Span.TrimEnd((byte)' ').SequenceEqual(b.Span.TrimEnd((byte)' '));

    public static int ComparePadded(ByteSlice a, ByteSlice b) => a.Span.TrimEnd((byte)' ').SequenceCompareTo(b.Span.TrimEnd((byte)' '));

    public static int CompareTyped(SqlType type, ByteSlice a, ByteSlice b) => ValueComparer.CompareBytes(type, a.Span, b.Span);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool EqualFloats(double a, double b) => a == b || (double.IsNaN(a) && double.IsNaN(b));

    public static bool EqualIntervals(Interval a, Interval b) => a.SqlEquals(b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe ulong Hash(ByteSlice value) => value.Length == 1 ? ValueComparer.HashByte(*value.Address) : ValueComparer.HashSpan(value.Span);

    /// <summary>Hash of a blank-padded text: blanks at its end don't count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe ulong HashPadded(ByteSlice value) =>
        value.Length == 1 && *value.Address != ' ' ? ValueComparer.HashByte(*value.Address) : ValueComparer.HashSpan(value.Span.TrimEnd((byte)' '));

    public static ulong HashTyped(SqlType type, ByteSlice value) => ValueComparer.HashBytes(type, value.Span);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong HashInt64(long value) => ValueComparer.Mix((ulong)value);

    public static ulong HashInt128(Int128 value) => ValueComparer.Mix((ulong)value ^ ValueComparer.Mix((ulong)(value >> 64)));

    public static ulong HashUuid(Uuid value) => ValueComparer.Mix(value.High ^ ValueComparer.Mix(value.Low));

    public static ulong HashFloat(double value) => ValueComparer.HashFloat(value);

    public static ulong HashInterval(Interval value) => ValueComparer.HashInterval(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Combine(ulong a, ulong b) => ValueComparer.Mix((a << 5) ^ (a >> 3) ^ b);
}
