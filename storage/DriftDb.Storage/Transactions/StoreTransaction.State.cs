using DriftDb.Types;

namespace DriftDb.Storage;

public sealed unsafe partial class StoreTransaction
{
    private readonly DriftStore _store;
    private WriteEntry[] _entries = [];
    private int _entryCount;
    private Dictionary<StorageTable, TableWrites>? _writes;
    private TableWrites? _lastWrites, _onlyWrites;
    private ReadView _view;
    private bool _hasView;
    private TransactionState _state;

    /// <summary>What keeps memory that this transaction may have addresses in.</summary>
    internal ref int Epoch => ref _epoch;

    private int _epoch;

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

    internal LockWaiter? CurrentWait { get; set; }

    private PendingWait? LastWait { get; set; }

    public partial PendingWait? PendingWait => LastWait;

    /// <summary>Log position that must be durable before anything this transaction has seen may be acknowledged.</summary>
    internal long ReadLsn { get; private set; }

    public partial ReadView View => _hasView ? _view : BeginStatement();

    public partial bool HasWrites => _entryCount > _recheckCount || _objects.Count > 0;

    internal int EntryCount => _entryCount;

    public partial ReadView BeginStatement()
    {
        CheckActive();
        LastWait = null;
        WithdrawRechecks();
        if (!_hasView || Isolation == StoreIsolation.ReadCommitted)
        {
            _view = _store.LatestView;
            _hasView = true;
            NoteRead(_store.VisibleLsn);
        }

        return _view;
    }

    public partial TransactionMark Mark() => new(_entryCount, _objects.Count, HeldLocks.Count);

    public partial void RollbackToSavepoint(TransactionMark mark)
    {
        RollbackTo(mark);
        _store.Locks.ReleaseSince(this, mark.Locks);
    }

    public partial void RollbackTo(TransactionMark mark)
    {
        CheckActive();
        while (_entryCount > mark.Entries)
        {
            ref WriteEntry entry = ref _entries[--_entryCount];
            TableWrites writes = entry.Writes;
            if (entry.IsRecheck) _recheckCount--;
            writes.Entries.RemoveAt(writes.Entries.Count - 1);
            writes.Generation++;
            if (entry.Kind == WriteKind.Truncate) writes.TruncatedAt = entry.Previous;
            else if (entry.Kind == WriteKind.Bulk) writes.Bulks.RemoveAt(writes.Bulks.Count - 1);
            else if (entry.Previous >= 0) writes.Latest[entry.RowId] = entry.Previous;
            else writes.Latest.Remove(entry.RowId);
            entry = default;
        }

        RollBackObjects(mark.Objects);
    }

    public partial CommitResult Commit(string user, string application, string? message)
    {
        CheckActive();
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
    public void PassSafePoint() => _store.Epochs.Refresh(ref _epoch);

    internal void NoteRead(long lsn)
    {
        if (lsn > ReadLsn) ReadLsn = lsn;
    }

    private void End()
    {
        if (HeldLocks.Count > 0 || CurrentWait is not null) _store.Locks.ReleaseAll(this);
        RetireRows();
        CountEntries(EntriesCountedAtOnce);
        _entries = [];
        _entryCount = 0;
        if (_onlyWrites is not null) _onlyWrites.Table.ReturnWrites(_onlyWrites);
        if (_writes is not null)
        {
            foreach (TableWrites writes in _writes.Values) writes.Table.ReturnWrites(writes);
        }

        _writes = null;
        _lastWrites = _onlyWrites = null;
        _objects.Clear();
        _store.Epochs.Exit(_epoch);
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
            foreach (int bulk in writes.Bulks) _store.Epochs.Retire(new RetiredRows(_entries[bulk].Rows!));
            if (writes.TakeLargeBuffer() is { } large) _store.Epochs.Retire(new RetiredRows(large));
        }
    }

    private sealed class RetiredRows(TupleBuffer rows) : IDisposable
    {
        public void Dispose() => rows.Free();
    }

    /// <summary>A changed row's entry, its place in the lists of what was changed, its lock, its event at the commit: measured 320–400 bytes, without its values, which may lie in swap space.</summary>
    private const long EntryBytes = 384;

    private const int EntriesCountedAtOnce = 1_024;

    private int _countedEntries = EntriesCountedAtOnce;

    /// <summary>Throws 53200 when the budget has no room for another thousand changed rows.</summary>
    private void CountEntries(int entries)
    {
        MemoryAccount account = _store.Memory.Writes;
        long bytes = (entries - _countedEntries) * EntryBytes;
        if (bytes > 0 && account.UsedBytes + bytes > account.LimitBytes)
        {
            throw new SqlException(
                SqlState.OutOfMemory, "out of memory",
                detail: $"The transaction has changed {_entryCount} rows one by one, and what must be kept of each until its end has no room within the memory budget.",
                hint: "Change fewer rows in a transaction, or start the server with a larger --memory. COPY and INSERT ... SELECT aren't limited by it.");
        }

        account.Add(bytes);
        _countedEntries = entries;
    }

    private void CheckActive()
    {
        if (_state != TransactionState.Active) throw new InvalidOperationException("The transaction has ended.");
    }
}
