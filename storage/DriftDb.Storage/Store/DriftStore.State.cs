using System.Collections.Concurrent;
using DriftDb.Types;

namespace DriftDb.Storage;

public sealed partial class DriftStore
{
    /// <summary>Log that a start after a clean shutdown may replay.</summary>
    private const long LargestReplayBytes = 4 << 20;

    private readonly StoreOptions _options;
    private readonly IFileSystem _files;
    private readonly IDisposable? _directoryLock;
    private readonly ConcurrentDictionary<long, StorageTable> _tables = new();
    private readonly ConcurrentDictionary<long, StorageIndex> _indexes = new();
    private readonly ConcurrentDictionary<long, SequenceDefinition> _sequenceDefinitions = new();
    private readonly ObjectStore _objects = new();
    private readonly CommitLog _commits = new();
    private readonly Lock _commitLock = new();
    private WriteAheadLog? _log;
    private long _visibleSequence, _visibleLsn, _catalogVersion, _nextTransactionId, _lastCommitTime;
    private bool _isDisposed;

    private DriftStore(StoreOptions options, IFileSystem files, IDisposable? directoryLock)
    {
        _options = options;
        _files = files;
        _directoryLock = directoryLock;
        Sequences = new SequenceStates(LogSequence);
        Locks = new LockTable(options.SingleLocks);
        ChunkHeapBytes = (int)Math.Clamp(options.Memory.LengthBytes / PiecesInBudget, SmallestHeapBytes, LargestHeapBytes);
        if (!IsVolatile) Temporary = new TemporaryFiles(files);
    }

    internal LockTable Locks { get; }

    internal int SmallestChunkRows => _options.SmallestChunkRows;

    internal ReaderEpochs Epochs { get; } = new();

    internal ChunkCache Cache => _options.Memory.Cache;

    public MemoryBudget Memory => _options.Memory;

    /// <summary>Where statements put rows that outgrow memory; null for a store without files.</summary>
    public TemporaryFiles? Temporary { get; }

    /// <summary>A reader without a transaction begins to look at rows; give what this returns to <see cref="EndReading"/>.</summary>
    public int BeginReading() => Epochs.Enter();

    /// <summary>It has no address into the store at this moment, other than by scans.</summary>
    public void PassSafePoint(ref int reading) => Epochs.Refresh(ref reading);

    public void EndReading(int reading) => Epochs.Exit(reading);

    public partial IReadOnlyList<string> RecoveryNotes => _recoveryNotes;

    internal SequenceStates Sequences { get; }

    public partial long VisibleSequence => Volatile.Read(ref _visibleSequence);

    public partial long VisibleLsn => Volatile.Read(ref _visibleLsn);

    public partial IClock Clock => _options.Clock;

    public partial bool IsVolatile => ReferenceEquals(_files, NoFiles.Instance);

    public partial long DurableSequence => IsVolatile ? VisibleSequence : _log!.DurableSequence;

    public partial long DurableLsn => IsVolatile ? long.MaxValue : _log!.DurableLsn;

    public partial long CatalogVersion => Volatile.Read(ref _catalogVersion);

    public partial long LastCommitTime => Volatile.Read(ref _lastCommitTime);

    public partial StorageTable? FindTable(long tableId) => _tables.GetValueOrDefault(tableId);

    public partial IReadOnlyList<StorageTable> Tables => [.. _tables.Values.Where(table => !table.IsDropped).OrderBy(table => table.Id)];

    /// <summary>Dropped ones too.</summary>
    internal IEnumerable<StorageTable> AllTables => _tables.Values.OrderBy(table => table.Id);

    public partial StorageIndex? FindIndex(long indexId) => _indexes.GetValueOrDefault(indexId);

    public partial StoreTransaction Begin(StoreIsolation isolation) => new(this, Interlocked.Increment(ref _nextTransactionId), isolation);

    public partial void OnDurable(long lsn, Action callback)
    {
        if (Faults.AcknowledgeEarly || IsVolatile) callback();
        else _log!.OnDurable(lsn, callback);
    }

    public partial void WaitDurable(long lsn)
    {
        if (lsn <= DurableLsn) return;
        if (_options.ManualLogWriter)
        {
            PumpLog();
            if (lsn > DurableLsn) throw new SqlException(SqlState.IoError, "the write-ahead log has failed; the database must be restarted");
            return;
        }

        using var durable = new ManualResetEventSlim();
        _log!.OnDurable(lsn, durable.Set);
        durable.Wait();
    }

    public partial void PumpLog() => _log?.Flush();

    public partial IReadOnlyList<StoredObject> Objects(long catalogVersion) => _objects.At(catalogVersion, ObjectKind.FirstForeign);

    // A change made after the event carries the same number: the time of the event's own commit tells the two apart.
    public partial long CatalogVersionAt(long sequence) => sequence <= 0 ? 0 : _objects.VersionAtTime(_commits.TimeOf(sequence));

    public partial long CatalogVersionAtTime(long timeMicros) => _objects.VersionAtTime(timeMicros);

    public partial long SequenceAt(long timeMicros) => _commits.SequenceAt(timeMicros);

    public partial long TimeOfSequence(long sequence) => sequence == long.MaxValue ? long.MaxValue : _commits.TimeOf(sequence);

    /// <summary>The commit that has this event.</summary>
    internal CommittedTransaction CommitOf(long sequence) => _commits[_commits.CommitOf(sequence, 0)];

    public partial int TransactionCount => _commits.Count;

    public partial CommittedTransaction TransactionAt(int index) => _commits[index];

    public partial void AttachExtractor(StorageIndex index, KeyExtractor extractor)
    {
        lock (_commitLock)
        {
            if (!index.IsUsable) index.Attach(extractor);
        }
    }

    public partial long SequenceNext(long sequenceId, StoreTransaction? transaction)
    {
        long value = Sequences.Next(sequenceId, out long lsn);
        transaction?.NoteRead(lsn);
        return value;
    }

    public partial void SequenceSet(long sequenceId, long value, bool isCalled, StoreTransaction? transaction)
    {
        long lsn = Sequences.Set(sequenceId, value, isCalled);
        transaction?.NoteRead(lsn);
    }

    public partial (long Value, bool IsCalled, SequenceDefinition Definition)? SequenceState(long sequenceId) => Sequences.Read(sequenceId);

    public static partial DriftStore OpenVolatile(IClock clock) => new(new StoreOptions { Clock = clock, CheckpointBytes = 0 }, NoFiles.Instance, null);

    internal SequenceDefinition? CommittedSequence(long id) => _sequenceDefinitions.GetValueOrDefault(id);

    internal void TransactionEnded(StoreTransaction transaction) => _ = transaction;

    public partial void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        StopMaintenance();
        StopSpilling();
        try
        {
            if (_options.CheckpointBytes > 0 && !_isManifestUncertain && _log is { IsPoisoned: false } log
                && (log.WrittenBytes - _checkpointedBytes > LargestReplayBytes || _indexes.Values.Any(index => index.HasUnpublishedFiles))) Checkpoint();
        }
        finally
        {
            CloseLog();
            CloseFiles();
            _directoryLock?.Dispose();
        }
    }

    private void CloseLog()
    {
        try
        {
            if (!_options.ManualLogWriter) _log?.Flush();
            _log?.WriteClosingFrame();
        }
        catch (IOException)
        {
            // Nothing that was acknowledged depends on it; the next start takes the end for torn.
        }
    }

    private void CloseFiles()
    {
        _log?.Dispose();
        foreach (StorageTable table in _tables.Values) table.Close();
        foreach (StorageIndex index in _indexes.Values) index.Close();
    }
}
