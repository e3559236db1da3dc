using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DriftDb.Storage.Tests;

/// <summary>Reads index files by docs/storage-format.md alone, from the MANIFEST down to each entry, and checks all that the document promises of a page.</summary>
internal sealed class IndependentIndexReader(Func<string, byte[]?> read)
{
    /// <summary>An entry of a leaf; End is <see cref="long.MaxValue"/> for a life that goes on and −1 for a tombstone.</summary>
    public readonly record struct Entry(string Key, long RowId, long Time, long End);

    /// <summary>The index's lives as of a moment: (key in hexadecimal, row).</summary>
    public List<(string Key, long RowId)> AliveAt(long tableId, long indexId, long sequence)
    {
        byte[] manifest = read("MANIFEST")!;
        JsonElement table = JsonDocument.Parse(manifest.AsMemory(0, Array.IndexOf(manifest, (byte)'\n'))).RootElement.GetProperty("Tables").EnumerateArray().Single(candidate => candidate.GetProperty("TableId").GetInt64() == tableId);
        JsonElement index = table.GetProperty("Indexes").EnumerateArray().Single(candidate => candidate.GetProperty("IndexId").GetInt64() == indexId);
        string directory = $"tables/{table.GetProperty("Directory").GetString()}/indexes";
        var lives = new Dictionary<(string Key, long RowId, long Begin), long>();
        foreach (JsonElement file in index.GetProperty("Files").EnumerateArray())
        {
            bool isPast = file.GetProperty("Until").ValueKind != JsonValueKind.Null;
            if (sequence < file.GetProperty("From").GetInt64() || (isPast && sequence >= file.GetProperty("Until").GetInt64())) continue;
            (List<Entry> entries, long truncatedAt) = ReadFile($"{directory}/{file.GetProperty("Name").GetString()}", file.GetProperty("Identity").GetUInt64(), tableId, indexId);
            // Older files come first: what this one says of the lives that they show as living.
            var before = lives.Keys.ToList();
            foreach ((string key, long rowId, long time, long end) in entries)
            {
                if (end >= 0) lives[(key, rowId, time)] = end;
                else lives[before.Single(life => life.Key == key && life.RowId == rowId && lives[life] == long.MaxValue)] = time;
            }

            foreach ((string Key, long RowId, long Begin) life in before)
            {
                if (lives[life] == long.MaxValue) lives[life] = truncatedAt;
            }
        }

        return [.. lives.Where(life => life.Key.Begin <= sequence && life.Value > sequence).Select(life => (life.Key.Key, life.Key.RowId)).Order()];
    }

    private (List<Entry> Entries, long TruncatedAt) ReadFile(string path, ulong identity, long tableId, long indexId)
    {
        byte[] bytes = read(path) ?? throw new InvalidDataException(path + " is missing");
        Require(Encoding.ASCII.GetString(bytes, 0, 8) == "DRIFTIDX" && U32(bytes, 8) == 1, "magic and version");
        Require(U32(bytes, 84) == IndependentReader.Crc(bytes.AsSpan(0, 84)), "header CRC");
        Require((ulong)I64(bytes, 16) == identity && I64(bytes, 24) == tableId && I64(bytes, 32) == indexId, "header's identity, table and index");
        Require(bytes.Length == U32(bytes, 40) * 8192L, "length");
        var entries = new List<Entry>();
        if (U32(bytes, 44) != 0) ReadPage(bytes, identity, U32(bytes, 44), -1, entries);
        Require(entries.Count == I64(bytes, 48) && entries.Count(entry => entry.End == long.MaxValue) == I64(bytes, 56) && entries.Count(entry => entry.End < 0) == I64(bytes, 64), "counts");
        for (int i = 1; i < entries.Count; i++)
            Require((string.CompareOrdinal(entries[i - 1].Key, entries[i].Key), entries[i - 1].RowId, entries[i - 1].Time).CompareTo((0, entries[i].RowId, entries[i].Time)) < 0, "order");
        return (entries, I64(bytes, 72));
    }

    private static (long MinTime, long MaxEnd) ReadPage(byte[] file, ulong identity, uint number, int level, List<Entry> entries)
    {
        int units = (int)U32(file, (int)number * 8192 + 8);
        byte[] page = file[((int)number * 8192)..(((int)number + units) * 8192)];
        byte[] seed = new byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(seed, identity);
        BinaryPrimitives.WriteUInt32LittleEndian(seed.AsSpan(8), number);
        Require(U32(page, 0) == IndependentReader.Crc([.. seed, .. page.AsSpan(4)]), "page CRC");
        Require(level < 0 || page[4] == level, "level");
        int count = BinaryPrimitives.ReadUInt16LittleEndian(page.AsSpan(6)), width = units == 1 ? 2 : 4;
        long minTime = long.MaxValue, maxEnd = 0;
        for (int i = 0; i < count; i++)
        {
            int slot = page.Length - width * (i + 1);
            int at = width == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(page.AsSpan(slot)) : (int)U32(page, slot);
            if (page[4] > 0)
            {
                (long childMin, long childMax) = ReadPage(file, identity, U32(page, at), page[4] - 1, entries);
                Require(childMin == I64(page, at + 4) && childMax == I64(page, at + 12), "what an inner page says of a child's times");
                (minTime, maxEnd) = (Math.Min(minTime, childMin), Math.Max(maxEnd, childMax));
                continue;
            }

            int prefix = (int)U32(page, 12);
            int suffix = (int)Varint(page, ref at);
            string key = Convert.ToHexString(page.AsSpan(32, prefix)) + Convert.ToHexString(page.AsSpan(at, suffix));
            at += suffix;
            long row = I64(page, 16) + Varint(page, ref at), time = I64(page, 24) + Varint(page, ref at), fate = Varint(page, ref at);
            entries.Add(new Entry(key, row, time, fate == 0 ? long.MaxValue : fate == 1 ? -1 : time + fate - 1));
            (minTime, maxEnd) = (Math.Min(minTime, time), Math.Max(maxEnd, fate < 2 ? long.MaxValue : time + fate - 1));
        }

        return (minTime, maxEnd);
    }

    private static long Varint(byte[] bytes, ref int at)
    {
        long value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte b = bytes[at++];
            value |= (long)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
    }

    private static uint U32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static long I64(byte[] bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));

    private static void Require(bool condition, string what)
    {
        if (!condition) throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"index file: {what}"));
    }
}
