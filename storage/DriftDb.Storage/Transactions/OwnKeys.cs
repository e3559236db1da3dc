using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// A transaction's own rows by an index's key: a hash for points, a sorted list for ranges. Both are made when first asked for and follow the entries.
/// </summary>
internal sealed unsafe class OwnKeys(StorageIndex index, TableWrites writes)
{
    [ThreadStatic] private static KeyBuilder? _key;

    private readonly Dictionary<long, int> _hashHeads = [];
    private readonly RowMap _integerHeads = new();
    private readonly PageableList<(int Entry, int BulkRow, int Next)> _links = new();
    private int _indexedEntries, _generation, _ascendingEntries;
    private long _ascendingThrough = long.MinValue;
    private (byte[] Key, long RowId, int Entry, int BulkRow)[]? _sorted;
    private int _sortedEntries = -1, _sortedGeneration;

    /// <summary>What it takes of memory that can't be paged out: integers mostly have neighbours.</summary>
    public long ManagedBytes => _integerHeads.ManagedBytes + (_hashHeads.Count > RowMap.FewRows ? _hashHeads.Count * HashHeadBytes : 0);

    private const long HashHeadBytes = 44;

    /// <summary>The own row that has the key after the first <paramref name="limit"/> entries, other than <paramref name="except"/>; -1 when none has.</summary>
    public long RowWith(StoreTransaction transaction, long hash, ReadOnlySpan<byte> key, long except, int limit = int.MaxValue)
    {
        Follow(transaction);
        if (!(index.IsInteger ? _integerHeads.TryGetValue(hash, out int link) : _hashHeads.TryGetValue(hash, out link))) return -1;
        for (; link >= 0; link = _links[link].Next)
        {
            (int entry, int bulkRow, _) = _links[link];
            long rowId = transaction.EntryAt(entry).RowId + bulkRow;
            if (rowId == except || !transaction.IsLatest(entry, bulkRow, limit)) continue;
            if (index.IsInteger) return rowId;
            KeyBuilder builder = _key ??= new KeyBuilder();
            if (index.KeyOf(transaction.TupleOf(entry, bulkRow), transaction.EntryAt(entry).Definition, builder) && builder.Key.SequenceEqual(key)) return rowId;
        }

        return -1;
    }

    /// <summary>
    /// Notes a bulk insert whose integer keys ascend within it, and from what the transaction inserted before; false when they don't. Then there are no duplicates among them, and no hash
    /// is needed until somebody asks for a key.
    /// </summary>
    public bool TakeAscending(StoreTransaction transaction, long first, long last)
    {
        int before = writes.Entries.Count - 1;
        if (_generation != writes.Generation || !TakeSingle(transaction, before) || first <= _ascendingThrough) return false;
        _ascendingEntries = before + 1;
        _ascendingThrough = last;
        return true;
    }

    /// <summary>Rows that came one by one: a statement's first do, before it goes over to batches. False when there is a bulk among them that didn't ascend.</summary>
    private bool TakeSingle(StoreTransaction transaction, int limit)
    {
        for (; _ascendingEntries < limit; _ascendingEntries++)
        {
            WriteEntry written = transaction.EntryAt(writes.Entries[_ascendingEntries]);
            if (written.Kind == WriteKind.Bulk) return false;
            if (written.Kind is WriteKind.Insert or WriteKind.Update && index.IntegerKeyOf(written.Tuple, written.Definition, out long key)) _ascendingThrough = Math.Max(_ascendingThrough, key);
        }

        return true;
    }

    /// <summary>All own rows with their keys, by key and row, as they are after the transaction's first <paramref name="limit"/> entries.</summary>
    public (byte[] Key, long RowId, int Entry, int BulkRow)[] Sorted(StoreTransaction transaction, int limit)
    {
        if (_sorted is not null && _sortedEntries == limit && _sortedGeneration == writes.Generation) return _sorted;
        var rows = new List<(byte[] Key, long RowId, int Entry, int BulkRow)>();
        var builder = new KeyBuilder();
        foreach ((int entry, int bulkRow) in transaction.OwnRows(writes, limit))
        {
            WriteEntry written = transaction.EntryAt(entry);
            if (index.KeyOf(transaction.TupleOf(entry, bulkRow), written.Definition, builder)) rows.Add((builder.Key.ToArray(), written.RowId + bulkRow, entry, bulkRow));
        }

        rows.Sort(static (a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key) is not 0 and var order ? order : a.RowId.CompareTo(b.RowId));
        _sortedEntries = limit;
        _sortedGeneration = writes.Generation;
        return _sorted = [.. rows];
    }

    private void Follow(StoreTransaction transaction)
    {
        if (_generation != writes.Generation)
        {
            _generation = writes.Generation;
            _hashHeads.Clear();
            _integerHeads.Clear();
            _links.Clear();
            _indexedEntries = 0;
        }

        for (; _indexedEntries < writes.Entries.Count; _indexedEntries++)
        {
            int entry = writes.Entries[_indexedEntries];
            WriteEntry written = transaction.EntryAt(entry);
            if (written.Kind is WriteKind.Insert or WriteKind.Update) Add(written.Tuple, written.Definition, entry, 0);
            else if (written.Kind == WriteKind.Bulk)
            {
                TupleBuffer rows = written.Rows!;
                for (int block = 0, row = 0; block < rows.BlockCount; block++)
                {
                    byte* tuple = rows.Block(block, out int count);
                    for (int i = 0; i < count; i++, row++, tuple += rows.Layout.StrideBytes) Add(tuple, written.Definition, entry, row);
                }
            }
        }
    }

    private void Add(byte* tuple, TableDefinition definition, int entry, int bulkRow)
    {
        long hash;
        if (index.IsInteger)
        {
            if (!index.IntegerKeyOf(tuple, definition, out hash)) return;
        }
        else
        {
            KeyBuilder builder = _key ??= new KeyBuilder();
            if (!index.KeyOf(tuple, definition, builder) || !index.IsConstrained(builder)) return;
            hash = KeyHash.Of(builder.Key);
        }

        int link = _links.Count;
        if (index.IsInteger)
        {
            _links.Add((entry, bulkRow, _integerHeads.GetValueOrDefault(hash, -1)));
            _integerHeads[hash] = link;
            return;
        }

        ref int head = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_hashHeads, hash, out bool exists);
        _links.Add((entry, bulkRow, exists ? head : -1));
        head = link;
    }
}
