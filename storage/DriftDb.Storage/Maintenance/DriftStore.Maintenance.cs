using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// What the store does by itself, on a thread of its own: checkpoints when the log has grown, retention when a table's history has become too old, compaction when a table has many small segments. A task that fails (a full
/// disk, a bad block) ends nothing: it is told, and tried again later and later; commits go on as long as the log can be written.
/// </summary>
public sealed partial class DriftStore
{
    private const int LookEveryMs = 100;

    private const long FirstRetryMicros = 1_000_000, LongestRetryMicros = 60_000_000;

    /// <summary>A run moves a table's floor by at least this share of what the table keeps: so a table that keeps 90 days is looked through every few days, not every second.</summary>
    private const int RetentionSteps = 20;

    /// <summary>Segments smaller than a quarter of the full size that a table may have.</summary>
    private const int MostSmallSegments = 8;

    private readonly ManualResetEventSlim _stopMaintenance = new();
    private readonly MaintenanceStatus[] _maintenance = [.. Enum.GetValues<MaintenanceTask>().Select(task => new MaintenanceStatus(task))];
    private Thread? _maintenanceThread;
    private Throttle? _throttle;
    private int _waitingForCheckpoint;

    public partial IReadOnlyList<MaintenanceStatus> Maintenance => [.. _maintenance];

    public partial void RunMaintenance()
    {
        if (IsVolatile) return;
        long now = _options.Clock.NowMicros;
        if (_options.CheckpointBytes > 0 && IsCheckpointDue) Run(MaintenanceTask.Checkpoint, now, Checkpoint);
        if (Tables.FirstOrDefault(table => IsRetentionDue(table, now)) is { } old) Run(MaintenanceTask.Retention, now, () => ApplyRetention(old, isExplicit: false));
        if (AllTables.FirstOrDefault(NeedsRewrite) is { } scattered) Run(MaintenanceTask.Compaction, now, () => RewriteNow(scattered));
    }

    private void Run(MaintenanceTask task, long now, Action work)
    {
        MaintenanceStatus before = _maintenance[(int)task];
        if (now < before.RetryAt) return;
        var throttle = new Throttle(_options.MaintenanceBytesPerSecond, _stopMaintenance.WaitHandle);
        try
        {
            lock (_checkpointLock)
            {
                _throttle = throttle;
                using IDisposable? hurry = Volatile.Read(ref _waitingForCheckpoint) > 0 ? throttle.Hurry() : null;
                try
                {
                    work();
                }
                finally
                {
                    _throttle = null;
                }
            }

            _maintenance[(int)task] = before with { Runs = before.Runs + 1, LastStarted = now, LastFinished = _options.Clock.NowMicros, Error = null, RetryAt = 0 };
        }
        catch (Exception exception) when (exception is IOException or SqlException or UnauthorizedAccessException && !_log!.IsPoisoned)
        {
            long delay = before.RetryAt == 0 ? FirstRetryMicros : Math.Min(LongestRetryMicros, (before.RetryAt - before.LastStarted) * 2);
            _maintenance[(int)task] = before with { Failures = before.Failures + 1, LastStarted = now, Error = exception.Message, RetryAt = now + delay };
            _options.OnMaintenanceFailure(_maintenance[(int)task]);
        }
        catch (OperationCanceledException)
        {
            // The store is closing; what was begun is left as a crash would leave it.
        }
    }

    /// <summary>The files for a checkpoint, a compaction, a retention run: at a pace in the background, and as fast as it goes for who waits for it.</summary>
    private IFileSystem MaintainedFiles => _throttle is { } throttle ? new ThrottledFiles(_files, throttle) : _files;

    private bool IsRetentionDue(StorageTable table, long now)
    {
        if (table.Definition.HistoryRetention is not { } kept) return false;
        long cut = Before(now, kept);
        long step = Math.Max(1_000_000, (now - cut) / RetentionSteps);
        return (cut - table.FloorTime >= step && _commits.SequenceAt(cut) > table.Floor) || FilesOf(table) is { } files && files.Floor < table.Floor;
    }

    private bool NeedsRewrite(StorageTable table) =>
        FilesOf(table) is { } files && (LastErasureOf(table.Id) > files.ErasedThrough || files.Segments.Count(segment => segment.LengthBytes < _options.SegmentBytes / 4) > MostSmallSegments);

    private void RewriteNow(StorageTable table)
    {
        Checkpoint();
        Rewrite(table);
    }

    private void StartMaintenance()
    {
        if (_options.CheckpointBytes <= 0 || _options.ManualLogWriter) return;
        _maintenanceThread = new Thread(RunUntilStopped) { Name = "DriftDB maintenance", IsBackground = true, Priority = ThreadPriority.BelowNormal };
        _maintenanceThread.Start();
    }

    private void RunUntilStopped()
    {
        while (!_stopMaintenance.Wait(LookEveryMs))
        {
            try
            {
                RunMaintenance();
            }
            catch (Exception exception)
            {
                _options.FailFast("maintenance failed", exception);
                return;
            }
        }
    }

    private void StopMaintenance()
    {
        _stopMaintenance.Set();
        _maintenanceThread?.Join();
    }

    /// <summary>Takes the checkpoint lock for a statement: what is under way in the background doesn't dawdle while somebody waits.</summary>
    private CheckpointHold HoldCheckpoints() => new(this);

    private readonly ref struct CheckpointHold
    {
        private readonly DriftStore _store;

        public CheckpointHold(DriftStore store)
        {
            _store = store;
            Interlocked.Increment(ref store._waitingForCheckpoint);
            using IDisposable? hurry = store._throttle?.Hurry();
            store._checkpointLock.Enter();
            Interlocked.Decrement(ref store._waitingForCheckpoint);
        }

        public void Dispose() => _store._checkpointLock.Exit();
    }
}
