using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// All that one run of a statement needs beside its plan. Made by the session, reused by it for one statement after another; used by one thread at a time.
/// </summary>
/// <remarks>Named so because System.Threading has an ExecutionContext already.</remarks>
public sealed unsafe class QueryContext
{
    private volatile bool _isCancelled;

    public required DriftStore Store { get; init; }

    /// <summary>The transaction; null for a reader without one (it reads <see cref="View"/>).</summary>
    public StoreTransaction? Transaction { get; set; }

    /// <summary>What the statement sees: the transaction's view, or <see cref="DriftStore.LatestView"/>. Set before each start.</summary>
    public ReadView View { get; set; }

    /// <summary>The same two for the session's temporary tables, which live in a store of their own; null and nothing when there are none.</summary>
    public StoreTransaction? TemporaryTransaction { get; set; }

    public ReadView TemporaryView { get; set; }

    public required ISessionServices Session { get; init; }

    public FormatSettings Settings { get; set; } = FormatSettings.Default;

    /// <summary>The parameters' values, one row of <see cref="CompiledQuery.ParameterLayout"/>; null when there are none. Must stay valid while the query runs.</summary>
    public byte* Parameters { get; set; }

    /// <summary>Message of the error that a cancelled statement ends with.</summary>
    public string CancelMessage { get; private set; } = "canceling statement due to user request";

    /// <summary>Bytes that live as long as the statement.</summary>
    public Arena StatementArena { get; } = new();

    /// <summary>Bytes made by functions while a morsel runs; taken back before the next one.</summary>
    public Arena Arena { get; } = new();

    /// <summary>work_mem: what one operator may keep in memory; 0 for what the budget says.</summary>
    public long WorkBytes { get; set; }

    /// <summary>The grant of an operator.</summary>
    internal long OperatorBytes => WorkBytes > 0 ? Math.Min(WorkBytes, Store.Memory.StatementLimitBytes) : Store.Memory.OperatorBytes;

    /// <summary>What an operator may keep even when all statements together have more than their share: less isn't worth a file.</summary>
    private const long SmallestGrantBytes = 1 << 20;

    /// <summary>Whether an operator that keeps so many bytes must move them to a file.</summary>
    internal bool MustSpill(long lengthBytes)
    {
        if (Store.Temporary is null) return false;
        long grant = OperatorBytes;
        return lengthBytes > grant || (lengthBytes > Math.Min(grant, SmallestGrantBytes) && Store.Memory.StatementBytes > Store.Memory.StatementLimitBytes);
    }

    internal TemporaryFile CreateTemporaryFile() => Store.Temporary!.Create();

    private int _reading = -1;

    /// <summary>The run goes on: what it looks at stays in memory until <see cref="EndReading"/>. A transaction sees to that by itself.</summary>
    internal void BeginReading()
    {
        if (Transaction is null) _reading = Store.BeginReading();
    }

    internal void EndReading()
    {
        if (_reading < 0) return;
        Store.EndReading(_reading);
        _reading = -1;
    }

    /// <summary>Between morsels nobody has an address into the store, other than scans: what has left the cache meanwhile may go.</summary>
    internal void PassSafePoint()
    {
        if (_reading >= 0) Store.PassSafePoint(ref _reading);
        else Transaction?.PassSafePoint();
    }

    /// <summary>Makes the running statement end with 57014; may be called from any thread.</summary>
    public void Cancel(string message = "canceling statement due to user request")
    {
        CancelMessage = message;
        _isCancelled = true;
    }

    public bool IsCancelled => _isCancelled;

    private RowIdSet? _mergedRows;

    /// <summary>Rows that a MERGE has inserted, updated or deleted so far.</summary>
    public long MergedRowCount { get; private set; }

    /// <summary>The statement is a MERGE: its branches share the count of rows, and no two may change the same one.</summary>
    public void BeginMerge() => _mergedRows = new RowIdSet();

    /// <summary>The statement is a MERGE.</summary>
    internal bool IsMerge => _mergedRows is not null;

    /// <summary>Counts a row that a branch of MERGE has written.</summary>
    internal void NoteMerged()
    {
        if (_mergedRows is not null) MergedRowCount++;
    }

    /// <summary>Throws 21000 when another branch, or another source row, has changed the row already.</summary>
    internal void RequireNotMerged(long rowId)
    {
        if (_mergedRows is null || _mergedRows.Add(rowId)) return;
        throw new SqlException(SqlState.CardinalityViolation, "MERGE command cannot affect row a second time", hint: "Ensure that not more than one source row matches any one target row.");
    }

    /// <summary>The transaction in the table's store.</summary>
    public StoreTransaction? TransactionOf(StorageTable table) => ReferenceEquals(table.Store, Store) ? Transaction : TemporaryTransaction;

    /// <summary>The view of the table's store.</summary>
    public ReadView ViewOf(StorageTable table) => ReferenceEquals(table.Store, Store) ? View : TemporaryView;

    /// <summary>Readies the context for another statement.</summary>
    public void Reset()
    {
        _isCancelled = false;
        _mergedRows = null;
        MergedRowCount = 0;
        StatementArena.Reset();
        Arena.Reset();
    }

    /// <summary>Throws when the statement was cancelled; called once a morsel.</summary>
    public void CheckCancelled()
    {
        if (_isCancelled) throw new SqlException(SqlState.QueryCanceled, CancelMessage);
    }
}
