using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// A hash table of groups that takes no new ones once its grant is used up: input rows of groups that it has are taken as before, all others go to partitions by their hash. When what it has is done with, the partitions are taken
/// in one after the other, by the same rules (Graefe, <i>Query Evaluation Techniques for Large Databases</i>, ACM Computing Surveys 1993, section 4.3). Every pass takes in at least a block of groups, so it comes to an end.
/// </summary>
internal sealed unsafe class SpillingTable : RowTable
{
    private readonly TupleLayout _spilledLayout;
    private readonly byte[] _scratch;
    private readonly Stack<(RowFile File, int Level)> _waiting = new();
    private Frame _frame = null!;
    private SpillPartitions? _partitions;
    private RowFile? _input;
    private int _level;
    private long _spilledBytes;
    private int _batches = 1;

    /// <param name="layout">The groups' rows.</param>
    /// <param name="spilledLayout">What of an input row is needed to take it in later.</param>
    public SpillingTable(TupleLayout layout, TupleLayout spilledLayout) : base(layout)
    {
        _spilledLayout = spilledLayout;
        _scratch = GC.AllocateArray<byte>(spilledLayout.StrideBytes, pinned: true);
        fixed (byte* scratch = _scratch) _scratchAddress = (long)scratch;
    }

    private readonly long _scratchAddress;

    /// <summary>There is no room for new groups.</summary>
    public bool IsFull;

    /// <summary>States whose memory goes with the groups.</summary>
    public int[] DependentStates { get; init; } = [];

    /// <summary>False: nobody takes partitions in, so all groups stay.</summary>
    public bool CanSpill { get; init; } = true;

    public override SpillFigures Spilled => _spilledBytes == 0 ? default : new SpillFigures(_spilledBytes, _batches);

    public override void Attach(Frame frame)
    {
        _frame = frame;
        Rows.Growing = Relieve;
    }

    public override void Relieve()
    {
        if (IsFull || !CanSpill || Rows.Count == 0) return;
        long kept = MemoryBytes;
        foreach (int state in DependentStates) kept += _frame.States[state].KeptBytes;
        IsFull = _frame.Context.MustSpill(kept);
    }

    /// <summary>Where an input row is put before <see cref="EndSpill"/>; its bytes may stay where they are.</summary>
    public long BeginSpill()
    {
        new Span<byte>((byte*)_scratchAddress, _spilledLayout.NullBitmapBytes).Clear();
        return _scratchAddress;
    }

    public void EndSpill(ulong hash)
    {
        _partitions ??= new SpillPartitions(_frame.Context, _spilledLayout, _level);
        _partitions.Append(hash, (byte*)_scratchAddress);
        GC.KeepAlive(_scratch);
    }

    /// <summary>Forgets the groups and makes the next partition's rows the input; false when there are no more.</summary>
    public bool NextPartition()
    {
        _input?.Dispose();
        _input = null;
        if (_partitions is not null)
        {
            foreach (RowFile? file in _partitions.Take())
            {
                if (file is null) continue;
                _spilledBytes += file.LengthBytes;
                _batches++;
                if (SpillFaults.LosesPartition && _batches == 2) file.Dispose();
                else _waiting.Push((file, _level + 1));
            }

            _partitions = null;
        }

        if (!_waiting.TryPop(out (RowFile File, int Level) next)) return false;
        Clear();
        (_input, _level) = next;
        return true;
    }

    /// <summary>The rows of the partition that is being taken in.</summary>
    public RowFile Input => _input!;

    public override void Reset()
    {
        base.Reset();
        Forget();
    }

    public override void Free()
    {
        base.Free();
        Forget();
    }

    private void Clear()
    {
        base.Reset();
        Rows.Free();
        IsFull = false;
    }

    private void Forget()
    {
        IsFull = false;
        _level = 0;
        _input?.Dispose();
        _input = null;
        _partitions?.Dispose();
        _partitions = null;
        while (_waiting.TryPop(out (RowFile File, int Level) file)) file.File.Dispose();
    }
}

/// <summary>Reads the partition that a <see cref="SpillingTable"/> takes in.</summary>
internal sealed class PartitionSource(int tableState, TupleLayout layout) : RowSource
{
    private const long BatchBytes = 128 * 1024;

    private readonly TupleBuffer _rows = new(layout);
    private RowFile? _file;
    private RowFileReader? _reader;
    private long[] _addresses = [];

    public override unsafe bool Next(Frame frame, out long input, out int count)
    {
        var table = (SpillingTable)frame.States[tableState];
        if (!ReferenceEquals(_file, table.Input))
        {
            _reader?.Dispose();
            _file = table.Input;
            _reader = _file.Read();
        }

        _rows.Clear();
        _reader!.Read(_rows, Limits.VectorRows, BatchBytes);
        count = RowAddresses.List(_rows, ref _addresses);
        fixed (long* addresses = _addresses) input = (long)addresses;
        return count > 0;
    }

    public override void Reset() => Forget();

    public override void Free()
    {
        Forget();
        _rows.Free();
    }

    private void Forget()
    {
        _reader?.Dispose();
        _reader = null;
        _file = null;
    }
}

/// <summary>A distinct set that goes with groups, and the pipeline that takes in what of it has left memory.</summary>
internal readonly record struct DistinctSet(int State, int Pipeline);

/// <summary>Hands out a table's groups; then takes in a partition of what didn't find room, hands those groups out, and so on.</summary>
/// <param name="tableState">The <see cref="SpillingTable"/>.</param>
/// <param name="pipeline">The pipeline that takes its partitions in.</param>
/// <param name="distinct">Sets that go with its groups.</param>
/// <param name="dependentStates">Other states whose content goes with its groups.</param>
internal sealed unsafe class GroupSource(int tableState, int pipeline, DistinctSet[] distinct, int[] dependentStates) : RowSource
{
    private readonly long[] _addresses = GC.AllocateUninitializedArray<long>(Limits.VectorRows, pinned: true);
    private int _next;
    private bool _isComplete;

    public override bool Next(Frame frame, out long input, out int count)
    {
        var table = (SpillingTable)frame.States[tableState];
        fixed (long* addresses = _addresses) input = (long)addresses;
        while (true)
        {
            if (!_isComplete) Complete(frame);
            count = table.Addresses(_next, _addresses.AsSpan(0, frame.MaxSliceRows));
            _next += count;
            if (count > 0) return true;
            if (!table.NextPartition()) return false;
            foreach (DistinctSet set in distinct) frame.States[set.State].Reset();
            foreach (int state in dependentStates) frame.States[state].Reset();
            frame.Instance!.RunAuxiliary(pipeline);
            _isComplete = false;
            _next = 0;
        }
    }

    public override void Reset()
    {
        _next = 0;
        _isComplete = false;
    }

    /// <summary>All rows of these groups have come; what their distinct sets had no room for is counted now.</summary>
    private void Complete(Frame frame)
    {
        _isComplete = true;
        foreach (DistinctSet set in distinct)
        {
            var table = (SpillingTable)frame.States[set.State];
            while (table.NextPartition()) frame.Instance!.RunAuxiliary(set.Pipeline);
        }
    }
}
