using System.Runtime.CompilerServices;
using DriftDb.Types;
using MessagePack;

namespace DriftDb.Storage;

/// <summary>Encodes events as frames with MessagePack payloads (decision 0001). Values are written by physical kind; text as str, other bytes as bin.</summary>
internal static unsafe class EventWriter
{
    public static void Insert(LogBuffer log, long sequence, long unixMs, long tableId, long rowId, TableDefinition definition, byte* tuple)
    {
        int frame = log.BeginFrame(sequence, unixMs, EventType.Insert);
        var writer = new MessagePackWriter(log);
        writer.Write(tableId);
        writer.Write(rowId);
        TupleLayout layout = definition.Layout;
        for (int i = 0; i < layout.ColumnCount; i++)
        {
            if (TupleLayout.IsNull(tuple, i)) continue;
            writer.Write(definition.Columns[i].Id);
            Value(ref writer, layout.Types[i], tuple + layout.Offset(i));
        }

        writer.Flush();
        log.EndFrame(frame);
    }

    /// <summary>Writes only the columns in which the tuples differ.</summary>
    public static void Patch(LogBuffer log, long sequence, long unixMs, long tableId, long rowId, TableDefinition definition, byte* oldTuple, byte* newTuple)
    {
        int frame = log.BeginFrame(sequence, unixMs, EventType.Patch);
        var writer = new MessagePackWriter(log);
        writer.Write(tableId);
        writer.Write(rowId);
        TupleLayout layout = definition.Layout;
        for (int i = 0; i < layout.ColumnCount; i++)
        {
            if (TupleComparison.SameValue(oldTuple, newTuple, layout, i)) continue;
            writer.Write(definition.Columns[i].Id);
            if (TupleLayout.IsNull(newTuple, i)) writer.WriteNil();
            else Value(ref writer, layout.Types[i], newTuple + layout.Offset(i));
        }

        writer.Flush();
        log.EndFrame(frame);
    }

    public static void Delete(LogBuffer log, long sequence, long unixMs, long tableId, long rowId)
    {
        int frame = log.BeginFrame(sequence, unixMs, EventType.SoftDelete);
        var writer = new MessagePackWriter(log);
        writer.Write(tableId);
        writer.Write(rowId);
        writer.Flush();
        log.EndFrame(frame);
    }

    public static void Truncate(LogBuffer log, long sequence, long unixMs, long tableId)
    {
        int frame = log.BeginFrame(sequence, unixMs, EventType.Truncate);
        var writer = new MessagePackWriter(log);
        writer.Write(tableId);
        writer.Flush();
        log.EndFrame(frame);
    }

    /// <summary>One frame for consecutive rows: the first has this sequence number and row id, the others follow.</summary>
    public static void BulkInsert(LogBuffer log, long sequence, long unixMs, long tableId, long firstRowId, TableDefinition definition, byte* tuples, int rows)
    {
        int frame = log.BeginFrame(sequence, unixMs, EventType.BulkInsert);
        var writer = new MessagePackWriter(log);
        TupleLayout layout = definition.Layout;
        int columns = layout.ColumnCount;
        writer.Write(tableId);
        writer.Write(firstRowId);
        writer.Write(rows);
        writer.WriteArrayHeader(columns);
        for (int i = 0; i < columns; i++) writer.Write(definition.Columns[i].Id);
        for (int row = 0; row < rows; row++, tuples += layout.StrideBytes)
        {
            for (int i = 0; i < columns; i++)
            {
                if (TupleLayout.IsNull(tuples, i)) writer.WriteNil();
                else Value(ref writer, layout.Types[i], tuples + layout.Offset(i));
            }
        }

        writer.Flush();
        log.EndFrame(frame);
    }

    /// <summary>Some of another bulk insert's rows, as they lie there.</summary>
    public static void BulkInsert(LogBuffer log, long sequence, long unixMs, in BulkEvent rows, int first, int count)
    {
        int frame = log.BeginFrame(sequence, unixMs, EventType.BulkInsert);
        var writer = new MessagePackWriter(log);
        writer.Write(rows.TableId);
        writer.Write(rows.FirstRowId + first);
        writer.Write(count);
        writer.WriteArrayHeader(rows.ColumnIds.Length);
        foreach (int columnId in rows.ColumnIds) writer.Write(columnId);
        writer.WriteRaw(rows.Rows(first, count).Span);
        writer.Flush();
        log.EndFrame(frame);
    }

    public static void Object(LogBuffer log, long sequence, long unixMs, int kind, long id, byte[]? payload)
    {
        int frame = log.BeginFrame(sequence, unixMs, EventType.Object);
        var writer = new MessagePackWriter(log);
        writer.Write(kind);
        writer.Write(id);
        if (payload is null) writer.WriteNil();
        else writer.Write(payload.AsSpan());
        writer.Flush();
        log.EndFrame(frame);
    }

    public static void SequenceAdvance(LogBuffer log, long sequence, long unixMs, long id, long value, bool isCalled)
    {
        int frame = log.BeginFrame(sequence, unixMs, EventType.SequenceAdvance);
        var writer = new MessagePackWriter(log);
        writer.Write(id);
        writer.Write(value);
        writer.Write(isCalled);
        writer.Flush();
        log.EndFrame(frame);
    }

    public static void Commit(LogBuffer log, long unixMs, long commitNumber, in CommittedTransaction commit)
    {
        int frame = log.BeginFrame(commit.LastSequence, unixMs, EventType.Commit);
        var writer = new MessagePackWriter(log);
        writer.Write(commitNumber);
        writer.Write(commit.FirstSequence);
        writer.Write(commit.TimeMicros);
        writer.Write(commit.CatalogVersion);
        writer.Write(commit.User);
        writer.Write(commit.Application);
        writer.Write(commit.Message);
        writer.Flush();
        log.EndFrame(frame);
    }

    private static void Value(ref MessagePackWriter writer, SqlType type, byte* slot)
    {
        switch (type.Kind)
        {
            case PhysicalKind.Bool: writer.Write(*slot != 0); break;
            case PhysicalKind.Int16: writer.Write(*(short*)slot); break;
            case PhysicalKind.Int32: writer.Write(*(int*)slot); break;
            case PhysicalKind.Int64: writer.Write(Unsafe.ReadUnaligned<long>(slot)); break;
            case PhysicalKind.Float32: writer.Write(*(float*)slot); break;
            case PhysicalKind.Float64: writer.Write(Unsafe.ReadUnaligned<double>(slot)); break;
            case PhysicalKind.Int128 or PhysicalKind.Interval or PhysicalKind.Uuid: writer.Write(new ReadOnlySpan<byte>(slot, 16)); break;
            default:
                ReadOnlySpan<byte> bytes = Unsafe.ReadUnaligned<ByteSlice>(slot).Span;
                if (type.IsString) writer.WriteString(bytes);
                else writer.Write(bytes);
                break;
        }
    }
}
