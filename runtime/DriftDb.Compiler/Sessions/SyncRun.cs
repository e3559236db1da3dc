namespace DriftDb.Compiler;

/// <summary>Sync: ends the implicit transaction of the messages before it.</summary>
internal sealed class SyncRun(Session session) : StatementRun
{
    private readonly CommitStep _commit = new(session, isImplicit: true, "");
    private bool _started;

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        if (!_started)
        {
            if (!session.HasImplicitTransaction)
            {
                session.EndReads();
                return RunStatus.Complete;
            }

            _started = true;
        }

        try
        {
            return _commit.Advance(sink, maxRows, onWorker);
        }
        catch (Exception error)
        {
            throw session.StatementFailed(error);
        }
    }

    public override void OnReady(Action callback) => _commit.OnReady(callback);
}
