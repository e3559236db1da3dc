using DriftDb.Frontend;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// A statement that changes the catalog: takes its locks (waiting without a thread), works in the transaction, and is taken back as a whole when it fails.
/// </summary>
internal sealed class DefinitionStep(Session session, Func<DefinitionExecutor, string> work) : Step
{
    public DefinitionStep(Session session, StatementNode statement) : this(session, executor => executor.Execute(statement))
    {
    }

    private readonly LockWaiter _waiter = new();

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        if (!onWorker) return RunStatus.Yield;
        _waiter.ThrowIfFailed();
        session.BeginStatement();
        var transaction = session.EnsureTransaction();
        transaction.BeginStatement();
        var mark = session.Mark();
        try
        {
            Tag = work(new DefinitionExecutor(session, transaction));
            return RunStatus.Complete;
        }
        catch (LockNeededException)
        {
            session.RollbackTo(mark);
            session.CatalogChanged();
            _waiter.Start(session, transaction.PendingWait!);
            return RunStatus.Wait;
        }
    }

    public override void OnReady(Action callback) => _waiter.OnGranted(callback);
}

/// <summary>A definition met a lock that isn't free: it is undone, waited for, and run again. Never leaves <see cref="DefinitionStep"/>.</summary>
internal sealed class LockNeededException : Exception;
