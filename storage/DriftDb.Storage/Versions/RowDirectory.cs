namespace DriftDb.Storage;

/// <summary>Row id → place of the row's newest version. Grows by segments, so readers need no lock; written by the committer only.</summary>
internal sealed class RowDirectory
{
    private const int SegmentBits = 14, FirstSegmentRows = 64;

    private long[]?[] _segments = new long[4][];

    /// <summary>The place; -1 when the row has none yet.</summary>
    public long this[long rowId]
    {
        get
        {
            long[]?[] segments = Volatile.Read(ref _segments);
            long segment = rowId >> SegmentBits;
            if ((ulong)segment >= (ulong)segments.Length) return -1;
            long[]? places = Volatile.Read(ref segments[segment]);
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
            long[]? places = _segments[segment];
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
}
