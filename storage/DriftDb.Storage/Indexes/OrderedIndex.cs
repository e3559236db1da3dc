using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// A multiversion B+tree in memory: entries (key, row) with a life [begin, end), sorted by key, row and begin. When a leaf is full and half of it is dead, or nearly all of it, the whole leaf becomes a <i>past</i> leaf
/// and the living go on in a fresh one (a time split, as in the table): a range as of s costs what the entries alive at s cost, at any depth of history. Past leaves are chained with jump pointers.
/// </summary>
/// <remarks>
/// One latch a tree, held for one insertion or for the copying of one batch of row ids; nothing waits for anything else while it is held. An update that leaves the key unchanged doesn't come here.
/// </remarks>
internal sealed class OrderedIndex
{
    private readonly Lock _latch = new();
    private object _root;
    private OrderedLeaf _last;

    public OrderedIndex() => _root = _last = new OrderedLeaf();

    public void Add(ReadOnlySpan<byte> key, long rowId, long begin)
    {
        lock (_latch)
        {
            if (_last.TryAppend(key, rowId, begin, long.MaxValue)) return;
            if (Insert(_root, key, rowId, begin, long.MaxValue, inOrderOfTime: true) is { } split) _root = new OrderedNode(_root, split.Separator, split.Right);
        }
    }

    public void End(ReadOnlySpan<byte> key, long rowId, long end)
    {
        lock (_latch)
        {
            if (!EndIn(_root, key, rowId, end)) throw new SqlException(SqlState.DataCorrupted, $"an ordered index has no entry for row {rowId}");
        }
    }

    /// <summary>TRUNCATE: ends every entry.</summary>
    public void EndAll(long end)
    {
        lock (_latch) EndAll(_root, end);
    }

    /// <summary>Fills an empty tree from entries sorted by key, row and begin, history included.</summary>
    public void Build(IEnumerable<(byte[] Key, long RowId, long Begin, long End)> sorted)
    {
        lock (_latch)
        {
            foreach ((byte[] key, long rowId, long begin, long end) in sorted)
            {
                if (_last.TryAppend(key, rowId, begin, end)) continue;
                if (Insert(_root, key, rowId, begin, end, inOrderOfTime: false) is { } split) _root = new OrderedNode(_root, split.Separator, split.Right);
            }
        }
    }

    /// <summary>
    /// Copies the next rows of a range as of s, in order. <paramref name="cursor"/> is the position behind the last row given (null at the beginning) and is moved on.
    /// </summary>
    /// <returns>Number of row ids written; 0 at the end.</returns>
    public int Read(KeyRange range, long sequence, bool backward, OrderedCursor cursor, Span<long> rowIds)
    {
        lock (_latch) return backward ? ReadBackward(range, sequence, cursor, rowIds) : ReadForward(range, sequence, cursor, rowIds);
    }

    /// <summary>All rows that ever had exactly this key.</summary>
    public void RowsEver(ReadOnlySpan<byte> key, List<long> rows)
    {
        lock (_latch)
        {
            var fences = default(Fences);
            OrderedLeaf leaf = Descend(key, ref fences);
            while (true)
            {
                for (OrderedLeaf? version = leaf; version is not null; version = version.Past)
                {
                    for (int i = version.LowerBound(key, long.MinValue, long.MinValue); i < version.Count && version.KeyAt(i).SequenceEqual(key); i++)
                    {
                        if (!rows.Contains(version.RowId[i])) rows.Add(version.RowId[i]);
                    }
                }

                if (fences.High is null || key.SequenceCompareTo(fences.High) < 0) return;
                byte[] next = fences.High;
                fences = default;
                leaf = Descend(next, ref fences);
                if (fences.Low is not null && fences.Low.AsSpan().SequenceCompareTo(key) > 0) return;
            }
        }
    }

    private int ReadForward(KeyRange range, long sequence, OrderedCursor cursor, Span<long> rowIds)
    {
        int written = 0;
        while (written < rowIds.Length && !cursor.IsAtEnd)
        {
            var fences = default(Fences);
            OrderedLeaf leaf = Descend(cursor.Key ?? range.Low.Span, cursor.Key is null ? long.MinValue : cursor.RowId, ref fences);
            OrderedLeaf version = leaf.VersionAt(sequence);
            int i = cursor.Key is null ? version.LowerBound(range.Low.Span, long.MinValue, long.MinValue) : version.LowerBound(cursor.Key, cursor.RowId, cursor.Begin);
            // A past leaf may reach beyond the current one's keys on both sides: others share it.
            if (fences.Low is not null) i = Math.Max(i, version.LowerBound(fences.Low, fences.LowRow, long.MinValue));
            for (; ; i++)
            {
                if (i == version.Count || IsAtOrBehind(version, i, fences.High, fences.HighRow))
                {
                    if (fences.High is null) cursor.IsAtEnd = true;
                    else cursor.Move(fences.High, fences.HighRow, long.MinValue);
                    break;
                }

                if (range.High.Length > 0 && version.KeyAt(i).SequenceCompareTo(range.High.Span) >= 0)
                {
                    cursor.IsAtEnd = true;
                    break;
                }

                if (written == rowIds.Length)
                {
                    cursor.Move(version.KeyAt(i), version.RowId[i], version.Begin[i]);
                    return written;
                }

                if (version.Begin[i] <= sequence && version.End[i] > sequence) rowIds[written++] = version.RowId[i];
            }

            if (!cursor.IsAtEnd && range.High.Length > 0 && cursor.Key.AsSpan().SequenceCompareTo(range.High.Span) >= 0) cursor.IsAtEnd = true;
        }

        return written;
    }

    /// <summary>Backward, the cursor is the position before which to go on: rows smaller than it.</summary>
    private int ReadBackward(KeyRange range, long sequence, OrderedCursor cursor, Span<long> rowIds)
    {
        int written = 0;
        while (written < rowIds.Length && !cursor.IsAtEnd)
        {
            var fences = default(Fences);
            bool isBounded = cursor.Key is not null || range.High.Length > 0;
            ReadOnlySpan<byte> bound = cursor.Key ?? range.High.Span;
            long boundRow = cursor.Key is null ? long.MinValue : cursor.RowId, boundBegin = cursor.Key is null ? long.MinValue : cursor.Begin;
            // A position between two lives of one row is inside the child that has the row; any other one may be the first of its child.
            OrderedLeaf leaf = !isBounded ? DescendLast(ref fences)
                : boundBegin == long.MinValue ? DescendBefore(bound, boundRow, ref fences) : Descend(bound, boundRow, ref fences);
            OrderedLeaf version = leaf.VersionAt(sequence);
            int i = isBounded ? version.LowerBound(bound, boundRow, boundBegin) : version.Count;
            if (fences.High is not null) i = Math.Min(i, version.LowerBound(fences.High, fences.HighRow, long.MinValue));
            int first = fences.Low is null ? 0 : version.LowerBound(fences.Low, fences.LowRow, long.MinValue);
            while (true)
            {
                if (--i < first)
                {
                    if (fences.Low is null) cursor.IsAtEnd = true;
                    else cursor.Move(fences.Low, fences.LowRow, long.MinValue);
                    break;
                }

                if (version.KeyAt(i).SequenceCompareTo(range.Low.Span) < 0)
                {
                    cursor.IsAtEnd = true;
                    break;
                }

                if (version.Begin[i] > sequence || version.End[i] <= sequence) continue;
                if (written == rowIds.Length)
                {
                    cursor.MoveBehind(version, i);
                    return written;
                }

                rowIds[written++] = version.RowId[i];
            }

            if (!cursor.IsAtEnd && range.Low.Length > 0 && cursor.Key.AsSpan().SequenceCompareTo(range.Low.Span) < 0) cursor.IsAtEnd = true;
        }

        return written;
    }

    private static bool IsAtOrBehind(OrderedLeaf leaf, int i, byte[]? fence, long fenceRow)
    {
        if (fence is null) return false;
        int order = leaf.KeyAt(i).SequenceCompareTo(fence);
        return order > 0 || (order == 0 && leaf.RowId[i] >= fenceRow);
    }

    private OrderedLeaf Descend(ReadOnlySpan<byte> key, ref Fences fences) => Descend(key, long.MinValue, ref fences);

    private OrderedLeaf Descend(ReadOnlySpan<byte> key, long rowId, ref Fences fences)
    {
        object node = _root;
        while (node is OrderedNode inner) node = inner.Enter(inner.ChildFor(key, rowId), ref fences);
        return (OrderedLeaf)node;
    }

    /// <summary>The leaf that holds the greatest entry before the bound.</summary>
    private OrderedLeaf DescendBefore(ReadOnlySpan<byte> key, long rowId, ref Fences fences)
    {
        object node = _root;
        while (node is OrderedNode inner) node = inner.Enter(inner.ChildBefore(key, rowId), ref fences);
        return (OrderedLeaf)node;
    }

    private OrderedLeaf DescendLast(ref Fences fences)
    {
        object node = _root;
        while (node is OrderedNode inner) node = inner.Enter(inner.Count, ref fences);
        return (OrderedLeaf)node;
    }

    private Split? Insert(object node, ReadOnlySpan<byte> key, long rowId, long begin, long end, bool inOrderOfTime)
    {
        if (node is OrderedLeaf leaf)
        {
            Split? leafSplit = leaf.Insert(key, rowId, begin, end, inOrderOfTime);
            if (leafSplit is not null && ReferenceEquals(leaf, _last)) _last = (OrderedLeaf)leafSplit.Right;
            return leafSplit;
        }

        var inner = (OrderedNode)node;
        int child = inner.ChildFor(key, rowId);
        return Insert(inner.Children[child], key, rowId, begin, end, inOrderOfTime) is { } split ? inner.Insert(child, split) : null;
    }

    private static bool EndIn(object node, ReadOnlySpan<byte> key, long rowId, long end)
    {
        while (node is OrderedNode inner) node = inner.Children[inner.ChildFor(key, rowId)];
        return ((OrderedLeaf)node).EndEntry(key, rowId, end);
    }

    private static void EndAll(object node, long end)
    {
        if (node is OrderedLeaf leaf)
        {
            leaf.EndAll(end);
            return;
        }

        var inner = (OrderedNode)node;
        for (int i = 0; i <= inner.Count; i++) EndAll(inner.Children[i], end);
    }

    /// <summary>The keys between which the leaf found holds entries: (low, row) ≤ entry &lt; (high, row); null is open.</summary>
    internal struct Fences
    {
        public byte[]? Low, High;
        public long LowRow, HighRow;
    }

    internal sealed record Split((byte[] Key, long RowId) Separator, object Right);
}

/// <summary>Where a scan of an ordered index stands between two batches.</summary>
internal sealed class OrderedCursor
{
    public byte[]? Key { get; private set; }

    public long RowId { get; private set; }

    public long Begin { get; private set; }

    public bool IsAtEnd { get; set; }

    /// <summary>Back to the beginning, for another range.</summary>
    public void Reset()
    {
        Key = null;
        RowId = Begin = 0;
        IsAtEnd = false;
    }

    public void Move(ReadOnlySpan<byte> key, long rowId, long begin)
    {
        Key = key.ToArray();
        RowId = rowId;
        Begin = begin;
    }

    /// <summary>To the position right behind entry i: entry i is the next one backward.</summary>
    public void MoveBehind(OrderedLeaf leaf, int i) => Move(leaf.KeyAt(i), leaf.RowId[i], leaf.Begin[i] + 1);
}
