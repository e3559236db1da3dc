using System.Collections.Immutable;
using MessagePack;

namespace DriftDb.Storage;

/// <summary>
/// The commits that lie in segments since before the store was opened, read when they are asked for: so a start doesn't depend on how many there are. A segment is read as a whole and kept, with the last few that were asked for.
/// </summary>
internal sealed class PastCommits
{
    private const int MostLoaded = 32;

    private readonly Lock _latch = new();
    private readonly IFileSystem _files;
    private readonly ImmutableArray<SegmentInfo> _segments;
    private readonly int[] _firstIndex;
    private readonly CommittedTransaction[]?[] _loaded;
    private readonly long[] _firstTimes;
    private readonly Queue<int> _order = new();

    public PastCommits(IFileSystem files, ImmutableArray<SegmentInfo> segments)
    {
        _files = files;
        _segments = segments;
        _firstIndex = new int[segments.Length];
        _loaded = new CommittedTransaction[segments.Length][];
        _firstTimes = new long[segments.Length];
        for (int i = 0; i < segments.Length; i++)
        {
            _firstIndex[i] = Count;
            Count += (int)segments[i].FrameCount;
        }
    }

    /// <summary>None.</summary>
    public static PastCommits Empty { get; } = new(NoFiles.Instance, []);

    public int Count { get; }

    public long LastSequence => _segments.IsEmpty ? 0 : _segments[^1].LastSequence;

    public CommittedTransaction this[int index]
    {
        get
        {
            lock (_latch)
            {
                int segment = Last(i => _firstIndex[i] <= index);
                return Load(segment)[index - _firstIndex[segment]];
            }
        }
    }

    /// <summary>The index of the first commit that reaches the sequence; the count when none does.</summary>
    public int FirstReaching(long sequence)
    {
        lock (_latch)
        {
            if (sequence > LastSequence) return Count;
            // Commits without events end where the one before ended, maybe in the segment before.
            int segment = Last(i => i == 0 || _segments[i - 1].LastSequence < sequence);
            return _firstIndex[segment] + First(Load(segment), commit => commit.LastSequence >= sequence);
        }
    }

    /// <summary>How many commits there were at or before the time.</summary>
    public int CountAt(long timeMicros)
    {
        lock (_latch)
        {
            if (_segments.IsEmpty || FirstTime(0) > timeMicros) return 0;
            int segment = Last(i => FirstTime(i) <= timeMicros);
            return _firstIndex[segment] + First(Load(segment), commit => commit.TimeMicros > timeMicros);
        }
    }

    /// <summary>The last segment for which it holds; it holds for a beginning of them.</summary>
    private int Last(Func<int, bool> holds)
    {
        int low = 0, high = _segments.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (holds(middle)) low = middle;
            else high = middle - 1;
        }

        return low;
    }

    private static int First(CommittedTransaction[] commits, Func<CommittedTransaction, bool> holds)
    {
        int low = 0, high = commits.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (holds(commits[middle])) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    /// <summary>The time of a segment's first commit, which is all that is read of it.</summary>
    private long FirstTime(int segment)
    {
        if (_loaded[segment] is { } commits) return commits[0].TimeMicros;
        if (_firstTimes[segment] != 0) return _firstTimes[segment];
        string path = SegmentWriter.PathOf(CheckpointRun.CommitsDirectory, _segments[segment].Number);
        byte[] bytes = new byte[4096];
        using (IFile file = _files.Open(path, create: false))
        {
            int read = file.Read(FileHeader.LengthBytes, bytes);
            // A commit with a message longer than this is read with its whole segment.
            if (!Frame.TryRead(bytes.AsSpan(0, read), _segments[segment].Identity, out Frame frame)) return Load(segment)[0].TimeMicros;
            var reader = new MessagePackReader(bytes.AsMemory(frame.PayloadOffset, frame.Payload.Length));
            return _firstTimes[segment] = EventReader.Commit(ref reader, frame.Sequence).Commit.TimeMicros;
        }
    }

    private CommittedTransaction[] Load(int segment)
    {
        if (_loaded[segment] is { } known) return known;
        var commits = new List<CommittedTransaction>((int)_segments[segment].FrameCount);
        SegmentReader.Read(_files, CheckpointRun.CommitsDirectory, 0, _segments[segment], (in Frame frame, ReadOnlyMemory<byte> payload) =>
        {
            var reader = new MessagePackReader(payload);
            CommittedTransaction commit = EventReader.Commit(ref reader, frame.Sequence).Commit;
            // Users and applications repeat from commit to commit.
            if (commits.Count > 0 && commits[^1] is var last) commit = commit with { User = last.User == commit.User ? last.User : commit.User, Application = last.Application == commit.Application ? last.Application : commit.Application };
            commits.Add(commit);
        });
        if (_order.Count == MostLoaded) _loaded[_order.Dequeue()] = null;
        _order.Enqueue(segment);
        return _loaded[segment] = [.. commits];
    }
}
