using System.Runtime.InteropServices;

namespace DriftDb.Storage;

/// <summary>
/// A leaf of an <see cref="OrderedIndex"/>: up to 128 entries sorted by key, row and begin. Keys' bytes lie in the leaf's own heap. A past leaf is never changed any more.
/// </summary>
internal sealed class OrderedLeaf
{
    public const int Capacity = 128;

    /// <summary>Dead entries at which a leaf is split by time before it is full, so that deleted keys don't stay in the way.</summary>
    private const int DeadLimit = 96;

    private int[] _offset, _length;
    private byte[] _heap;
    private int _heapUsed, _dead, _depth;
    private OrderedLeaf? _jump;

    public OrderedLeaf(int capacity = 8)
    {
        RowId = new long[capacity];
        Begin = new long[capacity];
        End = new long[capacity];
        _offset = new int[capacity];
        _length = new int[capacity];
        _heap = new byte[capacity * 12];
    }

    public int Count { get; private set; }

    public long[] RowId { get; private set; }

    public long[] Begin { get; private set; }

    public long[] End { get; private set; }

    /// <summary>First sequence for which this leaf, rather than <see cref="Past"/>, is to be read.</summary>
    public long Since { get; private set; }

    /// <summary>The leaf as it was before its last time split. Siblings share it after a split by key.</summary>
    public OrderedLeaf? Past { get; private set; }

    public ReadOnlySpan<byte> KeyAt(int i) => _heap.AsSpan(_offset[i], _length[i]);

    /// <summary>This leaf or the past one that was current at s.</summary>
    public OrderedLeaf VersionAt(long sequence)
    {
        OrderedLeaf leaf = this;
        while (leaf.Since > sequence && leaf.Past is { } past)
            leaf = leaf._jump is { } jump && jump.Since > sequence ? jump : past;
        return leaf;
    }

    /// <summary>First entry at or behind the position.</summary>
    public int LowerBound(ReadOnlySpan<byte> key, long rowId, long begin)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            int order = KeyAt(middle).SequenceCompareTo(key);
            if (order == 0) order = RowId[middle].CompareTo(rowId);
            if (order == 0) order = Begin[middle].CompareTo(begin);
            if (order < 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>In the last leaf of a tree: adds an entry behind all others, as growing keys do; false when it isn't one, or there is no room.</summary>
    public bool TryAppend(ReadOnlySpan<byte> key, long rowId, long begin, long end)
    {
        if (Count == 0 || Count == Capacity || key.SequenceCompareTo(KeyAt(Count - 1)) <= 0) return false;
        PlaceAt(Count, key, rowId, begin, end);
        return true;
    }

    public OrderedIndex.Split? Insert(ReadOnlySpan<byte> key, long rowId, long begin, long end, bool inOrderOfTime)
    {
        if (Count == Capacity)
        {
            if (_dead * 2 >= Capacity && inOrderOfTime && begin > Since) SplitByTime(begin);
            if (Count * 4 > Capacity * 3)
            {
                OrderedIndex.Split split = SplitByKey(isAppend: LowerBound(key, rowId, begin) == Count);
                var right = (OrderedLeaf)split.Right;
                int order = key.SequenceCompareTo(split.Separator.Key);
                bool goesRight = order > 0 || (order == 0 && rowId >= split.Separator.RowId);
                (goesRight ? right : this).Place(key, rowId, begin, end);
                return split;
            }
        }

        Place(key, rowId, begin, end);
        return null;
    }

    /// <summary>Ends the row's living entry; false when there is none.</summary>
    public bool EndEntry(ReadOnlySpan<byte> key, long rowId, long end)
    {
        for (int i = LowerBound(key, rowId, long.MinValue); i < Count && RowId[i] == rowId && KeyAt(i).SequenceEqual(key); i++)
        {
            if (End[i] != long.MaxValue) continue;
            End[i] = end;
            if (++_dead >= DeadLimit && end > Since) SplitByTime(end);
            return true;
        }

        return false;
    }

    public void EndAll(long end)
    {
        for (int i = 0; i < Count; i++)
        {
            if (End[i] == long.MaxValue) End[i] = end;
        }

        _dead = Count;
        if (_dead >= DeadLimit && end > Since) SplitByTime(end);
    }

    /// <summary>
    /// Readers from <paramref name="sequence"/> on see the living entries here, readers before it the leaf as it is. An entry that ended at the sequence itself is dead for the former.
    /// </summary>
    private void SplitByTime(long sequence)
    {
        var past = new OrderedLeaf(0)
        {
            Count = Count, RowId = RowId, Begin = Begin, End = End, _offset = _offset, _length = _length, _heap = _heap, _heapUsed = _heapUsed, _dead = _dead,
            Since = Since, Past = Past, _jump = _jump, _depth = _depth,
        };
        // Skew-binary jump pointers, as between a row's versions.
        _jump = past;
        if (past._jump is { } via && via._jump is { } far && past._depth - via._depth == via._depth - far._depth) _jump = far;
        _depth = past._depth + 1;
        Past = past;
        Since = sequence;
        var living = new OrderedLeaf(Math.Max(8, Count - _dead + 16));
        for (int i = 0; i < Count; i++)
        {
            if (End[i] == long.MaxValue) living.Place(KeyAt(i), RowId[i], Begin[i], long.MaxValue);
        }

        TakeEntries(living);
    }

    private OrderedIndex.Split SplitByKey(bool isAppend)
    {
        // Keys that only grow leave full leaves behind.
        int middle = isAppend ? Count - 1 : Count / 2;
        // All lives of one row under one key stay together, so that its living entry is found by (key, row).
        while (middle > 1 && RowId[middle] == RowId[middle - 1] && KeyAt(middle).SequenceEqual(KeyAt(middle - 1))) middle--;
        var right = new OrderedLeaf(Capacity) { Since = Since, Past = Past, _jump = _jump, _depth = _depth };
        for (int i = middle; i < Count; i++) right.Place(KeyAt(i), RowId[i], Begin[i], End[i]);
        (byte[] Key, long RowId) separator = (KeyAt(middle).ToArray(), RowId[middle]);
        var left = new OrderedLeaf(isAppend ? middle : Capacity);
        for (int i = 0; i < middle; i++) left.Place(KeyAt(i), RowId[i], Begin[i], End[i]);
        TakeEntries(left);
        return new OrderedIndex.Split(separator, right);
    }

    private void TakeEntries(OrderedLeaf from)
    {
        Count = from.Count;
        RowId = from.RowId;
        Begin = from.Begin;
        End = from.End;
        _offset = from._offset;
        _length = from._length;
        _heap = from._heap;
        _heapUsed = from._heapUsed;
        _dead = from._dead;
    }

    private void Place(ReadOnlySpan<byte> key, long rowId, long begin, long end) => PlaceAt(LowerBound(key, rowId, begin), key, rowId, begin, end);

    private void PlaceAt(int at, ReadOnlySpan<byte> key, long rowId, long begin, long end)
    {
        if (Count == RowId.Length) Enlarge();
        if (_heap.Length - _heapUsed < key.Length) Array.Resize(ref _heap, Math.Max(_heap.Length * 2, _heapUsed + key.Length));
        int moved = Count - at;
        if (moved > 0)
        {
            Array.Copy(RowId, at, RowId, at + 1, moved);
            Array.Copy(Begin, at, Begin, at + 1, moved);
            Array.Copy(End, at, End, at + 1, moved);
            Array.Copy(_offset, at, _offset, at + 1, moved);
            Array.Copy(_length, at, _length, at + 1, moved);
        }

        RowId[at] = rowId;
        Begin[at] = begin;
        End[at] = end;
        _offset[at] = _heapUsed;
        _length[at] = key.Length;
        key.CopyTo(_heap.AsSpan(_heapUsed));
        _heapUsed += key.Length;
        Count++;
        if (end != long.MaxValue) _dead++;
    }

    private void Enlarge()
    {
        int capacity = Math.Max(8, RowId.Length * 2);
        long[] rowId = RowId, begin = Begin, end = End;
        Array.Resize(ref rowId, capacity);
        Array.Resize(ref begin, capacity);
        Array.Resize(ref end, capacity);
        Array.Resize(ref _offset, capacity);
        Array.Resize(ref _length, capacity);
        (RowId, Begin, End) = (rowId, begin, end);
    }
}

/// <summary>An inner node of an <see cref="OrderedIndex"/>: child i holds what is before separator i, the last child the rest.</summary>
internal sealed class OrderedNode
{
    private const int Capacity = 64;

    private readonly (byte[] Key, long RowId)[] _separators = new (byte[], long)[Capacity];

    public OrderedNode(object left, (byte[] Key, long RowId) separator, object right)
    {
        Children[0] = left;
        Children[1] = right;
        _separators[0] = separator;
        Count = 1;
    }

    private OrderedNode()
    {
    }

    /// <summary>Number of separators.</summary>
    public int Count { get; private set; }

    public object[] Children { get; } = new object[Capacity + 1];

    /// <summary>The child whose range contains the position.</summary>
    public int ChildFor(ReadOnlySpan<byte> key, long rowId)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (Compare(middle, key, rowId) <= 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>The child that holds the greatest position before this one.</summary>
    public int ChildBefore(ReadOnlySpan<byte> key, long rowId)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (Compare(middle, key, rowId) < 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    public object Enter(int child, ref OrderedIndex.Fences fences)
    {
        if (child > 0) (fences.Low, fences.LowRow) = _separators[child - 1];
        if (child < Count) (fences.High, fences.HighRow) = _separators[child];
        return Children[child];
    }

    public OrderedIndex.Split? Insert(int child, OrderedIndex.Split split)
    {
        Array.Copy(_separators, child, _separators, child + 1, Count - child);
        Array.Copy(Children, child + 1, Children, child + 2, Count - child);
        _separators[child] = split.Separator;
        Children[child + 1] = split.Right;
        if (++Count < Capacity) return null;
        int middle = child == Count - 1 ? Count - 2 : Count / 2;
        var right = new OrderedNode { Count = Count - middle - 1 };
        Array.Copy(_separators, middle + 1, right._separators, 0, right.Count);
        Array.Copy(Children, middle + 1, right.Children, 0, right.Count + 1);
        (byte[] Key, long RowId) separator = _separators[middle];
        Array.Clear(Children, middle + 1, Capacity - middle);
        Count = middle;
        return new OrderedIndex.Split(separator, right);
    }

    private int Compare(int separator, ReadOnlySpan<byte> key, long rowId)
    {
        int order = _separators[separator].Key.AsSpan().SequenceCompareTo(key);
        return order != 0 ? order : _separators[separator].RowId.CompareTo(rowId);
    }
}
