using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Operators and functions of bit strings, which are kept as their digits (PostgreSQL's documentation, chapter 9.6).</summary>
internal static class BitStringFunctions
{
    [SqlOperator("&", "bitand", Parameters = "bit, bit", Returns = "bit")] public static ByteSlice And(QueryContext context, ByteSlice a, ByteSlice b) => Combined(context, a, b, "AND", (x, y) => x & y);
    [SqlOperator("|", "bitor", Parameters = "bit, bit", Returns = "bit")] public static ByteSlice Or(QueryContext context, ByteSlice a, ByteSlice b) => Combined(context, a, b, "OR", (x, y) => x | y);
    [SqlOperator("#", "bitxor", Parameters = "bit, bit", Returns = "bit")] public static ByteSlice Xor(QueryContext context, ByteSlice a, ByteSlice b) => Combined(context, a, b, "XOR", (x, y) => (x ^ y) | '0');

    [SqlOperator("~", "bitnot", Parameters = "bit", Returns = "bit")]
    public static ByteSlice Not(QueryContext context, ByteSlice bits)
    {
        byte[] digits = bits.Span.ToArray();
        for (int i = 0; i < digits.Length; i++) digits[i] ^= 1;
        return context.Arena.Copy(digits);
    }

    [SqlOperator("<<", "bitshiftleft", Parameters = "bit, integer", Returns = "bit")] public static ByteSlice ShiftLeft(QueryContext context, ByteSlice bits, int count) => Shifted(context, bits, count);
    [SqlOperator(">>", "bitshiftright", Parameters = "bit, integer", Returns = "bit")] public static ByteSlice ShiftRight(QueryContext context, ByteSlice bits, int count) => Shifted(context, bits, -(long)count);
    [SqlOperator("||", "bitcat", Parameters = "varbit, varbit", Returns = "varbit")] public static ByteSlice Concat(QueryContext context, ByteSlice a, ByteSlice b) => context.Arena.Copy([.. a.Span, .. b.Span]);

    [SqlFunction("length", Parameters = "bit"), SqlFunction("bit_length", Parameters = "bit")] public static int Length(ByteSlice bits) => bits.Length;
    [SqlFunction("octet_length", Parameters = "bit")] public static int OctetLength(ByteSlice bits) => (bits.Length + 7) / 8;
    [SqlFunction("position", Parameters = "bit, bit")] public static int Position(ByteSlice bits, ByteSlice wanted) => bits.Span.IndexOf(wanted.Span) + 1;
    [SqlFunction("substring", Parameters = "bit, integer", Returns = "bit")] public static ByteSlice Substring(QueryContext context, ByteSlice bits, int start) => Part(context, bits, start, (long)bits.Length + 1);

    [SqlFunction("substring", Parameters = "bit, integer, integer", Returns = "bit")]
    public static ByteSlice Substring(QueryContext context, ByteSlice bits, int start, int count) => count < 0
        ? throw new SqlException(SqlState.SubstringError, "negative substring length not allowed")
        : Part(context, bits, start, (long)start + count);

    [SqlFunction("overlay", Parameters = "bit, bit, integer", Returns = "bit")] public static ByteSlice Overlay(QueryContext context, ByteSlice bits, ByteSlice other, int start) => Overlay(context, bits, other, start, other.Length);

    [SqlFunction("overlay", Parameters = "bit, bit, integer, integer", Returns = "bit")]
    public static ByteSlice Overlay(QueryContext context, ByteSlice bits, ByteSlice other, int start, int count)
    {
        if (start <= 0) throw new SqlException(SqlState.SubstringError, "negative substring length not allowed");
        int before = Math.Min(start - 1, bits.Length), after = (int)Math.Clamp((long)start - 1 + count, 0, bits.Length);
        return context.Arena.Copy([.. bits.Span[..before], .. other.Span, .. bits.Span[after..]]);
    }

    /// <summary>The digits from a place on up to in front of another; both count from 1 and may lie outside.</summary>
    private static ByteSlice Part(QueryContext context, ByteSlice bits, int start, long end)
    {
        int from = (int)Math.Clamp((long)start - 1, 0, bits.Length);
        return context.Arena.Copy(bits.Span[from..(int)Math.Clamp(end - 1, from, bits.Length)]);
    }

    /// <summary>Moved to the left, to the right for a negative count; the length stays.</summary>
    private static ByteSlice Shifted(QueryContext context, ByteSlice bits, long count)
    {
        byte[] digits = new byte[bits.Length];
        for (int i = 0; i < digits.Length; i++) digits[i] = i + count is >= 0 and var from && from < bits.Length ? bits.Span[(int)from] : (byte)'0';
        return context.Arena.Copy(digits);
    }

    private static ByteSlice Combined(QueryContext context, ByteSlice a, ByteSlice b, string name, Func<int, int, int> combine)
    {
        if (a.Length != b.Length) throw new SqlException(SqlState.StringDataLengthMismatch, $"cannot {name} bit strings of different sizes");
        byte[] digits = new byte[a.Length];
        for (int i = 0; i < digits.Length; i++) digits[i] = (byte)combine(a.Span[i], b.Span[i]);
        return context.Arena.Copy(digits);
    }
}
