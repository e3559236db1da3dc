using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>The write set as the transaction's own reads see it.</summary>
public sealed unsafe partial class StoreTransaction
{
    private int _seenEntries = int.MaxValue;

    public partial void SeeNoMore() => _seenEntries = EntryCount;

    public partial void SeeAll() => _seenEntries = int.MaxValue;

    /// <summary>The entries that a read which begins now sees: the first so many.</summary>
    internal int SeenEntries => Math.Min(_seenEntries, EntryCount);

    internal WriteEntry EntryAt(int entry) => _entries![entry];

    private WriteKind KindOf(int entry) => _entries!.KindOf(entry);

    private int PreviousOf(int entry) => _entries!.PreviousOf(entry);

    internal byte* TupleOf(int entry, int bulkRow) => TupleOf(EntryAt(entry), bulkRow);

    private static byte* TupleOf(in WriteEntry written, int bulkRow) => written.Rows is { } rows ? rows.Row(bulkRow) : written.Tuple;

    /// <summary>What it has done to the table; null for nothing.</summary>
    internal TableWrites? WritesTo(StorageTable table)
    {
        if (_lastWrites is not { } last) return null;
        if (ReferenceEquals(last.Table, table)) return last;
        if (_onlyWrites is { } only) return ReferenceEquals(only.Table, table) ? _lastWrites = only : FindWrites(table);
        return FindWrites(table);
    }

    private TableWrites? FindWrites(StorageTable table)
    {
        if (_writes is null) return null;
        return _writes.TryGetValue(table, out TableWrites? writes) ? _lastWrites = writes : null;
    }

    /// <summary>The row's own version after the first <paramref name="limit"/> entries; false when none of them touched the row.</summary>
    internal bool TryGetOwn(StorageTable table, long rowId, int limit, out RowVersion row, out bool isDeleted)
    {
        row = default;
        isDeleted = false;
        if (WritesTo(table) is not { } writes) return false;
        int truncatedAt = TruncatedAt(writes, limit);
        int entry = FindEntry(writes, rowId, limit, out int bulkRow);
        if (entry < 0)
        {
            isDeleted = truncatedAt >= 0;
            return isDeleted;
        }

        isDeleted = KindOf(entry) == WriteKind.Delete || entry < truncatedAt;
        if (!isDeleted) row = OwnVersion(entry, bulkRow);
        return true;
    }

    internal RowVersion OwnVersion(int entry, int bulkRow)
    {
        WriteEntry written = EntryAt(entry);
        return new RowVersion(TupleOf(written, bulkRow), written.Definition, DefinitionOf(written.Writes.Table), written.RowId + bulkRow, this);
    }

    /// <summary>The newest entry below the limit that says something about the row; -1 when there is none.</summary>
    internal int FindEntry(TableWrites writes, long rowId, int limit, out int bulkRow)
    {
        bulkRow = 0;
        if (writes.Latest.TryGetValue(rowId, out int entry))
        {
            while (entry >= limit) entry = PreviousOf(entry);
            if (entry >= 0) return entry;
        }

        foreach (int bulk in writes.Bulks)
        {
            if (bulk >= limit) break;
            WriteEntry written = EntryAt(bulk);
            long offset = rowId - written.RowId;
            if ((ulong)offset >= (ulong)written.Rows!.Count) continue;
            bulkRow = (int)offset;
            return bulk;
        }

        return -1;
    }

    /// <summary>Whether the entry says the last word of the first <paramref name="limit"/> entries about its row, and the row lives.</summary>
    internal bool IsLatest(int entry, int bulkRow, int limit = int.MaxValue)
    {
        WriteEntry written = EntryAt(entry);
        if (limit < EntryCount)
            return entry < limit && entry >= TruncatedAt(written.Writes, limit) && written.Kind is not (WriteKind.Delete or WriteKind.Truncate) && FindEntry(written.Writes, written.RowId + bulkRow, limit, out _) == entry;
        if (entry < written.Writes.TruncatedAt || written.Kind is WriteKind.Delete or WriteKind.Truncate) return false;
        bool isListed = written.Writes.Latest.TryGetValue(written.RowId + bulkRow, out int latest);
        return written.Kind == WriteKind.Bulk ? !isListed : latest == entry;
    }

    /// <summary>The table's own rows that live after the first <paramref name="limit"/> entries, in the order of their last change.</summary>
    internal IEnumerable<(int Entry, int BulkRow)> OwnRows(TableWrites writes, int limit)
    {
        int truncatedAt = TruncatedAt(writes, limit);
        for (int i = 0; i < writes.Entries.Count; i++)
        {
            int entry = writes.Entries[i];
            if (entry >= limit) yield break;
            if (entry <= truncatedAt) continue;
            WriteKind kind = KindOf(entry);
            if (kind is WriteKind.Delete or WriteKind.Truncate) continue;
            if (kind != WriteKind.Bulk)
            {
                if (FindEntry(writes, EntryAt(entry).RowId, limit, out _) == entry) yield return (entry, 0);
                continue;
            }

            long firstRow = EntryAt(entry).RowId;
            int rows = EntryAt(entry).Rows!.Count;
            for (int row = 0; row < rows; row++)
            {
                if (writes.Latest.Count > 0 && FindEntry(writes, firstRow + row, limit, out _) != entry) continue;
                yield return (entry, row);
            }
        }
    }

    /// <summary>Whether committed versions of the row count for a scan that sees the first <paramref name="limit"/> entries.</summary>
    internal bool HidesCommitted(TableWrites writes, long rowId, int limit) => writes.Latest.Count > 0 && FindEntry(writes, rowId, limit, out _) >= 0;

    /// <summary>Whether the table was truncated within the first <paramref name="limit"/> entries.</summary>
    internal bool IsTruncated(TableWrites writes, int limit) => TruncatedAt(writes, limit) >= 0;

    private int TruncatedAt(TableWrites writes, int limit)
    {
        int truncatedAt = writes.TruncatedAt;
        while (truncatedAt >= limit) truncatedAt = PreviousOf(truncatedAt);
        return truncatedAt;
    }

    private TableWrites WritesFor(StorageTable table)
    {
        if (WritesTo(table) is { } existing) return existing;
        TableWrites writes = table.RentWrites();
        // Most transactions write to few tables: the first needs no dictionary.
        if (_onlyWrites is null) _onlyWrites = writes;
        else (_writes ??= new Dictionary<StorageTable, TableWrites>(ReferenceEqualityComparer.Instance)).Add(table, writes);
        return _lastWrites = writes;
    }

    private int AddEntry(WriteEntry entry)
    {
        WriteEntries entries = _entries ??= new WriteEntries();
        int number = entries.Count;
        if (number >= _nextCount) CountKept();
        entries.Add(entry);
        entry.Writes.Entries.Add(number);
        return number;
    }
}
