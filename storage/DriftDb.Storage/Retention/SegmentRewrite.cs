using System.Collections.Immutable;
using DriftDb.Types;
using MessagePack;

namespace DriftDb.Storage;

/// <summary>
/// Writes a table's segments anew: few large ones, and without what a floor and erasures name. Below the floor one event stays of each row that lived at it, an INSERT of what the row was with the number of the event that made it so;
/// definitions and all events above the floor stay as they are, but for those of erased rows.
/// </summary>
/// <remarks>
/// Proven on what the disk gives back, before anything counts: the events above the floor are those of before without the erased rows'; the rows below it are those that the old events leave alive at the floor, each since its last
/// event, with the values that the version store has.
/// </remarks>
internal sealed unsafe class SegmentRewrite(
    IFileSystem files, StoreOptions options, string directory, StorageTable table, ImmutableArray<SegmentInfo> segments, long floor, RowIdSet erased)
{
    /// <summary>Bytes of rows in one event, as bulk loads have.</summary>
    private const int LargestRunBytes = 262_144;

    private readonly SegmentWriter _writer = new(files, options.Random, directory, table.Id, [], options.SegmentBytes, firstNumber: segments.IsEmpty ? 1 : segments[^1].Number + 1);
    private readonly LogBuffer _frames = new(), _scratch = new();
    private EventMultiset _kept, _rows;
    private List<(long Begin, long RowId)> _base = [];
    private int _nextBase;

    /// <summary>The new segments, synced; they count once a manifest names them. Throws XX001, leaving the old ones as they are, when they wouldn't be right.</summary>
    public ImmutableArray<SegmentInfo> Run()
    {
        using SegmentWriter writer = _writer;
        if (floor > 0) _base = AliveAtFloor();
        var survivors = floor > 0 ? new Survivors(table.RowIdEnd) : null;
        long seen = 0;
        SegmentReader.Read(files, directory, table.Id, segments, (in Frame frame, ReadOnlyMemory<byte> payload) =>
        {
            if (frame.Type == EventType.Object)
            {
                WriteBase(seen);
                Keep(frame, payload.Span);
                return;
            }

            if (frame.Sequence <= floor)
            {
                seen = survivors!.Take(frame, payload);
                return;
            }

            WriteBase(floor);
            WriteEvent(frame, payload);
        });
        WriteBase(floor);
        writer.Finish();
        Verify(survivors);
        return writer.Segments;
    }

    private List<(long Begin, long RowId)> AliveAtFloor()
    {
        var rows = new List<(long Begin, long RowId)>();
        using var vector = new ScanVector(2);
        VectorSource scan = table.Scan(ViewOfFloor, [SystemColumn.BeginSequence, SystemColumn.RowId]);
        while (scan.Next(vector))
        {
            for (int i = 0; i < vector.Count; i++)
            {
                int row = vector.Selection[i];
                rows.Add((((long*)vector.Data[0])[row], ((long*)vector.Data[1])[row]));
            }
        }

        rows.Sort();
        return rows;
    }

    private ReadView ViewOfFloor => table.Store.LatestView.At(floor);

    private void Keep(in Frame frame, ReadOnlySpan<byte> payload)
    {
        _kept.Add(frame, payload);
        if (!Faults.DropFrameInCompaction || _kept.Count != 3) _writer.Append(frame.Whole);
    }

    /// <summary>An event above the floor: as it is, unless it is about an erased row; a bulk load without its erased rows.</summary>
    private void WriteEvent(in Frame frame, ReadOnlyMemory<byte> payload)
    {
        if (erased.Count == 0 || frame.Type == EventType.Truncate)
        {
            Keep(frame, payload.Span);
            return;
        }

        var reader = new MessagePackReader(payload);
        reader.ReadInt64();
        long rowId = reader.ReadInt64();
        if (frame.Type != EventType.BulkInsert)
        {
            if (!erased.Contains(rowId)) Keep(frame, payload.Span);
            return;
        }

        var bulk = BulkEvent.Read(payload);
        for (int first = 0; first < bulk.RowCount;)
        {
            int end = first;
            for (; end < bulk.RowCount && !erased.Contains(rowId + end); end++) _kept.Add(frame.Sequence + end, frame.UnixMs, frame.Type, bulk.Row(end).Span);
            if (end > first)
            {
                _frames.Clear();
                EventWriter.BulkInsert(_frames, frame.Sequence + first, frame.UnixMs, bulk, first, end - first);
                _writer.Append(_frames.Frames);
            }

            first = end + 1;
        }
    }

    /// <summary>The rows of the floor that were made by events up to this one.</summary>
    private void WriteBase(long through)
    {
        while (_nextBase < _base.Count && _base[_nextBase].Begin <= through)
        {
            (long begin, long rowId) = _base[_nextBase];
            CommittedTransaction commit = table.Store.CommitOf(begin);
            TableDefinition definition = table.DefinitionAt(commit.CatalogVersion) ?? throw EventReader.Corrupt($"row {rowId} of table {table.Id} is older than the table");
            int rows = RunAt(_nextBase, commit.LastSequence, Math.Max(1, LargestRunBytes / definition.Layout.StrideBytes));
            WriteRun(begin, rowId, rows, definition, commit.TimeMicros / 1000 + IClock.UnixEpochOffsetMs);
            _nextBase += rows;
        }
    }

    /// <summary>How many rows in a row were made by one transaction, one after the other, as a bulk load makes them.</summary>
    private int RunAt(int index, long lastSequence, int most)
    {
        (long begin, long rowId) = _base[index];
        int rows = 1;
        while (rows < most && index + rows < _base.Count && begin + rows <= lastSequence && _base[index + rows] == (begin + rows, rowId + rows)) rows++;
        return rows;
    }

    private void WriteRun(long begin, long rowId, int rows, TableDefinition definition, long unixMs)
    {
        int stride = definition.Layout.StrideBytes;
        byte[] tuples = GC.AllocateUninitializedArray<byte>(rows * stride, pinned: true);
        byte* first = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref tuples[0]);
        for (int i = 0; i < rows; i++)
        {
            byte* tuple = first + (long)i * stride;
            if (!table.TryFind(rowId + i, ViewOfFloor, out RowVersion version)) throw EventReader.Corrupt($"row {rowId + i} of table {table.Id} isn't where it was");
            version.CopyTo(tuple, definition);
            _rows.Add(begin + i, unixMs, EventType.Insert, Canonical(begin + i, rowId + i, definition, tuple));
        }

        _frames.Clear();
        if (rows == 1) EventWriter.Insert(_frames, begin, unixMs, table.Id, rowId, definition, first);
        else EventWriter.BulkInsert(_frames, begin, unixMs, table.Id, rowId, definition, first, rows);
        _writer.Append(_frames.Frames);
        GC.KeepAlive(tuples);
    }

    /// <summary>The row as an INSERT of its own, whatever event it came in.</summary>
    private ReadOnlySpan<byte> Canonical(long sequence, long rowId, TableDefinition definition, byte* tuple)
    {
        _scratch.Clear();
        EventWriter.Insert(_scratch, sequence, 0, table.Id, rowId, definition, tuple);
        Frame.TryRead(_scratch.Frames, 0, out Frame frame, checkCrc: false);
        return _scratch.Frames[frame.PayloadOffset..];
    }

    private void Verify(Survivors? survivors)
    {
        EventMultiset kept = default, rows = default;
        TableDefinition? definition = null;
        SegmentReader.Read(files, directory, table.Id, _writer.Segments, (in Frame frame, ReadOnlyMemory<byte> payload) =>
        {
            if (frame.Type == EventType.Object)
            {
                kept.Add(frame, payload.Span);
                definition = DefinitionIn(payload) ?? definition;
            }
            else if (frame.Sequence <= floor) AddRows(ref rows, frame, payload, definition!);
            else if (erased.Count == 0 || frame.Type != EventType.BulkInsert) kept.Add(frame, payload.Span);
            else
            {
                BulkEvent bulk = BulkEvent.Read(payload);
                for (int i = 0; i < bulk.RowCount; i++) kept.Add(frame.Sequence + i, frame.UnixMs, frame.Type, bulk.Row(i).Span);
            }
        });
        if (Faults.IgnoreEventMultiset) return;
        if (kept != _kept || rows != _rows || (survivors is not null && !survivors.Are(_base, erased)))
            throw new SqlException(SqlState.DataCorrupted, $"rewriting \"{directory}\" would have changed the table's events; the segments were left as they are");
    }

    private TableDefinition? DefinitionIn(ReadOnlyMemory<byte> payload)
    {
        var reader = new MessagePackReader(payload);
        reader.ReadInt32();
        reader.ReadInt64();
        return reader.TryReadNil() ? null : ObjectCodec.DecodeTable(table.Id, EventReader.Binary(ref reader).ToArray());
    }

    /// <summary>The rows of an event at or below the floor; there are none but births.</summary>
    private void AddRows(ref EventMultiset rows, in Frame frame, ReadOnlyMemory<byte> payload, TableDefinition definition)
    {
        if (frame.Type == EventType.Insert)
        {
            rows.Add(frame, payload.Span);
            return;
        }

        if (frame.Type != EventType.BulkInsert) throw EventReader.Corrupt($"an event of type {(int)frame.Type} lies below the floor");
        BulkEvent bulk = BulkEvent.Read(payload);
        byte[] tuple = GC.AllocateUninitializedArray<byte>(definition.Layout.StrideBytes, pinned: true);
        byte* row = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref tuple[0]);
        for (int i = 0; i < bulk.RowCount; i++)
        {
            DriftStore.SetAllNull(row, definition.Layout);
            var reader = new MessagePackReader(bulk.Row(i));
            foreach (int columnId in bulk.ColumnIds) EventReader.Value(ref reader, definition.Layout, EventReader.Ordinal(definition, columnId), row);
            rows.Add(frame.Sequence + i, frame.UnixMs, EventType.Insert, Canonical(frame.Sequence + i, bulk.FirstRowId + i, definition, row));
        }

        GC.KeepAlive(tuple);
    }
}
