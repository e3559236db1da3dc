using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace DriftDb.Storage.Tests;

/// <summary>
/// Reads a data directory by docs/storage-format.md alone: none of the store's code, no library but the framework's. It replays the segments that the MANIFEST names and then the log, and keeps the rows of one table.
/// </summary>
internal sealed class IndependentReader(Func<string, byte[]?> read, IReadOnlyList<string> walFiles)
{
    private static readonly uint[] CrcTable = MakeCrcTable();

    private readonly Dictionary<long, Dictionary<int, object?>> _rows = [];

    public long Commits { get; private set; }

    public long LastSequence { get; private set; }

    /// <summary>Column values by row id, of the rows that live.</summary>
    public IReadOnlyDictionary<long, Dictionary<int, object?>> Rows => _rows;

    public void Read(long tableId)
    {
        long firstLogFile = 0;
        if (read("MANIFEST") is { } manifest) firstLogFile = ReadManifest(manifest, tableId);
        var files = walFiles.Select(path => (Path: path, Bytes: read(path)!)).Select(file => (file.Path, file.Bytes, Number: BinaryPrimitives.ReadInt64LittleEndian(file.Bytes.AsSpan(24)))).OrderBy(file => file.Number);
        foreach ((string path, byte[] bytes, long number) in files)
        {
            if (number >= firstLogFile) ReadLog(path, bytes, tableId);
        }
    }

    private long ReadManifest(byte[] bytes, long tableId)
    {
        int newline = Array.IndexOf(bytes, (byte)'\n');
        Require(Encoding.ASCII.GetString(bytes, newline + 1, 8) == Crc(bytes.AsSpan(0, newline)).ToString("x8", CultureInfo.InvariantCulture), "MANIFEST checksum");
        JsonElement manifest = JsonDocument.Parse(bytes.AsMemory(0, newline)).RootElement;
        Commits = manifest.GetProperty("CommitCount").GetInt64();
        LastSequence = manifest.GetProperty("CheckpointSequence").GetInt64();
        foreach (JsonElement table in manifest.GetProperty("Tables").EnumerateArray())
        {
            if (table.GetProperty("TableId").GetInt64() == tableId) ReadSegments($"tables/{table.GetProperty("Directory").GetString()}/segments", table.GetProperty("Segments"), tableId);
        }

        return manifest.GetProperty("FirstLogFile").GetInt64();
    }

    private void ReadSegments(string directory, JsonElement segments, long tableId)
    {
        string previousHash = new('0', 64);
        foreach (JsonElement segment in segments.EnumerateArray())
        {
            string path = $"{directory}/{segment.GetProperty("Number").GetInt32():D8}.seg";
            byte[] bytes = read(path) ?? throw new InvalidDataException(path + " is missing");
            int length = segment.GetProperty("LengthBytes").GetInt32();
            Header(path, bytes, "DRIFTSEG");
            Require(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(24)) == tableId, path + " belongs to another table");
            string? hash = segment.GetProperty("Hash").GetString();
            long frames = 0;
            for (int at = 64; at < length; frames++) at += ReadFrame(path, bytes, at, out long seq, out byte type, out byte[] payload, required: true) + Apply(seq, type, payload, tableId);
            Require(frames == segment.GetProperty("FrameCount").GetInt64(), path + " frame count");
            if (hash is not null)
            {
                Require(bytes.Length == length + 128 && Encoding.ASCII.GetString(bytes, length, 8) == "DRIFTEND", path + " footer");
                Require(Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(0, length))) == hash && Convert.ToHexStringLower(bytes.AsSpan(length + 48, 32)) == hash, path + " SHA-256");
                Require(Convert.ToHexStringLower(bytes.AsSpan(length + 80, 32)) == previousHash, path + " hash of the one before");
                Require(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(length + 32)) == frames, path + " footer's frame count");
                Require(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(length + 124)) == Crc(bytes.AsSpan(length, 124)), path + " footer CRC");
            }

            previousHash = hash ?? new string('0', 64);
        }
    }

    private void ReadLog(string path, byte[] bytes, long tableId)
    {
        Header(path, bytes, "DRIFTWAL");
        var transaction = new List<(long Seq, byte Type, byte[] Payload)>();
        for (int at = 64; ReadFrame(path, bytes, at, out long seq, out byte type, out byte[] payload, required: false) is > 0 and var length; at += length)
        {
            if (type is 21 or 19) continue;
            transaction.Add((seq, type, payload));
            if (type != 16) continue;
            int position = 0;
            long number = (long)Value(payload, ref position)!;
            if (number == Commits + 1)
            {
                foreach ((long eventSeq, byte eventType, byte[] eventPayload) in transaction) Apply(eventSeq, eventType, eventPayload, tableId);
                Commits = number;
                LastSequence = seq;
            }

            transaction.Clear();
        }
    }

    private int Apply(long seq, byte type, byte[] payload, long tableId)
    {
        _ = seq;
        int at = 0;
        if (type is 16 or 18 || (long)Value(payload, ref at)! != tableId) return 0;
        switch (type)
        {
            case 1:
                long born = (long)Value(payload, ref at)!;
                _rows.Add(born, []);
                Columns(_rows[born], payload, at);
                break;
            case 2:
                Columns(_rows[(long)Value(payload, ref at)!], payload, at);
                break;
            case 3:
                Require(_rows.Remove((long)Value(payload, ref at)!), "a dead row dies");
                break;
            case 17:
                _rows.Clear();
                break;
            case 20:
                long first = (long)Value(payload, ref at)!, count = (long)Value(payload, ref at)!;
                object?[] columns = (object?[])Value(payload, ref at)!;
                for (long i = 0; i < count; i++)
                {
                    var row = new Dictionary<int, object?>();
                    foreach (object? column in columns)
                    {
                        object? value = Value(payload, ref at);
                        if (value is not null) row[(int)(long)column!] = value;
                    }

                    _rows.Add(first + i, row);
                }

                break;
        }

        return 0;
    }

    private static void Columns(Dictionary<int, object?> row, byte[] payload, int at)
    {
        while (at < payload.Length)
        {
            int column = (int)(long)Value(payload, ref at)!;
            if (Value(payload, ref at) is { } value) row[column] = value;
            else row.Remove(column);
        }
    }

    private static int ReadFrame(string path, byte[] bytes, int at, out long seq, out byte type, out byte[] payload, bool required)
    {
        seq = 0;
        type = 0;
        payload = [];
        uint length = at + 18 <= bytes.Length ? BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at)) : 0;
        bool isWhole = length >= 10 && at + 8 + length <= bytes.Length
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 4)) == Crc([.. bytes.AsSpan(16, 8), .. bytes.AsSpan(at, 4), .. bytes.AsSpan(at + 8, (int)length)]);
        if (!isWhole)
        {
            Require(!required, $"{path}: damaged frame at {at}");
            return 0;
        }

        int p = at + 8;
        for (int shift = 0; ; shift += 7)
        {
            byte b = bytes[p++];
            seq |= (long)(b & 0x7F) << shift;
            if (b < 0x80) break;
        }

        type = bytes[p + 8];
        payload = bytes[(p + 9)..(at + 8 + (int)length)];
        return 8 + (int)length;
    }

    private static void Header(string path, byte[] bytes, string magic)
    {
        Require(bytes.Length >= 64 && Encoding.ASCII.GetString(bytes, 0, 8) == magic, path + " magic");
        Require(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(60)) == Crc(bytes.AsSpan(0, 60)), path + " header CRC");
    }

    /// <summary>One MessagePack value: integers as long, str as string, bin as byte[], arrays as object[].</summary>
    internal static object? Value(byte[] b, ref int at)
    {
        byte tag = b[at++];
        switch (tag)
        {
            case <= 0x7F: return (long)tag;
            case >= 0xE0: return (long)(sbyte)tag;
            case >= 0xA0 and <= 0xBF: return Text(b, ref at, tag & 31);
            case >= 0x90 and <= 0x9F: return Items(b, ref at, tag & 15);
            case 0xC0: return null;
            case 0xC2 or 0xC3: return tag == 0xC3;
            case 0xC4: return Bytes(b, ref at, (int)Big(b, ref at, 1));
            case 0xC5: return Bytes(b, ref at, (int)Big(b, ref at, 2));
            case 0xC6: return Bytes(b, ref at, (int)Big(b, ref at, 4));
            case 0xCA: return BitConverter.Int32BitsToSingle((int)Big(b, ref at, 4));
            case 0xCB: return BitConverter.Int64BitsToDouble((long)Big(b, ref at, 8));
            case 0xCC: return (long)Big(b, ref at, 1);
            case 0xCD: return (long)Big(b, ref at, 2);
            case 0xCE: return (long)Big(b, ref at, 4);
            case 0xCF or 0xD3: return (long)Big(b, ref at, 8);
            case 0xD0: return (long)(sbyte)Big(b, ref at, 1);
            case 0xD1: return (long)(short)Big(b, ref at, 2);
            case 0xD2: return (long)(int)Big(b, ref at, 4);
            case 0xD9: return Text(b, ref at, (int)Big(b, ref at, 1));
            case 0xDA: return Text(b, ref at, (int)Big(b, ref at, 2));
            case 0xDB: return Text(b, ref at, (int)Big(b, ref at, 4));
            case 0xDC: return Items(b, ref at, (int)Big(b, ref at, 2));
            default: throw new InvalidDataException($"MessagePack tag {tag:x2}");
        }
    }

    private static ulong Big(byte[] b, ref int at, int count)
    {
        ulong value = 0;
        for (int i = 0; i < count; i++) value = (value << 8) | b[at++];
        return value;
    }

    private static byte[] Bytes(byte[] b, ref int at, int length) => b[at..(at += length)];

    private static string Text(byte[] b, ref int at, int length) => Encoding.UTF8.GetString(Bytes(b, ref at, length));

    private static object?[] Items(byte[] b, ref int at, int count)
    {
        object?[] items = new object?[count];
        for (int i = 0; i < count; i++) items[i] = Value(b, ref at);
        return items;
    }

    internal static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte b in bytes) crc = CrcTable[(crc ^ b) & 0xFF] ^ (crc >> 8);
        return ~crc;
    }

    private static uint[] MakeCrcTable()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            uint c = i;
            for (int k = 0; k < 8; k++) c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
            table[i] = c;
        }

        return table;
    }

    private static void Require(bool condition, string what)
    {
        if (!condition) throw new InvalidDataException(what);
    }
}
