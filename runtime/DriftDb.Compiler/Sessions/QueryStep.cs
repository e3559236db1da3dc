using System.Globalization;
using DriftDb.Runtime;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// Runs a planned data statement: takes the snapshot, pulls rows, restarts the statement when a lock had to be waited for or a row changed under it,
/// and holds a reader's answer back until what it has read is durable.
/// </summary>
internal sealed unsafe class QueryStep : Step
{
    /// <summary>Rows pulled or handed to the sink at a time.</summary>
    private const int BatchRows = 1_024;

    private readonly Session _session;
    private readonly StepMemory _memory;
    private readonly QueryContext _context;
    private readonly ParameterRow? _parameters;
    private TupleBuffer _rows;
    private LockWaiter? _waiter;
    private QueryPlan _plan;
    private QueryExecution? _execution;
    private Session.SessionMark _mark;
    private int _position;
    private long _sent, _readLsn = -1;
    private readonly bool _readsLatest;
    private bool _isDone, _holdsRows, _isDisposed, _seesNoMore;
    private bool _countsAnew = true;
    private bool _isDescribed, _isRetry;

    /// <param name="session">The session that runs it.</param>
    /// <param name="plan">What to run.</param>
    /// <param name="parameters">The parameters' values; null when there are none.</param>
    /// <param name="isDescribed">True when the client may have been told the columns already, so that they must stay as they are.</param>
    /// <param name="readsLatest">True to read the newest committed rows whatever the isolation level: for the checks of foreign keys.</param>
    /// <exception cref="SqlException">A constant expression of the statement can't be computed.</exception>
    public QueryStep(Session session, QueryPlan plan, ParameterRow? parameters, bool isDescribed = false, bool readsLatest = false)
    {
        plan.ThrowIfConstantFails();
        _readsLatest = readsLatest;
        _session = session;
        _plan = plan;
        _parameters = parameters;
        _isDescribed = isDescribed;
        _memory = session.RentMemory(plan);
        _context = _memory.Context;
        _rows = _memory.Rows;
    }

    public override ResultShape? Shape => _plan.Shape;

    /// <summary>What each node did, for EXPLAIN ANALYZE.</summary>
    public QueryExecution? Execution => _execution;

    public QueryContext Context => _context;

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        try
        {
            return AdvanceHere(sink, maxRows, onWorker);
        }
        catch (LockNeededException) when (_plan.CallsRoutines)
        {
            // A routine that it calls met a lock: all is undone and run again when the lock is free.
            Abandon();
            Waiter.Start(_session, _context.Transaction!.PendingWait!);
            return RunStatus.Wait;
        }
    }

    private RunStatus AdvanceHere(IResultSink sink, long maxRows, bool onWorker)
    {
        if (_session.IsFailed) throw Session.FailedTransaction();
        if (!_plan.IsShort && !onWorker) return RunStatus.Yield;
        _session.SetRunning(_context);
        long limit = maxRows > 0 ? maxRows : long.MaxValue;
        if (_countsAnew)
        {
            // An Execute counts its own rows, however often it had to stop for the sink or the log.
            _sent = 0;
            _countsAnew = false;
        }

        _waiter?.ThrowIfFailed();
        while (true)
        {
            if (_execution is null && !_isDone)
            {
                if (!Start()) return RunStatus.Wait;
                // A write's rows are there only when all of it has succeeded; a query's columns are announced before its first row is computed.
                if (!_plan.IsWrite)
                {
                    sink.Opened(_plan.Shape!);
                    _isDescribed = true;
                }
            }

            while (_position < _rows.Count && !_holdsRows)
            {
                int count = (int)Math.Min(Math.Min(BatchRows, _rows.Count - _position), limit - _sent);
                bool hasRoom = sink.Rows(_rows, _position, count, _plan.Shape!);
                _position += count;
                _sent += count;
                if (_sent == limit)
                {
                    _countsAnew = true;
                    return RunStatus.RowLimit;
                }

                if (!hasRoom) return RunStatus.OutputFull;
            }

            if (_isDone) return Finish();
            if (!_holdsRows)
            {
                _rows.Clear();
                _position = 0;
            }

            switch (_execution!.Next(_rows, (int)Math.Min(limit - _sent, BatchRows)))
            {
                case ExecutionStatus.MoreRows: break;
                case ExecutionStatus.Done:
                    SeeAll();
                    if (_plan.ConcernsReferences && CheckReferences() is not CheckOutcome.Passed and var outcome)
                    {
                        Abandon();
                        if (outcome == CheckOutcome.Changed) break;
                        Waiter.Start(_session, _context.Transaction!.PendingWait!);
                        return RunStatus.Wait;
                    }

                    _isDone = true;
                    _holdsRows = false;
                    break;
                case ExecutionStatus.MustWait:
                    Abandon();
                    Waiter.Start(_session, _context.Transaction!.PendingWait!);
                    return RunStatus.Wait;
                case ExecutionStatus.Changed:
                    Abandon();
                    break;
            }
        }
    }

    public override void OnReady(Action callback)
    {
        if (_waiter is { IsWaiting: true }) _waiter.OnGranted(callback);
        else _session.Store.OnDurable(_readLsn, callback);
    }

    public override void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        SeeAll();
        _execution?.Dispose();
        if (_parameters is not null) _parameters.IsInUse = false;
        _session.Release(_context);
        _session.ReturnMemory(_memory);
    }

    /// <summary>Takes the snapshot now rather than when the first rows are asked for. Not for statements that write or lock.</summary>
    public void Open()
    {
        if (_execution is null && !_isDone && !_plan.IsWrite && !_plan.LocksRows) Start();
    }

    private LockWaiter Waiter => _waiter ??= new LockWaiter();

    /// <summary>Begins the statement, or begins it again; false when a table lock has to be waited for.</summary>
    private bool Start()
    {
        _session.BeginStatement();
        bool needsTransaction = _plan.IsWrite || _plan.LocksRows || _plan.CallsRoutines || _session.ReadsInTransaction;
        var transaction = needsTransaction ? _session.EnsureTransaction() : null;
        if (_plan.LocksRows) _session.RejectReadOnly(_plan.Kind);
        foreach (var target in _plan.Targets)
        {
            // Nobody else knows a temporary table, and even a read-only transaction may write to it.
            if (TemporaryObjects.Owns(target.Oid)) continue;
            _session.RejectReadOnly(_plan.Kind.ToString().ToUpperInvariant());
            if (transaction!.LockTable(target.Storage, TableLockMode.RowExclusive) != LockOutcome.MustWait) continue;
            Waiter.Start(_session, transaction.PendingWait!);
            return false;
        }

        // DDL may have come in between planning and here; its lock is what we may just have waited for.
        if (!_session.IsCurrent(_plan))
        {
            var renewed = _session.Replan(_plan);
            renewed.ThrowIfConstantFails();
            if (_isDescribed && !Session.SameColumns(_plan.Shape, renewed.Shape)) throw Session.ChangedResult();
            _plan = renewed;
            _rows = new TupleBuffer(_plan.Query.OutputLayout);
        }

        if (!_session.IsWithinSystem) _session.Access.Check(_plan.Bound.Accesses);
        _context.Reset();
        if (_plan.Kind == QueryKind.Merge) _context.BeginMerge();
        _session.BeginReading(_context, _isRetry);
        if (_readsLatest) _context.View = _session.Store.LatestView;
        if (transaction is not null) _mark = _session.Mark();
        else _readLsn = _session.Store.VisibleLsn;

        _context.Parameters = _parameters is null ? null : _parameters.Address;
        // What may be run again gives no row before it is done.
        _holdsRows = _plan.IsWrite || _plan.LocksRows || _plan.CallsRoutines;
        // No part of a statement sees what another one writes, a function that it calls among them.
        if (_plan.IsWrite || _plan.CallsRoutines) SeeNoMore();
        _execution = _plan.Query.Start(_context);
        return true;
    }

    private void SeeNoMore()
    {
        _seesNoMore = true;
        _context.Transaction?.SeeNoMore();
        _context.TemporaryTransaction?.SeeNoMore();
    }

    private void SeeAll()
    {
        if (!_seesNoMore) return;
        _seesNoMore = false;
        _context.Transaction?.SeeAll();
        _context.TemporaryTransaction?.SeeAll();
    }

    private CheckOutcome CheckReferences()
    {
        var outcome = ReferentialIntegrity.AfterStatement(_session, _mark);
        // Cascades were statements of their own; a cancel is this one's again.
        _session.SetRunning(_context);
        return outcome;
    }

    /// <summary>Takes back what the statement did so far.</summary>
    private void Abandon()
    {
        _execution?.Dispose();
        _execution = null;
        _rows.Clear();
        _position = 0;
        _session.RollbackTo(_mark);
        SeeAll();
        _isRetry = true;
    }

    private RunStatus Finish()
    {
        long affected = _plan.IsWrite && _plan.Shape is null ? _execution!.RowsAffected : _sent;
        Tag = _plan.Kind switch
        {
            QueryKind.Insert when affected == 1 => "INSERT 0 1",
            QueryKind.Insert => string.Create(CultureInfo.InvariantCulture, $"INSERT 0 {affected}"),
            QueryKind.Update when affected == 1 => "UPDATE 1",
            QueryKind.Update => string.Create(CultureInfo.InvariantCulture, $"UPDATE {affected}"),
            QueryKind.Merge => string.Create(CultureInfo.InvariantCulture, $"MERGE {_context.MergedRowCount}"),
            QueryKind.Delete => string.Create(CultureInfo.InvariantCulture, $"DELETE {affected}"),
            _ => affected == 1 ? "SELECT 1" : string.Create(CultureInfo.InvariantCulture, $"SELECT {affected}"),
        };
        // A reader without a transaction has nobody to commit for it: what it read must not be lost after it was told.
        if (_readLsn >= 0 && _session.Store.DurableLsn < _readLsn) return RunStatus.Wait;
        _countsAnew = true;
        return RunStatus.Complete;
    }
}
