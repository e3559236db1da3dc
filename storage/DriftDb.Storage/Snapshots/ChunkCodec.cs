using System.Buffers;
using System.Runtime.InteropServices;
using DriftDb.Types;
using MessagePack;

namespace DriftDb.Storage;

/// <summary>The blocks of a chunk as MessagePack: rows (begin, row id), chain (previous, jump, depth), ends, and one block a column (validity, data, heap). Numbers are packed (<see cref="PackedIntegers"/>).</summary>
internal static class ChunkCodec
{
    public static void WriteLongs(IBufferWriter<byte> target, ReadOnlySpan<long> column)
    {
        var writer = new MessagePackWriter(target);
        writer.Write(PackedIntegers.Encode(column));
        writer.Flush();
    }

    public static void WriteLongs(IBufferWriter<byte> target, ReadOnlySpan<long> first, ReadOnlySpan<long> second)
    {
        WriteLongs(target, first);
        WriteLongs(target, second);
    }

    /// <summary>The links of the chunk's first rows.</summary>
    public static void WriteChain(IBufferWriter<byte> target, ColumnChunk chunk, int count)
    {
        WriteLongs(target, chunk.Previous.AsSpan(0, count), chunk.Jump.AsSpan(0, count));
        WriteLongs(target, Array.ConvertAll(chunk.Depth![..count], static depth => (long)depth));
    }

    public static long[][] DecodeLongs(byte[] raw, int columns, int count)
    {
        var reader = new MessagePackReader(raw);
        long[][] decoded = new long[columns][];
        for (int i = 0; i < columns; i++)
        {
            decoded[i] = GC.AllocateUninitializedArray<long>(Math.Max(1, count), pinned: true);
            PackedIntegers.Decode(EventReader.Binary(ref reader), decoded[i].AsSpan(0, count));
        }

        return decoded;
    }

    /// <summary>The first rows of a column.</summary>
    /// <returns>Bytes of the heap that they use.</returns>
    public static int WriteColumn(IBufferWriter<byte> target, ChunkColumn column, int count)
    {
        var writer = new MessagePackWriter(target);
        int heapBytes = WriteColumn(ref writer, column, count);
        writer.Flush();
        return heapBytes;
    }

    private static int WriteColumn(ref MessagePackWriter writer, ChunkColumn column, int count)
    {
        if (column.Validity is { } validity) writer.Write(Prefix(validity, count));
        else writer.WriteNil();
        if (column.Kind != PhysicalKind.Bytes)
        {
            writer.Write(EncodeData(column.Kind, column.Data, count));
            writer.WriteNil();
            return 0;
        }

        long[] lengths = new long[count];
        ReadOnlySpan<ulong> entries = MemoryMarshal.Cast<byte, ulong>(column.Data.AsSpan(0, count * 8));
        long total = 0;
        for (int i = 0; i < count; i++) total += lengths[i] = (long)(entries[i] >> 32);
        writer.Write(PackedIntegers.Encode(lengths));
        writer.Write(column.Heap is { } heap ? heap.AsSpan(0, (int)total) : []);
        return (int)total;
    }

    public static (byte[] Data, byte[]? Validity, byte[]? Heap) DecodeColumn(byte[] raw, PhysicalKind kind, int count)
    {
        var reader = new MessagePackReader(raw);
        byte[]? validity = null;
        if (!reader.TryReadNil())
        {
            validity = GC.AllocateArray<byte>((count + 63) / 64 * 8, pinned: true);
            ReadOnlySpan<byte> bits = EventReader.Binary(ref reader);
            if (bits.Length != (count + 7) / 8) throw EventReader.Corrupt("a validity bitmap has the wrong length");
            bits.CopyTo(validity);
        }

        int width = kind.ColumnWidthBytes();
        byte[] data = GC.AllocateUninitializedArray<byte>(Math.Max(8, count * width), pinned: true);
        ReadOnlySpan<byte> packed = EventReader.Binary(ref reader);
        if (kind != PhysicalKind.Bytes)
        {
            DecodeData(kind, packed, data, count);
            return (data, validity, null);
        }

        long[] lengths = new long[count];
        PackedIntegers.Decode(packed, lengths);
        ReadOnlySpan<byte> bytes = EventReader.Binary(ref reader);
        Span<ulong> entries = MemoryMarshal.Cast<byte, ulong>(data.AsSpan(0, count * 8));
        long offset = 0;
        for (int i = 0; i < count; i++)
        {
            if (lengths[i] < 0 || offset + lengths[i] > bytes.Length) throw EventReader.Corrupt("a column's values reach beyond its bytes");
            entries[i] = lengths[i] == 0 ? 0 : (uint)offset | ((ulong)lengths[i] << 32);
            offset += lengths[i];
        }

        byte[] heap = GC.AllocateUninitializedArray<byte>(Math.Max(1, bytes.Length), pinned: true);
        bytes.CopyTo(heap);
        return (data, validity, heap);
    }

    private static byte[] EncodeData(PhysicalKind kind, byte[] data, int count)
    {
        int width = kind.ColumnWidthBytes();
        switch (kind)
        {
            case PhysicalKind.Int16: return PackedIntegers.Encode(Widen(MemoryMarshal.Cast<byte, short>(data.AsSpan(0, count * 2))));
            case PhysicalKind.Int32: return PackedIntegers.Encode(Widen(MemoryMarshal.Cast<byte, int>(data.AsSpan(0, count * 4))));
            case PhysicalKind.Int64: return PackedIntegers.Encode(MemoryMarshal.Cast<byte, long>(data.AsSpan(0, count * 8)));
            default:
                byte[] planes = new byte[count * width];
                for (int i = 0; i < count; i++)
                {
                    for (int k = 0; k < width; k++) planes[k * count + i] = data[i * width + k];
                }

                return planes;
        }
    }

    private static void DecodeData(PhysicalKind kind, ReadOnlySpan<byte> packed, byte[] data, int count)
    {
        int width = kind.ColumnWidthBytes();
        if (kind == PhysicalKind.Int64)
        {
            PackedIntegers.Decode(packed, MemoryMarshal.Cast<byte, long>(data.AsSpan(0, count * 8)));
            return;
        }

        if (kind is PhysicalKind.Int16 or PhysicalKind.Int32)
        {
            long[] values = ArrayPool<long>.Shared.Rent(Math.Max(1, count));
            PackedIntegers.Decode(packed, values.AsSpan(0, count));
            Span<short> shorts = MemoryMarshal.Cast<byte, short>(data.AsSpan());
            Span<int> ints = MemoryMarshal.Cast<byte, int>(data.AsSpan());
            for (int i = 0; i < count; i++)
            {
                if (kind == PhysicalKind.Int16) shorts[i] = (short)values[i];
                else ints[i] = (int)values[i];
            }

            ArrayPool<long>.Shared.Return(values);
            return;
        }

        if (packed.Length != count * width) throw EventReader.Corrupt("a column has the wrong length");
        for (int k = 0; k < width; k++)
        {
            ReadOnlySpan<byte> plane = packed.Slice(k * count, count);
            for (int i = 0; i < count; i++) data[i * width + k] = plane[i];
        }
    }

    private static long[] Widen(ReadOnlySpan<short> values)
    {
        long[] wide = new long[values.Length];
        for (int i = 0; i < wide.Length; i++) wide[i] = values[i];
        return wide;
    }

    private static long[] Widen(ReadOnlySpan<int> values)
    {
        long[] wide = new long[values.Length];
        for (int i = 0; i < wide.Length; i++) wide[i] = values[i];
        return wide;
    }

    /// <summary>The first bits of a bitmap; those behind them are 0.</summary>
    private static byte[] Prefix(byte[] bitmap, int count)
    {
        byte[] prefix = bitmap[..((count + 7) / 8)];
        if ((count & 7) != 0) prefix[^1] &= (byte)((1 << (count & 7)) - 1);
        return prefix;
    }
}
