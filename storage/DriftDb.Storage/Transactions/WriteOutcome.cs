namespace DriftDb.Storage;

public enum WriteStatus : byte
{
    Done,
    /// <summary>Another transaction is in the way; <see cref="StoreTransaction.PendingWait"/> says when to run the statement again. Nothing was written.</summary>
    MustWait,
    /// <summary>The row was changed or deleted after the statement's snapshot: run the statement again by <see cref="StoreTransaction.RetryStatement"/> (READ COMMITTED only; the row lock is kept). Nothing was written.</summary>
    Changed,
    /// <summary>A committed or own row has the key already, or a period that overlaps (the index says which is forbidden); nothing was written.</summary>
    UniqueViolation,
}

/// <summary>What came of an insert, update or delete.</summary>
/// <param name="RowId">The row written; for a violation, the row that has the key.</param>
/// <param name="Index">For a violation, the unique index.</param>
public readonly record struct WriteOutcome(WriteStatus Status, long RowId, StorageIndex? Index = null)
{
    public bool IsDone => Status == WriteStatus.Done;
}

/// <summary>A place in a transaction to roll back to; see <see cref="StoreTransaction.Mark"/>.</summary>
public readonly record struct TransactionMark(int Entries, int Objects, int Locks, int ManyLocks);

/// <summary>What a commit gives.</summary>
/// <param name="Lsn">Acknowledge only when this is durable: <see cref="DriftStore.OnDurable"/>. For a read-only transaction, that of the newest commit it can have read.</param>
/// <param name="LastSequence">The number of its last row event; the number current then where it had none.</param>
/// <param name="TimeMicros">Commit time; 0 for a transaction that wrote nothing.</param>
public readonly record struct CommitResult(long Lsn, long LastSequence, long TimeMicros);
