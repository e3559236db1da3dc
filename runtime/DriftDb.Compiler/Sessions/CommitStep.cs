using DriftDb.Storage;

namespace DriftDb.Compiler;

/// <summary>Commits the open transaction and waits until it is durable.</summary>
internal sealed class CommitStep : Step
{
    private readonly Session _session;
    private readonly bool _isImplicit;
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

            _lsn = _session.CommitTransaction();
        }

        return _session.Store.DurableLsn >= _lsn ? RunStatus.Complete : RunStatus.Wait;
    }

    public override void OnReady(Action callback) => _session.Store.OnDurable(_lsn, callback);
}
