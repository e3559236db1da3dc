using DriftDb.Compiler;
using DriftDb.Protocol;

namespace DriftDb.Server;

/// <summary>Drives the run at hand: goes on with it until it is over or has to wait, and knows what its end means on the wire.</summary>
internal sealed partial class Connection
{
    private StatementRun? _run;
    private RunKind _runKind;
    private long _maxRows;
    private Blocked _blockedOn;

    private enum RunKind : byte
    {
        /// <summary>A query string: ReadyForQuery follows.</summary>
        Simple,
        /// <summary>An Execute: the next message follows. The run belongs to its portal.</summary>
        Portal,
        /// <summary>A Sync: ReadyForQuery follows.</summary>
        Sync,
    }

    /// <summary>What has to come before the connection can go on.</summary>
    private enum Blocked : byte
    {
        No,
        OnRun,
        OnOutput,
        OnWorker,
    }

    private void Begin(RunKind kind, StatementRun run, long maxRows)
    {
        _run = run;
        _runKind = kind;
        _maxRows = maxRows;
        _phase = Phase.Running;
    }

    /// <summary>Advances the run once. False when the connection has to wait for something.</summary>
    private bool AdvanceRun()
    {
        var run = _run!;
        RunStatus status;
        try
        {
            status = run.Advance(this, _maxRows, WorkerPool.IsWorkerThread);
        }
        catch (Types.SqlException error)
        {
            RunFailed(error);
            return _phase < Phase.Closing;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            RunFailed(Bug(error));
            return _phase < Phase.Closing;
        }

        switch (status)
        {
            case RunStatus.Complete:
                EndRun();
                if (_runKind != RunKind.Portal) ReadyForQuery();
                return true;
            case RunStatus.RowLimit:
                SendNotices();
                BackendMessages.PortalSuspended(_output);
                EndRun();
                return true;
            case RunStatus.Wait:
                _blockedOn = Blocked.OnRun;
                run.OnReady(_onReady);
                return false;
            case RunStatus.OutputFull:
                return HasRoom();
            case RunStatus.CopyIn:
                BackendMessages.CopyInResponse(_output, run.CopyIn!.ColumnCount, run.CopyIn.IsBinary);
                _phase = Phase.CopyIn;
                return true;
            default:
                // On a worker with nobody else waiting, the next slice is ours too.
                if (WorkerPool.IsWorkerThread && !_server.Workers.HasWaiting) return true;
                WaitForWorker();
                return false;
        }
    }

    private void WaitForWorker()
    {
        _blockedOn = Blocked.OnWorker;
        _server.Workers.Queue(this);
    }

    /// <summary>A worker has come, unless another thread was serving the connection and took its signal: then it is asked for again.</summary>
    private bool HasWorker()
    {
        if (_blockedOn != Blocked.OnWorker) return true;
        if (!WorkerPool.IsWorkerThread)
        {
            _server.Workers.Queue(this);
            return false;
        }

        _blockedOn = Blocked.No;
        return true;
    }

    /// <summary>
    /// What the run waited for has come. The thread is the log writer's, or that of a session that released a lock. The log writer finishes the statement and
    /// sends the reply itself, which saves a hop. Inside another session's statement nothing is begun, or stacks would grow with the queue for a lock: the
    /// connection goes on after that session's turn, or on a worker of its own where that turn may be long.
    /// </summary>
    private bool IsReady()
    {
        if (_blockedOn != Blocked.OnRun) return true;
        if (t_depth > 1)
        {
            if (WorkerPool.IsWorkerThread) WaitForWorker();
            else (t_granted ??= new Queue<Connection>()).Enqueue(this);
            return false;
        }

        _blockedOn = Blocked.No;
        _isBorrowedThread = !WorkerPool.IsWorkerThread && !t_isPollThread;
        return true;
    }

    private void EndRun()
    {
        if (_runKind != RunKind.Portal) _run!.Dispose();
        _run = null;
        if (_phase is Phase.Running or Phase.CopyIn) _phase = Phase.Idle;
    }
}
