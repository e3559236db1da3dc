namespace DriftDb.Storage;

/// <summary>Where scans are made.</summary>
public sealed partial class StorageTable
{
    private int _closedPrefix;
    private long _closedPrefixEnd;

    public partial TableScan Scan(ReadView view, ReadOnlySpan<int> columnIds, StoreTransaction? transaction, ReadOnlySpan<ZoneBound> bounds) =>
        new ChunkScan(this, view, columnIds.ToArray(), transaction, bounds.ToArray());

    public partial VectorSource ScanPeriod(ReadView view, PeriodKind kind, long fromSequence, long toSequence, ReadOnlySpan<int> columnIds) =>
        new PeriodScan(this, view, kind, fromSequence, toSequence, columnIds.ToArray());

    /// <summary>The first chunk that a scan as of s must look at: for the present the closed chunks at the directory's beginning are passed over at once.</summary>
    internal int FirstChunkFor(long sequence)
    {
        int prefix = Volatile.Read(ref _closedPrefix);
        return sequence >= Volatile.Read(ref _closedPrefixEnd) ? prefix : 0;
    }

    private void ExtendClosedPrefix()
    {
        int prefix = _closedPrefix;
        long end = _closedPrefixEnd;
        while (prefix < _chunkCount && _chunks[prefix].ClosedAt != long.MaxValue) end = Math.Max(end, _chunks[prefix++].ClosedAt);
        // The end first: a reader that sees the longer prefix must compare with its end.
        Volatile.Write(ref _closedPrefixEnd, end);
        Volatile.Write(ref _closedPrefix, prefix);
    }
}
