using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace DriftDb.Types;

/// <summary>Text forms, and conversions from and to floats and integers.</summary>
public readonly partial struct SqlNumeric
{
    public void WriteText(IBufferWriter<byte> writer)
    {
        if (_kind != NumericKind.Finite)
        {
            writer.Write(_kind switch { NumericKind.NaN => "NaN"u8, NumericKind.PositiveInfinity => "Infinity"u8, _ => "-Infinity"u8 });
            return;
        }

        if (_isBig) WriteDigits(writer, _big.Sign < 0, System.Text.Encoding.ASCII.GetBytes(BigInteger.Abs(_big).ToString(CultureInfo.InvariantCulture)), _scale);
        else WriteFixed(writer, _small, _scale);
    }

    /// <summary>Writes a scaled integer as a decimal with exactly <paramref name="scale"/> digits after the point.</summary>
    public static void WriteFixed(IBufferWriter<byte> writer, Int128 unscaled, int scale)
    {
        Span<byte> digits = stackalloc byte[48];
        UInt128 magnitude = unscaled < 0 ? (UInt128)(-unscaled) : (UInt128)unscaled;
        int length;
        if (magnitude <= ulong.MaxValue) ((ulong)magnitude).TryFormat(digits, out length, default, CultureInfo.InvariantCulture);
        else magnitude.TryFormat(digits, out length, default, CultureInfo.InvariantCulture);
        WriteDigits(writer, unscaled < 0, digits[..length], scale);
    }

    private static void WriteDigits(IBufferWriter<byte> writer, bool negative, ReadOnlySpan<byte> digits, int scale)
    {
        int whole = Math.Max(1, digits.Length - scale);
        int length = (negative ? 1 : 0) + whole + (scale > 0 ? 1 + scale : 0);
        Span<byte> text = writer.GetSpan(length)[..length];
        int at = 0;
        if (negative) text[at++] = (byte)'-';
        int wholeDigits = digits.Length - scale;
        if (wholeDigits <= 0) text[at++] = (byte)'0';
        else
        {
            digits[..wholeDigits].CopyTo(text[at..]);
            at += wholeDigits;
        }

        if (scale > 0)
        {
            text[at++] = (byte)'.';
            int zeros = Math.Max(0, scale - digits.Length);
            text.Slice(at, zeros).Fill((byte)'0');
            digits[Math.Max(0, wholeDigits)..].CopyTo(text[(at + zeros)..]);
        }

        writer.Advance(length);
    }

    public static SqlNumeric Parse(string text) => Parse(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Reads PostgreSQL's input form: digits, point, exponent, NaN, Infinity; 22P02 on anything else.</summary>
    public static SqlNumeric Parse(ReadOnlySpan<byte> text) =>
        TryParse(text, out SqlNumeric value) ? value : throw TextErrors.InvalidSyntax("numeric", text);

    public static bool TryParse(ReadOnlySpan<byte> source, out SqlNumeric value)
    {
        ReadOnlySpan<byte> text = TextErrors.Trim(source);
        value = default;
        if (text.IsEmpty) return false;
        int at = 0;
        bool negative = text[0] == '-';
        if (text[0] is (byte)'-' or (byte)'+') at++;
        if (at < text.Length && !char.IsAsciiDigit((char)text[at]) && text[at] != '.')
        {
            ReadOnlySpan<byte> word = text[at..];
            if (at == 0 && Ascii.EqualsIgnoreCase(word, "nan"u8)) value = NaN;
            else if (Ascii.EqualsIgnoreCase(word, "infinity"u8) || Ascii.EqualsIgnoreCase(word, "inf"u8)) value = negative ? NegativeInfinity : PositiveInfinity;
            else return false;
            return true;
        }

        Int128 small = 0;
        int scale = 0, digits = 0, significant = 0, start = at;
        bool point = false;
        for (; at < text.Length; at++)
        {
            byte c = text[at];
            if (c == '.')
            {
                if (point) return false;
                point = true;
                continue;
            }

            if (c == '_' && digits > 0 && at + 1 < text.Length && char.IsAsciiDigit((char)text[at + 1]) && text[at - 1] != '.') continue;
            if (!char.IsAsciiDigit((char)c)) break;
            digits++;
            if (point) scale++;
            if (significant > 0 || c != '0') significant++;
            if (significant <= 37) small = small * 10 + (c - '0');
        }

        if (digits == 0) return false;
        int end = at;
        int exponent = 0;
        if (at < text.Length)
        {
            if (text[at] is not ((byte)'e' or (byte)'E')) return false;
            if (!int.TryParse(text[(at + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)) return false;
            if (exponent is < -20_000 or > 200_000) throw new SqlException(SqlState.NumericValueOutOfRange, exponent > 0 ? "value overflows numeric format" : "numeric field overflow");
        }

        BigInteger big = default;
        if (significant > 37)
        {
            // Digits only, without point and separators.
            char[] run = new char[digits];
            int n = 0;
            foreach (byte c in text[start..end]) if (char.IsAsciiDigit((char)c)) run[n++] = (char)c;
            big = BigInteger.Parse(run, NumberStyles.None, CultureInfo.InvariantCulture);
        }
        else if (exponent == 0)
        {
            value = new SqlNumeric(negative ? -small : small, scale);
            if (scale > MaxScale) value = value.Round(MaxScale);
            return true;
        }
        else big = small;

        if (negative) big = -big;
        scale -= exponent;
        if (scale < 0)
        {
            big *= PowersOfTen.Big(-scale);
            scale = 0;
        }

        value = scale > MaxScale ? Rescale(big, scale, MaxScale) : Bounded(big, scale);
        return true;
    }

    /// <summary>From a double with its 15 significant digits, as PostgreSQL's cast; from a real with 6.</summary>
    public static SqlNumeric FromDouble(double value, int significantDigits = 15)
    {
        if (double.IsNaN(value)) return NaN;
        if (double.IsInfinity(value)) return value > 0 ? PositiveInfinity : NegativeInfinity;
        SqlNumeric parsed = Parse(value.ToString("E" + (significantDigits - 1), CultureInfo.InvariantCulture));
        return parsed.WithoutTrailingZeros();
    }

    public double ToDouble() => _kind switch
    {
        NumericKind.NaN => double.NaN,
        NumericKind.PositiveInfinity => double.PositiveInfinity,
        NumericKind.NegativeInfinity => double.NegativeInfinity,
        _ when _scale == 0 && !_isBig && _small == (long)_small && Math.Abs((double)(long)_small) < 1L << 53 => (long)_small,
        _ when _scale <= 22 && !_isBig && Int128.Abs(_small) < (Int128)1 << 53 => (double)(long)_small / Math.Pow(10, _scale),
        _ => double.Parse(ToString(), CultureInfo.InvariantCulture),
    };

    /// <summary>As double precision; 22003 when it is too large for that.</summary>
    public double ToFloat8()
    {
        double value = ToDouble();
        return double.IsInfinity(value) && IsFinite ? throw OutOfRange("double precision") : value;
    }

    /// <summary>As real; 22003 when it is too large for that.</summary>
    public float ToFloat4()
    {
        float value = (float)ToDouble();
        return float.IsInfinity(value) && IsFinite ? throw OutOfRange("real") : value;
    }

    private SqlException OutOfRange(string type) => new(SqlState.NumericValueOutOfRange, $"\"{ToString()}\" is out of range for type {type}");

    /// <summary>The nearest whole number, halves away from zero; false when it isn't finite or doesn't fit.</summary>
    public bool TryToInt64(out long value)
    {
        value = 0;
        if (!IsFinite) return false;
        SqlNumeric rounded = WithScale(0);
        if (rounded._isBig || rounded._small != (long)rounded._small) return false;
        value = (long)rounded._small;
        return true;
    }

    /// <summary>The unscaled integer at a scale, rounded; false when not finite or beyond Int128.</summary>
    public bool TryToFixed(int scale, out Int128 unscaled)
    {
        unscaled = 0;
        if (!IsFinite) return false;
        SqlNumeric rounded = WithScale(scale);
        unscaled = rounded._small;
        return !rounded._isBig;
    }
}
