using DriftDb.Storage;

namespace DriftDb.Compiler;

/// <summary>Commits the open transaction and waits until it is durable.</summary>
internal sealed class CommitStep : Step
{
    private readonly Session _session;
    private readonly bool _isImplicit;
    private readonly LockWaiter _waiter = new();
    private Portal? _keeping;
    private long _lsn = -1;

    public CommitStep(Session session, bool isImplicit, string tag)
    {
        _session = session;
        _isImplicit = isImplicit;
        Tag = tag;
    }

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        if (_lsn < 0)
        {
            if (!_isImplicit && _session.IsFailed)
            {
                // COMMIT of a failed transaction is a rollback, and says so.
                _session.RollbackTransaction();
                Tag = "ROLLBACK";
                return RunStatus.Complete;
            }

            if (!onWorker && (_session.Deferral.HasPending || _session.PortalsToKeep.Any())) return RunStatus.Yield;
            if (!TryCommit()) return RunStatus.Wait;
        }

        return _session.Store.DurableLsn >= _lsn ? RunStatus.Complete : RunStatus.Wait;
    }

    public override void OnReady(Action callback)
    {
        if (_keeping is { } portal)
        {
            _keeping = null;
            portal.Run.OnReady(callback);
        }
        else if (_lsn < 0) _waiter.OnGranted(callback);
        else _session.Store.OnDurable(_lsn, callback);
    }

    /// <summary>Checks what was deferred and commits; false when a lock has to be waited for first. A commit that fails ends the transaction.</summary>
    private bool TryCommit()
    {
        try
        {
            _waiter.ThrowIfFailed();
            while (ReferentialIntegrity.Deferred(_session, static _ => true) is not CheckOutcome.Passed and var outcome)
            {
                if (outcome == CheckOutcome.Changed) continue;
                _waiter.Start(_session, _session.CurrentTransaction!.PendingWait!);
                return false;
            }

            foreach (var portal in _session.PortalsToKeep.ToList())
            {
                if (portal.Keep() == RunStatus.Complete) continue;
                _keeping = portal;
                return false;
            }

            _lsn = _session.CommitTransaction();
            return true;
        }
        catch
        {
            _session.RollbackTransaction();
            throw;
        }
    }
}
