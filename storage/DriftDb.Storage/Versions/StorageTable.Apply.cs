using System.Numerics;
using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>The committer's side: versions are appended and ended in sequence order, under the commit lock.</summary>
public sealed unsafe partial class StorageTable
{
    private ChunkLayout _openLayout;
    private ChunkLayout? _copyLayout;
    private ColumnChunk? _open, _copy;

    /// <summary>Rows that a chunk takes, following the table's size: with large chunks on a small table most of what a scan visits would be dead.</summary>
    private int CapacityFor(long liveRows) =>
        (int)Math.Clamp((long)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(1, liveRows / 16)), Store.SmallestChunkRows, Limits.ChunkRows);

    internal void ApplyInsert(byte* tuple, long rowId, long sequence)
    {
        ColumnChunk chunk = AppendTuple(tuple, rowId, sequence, out int row);
        chunk.Publish();
        _rows[rowId] = ColumnChunk.Place(chunk.Number, row);
        _liveRows++;
    }

    /// <summary>Inserts of adjacent tuples, column by column: the committer's part of a bulk load.</summary>
    internal void ApplyInserts(byte* tuples, int count, long firstRowId, long firstSequence)
    {
        _open?.Thaw();
        TupleLayout layout = LayoutOfOpenChunk;
        long heapBytes = HeapBytesOf(tuples, count, layout);
        while (count > 0)
        {
            int room = _open is null ? 0 : Math.Min(_open.Allocated, CapacityFor(_liveRows)) - _open.Count;
            // Near a limit (growing arrays, a full heap, huge values) the slow way knows what to do.
            int run = room <= 0 || _open!.HeapIsFull || heapBytes > Store.ChunkHeapBytes / 4 ? 1 : Math.Min(room, count);
            if (run == 1) ApplyInsert(tuples, firstRowId, firstSequence);
            else InsertRun(_open!, tuples, run, layout, firstRowId, firstSequence);
            tuples += (long)run * layout.StrideBytes;
            firstRowId += run;
            firstSequence += run;
            count -= run;
        }
    }

    private void InsertRun(ColumnChunk chunk, byte* tuples, int count, TupleLayout layout, long firstRowId, long firstSequence)
    {
        int first = chunk.AddRun(count, firstRowId, firstSequence);
        for (int i = 0; i < chunk.Columns.Length; i++) chunk.Columns[i].SetRun(first, count, tuples, layout, i, chunk.Allocated);
        chunk.PublishRun(count);
        for (int i = 0; i < count; i++) _rows[firstRowId + i] = ColumnChunk.Place(chunk.Number, first + i);
        _liveRows += count;
        _storedVersions += count;
    }

    private static long HeapBytesOf(byte* tuples, int count, TupleLayout layout)
    {
        long bytes = 0;
        for (int column = 0; column < layout.ColumnCount; column++)
        {
            if (layout.Types[column].Kind != PhysicalKind.Bytes) continue;
            byte* slot = tuples + layout.Offset(column);
            for (int i = 0; i < count; i++, slot += layout.StrideBytes)
            {
                if (!TupleLayout.IsNull(tuples + (long)i * layout.StrideBytes, column)) bytes += Unsafe.ReadUnaligned<ByteSlice>(slot).Length;
            }
        }

        return bytes;
    }

    internal void ApplyUpdate(byte* tuple, long rowId, long sequence)
    {
        long oldPlace = _rows[rowId];
        (ColumnChunk old, int oldRow) = At(oldPlace);
        Check(old.End[oldRow] == long.MaxValue, rowId, "is updated, but isn't alive");
        ColumnChunk chunk = AppendTuple(tuple, rowId, sequence, out int row);
        // Skew-binary jump pointers: a search back over n versions takes O(log n) steps (Myers 1983).
        int depth = DepthOf(old, oldRow);
        long jump = oldPlace;
        if (depth > 0)
        {
            long oldJump = old.Jump![oldRow] - 1;
            (ColumnChunk via, int viaRow) = At(oldJump);
            int viaDepth = DepthOf(via, viaRow);
            if (viaDepth > 0)
            {
                long farJump = via.Jump![viaRow] - 1;
                (ColumnChunk far, int farRow) = At(farJump);
                if (depth - viaDepth == viaDepth - DepthOf(far, farRow)) jump = farJump;
            }
        }

        chunk.Link(row, oldPlace, jump, depth + 1);
        chunk.Publish();
        EndVersion(old, oldRow, sequence);
        _rows[rowId] = ColumnChunk.Place(chunk.Number, row);
    }

    internal void ApplyDelete(long rowId, long sequence)
    {
        (ColumnChunk chunk, int row) = At(_rows[rowId]);
        Check(chunk.End[row] == long.MaxValue, rowId, "is deleted, but isn't alive");
        EndVersion(chunk, row, sequence);
        _liveRows--;
    }

    /// <summary>Ends every row.</summary>
    internal void ApplyTruncate(long sequence)
    {
        for (int i = 0; i < _chunkCount; i++)
        {
            ColumnChunk chunk = _chunks[i];
            int count = chunk.Count;
            for (int row = 0; row < count && chunk.LiveCount > 0; row++)
            {
                if (chunk.End[row] == long.MaxValue) EndVersion(chunk, row, sequence);
            }
        }

        _liveRows = 0;
    }

    private static int DepthOf(ColumnChunk chunk, int row) => chunk.Previous is null || chunk.Previous[row] == 0 ? 0 : chunk.Depth![row];

    private (ColumnChunk Chunk, int Row) At(long place)
    {
        if (place < 0) throw EventReader.Corrupt($"an event of table {Id} names a row that doesn't exist");
        return (_chunks[place >> ColumnChunk.RowBits], (int)(place & (Limits.ChunkRows - 1)));
    }

    private void EndVersion(ColumnChunk chunk, int row, long sequence)
    {
        chunk.EndVersion(row, sequence);
        if (chunk.IsSealed) ConsiderSplit(chunk);
    }

    private ColumnChunk AppendTuple(byte* tuple, long rowId, long sequence, out int row)
    {
        _open?.Thaw();
        ColumnChunk? chunk = _open;
        if (chunk is null || chunk.Count >= CapacityFor(_liveRows) || !HeapHasRoom(chunk, tuple))
        {
            SealOpenChunk();
            chunk = _open = NewChunk(_openLayout, isCopy: false, chunk);
        }

        row = chunk.Add(rowId, sequence, sequence);
        ChunkColumn[] columns = chunk.Columns;
        TupleLayout layout = LayoutOfOpenChunk;
        for (int i = 0; i < columns.Length; i++)
        {
            if (TupleLayout.IsNull(tuple, i)) columns[i].SetNull(row, chunk.Allocated);
            else columns[i].Set(row, tuple + layout.Offset(i));
        }

        _storedVersions++;
        return chunk;
    }

    private TupleLayout LayoutOfOpenChunk => _openTupleLayout?.ColumnCount == _openLayout.Columns.Length && ReferenceEquals(_openTupleLayoutOf, _openLayout)
        ? _openTupleLayout : MakeOpenTupleLayout();

    private TupleLayout? _openTupleLayout;
    private ChunkLayout? _openTupleLayoutOf;

    private TupleLayout MakeOpenTupleLayout()
    {
        _openTupleLayoutOf = _openLayout;
        return _openTupleLayout = new TupleLayout([.. _openLayout.Columns.Select(column => column.Type)]);
    }

    /// <summary>A heap is addressed by 32 bits and one array; a huge value starts a chunk of its own.</summary>
    private bool HeapHasRoom(ColumnChunk chunk, byte* tuple)
    {
        TupleLayout layout = LayoutOfOpenChunk;
        for (int i = 0; i < chunk.Columns.Length; i++)
        {
            ChunkColumn column = chunk.Columns[i];
            if (column.Kind != PhysicalKind.Bytes || column.HeapUsedBytes < Store.ChunkHeapBytes / 2 && TupleLayout.IsNull(tuple, i)) continue;
            if (!TupleLayout.IsNull(tuple, i) && (long)column.HeapUsedBytes + Unsafe.ReadUnaligned<ByteSlice>(tuple + layout.Offset(i)).Length > Store.ChunkHeapBytes && chunk.Count > 0) return false;
        }

        return true;
    }

    private bool HeapIsSmall(ColumnChunk chunk)
    {
        foreach (ChunkColumn column in chunk.Columns)
        {
            if (column.HeapUsedBytes > Store.ChunkHeapBytes / 2) return false;
        }

        return true;
    }

    private ColumnChunk NewChunk(ChunkLayout layout, bool isCopy, ColumnChunk? like)
    {
        int capacity = like is null && !isCopy ? 16 : CapacityFor(_liveRows);
        // After one that was full of bytes rather than of rows, room for rows that never come would be memory for nothing.
        if (like is { Count: >= 16 } && like.Count < capacity && !HeapIsSmall(like)) capacity = Math.Min(capacity, like.Count + like.Count / 16);
        var chunk = new ColumnChunk(this, _chunkCount, layout, isCopy, capacity, like);
        if (_chunkCount == _chunks.Length)
        {
            var larger = new ColumnChunk[_chunks.Length * 2];
            _chunks.CopyTo(larger, 0);
            Volatile.Write(ref _chunks, larger);
        }

        _chunks[_chunkCount] = chunk;
        Volatile.Write(ref _chunkCount, _chunkCount + 1);
        return chunk;
    }

    private void Check(bool condition, long rowId, string what)
    {
        if (!condition) throw EventReader.Corrupt($"row {rowId} of table {Id} {what}");
    }
}
