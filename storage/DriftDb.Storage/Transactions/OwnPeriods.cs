using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>A transaction's own rows by the key of an index WITHOUT OVERLAPS, in order. Made when first asked for; follows the entries.</summary>
internal sealed unsafe class OwnPeriods(StorageIndex index, TableWrites writes)
{
    private readonly SortedSet<Row> _rows = new(Comparer<Row>.Create(static (a, b) =>
        a.Key.AsSpan().SequenceCompareTo(b.Key) is not 0 and var byKey ? byKey : a.Entry != b.Entry ? a.Entry.CompareTo(b.Entry) : a.BulkRow.CompareTo(b.BulkRow)));

    private readonly KeyBuilder _key = new();
    private int _followed, _generation;

    private readonly record struct Row(byte[] Key, int Entry, int BulkRow);

    /// <summary>The own row whose period overlaps the key's, other than <paramref name="except"/>; -1 for none.</summary>
    public long Overlapping(StoreTransaction transaction, ReadOnlySpan<byte> key, long except)
    {
        byte[] wanted = key.ToArray();
        foreach ((byte[] candidate, long rowId) in Backward(transaction, wanted))
        {
            if (rowId == except) continue;
            return PeriodKey.Overlap(candidate, wanted) ? rowId : -1;
        }

        return -1;
    }

    /// <summary>The owner's own rows that begin before the key's end, the last first.</summary>
    public IEnumerable<(byte[] Key, long RowId)> Backward(StoreTransaction transaction, byte[] key)
    {
        Follow(transaction);
        if (_rows.Count == 0) yield break;
        List<Row>? superseded = null;
        try
        {
            foreach (Row row in _rows.GetViewBetween(new Row([.. PeriodKey.Owner(key)], -1, 0), new Row(PeriodKey.Behind(key), -1, 0)).Reverse())
            {
                // What isn't the last word about its row any more will never be again: a rollback begins a new generation.
                if (!transaction.IsLatest(row.Entry, row.BulkRow)) (superseded ??= []).Add(row);
                else yield return (row.Key, RowIdOf(transaction, row));
            }
        }
        finally
        {
            superseded?.ForEach(row => _rows.Remove(row));
        }
    }

    private static long RowIdOf(StoreTransaction transaction, Row row) => transaction.EntryAt(row.Entry).RowId + row.BulkRow;

    private void Follow(StoreTransaction transaction)
    {
        if (_generation != writes.Generation)
        {
            _generation = writes.Generation;
            _rows.Clear();
            _followed = 0;
        }

        for (; _followed < writes.Entries.Count; _followed++)
        {
            int entry = writes.Entries[_followed];
            WriteEntry written = transaction.EntryAt(entry);
            if (written.Kind is WriteKind.Insert or WriteKind.Update) Add(written.Tuple, written.Definition, entry, 0);
            else if (written.Kind == WriteKind.Bulk)
            {
                for (int row = 0; row < written.Rows!.Count; row++) Add(written.Rows.Row(row), written.Definition, entry, row);
            }
        }
    }

    private void Add(byte* tuple, TableDefinition definition, int entry, int bulkRow)
    {
        if (index.KeyOf(tuple, definition, _key) && index.IsConstrained(_key)) _rows.Add(new Row(_key.Key.ToArray(), entry, bulkRow));
    }
}
