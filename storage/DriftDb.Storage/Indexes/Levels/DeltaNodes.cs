namespace DriftDb.Storage;

/// <summary>A leaf that became two: everything at or behind the position is in the right one.</summary>
internal sealed record DeltaSplit(byte[] Key, long RowId, long Time, object Right);

/// <summary>A leaf of an <see cref="IndexDelta"/>: up to 128 records sorted by key, row and time. Keys' bytes lie in the leaf's own heap.</summary>
internal sealed class DeltaLeaf
{
    public const int Capacity = 128;

    /// <summary>About what a record takes besides its key.</summary>
    public const int EntryBytes = 40;

    private IndexRecord[] _records;
    private int[] _offset;
    private ushort[] _length;
    private byte[] _heap;
    private int _heapUsed, _open;
    private long _minTime = long.MaxValue, _maxEnd;

    public DeltaLeaf(int capacity = 8)
    {
        _records = new IndexRecord[capacity];
        _offset = new int[capacity];
        _length = new ushort[capacity];
        _heap = new byte[capacity * 12];
    }

    public int Count { get; private set; }

    public DeltaLeaf? Next { get; private set; }

    public DeltaLeaf? Previous { get; private set; }

    public ReadOnlySpan<byte> KeyAt(int i) => _heap.AsSpan(_offset[i], _length[i]);

    public IndexRecord RecordAt(int i) => _records[i];

    /// <summary>Whether any record may concern the moment: what a queue has left behind is passed over leaf by leaf.</summary>
    public bool MayConcern(long sequence) => sequence == long.MaxValue || (_minTime <= sequence && (_open > 0 || _maxEnd > sequence));

    /// <summary>Whether it has living lives or tombstones.</summary>
    public bool HasOpen => _open > 0;

    /// <summary>First record at or behind the position.</summary>
    public int LowerBound(ReadOnlySpan<byte> key, long rowId, long time)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            int order = IndexCursor.Compare(KeyAt(middle), _records[middle].RowId, key, rowId);
            if (order == 0) order = _records[middle].Time.CompareTo(time);
            if (order < 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>In the last leaf of a tree: adds a record behind all others, as growing keys do; false when it isn't one, or there is no room.</summary>
    public bool TryAppend(ReadOnlySpan<byte> key, in IndexRecord record)
    {
        if (Count == 0 || Count == Capacity || key.SequenceCompareTo(KeyAt(Count - 1)) <= 0) return false;
        PlaceAt(Count, key, record);
        return true;
    }

    public DeltaSplit? Insert(ReadOnlySpan<byte> key, in IndexRecord record)
    {
        int at = LowerBound(key, record.RowId, record.Time);
        if (Count < Capacity)
        {
            PlaceAt(at, key, record);
            return null;
        }

        // Keys that only grow leave full leaves behind.
        int middle = at == Count ? Count : Count / 2;
        var right = new DeltaLeaf(Capacity) { Next = Next, Previous = this };
        if (Next is not null) Next.Previous = right;
        for (int i = middle; i < Count; i++) right.PlaceAt(right.Count, KeyAt(i), _records[i]);
        if (middle < Count) KeepFirst(middle);
        Next = right;
        if (at >= middle) right.PlaceAt(at - middle, key, record);
        else PlaceAt(at, key, record);
        return new DeltaSplit(right.KeyAt(0).ToArray(), right._records[0].RowId, right._records[0].Time, right);
    }

    /// <summary>Ends the row's newest life under the key, if it is here and living.</summary>
    public bool TryEnd(ReadOnlySpan<byte> key, long rowId, long end)
    {
        int i = LowerBound(key, rowId, long.MaxValue) - 1;
        if (i < 0 || _records[i].End != IndexRecord.Living || _records[i].RowId != rowId || !KeyAt(i).SequenceEqual(key)) return false;
        _records[i] = _records[i] with { End = end };
        _maxEnd = Math.Max(_maxEnd, end);
        _open--;
        return true;
    }

    public void EndAll(long end)
    {
        for (int i = 0; i < Count; i++)
        {
            if (_records[i].End != IndexRecord.Living) continue;
            _records[i] = _records[i] with { End = end };
            _maxEnd = Math.Max(_maxEnd, end);
            _open--;
        }
    }

    private void KeepFirst(int count)
    {
        var kept = new DeltaLeaf(Capacity);
        for (int i = 0; i < count; i++) kept.PlaceAt(i, KeyAt(i), _records[i]);
        (_records, _offset, _length, _heap, _heapUsed, _open, _minTime, _maxEnd) = (kept._records, kept._offset, kept._length, kept._heap, kept._heapUsed, kept._open, kept._minTime, kept._maxEnd);
        Count = count;
    }

    private void PlaceAt(int at, ReadOnlySpan<byte> key, in IndexRecord record)
    {
        if (Count == _records.Length)
        {
            int capacity = Math.Min(Capacity, _records.Length * 4);
            Array.Resize(ref _records, capacity);
            Array.Resize(ref _offset, capacity);
            Array.Resize(ref _length, capacity);
        }

        if (_heap.Length - _heapUsed < key.Length) Array.Resize(ref _heap, Math.Max(_heap.Length * 2, _heapUsed + key.Length));
        int moved = Count - at;
        if (moved > 0)
        {
            Array.Copy(_records, at, _records, at + 1, moved);
            Array.Copy(_offset, at, _offset, at + 1, moved);
            Array.Copy(_length, at, _length, at + 1, moved);
        }

        _records[at] = record;
        _offset[at] = _heapUsed;
        _length[at] = (ushort)key.Length;
        key.CopyTo(_heap.AsSpan(_heapUsed));
        _heapUsed += key.Length;
        Count++;
        _minTime = Math.Min(_minTime, record.Time);
        if (record.End is IndexRecord.Living or IndexRecord.Tombstone) _open++;
        else _maxEnd = Math.Max(_maxEnd, record.End);
    }
}

/// <summary>An inner node of an <see cref="IndexDelta"/>: child i holds what is before separator i, the last child the rest.</summary>
internal sealed class DeltaNode
{
    private const int Capacity = 64;

    private readonly (byte[] Key, long RowId, long Time)[] _separators = new (byte[], long, long)[Capacity];

    public DeltaNode(object left, DeltaSplit split)
    {
        Children[0] = left;
        Children[1] = split.Right;
        _separators[0] = (split.Key, split.RowId, split.Time);
        Count = 1;
    }

    private DeltaNode()
    {
    }

    /// <summary>Number of separators.</summary>
    public int Count { get; private set; }

    public object[] Children { get; } = new object[Capacity + 1];

    /// <summary>The child whose range contains the position.</summary>
    public int ChildFor(ReadOnlySpan<byte> key, long rowId, long time)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            ref readonly (byte[] Key, long RowId, long Time) separator = ref _separators[middle];
            int order = IndexCursor.Compare(separator.Key, separator.RowId, key, rowId);
            if (order == 0) order = separator.Time.CompareTo(time);
            if (order <= 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    public DeltaSplit? Insert(int child, DeltaSplit split)
    {
        Array.Copy(_separators, child, _separators, child + 1, Count - child);
        Array.Copy(Children, child + 1, Children, child + 2, Count - child);
        _separators[child] = (split.Key, split.RowId, split.Time);
        Children[child + 1] = split.Right;
        if (++Count < Capacity) return null;
        int middle = child == Count - 1 ? Count - 2 : Count / 2;
        var right = new DeltaNode { Count = Count - middle - 1 };
        Array.Copy(_separators, middle + 1, right._separators, 0, right.Count);
        Array.Copy(Children, middle + 1, right.Children, 0, right.Count + 1);
        (byte[] key, long rowId, long time) = _separators[middle];
        Array.Clear(Children, middle + 1, Capacity - middle);
        Count = middle;
        return new DeltaSplit(key, rowId, time, right);
    }
}
