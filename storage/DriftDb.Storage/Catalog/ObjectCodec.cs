using System.Buffers;
using System.Collections.Immutable;
using DriftDb.Types;
using MessagePack;

namespace DriftDb.Storage;

/// <summary>Kinds of catalog objects that are the store's own.</summary>
internal static class ObjectKind
{
    public const int Table = 1, Index = 2, Sequence = 3, HistoryFloor = 4, Erasure = 5, FirstForeign = 16;
}

/// <summary>Encodes the store's own definitions as objects' payloads. Fields are only ever added at the end; readers skip what they don't know.</summary>
internal static class ObjectCodec
{
    public static byte[] Encode(TableDefinition table)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(5);
        writer.Write(table.SchemaName);
        writer.Write(table.Name);
        writer.Write(table.IsVersioned);
        writer.WriteArrayHeader(table.Columns.Length);
        foreach (ColumnDefinition column in table.Columns)
        {
            writer.WriteArrayHeader(4);
            writer.Write(column.Id);
            writer.Write(column.Name);
            Write(ref writer, column.Type);
            if (column.MissingValue is null) writer.WriteNil();
            else writer.Write(column.MissingValue.Bytes);
        }

        if (table.HistoryRetention is not { } retention) writer.WriteNil();
        else
        {
            writer.WriteArrayHeader(3);
            writer.Write(retention.Months);
            writer.Write(retention.Days);
            writer.Write(retention.Microseconds);
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static TableDefinition DecodeTable(long id, ReadOnlyMemory<byte> payload)
    {
        var reader = new MessagePackReader(payload);
        int fields = reader.ReadArrayHeader();
        string schema = reader.ReadString()!, name = reader.ReadString()!;
        bool isVersioned = reader.ReadBoolean();
        var columns = ImmutableArray.CreateBuilder<ColumnDefinition>();
        for (int i = reader.ReadArrayHeader(); i > 0; i--)
        {
            reader.ReadArrayHeader();
            int columnId = reader.ReadInt32();
            string columnName = reader.ReadString()!;
            SqlType type = ReadType(ref reader);
            StoredValue? missing = reader.TryReadNil() ? null : new StoredValue(reader.ReadBytes()!.Value.ToArray());
            columns.Add(new ColumnDefinition(columnId, columnName, type, missing));
        }

        Interval? retention = null;
        if (fields > 4 && !reader.TryReadNil())
        {
            reader.ReadArrayHeader();
            int months = reader.ReadInt32(), days = reader.ReadInt32();
            retention = new Interval(reader.ReadInt64(), days, months);
        }

        return new TableDefinition(id, schema, name, columns.ToImmutable()) { IsVersioned = isVersioned, HistoryRetention = retention };
    }

    public static byte[] Encode(IndexDefinition index)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(index.WithoutOverlaps ? 8 : 7);
        writer.Write(index.TableId);
        writer.Write(index.Name);
        writer.Write(index.IsUnique);
        writer.Write(index.IsOrdered);
        writer.Write(index.NeedsExtractor);
        writer.Write(index.NullsNotDistinct);
        writer.WriteArrayHeader(index.Key.Length);
        foreach (KeyColumn column in index.Key)
        {
            writer.WriteArrayHeader(4);
            writer.Write(column.ColumnId);
            Write(ref writer, column.Type);
            writer.Write(column.Descending);
            writer.Write(column.NullsFirst);
        }

        if (index.WithoutOverlaps) writer.Write(true);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static IndexDefinition DecodeIndex(long id, ReadOnlyMemory<byte> payload)
    {
        var reader = new MessagePackReader(payload);
        int fields = reader.ReadArrayHeader();
        long table = reader.ReadInt64();
        string name = reader.ReadString()!;
        bool isUnique = reader.ReadBoolean(), isOrdered = reader.ReadBoolean(), needsExtractor = reader.ReadBoolean(), nullsNotDistinct = reader.ReadBoolean();
        var key = ImmutableArray.CreateBuilder<KeyColumn>();
        for (int i = reader.ReadArrayHeader(); i > 0; i--)
        {
            reader.ReadArrayHeader();
            key.Add(new KeyColumn(reader.ReadInt32(), ReadType(ref reader), reader.ReadBoolean(), reader.ReadBoolean()));
        }

        bool withoutOverlaps = fields > 7 && reader.ReadBoolean();
        return new IndexDefinition(id, table, name, key.ToImmutable(), isUnique) { IsOrdered = isOrdered, NeedsExtractor = needsExtractor, NullsNotDistinct = nullsNotDistinct, WithoutOverlaps = withoutOverlaps };
    }

    public static byte[] Encode(SequenceDefinition sequence)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(6);
        writer.Write(sequence.Name);
        writer.Write(sequence.Start);
        writer.Write(sequence.Increment);
        writer.Write(sequence.Minimum);
        writer.Write(sequence.Maximum);
        writer.Write(sequence.Cycle);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static SequenceDefinition DecodeSequence(long id, ReadOnlyMemory<byte> payload)
    {
        var reader = new MessagePackReader(payload);
        reader.ReadArrayHeader();
        return new SequenceDefinition(id, reader.ReadString()!, reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadBoolean());
    }

    private static void Write(ref MessagePackWriter writer, SqlType type)
    {
        bool isComputed = type.IsFixedNumeric && type.Typmod < 0;
        writer.WriteArrayHeader(type.IsArray ? 3 : isComputed ? 4 : 2);
        writer.Write((int)type.Id);
        writer.Write(type.Typmod);
        if (type.IsArray) Write(ref writer, type.Element!);
        else if (isComputed)
        {
            writer.Write(type.Precision);
            writer.Write(type.Scale);
        }
    }

    private static SqlType ReadType(ref MessagePackReader reader)
    {
        int fields = reader.ReadArrayHeader();
        var id = (TypeId)reader.ReadInt32();
        int typmod = reader.ReadInt32();
        if (fields == 3) return SqlType.ArrayOf(ReadType(ref reader));
        return fields == 4 ? SqlType.FixedNumeric(reader.ReadInt32(), reader.ReadInt32()) : SqlType.Of(id, typmod);
    }
}
