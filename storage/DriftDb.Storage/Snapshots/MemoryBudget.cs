namespace DriftDb.Storage;

/// <summary>How much memory the process may use for data; shared by all databases that are opened with it.</summary>
public sealed class MemoryBudget
{
    /// <summary>Share of the budget for chunks that can be read again. The rest is for what can't: open chunks, row directories, indexes, statements.</summary>
    private const double CachedShare = 0.5;

    public MemoryBudget(long lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lengthBytes, 1 << 16);
        LengthBytes = lengthBytes;
        Cache = new ChunkCache((long)(lengthBytes * CachedShare));
    }

    /// <summary>Half of the machine's memory (of the container's limit, where there is one).</summary>
    public static MemoryBudget Default { get; } = new(Math.Max(64L << 20, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2));

    public long LengthBytes { get; }

    /// <summary>Bytes of chunks in memory that could be let go.</summary>
    public long CachedBytes => Cache.ResidentBytes;

    internal ChunkCache Cache { get; }
}
