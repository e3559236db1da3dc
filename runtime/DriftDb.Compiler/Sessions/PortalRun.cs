using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>A portal's run: its statement in the transaction that is open, or in the implicit one that Sync ends.</summary>
internal sealed class PortalRun(Session session, Step step) : StatementRun
{
    private bool _isOver;

    /// <summary>There is nothing more to come from it.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Its step is at work.</summary>
    public bool IsAdvancing { get; private set; }

    public override CopyInput? CopyIn => step.CopyIn;

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        if (_isOver) throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "portal cannot be run");
        try
        {
            IsAdvancing = true;
            var status = step.Advance(sink, maxRows, onWorker);
            IsFinished = status == RunStatus.Complete;
            if (!IsFinished) return status;
            // A portal that returned all its rows may be executed again: it gives none.
            if (step.Shape is null) _isOver = true;
            if (step.Tag.Length == 0) sink.Empty();
            else sink.Complete(step.Tag);
            return RunStatus.Complete;
        }
        catch (Exception error)
        {
            _isOver = true;
            // Fetched from within a block: the failure is the block's, which may handle it.
            if (session.RoutineDepth > 0) throw;
            throw session.StatementFailed(error);
        }
        finally
        {
            IsAdvancing = false;
            session.Leaving();
        }
    }

    public override void OnReady(Action callback) => step.OnReady(callback);

    public override void Dispose() => step.Dispose();
}
