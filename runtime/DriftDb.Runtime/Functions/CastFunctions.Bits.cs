using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Casts of bit strings. Their stored form is the digits, so that a longer string is cut and a shorter one filled at the right.</summary>
internal static unsafe partial class CastFunctions
{
    [Cast(TypeId.Bit, TypeId.Bit), Cast(TypeId.VarBit, TypeId.Bit)]
    private static ByteSlice BitsToBit(QueryContext context, ByteSlice value, SqlType to, bool isExplicit)
    {
        if (to.Typmod <= 0 || value.Length == to.Typmod) return value;
        if (!isExplicit) throw new SqlException(SqlState.StringDataLengthMismatch, $"bit string length {value.Length} does not match type bit({to.Typmod})");
        byte[] digits = new byte[to.Typmod];
        digits.AsSpan().Fill((byte)'0');
        value.Span[..Math.Min(value.Length, digits.Length)].CopyTo(digits);
        return context.Arena.Copy(digits);
    }

    [Cast(TypeId.Bit, TypeId.VarBit), Cast(TypeId.VarBit, TypeId.VarBit)]
    private static ByteSlice BitsToVarBit(QueryContext context, ByteSlice value, SqlType to, bool isExplicit)
    {
        if (to.Typmod <= 0 || value.Length <= to.Typmod) return value;
        if (!isExplicit) throw new SqlException(SqlState.StringDataRightTruncation, $"bit string too long for type bit varying({to.Typmod})");
        return context.Arena.Copy(value.Span[..to.Typmod]);
    }

    [Cast(TypeId.Int4, TypeId.Bit)]
    private static ByteSlice Int32ToBit(QueryContext context, int value, SqlType to) => Digits(context, value, Math.Max(to.Typmod, 1));

    [Cast(TypeId.Int8, TypeId.Bit)]
    private static ByteSlice Int64ToBit(QueryContext context, long value, SqlType to) => Digits(context, value, Math.Max(to.Typmod, 1));

    [Cast(TypeId.Bit, TypeId.Int4)]
    private static int BitToInt32(ByteSlice value) => (int)Number(value, 32, "integer");

    [Cast(TypeId.Bit, TypeId.Int8)]
    private static long BitToInt64(ByteSlice value) => Number(value, 64, "bigint");

    /// <summary>The lowest bits of a number, with its sign in front of the highest.</summary>
    private static ByteSlice Digits(QueryContext context, long value, int length)
    {
        byte[] digits = new byte[length];
        for (int i = 0; i < length; i++)
        {
            int shift = Math.Min(length - 1 - i, 63);
            digits[i] = (byte)('0' + ((value >> shift) & 1));
        }

        return context.Arena.Copy(digits);
    }

    private static long Number(ByteSlice digits, int width, string type)
    {
        if (digits.Length > width) throw new SqlException(SqlState.NumericValueOutOfRange, $"{type} out of range");
        ulong number = 0;
        foreach (byte digit in digits.Span) number = number << 1 | (uint)(digit - '0');
        return (long)number;
    }
}
