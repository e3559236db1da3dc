using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>pg_advisory_lock and its kin: locks about whatever programs agree on.</summary>
internal static class AdvisoryLockFunctions
{
    [SqlFunction("pg_advisory_lock", Volatility = Volatility.Volatile)] public static void Lock(QueryContext context, long key) => Acquire(context, new AdvisoryKey(key, false), false, false);
    [SqlFunction("pg_advisory_lock", Volatility = Volatility.Volatile)] public static void Lock(QueryContext context, int first, int second) => Acquire(context, AdvisoryKey.Of(first, second), false, false);
    [SqlFunction("pg_advisory_lock_shared", Volatility = Volatility.Volatile)] public static void LockShared(QueryContext context, long key) => Acquire(context, new AdvisoryKey(key, false), true, false);
    [SqlFunction("pg_advisory_lock_shared", Volatility = Volatility.Volatile)] public static void LockShared(QueryContext context, int first, int second) => Acquire(context, AdvisoryKey.Of(first, second), true, false);
    [SqlFunction("pg_advisory_xact_lock", Volatility = Volatility.Volatile)] public static void LockInTransaction(QueryContext context, long key) => Acquire(context, new AdvisoryKey(key, false), false, true);
    [SqlFunction("pg_advisory_xact_lock", Volatility = Volatility.Volatile)] public static void LockInTransaction(QueryContext context, int first, int second) => Acquire(context, AdvisoryKey.Of(first, second), false, true);
    [SqlFunction("pg_advisory_xact_lock_shared", Volatility = Volatility.Volatile)] public static void LockSharedInTransaction(QueryContext context, long key) => Acquire(context, new AdvisoryKey(key, false), true, true);
    [SqlFunction("pg_try_advisory_lock", Volatility = Volatility.Volatile)] public static bool TryLock(QueryContext context, long key) => Try(context, new AdvisoryKey(key, false), false, false);
    [SqlFunction("pg_try_advisory_lock", Volatility = Volatility.Volatile)] public static bool TryLock(QueryContext context, int first, int second) => Try(context, AdvisoryKey.Of(first, second), false, false);
    [SqlFunction("pg_try_advisory_lock_shared", Volatility = Volatility.Volatile)] public static bool TryLockShared(QueryContext context, long key) => Try(context, new AdvisoryKey(key, false), true, false);
    [SqlFunction("pg_try_advisory_xact_lock", Volatility = Volatility.Volatile)] public static bool TryLockInTransaction(QueryContext context, long key) => Try(context, new AdvisoryKey(key, false), false, true);
    [SqlFunction("pg_try_advisory_xact_lock", Volatility = Volatility.Volatile)] public static bool TryLockInTransaction(QueryContext context, int first, int second) => Try(context, AdvisoryKey.Of(first, second), false, true);
    [SqlFunction("pg_advisory_unlock", Volatility = Volatility.Volatile)] public static bool Unlock(QueryContext context, long key) => Release(context, new AdvisoryKey(key, false), false);
    [SqlFunction("pg_advisory_unlock", Volatility = Volatility.Volatile)] public static bool Unlock(QueryContext context, int first, int second) => Release(context, AdvisoryKey.Of(first, second), false);
    [SqlFunction("pg_advisory_unlock_shared", Volatility = Volatility.Volatile)] public static bool UnlockShared(QueryContext context, long key) => Release(context, new AdvisoryKey(key, false), true);
    [SqlFunction("pg_advisory_unlock_shared", Volatility = Volatility.Volatile)] public static bool UnlockShared(QueryContext context, int first, int second) => Release(context, AdvisoryKey.Of(first, second), true);

    [SqlFunction("pg_advisory_unlock_all", Volatility = Volatility.Volatile)]
    public static void UnlockAll(QueryContext context) => context.SessionOf().Database.AdvisoryLocks.ReleaseSession(context.SessionOf());

    private static void Acquire(QueryContext context, AdvisoryKey key, bool isShared, bool forTransaction) => Locks(context, forTransaction).Acquire(context, context.SessionOf(), key, isShared, forTransaction);

    private static bool Try(QueryContext context, AdvisoryKey key, bool isShared, bool forTransaction) => Locks(context, forTransaction).TryAcquire(context.SessionOf(), key, isShared, forTransaction);

    /// <summary>A transaction's lock needs a transaction whose end lets go of it, a statement's own if there is no other.</summary>
    private static AdvisoryLocks Locks(QueryContext context, bool forTransaction)
    {
        var session = context.SessionOf();
        if (forTransaction) session.EnsureTransaction();
        return session.Database.AdvisoryLocks;
    }

    private static bool Release(QueryContext context, AdvisoryKey key, bool isShared)
    {
        var session = context.SessionOf();
        if (session.Database.AdvisoryLocks.Release(session, key, isShared)) return true;
        session.Notify("WARNING", SqlState.Warning, isShared ? "you don't own a lock of type ShareLock" : "you don't own a lock of type ExclusiveLock");
        return false;
    }
}
