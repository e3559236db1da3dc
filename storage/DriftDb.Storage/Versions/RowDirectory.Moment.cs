namespace DriftDb.Storage;

/// <summary>
/// The directory as it was at the moment of a snapshot that is being written while commits go on. What changes meanwhile is kept until the snapshot has its segment: nothing where the snapshot before has it, places one by one
/// while they are few, then a copy of the segment. All of it under the commit lock.
/// </summary>
internal sealed partial class RowDirectory
{
    private const int FewPlaces = SegmentRows / 16;

    /// <summary>By segment; segments that came later aren't in it. Empty while no snapshot is written.</summary>
    private Before[] _before = [];

    private struct Before
    {
        /// <summary>The snapshot being written has the segment, or finds it in the one before: what changes now needn't be kept.</summary>
        public bool IsKept;

        /// <summary>Where it lies unchanged.</summary>
        public BlockPlace Place;

        /// <summary>Index in the segment → place + 1, of rows that have changed. New rows aren't in it: their places tell by themselves that they are later.</summary>
        public Dictionary<int, long>? Few;

        public long[]? Copy;
    }

    /// <summary>From now on what is there now is kept. <see cref="EndMoment"/> must follow.</summary>
    public void BeginMoment(long rows) => _before = new Before[(rows + SegmentRows - 1) / SegmentRows];

    public void EndMoment()
    {
        foreach (Before before in _before)
        {
            if (before.Copy is not null) changed.Add(-SegmentRows * 8L);
        }

        _before = [];
    }

    /// <summary>
    /// A copy of a segment's places (+ 1; 0 for none) as they were at the moment, with later rows among them, or where it lies when the snapshot before has it; neither for a segment without rows. It isn't kept any longer.
    /// </summary>
    /// <param name="segment">Its number.</param>
    /// <param name="isAsNow">The copy is what the segment is now.</param>
    public (long[]? Copy, BlockPlace Place) TakeSegment(long segment, out bool isAsNow)
    {
        lock (_loading)
        {
            ref Before before = ref _before[segment];
            Before taken = before;
            before = new Before { IsKept = true };
            isAsNow = !taken.IsKept && taken.Few is null && taken.Copy is null;
            if (taken.Place.Exists) return (null, taken.Place);
            if (taken.Copy is not null)
            {
                changed.Add(-SegmentRows * 8L);
                return (taken.Copy, default);
            }

            if (segment >= _segments.Length) return default;
            if (_states[segment] == State.Saved && segment < _places.Length) return (null, _places[segment]);
            return _segments[segment] is { } places ? (CopyOf(places, taken.Few), default) : default;
        }
    }

    /// <summary>The snapshot being written has the segment as it is.</summary>
    public void NoteWritten(long segment)
    {
        lock (_loading) _states[segment] = State.Written;
    }

    private void NoteBefore(long segment, int index)
    {
        ref Before before = ref _before[segment];
        if (before.IsKept) return;
        if (before.Few is null && _states[segment] == State.Saved && segment < _places.Length)
        {
            before = new Before { IsKept = true, Place = _places[segment] };
            return;
        }

        if (_segments[segment] is not { } places || PlaceIn(places, index) is not (not 0 and var place)) return;
        before.Few ??= [];
        before.Few.TryAdd(index, place);
        if (before.Few.Count <= FewPlaces) return;
        before = new Before { IsKept = true, Copy = CopyOf(places, before.Few) };
        changed.Add(SegmentRows * 8L);
    }

    private static long[] CopyOf(long[] places, Dictionary<int, long>? before)
    {
        long[] copy = new long[SegmentRows];
        CopyPlaces(places, copy);
        if (before is null) return copy;
        foreach ((int index, long place) in before) copy[index] = place;
        return copy;
    }
}
