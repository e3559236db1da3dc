namespace DriftDb.Storage;

/// <summary>
/// Looks many keys up in one ordered index, one after the other, for a join: unlike a scan it keeps its buffers from key to key (allocating them anew cost ten times the lookup itself) and hands
/// the versions out where they lie. Used by one thread at a time.
/// </summary>
public sealed class IndexLookup(StorageIndex index)
{
    private readonly IndexRangeReader _reader = new(index);
    private readonly long[] _rowIds = new long[64];
    private ReadView _view;
    private int _count, _next;

    /// <summary>Whether it answers for the transaction: one that wrote to the table sees its own rows, which only <see cref="StorageIndex.Scan"/> merges in.</summary>
    public bool CanServe(StoreTransaction? transaction) => transaction is null || (transaction.ObjectChanges.Count == 0 && transaction.WritesTo(index.Table) is null);

    /// <summary>Begins with another key, or prefix of keys.</summary>
    public void Open(ReadView view, ReadOnlySpan<byte> prefix)
    {
        _view = view;
        _reader.Open(KeyRange.Prefix(prefix), view.AsOf, backward: false);
        _count = _next = 0;
    }

    /// <summary>The next row with the key, in the index's order; false when there are no more.</summary>
    public bool Next(out RowVersion row)
    {
        while (true)
        {
            if (_next == _count)
            {
                _next = 0;
                _count = _reader.Read(_rowIds);
                if (_count == 0)
                {
                    index.Table.RequireKept(_view.AsOf);
                    row = default;
                    return false;
                }
            }

            if (index.Table.TryFind(_rowIds[_next++], _view, out row)) return true;
        }
    }
}
