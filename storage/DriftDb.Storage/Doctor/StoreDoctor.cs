using System.IO.Hashing;
using DriftDb.Types;
using MessagePack;

namespace DriftDb.Storage;

/// <summary>
/// Checks a data directory that no server has open, and changes nothing: every file, frame, seal and snapshot block first; then that commits and sequence numbers have no holes; then that the store opens, that its
/// structures keep their invariants, and that snapshots and a replay of the segments hold the same versions.
/// </summary>
public sealed class StoreDoctor
{
    private readonly IFileSystem _files;
    private readonly StoreOptions _options;
    private readonly Action<DriftStore>? _attachKeys;
    private readonly List<Finding> _findings = [];
    private Manifest _manifest = Manifest.Empty;

    private StoreDoctor(IFileSystem files, StoreOptions options, Action<DriftStore>? attachKeys)
    {
        _files = files;
        _attachKeys = attachKeys;
        _options = options with { FileSystem = files, IsCheck = true, CheckpointBytes = 0 };
    }

    /// <summary>Checks everything. Throws 55006 when a server has the directory.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="options">How the store is opened.</param>
    /// <param name="attachKeys">Gives the indexes their extractors that need the compiler; without it only the pages of those are checked.</param>
    public static IReadOnlyList<Finding> Check(string directory, StoreOptions? options = null, Action<DriftStore>? attachKeys = null)
    {
        options ??= new StoreOptions();
        IFileSystem files = options.FileSystem ?? new RealFileSystem(directory);
        using IDisposable directoryLock = files.TryLock(DriftStore.LockPath) ?? throw new SqlException(SqlState.ObjectInUse, $"data directory \"{directory}\" is in use by another process");
        var doctor = new StoreDoctor(files, options, attachKeys);
        doctor.CheckFiles();
        if (!doctor._findings.Any(finding => finding.IsLoss)) doctor.CheckContent();
        return doctor._findings;
    }

    /// <summary>Makes snapshots and indexes anew from segments and log (those that need the compiler, without <paramref name="attachKeys"/>, when they are next used). Throws XX001 when segments or log are damaged themselves.</summary>
    public static void Rebuild(string directory, StoreOptions? options = null, Action<DriftStore>? attachKeys = null)
    {
        using DriftStore store = DriftStore.Open(directory, (options ?? new StoreOptions()) with { IgnoreSnapshots = true });
        attachKeys?.Invoke(store);
        foreach (StorageTable table in store.AllTables)
        {
            foreach (StorageIndex index in table.Indexes.Where(index => index.IsUsable)) index.Built();
        }

        store.Checkpoint();
    }

    private void CheckFiles()
    {
        if (!Try(FindingKind.DamagedFrame, () => _manifest = Manifest.Read(_files))) return;
        CheckLog();
        long commits = 0, sequence = 0, time = long.MinValue;
        CheckSegments(CheckpointRun.CommitsDirectory, 0, _manifest.Commits, (in Frame frame, ReadOnlyMemory<byte> payload) =>
        {
            var reader = new MessagePackReader(payload);
            (long number, CommittedTransaction commit) = EventReader.Commit(ref reader, frame.Sequence);
            if (number != commits + 1) Add(FindingKind.Inconsistent, $"commit {number} follows commit {commits}");
            if (commit.FirstSequence != sequence + 1) Add(FindingKind.Inconsistent, $"commit {number} begins at sequence {commit.FirstSequence}, the one before ended at {sequence}");
            if (commit.TimeMicros <= time) Add(FindingKind.Inconsistent, $"the time of commit {number} isn't after that of the one before");
            (commits, sequence, time) = (number, commit.LastSequence, commit.TimeMicros);
        });
        if (commits != _manifest.CommitCount) Add(FindingKind.Inconsistent, $"the manifest counts {_manifest.CommitCount} commits, the segments {commits}");
        CheckSegments(CheckpointRun.CatalogDirectory, 0, _manifest.Catalog, static (in Frame _, ReadOnlyMemory<byte> _) => { });
        foreach (TableFiles table in _manifest.Tables)
        {
            CheckSegments($"{CheckpointRun.TablesDirectory}/{table.Directory}/segments", table.TableId, table.Segments, static (in Frame _, ReadOnlyMemory<byte> _) => { });
            if (table.Snapshot is { } snapshot) CheckSnapshot(table, snapshot);
            foreach (IndexFiles index in table.IndexList) CheckIndexFiles(table, index);
        }
    }

    private void CheckLog()
    {
        List<(string Path, FileHeader Header)> found = [];
        if (!Try(FindingKind.DamagedFrame, () => found = WalReader.Find(_files, _manifest.FirstLogFile))) return;
        if (_manifest.FirstLogFile > 0 && (found.Count == 0 || found[0].Header.Number != _manifest.FirstLogFile))
            Add(FindingKind.MissingFile, $"log file {_manifest.FirstLogFile}");
        using var file = new LogFileReader();
        for (int i = 0; i < found.Count; i++)
        {
            (string path, FileHeader header) = found[i];
            bool isLast = i == found.Count - 1;
            long expected = isLast ? -1 : found[i + 1].Header.PreviousLength;
            Try(FindingKind.DamagedFrame, () =>
            {
                file.Open(_files, path, header);
                long end = WalReader.Read(file, expected, static _ => { });
                if (isLast && file.HasContent(end)) Add(FindingKind.TornTail, $"\"{path}\" ends at byte {end} with a write that never finished");
            });
        }
    }

    private void CheckSegments(string directory, long owner, System.Collections.Immutable.ImmutableArray<SegmentInfo> segments, FrameHandler handler)
    {
        foreach (SegmentInfo segment in segments)
        {
            string path = SegmentWriter.PathOf(directory, segment.Number);
            if (!_files.Exists(path))
            {
                Add(FindingKind.MissingFile, $"\"{path}\"");
                continue;
            }

            long frames = 0, last = 0, first = 0, lastEvent = 0;
            bool whole = Try(FindingKind.DamagedFrame, () => SegmentReader.Read(_files, directory, owner, segment, (in Frame frame, ReadOnlyMemory<byte> payload) =>
            {
                // Definitions carry the number current after their transaction, before whose events they stand.
                if (frame.Type != EventType.Object && frame.Sequence < lastEvent) Add(FindingKind.Inconsistent, $"\"{path}\": sequence {frame.Sequence} follows {lastEvent}");
                if (frame.Type != EventType.Object) lastEvent = frame.Sequence;
                if (frames++ == 0) first = frame.Sequence;
                last = frame.Sequence;
                handler(frame, payload);
            }));
            if (whole && (frames != segment.FrameCount || first != segment.FirstSequence || last != segment.LastSequence))
                Add(FindingKind.Inconsistent, $"\"{path}\" has {frames} frames from {first} to {last}, the manifest says {segment.FrameCount} from {segment.FirstSequence} to {segment.LastSequence}");
        }

        foreach (string wrong in SegmentReader.CheckSeals(_files, directory, segments)) Add(FindingKind.BrokenSeal, wrong);
    }

    private void CheckSnapshot(TableFiles table, SnapshotInfo info)
    {
        using var source = new SnapshotSource(_files, DriftStore.SnapshotDirectory(table), table.TableId);
        TableRoot? root = null;
        Try(FindingKind.DamagedSnapshot, () =>
        {
            source.Check(info.Files);
            root = TableRoot.Decode(source.Read(new BlockPlace(info.File, info.Offset, info.LengthBytes)));
        });
        if (root is null) return;
        foreach (BlockPlace place in root.Places) Try(FindingKind.DamagedSnapshot, () => source.Read(place));
    }

    private void CheckIndexFiles(TableFiles table, IndexFiles index)
    {
        var pages = new IndexPageCache(_options.Memory.IndexPages);
        foreach (IndexFileInfo info in index.Files)
        {
            Try(FindingKind.DamagedIndex, () =>
            {
                IndexFile file = IndexFile.Open(_files, $"{DriftStore.IndexDirectory(table)}/{info.Name}", info.Identity, table.TableId, index.IndexId, pages);
                try
                {
                    IndexFileCheck.Run(file);
                }
                finally
                {
                    file.Close();
                }
            });
        }
    }

    private void CheckContent()
    {
        bool hasSnapshots = _manifest.Tables.Any(table => table.Snapshot is not null) && !_findings.Any(finding => finding.Kind == FindingKind.DamagedSnapshot);
        Try(FindingKind.Inconsistent, () =>
        {
            using DriftStore store = DriftStore.OpenForCheck(_options with { IgnoreSnapshots = !hasSnapshots });
            _attachKeys?.Invoke(store);
            foreach (StorageTable table in store.AllTables)
            {
                foreach (string wrong in new TableCheck(table).RunVersions()) Add(FindingKind.Inconsistent, wrong);
                foreach (StorageIndex index in table.Indexes)
                {
                    Try(FindingKind.DamagedIndex, () =>
                    {
                        foreach (string wrong in new IndexCheck(index).Run()) Add(FindingKind.DamagedIndex, $"table {table.Id}: {wrong}");
                    });
                }
            }

            if (!hasSnapshots) return;
            using DriftStore replayed = DriftStore.OpenForCheck(_options with { IgnoreSnapshots = true });
            foreach (StorageTable table in store.AllTables)
            {
                if (Content(store, table) != Content(replayed, replayed.FindTable(table.Id)!))
                    Add(FindingKind.DamagedSnapshot, $"the snapshot of table {table.Id} holds other versions than its segments");
            }
        });
    }

    /// <summary>A hash of all versions with their lives and values, whatever their order.</summary>
    private static unsafe (long Count, UInt128 Sum) Content(DriftStore store, StorageTable table)
    {
        int epoch = store.Epochs.Enter();
        try
        {
            TableDefinition definition = table.Definition;
            int[] columns = [SystemColumn.RowId, SystemColumn.BeginSequence, SystemColumn.EndSequence, .. definition.Columns.Select(column => column.Id)];
            using var vector = new ScanVector(columns.Length);
            VectorSource source = table.ScanPeriod(store.LatestView, PeriodKind.All, 0, 0, columns);
            long count = 0;
            UInt128 sum = 0;
            var hash = new XxHash128();
            while (source.Next(vector))
            {
                for (int i = 0; i < vector.Count; i++, count++)
                {
                    int row = vector.Selection[i];
                    for (int slot = 0; slot < columns.Length; slot++)
                    {
                        PhysicalKind kind = slot < 3 ? PhysicalKind.Int64 : definition.Columns[slot - 3].Type.Kind;
                        hash.Append(Value(vector, slot, kind, row));
                    }

                    sum = unchecked(sum + hash.GetCurrentHashAsUInt128());
                    hash.Reset();
                }
            }

            return (count, sum);
        }
        finally
        {
            store.Epochs.Exit(epoch);
        }
    }

    private static unsafe ReadOnlySpan<byte> Value(ScanVector vector, int slot, PhysicalKind kind, int row)
    {
        byte* validity = (byte*)vector.Validity[slot];
        if (validity != null && (validity[row >> 3] & (1 << (row & 7))) == 0) return "null"u8;
        int width = kind.ColumnWidthBytes();
        byte* value = (byte*)vector.Data[slot] + (long)row * width;
        if (kind != PhysicalKind.Bytes) return new ReadOnlySpan<byte>(value, width);
        ulong entry = System.Runtime.CompilerServices.Unsafe.ReadUnaligned<ulong>(value);
        return new ReadOnlySpan<byte>((byte*)vector.Heap[slot] + (uint)entry, (int)(entry >> 32));
    }

    private bool Try(FindingKind kind, Action check)
    {
        try
        {
            check();
            return true;
        }
        catch (SqlException exception)
        {
            Add(exception.Message.Contains("is missing", StringComparison.Ordinal) && kind == FindingKind.DamagedFrame ? FindingKind.MissingFile : kind, exception.Message);
            return false;
        }
    }

    private void Add(FindingKind kind, string message)
    {
        if (_findings.Count < 1000) _findings.Add(new Finding(kind, message));
    }
}
