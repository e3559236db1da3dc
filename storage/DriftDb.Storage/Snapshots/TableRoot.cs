using System.Buffers;
using System.Collections.Immutable;
using MessagePack;

namespace DriftDb.Storage;

/// <summary>A snapshot's root block: what of a table is always in memory, and where all else lies.</summary>
internal sealed record TableRoot(
    long TableId, long Sequence, long NextRowId, long LiveRows, long StoredVersions, int Open, int Copy,
    ImmutableArray<ColumnDefinition>[] Layouts, ChunkRoot[] Chunks, BlockPlace[] RowPlaces)
{
    private const int Version = 1;

    public byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.Write(Version);
        writer.Write(TableId);
        writer.Write(Sequence);
        writer.Write(NextRowId);
        writer.Write(LiveRows);
        writer.Write(StoredVersions);
        writer.Write(Open);
        writer.Write(Copy);
        writer.WriteArrayHeader(Layouts.Length);
        foreach (ImmutableArray<ColumnDefinition> columns in Layouts) writer.Write(ObjectCodec.Encode(new TableDefinition(TableId, "", "", columns)));
        writer.WriteArrayHeader(Chunks.Length);
        foreach (ChunkRoot chunk in Chunks) chunk.Write(ref writer);
        writer.WriteArrayHeader(RowPlaces.Length);
        foreach (BlockPlace place in RowPlaces) ChunkRoot.Write(ref writer, place);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static TableRoot Decode(byte[] raw)
    {
        var reader = new MessagePackReader(raw);
        if (reader.ReadInt32() != Version) throw EventReader.Corrupt("a snapshot has another version");
        long tableId = reader.ReadInt64(), sequence = reader.ReadInt64(), nextRowId = reader.ReadInt64(), liveRows = reader.ReadInt64(), stored = reader.ReadInt64();
        int open = reader.ReadInt32(), copy = reader.ReadInt32();
        var layouts = new ImmutableArray<ColumnDefinition>[reader.ReadArrayHeader()];
        for (int i = 0; i < layouts.Length; i++) layouts[i] = ObjectCodec.DecodeTable(tableId, EventReader.Binary(ref reader).ToArray()).Columns;
        var chunks = new ChunkRoot[reader.ReadArrayHeader()];
        for (int i = 0; i < chunks.Length; i++) chunks[i] = ChunkRoot.Read(ref reader);
        var rowPlaces = new BlockPlace[reader.ReadArrayHeader()];
        for (int i = 0; i < rowPlaces.Length; i++) rowPlaces[i] = ChunkRoot.ReadPlace(ref reader);
        return new TableRoot(tableId, sequence, nextRowId, liveRows, stored, open, copy, layouts, chunks, rowPlaces);
    }

    /// <summary>All blocks but the root's own.</summary>
    public IEnumerable<BlockPlace> Places => Chunks.SelectMany(chunk => chunk.Places).Concat(RowPlaces).Where(place => place.Exists);
}

/// <summary>One chunk in a root.</summary>
internal sealed record ChunkRoot(
    int Layout, bool IsCopy, int Count, ChunkState State, BlockPlace Rows, BlockPlace Chain, BlockPlace Ends, bool EndsAreFinal, BlockPlace[] ColumnPlaces)
{
    public IEnumerable<BlockPlace> Places => new[] { Rows, Chain, Ends }.Concat(ColumnPlaces);

    public void Write(ref MessagePackWriter writer)
    {
        writer.Write(Layout);
        writer.Write(IsCopy);
        writer.Write(Count);
        writer.Write(State.HasChain);
        writer.Write(State.ClosedAt);
        writer.Write(State.LiveCount);
        writer.Write(State.FirstArrival);
        writer.Write(State.LastArrival);
        writer.WriteArrayHeader(State.RunStarts.Length);
        for (int i = 0; i < State.RunStarts.Length; i++)
        {
            writer.Write(State.RunStarts[i]);
            writer.Write(State.RunSequences[i]);
        }

        int blocks = (Count + DriftDb.Types.Limits.VectorRows - 1) / DriftDb.Types.Limits.VectorRows;
        writer.WriteArrayHeader(blocks);
        for (int i = 0; i < blocks; i++) writer.Write(State.BlockMinEnd[i]);
        writer.Write(EndsAreFinal);
        Write(ref writer, Rows);
        Write(ref writer, Chain);
        Write(ref writer, Ends);
        writer.WriteArrayHeader(ColumnPlaces.Length);
        for (int i = 0; i < ColumnPlaces.Length; i++)
        {
            ColumnState column = State.Columns[i];
            writer.Write(column.Minimum);
            writer.Write(column.Maximum);
            writer.Write(column.NullCount);
            writer.Write(column.HeapBytes);
            Write(ref writer, ColumnPlaces[i]);
        }
    }

    public static ChunkRoot Read(ref MessagePackReader reader)
    {
        int layout = reader.ReadInt32();
        bool isCopy = reader.ReadBoolean();
        int count = reader.ReadInt32();
        bool hasChain = reader.ReadBoolean();
        long closedAt = reader.ReadInt64();
        int live = reader.ReadInt32();
        long first = reader.ReadInt64(), last = reader.ReadInt64();
        int[] starts = new int[reader.ReadArrayHeader()];
        long[] sequences = new long[starts.Length];
        for (int i = 0; i < starts.Length; i++)
        {
            starts[i] = reader.ReadInt32();
            sequences[i] = reader.ReadInt64();
        }

        long[] blockMinEnd = new long[DriftDb.Types.Limits.ChunkRows / DriftDb.Types.Limits.VectorRows];
        Array.Fill(blockMinEnd, long.MaxValue);
        int blocks = reader.ReadArrayHeader();
        for (int i = 0; i < blocks; i++) blockMinEnd[i] = reader.ReadInt64();
        bool final = reader.ReadBoolean();
        BlockPlace rows = ReadPlace(ref reader), chain = ReadPlace(ref reader), ends = ReadPlace(ref reader);
        var places = new BlockPlace[reader.ReadArrayHeader()];
        var columns = new ColumnState[places.Length];
        for (int i = 0; i < places.Length; i++)
        {
            columns[i] = new ColumnState(reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt32(), reader.ReadInt32());
            places[i] = ReadPlace(ref reader);
        }

        return new ChunkRoot(layout, isCopy, count, new ChunkState(hasChain, closedAt, live, first, last, starts, sequences, blockMinEnd, columns), rows, chain, ends, final, places);
    }

    public static void Write(ref MessagePackWriter writer, BlockPlace place)
    {
        writer.Write(place.File);
        if (!place.Exists) return;
        writer.Write(place.Offset);
        writer.Write(place.LengthBytes);
    }

    public static BlockPlace ReadPlace(ref MessagePackReader reader)
    {
        int file = reader.ReadInt32();
        return file == 0 ? default : new BlockPlace(file, reader.ReadInt64(), reader.ReadInt32());
    }
}
