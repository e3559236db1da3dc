namespace DriftDb.Storage;

/// <summary>Where a sealed chunk's pieces lie in the table's snapshots. What isn't in memory is read from there; what is there may leave memory.</summary>
internal sealed class ChunkPlaces(SnapshotSource source, int count, int columns)
{
    public SnapshotSource Source { get; } = source;

    /// <summary>Rows that the blocks have.</summary>
    public int Count { get; } = count;

    /// <summary>Begins and row ids.</summary>
    public BlockPlace Rows { get; set; }

    /// <summary>Links to earlier versions; none where no row has one.</summary>
    public BlockPlace Chain { get; set; }

    /// <summary>Ends; none where nothing has ended.</summary>
    public BlockPlace Ends { get; set; }

    /// <summary>The chunk was closed when its ends were written: they are final.</summary>
    public bool EndsAreFinal { get; set; }

    /// <summary>What the newest snapshot says of the chunk; null for one that came from a snapshot that still let it grow.</summary>
    public ChunkState? State { get; set; }

    public BlockPlace[] Columns { get; } = new BlockPlace[columns];
}
