using System.Collections.Immutable;

namespace DriftDb.Storage;

/// <summary>
/// What an index consists of at an instant; replaced as a whole, so a reader that has taken it needs no locks. Sorted files and, newest, what is only in memory: the answer for a moment comes from all of them together (a
/// log-structured merge tree, O'Neil et al. 1996). When most lives in the current files are over, those that go on are copied to a file of their own and the rest becomes an <i>era</i>, the index as it was up to then: the
/// time split of tables (Becker et al. 1996), for a whole index. So a range as of s costs about what is alive at s.
/// </summary>
/// <param name="Past">Eras, oldest first.</param>
/// <param name="Since">The current parts answer for moments from here on.</param>
/// <param name="Files">The current files, oldest first.</param>
/// <param name="Frozen">Deltas that are on their way into a file, oldest first.</param>
/// <param name="Active">The delta that takes what commits do.</param>
internal sealed record IndexParts(ImmutableArray<IndexEra> Past, long Since, ImmutableArray<IndexFile> Files, ImmutableArray<IndexDelta> Frozen, IndexDelta Active)
{
    /// <summary>They lack what a build that is under way will bring.</summary>
    public bool IsBuilding { get; init; }

    public static IndexParts Empty() => new([], 0, [], [], new IndexDelta());

    public IEnumerable<IndexFile> AllFiles => Past.Select(era => era.File).Concat(Files);

    /// <summary>How many of the current files hold only what was committed up to the moment: the first ones, as files are in the order of time.</summary>
    public int FilesThrough(long moment)
    {
        int count = Files.Length;
        while (count > 0 && Files[count - 1].Through > moment) count--;
        return count;
    }

    /// <summary>The era that answers for the moment; null when the current parts do.</summary>
    public IndexEra? EraAt(long sequence)
    {
        if (sequence >= Since || Past.IsEmpty) return null;
        int low = 0, high = Past.Length - 1;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (Past[middle].Until <= sequence) low = middle + 1;
            else high = middle;
        }

        return Past[low];
    }

    /// <summary>Where a TRUNCATE that fell into a newer part than this one (files, then frozen deltas, then the active one) ended all that the part shows as living.</summary>
    public long TruncatedBehind(int source)
    {
        long truncated = Active.TruncatedAt;
        for (int i = source + 1; i < Files.Length; i++) truncated = Math.Min(truncated, Files[i].Header.TruncatedAt);
        for (int i = Math.Max(0, source + 1 - Files.Length); i < Frozen.Length; i++) truncated = Math.Min(truncated, Frozen[i].TruncatedAt);
        return source == Files.Length + Frozen.Length ? long.MaxValue : truncated;
    }

    /// <summary>Lives in the current parts, and those of them that go on; about, for the decision when to begin a new era.</summary>
    public (long Lives, long Living) CountLives()
    {
        long lives = 0, living = 0;
        foreach ((long records, long open, long tombstones, long truncatedAt) in Files.Select(file => (file.Header.Records, file.Header.Living, file.Header.Tombstones, file.Header.TruncatedAt))
            .Concat(Frozen.Select(delta => (delta.Count, delta.Living, delta.Tombstones, delta.TruncatedAt))))
        {
            lives += records - tombstones;
            living = truncatedAt == long.MaxValue ? living + open - tombstones : open;
        }

        return (lives, living);
    }
}

/// <summary>A file that answers for moments from <paramref name="From"/> to before <paramref name="Until"/>, alone.</summary>
internal sealed record IndexEra(IndexFile File, long From, long Until);
