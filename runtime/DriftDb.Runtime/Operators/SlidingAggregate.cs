namespace DriftDb.Runtime;

/// <summary>
/// An aggregate over a frame whose ends only move forward, at a constant number of combinations a row: a queue of two stacks (Tangwongsan, Hirzel, Schneider, "Low-Latency Sliding-Window
/// Aggregation", DEBS 2017). In front of <c>_middle</c> there is a state for every suffix, behind it one state for all.
/// </summary>
internal sealed class SlidingAggregate(Func<BuiltinState> create, Action<AggregateState, int> feed)
{
    private readonly List<BuiltinState> _suffixes = [];
    private BuiltinState _behind = create();
    private int _from, _middle, _end;

    /// <summary>The state over the rows from the first to the last; of no rows when the last is before the first.</summary>
    public BuiltinState Over(int from, int to)
    {
        if (from > to) return create();
        // A frame that doesn't overlap the last one, or moved backward, begins anew.
        if (from < _from || to + 1 < _end || from >= _end) Restart(from);
        while (_end <= to) feed(_behind, _end++);
        if (from >= _middle && from > _from) Flip(from);
        _from = from;
        BuiltinState result = create();
        // The suffix that begins at row k is the (middle - k)th.
        if (from < _middle) result.Combine(_suffixes[_middle - from - 1]);
        result.Combine(_behind);
        return result;
    }

    private void Restart(int from)
    {
        _suffixes.Clear();
        _behind = create();
        _from = _middle = _end = from;
    }

    /// <summary>All rows become rows of the front: a state for every suffix of them.</summary>
    private void Flip(int from)
    {
        _suffixes.Clear();
        for (int row = _end - 1; row >= from; row--)
        {
            BuiltinState suffix = create();
            feed(suffix, row);
            if (_suffixes.Count > 0) suffix.Combine(_suffixes[^1]);
            _suffixes.Add(suffix);
        }

        _middle = _end;
        _behind = create();
    }
}
