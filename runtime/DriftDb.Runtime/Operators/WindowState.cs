using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// Keeps the sorted input and computes the calls' results partition by partition. When the rows outgrow their grant, the partitions that are complete are computed and go to a file; a single partition stays in memory, since a call may look
/// at any of its rows.
/// </summary>
internal sealed unsafe class WindowState(TupleLayout layout, SortColumn[] partition, SortColumn[] order, IReadOnlyList<WindowCallPlan> calls) : BufferState(layout)
{
    private readonly RowComparer _partitions = new(layout, partition);
    private readonly RowComparer _peers = new(layout, order);
    private Frame _frame = null!;
    private readonly PageableArray<long> _rows = new();
    private readonly PageableArray<int> _firstPeer = new(), _lastPeer = new();
    private RowSpool? _spool;
    private RowSpool.Reader? _reader;
    private long _nextRelief;
    private bool _done, _isReleasing;

    public override SpillFigures Spilled => _spool is { } spool ? new SpillFigures(spool.SpilledBytes, 1) : default;

    public override void Attach(Frame frame)
    {
        _frame = frame;
        Rows.Growing = Relieve;
    }

    public override void Relieve()
    {
        // After an attempt that freed little the next waits until there is half as much again: each looks at all rows.
        if (_done || _isReleasing || Rows.Count == 0 || MemoryBytes < _nextRelief || !_frame.Context.MustSpill(MemoryBytes)) return;
        NotePeak();
        int count = RowAddresses.List(Rows, _rows);
        int last = count - 1;
        while (last > 0 && _partitions.Compare(_rows[last - 1], _rows[count - 1]) == 0) last--;
        if (last > 0)
        {
            _isReleasing = true;
            Release(last, count);
            _isReleasing = false;
        }

        _nextRelief = MemoryBytes + MemoryBytes / 2;
    }

    public override void Finish(Frame frame)
    {
        if (_done) return;
        _done = true;
        Compute(RowAddresses.List(Rows, _rows));
        if (_spool is null) return;
        _spool.Take(Rows);
        FreeLists();
        _reader = _spool.Read();
    }

    public override int Addresses(int first, Span<long> addresses) => _reader is null ? base.Addresses(first, addresses) : _reader.Next(addresses);

    public override void Reset()
    {
        base.Reset();
        Forget();
    }

    public override void Free()
    {
        base.Free();
        Forget();
    }

    /// <summary>Computes the first rows, which are whole partitions, and moves them to the file; the others stay.</summary>
    private void Release(int complete, int count)
    {
        Compute(complete);
        _spool ??= new RowSpool(_frame.Context, Layout);
        for (int i = 0; i < complete; i++) _spool.Append((byte*)_rows[i]);
        var rest = new TupleBuffer(Layout);
        // Their results aren't there yet, and must not be taken for bytes.
        foreach (WindowCallPlan call in calls)
        {
            if (Layout.Types[call.ResultColumn].Kind != PhysicalKind.Bytes) continue;
            for (int i = complete; i < count; i++) *(ByteSlice*)((byte*)_rows[i] + Layout.Offset(call.ResultColumn)) = default;
        }

        for (int i = complete; i < count; i++) TupleCopy.Copy((byte*)_rows[i], Layout, rest.Append(), rest.Arena);
        Rows.Free();
        int kept = RowAddresses.List(rest, _rows);
        for (int i = 0; i < kept; i++) TupleCopy.Copy((byte*)_rows[i], Layout, Rows.Append(), Rows.Arena);
        rest.Free();
    }

    private void Compute(int count)
    {
        for (int start = 0; start < count;)
        {
            int end = start + 1;
            while (end < count && _partitions.Compare(_rows[start], _rows[end]) == 0) end++;
            _firstPeer.Reserve(end - start);
            _lastPeer.Reserve(end - start);
            for (int i = start; i < end;)
            {
                int next = i + 1;
                while (next < end && _peers.Compare(_rows[i], _rows[next]) == 0) next++;
                for (int k = i; k < next; k++) (_firstPeer[k - start], _lastPeer[k - start]) = (i - start, next - 1 - start);
                i = next;
            }

            foreach (WindowCallPlan call in calls) new WindowEvaluator(_frame, Layout, new WindowPartition(_rows, start, end - start, _firstPeer, _lastPeer), order, call, Rows.Arena).Run();
            start = end;
        }
    }

    private void Forget()
    {
        _reader?.Dispose();
        _spool?.Dispose();
        _reader = null;
        _spool = null;
        FreeLists();
        _done = false;
        _nextRelief = 0;
    }

    private void FreeLists()
    {
        _rows.Free();
        _firstPeer.Free();
        _lastPeer.Free();
    }
}
