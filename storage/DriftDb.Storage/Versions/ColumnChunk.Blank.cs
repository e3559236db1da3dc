using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// Chunks without some of their versions. A version that retention or an erasure takes away leaves a blank: its row stays where it is (places, links and the order of arrival hold), has no values, and an end of 0, so that no
/// moment sees it. The chunk is replaced by a copy: readers that are in the old one go on with what they have.
/// </summary>
internal sealed partial class ColumnChunk
{
    /// <summary>The end of a blank.</summary>
    public const long BlankEnd = 0;

    /// <summary>The begins, ends and row ids of a chunk that is gone. Never written.</summary>
    private static readonly long[] Nothing = GC.AllocateArray<long>(Limits.ChunkRows, pinned: true);

    /// <summary>All of whose versions retention has dropped: places that still lead here find a blank.</summary>
    public bool IsGone { get; private init; }

    /// <summary>What stands in the chunk directory for chunks that are gone.</summary>
    public static ColumnChunk Gone(StorageTable table) =>
        new(table, -1, new ChunkLayout([]), isCopy: false, 0, isSealed: true, new ChunkState(false, 0, 0, long.MaxValue, 0, [], [], new long[Limits.ChunkRows / Limits.VectorRows], []), places: null)
        {
            IsGone = true, _begin = Nothing, _end = Nothing, _rowId = Nothing,
        };

    /// <summary>
    /// A copy of this sealed chunk in which some rows are blank, without its ends, which may still change: <see cref="TakeEnds"/> completes it.
    /// </summary>
    public unsafe ColumnChunk WithBlanks(bool[] isBlank)
    {
        int count = Count;
        var copy = new ColumnChunk(Table, Number, Layout, IsCopy, Math.Max(1, count), like: null) { IsSealed = true };
        Begin.AsSpan(0, count).CopyTo(copy._begin);
        RowId.AsSpan(0, count).CopyTo(copy._rowId);
        (copy._runCount, copy._runStart, copy._runSequence) = (_runCount, _runStart, _runSequence);
        (copy.FirstArrival, copy.LastArrival) = (FirstArrival, LastArrival);
        if (HasChain)
        {
            (long[] previous, long[] jump, int[] depth) = LoadChain();
            copy._previous = new long[Math.Max(1, count)];
            copy._jump = new long[Math.Max(1, count)];
            copy._depth = new int[Math.Max(1, count)];
            for (int row = 0; row < count; row++)
            {
                if (!isBlank[row]) (copy._previous[row], copy._jump[row], copy._depth[row]) = (previous[row], jump[row], depth[row]);
            }

            copy._hasChain = true;
        }

        Int128 slot = default;
        for (int i = 0; i < Columns.Length; i++)
        {
            ChunkColumn from = Columns[i], to = copy.Columns[i];
            to.ReserveHeap(from.HeapUsedBytes);
            for (int row = 0; row < count; row++)
            {
                if (isBlank[row]) to.SetBlank(row);
                else if (from.IsNull(row)) to.SetNull(row, copy._allocated);
                else
                {
                    from.Get(row, (byte*)&slot);
                    to.Set(row, (byte*)&slot);
                }
            }

            // The values lie in the old column's heap until they are copied.
            GC.KeepAlive(from);
        }

        copy._count = count;
        return copy;
    }

    /// <summary>Takes the ends as they are now; under the commit lock, right before this chunk takes the old one's place.</summary>
    public void TakeEnds(ColumnChunk old, bool[] isBlank)
    {
        long[] ends = old.End;
        int live = 0;
        for (int row = 0; row < _count; row++)
        {
            long end = isBlank[row] ? BlankEnd : ends[row];
            _end![row] = end;
            if (end == long.MaxValue) live++;
            ref long blockMinimum = ref BlockMinEnd[row / Limits.VectorRows];
            if (end < blockMinimum) blockMinimum = end;
        }

        LiveCount = live;
        _closedAt = old._closedAt;
        _endsChanged = true;
        IsSplitCandidate = old.IsSplitCandidate;
    }

    /// <summary>Memory that it takes when all of it is there.</summary>
    public long ResidentBytes => _count * (HasChain ? 44L : 24L) + Columns.Sum(column => column.ResidentBytes);

    /// <summary>The memory that slices handed out may point into; the chunk is out of the directory.</summary>
    public IEnumerable<object> Heaps() => Columns.Select(column => column.ResidentHeap).OfType<object>();
}
