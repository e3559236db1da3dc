namespace DriftDb.Storage;

/// <summary>
/// The part of an index that is in memory only: what commits have done to it since the newest file was begun, as a B+tree of records. A life that begins here ends here in place; one that began in an older part gets a
/// tombstone, so that the committer never reads a file. Once frozen it is never changed again.
/// </summary>
/// <remarks>One latch, held for one change or for the copying of one batch; nothing waits for anything else, nor for the disk, while it is held.</remarks>
internal sealed class IndexDelta
{
    private readonly Lock _latch = new();
    private object _root;
    private DeltaLeaf _last;
    private long _count, _living, _tombstones, _bytes;

    public IndexDelta() => _root = _last = new DeltaLeaf();

    /// <summary>Lives and tombstones.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Lives without an end, less those of older parts that ended here: by how much it changes the number of living.</summary>
    public long Living => Volatile.Read(ref _living);

    public long Tombstones => Volatile.Read(ref _tombstones);

    /// <summary>About what it takes of memory.</summary>
    public long SizeBytes => Volatile.Read(ref _bytes);

    /// <summary>The first TRUNCATE since it was begun: what older parts show as living ended there at the latest.</summary>
    public long TruncatedAt { get; private set; } = long.MaxValue;

    /// <summary>When it was frozen, the last commit in it; <see cref="long.MaxValue"/> while it takes changes.</summary>
    public long Through { get; set; } = long.MaxValue;

    public bool IsEmpty => Count == 0 && TruncatedAt == long.MaxValue;

    public void Add(ReadOnlySpan<byte> key, long rowId, long begin, long end = IndexRecord.Living)
    {
        lock (_latch)
        {
            Place(key, new IndexRecord(rowId, begin, end));
            if (end == IndexRecord.Living) _living++;
        }
    }

    /// <summary>The row gives the key up.</summary>
    public void End(ReadOnlySpan<byte> key, long rowId, long end)
    {
        lock (_latch)
        {
            DeltaLeaf leaf = Descend(key, rowId, long.MaxValue);
            if (leaf.TryEnd(key, rowId, end))
            {
                _living--;
                return;
            }

            Place(key, new IndexRecord(rowId, end, IndexRecord.Tombstone));
            _tombstones++;
        }
    }

    /// <summary>TRUNCATE: ends every life, here and in older parts.</summary>
    public void EndAll(long end)
    {
        lock (_latch)
        {
            EndAll(_root, end);
            _living = 0;
            if (TruncatedAt == long.MaxValue) TruncatedAt = end;
        }
    }

    /// <summary>The greatest key, alive or not; false when there is none.</summary>
    public bool IsBehindAll(ReadOnlySpan<byte> key)
    {
        if (Count == 0) return true;
        lock (_latch) return _last.Count == 0 || key.SequenceCompareTo(_last.KeyAt(_last.Count - 1)) > 0;
    }

    /// <summary>
    /// Copies records that concern the moment, in order: from the first at or behind the position forward, or from the last before it backward, until the batch is full. Returns false when that was all there is.
    /// </summary>
    public bool Copy(ReadOnlySpan<byte> key, long rowId, long time, bool fromEnd, long sequence, bool backward, DeltaBatch batch)
    {
        batch.Clear();
        if (Count == 0) return false;
        lock (_latch) return backward ? CopyBackward(key, rowId, time, fromEnd, sequence, batch) : CopyForward(key, rowId, time, sequence, batch);
    }

    /// <summary>Adds the records that a key has here and that concern the moment, and its tombstones of later moments.</summary>
    public void Probe(ReadOnlySpan<byte> key, long sequence, int source, List<(IndexRecord Record, int Source)> found)
    {
        lock (_latch)
        {
            DeltaLeaf? leaf = Descend(key, 0, long.MinValue);
            for (int i = leaf.LowerBound(key, 0, long.MinValue); leaf is not null; leaf = leaf.Next, i = 0)
            {
                if (i < leaf.Count && !leaf.KeyAt(i).SequenceEqual(key)) return;
                if (!leaf.MayConcern(sequence) && !leaf.HasOpen && leaf.Count > 0 && leaf.KeyAt(leaf.Count - 1).SequenceEqual(key)) continue;
                for (; i < leaf.Count; i++)
                {
                    if (!leaf.KeyAt(i).SequenceEqual(key)) return;
                    IndexRecord record = leaf.RecordAt(i);
                    if (record.IsTombstone || record.Concerns(sequence)) found.Add((record, source));
                }
            }
        }
    }

    private bool CopyForward(ReadOnlySpan<byte> key, long rowId, long time, long sequence, DeltaBatch batch)
    {
        DeltaLeaf? leaf = Descend(key, rowId, time);
        for (int i = leaf.LowerBound(key, rowId, time); leaf is not null; leaf = leaf.Next, i = 0)
        {
            if (!leaf.MayConcern(sequence)) continue;
            for (; i < leaf.Count; i++)
            {
                IndexRecord record = leaf.RecordAt(i);
                if (!record.Concerns(sequence)) continue;
                if (batch.IsFull) return true;
                batch.Add(leaf.KeyAt(i), record);
            }
        }

        return false;
    }

    private bool CopyBackward(ReadOnlySpan<byte> key, long rowId, long time, bool fromEnd, long sequence, DeltaBatch batch)
    {
        DeltaLeaf? leaf = fromEnd ? _last : Descend(key, rowId, time);
        for (int i = (fromEnd ? leaf.Count : leaf.LowerBound(key, rowId, time)) - 1; leaf is not null; leaf = leaf.Previous, i = (leaf?.Count ?? 0) - 1)
        {
            if (!leaf.MayConcern(sequence)) continue;
            for (; i >= 0; i--)
            {
                IndexRecord record = leaf.RecordAt(i);
                if (!record.Concerns(sequence)) continue;
                if (batch.IsFull) return true;
                batch.Add(leaf.KeyAt(i), record);
            }
        }

        return false;
    }

    private void Place(ReadOnlySpan<byte> key, IndexRecord record)
    {
        _bytes += DeltaLeaf.EntryBytes + key.Length;
        _count++;
        if (_last.TryAppend(key, record)) return;
        if (Insert(_root, key, record) is { } split) _root = new DeltaNode(_root, split);
    }

    private DeltaSplit? Insert(object node, ReadOnlySpan<byte> key, IndexRecord record)
    {
        if (node is DeltaLeaf leaf)
        {
            DeltaSplit? split = leaf.Insert(key, record);
            if (split is not null && ReferenceEquals(leaf, _last)) _last = (DeltaLeaf)split.Right;
            return split;
        }

        var inner = (DeltaNode)node;
        int child = inner.ChildFor(key, record.RowId, record.Time);
        return Insert(inner.Children[child], key, record) is { } below ? inner.Insert(child, below) : null;
    }

    /// <summary>The leaf in which the position is, and the last record before it too, unless that is the first leaf.</summary>
    private DeltaLeaf Descend(ReadOnlySpan<byte> key, long rowId, long time)
    {
        object node = _root;
        while (node is DeltaNode inner) node = inner.Children[inner.ChildFor(key, rowId, time)];
        return (DeltaLeaf)node;
    }

    private static void EndAll(object node, long end)
    {
        if (node is DeltaLeaf leaf)
        {
            leaf.EndAll(end);
            return;
        }

        var inner = (DeltaNode)node;
        for (int i = 0; i <= inner.Count; i++) EndAll(inner.Children[i], end);
    }
}

/// <summary>Records copied out of a delta, to be looked at without its latch.</summary>
internal sealed class DeltaBatch
{
    private const int Smallest = 8, Largest = 512;

    private IndexRecord[] _records = new IndexRecord[Smallest];
    private int[] _keyEnds = new int[Smallest];
    private byte[] _keys = new byte[Smallest * 16];

    public int Count { get; private set; }

    public bool IsFull => Count == _records.Length;

    public ref readonly IndexRecord this[int i] => ref _records[i];

    public ReadOnlySpan<byte> KeyAt(int i)
    {
        int start = i == 0 ? 0 : _keyEnds[i - 1];
        return _keys.AsSpan(start, _keyEnds[i] - start);
    }

    public void Clear() => Count = 0;

    /// <summary>Who reads on will read more.</summary>
    public void Grow()
    {
        if (_records.Length == Largest) return;
        Array.Resize(ref _records, _records.Length * 4 > Largest ? Largest : _records.Length * 4);
        Array.Resize(ref _keyEnds, _records.Length);
    }

    public void Add(ReadOnlySpan<byte> key, in IndexRecord record)
    {
        int start = Count == 0 ? 0 : _keyEnds[Count - 1];
        if (start + key.Length > _keys.Length) Array.Resize(ref _keys, Math.Max(_keys.Length * 2, start + key.Length));
        key.CopyTo(_keys.AsSpan(start));
        _keyEnds[Count] = start + key.Length;
        _records[Count++] = record;
    }
}

/// <summary>Walks through a delta by copying batches; what is added behind its back belongs to later moments.</summary>
internal sealed class IndexDeltaCursor : IndexCursor
{
    private readonly DeltaBatch _batch = new();
    private IndexDelta _delta;
    private long _sequence;
    private int _at;
    private bool _hasMore, _backward;

    public IndexDeltaCursor(IndexDelta delta, long sequence, bool backward) => Open(delta, sequence, backward);

    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(_delta))]
    public void Open(IndexDelta delta, long sequence, bool backward)
    {
        (_delta, _sequence, _backward) = (delta, sequence, backward);
        IsValid = false;
    }

    public override void Seek(ReadOnlySpan<byte> key, long rowId)
    {
        _hasMore = _delta.Copy(key, rowId, long.MinValue, fromEnd: false, _sequence, _backward, _batch);
        Take(0);
    }

    public override void SeekLast()
    {
        _hasMore = _delta.Copy(default, 0, 0, fromEnd: true, _sequence, _backward, _batch);
        Take(0);
    }

    public override void Next()
    {
        if (_at + 1 == _batch.Count && _hasMore)
        {
            _batch.Grow();
            // Behind this record forward, before it _backward.
            _hasMore = _delta.Copy(Key, Record.RowId, _backward ? Record.Time : Record.Time + 1, fromEnd: false, _sequence, _backward, _batch);
            Take(0);
        }
        else Take(_at + 1);
    }

    private void Take(int at)
    {
        _at = at;
        IsValid = at < _batch.Count;
        if (!IsValid) return;
        ReadOnlySpan<byte> key = _batch.KeyAt(at);
        if (key.Length > KeyBytes.Length) KeyBytes = new byte[key.Length * 2];
        key.CopyTo(KeyBytes);
        KeyLength = key.Length;
        Record = _batch[at];
    }
}
