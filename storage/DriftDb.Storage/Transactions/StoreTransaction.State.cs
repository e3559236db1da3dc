using DriftDb.Types;

namespace DriftDb.Storage;

public sealed unsafe partial class StoreTransaction
{
    private readonly DriftStore _store;
    private WriteEntries? _entries;
    private Dictionary<StorageTable, TableWrites>? _writes;
    private TableWrites? _lastWrites, _onlyWrites;
    private ReadView _view;
    private bool _hasView;
    private TransactionState _state;

    /// <summary>What keeps memory that this transaction may have addresses in; -1 while it rests.</summary>
    internal ref int Epoch => ref _epoch;

    private int _epoch;

    /// <summary>Since the last safe point: at the next it waits while there is no room for what isn't saved.</summary>
    private bool _hasWrittenMany;

    internal StoreTransaction(DriftStore store, long id, StoreIsolation isolation)
    {
        _store = store;
        Id = id;
        Isolation = isolation;
        _epoch = store.Epochs.Enter();
    }

    private enum TransactionState : byte
    {
        Active,
        Committed,
        RolledBack,
    }

    /// <summary>Guarded by the lock table's latch.</summary>
    internal List<LockEntry> HeldLocks { get; } = [];

    /// <summary>The locks behind the first ones; guarded by the lock table's latch. Null for none.</summary>
    internal ManyLocks? ManyLocks { get; set; }

    internal LockWaiter? CurrentWait { get; set; }

    private PendingWait? LastWait { get; set; }

    public partial PendingWait? PendingWait => LastWait;

    /// <summary>Log position that must be durable before anything this transaction has seen may be acknowledged.</summary>
    internal long ReadLsn { get; private set; }

    public partial ReadView View => _hasView ? _view : BeginStatement();

    public partial bool HasTruncated(StorageTable table) => WritesTo(table) is { TruncatedAt: >= 0 };

    public partial bool HasWrites => EntryCount > _recheckCount || _objects.Count > 0;

    internal int EntryCount => _entries?.Count ?? 0;

    public partial ReadView BeginStatement()
    {
        CheckActive();
        LastWait = null;
        WithdrawRechecks();
        SeeAll();
        if (!_hasView || Isolation == StoreIsolation.ReadCommitted)
        {
            _view = _store.LatestView;
            _hasView = true;
            NoteRead(_store.VisibleLsn);
        }

        return _view;
    }

    public partial TransactionMark Mark() => new(EntryCount, _objects.Count, HeldLocks.Count, ManyLocks?.Count ?? 0);

    public partial void RollbackToSavepoint(TransactionMark mark)
    {
        RollbackTo(mark);
        _store.Locks.ReleaseSince(this, mark.Locks, mark.ManyLocks);
    }

    public partial void RollbackTo(TransactionMark mark)
    {
        CheckActive();
        while (EntryCount > mark.Entries)
        {
            WriteEntry entry = EntryAt(EntryCount - 1);
            _entries!.RemoveLast();
            TableWrites writes = entry.Writes;
            if (entry.IsRecheck) _recheckCount--;
            writes.Entries.RemoveLast();
            writes.Generation++;
            if (entry.Kind == WriteKind.Truncate) writes.TruncatedAt = entry.Previous;
            else if (entry.Kind == WriteKind.Bulk) writes.Bulks.RemoveAt(writes.Bulks.Count - 1);
            else if (entry.Previous >= 0) writes.Latest[entry.RowId] = entry.Previous;
            else writes.Latest.Remove(entry.RowId);
        }

        RollBackObjects(mark.Objects);
    }

    public partial CommitResult Commit(string user, string application, string? message)
    {
        CheckActive();
        // Behind its last rows a statement has no safe point any more.
        if (_hasWrittenMany) PassSafePoint();
        CommitResult result;
        try
        {
            result = HasWrites ? _store.Commit(this, user, application, message) : new CommitResult(ReadLsn, _hasView ? _view.AsOf : _store.VisibleSequence, 0);
        }
        catch
        {
            Rollback();
            throw;
        }

        _state = TransactionState.Committed;
        End();
        return result with { Lsn = Math.Max(result.Lsn, ReadLsn) };
    }

    public partial void Rollback()
    {
        if (_state != TransactionState.Active) return;
        _state = TransactionState.RolledBack;
        End();
    }

    /// <summary>Nobody has an address into the store at this moment, other than scans: memory that has left the chunks meanwhile may go.</summary>
    public void PassSafePoint()
    {
        bool mustWait = _hasWrittenMany && !_store.HasRoom;
        _hasWrittenMany = false;
        if (_epoch < 0 || _outerStatements > 0)
        {
            // The statements around this one may have addresses.
            if (mustWait) _store.WaitForRoom();
        }
        else if (mustWait)
        {
            // In its epoch it would keep whatever others read while it waits for the checkpoint.
            _store.Epochs.Exit(_epoch);
            _store.WaitForRoom();
            _epoch = _store.Epochs.Enter();
        }
        else _store.Epochs.Refresh(ref _epoch);
    }

    /// <summary>
    /// The transaction waits for its client, and nobody has an address into the store by it: until its next statement it keeps nothing in memory that has left the chunks. One that was left open for hours would keep all that others
    /// have read since.
    /// </summary>
    public void Rest()
    {
        if (_epoch < 0 || _state != TransactionState.Active) return;
        _store.Epochs.Exit(_epoch);
        _epoch = -1;
    }

    internal void NoteRead(long lsn)
    {
        if (lsn > ReadLsn) ReadLsn = lsn;
    }

    private void End()
    {
        if (HeldLocks.Count > 0 || ManyLocks is not null || CurrentWait is not null) _store.Locks.ReleaseAll(this);
        RetireRows();
        UncountKept();
        _entries?.Clear();
        _entries = null;
        if (_onlyWrites is not null) _onlyWrites.Table.ReturnWrites(_onlyWrites);
        if (_writes is not null)
        {
            foreach (TableWrites writes in _writes.Values) writes.Table.ReturnWrites(writes);
        }

        _writes = null;
        _lastWrites = _onlyWrites = null;
        _objects.Clear();
        if (_epoch >= 0) _store.Epochs.Exit(_epoch);
        _store.TransactionEnded(this);
    }

    /// <summary>Many rows' memory isn't left to the collector. Whoever has an address in them has it until this transaction's end, as with a chunk's heap.</summary>
    private void RetireRows()
    {
        if (_onlyWrites is { } only) Retire(only);
        if (_writes is null) return;
        foreach (TableWrites writes in _writes.Values) Retire(writes);

        void Retire(TableWrites writes)
        {
            foreach (int bulk in writes.Bulks) _store.Epochs.Retire(new RetiredRows(EntryAt(bulk).Rows!));
            if (writes.TakeLargeBuffer() is { } large) _store.Epochs.Retire(new RetiredRows(large));
        }
    }

    private sealed class RetiredRows(TupleBuffer rows) : IDisposable
    {
        public void Dispose() => rows.Free();
    }

    /// <summary>A lock that is an object of its own, with its place in the lock table.</summary>
    private const long LockBytes = 220;

    private const int EntriesCountedAtOnce = 1_024;

    private int _nextCount = EntriesCountedAtOnce;
    private long _countedBytes;

    /// <summary>
    /// Counts what can't be paged out of what is kept for changed rows. Throws 53200 when the budget has no room for it: the rows themselves, their entries and their numbers may lie in swap space, but locks and pages of rows that
    /// are scattered over the table can't.
    /// </summary>
    private void CountKept()
    {
        _nextCount = EntryCount + EntriesCountedAtOnce;
        MemoryAccount account = _store.Memory.Writes;
        long bytes = HeldLocks.Count * LockBytes + (ManyLocks?.ManagedBytes ?? 0) + (_onlyWrites?.ManagedBytes ?? 0);
        if (_writes is not null)
        {
            foreach (TableWrites writes in _writes.Values) bytes += writes.ManagedBytes;
        }

        long more = bytes - _countedBytes;
        if (more > 0 && account.UsedBytes + more > account.LimitBytes)
        {
            throw new SqlException(
                SqlState.OutOfMemory, "out of memory",
                detail: $"The transaction has changed {EntryCount} rows one by one, and what must be kept in memory for them until its end has no room within the memory budget.",
                hint: "Change fewer rows in a transaction, or start the server with a larger --memory. COPY and INSERT ... SELECT aren't limited by it.");
        }

        account.Add(more);
        _countedBytes = bytes;
    }

    private void UncountKept()
    {
        if (_countedBytes == 0) return;
        _store.Memory.Writes.Add(-_countedBytes);
        _countedBytes = 0;
    }

    private void CheckActive()
    {
        if (_state != TransactionState.Active) throw new InvalidOperationException("The transaction has ended.");
        if (_epoch < 0) _epoch = _store.Epochs.Enter();
    }
}
