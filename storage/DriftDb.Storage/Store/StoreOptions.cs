namespace DriftDb.Storage;

/// <summary>How a store is opened. The defaults are what a server wants; tests replace the seams.</summary>
public sealed record StoreOptions
{
    /// <summary>The data directory's file system; null for the real one at the path given to <see cref="DriftStore.Open"/>.</summary>
    public IFileSystem? FileSystem { get; init; }

    public IClock Clock { get; init; } = SystemClock.Instance;

    public IRandom Random { get; init; } = SystemRandom.Instance;

    /// <summary>Called when a sync failed, before anything else may happen. The default ends the process: what is on the disk is unknown, recovery must decide.</summary>
    public Action<string, Exception> FailFast { get; init; } = static (message, exception) => Environment.FailFast(message, exception);

    /// <summary>No log-writer thread: <see cref="DriftStore.PumpLog"/> writes what waits. For tests that need one thread.</summary>
    public bool ManualLogWriter { get; init; }

    /// <summary>False: commits are written but not synced (fsync = off), for bulk loads and tests. A crash of the machine may lose or tear them.</summary>
    public bool SyncCommits { get; init; } = true;

    /// <summary>Size at which the WAL goes on in a new file.</summary>
    public long WalFileBytes { get; init; } = 64L << 20;

    /// <summary>Size at which a segment is sealed and the next one begins.</summary>
    public long SegmentBytes { get; init; } = 64L << 20;

    /// <summary>What the process may use for data; databases opened with the same budget share it.</summary>
    public MemoryBudget Memory { get; init; } = MemoryBudget.Default;

    /// <summary>Replays the segments instead of reading snapshots, as the doctor does to make them anew.</summary>
    public bool IgnoreSnapshots { get; init; }

    /// <summary>Rows of the smallest chunks; tests take fewer, to have many chunks with few rows.</summary>
    internal int SmallestChunkRows { get; init; } = 1024;

    /// <summary>Row and key locks of a transaction that have entries of their own in the lock table; tests take fewer, to have all of them kept as many.</summary>
    internal int SingleLocks { get; init; } = 1024;

    /// <summary>Lives that must be over before an index begins a new era; tests take fewer.</summary>
    internal long SmallestIndexEra { get; init; } = 16_384;

    /// <summary>The doctor's: recovery changes no file, and nothing can be committed.</summary>
    internal bool IsCheck { get; init; }

    /// <summary>What checkpoints, compaction and retention in the background may read and write a second; 0 for as fast as it goes. Statements (CHECKPOINT, COMPACT) don't keep to it.</summary>
    public long MaintenanceBytesPerSecond { get; init; } = 64L << 20;

    /// <summary>Told when a task in the background failed; it is tried again, and commits go on.</summary>
    public Action<MaintenanceStatus> OnMaintenanceFailure { get; init; } = static _ => { };

    /// <summary>Bytes of WAL after which a checkpoint starts in the background; 0 for explicit checkpoints only.</summary>
    public long CheckpointBytes { get; init; } = 256L << 20;
}
