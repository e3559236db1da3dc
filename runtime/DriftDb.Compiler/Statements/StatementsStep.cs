using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Statements one after the other as one: a procedure's or a block's body. What they return is dropped, but for the result that the body says it has.</summary>
internal abstract class StatementsStep(Session session, string tag) : Step
{
    private Step? _running;

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        if (!onWorker) return RunStatus.Yield;
        if (session.IsFailed) throw Session.FailedTransaction();
        for (_running ??= Next(); _running is not null; _running = Next())
        {
            if (_running.Advance(IsResult ? sink : new InternalSql.CountingSink(), 0, onWorker: true) is not RunStatus.Complete and var status) return status;
            _running.Dispose();
        }

        Tag = tag;
        return RunStatus.Complete;
    }

    public override void OnReady(Action callback) => _running!.OnReady(callback);

    public override void Dispose()
    {
        _running?.Dispose();
        base.Dispose();
    }

    /// <summary>The next statement; null after the last.</summary>
    protected abstract Step? Next();

    /// <summary>Whether the rows of the statement that is running are what the body returns.</summary>
    protected virtual bool IsResult => false;
}
