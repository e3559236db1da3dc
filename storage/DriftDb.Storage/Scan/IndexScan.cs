using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// Rows in an index's order, of one range of keys or of several. Row ids come from the index in batches (small ones first, so that a LIMIT doesn't pay for 2,048 rows), each row's version at the moment from the table; the transaction's own rows are merged in
/// by key.
/// </summary>
internal sealed unsafe class IndexScan : VectorSource
{
    private readonly StorageIndex _index;
    private readonly ReadView _view;
    private readonly KeyRange[] _ranges;
    private readonly bool _backward;
    private readonly StoreTransaction? _transaction;
    private readonly TableWrites? _writes;
    private readonly int _entryLimit;
    private readonly TableDefinition _definition;
    private readonly GatherBuffer _buffer;
    private readonly IndexRangeReader _reader;
    private readonly (byte[] Key, long RowId, int Entry, int BulkRow)[] _own = [];
    private readonly bool _skipsCommitted;
    private readonly KeyBuilder _key = new();
    private readonly TupleBuffer? _tuples;
    private long[] _rowIds = new long[64];
    private int _rowIdCount, _nextRowId, _nextOwn, _nextRange;

    /// <param name="index">The index.</param>
    /// <param name="view">The moment.</param>
    /// <param name="ranges">Ranges that don't overlap, in the order in which they are read: backward the greatest comes first.</param>
    /// <param name="columnIds">What the vectors have.</param>
    /// <param name="transaction">Whose own rows are merged in; null for none.</param>
    /// <param name="backward">From the greatest key to the smallest.</param>
    public IndexScan(StorageIndex index, ReadView view, KeyRange[] ranges, int[] columnIds, StoreTransaction? transaction, bool backward)
    {
        _index = index;
        _view = view;
        _ranges = ranges;
        _backward = backward;
        _reader = new IndexRangeReader(index);
        _definition = transaction is null ? index.Table.Definition : transaction.DefinitionOf(index.Table);
        _buffer = new GatherBuffer(columnIds);
        if (transaction?.WritesTo(index.Table) is not { } writes) return;
        _transaction = transaction;
        _writes = writes;
        _entryLimit = transaction.SeenEntries;
        _skipsCommitted = transaction.IsTruncated(writes, _entryLimit);
        _own = [.. writes.KeysOf(index).Sorted(transaction, _entryLimit).Where(row => IsInRange(row.Key))];
        if (backward) Array.Reverse(_own);
        if (_own.Length > 0) _tuples = new TupleBuffer(_definition.Layout);
    }

    public override bool Next(ScanVector vector)
    {
        _buffer.Clear(_rowIds.Length);
        while (!_buffer.IsFull)
        {
            if (!NextCommitted(out RowVersion row))
            {
                if (_nextOwn == _own.Length) break;
                AddOwn();
                continue;
            }

            if (_nextOwn < _own.Length)
            {
                byte* tuple = _tuples!.Count > 0 ? _tuples.Row(0) : _tuples.Append();
                row.CopyTo(tuple, _definition);
                _index.KeyOf(tuple, _definition, _key);
                int order = _own[_nextOwn].Key.AsSpan().SequenceCompareTo(_key.Key);
                if (_backward ? order > 0 : order < 0)
                {
                    AddOwn();
                    continue; // the committed row is looked at again
                }
            }

            _nextRowId++;
            _buffer.Add(row, _definition);
        }

        if (_buffer.Count == 0) return false;
        _buffer.Give(vector);
        if (_rowIds.Length < Limits.VectorRows && _nextRowId == _rowIdCount)
        {
            _rowIds = new long[_rowIds.Length * 4 > Limits.VectorRows ? Limits.VectorRows : _rowIds.Length * 4];
            _rowIdCount = _nextRowId = 0;
        }

        return true;
    }

    private bool IsInRange(byte[] key) =>
        Array.Exists(_ranges, range => key.AsSpan().SequenceCompareTo(range.Low.Span) >= 0 && (range.High.IsEmpty || key.AsSpan().SequenceCompareTo(range.High.Span) < 0));

    private void AddOwn()
    {
        (_, _, int entry, int bulkRow) = _own[_nextOwn++];
        _buffer.Add(_transaction!.OwnVersion(entry, bulkRow), _definition);
    }

    /// <summary>The next row ids of the range that is read, or else of the next one; 0 behind the last.</summary>
    private int ReadRowIds()
    {
        while (true)
        {
            int count = _nextRange == 0 ? 0 : _reader.Read(_rowIds);
            if (count > 0 || _nextRange == _ranges.Length) return count;
            _reader.Open(_ranges[_nextRange++], _view.AsOf, _backward);
        }
    }

    /// <summary>The committed row at the head of the queue, without taking it.</summary>
    private bool NextCommitted(out RowVersion row)
    {
        row = default;
        if (_skipsCommitted) return false;
        while (true)
        {
            if (_nextRowId == _rowIdCount)
            {
                _nextRowId = 0;
                _rowIdCount = ReadRowIds();
                if (_rowIdCount == 0)
                {
                    _index.Table.RequireKept(_view.AsOf);
                    return false;
                }
            }

            long rowId = _rowIds[_nextRowId];
            bool isHidden = _writes is not null && _transaction!.HidesCommitted(_writes, rowId, _entryLimit);
            if (!isHidden && _index.Table.TryFind(rowId, _view, out row))
            {
                if (_transaction is not null && _transaction.ObjectChanges.Count > 0) row = row.Under(_definition);
                return true;
            }

            _nextRowId++;
        }
    }
}
