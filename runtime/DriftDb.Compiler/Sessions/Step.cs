namespace DriftDb.Compiler;

/// <summary>
/// One statement on its way, without the framing around it (row descriptions, completion, implicit commits): what runs are made of.
/// </summary>
internal abstract class Step : IDisposable
{
    /// <summary>The command tag, once the step is complete.</summary>
    public string Tag { get; protected set; } = "";

    /// <summary>The columns of the rows it puts out; null for none.</summary>
    public virtual ResultShape? Shape => null;

    public abstract RunStatus Advance(IResultSink sink, long maxRows, bool onWorker);

    /// <summary>See <see cref="StatementRun.OnReady"/>.</summary>
    public virtual void OnReady(Action callback) => callback();

    public virtual CopyInput? CopyIn => null;

    public virtual void Dispose()
    {
    }
}

/// <summary>A step that does its work at once.</summary>
internal sealed class ActionStep(Func<string> work, bool isShort = false) : Step
{
    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        if (!onWorker && !isShort) return RunStatus.Yield;
        Tag = work();
        return RunStatus.Complete;
    }
}
