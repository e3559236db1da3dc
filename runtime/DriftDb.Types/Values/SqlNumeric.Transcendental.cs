using System.Numerics;

namespace DriftDb.Types;

/// <summary>Roots, powers and logarithms, in fixed-point integers with digits to spare, rounded to PostgreSQL's scales.</summary>
public readonly partial struct SqlNumeric
{
    private const int GuardDigits = 12;

    public static SqlNumeric Sqrt(SqlNumeric value)
    {
        if (!value.IsFinite) return value._kind == NumericKind.NegativeInfinity ? throw Negative() : value;
        if (value.Sign < 0) throw Negative();
        (int weight, _) = value.WeightOf();
        int sweight = weight >= 0 ? (weight + 1) * 4 / 2 - 1 : 1 - (-weight * 4 + 1) / 2;
        int scale = Math.Clamp(Math.Max(MinSignificantDigits - sweight, value._scale), 0, MaxDisplayScale);
        // The root at two digits more than shown, then rounded.
        BigInteger scaled = value.Unscaled * PowersOfTen.Big(2 * (scale + 2) - value._scale + (value._scale > 2 * (scale + 2) ? value._scale : 0));
        int rootScale = scale + 2 + (value._scale > 2 * (scale + 2) ? value._scale / 2 : 0);
        return Rescale(Root(scaled), rootScale, scale);

        static SqlException Negative() => new(SqlState.InvalidArgumentForPowerFunction, "cannot take square root of a negative number");
    }

    public static SqlNumeric Exp(SqlNumeric value)
    {
        if (!value.IsFinite) return value._kind == NumericKind.NegativeInfinity ? Zero : value;
        double approximate = value.ToDouble();
        if (approximate > 300_000) throw Overflow();
        int digits = (int)(approximate * 0.434294481903252);
        int scale = Math.Clamp(Math.Max(MinSignificantDigits - digits, value._scale), 0, MaxDisplayScale);
        if (approximate < -5000) return new SqlNumeric(Int128.Zero, scale);
        int work = scale + Math.Max(0, digits) + GuardDigits;
        return Rescale(ExpFixed(value.Fixed(work), work), work, scale);
    }

    public static SqlNumeric Ln(SqlNumeric value)
    {
        CheckLogarithm(value);
        if (!value.IsFinite) return value;
        int scale = LnScale(value);
        int work = scale + GuardDigits;
        return Rescale(LnFixed(value, work), work, scale);
    }

    public static SqlNumeric Log(SqlNumeric b, SqlNumeric value)
    {
        CheckLogarithm(b);
        CheckLogarithm(value);
        if (!b.IsFinite || !value.IsFinite) return b.IsNaN || value.IsNaN ? NaN : value;
        int work = 60;
        BigInteger numerator = LnFixed(value, work), denominator = LnFixed(b, work);
        if (denominator.IsZero) throw DivisionByZero();
        double approximate = BigInteger.Log10(BigInteger.Max(1, BigInteger.Abs(numerator))) - BigInteger.Log10(BigInteger.Max(1, BigInteger.Abs(denominator)));
        int digits = (int)approximate;
        int scale = Math.Clamp(Math.Max(MinSignificantDigits - digits, Math.Max(b._scale, value._scale)), 0, MaxDisplayScale);
        if (scale > work - GuardDigits)
        {
            work = scale + GuardDigits;
            (numerator, denominator) = (LnFixed(value, work), LnFixed(b, work));
        }

        return new SqlNumeric(DivideRounded(numerator * PowersOfTen.Big(scale), denominator), scale);
    }

    public static SqlNumeric Power(SqlNumeric value, SqlNumeric exponent)
    {
        if (value.IsNaN) return exponent.IsZero ? One : NaN;
        if (exponent.IsNaN) return value.CompareTo(One) == 0 ? One : NaN;
        if (!value.IsFinite || !exponent.IsFinite) return FromDouble(Math.Pow(value.ToDouble(), exponent.ToDouble()));
        if (value.IsZero)
        {
            if (exponent.Sign < 0) throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined");
            return exponent.IsZero ? One.WithScale(MinSignificantDigits) : Zero.WithScale(MinSignificantDigits);
        }

        bool whole = exponent.Truncate(0).CompareTo(exponent) == 0;
        if (value.Sign < 0 && !whole) throw new SqlException(SqlState.InvalidArgumentForPowerFunction, "a negative number raised to a non-integer power yields a complex result");
        // As power_var: the result's decimal weight decides the scale.
        double logarithm = BigInteger.Log10(BigInteger.Abs(value.Unscaled)) - value._scale;
        double resultDigits = logarithm * exponent.ToDouble();
        if (resultDigits > MaxWholeDigits) throw Overflow();
        int scale = Math.Clamp(Math.Max(MinSignificantDigits - (int)resultDigits, Math.Max(value._scale, exponent._scale)), 0, MaxDisplayScale);
        if (resultDigits < -MaxDisplayScale - 1) return new SqlNumeric(Int128.Zero, scale);
        if (whole && exponent.TryToInt64(out long n) && Math.Abs(n) <= 10_000)
        {
            scale = Math.Min(Math.Max(MinSignificantDigits, (int)value._scale), MaxDisplayScale);
            BigInteger power = BigInteger.Pow(value.Unscaled, (int)Math.Abs(n));
            int powerScale = value._scale * (int)Math.Abs(n);
            return n >= 0 ? Rescale(power, powerScale, scale) : new SqlNumeric(DivideRounded(PowersOfTen.Big(scale + powerScale), power), scale);
        }

        int work = scale + Math.Max(0, (int)resultDigits) + GuardDigits + 10;
        BigInteger product = LnFixed(Abs(value), work) * exponent.Fixed(work) / PowersOfTen.Big(work);
        BigInteger result = ExpFixed(product, work);
        if (value.Sign < 0 && !exponent.Unscaled.IsEven) result = -result;
        return Rescale(result, work, scale);
    }

    private static void CheckLogarithm(SqlNumeric value)
    {
        if (value.IsNaN) return;
        if (value.IsZero) throw new SqlException(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of zero");
        if (value.Sign < 0) throw new SqlException(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of a negative number");
    }

    private static int LnScale(SqlNumeric value)
    {
        double logarithm = (BigInteger.Log10(value.Unscaled) - value._scale) * 2.302585092994046;
        int digits = logarithm == 0 ? 0 : (int)Math.Log10(Math.Abs(logarithm)); // truncated, as estimate_ln_dweight
        return Math.Clamp(Math.Max(MinSignificantDigits - digits, value._scale), 0, MaxDisplayScale);
    }

    /// <summary>The value times 10^<paramref name="digits"/>.</summary>
    private BigInteger Fixed(int digits) => digits >= _scale ? Unscaled * PowersOfTen.Big(digits - _scale) : DivideRounded(Unscaled, PowersOfTen.Big(_scale - digits));

    private static BigInteger ExpFixed(BigInteger x, int digits)
    {
        // e^x = (e^(x / 2^k))^(2^k), the inner one by its series.
        BigInteger one = PowersOfTen.Big(digits + 20);
        BigInteger scaled = x * PowersOfTen.Big(20);
        int halvings = (int)Math.Max(0, (long)BigInteger.Abs(scaled).GetBitLength() - one.GetBitLength() + 8);
        BigInteger extra = PowersOfTen.Big(halvings / 3 + 2);
        one *= extra;
        BigInteger reduced = (scaled * extra) >> halvings;
        BigInteger sum = one, term = one;
        for (int n = 1; !term.IsZero; n++)
        {
            term = term * reduced / one / n;
            sum += term;
        }

        for (int i = 0; i < halvings; i++) sum = sum * sum / one;
        return DivideRounded(sum, PowersOfTen.Big(20) * extra);
    }

    private static BigInteger LnFixed(SqlNumeric value, int digits)
    {
        // Newton's iteration y += 2 (v - e^y) / (v + e^y), from the double's logarithm, triples the digits each time.
        double start = (BigInteger.Log10(value.Unscaled) - value._scale) * 2.302585092994045684;
        BigInteger v = value.Fixed(digits + 10 + Math.Max(0, (int)(-start / 2.3)));
        int work = digits + 10 + Math.Max(0, (int)(-start / 2.3));
        BigInteger y = (BigInteger)(start * 1e15) * PowersOfTen.Big(Math.Max(0, work - 15));
        if (work < 15) y = (BigInteger)(start * Math.Pow(10, work));
        for (int correct = 14; ; correct *= 3)
        {
            BigInteger e = ExpFixed(y, work);
            y += 2 * (v - e) * PowersOfTen.Big(work) / (v + e);
            if (correct >= work) break;
        }

        return DivideRounded(y, PowersOfTen.Big(work - digits));
    }

    private static BigInteger Root(BigInteger value)
    {
        if (value.IsZero) return value;
        BigInteger root = BigInteger.One << (int)((value.GetBitLength() + 1) / 2);
        while (true)
        {
            BigInteger next = (root + value / root) >> 1;
            if (next >= root) return root;
            root = next;
        }
    }
}
