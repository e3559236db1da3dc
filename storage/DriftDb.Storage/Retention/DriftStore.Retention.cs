using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// Retention: a run moves a table's floor up to the last commit that is older than the table keeps its history, as an event of the log, and then takes what ended at or below it out of memory, snapshots and segments.
/// The event comes first: from then on nobody is answered from below the floor, and a crash leaves work to do again, never half a history.
/// </summary>
public sealed partial class DriftStore
{
    private readonly Dictionary<long, HistoryFloor> _floors = [];

    public partial RetentionResult ApplyRetention(StorageTable table) => ApplyRetention(table, isExplicit: true);

    /// <param name="table">The table.</param>
    /// <param name="isExplicit">Somebody asked for it: the chunks that take rows are looked through too, however little there is to drop.</param>
    private RetentionResult ApplyRetention(StorageTable table, bool isExplicit)
    {
        if (IsVolatile) return new RetentionResult(0, 0, 0);
        using (HoldCheckpoints())
        {
            RaiseFloor(table);
            long versions = table.StoredVersionCount;
            DropHistory(table, any: isExplicit);
            Checkpoint();
            if (FilesOf(table) is not { } files) return new RetentionResult(table.Floor, versions - table.StoredVersionCount, 0);
            long before = SizeOf(files);
            Rewrite(table);
            return new RetentionResult(table.Floor, versions - table.StoredVersionCount, before - SizeOf(FilesOf(table)!));
        }
    }

    /// <summary>Moves the floor to where the table's setting says. The transaction is the system's own.</summary>
    private void RaiseFloor(StorageTable table)
    {
        if (table.IsDropped || table.Definition.HistoryRetention is not { } kept) return;
        long cut = Before(_options.Clock.NowMicros, kept);
        long floor = _commits.SequenceAt(cut);
        if (floor <= table.Floor) return;
        using StoreTransaction transaction = Begin();
        transaction.RaiseFloor(table, new HistoryFloor(floor, cut));
        // The files follow: they must not be ahead of the event that allows them to be what they are.
        WaitDurable(transaction.Commit("", "retention").Lsn);
    }

    /// <summary>A time before another: months first (the day clamped to the month's end), then days, then the rest; as timestamp - interval.</summary>
    internal static long Before(long micros, Interval span)
    {
        DateTime epoch = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        try
        {
            DateTime moment = epoch.AddTicks(checked(micros * TimeSpan.TicksPerMicrosecond)).AddMonths(checked(-span.Months)).AddDays(-(double)span.Days);
            return checked((moment - epoch).Ticks / TimeSpan.TicksPerMicrosecond - span.Microseconds);
        }
        catch (Exception exception) when (exception is ArgumentOutOfRangeException or OverflowException)
        {
            return long.MinValue; // longer than there is history
        }
    }

    /// <summary>Takes what ended at or below the floor out of memory, chunk by chunk, while readers and writers go on. A batch is written to a snapshot before the next is read.</summary>
    private void DropHistory(StorageTable table, bool any)
    {
        long floor = table.Floor;
        if (floor == 0) return;
        long batchBytes = Math.Max(1 << 20, _options.Memory.LengthBytes / 8), pending = 0;
        int epoch = Epochs.Enter();
        try
        {
            if (table.HasDroppableInGrowingChunks(floor, any))
            {
                lock (_commitLock) table.SealChunks();
            }

            table.Chunks(out int count);
            for (int i = 0; i < count; i++)
            {
                Epochs.Refresh(ref epoch);
                if (table.WithoutHistory(i, floor) is not { } replacement) continue;
                lock (_commitLock) table.Replace([replacement]);
                pending += replacement.New?.ResidentBytes ?? 0;
                if (pending < batchBytes) continue;
                pending = 0;
                Checkpoint();
                if (FilesOf(table) is not null) Publish(_manifest, snapshotOf: table.Id);
            }
        }
        finally
        {
            Epochs.Exit(epoch);
        }
    }

    private TableFiles? FilesOf(StorageTable table) => _manifest.Tables.FirstOrDefault(files => files.TableId == table.Id);

    /// <summary>
    /// Writes the table's segments and snapshot anew, without what its floor and its erasures say, and lets the old files go. Under the checkpoint lock, after a checkpoint.
    /// </summary>
    private void Rewrite(StorageTable table)
    {
        TableFiles? files = FilesOf(table);
        if (files is null) return;
        TableFiles rewritten = RewriteSegments(table, files);
        Publish(_manifest with { Tables = _manifest.Tables.Replace(files, rewritten) }, rewritten: table.Id);
        DeleteUnusedSegments(files);
        TableDescription.Write(_files, $"{CheckpointRun.TablesDirectory}/{files.Directory}", table, _objects.StampOf);
    }

    private TableFiles RewriteSegments(StorageTable table, TableFiles files)
    {
        RowIdSet erased = PendingErasures(files);
        long floor = table.Floor > files.Floor ? table.Floor : 0;
        if (files.Segments.Length <= 1 && floor == 0 && erased.Count == 0) return files;
        // Only the rows as of the floor are read from the table; a merge reads files, and may take long.
        int epoch = floor > 0 ? Epochs.Enter() : -1;
        try
        {
            var rewrite = new SegmentRewrite(MaintainedFiles, _options, SegmentDirectory(files), table, files.Segments, floor, erased);
            return files with { Segments = rewrite.Run(), Floor = Math.Max(floor, files.Floor), ErasedThrough = LastErasureOf(files.TableId), NextRowId = table.RowIdEnd };
        }
        finally
        {
            if (epoch >= 0) Epochs.Exit(epoch);
        }
    }

    internal static string SegmentDirectory(TableFiles files) => $"{CheckpointRun.TablesDirectory}/{files.Directory}/segments";

    private void DeleteUnusedSegments(TableFiles before)
    {
        TableFiles after = _manifest.Tables.First(candidate => candidate.TableId == before.TableId);
        string directory = SegmentDirectory(before);
        bool any = false;
        foreach (SegmentInfo segment in before.Segments)
        {
            if (after.Segments.Any(kept => kept.Number == segment.Number)) continue;
            _files.Delete(SegmentWriter.PathOf(directory, segment.Number));
            any = true;
        }

        // Erased rows must not come back with a file that a crash brings back.
        if (any) _files.SyncDirectory(directory);
    }
}

/// <summary>What a retention run did.</summary>
/// <param name="Floor">The oldest sequence number that can be read now.</param>
/// <param name="DroppedVersions">Versions that went from memory, copies of time splits included.</param>
/// <param name="FreedBytes">How much smaller the table's files are.</param>
public sealed record RetentionResult(long Floor, long DroppedVersions, long FreedBytes);
