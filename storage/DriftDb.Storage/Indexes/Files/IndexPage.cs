using System.Buffers.Binary;
using System.IO.Hashing;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// How pages of index files are laid out (docs/storage-format.md). Every page begins with 24 bytes: <c>[u32 crc32][u8 level][u8 0][u16 entries][u32 pages][u32 prefix length][i64 base row]</c>, then a leaf has its
/// base time; entries follow, and at the page's very end the entries' offsets, last first. A page takes one unit of 8 KiB, or several where a single key is that long.
/// </summary>
internal static class IndexPage
{
    public const int UnitBytes = 8192;

    /// <summary>Head of an inner page and, with the base time, of a leaf.</summary>
    public const int InnerHeadBytes = 24, LeafHeadBytes = 32;

    public static int Level(byte[] page) => page[4];

    public static int Count(byte[] page) => BinaryPrimitives.ReadUInt16LittleEndian(page.AsSpan(6));

    /// <summary>Units of 8 KiB that the page takes.</summary>
    public static int Units(ReadOnlySpan<byte> page) => (int)BinaryPrimitives.ReadUInt32LittleEndian(page[8..]);

    public static int PrefixLength(byte[] page) => (int)BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(12));

    public static long BaseRow(byte[] page) => BinaryPrimitives.ReadInt64LittleEndian(page.AsSpan(16));

    public static long BaseTime(byte[] page) => BinaryPrimitives.ReadInt64LittleEndian(page.AsSpan(24));

    /// <summary>Bytes of an entry's offset: two are enough in a page of one unit.</summary>
    public static int OffsetWidth(int units) => units == 1 ? 2 : 4;

    /// <summary>Where an entry begins.</summary>
    public static int OffsetOf(byte[] page, int entry)
    {
        if (page.Length == UnitBytes) return BinaryPrimitives.ReadUInt16LittleEndian(page.AsSpan(UnitBytes - 2 * (entry + 1)));
        return (int)BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(page.Length - 4 * (entry + 1)));
    }

    public static void SetOffset(Span<byte> page, int entry, int offset)
    {
        if (page.Length == UnitBytes) BinaryPrimitives.WriteUInt16LittleEndian(page[(UnitBytes - 2 * (entry + 1))..], (ushort)offset);
        else BinaryPrimitives.WriteUInt32LittleEndian(page[(page.Length - 4 * (entry + 1))..], (uint)offset);
    }

    /// <summary>Over the file's identity, the page's number and all of the page behind the checksum: a page of another file or another place is never taken for this one.</summary>
    public static uint Checksum(ReadOnlySpan<byte> page, ulong identity, uint number)
    {
        var crc = new Crc32();
        Span<byte> seed = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(seed, identity);
        BinaryPrimitives.WriteUInt32LittleEndian(seed[8..], number);
        crc.Append(seed);
        crc.Append(page[4..]);
        return crc.GetCurrentHashAsUInt32();
    }

    public static int WriteVarint(Span<byte> target, ulong value)
    {
        int length = 0;
        while (value >= 0x80)
        {
            target[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[length++] = (byte)value;
        return length;
    }

    public static ulong ReadVarint(byte[] page, ref int offset)
    {
        ulong value = page[offset++];
        if (value < 0x80) return value;
        value &= 0x7F;
        for (int shift = 7; shift < 64; shift += 7)
        {
            byte next = page[offset++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }

        throw new SqlException(SqlState.DataCorrupted, "an index page has a number that is too long");
    }

    /// <summary>A leaf's entry behind its key.</summary>
    public static IndexRecord RecordAt(byte[] leaf, int offset)
    {
        long rowId = BaseRow(leaf) + (long)ReadVarint(leaf, ref offset);
        long time = BaseTime(leaf) + (long)ReadVarint(leaf, ref offset);
        ulong fate = ReadVarint(leaf, ref offset);
        return new IndexRecord(rowId, time, fate switch { 0 => IndexRecord.Living, 1 => IndexRecord.Tombstone, _ => time + (long)fate - 1 });
    }

    public static int VarintBytes(ulong value) => (System.Numerics.BitOperations.Log2(value | 1) + 7) / 7;
}
