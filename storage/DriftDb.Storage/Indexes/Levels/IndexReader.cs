namespace DriftDb.Storage;

/// <summary>
/// Reads an index as of a moment, in order: rows whose life under a key covers the moment. Lives and the tombstones that end them may lie in different parts; sorted by time they meet. Used by one thread at a time, again and
/// again.
/// </summary>
internal sealed class IndexReader
{
    private readonly IndexMerge _merge = new();
    private readonly List<IndexFileCursor> _fileCursors = [];
    private readonly List<IndexDeltaCursor> _deltaCursors = [];
    private readonly List<IndexCursor> _open = [];

    /// <summary>By source: where a TRUNCATE in a newer part ended what the source shows as living.</summary>
    private readonly List<long> _endsAt = [];
    private byte[] _groupKey = new byte[64];
    private int _groupKeyLength, _usedFiles, _usedDeltas;
    private long _groupRow, _sequence;
    private bool _backward;

    /// <summary>The key of the row that was given last.</summary>
    public ReadOnlySpan<byte> Key => _groupKey.AsSpan(0, _groupKeyLength);

    /// <summary>The life that was given last.</summary>
    public IndexRecord Life { get; private set; }

    /// <summary>Begins with a moment (<see cref="long.MaxValue"/>: all lives of the current parts). A seek must follow.</summary>
    public void Open(IndexParts parts, long sequence, bool backward)
    {
        Begin(sequence, backward);
        if (sequence != long.MaxValue && parts.EraAt(sequence) is { } era)
        {
            Add(era.File, long.MaxValue);
            return;
        }

        foreach (IndexFile file in parts.Files) Add(file, file.Header.TruncatedAt);
        foreach (IndexDelta delta in parts.Frozen) Add(delta);
        Add(parts.Active);
        CapTruncated();
    }

    /// <summary>All lives of an era.</summary>
    public void Open(IndexEra era)
    {
        Begin(long.MaxValue, backward: false);
        Add(era.File, long.MaxValue);
    }

    public void Seek(ReadOnlySpan<byte> key, long rowId)
    {
        foreach (IndexCursor cursor in _open) cursor.Seek(key, rowId);
        _merge.Start();
    }

    public void SeekLast()
    {
        foreach (IndexCursor cursor in _open) cursor.SeekLast();
        _merge.Start();
    }

    /// <summary>The next row that has a key at the moment; false at the end. Reading all lives, the next life.</summary>
    public bool Next() => _backward ? NextBackward() : NextForward();

    private bool NextForward()
    {
        while (_merge.IsValid)
        {
            IndexRecord life = _merge.Record;
            long end = _endsAt[_merge.Source];
            if (life.IsTombstone)
            {
                _merge.Next();
                continue; // what it ends doesn't concern the moment
            }

            TakeGroup(life.RowId);
            _merge.Next();
            if (life.End == IndexRecord.Living)
            {
                // What comes next of the same row, if it is a tombstone, is this life's.
                if (_merge.IsValid && _merge.Record is { IsTombstone: true } tombstone && IsGroup(tombstone.RowId))
                {
                    end = tombstone.Time;
                    _merge.Next();
                }

                life = life with { End = end };
            }

            if (!life.Concerns(_sequence)) continue;
            Life = life;
            return true;
        }

        return false;
    }

    private bool NextBackward()
    {
        while (_merge.IsValid)
        {
            IndexRecord record = _merge.Record;
            long end = _endsAt[_merge.Source];
            TakeGroup(record.RowId);
            if (record.IsTombstone)
            {
                end = record.Time;
                _merge.Next();
                if (!_merge.IsValid || _merge.Record.IsTombstone || !IsGroup(_merge.Record.RowId)) continue;
                record = _merge.Record;
            }

            _merge.Next();
            if (record.End == IndexRecord.Living) record = record with { End = end };
            if (!record.Concerns(_sequence)) continue;
            Life = record;
            return true;
        }

        return false;
    }

    private void TakeGroup(long rowId)
    {
        ReadOnlySpan<byte> key = _merge.Key;
        if (key.Length > _groupKey.Length) _groupKey = new byte[key.Length * 2];
        key.CopyTo(_groupKey);
        _groupKeyLength = key.Length;
        _groupRow = rowId;
    }

    private bool IsGroup(long rowId) => rowId == _groupRow && _merge.Key.SequenceEqual(Key);

    private void Begin(long sequence, bool backward)
    {
        _merge.Reset(backward);
        _open.Clear();
        _endsAt.Clear();
        (_sequence, _backward, _usedFiles, _usedDeltas) = (sequence, backward, 0, 0);
    }

    private void Add(IndexFile file, long truncatedAt)
    {
        if (_usedFiles == _fileCursors.Count) _fileCursors.Add(new IndexFileCursor(file, _sequence, _backward));
        else _fileCursors[_usedFiles].Open(file, _sequence, _backward);
        Add(_fileCursors[_usedFiles++], truncatedAt);
    }

    private void Add(IndexDelta delta)
    {
        if (delta.IsEmpty) return;
        if (_usedDeltas == _deltaCursors.Count) _deltaCursors.Add(new IndexDeltaCursor(delta, _sequence, _backward));
        else _deltaCursors[_usedDeltas].Open(delta, _sequence, _backward);
        Add(_deltaCursors[_usedDeltas++], delta.TruncatedAt);
    }

    private void Add(IndexCursor cursor, long truncatedAt)
    {
        _open.Add(cursor);
        _merge.Add(cursor);
        _endsAt.Add(truncatedAt);
    }

    /// <summary>From "a TRUNCATE fell into this part" to "a TRUNCATE in a newer part ended what this one shows as living".</summary>
    private void CapTruncated()
    {
        long newer = IndexRecord.Living;
        for (int i = _endsAt.Count - 1; i >= 0; i--) (_endsAt[i], newer) = (newer, Math.Min(newer, _endsAt[i]));
    }
}
