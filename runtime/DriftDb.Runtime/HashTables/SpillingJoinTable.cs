using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// The table of a hash join's built side. When it outgrows its grant both sides are dealt to partitions by their keys' hash, and pairs of partitions are joined one after the other (the Grace join: Kitsuregawa, Tanaka and Moto-oka,
/// New Generation Computing 1983). A pair whose built side is still too large is dealt again by other bits. Where that doesn't help, because all of its rows have one key, it is taken in as many portions as it needs, each of
/// them joined with the whole other side; kinds of join that must see all matches of a row at once keep such a key's rows in memory, or one of them where one is as good as all.
/// </summary>
internal sealed unsafe class SpillingJoinTable : RowTable
{
    private const int DeepestLevel = 8;

    private readonly JoinSpillRules _rules;
    private readonly TupleLayout _probeLayout;
    private readonly byte[] _scratch;
    private readonly long _scratchAddress;
    private readonly int _hashOffset;
    private readonly RowComparer _keyComparer;
    private readonly Stack<Pair> _waiting = new();
    private QueryContext _context = null!;
    private SpillPartitions? _build, _probe;
    private Pair? _current;
    private RowFileReader? _portions;
    private TupleBuffer? _portionRows;
    private bool _isBuilt, _isDealt;
    private long _spilledBytes, _spilledRows, _unlinked;
    private int _batches = 1;

    private sealed record Pair(RowFile? Build, RowFile? Probe, int Level)
    {
        public void Dispose()
        {
            Build?.Dispose();
            Probe?.Dispose();
        }
    }

    /// <param name="layout">The built side's rows.</param>
    /// <param name="probeLayout">The other side's: the hash, then its columns.</param>
    /// <param name="rules">What the kind of join needs.</param>
    public SpillingJoinTable(TupleLayout layout, TupleLayout probeLayout, JoinSpillRules rules) : base(layout)
    {
        (_probeLayout, _rules) = (probeLayout, rules);
        _hashOffset = layout.Offset(1);
        _keyComparer = new RowComparer(layout, [.. rules.KeyColumns.Select(column => new SortColumn(column, false, false))]);
        _scratch = GC.AllocateArray<byte>(probeLayout.StrideBytes, pinned: true);
        fixed (byte* scratch = _scratch) _scratchAddress = (long)scratch;
    }

    /// <summary>Whether the built side has any row, in memory or not.</summary>
    public bool HasRows => Rows.Count > 0 || _spilledRows > 0;

    public override SpillFigures Spilled => _spilledBytes == 0 ? default : new SpillFigures(_spilledBytes, _batches);

    public override void Attach(Frame frame)
    {
        _context = frame.Context;
        Rows.Growing = Relieve;
    }

    public override void Relieve()
    {
        if (!_isBuilt && Rows.Count > 0 && _context.MustSpill(MemoryBytes)) Deal();
    }

    /// <summary>All rows are in. True when they are in partitions, and the other side's rows must go there too.</summary>
    public bool BeginProbe()
    {
        if (!_isBuilt && _build is not null && Rows.Count > 0) Deal();
        _isBuilt = true;
        return _build is not null;
    }

    /// <summary>Where a row of the other side is put before <see cref="EndSpill"/>; its bytes may stay where they are.</summary>
    public long BeginSpill()
    {
        new Span<byte>((byte*)_scratchAddress, _probeLayout.NullBitmapBytes).Clear();
        return _scratchAddress;
    }

    public void EndSpill(ulong hash)
    {
        if (_rules.DropsUnmatched && _build![SpillPartitions.Of(hash, 0)] is null) return;
        *(ulong*)((byte*)_scratchAddress + _probeLayout.Offset(0)) = hash;
        _probe ??= new SpillPartitions(_context, _probeLayout, 0);
        _probe.Append(hash, (byte*)_scratchAddress);
        GC.KeepAlive(_scratch);
    }

    /// <summary>Takes the next pair's built rows in; false when there are no more pairs.</summary>
    public bool NextPartition()
    {
        if (!BeginProbe()) return false;
        if (!_isDealt)
        {
            _isDealt = true;
            Push(_build!, _probe, 0);
        }

        if (_portions is not null)
        {
            Empty();
            if (TakePortion()) return true;
            _portions.Dispose();
            _portions = null;
        }

        while (true)
        {
            _current?.Dispose();
            _current = null;
            Empty();
            if (!_waiting.TryPop(out Pair? pair)) return false;
            _current = pair;
            if (pair.Build is null && _rules.DropsUnmatched || pair.Probe is null && !_rules.NeedsBuiltRows) continue;
            if (TakeIn(pair)) return true;
        }
    }

    /// <summary>The other side's rows of the pair; null for none.</summary>
    public RowFile? Probe => _current!.Probe;

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

    /// <summary>Moves the rows in memory to partitions.</summary>
    private void Deal()
    {
        NotePeak();
        _build ??= new SpillPartitions(_context, Layout, 0);
        DealRows(_build);
        _spilledRows += Rows.Count;
        Empty();
    }

    private void DealRows(SpillPartitions partitions)
    {
        for (int block = 0; block < Rows.BlockCount; block++)
        {
            byte* row = Rows.Block(block, out int rows);
            for (int i = 0; i < rows; i++, row += Layout.StrideBytes) partitions.Append(DealHash(row), row);
        }
    }

    /// <summary>Rows that match nothing are spread evenly.</summary>
    private ulong DealHash(byte* row)
    {
        ulong hash = *(ulong*)(row + _hashOffset);
        return hash == Unlinked ? ValueComparer.Mix((ulong)++_unlinked) : hash;
    }

    private void Push(SpillPartitions build, SpillPartitions? probe, int level)
    {
        RowFile?[] built = build.Take(), probing = probe?.Take() ?? new RowFile?[SpillPartitions.FanOut];
        for (int i = 0; i < SpillPartitions.FanOut; i++)
        {
            if (built[i] is null && probing[i] is null) continue;
            _batches++;
            _spilledBytes += (built[i]?.LengthBytes ?? 0) + (probing[i]?.LengthBytes ?? 0);
            var pair = new Pair(built[i], probing[i], level);
            if (SpillFaults.LosesPartition && _batches == 2) pair.Dispose();
            else _waiting.Push(pair);
        }
    }

    /// <summary>False when the pair was dealt again.</summary>
    private bool TakeIn(Pair pair)
    {
        if (pair.Build is null) return true;
        using RowFileReader reader = pair.Build.Read();
        var rows = new TupleBuffer(Layout);
        long taken = 0;
        bool sameHash = true;
        ulong first = 0;
        while (reader.Read(rows, Limits.VectorRows, RowFile.BufferBytes) > 0)
        {
            for (int i = 0; i < rows.Count; i++)
            {
                byte* row = rows.Row(i);
                ulong hash = *(ulong*)(row + _hashOffset);
                if (taken++ == 0) first = hash;
                sameHash &= hash == first && hash != Unlinked;
                Add(row);
            }

            rows.Clear();
            _context.CheckCancelled();
            if (taken >= pair.Build.Count || !_context.MustSpill(MemoryBytes)) continue;
            if (!sameHash && pair.Level < DeepestLevel)
            {
                DealAgain(pair, reader, rows);
                rows.Free();
                return false;
            }

            if (!_rules.TakesPortions) continue;
            rows.Free();
            Empty();
            _portions = pair.Build.Read();
            return TakePortion();
        }

        rows.Free();
        NotePeak();
        return true;
    }

    private void DealAgain(Pair pair, RowFileReader rest, TupleBuffer rows)
    {
        NotePeak();
        var build = new SpillPartitions(_context, Layout, pair.Level + 1);
        DealRows(build);
        Empty();
        while (rest.Read(rows, Limits.VectorRows, RowFile.BufferBytes) > 0)
        {
            for (int i = 0; i < rows.Count; i++) build.Append(DealHash(rows.Row(i)), rows.Row(i));
            rows.Clear();
        }

        SpillPartitions? probe = null;
        if (pair.Probe is not null)
        {
            probe = new SpillPartitions(_context, _probeLayout, pair.Level + 1);
            using RowFileReader reader = pair.Probe.Read();
            var probing = new TupleBuffer(_probeLayout);
            while (reader.Read(probing, Limits.VectorRows, RowFile.BufferBytes) > 0)
            {
                for (int i = 0; i < probing.Count; i++) probe.Append(*(ulong*)(probing.Row(i) + _probeLayout.Offset(0)), probing.Row(i));
                probing.Clear();
            }

            probing.Free();
        }

        Push(build, probe, pair.Level + 1);
    }

    /// <summary>As many of the pair's built rows as find room; false when all have been in.</summary>
    private bool TakePortion()
    {
        _portionRows ??= new TupleBuffer(Layout);
        bool any = false;
        while (!any || !_context.MustSpill(MemoryBytes))
        {
            _portionRows.Clear();
            if (_portions!.Read(_portionRows, Limits.VectorRows, RowFile.BufferBytes) == 0) break;
            any = true;
            for (int i = 0; i < _portionRows.Count; i++) Add(_portionRows.Row(i));
        }

        _portionRows.Free();
        return any;
    }

    private void Add(byte* row)
    {
        ulong hash = *(ulong*)(row + _hashOffset);
        if (hash == Unlinked) TupleCopy.CopyFrom(row, Layout, (byte*)InsertUnlinked(), Rows.Arena, HiddenColumns);
        else if (!_rules.OneRowSuffices || !Has(hash, row)) TupleCopy.CopyFrom(row, Layout, (byte*)Insert(hash), Rows.Arena, HiddenColumns);
    }

    private bool Has(ulong hash, byte* row)
    {
        for (long known = First(hash); known != 0; known = *(long*)(known + Layout.Offset(0)))
            if (*(ulong*)(known + _hashOffset) == hash && _keyComparer.Compare(known, (long)row) == 0) return true;
        return false;
    }

    /// <summary>Makes room, and keeps what is known of the whole side.</summary>
    private void Empty()
    {
        bool hasNullKey = HasNullKey;
        base.Reset();
        Rows.Free();
        HasNullKey = hasNullKey;
    }

    private void Forget()
    {
        _portions?.Dispose();
        _portions = null;
        _current?.Dispose();
        _current = null;
        _build?.Dispose();
        _probe?.Dispose();
        _build = _probe = null;
        while (_waiting.TryPop(out Pair? pair)) pair.Dispose();
        _isBuilt = _isDealt = false;
        _spilledRows = 0;
    }
}

/// <summary>What a kind of join needs of its pairs of partitions.</summary>
/// <param name="DropsUnmatched">A row of the other side without a match leaves nothing.</param>
/// <param name="NeedsBuiltRows">Built rows count even where the other side has none.</param>
/// <param name="TakesPortions">The matches of a row may come in portions.</param>
/// <param name="OneRowSuffices">Of built rows with one key any one will do.</param>
/// <param name="KeyColumns">Where the key is in a built row.</param>
internal sealed record JoinSpillRules(bool DropsUnmatched, bool NeedsBuiltRows, bool TakesPortions, bool OneRowSuffices, int[] KeyColumns);

/// <summary>Hands out the other side's rows of each pair of partitions, with the built rows in the table.</summary>
internal sealed unsafe class JoinPartitionSource(int tableState, TupleLayout layout) : RowSource
{
    private readonly PairReader _pair = new(layout);

    public override bool Next(Frame frame, out long input, out int count)
    {
        var table = (SpillingJoinTable)frame.States[tableState];
        while (!_pair.Next(out input, out count))
        {
            if (!table.NextPartition()) return false;
            _pair.Open(table.Probe);
        }

        return true;
    }

    public override void Reset() => _pair.Close();

    public override void Free() => _pair.Close();
}

/// <summary>Hands out the other side's rows of the pair at hand, for a pipeline that an operator runs.</summary>
internal sealed unsafe class JoinPairSource(int tableState, TupleLayout layout) : RowSource
{
    private readonly PairReader _pair = new(layout);
    private bool _isOpen;

    public override bool Next(Frame frame, out long input, out int count)
    {
        if (!_isOpen) _pair.Open(((SpillingJoinTable)frame.States[tableState]).Probe);
        _isOpen = _pair.Next(out input, out count);
        return _isOpen;
    }

    public override void Reset()
    {
        _isOpen = false;
        _pair.Close();
    }

    public override void Free() => Reset();
}

/// <summary>Hands out the built rows once the other side has been by: all at once, or pair by pair.</summary>
internal sealed unsafe class BuiltRowSource(int tableState, int pipeline) : RowSource
{
    private readonly long[] _addresses = GC.AllocateUninitializedArray<long>(Limits.VectorRows, pinned: true);
    private int _next;

    public override bool Next(Frame frame, out long input, out int count)
    {
        var table = (SpillingJoinTable)frame.States[tableState];
        fixed (long* addresses = _addresses) input = (long)addresses;
        while (true)
        {
            count = table.Addresses(_next, _addresses.AsSpan(0, frame.MaxSliceRows));
            _next += count;
            if (count > 0) return true;
            if (!table.NextPartition()) return false;
            frame.Instance!.RunAuxiliary(pipeline);
            _next = 0;
        }
    }

    public override void Reset() => _next = 0;
}

/// <summary>Reads a file's rows, a batch at a time.</summary>
internal sealed unsafe class PairReader(TupleLayout layout)
{
    private const long BatchBytes = 128 * 1024;

    private readonly TupleBuffer _rows = new(layout);
    private RowFileReader? _reader;
    private long[] _addresses = [];

    public void Open(RowFile? file)
    {
        Close();
        _reader = file?.Read();
    }

    public bool Next(out long input, out int count)
    {
        _rows.Clear();
        _reader?.Read(_rows, Limits.VectorRows, BatchBytes);
        count = RowAddresses.List(_rows, ref _addresses);
        fixed (long* addresses = _addresses) input = (long)addresses;
        return count > 0;
    }

    public void Close()
    {
        _reader?.Dispose();
        _reader = null;
        _rows.Free();
    }
}
