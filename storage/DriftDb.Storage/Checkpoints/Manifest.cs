using System.Collections.Immutable;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DriftDb.Storage;

/// <summary>A segment file and how much of it counts: what lies behind was written by a checkpoint that never finished, or is the footer of a sealed one.</summary>
/// <param name="Number">Its file's number.</param>
/// <param name="Identity">The header's.</param>
/// <param name="LengthBytes">Header and frames.</param>
/// <param name="FirstSequence">The sequence number of its first frame.</param>
/// <param name="LastSequence">That of its last one.</param>
/// <param name="FrameCount">Its frames.</param>
/// <param name="Hash">SHA-256 of header and frames, in the footer as well; null while more may be appended.</param>
internal sealed record SegmentInfo(int Number, ulong Identity, long LengthBytes, long FirstSequence = 0, long LastSequence = 0, long FrameCount = 0, string? Hash = null)
{
    [JsonIgnore]
    public bool IsSealed => Hash is not null;
}

/// <summary>A table's directory below <c>tables/</c> and its segments.</summary>
internal sealed record TableFiles(long TableId, string Directory, ImmutableArray<SegmentInfo> Segments)
{
    /// <summary>Has every event of the segments, and perhaps some of the log behind them; null where there is none, and the segments must be replayed.</summary>
    public SnapshotInfo? Snapshot { get; init; }

    /// <summary>The floor that the segments were rewritten for: what ended at or below it isn't in them. The table's own floor is higher while that waits.</summary>
    public long Floor { get; init; }

    /// <summary>Number of the last erasure whose rows are out of the segments and the snapshot.</summary>
    public long ErasedThrough { get; init; }

    /// <summary>Row ids below this were used, by rows that may not be in the segments any more.</summary>
    public long NextRowId { get; init; }

    /// <summary>Indexes that needn't be built after a start. Use <see cref="IndexList"/>: a manifest of before there were any has none.</summary>
    public ImmutableArray<IndexFiles> Indexes
    {
        // Never default: the serializer can't write that.
        get => _indexes.IsDefault ? [] : _indexes;
        init => _indexes = value;
    }

    private readonly ImmutableArray<IndexFiles> _indexes = [];

    [JsonIgnore]
    public ImmutableArray<IndexFiles> IndexList => Indexes.IsDefault ? [] : Indexes;
}

/// <summary>The files of an index.</summary>
/// <param name="IndexId">Which index.</param>
/// <param name="Sequence">It has all changes up to this number, and none later.</param>
/// <param name="Files">Eras, oldest first, then the current files, oldest first.</param>
internal sealed record IndexFiles(long IndexId, long Sequence, ImmutableArray<IndexFileInfo> Files);

/// <summary>An index file in <c>indexes/</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Identity">The header's.</param>
/// <param name="LengthBytes">Its length.</param>
/// <param name="From">The first sequence number that it answers for.</param>
/// <param name="Until">The first that it doesn't answer for any more; null for a current file.</param>
internal sealed record IndexFileInfo(string Name, ulong Identity, long LengthBytes, long From, long? Until)
{
    /// <summary>The number in its name: one later than all that the table's indexes had.</summary>
    [JsonIgnore]
    public int Number => Name.Split('.') is [.., var number, "idx"] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : 0;
}

/// <summary>A SQL sequence as the log had it at the checkpoint.</summary>
internal sealed record SequenceValue(long Id, long Value, bool IsCalled);

/// <summary>
/// What the last checkpoint left: which files hold what, and where the log begins. JSON and, on a line of its own, the CRC-32 of it. Written whole under a temporary name, synced, renamed; so there is always a whole one.
/// </summary>
internal sealed record Manifest(
    long FirstLogFile, long CommitCount, long CheckpointSequence, ImmutableArray<SequenceValue> Sequences,
    ImmutableArray<SegmentInfo> Catalog, ImmutableArray<SegmentInfo> Commits, ImmutableArray<TableFiles> Tables)
{
    public const string Path = "MANIFEST";

    /// <summary>Time of the last commit in the segments, µs since 2000.</summary>
    public long CheckpointTime { get; init; }

    private const string TemporaryPath = "MANIFEST.tmp";

    public static readonly Manifest Empty = new(0, 0, 0, [], [], [], []);

    /// <summary>The manifest; the empty one when there was never a checkpoint.</summary>
    public static Manifest Read(IFileSystem files)
    {
        if (!files.Exists(Path)) return Empty;
        using IFile file = files.Open(Path, create: false);
        byte[] bytes = new byte[file.LengthBytes];
        file.Read(0, bytes);
        int newline = bytes.AsSpan().IndexOf((byte)'\n');
        if (newline < 0 || Encoding.ASCII.GetString(bytes.AsSpan(newline + 1).TrimEnd((byte)'\n')) != Checksum(bytes.AsSpan(0, newline)))
            throw WalReader.Corrupt(Path, 0, "the checksum is wrong");
        return JsonSerializer.Deserialize(bytes.AsSpan(0, newline), ManifestJson.Default.Manifest) ?? throw WalReader.Corrupt(Path, 0, "it is empty");
    }

    public void Write(IFileSystem files)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(this, ManifestJson.Default.Manifest);
        byte[] bytes = [.. json, (byte)'\n', .. Encoding.ASCII.GetBytes(Checksum(json)), (byte)'\n'];
        if (files.Exists(TemporaryPath)) files.Delete(TemporaryPath);
        using (IFile file = files.Open(TemporaryPath, create: true))
        {
            file.Write(0, bytes);
            file.Sync();
        }

        files.Rename(TemporaryPath, Path);
        files.SyncDirectory("");
    }

    private static string Checksum(ReadOnlySpan<byte> bytes) => Crc32.HashToUInt32(bytes).ToString("x8", CultureInfo.InvariantCulture);
}

[JsonSerializable(typeof(Manifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
