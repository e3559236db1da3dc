using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// A full scan: chunk by chunk, 2,048 rows at a time, pointing straight into the chunks; then the transaction's own rows, gathered. A block in which nothing had ended by the moment is selected whole, without
/// looking at its rows.
/// </summary>
internal sealed unsafe class ChunkScan : TableScan
{
    private readonly StorageTable _table;
    private readonly TableDefinition _latest;
    private readonly ReadView _view;
    private readonly ZoneBound[] _bounds;
    private readonly StoreTransaction? _transaction;
    private readonly TableWrites? _writes;
    private readonly int _entryLimit;
    private readonly bool _readsOwnRows, _hidesRows;
    private readonly SlotReader[] _slots;
    private readonly int _endSlot = -1;
    private readonly MissingValues _missing = new();
    private readonly ColumnChunk[] _chunks;
    private readonly int _lastChunk;
    private int _nextChunk, _row, _rowCount, _arrived;
    private ColumnChunk? _chunk;
    private long[]? _trueEnds;
    private OwnRowsReader? _ownRows;
    private long[] _ends = [], _rowIds = [];
    private long _visited;

    public ChunkScan(StorageTable table, ReadView view, int[] columnIds, StoreTransaction? transaction, ZoneBound[] bounds)
    {
        _table = table;
        _latest = transaction is null ? table.Definition : transaction.DefinitionOf(table);
        _view = view;
        _bounds = bounds;
        _slots = new SlotReader[columnIds.Length];
        for (int i = 0; i < columnIds.Length; i++)
        {
            _slots[i].ColumnId = columnIds[i];
            if (columnIds[i] == SystemColumn.EndSequence) _endSlot = i;
        }

        _chunks = table.Chunks(out _lastChunk);
        _nextChunk = table.FirstChunkFor(view.AsOf);
        if (transaction is null || transaction.WritesTo(table) is not { } writes) return;
        _transaction = transaction;
        _writes = writes;
        _entryLimit = transaction.SeenEntries;
        _readsOwnRows = true;
        _hidesRows = writes.Latest.Count > 0;
        if (transaction.IsTruncated(writes, _entryLimit)) _nextChunk = _lastChunk;
    }

    private ChunkScan(ChunkScan whole, int firstChunk, int lastChunk, bool readsOwnRows)
    {
        _table = whole._table;
        _latest = whole._latest;
        _view = whole._view;
        _bounds = whole._bounds;
        _slots = [.. whole._slots];
        _endSlot = whole._endSlot;
        _chunks = whole._chunks;
        _nextChunk = firstChunk;
        _lastChunk = lastChunk;
        _transaction = whole._transaction;
        _writes = whole._writes;
        _entryLimit = whole._entryLimit;
        _readsOwnRows = readsOwnRows && whole._readsOwnRows;
        _hidesRows = whole._hidesRows;
    }

    public override IReadOnlyList<TableScan> Split(int count)
    {
        int chunks = _lastChunk - _nextChunk;
        int parts = Math.Clamp(count, 1, Math.Max(1, chunks));
        var scans = new TableScan[parts];
        for (int i = 0; i < parts; i++)
            scans[i] = new ChunkScan(this, _nextChunk + (int)((long)chunks * i / parts), _nextChunk + (int)((long)chunks * (i + 1) / parts), i == parts - 1);
        return scans;
    }

    public override long VisitedVersions => _visited;

    public override bool Next(ScanVector vector)
    {
        while (true)
        {
            while (_row >= _arrived)
            {
                if (_nextChunk < _lastChunk)
                {
                    Enter(_chunks[_nextChunk++]);
                    continue;
                }

                _chunk = null;
                // Looked at after reading: a floor that rose meanwhile may have taken away what should have been read.
                _table.RequireKept(_view.AsOf);
                if (!_readsOwnRows) return false;
                _ownRows ??= new OwnRowsReader(_transaction!, _writes!, _entryLimit, _slots);
                return _ownRows.Next(vector);
            }

            int first = _row, rows = Math.Min(Limits.VectorRows, _arrived - first);
            _row += rows;
            _visited += rows;
            int count = Select(vector.Selection, first, rows);
            if (count == 0) continue;
            _table.RequireKept(_view.AsOf);
            vector.Count = count;
            Point(vector, first, rows);
            return true;
        }
    }

    private void Enter(ColumnChunk chunk)
    {
        _row = _arrived = 0;
        if (chunk.ClosedAt <= _view.AsOf || chunk.FirstArrival > _view.AsOf) return;
        _rowCount = chunk.Count;
        int arrived = Faults.IgnoreArrival ? _rowCount : chunk.ArrivedBy(_view.AsOf, _rowCount);
        if (arrived == 0 || !MayMatch(chunk)) return;
        _chunk = chunk;
        chunk.NoteEntered();
        _ends = chunk.MayHaveEnded(_view.AsOf) ? chunk.End : [];
        _rowIds = _hidesRows ? chunk.RowId : [];
        for (int i = 0; i < _slots.Length; i++) _slots[i].Enter(chunk, _missing, _latest);
        _arrived = arrived;
    }

    private bool MayMatch(ColumnChunk chunk)
    {
        foreach (ZoneBound bound in _bounds)
        {
            int slot = chunk.Layout.SlotOf(bound.ColumnId);
            if (slot < 0) continue;
            ChunkColumn column = chunk.Columns[slot];
            if (column.HasZone && (column.Maximum < bound.Minimum || column.Minimum > bound.Maximum)) return false;
        }

        return true;
    }

    private int Select(ushort* selection, int first, int rows)
    {
        long asOf = _view.AsOf;
        int count;
        if (Volatile.Read(ref _chunk!.BlockMinEnd[first / Limits.VectorRows]) > asOf)
        {
            Identity.Select(selection, rows);
            count = rows;
        }
        else
        {
            // Without a branch: about 1 ns a row however the dead are spread.
            count = 0;
            fixed (long* ends = &_ends[first])
            {
                for (int row = 0; row < rows; row++)
                {
                    selection[count] = (ushort)row;
                    count += ends[row] > asOf ? 1 : 0;
                }
            }
        }

        return _hidesRows ? HideOwn(selection, count, first) : count;
    }

    private int HideOwn(ushort* selection, int count, int first)
    {
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            if (!_transaction!.HidesCommitted(_writes!, _rowIds[first + selection[i]], _entryLimit)) selection[kept++] = selection[i];
        }

        return kept;
    }

    private void Point(ScanVector vector, int first, int rows)
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            ref SlotReader slot = ref _slots[i];
            if (i == _endSlot)
            {
                vector.Data[i] = (nint)TrueEnds(vector, first);
                vector.Validity[i] = vector.Heap[i] = 0;
                continue;
            }

            vector.Data[i] = (nint)(slot.Data + (long)first * slot.Width);
            vector.Validity[i] = slot.Validity == null ? 0 : (nint)(slot.Width == 0 ? slot.Validity : slot.Validity + first / 8);
            vector.Heap[i] = (nint)slot.Heap;
        }

        vector.Owner = this;
    }

    /// <summary>Ends as the reader may know them: those after its visible sequence haven't happened, and a moved version's is with its copy.</summary>
    private long* TrueEnds(ScanVector vector, int first)
    {
        _trueEnds ??= GC.AllocateUninitializedArray<long>(Limits.VectorRows, pinned: true);
        for (int i = 0; i < vector.Count; i++)
        {
            int row = vector.Selection[i];
            long end = _table.TrueEnd(_chunk!, first + row);
            _trueEnds[row] = end > _view.Visible ? long.MaxValue : end;
        }

        return (long*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _trueEnds[0]);
    }
}
