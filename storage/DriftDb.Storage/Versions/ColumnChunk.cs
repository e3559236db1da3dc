using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// Up to 65,536 row versions in columns, in the order in which they arrived: originals (arrival = begin), or copies made by time splits (arrival = the sequence of the copying). Never both, so a scan as of s
/// reads a prefix of the rows, found by binary search, and tests nothing but <c>end > s</c>.
/// </summary>
/// <remarks>
/// Only the committer writes, under the commit lock. Readers read <see cref="Count"/> first and the arrays after it. A row's data never changes; its end does, from
/// <see cref="long.MaxValue"/> to a sequence that is greater than any reader's, or to a moved tag, which is greater than any sequence. Pieces of a sealed chunk that lie in a snapshot
/// come into memory when they are asked for and may leave it again (<see cref="ChunkCache"/>): take an array once and keep it, and read no piece twice for one answer.
/// </remarks>
internal sealed partial class ColumnChunk
{
    /// <summary>Bits of a place that number the row within its chunk.</summary>
    public const int RowBits = 16;

    /// <summary>An end with this bit (and not MaxValue) says that the version goes on at the place in the other bits.</summary>
    public const long MovedTag = 1L << 62;

    /// <summary>What a column's values may take, so that a chunk of wide rows is no larger than others.</summary>
    internal int HeapLimitBytes => Table.Store.ChunkHeapBytes;

    /// <summary>Room for the rows that pass the limit as well: they come some thousand at a time, and a heap that grows for them would be there twice.</summary>
    internal int LargestHeapBytes => HeapLimitBytes + HeapLimitBytes / 4;

    private int _count, _runCount, _allocated;
    private long[]? _begin, _end, _rowId, _previous, _jump;
    private int[]? _depth;
    private bool _hasChain, _endsChanged;
    private long _closedAt = long.MaxValue;
    private int[] _runStart = [];
    private long[] _runSequence = [];

    public ColumnChunk(StorageTable table, int number, ChunkLayout layout, bool isCopy, int capacity, ColumnChunk? like)
    {
        Table = table;
        Number = number;
        Layout = layout;
        IsCopy = isCopy;
        _allocated = capacity;
        _begin = GC.AllocateUninitializedArray<long>(capacity, pinned: true);
        _end = GC.AllocateUninitializedArray<long>(capacity, pinned: true);
        _rowId = GC.AllocateUninitializedArray<long>(capacity, pinned: true);
        BlockMinEnd = new long[Limits.ChunkRows / Limits.VectorRows];
        Array.Fill(BlockMinEnd, long.MaxValue);
        Columns = new ChunkColumn[layout.Columns.Length];
        for (int i = 0; i < Columns.Length; i++)
        {
            Columns[i] = new ChunkColumn(this, i, layout.Columns[i].Type.Kind, capacity);
            // The heap of a chunk like the last one is about as large; growing in steps would retire blocks.
            if (like is not null && ReferenceEquals(like.Layout, layout) && like.Count > 0)
                Columns[i].ReserveHeap((int)Math.Min(LargestHeapBytes, like.Columns[i].HeapUsedBytes * 1.05 * capacity / like.Count) + 256);
        }
    }

    public StorageTable Table { get; }

    /// <summary>Its place in the table's chunk directory.</summary>
    public int Number { get; }

    public ChunkLayout Layout { get; }

    public bool IsCopy { get; }

    public ChunkColumn[] Columns { get; }

    public long[] Begin => _begin ?? LoadRows().Begin;

    public long[] End => _end ?? LoadEnds();

    public long[] RowId => _rowId ?? LoadRows().RowId;

    /// <summary>Place of the version before (+ 1; 0 for none), of the version the jump pointer leads to, and the version's depth in its chain; null while no row here has one before.</summary>
    public long[]? Previous => Volatile.Read(ref _hasChain) ? _previous ?? LoadChain().Previous : null;

    public long[]? Jump => Volatile.Read(ref _hasChain) ? _jump ?? LoadChain().Jump : null;

    public int[]? Depth => Volatile.Read(ref _hasChain) ? _depth ?? LoadChain().Depth : null;

    /// <summary>For each 2,048 rows the smallest end that was ever written (moved tags included): above s, the whole block is visible as of s.</summary>
    public long[] BlockMinEnd { get; }

    /// <summary>Rows that readers may look at.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Versions here without an end.</summary>
    public int LiveCount { get; set; }

    /// <summary>Takes no more rows.</summary>
    public bool IsSealed { get; set; }

    /// <summary>Waits for its time split at the end of the commit.</summary>
    public bool IsSplitCandidate { get; set; }

    /// <summary>Arrival of its last row.</summary>
    public long LastArrival { get; private set; }

    /// <summary>Arrival of its first row; <see cref="long.MaxValue"/> while it is empty.</summary>
    public long FirstArrival { get; private set; } = long.MaxValue;

    /// <summary>First sequence at which nobody reads this chunk any more: its live rows of then are elsewhere.</summary>
    public long ClosedAt
    {
        get => Volatile.Read(ref _closedAt);
        set => Volatile.Write(ref _closedAt, value);
    }

    /// <summary>Whether the columns' heaps still have room for one more ordinary row.</summary>
    public bool HeapIsFull
    {
        get
        {
            foreach (ChunkColumn column in Columns)
            {
                if (column.HeapUsedBytes > HeapLimitBytes) return true;
            }

            return false;
        }
    }

    /// <summary>How many rows had arrived as of s: the prefix that a scan looks at.</summary>
    public int ArrivedBy(long sequence, int count)
    {
        if (count == 0 || FirstArrival > sequence) return 0;
        if (IsCopy)
        {
            int total = Volatile.Read(ref _runCount), runs = total;
            long[] sequences = _runSequence;
            int[] starts = _runStart;
            while (runs > 0 && sequences[runs - 1] > sequence) runs--;
            int end = runs < total ? starts[runs] : count;
            return Math.Min(end, count);
        }

        if ((IsSealed || Places is not null) && LastArrival <= sequence) return count;
        long[] begin = Begin;
        if (begin[count - 1] <= sequence) return count;
        int low = 0, high = count - 1;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (begin[middle] <= sequence) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>Adds a new version; the caller fills the columns and then calls <see cref="Publish"/>.</summary>
    public int Add(long rowId, long begin, long arrival)
    {
        int row = _count;
        if (row == _allocated) Grow();
        _begin![row] = begin;
        _end![row] = long.MaxValue;
        _rowId![row] = rowId;
        if (_previous is not null) _previous[row] = 0;
        LastArrival = arrival;
        if (FirstArrival == long.MaxValue) FirstArrival = arrival;
        if (IsCopy && (_runCount == 0 || _runSequence[_runCount - 1] != arrival)) AddRun(row, arrival);
        LiveCount++;
        return row;
    }

    /// <summary>Adds new versions with consecutive row ids and begins; there must be room for them. The caller fills the columns and then calls <see cref="PublishRun"/>.</summary>
    public int AddRun(int count, long firstRowId, long firstBegin)
    {
        int first = _count;
        for (int i = 0; i < count; i++)
        {
            _begin![first + i] = firstBegin + i;
            _rowId![first + i] = firstRowId + i;
        }

        _end.AsSpan(first, count).Fill(long.MaxValue);
        _previous?.AsSpan(first, count).Clear();
        LastArrival = firstBegin + count - 1;
        if (FirstArrival == long.MaxValue) FirstArrival = firstBegin;
        LiveCount += count;
        return first;
    }

    public void PublishRun(int count) => Volatile.Write(ref _count, _count + count);

    public void Publish() => Volatile.Write(ref _count, _count + 1);

    /// <summary>Links a row to the version before it.</summary>
    public void Link(int row, long previous, long jump, int depth)
    {
        if (!_hasChain)
        {
            _depth = new int[_allocated];
            _jump = new long[_allocated];
            _previous = new long[_allocated];
            Volatile.Write(ref _hasChain, true);
        }

        _previous![row] = previous + 1;
        _jump![row] = jump + 1;
        _depth![row] = depth;
    }

    /// <summary>Ends a live version here; <paramref name="end"/> is a sequence or a moved tag.</summary>
    public void EndVersion(int row, long end)
    {
        if (_endsAreSaved) HoldEnds();
        long[] ends = End;
        if (ReferenceEquals(ends, NeverEnded)) _end = ends = Enlarge(NeverEnded, _count, _count);
        Volatile.Write(ref ends[row], end);
        Volatile.Write(ref _endsChanged, true);
        ref long blockMinimum = ref BlockMinEnd[row / Limits.VectorRows];
        if (end < blockMinimum) Volatile.Write(ref blockMinimum, end);
        LiveCount--;
    }

    public static bool IsMoved(long end) => end >= MovedTag && end != long.MaxValue;

    public static long Place(int chunk, int row) => ((long)chunk << RowBits) | (uint)row;

    private void AddRun(int row, long arrival)
    {
        if (_runCount == _runStart.Length)
        {
            int capacity = Math.Max(4, _runCount * 2);
            Array.Resize(ref _runStart, capacity);
            Array.Resize(ref _runSequence, capacity);
        }

        _runStart[_runCount] = row;
        _runSequence[_runCount] = arrival;
        Volatile.Write(ref _runCount, _runCount + 1);
    }

    private void Grow()
    {
        int rows = _allocated;
        int capacity = Math.Min(Limits.ChunkRows, rows * (rows < 1024 ? 4 : 2));
        _begin = Enlarge(_begin!, rows, capacity);
        _end = Enlarge(_end!, rows, capacity);
        _rowId = Enlarge(_rowId!, rows, capacity);
        foreach (ChunkColumn column in Columns) column.Grow(rows, capacity);
        if (_hasChain)
        {
            Array.Resize(ref _depth, capacity);
            Array.Resize(ref _jump, capacity);
            Array.Resize(ref _previous, capacity);
        }

        _allocated = capacity;
    }

    /// <summary>Rows that the arrays have room for.</summary>
    public int Allocated => _allocated;

    private static long[] Enlarge(long[] array, int rows, int capacity)
    {
        long[] larger = GC.AllocateUninitializedArray<long>(capacity, pinned: true);
        array.AsSpan(0, rows).CopyTo(larger);
        return larger;
    }
}
