namespace DriftDb.Storage;

/// <summary>Several parts of an index as one: records in order of key, row and time (or against it), whichever part they come from. A heap of cursors.</summary>
internal sealed class IndexMerge
{
    private readonly List<IndexCursor> _cursors = [];
    private int[] _heap = new int[4];
    private int _count;
    private bool _backward;

    /// <summary>Begins anew, without cursors.</summary>
    public void Reset(bool backward)
    {
        _cursors.Clear();
        _count = 0;
        _backward = backward;
    }

    public void Add(IndexCursor cursor) => _cursors.Add(cursor);

    public bool IsValid => _count > 0;

    public ReadOnlySpan<byte> Key => _cursors[_heap[0]].Key;

    public IndexRecord Record => _cursors[_heap[0]].Record;

    /// <summary>The number of the cursor that the record comes from, in the order in which they were added.</summary>
    public int Source => _heap[0];

    /// <summary>All cursors are where they should begin.</summary>
    public void Start()
    {
        if (_heap.Length < _cursors.Count) _heap = new int[_cursors.Count];
        _count = 0;
        for (int i = 0; i < _cursors.Count; i++)
        {
            if (_cursors[i].IsValid) _heap[_count++] = i;
        }

        for (int i = _count / 2 - 1; i >= 0; i--) Sink(i);
    }

    public void Next()
    {
        IndexCursor first = _cursors[_heap[0]];
        first.Next();
        if (!first.IsValid) _heap[0] = _heap[--_count];
        if (_count > 1) Sink(0);
    }

    private void Sink(int at)
    {
        int moved = _heap[at];
        while (true)
        {
            int child = at * 2 + 1;
            if (child >= _count) break;
            if (child + 1 < _count && IsBefore(_heap[child + 1], _heap[child])) child++;
            if (!IsBefore(_heap[child], moved)) break;
            _heap[at] = _heap[child];
            at = child;
        }

        _heap[at] = moved;
    }

    private bool IsBefore(int a, int b)
    {
        IndexCursor first = _cursors[a], second = _cursors[b];
        int order = first.Key.SequenceCompareTo(second.Key);
        if (order == 0) order = first.Record.RowId.CompareTo(second.Record.RowId);
        if (order == 0) order = first.Record.Time.CompareTo(second.Record.Time);
        if (order == 0) order = a.CompareTo(b);
        return _backward ? order > 0 : order < 0;
    }
}
