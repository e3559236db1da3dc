namespace DriftDb.Storage;

/// <summary>
/// Row id → place of the row's newest version. Grows by segments, so readers need no lock; written by the committer only. Segments of a snapshot are read when first asked for, and leave memory again, oldest first, when the
/// memory for indexes is short, unless they have changed since. As long as a segment is only filled it is kept as runs (<see cref="PlaceRuns"/>), which take so little that they stay.
/// </summary>
internal sealed partial class RowDirectory(MemoryAccount account, MemoryAccount changed)
{
    public const int SegmentRows = 1 << SegmentBits;

    private const int SegmentBits = 14, FirstSegmentRows = 64;

    private readonly Lock _loading = new();
    private readonly Queue<long> _evictable = new();
    private long[]?[] _segments = new long[4][];
    private State[] _states = new State[4];
    private BlockPlace[] _places = [];
    private SnapshotSource? _source;

    private enum State : byte
    {
        /// <summary>Not in the snapshot as it is here.</summary>
        Changed,
        /// <summary>A snapshot that has it as it is here is being written.</summary>
        Written,
        /// <summary>The snapshot has it as it is here: it may leave memory.</summary>
        Saved,
    }

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
            return places is null ? -1 : PlaceIn(places, index) - 1;
        }

        set
        {
            long segment = rowId >> SegmentBits;
            if (segment >= _segments.Length) Grow(segment);
            int index = (int)(rowId & ((1 << SegmentBits) - 1));
            if (segment < _before.Length) NoteBefore(segment, index);
            long[]? places = _states[segment] == State.Changed ? _segments[segment] : BeginChange(segment);
            bool isNew = places is null;
            places ??= PlaceRuns.Create();
            if (PlaceRuns.Is(places) && PlaceRuns.TryAppend(places, index, value + 1))
            {
                if (isNew) Volatile.Write(ref _segments[segment], places);
                return;
            }

            if (PlaceRuns.Is(places) || index >= places.Length)
            {
                // Only a tiny table's first segment is less than a whole one.
                int rows = Math.Max(index + 1, PlaceRuns.Is(places) ? PlaceRuns.RowsOf(places) : 0);
                int capacity = segment > 0 ? SegmentRows : FirstSegmentRows;
                while (capacity < rows) capacity *= 4;
                long[] larger = new long[capacity];
                CopyPlaces(places, larger);
                Volatile.Write(ref _segments[segment], larger);
                places = larger;
                if (larger.Length == SegmentRows) CountChanged(1);
            }

            Volatile.Write(ref places[index], value + 1);
        }
    }

    /// <summary>The place + 1; 0 for none.</summary>
    private static long PlaceIn(long[] places, int index)
    {
        if (PlaceRuns.Is(places)) return PlaceRuns.Get(places, index);
        return index < places.Length ? Volatile.Read(ref places[index]) : 0;
    }

    private static void CopyPlaces(long[] places, long[] target)
    {
        if (PlaceRuns.Is(places)) PlaceRuns.CopyTo(places, target);
        else places.CopyTo(target, 0);
    }

    /// <summary>Where the segments lie in a snapshot.</summary>
    public void Restore(SnapshotSource source, BlockPlace[] places)
    {
        _source = source;
        _places = places;
        if (places.Length > _segments.Length) Grow(places.Length - 1);
        Array.Fill(_states, State.Saved, 0, places.Length);
    }

    /// <summary>A newer snapshot counts: what it has as it is here may leave memory.</summary>
    public void MoveTo(SnapshotSource source, BlockPlace[] places)
    {
        lock (_loading)
        {
            _source = source;
            Volatile.Write(ref _places, places);
            for (int i = 0; i < places.Length; i++)
            {
                if (_states[i] != State.Written || !places[i].Exists || _segments[i] is not { } segment || (segment.Length != SegmentRows && !PlaceRuns.Is(segment))) continue;
                _states[i] = State.Saved;
                if (PlaceRuns.Is(segment)) continue;
                CountChanged(-1);
                NoteEvictable(i);
            }
        }
    }

    /// <summary>Segments that have changed since a snapshot had them, or that none has had yet.</summary>
    private long _changedSegments;

    private void CountChanged(long segments)
    {
        _changedSegments += segments;
        changed.Add(segments * SegmentRows * 8L);
    }

    /// <summary>The table's store closes.</summary>
    public void LeaveBudget()
    {
        EndMoment();
        CountChanged(-_changedSegments);
    }

    private void Grow(long segment)
    {
        lock (_loading)
        {
            long capacity = Math.Max(segment + 1, _segments.Length * 2L);
            var larger = new long[]?[capacity];
            _segments.CopyTo(larger, 0);
            Array.Resize(ref _states, (int)capacity);
            Volatile.Write(ref _segments, larger);
        }
    }

    /// <summary>The committer is going to write: the segment stays in memory until a snapshot has it.</summary>
    private long[]? BeginChange(long segment)
    {
        lock (_loading)
        {
            long[]? places = _segments[segment] ?? Read(segment);
            if (_states[segment] == State.Saved && places is not null && !PlaceRuns.Is(places))
            {
                if (_segments[segment] is not null) account.Add(-SegmentRows * 8L);
                CountChanged(1);
            }

            _states[segment] = State.Changed;
            Volatile.Write(ref _segments[segment], places);
            return places;
        }
    }

    private long[]? Load(long segment)
    {
        BlockPlace[] known = Volatile.Read(ref _places);
        if (segment >= known.Length || !known[segment].Exists) return null;
        lock (_loading)
        {
            if (_segments[segment] is { } loaded) return loaded;
            long[]? places = Read(segment);
            if (places is null) return null;
            Volatile.Write(ref _segments[segment], places);
            NoteEvictable(segment);
            return places;
        }
    }

    private long[]? Read(long segment) =>
        segment < _places.Length && _places[segment].Exists ? ChunkCodec.DecodeLongs(_source!.Read(_places[segment]), 1, SegmentRows)[0] : null;

    /// <summary>A segment that could be read again is in memory; others go when that is short. Those that have changed meanwhile come back when they are saved.</summary>
    private void NoteEvictable(long segment)
    {
        account.Add(SegmentRows * 8L);
        _evictable.Enqueue(segment);
        while (account.IsOver && _evictable.Count > 1)
        {
            long oldest = _evictable.Dequeue();
            if (_states[oldest] != State.Saved || _segments[oldest] is null) continue;
            Volatile.Write(ref _segments[oldest], null);
            account.Add(-SegmentRows * 8L);
        }
    }
}
