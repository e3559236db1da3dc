using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// One column of a chunk: values, a validity bitmap from the first NULL on, a heap for bytes, and the zone (min and max) of integer-like values. Only the committer writes; readers take the
/// arrays after having read the chunk's published count, and then see at least that many rows, because arrays are replaced by larger copies, never changed below the count.
/// </summary>
internal sealed unsafe class ChunkColumn(PhysicalKind kind, int capacity)
{
    /// <summary>Retired heaps stay referenced, because slices handed out point into them. Growing fourfold keeps them to a third of the whole.</summary>
    private List<byte[]>? _retiredHeaps;

    public PhysicalKind Kind { get; } = kind;

    public int Width { get; } = kind.ColumnWidthBytes();

    public byte[] Data { get; private set; } = GC.AllocateUninitializedArray<byte>(Math.Max(8, capacity * kind.ColumnWidthBytes()), pinned: true);

    /// <summary>Bit set = not NULL; null while there is no NULL.</summary>
    public byte[]? Validity { get; private set; }

    public byte[]? Heap { get; private set; }

    public int HeapUsedBytes { get; private set; }

    public long Minimum { get; private set; } = long.MaxValue;

    public long Maximum { get; private set; } = long.MinValue;

    public int NullCount { get; private set; }

    public bool HasZone => Kind is PhysicalKind.Bool or PhysicalKind.Int16 or PhysicalKind.Int32 or PhysicalKind.Int64;

    public void Grow(int rows, int capacity)
    {
        byte[] data = GC.AllocateUninitializedArray<byte>(capacity * Width, pinned: true);
        Buffer.BlockCopy(Data, 0, data, 0, rows * Width);
        Data = data;
        if (Validity is null) return;
        byte[] validity = GC.AllocateArray<byte>(BitmapBytes(capacity), pinned: true);
        Buffer.BlockCopy(Validity, 0, validity, 0, (rows + 7) / 8);
        Validity = validity;
    }

    public void ReserveHeap(int lengthBytes)
    {
        if (Kind == PhysicalKind.Bytes && lengthBytes > (Heap?.Length ?? 0)) GrowHeap(lengthBytes);
    }

    public void SetNull(int row, int capacity)
    {
        if (Validity is null)
        {
            byte[] validity = GC.AllocateArray<byte>(BitmapBytes(capacity), pinned: true);
            validity.AsSpan(0, row / 8).Fill(0xFF);
            if ((row & 7) != 0) validity[row / 8] = (byte)((1 << (row & 7)) - 1);
            Validity = validity;
        }

        NullCount++;
        Data.AsSpan(row * Width, Width).Clear();
    }


    /// <summary>Stores a value given as a tuple's slot.</summary>
    public void Set(int row, byte* slot)
    {
        if (Validity is not null) Validity[row >> 3] |= (byte)(1 << (row & 7));
        ref byte target = ref Data[row * Width];
        switch (Kind)
        {
            case PhysicalKind.Bool:
                target = *slot;
                Zone(*slot);
                break;
            case PhysicalKind.Int16:
                Unsafe.WriteUnaligned(ref target, *(short*)slot);
                Zone(*(short*)slot);
                break;
            case PhysicalKind.Int32:
                Unsafe.WriteUnaligned(ref target, *(int*)slot);
                Zone(*(int*)slot);
                break;
            case PhysicalKind.Int64:
                long value = Unsafe.ReadUnaligned<long>(slot);
                Unsafe.WriteUnaligned(ref target, value);
                Zone(value);
                break;
            case PhysicalKind.Float32:
                Unsafe.WriteUnaligned(ref target, *(int*)slot);
                break;
            case PhysicalKind.Float64:
                Unsafe.WriteUnaligned(ref target, Unsafe.ReadUnaligned<long>(slot));
                break;
            case PhysicalKind.Bytes:
                Unsafe.WriteUnaligned(ref target, PutBytes(Unsafe.ReadUnaligned<ByteSlice>(slot).Span));
                break;
            default:
                Unsafe.WriteUnaligned(ref target, Unsafe.ReadUnaligned<Int128>(slot));
                break;
        }
    }

    /// <summary>Stores one column of adjacent tuples.</summary>
    public void SetRun(int row, int count, byte* tuples, TupleLayout layout, int ordinal, int capacity)
    {
        byte* slot = tuples + layout.Offset(ordinal);
        int stride = layout.StrideBytes;
        byte nullMask = (byte)(1 << (ordinal & 7));
        byte* nulls = tuples + (ordinal >> 3);
        for (int i = 0; i < count; i++, slot += stride, nulls += stride)
        {
            if ((*nulls & nullMask) != 0) SetNull(row + i, capacity);
            else Set(row + i, slot);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsNull(int row) => Validity is { } validity && (validity[row >> 3] & (1 << (row & 7))) == 0;

    /// <summary>Writes the row's value to a tuple's slot; bytes stay where they are.</summary>
    public void Get(int row, byte* slot)
    {
        if (Kind == PhysicalKind.Bytes) Unsafe.WriteUnaligned(slot, Slice(row));
        else Unsafe.CopyBlockUnaligned(ref *slot, ref Data[row * Width], (uint)Width);
    }

    public ByteSlice Slice(int row)
    {
        ulong entry = Unsafe.ReadUnaligned<ulong>(ref Data[row * 8]);
        int length = (int)(entry >> 32);
        return length == 0 ? new ByteSlice((byte*)null, 0) : new ByteSlice((byte*)Unsafe.AsPointer(ref Heap![(uint)entry]), length);
    }

    private static int BitmapBytes(int capacity) => (capacity + 63) / 64 * 8;

    private void Zone(long value)
    {
        if (value < Minimum) Minimum = value;
        if (value > Maximum) Maximum = value;
    }

    private ulong PutBytes(ReadOnlySpan<byte> bytes)
    {
        int start = HeapUsedBytes;
        if (Heap is null || Heap.Length - start < bytes.Length) GrowHeap((long)start + bytes.Length);
        bytes.CopyTo(Heap.AsSpan(start));
        HeapUsedBytes = start + bytes.Length;
        return (uint)start | ((ulong)(uint)bytes.Length << 32);
    }

    private void GrowHeap(long needed)
    {
        long capacity = Math.Min(Math.Max(needed, Math.Max(256, (Heap?.Length ?? 0) * 4L)), Math.Max(needed, 0x7FFF_FFC7));
        byte[] heap = GC.AllocateUninitializedArray<byte>(checked((int)capacity), pinned: true);
        if (Heap is not null)
        {
            Buffer.BlockCopy(Heap, 0, heap, 0, HeapUsedBytes);
            (_retiredHeaps ??= []).Add(Heap);
        }

        Heap = heap;
    }
}
