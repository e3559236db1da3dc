namespace DriftDb.Storage;

/// <summary>A database's store: one data directory, one process.</summary>
public sealed partial class DriftStore : IDisposable
{
    /// <summary>Opens or creates the data directory and recovers. Throws 55006 when another process has it, XX001 when it is corrupt.</summary>
    public static partial DriftStore Open(string directory, StoreOptions? options = null);

    /// <summary>A store without a log and without files, gone when it is let go: for the temporary tables of one session. A commit is durable at once, as there is nothing to lose.</summary>
    public static partial DriftStore OpenVolatile(IClock clock);

    /// <summary>Whether it is one of <see cref="OpenVolatile"/>.</summary>
    public partial bool IsVolatile { get; }

    /// <summary>Where its times come from.</summary>
    public partial IClock Clock { get; }

    /// <summary>What recovery did beyond the ordinary: a torn tail cut off, a damaged snapshot passed over.</summary>
    public partial IReadOnlyList<string> RecoveryNotes { get; }

    /// <summary>Sequence of the newest event that readers see.</summary>
    public partial long VisibleSequence { get; }

    /// <summary>Sequence of the newest event that a crash can't take away.</summary>
    public partial long DurableSequence { get; }

    /// <summary>Log position behind the newest visible commit.</summary>
    public partial long VisibleLsn { get; }

    public partial long DurableLsn { get; }

    /// <summary>Counts commits that changed any definition or object; a cheap check for cached plans.</summary>
    public partial long CatalogVersion { get; }

    /// <summary>The view of a reader without a transaction.</summary>
    public ReadView LatestView
    {
        get
        {
            long sequence = VisibleSequence;
            return new ReadView(sequence, sequence);
        }
    }

    /// <summary>The committed table with this id, dropped ones too (for the past); null when there never was one.</summary>
    public partial StorageTable? FindTable(long tableId);

    /// <summary>All committed tables that aren't dropped.</summary>
    public partial IReadOnlyList<StorageTable> Tables { get; }

    public partial StorageIndex? FindIndex(long indexId);

    public partial StoreTransaction Begin(StoreIsolation isolation = StoreIsolation.ReadCommitted);

    /// <summary>
    /// Calls back once everything up to the log position is durable: inline when it already is, otherwise on the log-writer thread, which must not be held up.
    /// </summary>
    public partial void OnDurable(long lsn, Action callback);

    /// <summary>Blocks until the position is durable; for embedded use.</summary>
    public partial void WaitDurable(long lsn);

    /// <summary>With <see cref="StoreOptions.ManualLogWriter"/>: writes and syncs what waits, and runs the callbacks.</summary>
    public partial void PumpLog();

    /// <summary>The compiler's catalog objects (kinds from 16) as of a catalog version, by kind and id.</summary>
    public partial IReadOnlyList<StoredObject> Objects(long catalogVersion = long.MaxValue);

    /// <summary>The catalog version in force when this event was committed: changes of its own transaction count, later ones under the same number don't.</summary>
    public partial long CatalogVersionAt(long sequence);

    /// <summary>The catalog version in force at this time (µs since 2000): exact even between two schema changes without events between them.</summary>
    public partial long CatalogVersionAtTime(long timeMicros);

    /// <summary>The last sequence committed at or before this time (µs since 2000); 0 before the first.</summary>
    public partial long SequenceAt(long timeMicros);

    /// <summary>Commit time (µs since 2000) of the transaction that has this event; <see cref="long.MaxValue"/> for <see cref="long.MaxValue"/>, 0 for 0.</summary>
    public partial long TimeOfSequence(long sequence);

    /// <summary>Commit time of the newest commit, µs since 2000; 0 when there is none.</summary>
    public partial long LastCommitTime { get; }

    /// <summary>Committed transactions, by commit order: count and access, for <c>drift.transactions</c>.</summary>
    public partial int TransactionCount { get; }

    public partial CommittedTransaction TransactionAt(int index);

    /// <summary>Gives an index its extractor after a start, and builds it.</summary>
    public partial void AttachExtractor(StorageIndex index, KeyExtractor extractor);

    /// <summary>
    /// The next value; not undone by a rollback. Durable no later than any commit made after it; the transaction given is acknowledged only when it is durable, even if it wrote nothing.
    /// Throws 2200H at the end of the range.
    /// </summary>
    public partial long SequenceNext(long sequenceId, StoreTransaction? transaction = null);

    /// <summary>setval: the next value is <paramref name="value"/>, or the one behind it when <paramref name="isCalled"/>.</summary>
    public partial void SequenceSet(long sequenceId, long value, bool isCalled = true, StoreTransaction? transaction = null);

    /// <summary>The sequence's last value, whether it has been given out, and its definition; null when there is no such sequence.</summary>
    public partial (long Value, bool IsCalled, SequenceDefinition Definition)? SequenceState(long sequenceId);

    /// <summary>Moves what is committed into the tables' segments, publishes a MANIFEST and recycles the WAL. Writers go on meanwhile.</summary>
    public partial void Checkpoint();

    /// <summary>Merges a table's segments frame by frame, and its snapshots, after a checkpoint. Throws XX001, changing nothing, when the events wouldn't be the same. Readers and writers go on meanwhile.</summary>
    public partial CompactionResult Compact(StorageTable table);

    /// <summary>
    /// Moves the table's floor up to the last commit that is older than the table keeps its history (nothing when it keeps it for ever), and drops what ended at or below the floor from memory, snapshots and segments.
    /// Readers and writers go on meanwhile; who reads below the floor gets 72000.
    /// </summary>
    public partial RetentionResult ApplyRetention(StorageTable table);

    /// <summary>
    /// Commits the transaction with the erasure of these rows: they go from every moment at once, and from every file before this returns. The transaction has the table for itself (ACCESS EXCLUSIVE).
    /// </summary>
    public partial CommitResult Erase(StoreTransaction transaction, StorageTable table, RowIdSet rows, string user, string application);

    /// <summary>All erasures, oldest first.</summary>
    public partial IReadOnlyList<Erasure> Erasures { get; }

    /// <summary>How the work in the background has gone.</summary>
    public partial IReadOnlyList<MaintenanceStatus> Maintenance { get; }

    /// <summary>Does what is due now, as the thread in the background does every quarter of a second.</summary>
    public partial void RunMaintenance();

    /// <summary>Computes a table's statistics by reading it (ANALYZE).</summary>
    public partial TableStatistics Analyze(StorageTable table);

    /// <summary>Waits for the log and closes, with a checkpoint when there is much log that the next start would replay.</summary>
    public partial void Dispose();
}
