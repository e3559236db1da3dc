namespace DriftDb.Compiler;

/// <summary>Why <see cref="StatementRun.Advance"/> returned.</summary>
public enum RunStatus
{
    /// <summary>All is done, and what was committed is durable.</summary>
    Complete,
    /// <summary>The row limit of this Execute is reached; advance again for more (a suspended portal).</summary>
    RowLimit,
    /// <summary>A lock or the log is waited for: <see cref="StatementRun.OnReady"/>, then advance again.</summary>
    Wait,
    /// <summary>The sink is full; advance again when it has room.</summary>
    OutputFull,
    /// <summary>COPY FROM STDIN: feed <see cref="StatementRun.CopyIn"/>, finish or fail it, then advance again.</summary>
    CopyIn,
    /// <summary>The time slice is over; advance again, on a worker rather than on an I/O loop. Also the first answer for work that isn't short.</summary>
    Yield,
}

/// <summary>
/// A statement (or a string of statements) on its way: an explicit state machine that never blocks a thread. Used by one thread at a time.
/// Errors come as <see cref="Types.SqlException"/> from <see cref="Advance"/>; the session has then noted the failure, and the run is over.
/// </summary>
public abstract class StatementRun : IDisposable
{
    /// <summary>Goes on until something other than the caller's thread is needed.</summary>
    /// <param name="sink">Where results go.</param>
    /// <param name="maxRows">Rows after which a portal is suspended; 0 for no limit.</param>
    /// <param name="onWorker">True on a thread that may be used for long; false on an I/O loop, where long work answers <see cref="RunStatus.Yield"/> first.</param>
    public abstract RunStatus Advance(IResultSink sink, long maxRows, bool onWorker);

    /// <summary>
    /// After <see cref="RunStatus.Wait"/>: calls back once when it is worth advancing again, at once and inline if it is already. The callback runs on the thread that
    /// released the lock or wrote the log.
    /// </summary>
    public abstract void OnReady(Action callback);

    /// <summary>After <see cref="RunStatus.CopyIn"/>: takes the data.</summary>
    public virtual CopyInput? CopyIn => null;

    public virtual void Dispose()
    {
    }
}

/// <summary>The receiving end of COPY FROM STDIN.</summary>
public abstract class CopyInput
{
    public abstract int ColumnCount { get; }

    public abstract bool IsBinary { get; }

    /// <summary>Where in the data the copy is, for errors: <c>COPY t, line 2</c>; null when it isn't known.</summary>
    public virtual string? Where => null;

    /// <summary>Bytes as they come: chunk boundaries mean nothing. Throws <see cref="Types.SqlException"/> on bad data; the caller then discards until the end of the copy.</summary>
    public abstract void Write(ReadOnlySpan<byte> data);

    /// <summary>The client is done; advance the run to finish.</summary>
    public abstract void Finish();

    /// <summary>The client gave up (CopyFail): the next advance throws 57014 with its message.</summary>
    public abstract void Fail(string message);
}
