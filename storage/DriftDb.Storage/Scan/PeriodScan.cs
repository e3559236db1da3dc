using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// Yields every version of a period once. A version that time splits copied is given where its newest copy lies, as far as the reader's moment knows the copy: one made after it would be found neither here nor there.
/// </summary>
internal sealed unsafe class PeriodScan : VectorSource
{
    private readonly StorageTable _table;
    private readonly ReadView _view;
    private readonly PeriodKind _kind;
    private readonly long _from, _to;
    private readonly SlotReader[] _slots;
    private readonly MissingValues _missing = new();
    private readonly ColumnChunk[] _chunks;
    private readonly int _chunkCount;
    private readonly long[] _ends = GC.AllocateUninitializedArray<long>(Limits.VectorRows, pinned: true);
    private int _nextChunk, _row, _arrived;
    private long _visited;
    private ColumnChunk? _chunk;

    public PeriodScan(StorageTable table, ReadView view, PeriodKind kind, long from, long to, int[] columnIds)
    {
        _table = table;
        _view = view;
        _kind = kind;
        _from = from;
        _to = to;
        _slots = new SlotReader[columnIds.Length];
        for (int i = 0; i < columnIds.Length; i++) _slots[i].ColumnId = columnIds[i];
        _chunks = table.Chunks(out _chunkCount);
    }

    public override long VisitedVersions => _visited;

    public override bool Next(ScanVector vector)
    {
        while (true)
        {
            while (_row >= _arrived)
            {
                if (_nextChunk == _chunkCount)
                {
                    RequireKept();
                    return false;
                }

                Enter(_chunks[_nextChunk++]);
            }

            int first = _row, rows = Math.Min(Limits.VectorRows, _arrived - first);
            _row += rows;
            _visited += rows;
            Select(vector, first, rows);
            if (vector.Count == 0) continue;
            RequireKept();
            Point(vector, first);
            return true;
        }
    }

    /// <summary>All means all that is kept; a range must be kept whole.</summary>
    private void RequireKept()
    {
        if (_kind != PeriodKind.All) _table.RequireKept(_from);
    }

    private void Enter(ColumnChunk chunk)
    {
        _row = 0;
        _chunk = chunk;
        _arrived = chunk.ArrivedBy(_view.Visible, chunk.Count);
        if (_arrived == 0) return;
        for (int i = 0; i < _slots.Length; i++) _slots[i].Enter(chunk, _missing, _table.Definition);
    }

    private void Select(ScanVector vector, int first, int rows)
    {
        ColumnChunk chunk = _chunk!;
        long[] begins = chunk.Begin, ends = chunk.End;
        bool copiesAreKnown = chunk.ClosedAt <= _view.Visible;
        // Also leaves blanks out, whose end is 0.
        long floor = _table.Floor;
        int count = 0;
        for (int row = 0; row < rows; row++)
        {
            long begin = begins[first + row], end = Volatile.Read(ref ends[first + row]);
            if (ColumnChunk.IsMoved(end))
            {
                if (copiesAreKnown) continue;
                end = _table.TrueEnd(chunk, first + row);
            }

            if (end <= floor) continue;
            if (end > _view.Visible) end = long.MaxValue;
            bool matches = _kind switch
            {
                PeriodKind.Between => begin <= _to && end > _from && _from <= _to,
                PeriodKind.FromTo => begin < _to && end > _from && _from < _to,
                _ => true,
            };
            if (!matches) continue;
            _ends[row] = end;
            vector.Selection[count++] = (ushort)row;
        }

        vector.Count = count;
    }

    private void Point(ScanVector vector, int first)
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            ref SlotReader slot = ref _slots[i];
            bool isEnd = slot.ColumnId == SystemColumn.EndSequence;
            vector.Data[i] = isEnd ? (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _ends[0]) : (nint)(slot.Data + (long)first * slot.Width);
            vector.Validity[i] = slot.Validity == null ? 0 : (nint)(slot.Width == 0 ? slot.Validity : slot.Validity + first / 8);
            vector.Heap[i] = (nint)slot.Heap;
        }

        vector.Owner = this;
    }
}
