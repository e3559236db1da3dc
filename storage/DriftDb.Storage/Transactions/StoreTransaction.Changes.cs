using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>Told of a row that changed. The tuples have the table's current layout and stay as they are during the call only.</summary>
/// <param name="oldTuple">The row before; null for a new one.</param>
/// <param name="newTuple">The row now; null for a deleted one.</param>
/// <returns>False to hear of no more.</returns>
public unsafe delegate bool RowChangeVisitor(byte* oldTuple, byte* newTuple);

/// <summary>What a stretch of the transaction has done to a table, row by row, for checks that come after a statement or before the commit.</summary>
public sealed unsafe partial class StoreTransaction
{
    /// <summary>The tables it has written to.</summary>
    public IEnumerable<StorageTable> WrittenTables
    {
        get
        {
            if (_onlyWrites is not null) yield return _onlyWrites.Table;
            if (_writes is null) yield break;
            foreach (StorageTable table in _writes.Keys) yield return table;
        }
    }

    /// <summary>
    /// Visits each row that differs between the mark and now, once. Rows that a TRUNCATE took away aren't visited.
    /// </summary>
    public void VisitChanges(StorageTable table, TransactionMark since, RowChangeVisitor visit)
    {
        CheckActive();
        if (WritesTo(table) is not { } writes) return;
        PageableList<int> entries = writes.Entries;
        // Entries of later statements (a cascade's) may be added meanwhile: they are visited by their own statement's checks.
        int first = FirstSince(entries, since.Entries), count = entries.Count;
        if (first == count) return;
        TableDefinition definition = DefinitionOf(table);
        var buffer = new TupleBuffer(definition.Layout);
        byte* before = buffer.Append(), now = buffer.Append();
        for (int i = first; i < count; i++)
        {
            int entry = entries[i];
            WriteEntry written = EntryAt(entry);
            if (written.Kind == WriteKind.Truncate || written.IsRecheck || entry < writes.TruncatedAt) continue;
            int rows = written.Kind == WriteKind.Bulk ? written.Rows!.Count : 1;
            for (int row = 0; row < rows; row++)
            {
                long rowId = written.RowId + row;
                bool isLast = writes.Latest.TryGetValue(rowId, out int latest) ? latest == entry : written.Kind == WriteKind.Bulk;
                if (!isLast) continue;
                byte* oldTuple = TryCopyOld(table, writes, rowId, since.Entries, definition, before) ? before : null;
                byte* newTuple = null;
                if (written.Kind != WriteKind.Delete)
                {
                    OwnVersion(entry, row).CopyTo(now, definition);
                    newTuple = now;
                }

                if (oldTuple == null && newTuple == null) continue;
                if (!visit(oldTuple, newTuple)) return;
            }
        }

        GC.KeepAlive(buffer);
    }

    /// <summary>The row as it was after the transaction's first <paramref name="limit"/> entries; false when it wasn't there.</summary>
    private bool TryCopyOld(StorageTable table, TableWrites writes, long rowId, int limit, TableDefinition definition, byte* tuple)
    {
        int entry = FindEntry(writes, rowId, limit, out int bulkRow);
        if (entry >= 0)
        {
            if (KindOf(entry) == WriteKind.Delete || entry < writes.TruncatedAt) return false;
            OwnVersion(entry, bulkRow).CopyTo(tuple, definition);
            return true;
        }

        // The row is locked since it was written, so its newest committed version is the one that was changed.
        if (IsTruncated(writes, limit) || !table.IsAlive(rowId, out _, out RowVersion version)) return false;
        version.CopyTo(tuple, definition);
        return true;
    }

    private static int FirstSince(PageableList<int> entries, int since)
    {
        int place = entries.BinarySearch(since);
        return place < 0 ? ~place : place;
    }
}
