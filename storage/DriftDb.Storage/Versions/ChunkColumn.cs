using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// One column of a chunk: values, a validity bitmap from the first NULL on, a heap for bytes, and the zone (min and max) of integer-like values. Only the committer writes; readers take the
/// arrays after having read the chunk's published count, and then see at least that many rows, because arrays are replaced by larger copies, never changed below the count.
/// </summary>
internal sealed unsafe class ChunkColumn
{
    private readonly ColumnChunk _chunk;
    private readonly int _number;

    /// <summary>Retired heaps stay referenced, because slices handed out point into them. Growing fourfold keeps them to a third of the whole.</summary>
    private List<byte[]>? _retiredHeaps;
    private byte[]? _data, _validity, _heap;

    public ChunkColumn(ColumnChunk chunk, int number, PhysicalKind kind, int capacity)
    {
        _chunk = chunk;
        _number = number;
        Kind = kind;
        Width = kind.ColumnWidthBytes();
        _data = GC.AllocateUninitializedArray<byte>(Math.Max(8, capacity * Width), pinned: true);
    }

    /// <summary>A column that lies in a snapshot.</summary>
    public ChunkColumn(ColumnChunk chunk, int number, PhysicalKind kind, ColumnState state)
    {
        _chunk = chunk;
        _number = number;
        Kind = kind;
        Width = kind.ColumnWidthBytes();
        (Minimum, Maximum, NullCount, HeapUsedBytes) = (state.Minimum, state.Maximum, state.NullCount, state.HeapBytes);
    }

    public PhysicalKind Kind { get; }

    public int Width { get; }

    public byte[] Data => _data ?? Load().Data;

    /// <summary>Bit set = not NULL; null while there is no NULL.</summary>
    public byte[]? Validity => _validity ?? (NullCount > 0 ? Load().Validity : null);

    public byte[]? Heap => _heap ?? (HeapUsedBytes > 0 ? Load().Heap : null);

    public int HeapUsedBytes { get; private set; }

    public long Minimum { get; private set; } = long.MaxValue;

    public long Maximum { get; private set; } = long.MinValue;

    public int NullCount { get; private set; }

    public ColumnState State => new(Minimum, Maximum, NullCount, HeapUsedBytes);

    /// <summary>Memory that the column takes when it is loaded.</summary>
    public long ResidentBytes => (long)_chunk.Count * Width + (NullCount > 0 ? _chunk.Count / 8 : 0) + HeapUsedBytes;

    public bool HasZone => Kind is PhysicalKind.Bool or PhysicalKind.Int16 or PhysicalKind.Int32 or PhysicalKind.Int64;

    public void Grow(int rows, int capacity)
    {
        byte[] data = GC.AllocateUninitializedArray<byte>(capacity * Width, pinned: true);
        Buffer.BlockCopy(_data!, 0, data, 0, rows * Width);
        _data = data;
        if (_validity is null) return;
        byte[] validity = GC.AllocateArray<byte>(BitmapBytes(capacity), pinned: true);
        Buffer.BlockCopy(_validity, 0, validity, 0, (rows + 7) / 8);
        _validity = validity;
    }

    public void ReserveHeap(int lengthBytes)
    {
        if (Kind == PhysicalKind.Bytes && lengthBytes > (_heap?.Length ?? 0)) GrowHeap(lengthBytes);
    }

    public void SetNull(int row, int capacity)
    {
        if (_validity is null)
        {
            byte[] validity = GC.AllocateArray<byte>(BitmapBytes(capacity), pinned: true);
            validity.AsSpan(0, row / 8).Fill(0xFF);
            if ((row & 7) != 0) validity[row / 8] = (byte)((1 << (row & 7)) - 1);
            _validity = validity;
        }

        NullCount++;
        _data.AsSpan(row * Width, Width).Clear();
    }


    /// <summary>A row without a value that nobody reads (<see cref="ColumnChunk.BlankEnd"/>): it counts neither as a NULL nor for the zone.</summary>
    public void SetBlank(int row) => _data.AsSpan(row * Width, Width).Clear();

    /// <summary>What slices may point into, where it is in memory.</summary>
    public object? ResidentHeap => _heap is null ? null : _retiredHeaps is null ? _heap : (_heap, _retiredHeaps);

    /// <summary>Stores a value given as a tuple's slot.</summary>
    public void Set(int row, byte* slot)
    {
        if (_validity is not null) _validity[row >> 3] |= (byte)(1 << (row & 7));
        ref byte target = ref _data![row * Width];
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

    /// <summary>Arrays that have left, as long as a reader keeps them in memory: they are the same bytes that the disk has.</summary>
    private WeakReference<EvictedArrays>? _evicted;

    /// <summary>Lets the arrays go; gives what keeps those that slices may point into.</summary>
    public object? Evict()
    {
        EvictedArrays? pointedAt = _heap is null || _data is null ? null : new EvictedArrays(_data, _validity, _heap, _retiredHeaps);
        _evicted = pointedAt is null ? null : new WeakReference<EvictedArrays>(pointedAt);
        _data = _validity = _heap = null;
        _retiredHeaps = null;
        return pointedAt;
    }

    /// <summary>Puts the arrays in place for good.</summary>
    public void Keep((byte[] Data, byte[]? Validity, byte[]? Heap) arrays)
    {
        _evicted = null;
        (_data, _validity, _heap) = arrays;
    }

    public (byte[] Data, byte[]? Validity, byte[]? Heap) Load()
    {
        lock (_chunk.Loading)
        {
            // Each once: they may be let go at any moment. The places first: a chunk that has none any more has its arrays.
            ChunkPlaces? places = _chunk.Places;
            byte[]? data = _data, validity = _validity, heap = _heap;
            if (data is not null && (validity is not null || NullCount == 0) && (heap is not null || HeapUsedBytes == 0)) return (data, validity, heap);
            // What a long reader still keeps isn't read a second time: it would be in memory twice, and again with each time that it leaves.
            (byte[] Data, byte[]? Validity, byte[]? Heap) loaded = _evicted is not null && _evicted.TryGetTarget(out EvictedArrays? arrays)
                ? (arrays.Data, arrays.Validity, arrays.Heap)
                : ColumnChunk.LoadColumn(places!, _number, Kind);
            _chunk.Cache.Load(_chunk, _number, ResidentBytes, () => (_data, _validity, _heap) = loaded);
            return loaded;
        }
    }

    private sealed record EvictedArrays(byte[] Data, byte[]? Validity, byte[] Heap, object? Older);

    private static int BitmapBytes(int capacity) => (capacity + 63) / 64 * 8;

    private void Zone(long value)
    {
        if (value < Minimum) Minimum = value;
        if (value > Maximum) Maximum = value;
    }

    private ulong PutBytes(ReadOnlySpan<byte> bytes)
    {
        int start = HeapUsedBytes;
        if (_heap is null || _heap.Length - start < bytes.Length) GrowHeap((long)start + bytes.Length);
        bytes.CopyTo(_heap.AsSpan(start));
        HeapUsedBytes = start + bytes.Length;
        return (uint)start | ((ulong)(uint)bytes.Length << 32);
    }

    private void GrowHeap(long needed)
    {
        long capacity = Math.Max(needed, Math.Min(Math.Max(256, (_heap?.Length ?? 0) * 4L), _chunk.LargestHeapBytes));
        byte[] heap = GC.AllocateUninitializedArray<byte>(checked((int)capacity), pinned: true);
        if (_heap is not null)
        {
            Buffer.BlockCopy(_heap, 0, heap, 0, HeapUsedBytes);
            (_retiredHeaps ??= []).Add(_heap);
        }

        _heap = heap;
    }
}
