using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>Writing rows: locks, checks, and then one entry in the write set.</summary>
public sealed unsafe partial class StoreTransaction
{
    /// <summary>From this size on a bulk load tries to keep other writers out as a whole instead of locking key by key.</summary>
    private const int BulkLockRows = 4096;

    [ThreadStatic] private static KeyBuilder? _keyBuilder;

    [ThreadStatic] private static TupleBuffer? _scratch;

    public partial WriteOutcome Insert(StorageTable table, byte* tuple)
    {
        CheckActive();
        if (!LockForWrite(table)) return new WriteOutcome(WriteStatus.MustWait, 0);
        TableDefinition definition = DefinitionOf(table);
        if (CheckUnique(table, definition, tuple, null, -1) is { } trouble) return trouble;
        TableWrites writes = WritesFor(table);
        long rowId = table.TakeRowIds(1);
        byte* copy = TupleComparison.CopyInto(BufferOf(writes, definition), tuple);
        writes.Latest[rowId] = AddEntry(new WriteEntry { Writes = writes, Kind = WriteKind.Insert, RowId = rowId, Tuple = copy, Definition = definition, Previous = -1, IsNewRow = true });
        return new WriteOutcome(WriteStatus.Done, rowId);
    }

    public partial WriteOutcome Update(StorageTable table, long rowId, byte* newTuple)
    {
        CheckActive();
        if (!LockForWrite(table)) return new WriteOutcome(WriteStatus.MustWait, rowId);
        TableDefinition definition = DefinitionOf(table);
        TableWrites writes = WritesFor(table);
        int previous = FindEntry(writes, rowId, int.MaxValue, out int bulkRow);
        bool isNewRow = false;
        byte* oldTuple = Scratch(definition);
        if (previous >= 0)
        {
            WriteEntry last = EntryAt(previous);
            if (last.Kind == WriteKind.Delete || previous < writes.TruncatedAt) return new WriteOutcome(WriteStatus.Changed, rowId);
            isNewRow = last.IsNewRow;
            if (last.IsRecheck && LockRowOnly(table, rowId, RowLockMode.NoKeyUpdate) == LockOutcome.MustWait) return new WriteOutcome(WriteStatus.MustWait, rowId);
            OwnVersion(previous, bulkRow).CopyTo(oldTuple, definition);
        }
        else
        {
            if (Claim(table, rowId, RowLockMode.NoKeyUpdate, writes, out RowVersion old) is { } outcome) return outcome;
            old.CopyTo(oldTuple, definition);
        }

        if (CheckUnique(table, definition, newTuple, oldTuple, rowId) is { } trouble) return trouble;
        byte* copy = TupleComparison.CopyInto(BufferOf(writes, definition), newTuple);
        int listed = writes.Latest.GetValueOrDefault(rowId, -1);
        writes.Latest[rowId] = AddEntry(new WriteEntry { Writes = writes, Kind = WriteKind.Update, RowId = rowId, Tuple = copy, Definition = definition, Previous = listed, IsNewRow = isNewRow });
        return new WriteOutcome(WriteStatus.Done, rowId);
    }

    public partial WriteOutcome Delete(StorageTable table, long rowId)
    {
        CheckActive();
        if (!LockForWrite(table)) return new WriteOutcome(WriteStatus.MustWait, rowId);
        TableWrites writes = WritesFor(table);
        int previous = FindEntry(writes, rowId, int.MaxValue, out _);
        bool isNewRow = false;
        if (previous >= 0)
        {
            WriteEntry last = EntryAt(previous);
            if (last.Kind == WriteKind.Delete || previous < writes.TruncatedAt) return new WriteOutcome(WriteStatus.Changed, rowId);
            isNewRow = last.IsNewRow;
            // An own update holds the weaker lock; the delete needs the stronger one.
            if (!isNewRow && LockRowOnly(table, rowId, RowLockMode.Update) == LockOutcome.MustWait) return new WriteOutcome(WriteStatus.MustWait, rowId);
        }
        else if (Claim(table, rowId, RowLockMode.Update, writes, out _) is { } outcome) return outcome;

        int listed = writes.Latest.GetValueOrDefault(rowId, -1);
        writes.Latest[rowId] = AddEntry(new WriteEntry { Writes = writes, Kind = WriteKind.Delete, RowId = rowId, Definition = DefinitionOf(table), Previous = listed, IsNewRow = isNewRow });
        return new WriteOutcome(WriteStatus.Done, rowId);
    }

    public partial WriteOutcome Truncate(StorageTable table)
    {
        CheckActive();
        if (LockTable(table, TableLockMode.AccessExclusive) == LockOutcome.MustWait) return new WriteOutcome(WriteStatus.MustWait, 0);
        TableWrites writes = WritesFor(table);
        writes.TruncatedAt = AddEntry(new WriteEntry { Writes = writes, Kind = WriteKind.Truncate, Definition = DefinitionOf(table), Previous = writes.TruncatedAt });
        return new WriteOutcome(WriteStatus.Done, 0);
    }

    public partial WriteOutcome BulkInsert(StorageTable table, TupleBuffer rows)
    {
        CheckActive();
        if (rows.Count == 0) return new WriteOutcome(WriteStatus.Done, 0);
        _hasWrittenMany |= rows.Count >= BulkLockRows;
        if (!LockForWrite(table)) return new WriteOutcome(WriteStatus.MustWait, 0);
        TableDefinition definition = DefinitionOf(table);
        TableWrites writes = WritesFor(table);
        // With nobody else writing, keys need no locks of their own. A load's last batch is as small as it happens to be.
        bool isAlone = !table.IsCommitted || ((rows.Count >= BulkLockRows || writes.Bulks.Count > 0) && LockTable(table, TableLockMode.ShareRowExclusive, LockWait.SkipLocked) == LockOutcome.Granted);
        TransactionMark mark = Mark();
        long firstRow = table.TakeRowIds(rows.Count);
        int entry = AddEntry(new WriteEntry { Writes = writes, Kind = WriteKind.Bulk, RowId = firstRow, Rows = rows, Definition = definition, Previous = -1, IsNewRow = true });
        writes.Bulks.Add(entry);
        foreach (StorageIndex index in IndexesOf(table))
        {
            if (!index.IsUsable || (!index.Definition.IsUnique && !index.Definition.WithoutOverlaps && !index.CanRefuse) || (isAlone && HasFreshKeys(index, writes, rows, definition))) continue;
            for (int block = 0, row = 0; block < rows.BlockCount; block++)
            {
                byte* tuple = rows.Block(block, out int count);
                for (int i = 0; i < count; i++, row++, tuple += rows.Layout.StrideBytes)
                {
                    if (Check(index, tuple, firstRow + row) is not { } trouble) continue;
                    RollbackTo(mark);
                    return trouble;
                }
            }
        }

        // Nobody looks at them before the commit, mostly.
        rows.PageOut();
        return new WriteOutcome(WriteStatus.Done, firstRow);

        WriteOutcome? Check(StorageIndex index, byte* tuple, long rowId)
        {
            if (index.Definition.IsUnique) return CheckUnique(table, definition, index, tuple, null, rowId, isAlone);
            if (index.Definition.WithoutOverlaps) return CheckOverlaps(table, definition, index, tuple, null, rowId, isAlone);
            index.KeyOf(tuple, definition, _keyBuilder ??= new KeyBuilder());
            return null;
        }
    }

    /// <summary>Whether a load's integer keys ascend and are greater than all in the index: the way a table is filled mostly, where checking each key would take longer than all the rest.</summary>
    private bool HasFreshKeys(StorageIndex index, TableWrites writes, TupleBuffer rows, TableDefinition definition)
    {
        if (!index.IsInteger) return false;
        long first = long.MaxValue, previous = long.MinValue;
        for (int block = 0; block < rows.BlockCount; block++)
        {
            byte* tuple = rows.Block(block, out int count);
            for (int i = 0; i < count; i++, tuple += rows.Layout.StrideBytes)
            {
                if (!index.IntegerKeyOf(tuple, definition, out long key) || (key <= previous && first != long.MaxValue)) return false;
                if (first == long.MaxValue) first = key;
                previous = key;
            }
        }

        return first != long.MaxValue && IsBehindAll(index, first) && writes.KeysOf(index).TakeAscending(this, first, previous);
    }

    private static bool IsBehindAll(StorageIndex index, long key) => !index.Definition.Key[0].Descending && index.IsBehindAll(index.EncodeInteger(key, stackalloc byte[9]));

    public partial LockOutcome LockRow(StorageTable table, long rowId, RowLockMode mode, LockWait wait)
    {
        CheckActive();
        int own = WritesTo(table) is { } writes ? FindEntry(writes, rowId, int.MaxValue, out _) : -1;
        if (own >= 0 && EntryAt(own).IsNewRow) return LockOutcome.Granted;
        LockOutcome outcome = LockRowOnly(table, rowId, mode, wait);
        if (outcome == LockOutcome.MustWait) NoteConflict(table, rowId);
        if (outcome != LockOutcome.Granted || own >= 0) return outcome;
        bool isAlive = table.IsAlive(rowId, out long begin, out RowVersion version);
        if (isAlive && begin <= View.AsOf) return LockOutcome.Granted;
        // A key share lock cares for the key only: an update of other columns since the snapshot doesn't matter to it.
        if (isAlive && mode == RowLockMode.KeyShare && HasSameKeys(table, rowId, version)) return LockOutcome.Granted;
        ThrowUnlessReadCommitted(isAlive);
        NoteConflict(table, rowId);
        return LockOutcome.Changed;
    }

    public partial LockOutcome LockTable(StorageTable table, TableLockMode mode, LockWait wait)
    {
        CheckActive();
        if (!table.IsCommitted) return LockOutcome.Granted; // nobody else knows it
        LockOutcome outcome = _store.Locks.Acquire(this, new LockKey(LockKind.Table, table.Id, 0), (byte)mode, wait, out LockWaiter? waiter);
        if (waiter is not null) LastWait = waiter;
        if (outcome == LockOutcome.Skipped && wait == LockWait.NoWait)
            throw new SqlException(SqlState.LockNotAvailable, $"could not obtain lock on relation \"{table.Definition.Name}\"");
        return outcome;
    }

    private bool LockForWrite(StorageTable table)
    {
        // Having written to it means holding the lock: locks stay until the end, whatever is rolled back.
        if (WritesTo(table) is not null) return true;
        if (LockTable(table, TableLockMode.RowExclusive) == LockOutcome.MustWait) return false;
        WritesFor(table);
        return true;
    }

    private LockOutcome LockRowOnly(StorageTable table, long rowId, RowLockMode mode, LockWait wait = LockWait.Wait)
    {
        LockOutcome outcome = _store.Locks.Acquire(this, new LockKey(LockKind.Row, table.Id, rowId), (byte)mode, wait, out LockWaiter? waiter);
        if (waiter is not null) LastWait = waiter;
        if (outcome == LockOutcome.Skipped && wait == LockWait.NoWait)
            throw new SqlException(SqlState.LockNotAvailable, $"could not obtain lock on row in relation \"{table.Definition.Name}\"");
        return outcome;
    }

    /// <summary>Locks a committed row for writing and checks that the statement has seen its newest version; null when so.</summary>
    private WriteOutcome? Claim(StorageTable table, long rowId, RowLockMode mode, TableWrites writes, out RowVersion version)
    {
        version = default;
        if (writes.TruncatedAt >= 0) return new WriteOutcome(WriteStatus.Changed, rowId);
        if (LockRowOnly(table, rowId, mode) == LockOutcome.MustWait)
        {
            NoteConflict(table, rowId);
            return new WriteOutcome(WriteStatus.MustWait, rowId);
        }

        bool isAlive = table.IsAlive(rowId, out long begin, out version);
        if (isAlive && begin <= View.AsOf) return null;
        ThrowUnlessReadCommitted(isAlive);
        NoteConflict(table, rowId);
        return new WriteOutcome(WriteStatus.Changed, rowId);
    }

    /// <summary>In READ COMMITTED the statement is run again after a change; in the other levels the transaction has failed.</summary>
    private void ThrowUnlessReadCommitted(bool isAlive)
    {
        if (Isolation != StoreIsolation.ReadCommitted)
            throw new SqlException(SqlState.SerializationFailure, isAlive ? "could not serialize access due to concurrent update" : "could not serialize access due to concurrent delete");
    }

    private bool HasSameKeys(StorageTable table, long rowId, RowVersion newest)
    {
        if (!table.TryFind(rowId, View, out RowVersion seen)) return false;
        TableDefinition definition = DefinitionOf(table);
        var buffer = new TupleBuffer(definition.Layout);
        byte* oldTuple = buffer.Append(), newTuple = buffer.Append();
        seen.CopyTo(oldTuple, definition);
        newest.CopyTo(newTuple, definition);
        foreach (StorageIndex index in IndexesOf(table))
        {
            if ((!index.Definition.IsUnique && !index.Definition.WithoutOverlaps) || index.SameKey(oldTuple, newTuple, definition)) continue;
            GC.KeepAlive(buffer);
            return false;
        }

        GC.KeepAlive(buffer);
        return true;
    }

    private WriteOutcome? CheckUnique(StorageTable table, TableDefinition definition, byte* tuple, byte* oldTuple, long rowId)
    {
        foreach (StorageIndex index in IndexListOf(table))
        {
            if (!index.IsUsable) continue;
            if (index.Definition.IsUnique)
            {
                if (CheckUnique(table, definition, index, tuple, oldTuple, rowId, isAlone: false) is { } trouble) return trouble;
            }
            else if (index.Definition.WithoutOverlaps)
            {
                if (CheckOverlaps(table, definition, index, tuple, oldTuple, rowId, isAlone: false) is { } trouble) return trouble;
            }
            else if (index.CanRefuse) index.KeyOf(tuple, definition, _keyBuilder ??= new KeyBuilder());
        }

        return null;
    }

    /// <summary>Locks the row's key in a unique index, so that nobody else can bring it meanwhile, and looks for another row that has it; null when there is none.</summary>
    private WriteOutcome? CheckUnique(StorageTable table, TableDefinition definition, StorageIndex index, byte* tuple, byte* oldTuple, long rowId, bool isAlone)
    {
        if (oldTuple != null)
        {
            if (index.SameKey(oldTuple, tuple, definition)) return null;
            // Changing a key takes the lock that keeps foreign keys' checks out.
            if (!IsOwnNewRow(table, rowId) && LockRowOnly(table, rowId, RowLockMode.Update) == LockOutcome.MustWait) return new WriteOutcome(WriteStatus.MustWait, rowId);
        }

        KeyBuilder builder = _keyBuilder ??= new KeyBuilder();
        long hash;
        Span<byte> integerKey = stackalloc byte[9];
        scoped ReadOnlySpan<byte> key;
        if (index.IsInteger)
        {
            if (!index.IntegerKeyOf(tuple, definition, out hash)) return null;
            key = index.EncodeInteger(hash, integerKey);
        }
        else
        {
            if (!index.KeyOf(tuple, definition, builder) || !index.IsConstrained(builder)) return null;
            key = builder.Key;
            hash = KeyHash.Of(key);
        }

        if (!isAlone && table.IsCommitted)
        {
            LockOutcome outcome = _store.Locks.Acquire(this, new LockKey(LockKind.Key, index.Definition.Id, hash), 0, LockWait.Wait, out LockWaiter? waiter);
            if (outcome == LockOutcome.MustWait)
            {
                LastWait = waiter;
                return new WriteOutcome(WriteStatus.MustWait, rowId);
            }
        }

        TableWrites? writes = WritesTo(table);
        long holder = index.LiveRow(hash, key);
        while (holder >= 0 && holder != rowId && (writes is null || (writes.TruncatedAt < 0 && FindEntry(writes, holder, int.MaxValue, out _) < 0)))
        {
            // Somebody may be deleting it: then wait what comes of that.
            if (!_store.Locks.IsFree(this, new LockKey(LockKind.Row, table.Id, holder), (byte)RowLockMode.KeyShare)
                && LockRowOnly(table, holder, RowLockMode.KeyShare) == LockOutcome.MustWait) return new WriteOutcome(WriteStatus.MustWait, rowId);
            long again = index.LiveRow(hash, key);
            if (again == holder) return new WriteOutcome(WriteStatus.UniqueViolation, holder, index);
            holder = again;
        }

        if (writes is not null && (writes.Latest.Count > 0 || writes.Bulks.Count > 0))
        {
            long own = writes.KeysOf(index).RowWith(this, hash, key, rowId);
            if (own >= 0) return new WriteOutcome(WriteStatus.UniqueViolation, own, index);
        }

        return null;
    }

    private bool IsOwnNewRow(StorageTable table, long rowId) =>
        WritesTo(table) is { } writes && FindEntry(writes, rowId, int.MaxValue, out _) is >= 0 and var entry && EntryAt(entry).IsNewRow;

    private static TupleBuffer BufferOf(TableWrites writes, TableDefinition definition)
    {
        if (writes.Buffer is { } buffer && ReferenceEquals(buffer.Layout, definition.Layout)) return buffer;
        return writes.Buffer = new TupleBuffer(definition.Layout, isPageable: true);
    }

    /// <summary>A tuple for passing use.</summary>
    private static byte* Scratch(TableDefinition definition)
    {
        if (_scratch is null || !ReferenceEquals(_scratch.Layout, definition.Layout)) _scratch = new TupleBuffer(definition.Layout);
        return _scratch.Count > 0 ? _scratch.Row(0) : _scratch.Append();
    }
}
