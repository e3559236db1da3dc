using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// How much memory the process may use: its own base, chunks, pages of indexes, rows on their way through statements, and what is committed but not yet on disk. Shared by all databases that are opened with it.
/// </summary>
/// <remarks>
/// What the runtime itself takes (code, JIT, the small objects of sessions and plans) comes first; what is left is divided. Each consumer counts in its own <see cref="MemoryAccount"/> and acts on it: the caches let go, operators
/// spill, the committer asks for a checkpoint. Nobody reads the resident size: it lags behind.
/// </remarks>
public sealed class MemoryBudget
{
    /// <summary>The smallest budget of a server.</summary>
    public const long SmallestBytes = 192L << 20;

    /// <summary>What a server takes before it has read a row: measured 90 MB at the start, and 110–120 MB once the code of a few hundred plans has been there: libraries 54, code and its tables 36, small objects 10, the C library 10.</summary>
    public const long BaseBytes = 112L << 20;

    /// <summary>Not divided: arrays don't move, so the collector's heap has holes, and garbage is there for a while (measured 40–60 MB under load).</summary>
    private const long LargestReserveBytes = 64L << 20;

    private const double CachedShare = 0.35, IndexShare = 0.15, StatementShare = 0.3, UnsavedShare = 0.2;

    /// <summary>An operator may keep this much of the statements' share by itself, unless work_mem says otherwise.</summary>
    private const int OperatorsAtOnce = 4;

    /// <summary>Room for some ten thousand changed rows in the smallest budgets, too.</summary>
    private const long SmallestWritesBytes = 16L << 20;

    public MemoryBudget(long lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lengthBytes, 1 << 16);
        LengthBytes = lengthBytes;
        long beyondBase = Math.Max(0, lengthBytes - BaseBytes);
        long divisible = Math.Max(lengthBytes / 4, beyondBase - Math.Min(LargestReserveBytes, beyondBase / 3));
        IndexPages = new MemoryAccount("index pages", (long)(divisible * IndexShare));
        StatementLimitBytes = (long)(divisible * StatementShare);
        Writes = new MemoryAccount("write sets", Math.Max(SmallestWritesBytes, StatementLimitBytes));
        Changed = new MemoryAccount("changed ends and places", (long)(divisible * CachedShare / 2));
        Cache = new ChunkCache((long)(divisible * CachedShare), () => Changed.UsedBytes + Writes.UsedBytes);
        Unsaved = new MemoryAccount("unsaved chunks", (long)(divisible * UnsavedShare));
    }

    /// <summary>Half of the machine's memory (of the container's limit, where there is one).</summary>
    public static MemoryBudget Default { get; } = new(Math.Max(64L << 20, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2));

    public long LengthBytes { get; }

    /// <summary>Bytes of chunks in memory that could be let go.</summary>
    public long CachedBytes => Cache.ResidentBytes;

    public long CacheLimitBytes => Cache.LimitBytes;

    /// <summary>Pages of indexes in memory that could be let go.</summary>
    public MemoryAccount IndexPages { get; }

    /// <summary>Ends of chunks and places of rows that were in a snapshot and have changed since. Random updates touch many of them; what they take the cache does without.</summary>
    public MemoryAccount Changed { get; }

    /// <summary>What transactions keep of the rows that they have changed one by one, beside the rows themselves. Over the limit there is nothing to let go: the transaction fails.</summary>
    public MemoryAccount Writes { get; }

    /// <summary>Sealed chunks of committed rows that no snapshot has yet.</summary>
    public MemoryAccount Unsaved { get; }

    /// <summary>What all statements' rows may take together: hash tables, sorts, results, write sets. Counted by <see cref="NativeMemoryPool"/>.</summary>
    public long StatementLimitBytes { get; }

    public long StatementBytes => NativeMemoryPool.UsedBytes;

    /// <summary>What one operator may keep before it spills, where nobody has said otherwise.</summary>
    public long OperatorBytes => Math.Max(1, (StatementLimitBytes / OperatorsAtOnce) >> 20) << 20;

    internal ChunkCache Cache { get; }
}
