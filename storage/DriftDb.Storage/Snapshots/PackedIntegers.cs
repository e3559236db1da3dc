using System.Buffers.Binary;

namespace DriftDb.Storage;

/// <summary>
/// Integers as few bytes each as their range needs, from a base (frame of reference) or from the value before, whichever is narrower; byte k of all values lies together, because zstd compresses that better.
/// <c>[u8 mode][u8 width][i64 base][i64 start][width planes of count bytes]</c>: mode 0: value = base + u; mode 1: value = value before (at first: start) + base + u.
/// </summary>
internal static class PackedIntegers
{
    private const int HeaderBytes = 18;

    public static byte[] Encode(ReadOnlySpan<long> values)
    {
        long minimum = long.MaxValue, maximum = long.MinValue, leastStep = long.MaxValue, mostStep = long.MinValue;
        long before = values.Length > 0 ? values[0] : 0;
        foreach (long value in values)
        {
            minimum = Math.Min(minimum, value);
            maximum = Math.Max(maximum, value);
            long step = unchecked(value - before);
            leastStep = Math.Min(leastStep, step);
            mostStep = Math.Max(mostStep, step);
            before = value;
        }

        int plain = WidthOf(unchecked((ulong)maximum - (ulong)minimum)), delta = WidthOf(unchecked((ulong)mostStep - (ulong)leastStep));
        bool isDelta = values.Length > 0 && delta < plain;
        int width = values.Length == 0 ? 0 : isDelta ? delta : plain;
        long from = values.Length == 0 ? 0 : isDelta ? leastStep : minimum, start = values.Length == 0 ? 0 : values[0];
        byte[] bytes = new byte[HeaderBytes + width * values.Length];
        bytes[0] = isDelta ? (byte)1 : (byte)0;
        bytes[1] = (byte)width;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(2), from);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(10), start);
        before = start;
        for (int i = 0; i < values.Length && width > 0; i++)
        {
            ulong rest = unchecked((ulong)((isDelta ? values[i] - before : values[i]) - from));
            before = values[i];
            for (int k = 0, at = HeaderBytes + i; k < width; k++, at += values.Length, rest >>= 8) bytes[at] = (byte)rest;
        }

        return bytes;
    }

    /// <summary>Fills the whole target; throws where the bytes don't hold exactly so many values.</summary>
    public static void Decode(ReadOnlySpan<byte> bytes, Span<long> target)
    {
        int width = bytes.Length < HeaderBytes ? -1 : bytes[1];
        if (width is < 0 or > 8 || bytes.Length != HeaderBytes + width * target.Length) throw EventReader.Corrupt("a column of integers has the wrong length");
        long from = BinaryPrimitives.ReadInt64LittleEndian(bytes[2..]), value = BinaryPrimitives.ReadInt64LittleEndian(bytes[10..]);
        bool isDelta = bytes[0] == 1;
        ReadOnlySpan<byte> planes = bytes[HeaderBytes..];
        target.Clear();
        for (int k = 0; k < width; k++)
        {
            ReadOnlySpan<byte> plane = planes.Slice(k * target.Length, target.Length);
            int shift = k * 8;
            for (int i = 0; i < plane.Length; i++) target[i] |= (long)((ulong)plane[i] << shift);
        }

        for (int i = 0; i < target.Length; i++)
        {
            value = unchecked(isDelta ? value + from + target[i] : from + target[i]);
            target[i] = value;
        }
    }

    private static int WidthOf(ulong range) => range switch { 0 => 0, <= 0xFF => 1, <= 0xFFFF => 2, <= 0xFFFFFF => 3, <= 0xFFFFFFFF => 4, <= 0xFF_FFFF_FFFF => 5, <= 0xFFFF_FFFF_FFFF => 6, <= 0xFF_FFFF_FFFF_FFFF => 7, _ => 8 };
}
