using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>A chunk's pieces on their way between memory and the table's snapshots.</summary>
internal sealed partial class ColumnChunk
{
    public const int EndsPiece = -3;

    private const int RowsPiece = -1, ChainPiece = -2;

    /// <summary>The ends of a chunk in which nothing has ended, shared by all of them. Never written.</summary>
    private static readonly long[] NeverEnded = MakeNeverEnded();

    private readonly Lock _loading = new();
    private bool _wasEntered;

    /// <summary>Where the pieces lie on the disk; null while the chunk is in memory only.</summary>
    public ChunkPlaces? Places { get; private set; }

    public bool HasChain => Volatile.Read(ref _hasChain);

    /// <summary>Sequences at which runs of copies arrived, with their first rows.</summary>
    public IEnumerable<(int Start, long Sequence)> Runs => _runStart.Take(_runCount).Zip(_runSequence);

    /// <summary>A chunk that lies in a snapshot; nothing of it is read yet.</summary>
    public static ColumnChunk Restore(StorageTable table, int number, ChunkLayout layout, bool isCopy, int count, bool isSealed, ChunkState state, ChunkPlaces places) =>
        new(table, number, layout, isCopy, count, isSealed, state, places);

    private ColumnChunk(StorageTable table, int number, ChunkLayout layout, bool isCopy, int count, bool isSealed, ChunkState state, ChunkPlaces? places)
    {
        Table = table;
        Number = number;
        Layout = layout;
        IsCopy = isCopy;
        _count = _allocated = count;
        _hasChain = state.HasChain;
        _closedAt = state.ClosedAt;
        LiveCount = state.LiveCount;
        FirstArrival = state.FirstArrival;
        LastArrival = state.LastArrival;
        _runCount = state.RunStarts.Length;
        _runStart = state.RunStarts;
        _runSequence = state.RunSequences;
        BlockMinEnd = state.BlockMinEnd;
        IsSealed = isSealed;
        Places = places;
        _endsAreSaved = places is { State: not null };
        Columns = [.. layout.Columns.Select((column, i) => new ChunkColumn(this, i, column.Type.Kind, state.Columns[i]))];
    }

    /// <summary>Whether any version here may have ended by the sequence; if not, a scan needn't read the ends.</summary>
    public bool MayHaveEnded(long sequence)
    {
        foreach (ref readonly long minimum in BlockMinEnd.AsSpan())
        {
            if (Volatile.Read(in minimum) <= sequence) return true;
        }

        return false;
    }

    /// <summary>A scan looks at the chunk: a second chance before it leaves memory.</summary>
    public void NoteEntered() => _wasEntered = true;

    public bool TakeChance()
    {
        bool chance = _wasEntered;
        _wasEntered = false;
        return chance;
    }

    /// <summary>Whether ends were written since this was asked last. Asked before they are copied, so that none is missed.</summary>
    public bool TakeEndsChanged() => Interlocked.Exchange(ref _endsChanged, false);

    public void KeepEndsChanged() => Volatile.Write(ref _endsChanged, true);

    /// <summary>A snapshot has the chunk's pieces now, so they may leave memory; ends when the snapshot has them as they are. Under the commit lock.</summary>
    public void MoveTo(ChunkPlaces places)
    {
        bool wasWritten = Places is not null;
        Places = places;
        ChunkCache cache = Cache;
        CountAsSaved();
        if (!wasWritten)
        {
            // Most chunks of a load are such that nothing in them has ended yet.
            if (LiveCount == _count) _end = NeverEnded;
            cache.Note(this, RowsPiece, _count * 16L);
            if (_hasChain) cache.Note(this, ChainPiece, _count * 20L);
            for (int i = 0; i < Columns.Length; i++) cache.Note(this, i, Columns[i].ResidentBytes);
        }

        if (!places.EndsAreFinal && (places.State is null || Volatile.Read(ref _endsChanged))) return;
        CountEndsAsSaved();
        cache.Change(() => _endsAreSaved = true);
        cache.Note(this, EndsPiece, _count * 8L);
    }

    private long _unsavedBytes, _changedBytes;

    /// <summary>The chunk has its final size and lies in memory only.</summary>
    public void CountAsUnsaved()
    {
        if (Table.Store.IsVolatile) return;
        _unsavedBytes = ResidentBytes;
        Table.Store.Memory.Unsaved.Add(_unsavedBytes);
    }

    public void CountAsSaved()
    {
        if (_unsavedBytes == 0) return;
        Table.Store.Memory.Unsaved.Add(-_unsavedBytes);
        _unsavedBytes = 0;
    }

    /// <summary>The chunk is out of the table, or the table's store closes.</summary>
    public void LeaveBudget()
    {
        CountAsSaved();
        CountEndsAsSaved();
    }

    /// <summary>The snapshot that <see cref="Places"/> leads to has the ends as they are, so they may leave memory. Changes under the cache's latch only.</summary>
    private bool _endsAreSaved, _endsAreNoted;

    /// <summary>Under the cache's latch: whether ends are to be put on the list of what may leave memory; not those that still change, nor twice.</summary>
    public bool TakesNoteOfEnds()
    {
        if (!_endsAreSaved || _endsAreNoted || _end is null || ReferenceEquals(_end, NeverEnded)) return false;
        return _endsAreNoted = true;
    }

    /// <summary>The committer is going to write ends: they stay in memory until a snapshot has them.</summary>
    private void HoldEnds()
    {
        long[] ends = End;
        Cache.Change(() =>
        {
            _end ??= ends;
            _endsAreSaved = false;
        });
        _changedBytes = _count * 8L;
        Table.Store.Memory.Changed.Add(_changedBytes);
    }

    private void CountEndsAsSaved()
    {
        if (_changedBytes == 0) return;
        Table.Store.Memory.Changed.Add(-_changedBytes);
        _changedBytes = 0;
    }

    /// <summary>Lets a piece go. Readers that have its arrays keep them.</summary>
    public void Evict(int piece)
    {
        switch (piece)
        {
            case RowsPiece:
                _begin = _rowId = null;
                break;
            case ChainPiece:
                _previous = _jump = null;
                _depth = null;
                break;
            case EndsPiece:
                _endsAreNoted = false;
                if (_endsAreSaved) _end = null;
                break;
            default:
                if (Columns[piece].Evict() is { } heap) Table.Store.Epochs.Retire(heap);
                break;
        }
    }

    /// <summary>Brings everything into memory for good, because rows are to be added.</summary>
    public void Thaw()
    {
        if (Places is null) return;
        (long[] begin, long[] rowId) = LoadRows();
        long[] ends = End;
        if (ReferenceEquals(ends, NeverEnded)) ends = Enlarge(NeverEnded, _count, _count);
        (long[] Previous, long[] Jump, int[] Depth) chain = _hasChain ? LoadChain() : default;
        (byte[] Data, byte[]? Validity, byte[]? Heap)[] columns = [.. Columns.Select(column => column.Load())];
        Cache.Withdraw(this, () =>
        {
            (_begin, _rowId, _end) = (begin, rowId, ends);
            if (_hasChain) (_previous, _jump, _depth) = chain;
            for (int i = 0; i < columns.Length; i++) Columns[i].Keep(columns[i]);
            Places = null;
            _endsAreSaved = _endsAreNoted = false;
        });
    }

    internal static (byte[] Data, byte[]? Validity, byte[]? Heap) LoadColumn(ChunkPlaces places, int column, PhysicalKind kind) =>
        ChunkCodec.DecodeColumn(places.Source.Read(places.Columns[column]), kind, places.Count);

    internal Lock Loading => _loading;

    internal ChunkCache Cache => Table.Store.Cache;

    private (long[] Begin, long[] RowId) LoadRows()
    {
        lock (_loading)
        {
            // The places first: a chunk that has none any more has its arrays.
            ChunkPlaces? places = Places;
            if (_begin is { } begin && _rowId is { } rowId) return (begin, rowId);
            long[][] columns = ChunkCodec.DecodeLongs(places!.Source.Read(places.Rows), 2, places.Count);
            Cache.Load(this, RowsPiece, places.Count * 16L, () => (_begin, _rowId) = (columns[0], columns[1]));
            return (columns[0], columns[1]);
        }
    }

    private (long[] Previous, long[] Jump, int[] Depth) LoadChain()
    {
        lock (_loading)
        {
            ChunkPlaces? places = Places;
            if (_previous is { } previous && _jump is { } jump && _depth is { } depth) return (previous, jump, depth);
            long[][] columns = ChunkCodec.DecodeLongs(places!.Source.Read(places.Chain), 3, places.Count);
            int[] depths = Array.ConvertAll(columns[2], static value => (int)value);
            Cache.Load(this, ChainPiece, places.Count * 20L, () => (_previous, _jump, _depth) = (columns[0], columns[1], depths));
            return (columns[0], columns[1], depths);
        }
    }

    private long[] LoadEnds()
    {
        lock (_loading)
        {
            ChunkPlaces? places = Places;
            if (_end is { } known) return known;
            long[] ends = places!.Ends.Exists ? ChunkCodec.DecodeLongs(places.Source.Read(places.Ends), 1, places.Count)[0] : NeverEnded;
            // The committer may have brought them in meanwhile, to write to them: then his count.
            Cache.Change(() => _end ??= ends);
            Cache.Note(this, EndsPiece, places.Count * 8L);
            return _end ?? ends;
        }
    }

    private static long[] MakeNeverEnded()
    {
        long[] ends = GC.AllocateUninitializedArray<long>(Limits.ChunkRows, pinned: true);
        Array.Fill(ends, long.MaxValue);
        return ends;
    }
}

/// <summary>What of a chunk is always in memory.</summary>
internal sealed record ChunkState(
    bool HasChain, long ClosedAt, int LiveCount, long FirstArrival, long LastArrival, int[] RunStarts, long[] RunSequences, long[] BlockMinEnd, ColumnState[] Columns);

/// <summary>What of a chunk's column is always in memory: its zone and how much memory its bytes take.</summary>
internal readonly record struct ColumnState(long Minimum, long Maximum, int NullCount, int HeapBytes);
