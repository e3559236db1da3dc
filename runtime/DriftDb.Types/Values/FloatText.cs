using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace DriftDb.Types;

/// <summary>Text of float4 and float8: the shortest that reads back, with an exponent where PostgreSQL has one.</summary>
public static class FloatText
{
    public static void Write(ByteWriter writer, double value, int extraDigits)
    {
        if (WriteSpecial(writer, value)) return;
        Span<byte> buffer = stackalloc byte[40];
        int length;
        if (extraDigits > 0) value.TryFormat(buffer, out length, "R", CultureInfo.InvariantCulture);
        else value.TryFormat(buffer, out length, "G" + Math.Max(1, 15 + extraDigits), CultureInfo.InvariantCulture);
        Reformat(writer, buffer[..length], extraDigits > 0 ? 15 : Math.Max(1, 15 + extraDigits));
    }

    public static void Write(ByteWriter writer, float value, int extraDigits)
    {
        if (WriteSpecial(writer, value)) return;
        Span<byte> buffer = stackalloc byte[40];
        int length;
        if (extraDigits > 0) value.TryFormat(buffer, out length, "R", CultureInfo.InvariantCulture);
        else value.TryFormat(buffer, out length, "G" + Math.Max(1, 6 + extraDigits), CultureInfo.InvariantCulture);
        Reformat(writer, buffer[..length], extraDigits > 0 ? 6 : Math.Max(1, 6 + extraDigits));
    }

    private static bool WriteSpecial(ByteWriter writer, double value)
    {
        if (double.IsFinite(value)) return false;
        writer.Write(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8);
        return true;
    }

    /// <summary>.NET's digits in PostgreSQL's layout: fixed for exponents from -4 to <paramref name="threshold"/> - 1, else d.ddde±XX.</summary>
    private static void Reformat(ByteWriter writer, ReadOnlySpan<byte> text, int threshold)
    {
        Span<byte> digits = stackalloc byte[32];
        int count = 0, exponent = 0, at = 0;
        if (text[0] == '-')
        {
            writer.Write((byte)'-');
            at++;
        }

        int pointAfter = -1;
        for (; at < text.Length && text[at] != 'E'; at++)
        {
            if (text[at] == '.') pointAfter = count;
            else if (count < digits.Length) digits[count++] = text[at];
        }

        if (pointAfter < 0) pointAfter = count;
        if (at < text.Length) Utf8Parser.TryParse(text[(at + (text[at + 1] == '+' ? 2 : 1))..], out exponent, out _);
        int lead = 0;
        while (lead < count - 1 && digits[lead] == '0') lead++;
        digits = digits[lead..count];
        int scientific = exponent + pointAfter - lead - 1;
        int length = digits.Length;
        while (length > 1 && digits[length - 1] == '0') length--;
        digits = digits[..length];
        if (length == 1 && digits[0] == '0')
        {
            writer.Write((byte)'0');
            return;
        }

        if (scientific < -4 || scientific >= threshold)
        {
            writer.Write(digits[0]);
            if (length > 1)
            {
                writer.Write((byte)'.');
                writer.Write(digits[1..]);
            }

            writer.Write((byte)'e');
            writer.Write((byte)(scientific < 0 ? '-' : '+'));
            writer.WriteNumber(Math.Abs(scientific), 2);
        }
        else if (scientific < 0)
        {
            writer.Write("0."u8);
            for (int i = -1; i > scientific; i--) writer.Write((byte)'0');
            writer.Write(digits);
        }
        else if (length <= scientific + 1)
        {
            writer.Write(digits);
            for (int i = length; i <= scientific; i++) writer.Write((byte)'0');
        }
        else
        {
            writer.Write(digits[..(scientific + 1)]);
            writer.Write((byte)'.');
            writer.Write(digits[(scientific + 1)..]);
        }
    }

    public static double ParseDouble(ReadOnlySpan<byte> source)
    {
        ReadOnlySpan<byte> text = TextErrors.Trim(source);
        if (TrySpecial(text, out double special)) return special;
        if (text.IsEmpty || text[^1] is (byte)',' || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !LooksNumeric(text))
            throw TextErrors.InvalidSyntax("double precision", source);
        if (double.IsInfinity(value) || (value == 0 && HasDigit(text))) throw new SqlException(SqlState.NumericValueOutOfRange, $"\"{Encoding.UTF8.GetString(text)}\" is out of range for type double precision");
        return value;
    }

    public static float ParseSingle(ReadOnlySpan<byte> source)
    {
        ReadOnlySpan<byte> text = TextErrors.Trim(source);
        if (TrySpecial(text, out double special)) return (float)special;
        if (text.IsEmpty || !float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) || !LooksNumeric(text))
            throw TextErrors.InvalidSyntax("real", source);
        if (float.IsInfinity(value) || (value == 0 && HasDigit(text))) throw new SqlException(SqlState.NumericValueOutOfRange, $"\"{Encoding.UTF8.GetString(text)}\" is out of range for type real");
        return value;
    }

    private static bool TrySpecial(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        if (text.IsEmpty) return false;
        bool negative = text[0] == '-';
        ReadOnlySpan<byte> word = negative || text[0] == '+' ? text[1..] : text;
        if (Ascii.EqualsIgnoreCase(word, "infinity"u8) || Ascii.EqualsIgnoreCase(word, "inf"u8)) value = negative ? double.NegativeInfinity : double.PositiveInfinity;
        else if (Ascii.EqualsIgnoreCase(word, "nan"u8) && !negative) value = double.NaN;
        else return false;
        return true;
    }

    private static bool LooksNumeric(ReadOnlySpan<byte> text) => char.IsAsciiDigit((char)text[0]) || text[0] is (byte)'+' or (byte)'-' or (byte)'.';

    /// <summary>A digit other than 0 before the exponent: a zero result is then an underflow.</summary>
    private static bool HasDigit(ReadOnlySpan<byte> text)
    {
        foreach (byte c in text)
        {
            if (c is (byte)'e' or (byte)'E') return false;
            if (c is >= (byte)'1' and <= (byte)'9') return true;
        }

        return false;
    }
}
