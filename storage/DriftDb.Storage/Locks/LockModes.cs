namespace DriftDb.Storage;

/// <summary>PostgreSQL's row lock modes, weakest first.</summary>
public enum RowLockMode : byte
{
    /// <summary>FOR KEY SHARE: what a foreign key's check takes.</summary>
    KeyShare,
    /// <summary>FOR SHARE.</summary>
    Share,
    /// <summary>FOR NO KEY UPDATE: what an UPDATE takes that changes no unique key.</summary>
    NoKeyUpdate,
    /// <summary>FOR UPDATE: what a DELETE and an UPDATE of a key take.</summary>
    Update,
}

/// <summary>PostgreSQL's table lock modes, weakest first.</summary>
public enum TableLockMode : byte
{
    AccessShare,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
}

/// <summary>What to do when a lock isn't free.</summary>
public enum LockWait : byte
{
    Wait,
    /// <summary>NOWAIT: 55P03.</summary>
    NoWait,
    /// <summary>SKIP LOCKED: <see cref="LockOutcome.Skipped"/>.</summary>
    SkipLocked,
}

public enum LockOutcome : byte
{
    Granted,
    /// <summary><see cref="StoreTransaction.PendingWait"/> says when to try again.</summary>
    MustWait,
    /// <summary>Someone else holds it, and the caller asked for SKIP LOCKED.</summary>
    Skipped,
    /// <summary>Granted, but the row was changed or deleted after the statement's snapshot: run the statement again with a fresh one (READ COMMITTED only).</summary>
    Changed,
}

public enum StoreIsolation : byte
{
    /// <summary>A fresh snapshot for each statement.</summary>
    ReadCommitted,
    /// <summary>One snapshot for the transaction; 40001 where it isn't enough.</summary>
    RepeatableRead,
    /// <summary>As RepeatableRead for now.</summary>
    Serializable,
}
