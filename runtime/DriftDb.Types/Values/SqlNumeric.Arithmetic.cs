using System.Numerics;

namespace DriftDb.Types;

/// <summary>Arithmetic with PostgreSQL's result scales (numeric.c: add_var, mul_var, select_div_scale, mod_var, round_var).</summary>
public readonly partial struct SqlNumeric
{
    private const int MinSignificantDigits = 16, MaxDisplayScale = 1_000;

    public static SqlNumeric Add(SqlNumeric left, SqlNumeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
        {
            if (left.IsNaN || right.IsNaN) return NaN;
            if (left.IsFinite) return right;
            if (right.IsFinite) return left;
            return left._kind == right._kind ? left : NaN;
        }

        int scale = Math.Max(left._scale, right._scale);
        if (!left._isBig && !right._isBig && TryScaleUp(left._small, scale - left._scale, out Int128 a) && TryScaleUp(right._small, scale - right._scale, out Int128 b))
        {
            Int128 sum = a + b;
            if (((a ^ sum) & (b ^ sum)) >= 0) return new SqlNumeric(sum, scale);
        }

        return Bounded(left.ScaledTo(scale) + right.ScaledTo(scale), scale);
    }

    public static SqlNumeric Negate(SqlNumeric value) => value._kind switch
    {
        NumericKind.Finite => value._isBig || value._small == Int128.MinValue ? new SqlNumeric(-value.Unscaled, value._scale) : new SqlNumeric(-value._small, value._scale),
        NumericKind.PositiveInfinity => NegativeInfinity,
        NumericKind.NegativeInfinity => PositiveInfinity,
        _ => NaN,
    };

    public static SqlNumeric Subtract(SqlNumeric left, SqlNumeric right) => Add(left, Negate(right));

    public static SqlNumeric Multiply(SqlNumeric left, SqlNumeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
        {
            if (left.IsNaN || right.IsNaN || left.IsZero || right.IsZero) return NaN;
            return left.Sign * right.Sign > 0 ? PositiveInfinity : NegativeInfinity;
        }

        int scale = left._scale + right._scale;
        if (scale <= MaxScale && !left._isBig && !right._isBig && BitLength(left._small) + BitLength(right._small) <= 126) return new SqlNumeric(left._small * right._small, scale);
        BigInteger product = left.Unscaled * right.Unscaled;
        return scale <= MaxScale ? Bounded(product, scale) : Rescale(product, scale, MaxScale);
    }

    public static SqlNumeric Divide(SqlNumeric left, SqlNumeric right)
    {
        if (Special(left, right, out SqlNumeric special)) return special;
        return DivideAt(left, right, DivisionScale(left, right));
    }

    /// <summary>The quotient rounded to a scale (half away from zero).</summary>
    public static SqlNumeric DivideAt(SqlNumeric left, SqlNumeric right, int scale)
    {
        int shift = scale + right._scale - left._scale;
        if (!left._isBig && !right._isBig && shift is >= 0 and <= 37 && TryScaleUp(left._small, shift, out Int128 small))
        {
            Int128 quotient = small / right._small, remainder = small - quotient * right._small;
            if (Int128.Abs(remainder) >= Int128.Abs(right._small) - Int128.Abs(remainder)) quotient += (small < 0) == (right._small < 0) ? 1 : -1;
            return new SqlNumeric(quotient, scale);
        }

        BigInteger numerator = left.Unscaled, denominator = right.Unscaled;
        if (shift >= 0) numerator *= PowersOfTen.Big(shift);
        else denominator *= PowersOfTen.Big(-shift);
        return Bounded(DivideRounded(numerator, denominator), scale);
    }

    /// <summary>div(): the quotient truncated to a whole number.</summary>
    public static SqlNumeric DivideTruncated(SqlNumeric left, SqlNumeric right)
    {
        if (Special(left, right, out SqlNumeric special)) return special;
        int scale = Math.Max(left._scale, right._scale);
        return new SqlNumeric(BigInteger.Divide(left.ScaledTo(scale), right.ScaledTo(scale)), 0);
    }

    /// <summary>The remainder, with the dividend's sign.</summary>
    public static SqlNumeric Modulo(SqlNumeric left, SqlNumeric right)
    {
        if (left.IsNaN || right.IsNaN) return NaN;
        if (right.IsZero) throw DivisionByZero();
        if (!left.IsFinite) return NaN;
        if (!right.IsFinite) return left;
        int scale = Math.Max(left._scale, right._scale);
        if (!left._isBig && !right._isBig && TryScaleUp(left._small, scale - left._scale, out Int128 a) && TryScaleUp(right._small, scale - right._scale, out Int128 b))
            return new SqlNumeric(a % b, scale);
        return new SqlNumeric(BigInteger.Remainder(left.ScaledTo(scale), right.ScaledTo(scale)), scale);
    }

    public static SqlNumeric Abs(SqlNumeric value) => value.Sign < 0 ? Negate(value) : value;

    /// <summary>Rounds half away from zero to so many digits after the point; negative digits round before the point.</summary>
    public SqlNumeric Round(int digits)
    {
        if (!IsFinite) return this;
        digits = Math.Clamp(digits, -MaxWholeDigits, MaxScale);
        return digits < 0 ? new SqlNumeric(Rescale(Unscaled, _scale, digits).Unscaled * PowersOfTen.Big(-digits), 0) : WithScale(digits);
    }

    /// <summary>Cuts digits off, towards zero.</summary>
    public SqlNumeric Truncate(int digits)
    {
        if (!IsFinite) return this;
        digits = Math.Clamp(digits, -MaxWholeDigits, MaxScale);
        if (digits >= _scale) return WithScale(digits);
        BigInteger kept = BigInteger.Divide(Unscaled, PowersOfTen.Big(_scale - digits));
        return digits >= 0 ? new SqlNumeric(kept, digits) : new SqlNumeric(kept * PowersOfTen.Big(-digits), 0);
    }

    public SqlNumeric Floor()
    {
        SqlNumeric whole = Truncate(0);
        return IsFinite && Sign < 0 && whole.CompareTo(this) != 0 ? Subtract(whole, One) : whole;
    }

    public SqlNumeric Ceiling()
    {
        SqlNumeric whole = Truncate(0);
        return IsFinite && Sign > 0 && whole.CompareTo(this) != 0 ? Add(whole, One) : whole;
    }

    /// <summary>The same number at another scale, rounded half away from zero where digits are lost.</summary>
    public SqlNumeric WithScale(int scale)
    {
        if (scale == _scale || !IsFinite) return this;
        if (!_isBig)
        {
            if (TryScaleUp(_small, scale - _scale, out Int128 up) && scale > _scale) return new SqlNumeric(up, scale);
            if (scale < _scale && _scale - scale <= 37) return new SqlNumeric(DivideRounded(_small, PowersOfTen.Wide(_scale - scale)), scale);
        }

        return Rescale(Unscaled, _scale, scale);
    }

    /// <summary>Fits the number into numeric(precision, scale): rounds, then 22003 where a digit too many stands before the point.</summary>
    public SqlNumeric WithTypmod(int typmod)
    {
        if (typmod < 4) return this;
        int precision = (typmod - 4) >> 16, scale = (((typmod - 4) & 0x7FF) ^ 0x400) - 0x400;
        if (IsNaN) return this;
        if (!IsFinite) throw new SqlException(SqlState.NumericValueOutOfRange, "numeric field overflow", detail: $"A field with precision {precision}, scale {scale} cannot hold an infinite value.");
        SqlNumeric rounded = Round(scale);
        if (BigInteger.Abs(rounded.Unscaled) >= PowersOfTen.Big(Math.Max(0, precision - scale + rounded._scale))) throw FieldOverflow(precision, scale);
        return rounded;
    }

    public static SqlException FieldOverflow(int precision, int scale) => new(
        SqlState.NumericValueOutOfRange,
        "numeric field overflow",
        detail: $"A field with precision {precision}, scale {scale} must round to an absolute value less than {(precision == scale ? "1" : $"10^{precision - scale}")}.");

    /// <summary>Division that rounds half away from zero.</summary>
    public static Int128 DivideRounded(Int128 numerator, Int128 denominator)
    {
        Int128 quotient = numerator / denominator, remainder = numerator - quotient * denominator;
        if (Int128.Abs(remainder) >= Int128.Abs(denominator) - Int128.Abs(remainder)) quotient += (numerator < 0) == (denominator < 0) ? 1 : -1;
        return quotient;
    }

    private static BigInteger DivideRounded(BigInteger numerator, BigInteger denominator)
    {
        BigInteger quotient = BigInteger.DivRem(numerator, denominator, out BigInteger remainder);
        if (BigInteger.Abs(remainder) * 2 >= BigInteger.Abs(denominator)) quotient += numerator.Sign == denominator.Sign ? 1 : -1;
        return quotient;
    }

    private static SqlNumeric Rescale(BigInteger unscaled, int from, int to) =>
        to >= from ? new SqlNumeric(unscaled * PowersOfTen.Big(to - from), to) : new SqlNumeric(DivideRounded(unscaled, PowersOfTen.Big(from - to)), Math.Max(to, 0));

    /// <summary>Quotients that need no digits; division by zero is 22012.</summary>
    private static bool Special(SqlNumeric left, SqlNumeric right, out SqlNumeric result)
    {
        result = NaN;
        if (left.IsNaN || right.IsNaN) return true;
        if (right.IsZero) throw DivisionByZero();
        if (left.IsFinite && right.IsFinite) return false;
        if (left.IsFinite) result = Zero;
        else if (right.IsFinite) result = left.Sign * right.Sign > 0 ? PositiveInfinity : NegativeInfinity;
        return true;
    }

    /// <summary>PostgreSQL's select_div_scale: at least 16 significant digits, counted in base 10,000.</summary>
    public static int DivisionScale(SqlNumeric left, SqlNumeric right)
    {
        (int leftWeight, int leftFirst) = left.WeightOf();
        (int rightWeight, int rightFirst) = right.WeightOf();
        int quotientWeight = leftWeight - rightWeight - (leftFirst <= rightFirst ? 1 : 0);
        int scale = MinSignificantDigits - quotientWeight * 4;
        return Math.Min(Math.Max(scale, Math.Max((int)left._scale, right._scale)), MaxDisplayScale);
    }

    /// <summary>The number's weight in base 10,000 and its first digit there.</summary>
    internal (int Weight, int FirstDigit) WeightOf()
    {
        if (IsZero) return (0, 0);
        if (!_isBig)
        {
            int digits = PowersOfTen.DigitCount(_small);
            int weight = FloorDiv(digits - _scale - 1, 4);
            int drop = 4 * weight + _scale; // value / 10^(4 weight) = unscaled / 10^drop
            Int128 magnitude = Int128.Abs(_small);
            return (weight, (int)(drop >= 0 ? magnitude / PowersOfTen.Wide(drop) : magnitude * PowersOfTen.Wide(-drop)));
        }

        BigInteger big = BigInteger.Abs(_big);
        int bigDigits = DecimalDigits(big);
        int bigWeight = FloorDiv(bigDigits - _scale - 1, 4);
        int bigDrop = 4 * bigWeight + _scale;
        return (bigWeight, (int)(bigDrop >= 0 ? big / PowersOfTen.Big(bigDrop) : big * PowersOfTen.Big(-bigDrop)));
    }

    internal static int DecimalDigits(BigInteger magnitude)
    {
        if (magnitude.IsZero) return 1;
        int estimate = (int)((magnitude.GetBitLength() - 1) * 30103 / 100000);
        return magnitude >= PowersOfTen.Big(estimate + 1) ? estimate + 2 : magnitude >= PowersOfTen.Big(estimate) ? estimate + 1 : estimate;
    }

    private static int FloorDiv(int value, int divisor) => value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor);

    /// <summary>Refuses what PostgreSQL's format can't hold.</summary>
    private static SqlNumeric Bounded(BigInteger unscaled, int scale)
    {
        if (unscaled.GetBitLength() > 400_000 && DecimalDigits(BigInteger.Abs(unscaled)) - scale > MaxWholeDigits) throw Overflow();
        return new SqlNumeric(unscaled, scale);
    }

    public static SqlException Overflow() => new(SqlState.NumericValueOutOfRange, "value overflows numeric format");

    private static SqlException DivisionByZero() => new(SqlState.DivisionByZero, "division by zero");
}
