namespace DriftDb.Storage;

/// <summary>Where a block lies among a table's snapshot files.</summary>
/// <param name="File">Number of the file; 0 for no block.</param>
/// <param name="Offset">Of its first byte in the file.</param>
/// <param name="LengthBytes">With its header.</param>
internal readonly record struct BlockPlace(int File, long Offset, int LengthBytes)
{
    public bool Exists => File != 0;
}

/// <summary>A table's newest snapshot, as the manifest names it.</summary>
/// <param name="File">Number of the file that has the root block.</param>
/// <param name="Offset">Of the root block.</param>
/// <param name="LengthBytes">Of the root block.</param>
/// <param name="Sequence">The table as of this sequence number is in the snapshot; later events are not.</param>
/// <param name="Files">All files that the snapshot has blocks in.</param>
internal sealed record SnapshotInfo(int File, long Offset, int LengthBytes, long Sequence, System.Collections.Immutable.ImmutableArray<SnapshotFileInfo> Files)
{
    /// <summary>Bytes of the files that are still needed.</summary>
    public long UsedBytes { get; init; }
}

/// <summary>A snapshot file: its identity seeds the checksums of its blocks.</summary>
internal sealed record SnapshotFileInfo(int Number, ulong Identity, long LengthBytes);
