using System.Numerics;
using System.Security.Cryptography;
using DriftDb.Types;
using Org.BouncyCastle.Crypto.Digests;

namespace DriftDb.Runtime;

/// <summary>Single bytes and bits of bytea and of bit strings, and digests. A bytea counts the bits of a byte from its lowest, a bit string from its left.</summary>
internal static class BinaryFunctions
{
    [SqlFunction("sha224", Parameters = "bytea", Returns = "bytea")]
    public static byte[] Sha224(ByteSlice bytes)
    {
        // .NET hasn't got this one.
        var digest = new Sha224Digest();
        digest.BlockUpdate(bytes.Span);
        byte[] result = new byte[digest.GetDigestSize()];
        digest.DoFinal(result);
        return result;
    }

    [SqlFunction("sha256", Parameters = "bytea", Returns = "bytea")] public static byte[] Sha256(ByteSlice bytes) => SHA256.HashData(bytes.Span);
    [SqlFunction("sha384", Parameters = "bytea", Returns = "bytea")] public static byte[] Sha384(ByteSlice bytes) => SHA384.HashData(bytes.Span);
    [SqlFunction("sha512", Parameters = "bytea", Returns = "bytea")] public static byte[] Sha512(ByteSlice bytes) => SHA512.HashData(bytes.Span);

    [SqlFunction("get_byte", Parameters = "bytea, integer")]
    public static int GetByte(ByteSlice bytes, int index) => bytes.Span[Checked(index, bytes.Length)];

    [SqlFunction("set_byte", Parameters = "bytea, integer, integer", Returns = "bytea")]
    public static byte[] SetByte(ByteSlice bytes, int index, int value)
    {
        byte[] changed = bytes.Span.ToArray();
        changed[Checked(index, changed.Length)] = (byte)value;
        return changed;
    }

    [SqlFunction("get_bit", Parameters = "bytea, bigint")]
    public static int GetBit(ByteSlice bytes, long index) => bytes.Span[(int)(Checked(index, bytes.Length * 8L) / 8)] >> (int)(index % 8) & 1;

    [SqlFunction("set_bit", Parameters = "bytea, bigint, integer", Returns = "bytea")]
    public static byte[] SetBit(ByteSlice bytes, long index, int bit)
    {
        byte[] changed = bytes.Span.ToArray();
        int place = (int)(Checked(index, changed.Length * 8L) / 8), mask = 1 << (int)(index % 8);
        changed[place] = (byte)(IsSet(bit) ? changed[place] | mask : changed[place] & ~mask);
        return changed;
    }

    [SqlFunction("bit_count", Parameters = "bytea")]
    public static long BitCount(ByteSlice bytes)
    {
        long count = 0;
        foreach (byte value in bytes.Span) count += BitOperations.PopCount(value);
        return count;
    }

    [SqlFunction("get_bit", Parameters = "bit, integer")] public static int GetBitOfString(ByteSlice digits, int index) => digits.Span[CheckedBit(index, digits.Length)] - '0';

    [SqlFunction("set_bit", Parameters = "bit, integer, integer", Returns = "bit")]
    public static ByteSlice SetBitOfString(QueryContext context, ByteSlice digits, int index, int bit)
    {
        byte[] changed = digits.Span.ToArray();
        changed[CheckedBit(index, changed.Length)] = (byte)(IsSet(bit) ? '1' : '0');
        return context.Arena.Copy(changed);
    }

    [SqlFunction("bit_count", Parameters = "bit")] public static long BitCountOfString(ByteSlice digits) => digits.Span.Count((byte)'1');

    private static bool IsSet(int bit) => bit is 0 or 1 ? bit == 1 : throw new SqlException(SqlState.InvalidParameterValue, "new bit must be 0 or 1");

    private static int Checked(int index, int length) => (int)Checked((long)index, length);

    private static long Checked(long index, long length) =>
        index >= 0 && index < length ? index : throw new SqlException(SqlState.ArraySubscriptError, $"index {index} out of valid range, 0..{length - 1}");

    private static int CheckedBit(int index, int length) =>
        index >= 0 && index < length ? index : throw new SqlException(SqlState.ArraySubscriptError, $"bit index {index} out of valid range (0..{length - 1})");
}
