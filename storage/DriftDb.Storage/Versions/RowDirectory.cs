namespace DriftDb.Storage;

/// <summary>Row id → place of the row's newest version. Grows by segments, so readers need no lock; written by the committer only. Segments of a snapshot are read when first asked for.</summary>
internal sealed class RowDirectory
{
    public const int SegmentRows = 1 << SegmentBits;

    private const int SegmentBits = 14, FirstSegmentRows = 64;

    private readonly Lock _loading = new();
    private long[]?[] _segments = new long[4][];
    private BlockPlace[] _places = [];
    private SnapshotSource? _source;

    /// <summary>The place; -1 when the row has none yet.</summary>
    public long this[long rowId]
    {
        get
        {
            long[]?[] segments = Volatile.Read(ref _segments);
            long segment = rowId >> SegmentBits;
            if ((ulong)segment >= (ulong)segments.Length) return -1;
            long[]? places = Volatile.Read(ref segments[segment]) ?? Load(segment);
            int index = (int)(rowId & ((1 << SegmentBits) - 1));
            return places is null || index >= places.Length ? -1 : Volatile.Read(ref places[index]) - 1;
        }

        set
        {
            long segment = rowId >> SegmentBits;
            if (segment >= _segments.Length)
            {
                var larger = new long[]?[Math.Max(segment + 1, _segments.Length * 2)];
                _segments.CopyTo(larger, 0);
                Volatile.Write(ref _segments, larger);
            }

            int index = (int)(rowId & ((1 << SegmentBits) - 1));
            long[]? places = _segments[segment] ?? Load(segment);
            if (places is null || index >= places.Length)
            {
                // Only a tiny table's first segment starts small.
                int capacity = segment > 0 ? 1 << SegmentBits : FirstSegmentRows;
                while (capacity <= index) capacity *= 4;
                long[] larger = new long[Math.Min(capacity, 1 << SegmentBits)];
                places?.CopyTo(larger, 0);
                Volatile.Write(ref _segments[segment], larger);
                places = larger;
            }

            Volatile.Write(ref places[index], value + 1);
        }
    }

    /// <summary>Where the segments lie in a snapshot.</summary>
    public void Restore(SnapshotSource source, BlockPlace[] places)
    {
        _source = source;
        _places = places;
        if (places.Length > _segments.Length) _segments = new long[]?[places.Length];
    }

    /// <summary>A copy of a segment's places (+ 1; 0 for none), or where it lies when it was never read; neither for a segment without rows.</summary>
    public (long[]? Copy, BlockPlace Place) Segment(long segment)
    {
        long[]?[] segments = Volatile.Read(ref _segments);
        if (segment < segments.Length && Volatile.Read(ref segments[segment]) is { } places) return ((long[])places.Clone(), default);
        return (null, segment < _places.Length ? _places[segment] : default);
    }

    /// <summary>A newer snapshot has the segments that were never read, maybe in other files.</summary>
    public void MoveTo(BlockPlace[] places)
    {
        if (_source is not null) Volatile.Write(ref _places, places);
    }

    private long[]? Load(long segment)
    {
        BlockPlace[] known = Volatile.Read(ref _places);
        if (segment >= known.Length || !known[segment].Exists) return null;
        lock (_loading)
        {
            if (_segments[segment] is { } loaded) return loaded;
            long[] places = ChunkCodec.DecodeLongs(_source!.Read(known[segment]), 1, SegmentRows)[0];
            Volatile.Write(ref _segments[segment], places);
            return places;
        }
    }
}
