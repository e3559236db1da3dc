using System.Collections.Immutable;
using DriftDb.Frontend;
using DriftDb.Runtime;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>The session's transaction: explicit blocks, implicit ones, savepoints, the failed state.</summary>
public sealed partial class Session
{
    private readonly List<Savepoint> _savepoints = [];
    private readonly List<Notification> _outbox = [];
    private StoreTransaction? _transaction;
    private bool _inBlock, _failed, _hasCatalogChanges;
    private StoreIsolation _isolation;
    private bool _isChained;
    private SessionCatalog? _ownCatalog;
    private long _transactionTime, _statementTime;
    private Timer? _statementTimer;

    private sealed record Savepoint(string Name, SessionMark Mark, int SettingsMark, int Notifications);

    /// <summary>SET CONSTRAINTS of the open transaction.</summary>
    internal ConstraintDeferral Deferral { get; } = new();

    /// <summary>'I' idle, 'T' in a transaction, 'E' in a failed one.</summary>
    public char TransactionStatus => !_inBlock ? 'I' : _failed ? 'E' : 'T';

    internal bool IsFailed => _failed;

    internal bool InBlock => _inBlock;

    /// <summary>True when a transaction is open that no BEGIN opened: Sync ends it.</summary>
    internal bool HasImplicitTransaction => !_inBlock && (_transaction is not null || _outbox.Count > 0);

    /// <summary>True when queries must run inside the transaction: for its snapshot, or to see its writes.</summary>
    internal bool ReadsInTransaction => _inBlock || _transaction is not null;

    internal long TransactionTimeMicros => _transactionTime;

    internal long StatementTimeMicros => _statementTime;

    internal StoreTransaction? CurrentTransaction => _transaction;

    /// <summary>A message with a statement has come: that is the statement's time, and that of a transaction which begins with it.</summary>
    private void ReadClock()
    {
        _statementTime = Instance.Clock.NowMicros;
        if (_transaction is null && !_inBlock) _transactionTime = _statementTime;
    }

    /// <summary>A statement begins (or begins again): timeout, the failed state.</summary>
    internal void BeginStatement()
    {
        if (_failed) throw FailedTransaction();
        // A statement of a routine is part of the client's, whose time runs already.
        if (RoutineDepth > 0) return;
        string timeout = Settings.Required("statement_timeout");
        if (timeout == "0") return;
        long timeoutMs = SettingChecks.ParseMilliseconds("statement_timeout", timeout);
        _statementTimer?.Dispose();
        _statementTimer = timeoutMs > 0 ? new Timer(_ => CancelRunning("canceling statement due to statement timeout"), null, timeoutMs, Timeout.Infinite) : null;
    }

    internal static SqlException FailedTransaction() => new(SqlState.InFailedSqlTransaction, "current transaction is aborted, commands ignored until end of transaction block");

    internal StoreTransaction EnsureTransaction()
    {
        if (_transaction is null)
        {
            _isolation = Isolation();
            _transaction = Store.Begin(_isolation);
            _transaction.ProcessId = ProcessId;
            _temporary?.Begin();
            Settings.BeginTransaction();
        }

        return _transaction;
    }

    /// <summary>
    /// How the open transaction runs: what AND CHAIN gives the next one. As in PostgreSQL a failure takes back what BEGIN or SET TRANSACTION said, and leaves the defaults; but not within a savepoint, and not what
    /// AND CHAIN itself gave.
    /// </summary>
    internal ImmutableArray<TransactionMode> Characteristics => _failed && !_isChained && _savepoints.Count == 0 ? [] :
    [
        TransactionMode.NewIsolation(_inBlock || _isChained ? LevelOf(Settings.Required("transaction_isolation")) : LevelOf(_isolation)),
        TransactionMode.NewReadOnly(Settings.IsOn(ModeSetting("read_only"))),
        TransactionMode.NewDeferrable(Settings.IsOn(ModeSetting("deferrable"))),
    ];

    /// <summary>COMMIT and ROLLBACK AND CHAIN of a block: the next block runs as the last one did.</summary>
    internal void BeginChainedBlock(ImmutableArray<TransactionMode> characteristics)
    {
        BeginBlock(characteristics);
        _isChained = true;
    }

    /// <summary>COMMIT and ROLLBACK AND CHAIN of a procedure: the next transaction, which runs as the last one did, whatever the defaults are by now.</summary>
    internal void BeginChained(ImmutableArray<TransactionMode> characteristics)
    {
        _isChained = true;
        Settings.BeginTransaction();
        SetModes(characteristics);
        EnsureTransaction();
    }

    /// <summary>SET TRANSACTION in a routine that runs outside of a block: from here on its transaction has modes of its own.</summary>
    internal void SetOwnModes(IEnumerable<TransactionMode> modes)
    {
        if (!_isChained)
        {
            foreach (string mode in (string[])["isolation", "read_only", "deferrable"]) Settings.Set($"transaction_{mode}", Settings.Required($"default_transaction_{mode}"), isLocal: true);
            _isChained = true;
        }

        SetModes(modes);
    }

    /// <summary>Where the open transaction's mode is kept: in the default for one that no BEGIN and no AND CHAIN has opened, and that no SET TRANSACTION has changed.</summary>
    private string ModeSetting(string mode) => _inBlock || _isChained ? $"transaction_{mode}" : $"default_transaction_{mode}";

    /// <summary>BEGIN. Within a block it is a warning.</summary>
    internal void BeginBlock(IEnumerable<TransactionMode> modes)
    {
        if (_failed) throw FailedTransaction();
        if (_inBlock) Notify("WARNING", SqlState.ActiveSqlTransaction, "there is already a transaction in progress");
        else
        {
            _inBlock = true;
            _transactionTime = _statementTime;
            Settings.BeginTransaction();
            Settings.Set("transaction_isolation", Settings.Required("default_transaction_isolation"), isLocal: true);
            Settings.Set("transaction_read_only", Settings.Required("default_transaction_read_only"), isLocal: true);
        }

        SetModes(modes);
    }

    /// <summary>SET TRANSACTION, and BEGIN's modes.</summary>
    internal void SetModes(IEnumerable<TransactionMode> modes)
    {
        foreach (var mode in modes)
        {
            switch (mode)
            {
                case TransactionMode.Isolation isolation:
                    if (_transaction is not null && NameOf(isolation.Level) != Settings.Required("transaction_isolation")) throw new SqlException(SqlState.ActiveSqlTransaction, "SET TRANSACTION ISOLATION LEVEL must be called before any query");
                    Settings.Set("transaction_isolation", NameOf(isolation.Level), isLocal: true);
                    break;
                case TransactionMode.ReadOnly access: Settings.Set("transaction_read_only", access.ReadOnly ? "on" : "off", isLocal: true); break;
                // A session keeps one condition; any number that the standard allows is as good.
                case TransactionMode.DiagnosticsSize size:
                    if (size.Conditions < 1) throw new SqlException(SqlState.InvalidConditionNumber, "the diagnostics area needs room for one condition at least");
                    break;
                case TransactionMode.Deferrable deferrable: Settings.Set("transaction_deferrable", deferrable.Deferrable ? "on" : "off", isLocal: true); break;
            }
        }
    }

    private static IsolationLevel LevelOf(string name) => name switch
    {
        "repeatable read" => IsolationLevel.RepeatableRead,
        "serializable" => IsolationLevel.Serializable,
        "read uncommitted" => IsolationLevel.ReadUncommitted,
        _ => IsolationLevel.ReadCommitted,
    };

    private static IsolationLevel LevelOf(StoreIsolation isolation) => isolation switch
    {
        StoreIsolation.RepeatableRead => IsolationLevel.RepeatableRead,
        StoreIsolation.Serializable => IsolationLevel.Serializable,
        _ => IsolationLevel.ReadCommitted,
    };

    internal static string NameOf(IsolationLevel level) =>
        level.IsReadCommitted ? "read committed" : level.IsRepeatableRead ? "repeatable read" : level.IsSerializable ? "serializable" : "read uncommitted";

    /// <summary>Commits; gives the log position to wait for. Messages of NOTIFY go out.</summary>
    internal long CommitTransaction()
    {
        var transaction = _transaction;
        long lsn = 0;
        if (transaction is not null)
        {
            _temporary?.RunOnCommit(this, transaction);
            string message = Settings.Get("drift.message") ?? "";
            lsn = transaction.Commit(Options.User, Settings.Required("application_name"), message.Length == 0 ? null : message).Lsn;
            _temporary?.Commit();
        }

        EndTransaction(committed: true);
        if (_outbox.Count > 0)
        {
            var messages = _outbox.ToArray();
            _outbox.Clear();
            Database.Notifications.Deliver(messages);
        }

        return lsn;
    }

    /// <summary>Commits the open transaction, which holds the table for itself, with the erasure of rows; durable and out of the files when this returns.</summary>
    internal void CommitErasure(StorageTable table, RowIdSet rows)
    {
        Store.Erase(_transaction!, table, rows, Options.User, Settings.Required("application_name"));
        EndTransaction(committed: true);
    }

    internal void RollbackTransaction()
    {
        _transaction?.Rollback();
        _temporary?.Rollback();
        _outbox.Clear();
        EndTransaction(committed: false);
    }

    internal Step CommitImplicitStep() => HasImplicitTransaction ? new CommitStep(this, isImplicit: true, "") : new ActionStep(static () => "", isShort: true);

    internal void SetSavepoint(string name)
    {
        RequireBlock("SAVEPOINT");
        if (_failed) throw FailedTransaction();
        EnsureTransaction();
        _savepoints.Add(new Savepoint(name, Mark(), Settings.Mark(), _outbox.Count));
    }

    /// <summary>A block with an EXCEPTION part begins: what it does can be taken back alone.</summary>
    internal Subtransaction BeginSubtransaction() => new(Mark(), Settings.Mark(), _outbox.Count);

    internal void RollbackSubtransaction(Subtransaction begun)
    {
        RollbackToSavepoint(begun.Mark);
        Settings.RollbackTo(begun.SettingsMark);
        _outbox.RemoveRange(begun.Notifications, _outbox.Count - begun.Notifications);
        _ownCatalog = null;
    }

    /// <summary>A place in the transaction to which a block's failure takes it back.</summary>
    internal readonly record struct Subtransaction(SessionMark Mark, int SettingsMark, int Notifications);

    internal void ReleaseSavepoint(string name)
    {
        RequireBlock("RELEASE SAVEPOINT");
        if (_failed) throw FailedTransaction();
        _savepoints.RemoveRange(FindSavepoint(name), _savepoints.Count - FindSavepoint(name));
    }

    internal void RollbackToSavepoint(string name)
    {
        RequireBlock("ROLLBACK TO SAVEPOINT");
        int index = FindSavepoint(name);
        var savepoint = _savepoints[index];
        RollbackToSavepoint(savepoint.Mark);
        Settings.RollbackTo(savepoint.SettingsMark);
        _outbox.RemoveRange(savepoint.Notifications, _outbox.Count - savepoint.Notifications);
        _savepoints.RemoveRange(index + 1, _savepoints.Count - index - 1);
        _ownCatalog = null;
        _failed = false;
    }

    /// <summary>A write (or a row lock) in a transaction that may only read is 25006.</summary>
    internal void RejectReadOnly(QueryKind kind)
    {
        if (kind == QueryKind.Select) return;
        RejectReadOnly(kind.ToString().ToUpperInvariant());
    }

    internal void RejectReadOnly(string command)
    {
        if (Settings.IsOn(_inBlock || _isChained ? "transaction_read_only" : "default_transaction_read_only") || Settings.Required("drift.as_of").Length > 0)
            throw new SqlException(SqlState.ReadOnlySqlTransaction, $"cannot execute {command} in a read-only transaction");
    }

    /// <summary>
    /// A statement has failed: an explicit transaction is aborted, an implicit one rolled back. Gives the exception to report: anything but an
    /// SqlException is a bug, told as XX000.
    /// </summary>
    internal SqlException StatementFailed(Exception error)
    {
        _statementTimer?.Dispose();
        _statementTimer = null;
        if (!_inBlock) RollbackTransaction();
        else if (!_failed) FailTransaction();
        return error as SqlException ?? (error is InsufficientExecutionStackException
            ? new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded", inner: error)
            : new SqlException(SqlState.InternalError, $"internal error: {error.GetType().Name}: {error.Message}", inner: error));
    }

    /// <summary>The block goes on to answer 25P02, but what it did is undone at once, or what it did since its last savepoint: others wait for nothing that can't come any more.</summary>
    private void FailTransaction()
    {
        _failed = true;
        if (_transaction is null) return;
        if (_savepoints.Count > 0)
        {
            RollbackToSavepoint(_savepoints[^1].Mark);
            return;
        }

        _transaction.Rollback();
        _temporary?.Rollback();
        _transaction = null;
        _ownCatalog = null;
        _hasCatalogChanges = false;
    }

    internal void QueueNotification(string channel, string payload)
    {
        var notification = new Notification(ProcessId, channel, payload);
        if (!_outbox.Contains(notification)) _outbox.Add(notification);
    }

    internal void RequireBlock(string command)
    {
        if (!_inBlock && RoutineDepth == 0) throw new SqlException(SqlState.NoActiveSqlTransaction, $"{command} can only be used in transaction blocks");
    }

    internal void RejectBlock(string command)
    {
        if (_inBlock) throw new SqlException(SqlState.ActiveSqlTransaction, $"{command} cannot run inside a transaction block");
    }

    /// <summary>The transaction's own DDL has changed the catalog that it sees.</summary>
    internal void CatalogChanged()
    {
        _hasCatalogChanges = true;
        _ownCatalog = null;
    }

    private StoreIsolation Isolation() => Settings.Required(_inBlock || _isChained ? "transaction_isolation" : "default_transaction_isolation") switch
    {
        "repeatable read" => StoreIsolation.RepeatableRead,
        "serializable" => StoreIsolation.Serializable,
        _ => StoreIsolation.ReadCommitted,
    };

    private int FindSavepoint(string name)
    {
        int index = _savepoints.FindLastIndex(savepoint => savepoint.Name == name);
        return index >= 0 ? index : throw new SqlException(SqlState.InvalidSavepointSpecification, $"savepoint \"{name}\" does not exist");
    }

    private void EndTransaction(bool committed)
    {
        // A procedure that commits goes on, and so does its time.
        if (RoutineDepth == 0)
        {
            _statementTimer?.Dispose();
            _statementTimer = null;
        }

        _transaction = null;
        _ownCatalog = null;
        _inBlock = _isChained = _failed = _hasCatalogChanges = false;
        _savepoints.Clear();
        Deferral.Reset();
        Settings.EndTransaction(committed);
        Database.AdvisoryLocks.ReleaseTransaction(this);
        ClosePortalsButHeld();
        ReleaseTemporary();
    }

    /// <summary>Outside of a block portals end with the cycle, also where nothing was written and no transaction was needed.</summary>
    internal void EndReads()
    {
        if (!_inBlock && _portals.Count > 0) ClosePortalsButHeld();
        Rest();
    }

    /// <summary>The client has its answer, and may take its time: a transaction without a portal in the middle of its rows keeps nothing in memory meanwhile.</summary>
    internal void Rest()
    {
        if (_inBlock && _transaction is { } transaction && _portals.Values.All(portal => portal.IsFinished)) transaction.Rest();
    }

    /// <summary>Cursors WITH HOLD that the transaction leaves behind.</summary>
    internal IEnumerable<Portal> PortalsToKeep => _portals.Values.Where(portal => portal.IsHeld && !portal.IsKept);

    private void ClosePortalsButHeld()
    {
        if (_portals.Count == 1 && _portals.TryGetValue("", out var only) && !only.IsAdvancing) ClosePortal("");
        else foreach (string name in _portals.Where(entry => !entry.Value.IsKept && !entry.Value.IsAdvancing).Select(entry => entry.Key).ToList()) ClosePortal(name);
    }

    /// <summary>Statements that a failed transaction accepts.</summary>
    private static bool EndsTransaction(Statement statement) => statement.Node is StatementNode.Rollback or StatementNode.Commit or StatementNode.RollbackToSavepoint;
}
