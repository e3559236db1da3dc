using System.Buffers;
using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// Writes a snapshot of one table as it was at a moment, while commits go on: rows and columns of sealed chunks once for ever, ends of chunks that live when they changed, the open chunks and the row directory each time,
/// and a root that says where all of it lies. Ends later than the moment are left out; the log has them.
/// </summary>
internal sealed class TableSnapshotWriter : IDisposable
{
    private readonly StorageTable.Moment _moment;
    private readonly SnapshotFileWriter _file;
    private readonly SnapshotInfo? _before;
    private readonly bool _rewrites;
    private readonly List<ChunkLayout> _layouts = [];
    private readonly List<ChunkPlaces?> _places = [];
    private readonly List<(ColumnChunk Chunk, ChunkPlaces Places)> _growing = [];
    private readonly List<ColumnChunk> _cleared = [];
    private readonly SnapshotSource _source;
    private BlockPlace[] _rows = [];
    private bool _isTaken;
    private readonly Lock _commitLock;

    public TableSnapshotWriter(IFileSystem files, IRandom random, string directory, StorageTable.Moment moment, SnapshotInfo? before, Lock commitLock, bool rewrites)
    {
        _moment = moment;
        _before = before;
        _commitLock = commitLock;
        _rewrites = rewrites;
        _file = new SnapshotFileWriter(files, random, directory, moment.Table.Id, before is null ? 1 : before.Files.Max(file => file.Number) + 1);
        _source = moment.Table.Source ?? new SnapshotSource(files, directory, moment.Table.Id);
    }

    private static readonly ChunkState GoneState = new(false, 0, 0, long.MaxValue, 0, [], [], [], []);

    private long Sequence => _moment.Sequence;

    /// <summary>Writes and syncs; the snapshot counts once a manifest names it.</summary>
    public SnapshotInfo Write()
    {
        // First: what it changes meanwhile is kept twice.
        BlockPlace[] rows = WriteRows();
        ColumnChunk[] chunks = _moment.Table.Chunks(out _);
        var roots = new ChunkRoot[_moment.ChunkCount];
        for (int i = 0; i < roots.Length; i++)
        {
            if (chunks[i].IsGone) roots[i] = RootOf(chunks[i], 0, GoneState, new ChunkPlaces(_source, 0, 0));
            else if (ReferenceEquals(chunks[i], _moment.Open)) roots[i] = WriteGrowing(chunks[i], _moment.OpenCount);
            else if (ReferenceEquals(chunks[i], _moment.Copy)) roots[i] = WriteGrowing(chunks[i], _moment.CopyCount);
            else roots[i] = WriteSealed(chunks[i]);
        }

        var root = new TableRoot(
            _moment.Table.Id, Sequence, _moment.NextRowId, _moment.LiveRows, _moment.StoredVersions, _moment.Open?.Number ?? -1, _moment.Copy?.Number ?? -1,
            [.. _layouts.Select(layout => layout.Columns)], roots, rows);
        BlockPlace place = _file.Append(target => target.Write(root.Encode()));
        _file.Finish();
        HashSet<int> used = [.. root.Places.Select(block => block.File), place.File];
        var files = ImmutableArray.CreateBuilder<SnapshotFileInfo>();
        if (_before is not null) files.AddRange(_before.Files.Where(file => used.Contains(file.Number)));
        files.Add(_file.Info);
        _rows = rows;
        return new SnapshotInfo(place.File, place.Offset, place.LengthBytes, Sequence, files.ToImmutable()) { UsedBytes = place.LengthBytes + root.Places.Sum(block => (long)block.LengthBytes) };
    }

    /// <summary>A durable manifest names the snapshot: the table may rely on it.</summary>
    public void Take()
    {
        // Rows are added under the commit lock, so a chunk that hasn't been brought into memory for that isn't meanwhile.
        lock (_commitLock) _moment.Table.TakeSnapshot(_source, _places, _growing, _rows);
        _isTaken = true;
    }

    /// <summary>A snapshot that wasn't taken leaves everything for the next one to write.</summary>
    public void Dispose()
    {
        _file.Dispose();
        if (_isTaken) return;
        foreach (ColumnChunk chunk in _cleared) chunk.KeepEndsChanged();
    }

    private ChunkRoot WriteSealed(ColumnChunk chunk)
    {
        ChunkPlaces? known = chunk.Places;
        // Asked for before anything is copied: an end written from here on is noted for the next snapshot.
        bool endsChanged = chunk.TakeEndsChanged();
        if (endsChanged) _cleared.Add(chunk);
        int count = chunk.Count;
        var places = new ChunkPlaces(_source, count, chunk.Columns.Length);
        if (known is not null)
        {
            places.Rows = Kept(known.Source, known.Rows);
            places.Chain = Kept(known.Source, known.Chain);
            for (int i = 0; i < chunk.Columns.Length; i++) places.Columns[i] = Kept(known.Source, known.Columns[i]);
        }

        ChunkState state;
        if (known is { State: { } written } && (known.EndsAreFinal || !endsChanged))
        {
            places.Ends = Kept(known.Source, known.Ends);
            places.EndsAreFinal = known.EndsAreFinal;
            state = written;
            if (endsChanged) chunk.KeepEndsChanged();
        }
        else
        {
            bool isClosed = chunk.ClosedAt <= Sequence;
            state = StateOf(chunk, count, isClosed, out long[] ends, out bool hasLater) with { Columns = [.. chunk.Columns.Select(column => column.State)] };
            if (hasLater) chunk.KeepEndsChanged();
            if (state.LiveCount < count) places.Ends = _file.Append(target => ChunkCodec.WriteLongs(target, ends));
            places.EndsAreFinal = isClosed;
        }

        places.State = state;
        if (known is null)
        {
            places.Rows = _file.Append(target => ChunkCodec.WriteLongs(target, chunk.Begin.AsSpan(0, count), chunk.RowId.AsSpan(0, count)));
            if (state.HasChain) places.Chain = _file.Append(target => ChunkCodec.WriteChain(target, chunk, count));
            for (int i = 0; i < chunk.Columns.Length; i++)
            {
                ChunkColumn column = chunk.Columns[i];
                places.Columns[i] = _file.Append(target => ChunkCodec.WriteColumn(target, column, count));
            }
        }

        while (_places.Count < chunk.Number) _places.Add(null);
        _places.Add(places);
        return RootOf(chunk, count, state, places);
    }

    /// <summary>A chunk that still takes rows: its first rows, for this snapshot alone.</summary>
    private ChunkRoot WriteGrowing(ColumnChunk chunk, int count)
    {
        var places = new ChunkPlaces(_source, count, chunk.Columns.Length);
        // It may have been sealed since; what it was at the moment is what counts, and its ends go on changing.
        ChunkState state = StateOf(chunk, count, isClosed: false, out long[] ends, out _);
        places.Rows = _file.Append(target => ChunkCodec.WriteLongs(target, chunk.Begin.AsSpan(0, count), chunk.RowId.AsSpan(0, count)));
        if (state.HasChain) places.Chain = _file.Append(target => ChunkCodec.WriteChain(target, chunk, count));
        if (state.LiveCount < count) places.Ends = _file.Append(target => ChunkCodec.WriteLongs(target, ends));
        for (int i = 0; i < chunk.Columns.Length; i++)
        {
            // The count of NULLs first: where there are some, there is a bitmap to write.
            ChunkColumn column = chunk.Columns[i];
            ColumnState columnState = column.State;
            int heapBytes = 0;
            places.Columns[i] = _file.Append(target => heapBytes = ChunkCodec.WriteColumn(target, column, count));
            state.Columns[i] = columnState with { HeapBytes = heapBytes };
        }

        _growing.Add((chunk, places));
        return RootOf(chunk, count, state, places);
    }

    private ChunkRoot RootOf(ColumnChunk chunk, int count, ChunkState state, ChunkPlaces places)
    {
        int layout = _layouts.IndexOf(chunk.Layout);
        if (layout < 0)
        {
            layout = _layouts.Count;
            _layouts.Add(chunk.Layout);
        }

        return new ChunkRoot(layout, chunk.IsCopy, count, state, places.Rows, places.Chain, places.Ends, places.EndsAreFinal, places.Columns);
    }

    private ChunkState StateOf(ColumnChunk chunk, int count, bool isClosed, out long[] ends, out bool hasLater)
    {
        bool hasChain = chunk.HasChain;
        long[] now = chunk.End;
        ends = new long[count];
        long[] blockMinEnd = new long[Limits.ChunkRows / Limits.VectorRows];
        Array.Fill(blockMinEnd, long.MaxValue);
        int live = 0;
        hasLater = false;
        for (int i = 0; i < count; i++)
        {
            long end = Volatile.Read(ref now[i]);
            if (!isClosed && end > Sequence)
            {
                // Ended or moved after the moment.
                hasLater |= end != long.MaxValue;
                end = long.MaxValue;
            }

            ends[i] = end;
            if (end == long.MaxValue) live++;
            else blockMinEnd[i / Limits.VectorRows] = Math.Min(blockMinEnd[i / Limits.VectorRows], end);
        }

        (int Start, long Sequence)[] runs = [.. chunk.Runs.Where(run => run.Start < count)];
        long last = count == 0 ? 0 : chunk.IsCopy ? runs[^1].Sequence : chunk.Begin[count - 1];
        return new ChunkState(
            hasChain, isClosed ? chunk.ClosedAt : long.MaxValue, live, chunk.FirstArrival, last, [.. runs.Select(run => run.Start)], [.. runs.Select(run => run.Sequence)], blockMinEnd,
            new ColumnState[chunk.Columns.Length]);
    }

    /// <summary>The row directory, segment by segment, each under the commit lock for some microseconds.</summary>
    private BlockPlace[] WriteRows()
    {
        long segments = (_moment.NextRowId + RowDirectory.SegmentRows - 1) / RowDirectory.SegmentRows;
        var places = new BlockPlace[segments];
        for (long i = 0; i < segments; i++)
        {
            long[]? copy;
            lock (_commitLock) (copy, places[i]) = _moment.Table.RowsAtMoment(i);
            if (copy is not null) places[i] = _file.Append(target => ChunkCodec.WriteLongs(target, copy));
            else places[i] = Kept(_source, places[i]);
        }

        return places;
    }

    /// <summary>A block that is there already; written again where the old files are to be given up, or go with the process.</summary>
    private BlockPlace Kept(SnapshotSource source, BlockPlace place) => (!_rewrites && !source.IsTemporary) || !place.Exists ? place : _file.Append(source, place);
}
