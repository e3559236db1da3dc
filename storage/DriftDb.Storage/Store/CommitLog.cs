namespace DriftDb.Storage;

/// <summary>
/// All commits in order: for the time of a sequence number, the sequence number of a time, and drift.transactions. Those since the last checkpoint before the store was opened are in memory (24 bytes a commit; user, application
/// and message are kept once for each combination), the older ones in their segments.
/// </summary>
internal sealed class CommitLog
{
    private const int SegmentBits = 12;

    private readonly Lock _latch = new();
    private readonly Dictionary<(string User, string Application, string? Message), int> _labelNumbers = [];
    private readonly List<(string User, string Application, string? Message)> _labels = [];
    private Entry[][] _segments = [];
    private PastCommits _past = PastCommits.Empty;
    private int _count;

    /// <summary>Commit n is entry n - 1.</summary>
    public int Count => _past.Count + Volatile.Read(ref _count);

    /// <summary>Opening: the commits that lie in segments.</summary>
    public void Follow(PastCommits past) => _past = past;

    public void Add(in CommittedTransaction commit)
    {
        lock (_latch)
        {
            var label = (commit.User, commit.Application, commit.Message);
            if (!_labelNumbers.TryGetValue(label, out int number))
            {
                number = _labels.Count;
                _labels.Add(label);
                // Messages are often unique; only what is likely to come again is looked up.
                if (commit.Message is null || _labelNumbers.Count < 10_000) _labelNumbers.Add(label, number);
            }

            if (_count >> SegmentBits == _segments.Length)
            {
                Array.Resize(ref _segments, _segments.Length + 1);
                _segments[^1] = new Entry[1 << SegmentBits];
            }

            _segments[_count >> SegmentBits][_count & ((1 << SegmentBits) - 1)] =
                new Entry { LastSequence = commit.LastSequence, TimeMicros = commit.TimeMicros, CatalogVersion = (int)commit.CatalogVersion, Label = number };
            Volatile.Write(ref _count, _count + 1);
        }
    }

    public CommittedTransaction this[int index]
    {
        get
        {
            if (index < _past.Count) return _past[index];
            index -= _past.Count;
            lock (_latch)
            {
                Entry entry = At(index);
                (string user, string application, string? message) = _labels[entry.Label];
                return new CommittedTransaction((index == 0 ? _past.LastSequence : At(index - 1).LastSequence) + 1, entry.LastSequence, entry.TimeMicros, entry.CatalogVersion, user, application, message);
            }
        }
    }

    /// <summary>The last sequence committed at or before the time.</summary>
    public long SequenceAt(long timeMicros)
    {
        lock (_latch)
        {
            int low = 0, high = _count;
            while (low < high)
            {
                int middle = (low + high) >>> 1;
                if (At(middle).TimeMicros <= timeMicros) low = middle + 1;
                else high = middle;
            }

            if (low > 0) return At(low - 1).LastSequence;
        }

        int past = _past.CountAt(timeMicros);
        return past == 0 ? 0 : _past[past - 1].LastSequence;
    }

    /// <summary>Commit time of the transaction that has this event: the first commit that reaches it.</summary>
    public long TimeOf(long sequence)
    {
        if (sequence <= 0) return 0;
        if (sequence <= _past.LastSequence) return _past[_past.FirstReaching(sequence)].TimeMicros;
        lock (_latch)
        {
            int low = 0, high = _count;
            while (low < high)
            {
                int middle = (low + high) >>> 1;
                if (At(middle).LastSequence < sequence) low = middle + 1;
                else high = middle;
            }

            return low == _count ? long.MaxValue : At(low).TimeMicros;
        }
    }

    /// <summary>Index of the commit that has this event, at or after the one given.</summary>
    public int CommitOf(long sequence, int from)
    {
        if (sequence <= _past.LastSequence) return _past.FirstReaching(sequence);
        lock (_latch)
        {
            int low = Math.Max(0, from - _past.Count), high = _count - 1;
            while (low < high)
            {
                int middle = (low + high) >>> 1;
                if (At(middle).LastSequence < sequence) low = middle + 1;
                else high = middle;
            }

            return _past.Count + low;
        }
    }

    public long LastSequenceOf(int index)
    {
        if (index < _past.Count) return _past[index].LastSequence;
        lock (_latch) return At(index - _past.Count).LastSequence;
    }

    private Entry At(int index) => _segments[index >> SegmentBits][index & ((1 << SegmentBits) - 1)];

    private struct Entry
    {
        public long LastSequence, TimeMicros;
        public int CatalogVersion, Label;
    }
}
