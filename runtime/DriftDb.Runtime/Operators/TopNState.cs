using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Keeps the first Offset + Count rows in a heap whose top is the worst; most rows are refused by one comparison. When the heap outgrows its grant all rows are
/// sorted instead.</summary>
internal sealed unsafe class TopNState : BufferState
{
    private readonly StartValues _limits;
    private readonly RowComparer _comparer;
    private readonly SortColumn[] _keys;
    private readonly byte[] _candidate;
    private readonly List<long> _heap = [];
    private TupleBuffer _kept;
    private long _wanted, _offset, _copied;
    private bool _begun;
    private long[] _order = [];
    private SortState? _all;
    private long _given;

    public TopNState(TupleLayout layout, SortColumn[] keys, StartValues limits) : base(layout)
    {
        (_keys, _limits) = (keys, limits);
        _comparer = new RowComparer(layout, keys);
        _candidate = GC.AllocateArray<byte>(layout.StrideBytes, pinned: true);
        _kept = new TupleBuffer(layout);
    }

    public long Begin(Frame frame)
    {
        if (!_begun)
        {
            _begun = true;
            (long? count, _offset) = LimitState.Evaluate(_limits, frame);
            _wanted = count is { } n ? (n > long.MaxValue - _offset ? long.MaxValue : n + _offset) : long.MaxValue;
        }

        fixed (byte* candidate = _candidate) return (long)candidate;
    }

    public void Clear() => _candidate.AsSpan(0, Layout.NullBitmapBytes).Clear();

    public void Offer()
    {
        fixed (byte* candidate = _candidate)
        {
            if (_all is not null)
            {
                TupleCopy.Copy(candidate, Layout, _all.Rows.Append(), _all.Rows.Arena);
                return;
            }

            if (_heap.Count < _wanted)
            {
                _heap.Add(Keep(candidate));
                SiftUp(_heap.Count - 1);
                return;
            }

            if (_wanted == 0 || _comparer.Compare((long)candidate, _heap[0]) >= 0) return;
            // The worst row's place is taken; its bytes stay behind until enough of them have gathered.
            byte* place = (byte*)_heap[0];
            TupleCopy.Copy(candidate, Layout, place, _kept.Arena);
            SiftDown(0);
            if (++_copied > 4 * Math.Max(1_024, _wanted)) Compact();
        }
    }

    public override void Finish(Frame frame)
    {
        Begin(frame);
        if (_all is not null)
        {
            _all.Finish(frame);
            _given = -_offset;
            return;
        }

        _heap.Sort(_comparer.Compare);
        _order = [.. _heap.Skip((int)Math.Min(int.MaxValue, _offset))];
    }

    public override void Attach(Frame frame) => _frame = frame;

    private Frame _frame = null!;

    public override SpillFigures Spilled => _all?.Spilled ?? default;

    public override void Relieve()
    {
        if (_all is not null) _all.Relieve();
        else if (_order.Length == 0 && _frame.Context.MustSpill(MemoryBytes)) SortAll();
    }

    public override int Addresses(int first, Span<long> addresses)
    {
        if (_all is not null) return Sorted(addresses);
        int count = Math.Min(addresses.Length, _order.Length - first);
        if (count <= 0) return 0;
        _order.AsSpan(first, count).CopyTo(addresses);
        return count;
    }

    public override long MemoryBytes => _all?.MemoryBytes ?? _kept.CapacityBytes + _heap.Count * sizeof(long);

    public override void Free()
    {
        base.Free();
        _kept.Free();
        _all?.Free();
    }

    /// <summary>Hands all that has come so far to a sort, and from now on every row.</summary>
    private void SortAll()
    {
        NotePeak();
        var all = new SortState(Layout, _keys);
        all.Attach(_frame);
        foreach (long row in _heap) TupleCopy.Copy((byte*)row, Layout, all.Rows.Append(), all.Rows.Arena);
        _all = all;
        _heap.Clear();
        _kept.Free();
    }

    /// <summary>The next rows of the sort, without those before the offset and behind the limit.</summary>
    private int Sorted(Span<long> addresses)
    {
        while (true)
        {
            long end = _wanted - _offset;
            if (_given >= end) return 0;
            int first = (int)Math.Min(int.MaxValue, _given + _offset);
            int count = _all!.Addresses(first, addresses);
            if (count == 0) return 0;
            long before = _given;
            _given += count;
            int skipped = (int)Math.Clamp(-before, 0, count), shown = (int)Math.Min(count, Math.Max(0, end - before)) - skipped;
            if (shown <= 0) continue;
            addresses.Slice(skipped, shown).CopyTo(addresses);
            return shown;
        }
    }

    public override void Reset()
    {
        base.Reset();
        _heap.Clear();
        _kept.Clear();
        _begun = false;
        _copied = _given = 0;
        _order = [];
        _all?.Free();
        _all = null;
    }

    private long Keep(byte* row)
    {
        byte* kept = _kept.Append();
        TupleCopy.Copy(row, Layout, kept, _kept.Arena);
        return (long)kept;
    }

    private void Compact()
    {
        var old = _kept;
        _kept = new TupleBuffer(Layout);
        for (int i = 0; i < _heap.Count; i++) _heap[i] = Keep((byte*)_heap[i]);
        old.Free();
        _copied = 0;
    }

    private void SiftUp(int index)
    {
        while (index > 0)
        {
            int parent = (index - 1) / 2;
            if (_comparer.Compare(_heap[index], _heap[parent]) <= 0) return;
            (_heap[index], _heap[parent]) = (_heap[parent], _heap[index]);
            index = parent;
        }
    }

    private void SiftDown(int index)
    {
        while (true)
        {
            int child = 2 * index + 1;
            if (child >= _heap.Count) return;
            if (child + 1 < _heap.Count && _comparer.Compare(_heap[child + 1], _heap[child]) > 0) child++;
            if (_comparer.Compare(_heap[index], _heap[child]) >= 0) return;
            (_heap[index], _heap[child]) = (_heap[child], _heap[index]);
            index = child;
        }
    }
}
