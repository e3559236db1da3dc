using System.Buffers;
using MessagePack;

namespace DriftDb.Storage;

/// <summary>A table's floor: below this sequence number its history has been dropped. An object of the catalog (kind 4, the table's id), so the log, the catalog's segments and every reader of them know it.</summary>
/// <param name="Sequence">The oldest moment that can still be read: the last event of a commit.</param>
/// <param name="TimeMicros">The time that retention counted back to, µs since 2000.</param>
internal sealed record HistoryFloor(long Sequence, long TimeMicros)
{
    public byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.Write(Sequence);
        writer.Write(TimeMicros);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static HistoryFloor Decode(ReadOnlyMemory<byte> payload)
    {
        var reader = new MessagePackReader(payload);
        return new HistoryFloor(reader.ReadInt64(), reader.ReadInt64());
    }
}

/// <summary>One ERASE: which rows went with all their history, when and by whom, and nothing of what they held. An object of the catalog (kind 5, its own number).</summary>
/// <param name="Number">Counts the database's erasures, from 1.</param>
/// <param name="TableId">The table.</param>
/// <param name="Rows">Its rows that are gone.</param>
/// <param name="User">Who asked for it.</param>
/// <param name="Sequence">The number current when it was committed.</param>
/// <param name="TimeMicros">When, µs since 2000.</param>
public sealed record Erasure(long Number, long TableId, RowIdSet Rows, string User, long Sequence, long TimeMicros)
{
    internal byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.Write(TableId);
        writer.Write(Rows.Count);
        writer.Write(User);
        Rows.Write(ref writer);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    internal static Erasure Decode(long number, ReadOnlyMemory<byte> payload, long sequence, long timeMicros)
    {
        var reader = new MessagePackReader(payload);
        long tableId = reader.ReadInt64();
        reader.ReadInt64();
        string user = reader.ReadString() ?? "";
        return new Erasure(number, tableId, RowIdSet.Read(ref reader), user, sequence, timeMicros);
    }
}
