using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DriftDb.Storage.Tests;

/// <summary>
/// Reads a table's snapshot by docs/storage-format.md alone, from the MANIFEST down to each value (zstd is the library's), and checks all that the document promises of blocks, zones, chains and the row directory.
/// It knows the columns of the tests' table and the bigint ones that schema changes add.
/// </summary>
internal sealed class IndependentSnapshotReader(Func<string, byte[]?> read)
{
    private const long Lives = long.MaxValue, Moved = 1L << 62;

    private readonly Dictionary<long, ulong> _identities = [];
    private readonly List<Chunk> _chunks = [];
    private string _directory = "";

    /// <summary>A version with its end; <see cref="Values"/> by column id, the columns only that its chunk has.</summary>
    public readonly record struct Version(long RowId, long Begin, long End, IReadOnlyDictionary<int, object?> Values);

    private sealed record Chunk(bool IsCopy, long ClosedAt, long[] Begin, long[] RowId, long[] End, long[]? Previous, long[]? Jump, long[]? Depth, long[] Arrival, IReadOnlyDictionary<int, object?[]> Columns);

    /// <summary>The snapshot has every event up to this one.</summary>
    public long Sequence { get; private set; }

    /// <summary>False when the MANIFEST names no snapshot of the table.</summary>
    public bool Read(long tableId)
    {
        byte[] bytes = read("MANIFEST")!;
        JsonElement table = JsonDocument.Parse(bytes.AsMemory(0, Array.IndexOf(bytes, (byte)'\n'))).RootElement.GetProperty("Tables").EnumerateArray().Single(candidate => candidate.GetProperty("TableId").GetInt64() == tableId);
        JsonElement snapshot = table.GetProperty("Snapshot");
        if (snapshot.ValueKind == JsonValueKind.Null) return false;
        _directory = $"tables/{table.GetProperty("Directory").GetString()}/snapshots";
        foreach (JsonElement file in snapshot.GetProperty("Files").EnumerateArray()) OpenFile(file, tableId);
        Sequence = snapshot.GetProperty("Sequence").GetInt64();
        byte[] root = Block((snapshot.GetProperty("File").GetInt64(), snapshot.GetProperty("Offset").GetInt64(), snapshot.GetProperty("LengthBytes").GetInt64()));
        ReadRoot(root, tableId);
        return true;
    }

    /// <summary>All versions that the snapshot has: each once, of its copies the last. (Retention may have dropped the chunk where it was first written and kept a copy.)</summary>
    public IEnumerable<Version> Versions() =>
        from chunk in _chunks
        from row in Enumerable.Range(0, chunk.Begin.Length)
        where chunk.End[row] != 0 && !IsMoved(chunk.End[row])
        select new Version(chunk.RowId[row], chunk.Begin[row], chunk.End[row], ValuesOf(chunk, row));

    /// <summary>What a scan as of a moment reads, by the rule of time splits: chunks that weren't closed yet, of each the rows that had arrived, of these the ones that end later.</summary>
    public IEnumerable<Version> AsOf(long sequence) =>
        from chunk in _chunks
        where chunk.ClosedAt > sequence
        from row in Enumerable.Range(0, chunk.Begin.Length)
        where chunk.Arrival[row] <= sequence && chunk.End[row] > sequence
        select new Version(chunk.RowId[row], chunk.Begin[row], EndOf(chunk.End[row]), ValuesOf(chunk, row));

    private static Dictionary<int, object?> ValuesOf(Chunk chunk, int row) => chunk.Columns.ToDictionary(column => column.Key, column => column.Value[row]);

    private static bool IsMoved(long end) => end != Lives && (end & Moved) != 0;

    private long EndOf(long end)
    {
        while (IsMoved(end)) end = At(end & ~Moved).End;
        return end;
    }

    private (long RowId, long Begin, long End, long Previous, long Jump, long Depth) At(long place)
    {
        Chunk chunk = _chunks[(int)(place / 65536)];
        int row = (int)(place % 65536);
        if (chunk.Begin.Length == 0) return default; // retention has dropped it: all in it had ended
        return (chunk.RowId[row], chunk.Begin[row], chunk.End[row], chunk.Previous?[row] ?? 0, chunk.Jump?[row] ?? 0, chunk.Depth?[row] ?? 0);
    }

    private void OpenFile(JsonElement file, long tableId)
    {
        long number = file.GetProperty("Number").GetInt64();
        string path = PathOf(number);
        byte[] bytes = read(path) ?? throw new InvalidDataException(path + " is missing");
        ulong identity = file.GetProperty("Identity").GetUInt64();
        Require(bytes.Length >= file.GetProperty("LengthBytes").GetInt64() && Encoding.ASCII.GetString(bytes, 0, 8) == "DRIFTSNP", path + " magic and length");
        Require(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(60)) == IndependentReader.Crc(bytes.AsSpan(0, 60)), path + " header CRC");
        Require(BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(16)) == identity && BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(24)) == tableId, path + " identity and table");
        _identities.Add(number, identity);
    }

    private string PathOf(long number) => string.Create(CultureInfo.InvariantCulture, $"{_directory}/{number:D8}.snap");

    private byte[] Block((long File, long Offset, long Length) place)
    {
        ReadOnlySpan<byte> block = read(PathOf(place.File)).AsSpan((int)place.Offset, (int)place.Length);
        byte[] identity = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(identity, _identities[place.File]);
        Require(BinaryPrimitives.ReadUInt32LittleEndian(block) == block.Length - 12, "a block's length");
        Require(BinaryPrimitives.ReadUInt32LittleEndian(block[8..]) == IndependentReader.Crc([.. identity, .. block[..8], .. block[12..]]), "a block's CRC");
        using var zstd = new ZstdSharp.Decompressor();
        byte[] raw = zstd.Unwrap(block[12..]).ToArray();
        Require(raw.Length == BinaryPrimitives.ReadUInt32LittleEndian(block[4..]), "a block's unpacked length");
        return raw;
    }

    private void ReadRoot(byte[] root, long tableId)
    {
        int at = 0;
        Require(Long(root, ref at) == 1 && Long(root, ref at) == tableId && Long(root, ref at) == Sequence, "the root's version, table and sequence");
        long nextRowId = Long(root, ref at), liveRows = Long(root, ref at), stored = Long(root, ref at);
        _ = (Long(root, ref at), Long(root, ref at));
        var layouts = new List<int[]>();
        for (long i = ArrayHeader(root, ref at); i > 0; i--) layouts.Add(Layout((byte[])Value(root, ref at)!));
        for (long i = ArrayHeader(root, ref at); i > 0; i--) _chunks.Add(ReadChunk(root, ref at, layouts));
        Require(_chunks.Sum(chunk => (long)chunk.Begin.Length) >= stored, "versions stored");
        var directory = new List<long>();
        for (long i = ArrayHeader(root, ref at); i > 0; i--)
        {
            (long, long, long) place = Place(root, ref at);
            int unread = 0;
            directory.AddRange(place.Item1 == 0 ? new long[16384] : Packed((byte[])Value(Block(place), ref unread)!, 16384));
        }

        Require(at == root.Length, "the root's end");
        CheckDirectory(directory, nextRowId, liveRows);
        CheckChains();
    }

    private void CheckDirectory(List<long> directory, long nextRowId, long liveRows)
    {
        long living = 0;
        for (int rowId = 0; rowId < directory.Count; rowId++)
        {
            if (directory[rowId] == 0) continue;
            (long there, _, long end, _, _, _) = At(directory[rowId] - 1);
            Require(end == 0 || (there == rowId && rowId < nextRowId && !IsMoved(end)), "the row directory's place");
            if (end == Lives) living++;
        }

        Require(living == liveRows, "living rows");
    }

    private void CheckChains()
    {
        foreach (Chunk chunk in _chunks.Where(chunk => chunk.Previous is not null))
        {
            for (int row = 0; row < chunk.Begin.Length; row++)
            {
                foreach (long place in new[] { chunk.Previous![row], chunk.Jump![row] }.Where(place => place != 0))
                {
                    (long rowId, long begin, long end, _, _, long depth) = At(place - 1);
                    Require(end == 0 || (rowId == chunk.RowId[row] && begin < chunk.Begin[row] && depth < chunk.Depth![row]), "a chain's link");
                }
            }
        }
    }

    /// <summary>The columns' ids: [schema, name, versioned, [[id, name, type, missing] …], retention].</summary>
    private static int[] Layout(byte[] definition)
    {
        int at = 0;
        object?[] table = (object?[])Value(definition, ref at)!;
        return [.. ((object?[])table[3]!).Select(column => (int)(long)((object?[])column!)[0]!)];
    }

    private Chunk ReadChunk(byte[] root, ref int at, List<int[]> layouts)
    {
        int[] layout = layouts[(int)Long(root, ref at)];
        bool isCopy = (bool)Value(root, ref at)!;
        int rows = (int)Long(root, ref at);
        bool hasChain = (bool)Value(root, ref at)!;
        long closedAt = Long(root, ref at), live = Long(root, ref at);
        long firstArrival = Long(root, ref at), lastArrival = Long(root, ref at);
        var runs = new List<(long Row, long Sequence)>();
        for (long i = ArrayHeader(root, ref at); i > 0; i--) runs.Add((Long(root, ref at), Long(root, ref at)));
        long[] smallestEnds = new long[ArrayHeader(root, ref at)];
        for (int i = 0; i < smallestEnds.Length; i++) smallestEnds[i] = Long(root, ref at);
        _ = Value(root, ref at);
        (long, long, long) rowsPlace = Place(root, ref at), chainPlace = Place(root, ref at), endsPlace = Place(root, ref at);
        long[][] rowBlock = rows == 0 ? [[], []] : Longs(rowsPlace, 2, rows);
        long[][]? chain = hasChain && chainPlace.Item1 != 0 ? Longs(chainPlace, 3, rows) : null;
        long[] ends = endsPlace.Item1 == 0 ? Enumerable.Repeat(Lives, rows).ToArray() : Longs(endsPlace, 1, rows)[0];
        Require(ends.Count(end => end == Lives) == live || closedAt <= Sequence, "a chunk's live rows");
        for (int row = 0; row < rows; row++) Require(ends[row] == 0 || ends[row] >= smallestEnds[row / 2048], "the smallest end of 2,048 rows");
        long[] arrival = isCopy ? [.. Enumerable.Range(0, rows).Select(row => runs.Last(run => run.Row <= row).Sequence)] : rowBlock[0];
        Require(rows == 0 || (arrival[0] == firstArrival && arrival[^1] <= lastArrival && arrival.SequenceEqual(arrival.Order())), "the order of arrival");
        var columns = new Dictionary<int, object?[]>();
        long count = ArrayHeader(root, ref at);
        Require(rows == 0 || count == layout.Length, "a chunk's columns");
        for (int i = 0; i < count; i++)
        {
            long minimum = Long(root, ref at), maximum = Long(root, ref at), nulls = Long(root, ref at), bytes = Long(root, ref at);
            (long, long, long) place = Place(root, ref at);
            if (rows > 0) columns.Add(layout[i], Column(place, layout[i], ends, minimum, maximum, nulls, bytes));
        }

        return new Chunk(isCopy, closedAt, rowBlock[0], rowBlock[1], ends, chain?[0], chain?[1], chain?[2], arrival, columns);
    }

    private object?[] Column((long, long, long) place, int id, long[] ends, long minimum, long maximum, long nulls, long bytes)
    {
        int rows = ends.Length;
        byte[] raw = Block(place);
        int at = 0;
        byte[]? validity = (byte[]?)Value(raw, ref at);
        byte[] data = (byte[])Value(raw, ref at)!;
        byte[]? heap = (byte[]?)Value(raw, ref at);
        Require(at == raw.Length && heap is null == (id != Rows.BColumn) && (heap?.Length ?? 0) == bytes, "a column's parts");
        long[] integers = Packed(data, rows);
        object?[] values = new object?[rows];
        int offset = 0;
        for (int row = 0; row < rows; row++)
        {
            bool isNull = validity is not null && (validity[row / 8] >> (row % 8) & 1) == 0;
            if (heap is null)
            {
                if (isNull) continue;
                Require(ends[row] == 0 || (minimum <= integers[row] && integers[row] <= maximum), "a column's smallest and largest value");
                values[row] = integers[row];
                continue;
            }

            values[row] = isNull ? null : Encoding.UTF8.GetString(heap, offset, (int)integers[row]);
            offset += (int)integers[row];
        }

        Require(values.Where((value, row) => value is null && ends[row] != 0).Count() <= nulls, "a column's NULLs");
        return values;
    }

    private long[][] Longs((long, long, long) place, int columns, int rows)
    {
        byte[] raw = Block(place);
        int at = 0;
        long[][] longs = new long[columns][];
        for (int i = 0; i < columns; i++) longs[i] = Packed((byte[])Value(raw, ref at)!, rows);
        Require(at == raw.Length, "a block's end");
        return longs;
    }

    private static long[] Packed(byte[] bytes, int count)
    {
        int width = bytes[1];
        Require(bytes.Length == 18 + width * count, "packed integers' length");
        long start = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(2)), value = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(10));
        long[] values = new long[count];
        for (int i = 0; i < count; i++)
        {
            ulong u = 0;
            for (int k = 0; k < width; k++) u |= (ulong)bytes[18 + k * count + i] << (8 * k);
            values[i] = value = unchecked((bytes[0] == 1 ? value : 0) + start + (long)u);
        }

        return values;
    }

    private static (long File, long Offset, long Length) Place(byte[] bytes, ref int at) => Long(bytes, ref at) is var file && file == 0 ? default : (file, Long(bytes, ref at), Long(bytes, ref at));

    private static object? Value(byte[] bytes, ref int at) => IndependentReader.Value(bytes, ref at);

    private static long Long(byte[] bytes, ref int at) => (long)Value(bytes, ref at)!;

    private static long ArrayHeader(byte[] bytes, ref int at)
    {
        byte tag = bytes[at++];
        int width = tag switch { >= 0x90 and <= 0x9F => 0, 0xDC => 2, 0xDD => 4, _ => throw new InvalidDataException("an array was expected") };
        long count = width == 0 ? tag & 15 : 0;
        for (; width > 0; width--) count = (count << 8) | bytes[at++];
        return count;
    }

    private static void Require(bool condition, string what)
    {
        if (!condition) throw new InvalidDataException("snapshot: " + what);
    }
}
