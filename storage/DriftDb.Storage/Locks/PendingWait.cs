namespace DriftDb.Storage;

/// <summary>
/// A transaction's place in a lock's queue. No thread blocks on it: the session suspends, and runs its statement again when told. Only one wait a transaction exists at a time.
/// </summary>
public abstract class PendingWait
{
    /// <summary>
    /// Calls back once, when the lock is granted (or at once, inline, when it already is). The callback runs on the thread of whoever released the lock and must only hand over.
    /// </summary>
    public abstract void OnGranted(Action callback);

    /// <summary>Whether the lock has been granted.</summary>
    public abstract bool IsGranted { get; }

    /// <summary>Leaves the queue: lock_timeout, statement_timeout, cancel. False when the lock was granted already (it stays held until the transaction ends).</summary>
    public abstract bool Cancel();

    /// <summary>What is waited for, in PostgreSQL's words, for messages and pg_locks.</summary>
    public abstract string Description { get; }

    /// <summary>Blocks the thread until granted; false after the timeout. For embedded use and tests.</summary>
    public bool Wait(int timeoutMs = Timeout.Infinite)
    {
        using var granted = new ManualResetEventSlim();
        OnGranted(granted.Set);
        return granted.Wait(timeoutMs);
    }
}
