using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>What an advisory lock is about: one bigint, or two integers, which are different locks.</summary>
internal readonly record struct AdvisoryKey(long Value, bool IsPair)
{
    public static AdvisoryKey Of(int first, int second) => new((long)first << 32 | (uint)second, true);
}

/// <summary>
/// A database's advisory locks (pg_advisory_lock and its kin): held by a session until it lets go, as often as it took them, or until its transaction ends.
/// </summary>
internal sealed class AdvisoryLocks
{
    private const int PollMs = 5;

    private readonly Lock _gate = new();
    private readonly List<Holding> _holdings = [];

    /// <summary>How many there are, to be looked at without the gate: every commit asks, and there are hardly ever any.</summary>
    private volatile int _count;

    private sealed record Holding(Session Session, AdvisoryKey Key, bool IsShared, bool ForTransaction);

    public bool TryAcquire(Session session, AdvisoryKey key, bool isShared, bool forTransaction)
    {
        lock (_gate)
        {
            if (_holdings.Exists(held => held.Key == key && !ReferenceEquals(held.Session, session) && !(isShared && held.IsShared))) return false;
            _holdings.Add(new Holding(session, key, isShared, forTransaction));
            _count = _holdings.Count;
            return true;
        }
    }

    /// <summary>Waits until the lock is free, the statement is cancelled (57014) or lock_timeout is over (55P03). The worker that runs the statement waits with it.</summary>
    public void Acquire(QueryContext context, Session session, AdvisoryKey key, bool isShared, bool forTransaction)
    {
        long timeoutMs = session.LockTimeoutMs, until = Environment.TickCount64 + timeoutMs;
        while (!TryAcquire(session, key, isShared, forTransaction))
        {
            context.CheckCancelled();
            if (timeoutMs > 0 && Environment.TickCount64 >= until) throw new SqlException(SqlState.LockNotAvailable, "canceling statement due to lock timeout");
            Thread.Sleep(PollMs);
        }
    }

    /// <summary>Lets go of a session's lock once; false when it isn't held.</summary>
    public bool Release(Session session, AdvisoryKey key, bool isShared)
    {
        lock (_gate)
        {
            int index = _holdings.FindIndex(held => held.Key == key && held.IsShared == isShared && !held.ForTransaction && ReferenceEquals(held.Session, session));
            if (index < 0) return false;
            _holdings.RemoveAt(index);
            _count = _holdings.Count;
            return true;
        }
    }

    public void ReleaseTransaction(Session session) => Remove(held => held.ForTransaction && ReferenceEquals(held.Session, session));

    /// <summary>pg_advisory_unlock_all: those of transactions stay.</summary>
    public void ReleaseSession(Session session) => Remove(held => !held.ForTransaction && ReferenceEquals(held.Session, session));

    private void Remove(Predicate<Holding> which)
    {
        if (_count == 0) return;
        lock (_gate)
        {
            _holdings.RemoveAll(which);
            _count = _holdings.Count;
        }
    }
}
