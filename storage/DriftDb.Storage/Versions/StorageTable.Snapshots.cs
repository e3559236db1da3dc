using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>Taking a snapshot while commits go on, and coming back from one.</summary>
public sealed partial class StorageTable
{
    /// <summary>The snapshot that is being taken. Guarded by the commit lock.</summary>
    private Moment? _moment;

    /// <summary>The newest snapshot's reader; null while there is none.</summary>
    internal SnapshotSource? Source { get; private set; }

    /// <summary>The table at the moment of a snapshot. What is appended or ended after it isn't in it.</summary>
    internal sealed record Moment(StorageTable Table, long Sequence, int ChunkCount, ColumnChunk? Open, int OpenCount, ColumnChunk? Copy, int CopyCount, long NextRowId, long LiveRows, long StoredVersions);

    /// <summary>Under the commit lock: notes what is there. <see cref="EndMoment"/> must follow.</summary>
    internal Moment BeginMoment(long sequence)
    {
        long nextRowId = Volatile.Read(ref _nextRowId);
        _rows.BeginMoment(nextRowId);
        return _moment = new Moment(this, sequence, _chunkCount, _open, _open?.Count ?? 0, _copy, _copy?.Count ?? 0, nextRowId, _liveRows, _storedVersions);
    }

    internal void EndMoment()
    {
        _rows.EndMoment();
        _moment = null;
    }

    private readonly List<SpilledChunks> _spilled = [];
    private List<ColumnChunk> _unsaved = [];

    /// <summary>A chunk that was sealed lies in memory only, until a checkpoint or <see cref="Spill"/> writes it.</summary>
    private void NoteSealed(ColumnChunk chunk)
    {
        if (chunk.Places is not null || chunk.Count == 0) return;
        chunk.CountAsUnsaved();
        _unsaved.Add(chunk);
    }

    /// <summary>Lets sealed chunks leave memory that no checkpoint has yet. Under the commit lock.</summary>
    internal void Spill(IFileSystem files, IRandom random, ref int number)
    {
        List<ColumnChunk> chunks = _unsaved.FindAll(chunk => chunk.Places is null && ReferenceEquals(_chunks[chunk.Number], chunk));
        _unsaved = chunks;
        if (chunks.Count == 0) return;
        _spilled.Add(SpilledChunks.Write(files, random, ++number, this, chunks));
        _unsaved = [];
    }

    /// <summary>The store closes: nothing of the table counts against the budget any more.</summary>
    internal void Close()
    {
        Source?.Dispose();
        foreach (SpilledChunks spilled in _spilled) spilled.Dispose();
        for (int i = 0; i < _chunkCount; i++) _chunks[i].LeaveBudget();
        _rows.LeaveBudget();
    }

    /// <summary>A segment of the row directory as it was at the moment, or where it lies unchanged in the snapshot before; once for each. Under the commit lock.</summary>
    internal (long[]? Copy, BlockPlace Place) RowsAtMoment(long segment)
    {
        (long[]? copy, BlockPlace place) = _rows.TakeSegment(segment, out bool isAsNow);
        if (copy is null) return (null, place);
        for (int i = 0; i < copy.Length; i++)
        {
            if (copy[i] == 0 || !IsLater(copy[i] - 1)) continue;
            copy[i] = 0;
            isAsNow = false;
        }

        if (isAsNow) _rows.NoteWritten(segment);
        return (copy, default);
    }

    /// <summary>Whether a version came to its place after the snapshot's moment.</summary>
    private bool IsLater(long place)
    {
        int chunk = (int)(place >> ColumnChunk.RowBits), row = (int)(place & (Limits.ChunkRows - 1));
        Moment moment = _moment!;
        return chunk >= moment.ChunkCount || (chunk == moment.Open?.Number && row >= moment.OpenCount) || (chunk == moment.Copy?.Number && row >= moment.CopyCount);
    }

    /// <summary>A checkpoint that names the snapshot is durable: pieces in it may leave memory from now on.</summary>
    internal void TakeSnapshot(SnapshotSource source, IReadOnlyList<ChunkPlaces?> places, IReadOnlyList<(ColumnChunk Chunk, ChunkPlaces Places)> growing, BlockPlace[] rowPlaces)
    {
        Source = source;
        _rows.MoveTo(source, rowPlaces);
        for (int i = 0; i < places.Count; i++)
        {
            if (places[i] is { } known) _chunks[i].MoveTo(known);
        }

        _unsaved.RemoveAll(static chunk => chunk.Places is not null);

        // A growing chunk that is still read from the snapshot before must not outlive that one's files.
        foreach ((ColumnChunk chunk, ChunkPlaces moved) in growing)
        {
            if (chunk.Places is { Source.IsTemporary: false }) chunk.MoveTo(moved);
        }

        for (int i = _spilled.Count - 1; i >= 0; i--)
        {
            if (!_spilled[i].IsUnused) continue;
            // Who has just read where a piece lies still gets there.
            Store.Epochs.Retire(_spilled[i]);
            _spilled.RemoveAt(i);
        }
    }

    /// <summary>Becomes the table that the snapshot holds. The definitions have been applied; there are no rows yet.</summary>
    internal void Restore(TableRoot root, SnapshotSource source)
    {
        Source = source;
        ChunkLayout[] layouts = [.. root.Layouts.Select(columns => new ChunkLayout(columns))];
        _chunks = new ColumnChunk[Math.Max(4, root.Chunks.Length)];
        for (int i = 0; i < root.Chunks.Length; i++)
        {
            ChunkRoot chunk = root.Chunks[i];
            if (chunk.Count == 0 && chunk.State.ClosedAt == 0)
            {
                _chunks[i] = _gone ??= ColumnChunk.Gone(this);
                continue;
            }

            ChunkLayout layout = layouts[chunk.Layout];
            // Layouts are compared by reference; the open chunk's must be the table's own.
            if (i == root.Open && layout.Columns.SequenceEqual(_openLayout.Columns)) layout = _openLayout;
            var places = new ChunkPlaces(source, chunk.Count, chunk.ColumnPlaces.Length) { Rows = chunk.Rows, Chain = chunk.Chain, Ends = chunk.Ends, EndsAreFinal = chunk.EndsAreFinal, State = i == root.Open || i == root.Copy ? null : chunk.State };
            chunk.ColumnPlaces.CopyTo(places.Columns.AsSpan());
            _chunks[i] = ColumnChunk.Restore(this, i, layout, chunk.IsCopy, chunk.Count, i != root.Open && i != root.Copy, chunk.State, places);
        }

        _chunkCount = root.Chunks.Length;
        _open = root.Open < 0 ? null : _chunks[root.Open];
        _copy = root.Copy < 0 ? null : _chunks[root.Copy];
        _nextRowId = root.NextRowId;
        _liveRows = root.LiveRows;
        _storedVersions = root.StoredVersions;
        _rows.Restore(source, root.RowPlaces);
        ChangedAt = SnapshotSequence = root.Sequence;
        if (_open is not null && !ReferenceEquals(_open.Layout, _openLayout)) SealOpenChunk();
        ExtendClosedPrefix();
    }

    /// <summary>Events up to this number are in the snapshot that the table came from; the log's replay passes over them.</summary>
    internal long SnapshotSequence { get; private set; }
}
