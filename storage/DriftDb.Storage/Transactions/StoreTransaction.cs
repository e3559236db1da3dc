using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// A transaction: a private write set over a snapshot. Used by one thread at a time. Nothing it does reaches the shared store before <see cref="Commit"/>; no method blocks.
/// </summary>
public sealed unsafe partial class StoreTransaction : IDisposable
{
    public long Id { get; }

    public StoreIsolation Isolation { get; }

    /// <summary>For deadlock messages and pg_locks; the session's process id.</summary>
    public int ProcessId { get; set; }

    /// <summary>What the running statement sees. READ COMMITTED takes a new one at each <see cref="BeginStatement"/>; the other levels keep the first.</summary>
    public partial ReadView View { get; }

    /// <summary>Starts a statement and gives its view.</summary>
    public partial ReadView BeginStatement();

    /// <summary>
    /// Starts the statement again, after a wait or a change. Where a row was in the way, READ COMMITTED keeps the snapshot and re-evaluates that row alone, as PostgreSQL does (documentation, 13.2.1): the statement sees it as it
    /// is now. Where a key or a table was, the statement gets a new snapshot.
    /// </summary>
    public partial ReadView RetryStatement();

    /// <summary>
    /// What the transaction writes from here on is for later statements to see: neither the parts of this one, nor scans that it begins later, see what it writes itself or what functions that it calls write.
    /// Writes themselves always meet the newest rows. Until <see cref="SeeAll"/>, or the next statement.
    /// </summary>
    public partial void SeeNoMore();

    /// <summary>Reads see all that the transaction has written.</summary>
    public partial void SeeAll();

    /// <summary>
    /// Statements begin within the running one: a function that it calls has some. They have views and re-evaluations of their own; while they run no memory is let go that the outer one may have addresses in. Gives what
    /// <see cref="LeaveStatement"/> needs.
    /// </summary>
    public partial OuterStatement EnterStatement();

    /// <summary>The outer statement goes on, with its own view.</summary>
    public partial void LeaveStatement(in OuterStatement outer);

    /// <summary>The wait behind the last MustWait; null when there is none.</summary>
    public partial PendingWait? PendingWait { get; }

    /// <summary>Whether it has emptied the table by TRUNCATE.</summary>
    public partial bool HasTruncated(StorageTable table);

    /// <summary>Whether it has written or changed anything.</summary>
    public partial bool HasWrites { get; }

    // ---- Rows. Tuples have the layout DefinitionOf(table).Layout; they are copied, bytes too. ----

    /// <summary>Inserts a row. Checks unique keys; NOT NULL, CHECK and foreign keys are the caller's.</summary>
    public partial WriteOutcome Insert(StorageTable table, byte* tuple);

    /// <summary>Gives the row new values. Columns equal to the old version's are found here and not logged.</summary>
    public partial WriteOutcome Update(StorageTable table, long rowId, byte* newTuple);

    public partial WriteOutcome Delete(StorageTable table, long rowId);

    /// <summary>SELECT … FOR UPDATE and its like; also what a foreign key's check takes on the parent. Throws 55P03 under NOWAIT.</summary>
    public partial LockOutcome LockRow(StorageTable table, long rowId, RowLockMode mode, LockWait wait = LockWait.Wait);

    /// <summary>Throws 55P03 under NOWAIT. Readers take none: they only compare the catalog version.</summary>
    public partial LockOutcome LockTable(StorageTable table, TableLockMode mode, LockWait wait = LockWait.Wait);

    /// <summary>Ends all rows in one event. Takes ACCESS EXCLUSIVE.</summary>
    public partial WriteOutcome Truncate(StorageTable table);

    /// <summary>
    /// Inserts all rows of the buffer; its layout must be the table's. The buffer, and whatever its rows' bytes lie in (usually its arena), belongs to the transaction afterwards. All or nothing: on a violation or a wait none is written.
    /// </summary>
    public partial WriteOutcome BulkInsert(StorageTable table, TupleBuffer rows);

    // ---- Savepoints; every statement has an implicit one ----

    public partial TransactionMark Mark();

    /// <summary>Takes back what came after the mark, but for locks: a statement that is run again keeps what it has waited for.</summary>
    public partial void RollbackTo(TransactionMark mark);

    /// <summary>Takes back what came after the mark, row and key locks as well.</summary>
    public partial void RollbackToSavepoint(TransactionMark mark);

    // ---- Definitions: visible to this transaction, to others after commit. ----

    /// <summary>The table with this id as this transaction sees it; null when there is none or it is dropped.</summary>
    public partial StorageTable? FindTable(long tableId);

    public partial TableDefinition DefinitionOf(StorageTable table);

    /// <summary>The table's indexes as this transaction sees them.</summary>
    public partial IReadOnlyList<StorageIndex> IndexesOf(StorageTable table);

    /// <summary>Creates a table. Its id must never have been used.</summary>
    public partial StorageTable CreateTable(TableDefinition definition);

    /// <summary>Adds, drops or renames columns, or renames the table: instant. The caller holds ACCESS EXCLUSIVE.</summary>
    public partial void AlterTable(TableDefinition definition);

    /// <summary>The table's data stay for the past. The caller holds ACCESS EXCLUSIVE.</summary>
    public partial void DropTable(StorageTable table);

    /// <summary>Builds an index over the table's rows and their history. The caller holds SHARE. Throws 23505 when current rows share a key.</summary>
    public partial StorageIndex CreateIndex(IndexDefinition definition, KeyExtractor? extractor = null);

    public partial void DropIndex(StorageIndex index);

    /// <summary>Creates a sequence or changes its definition.</summary>
    public partial void PutSequence(SequenceDefinition definition);

    public partial void DropSequence(long sequenceId);

    /// <summary>Creates or replaces a catalog object of the compiler's; kinds from 16.</summary>
    public partial void PutObject(int kind, long id, ReadOnlyMemory<byte> payload);

    public partial void DeleteObject(int kind, long id);

    /// <summary>The catalog objects as this transaction sees them: the newest committed ones with its own changes. Order: by kind and id.</summary>
    public partial IReadOnlyList<StoredObject> Objects();

    // ---- The end ----

    /// <summary>
    /// Logs, applies and publishes the write set, and releases the locks. Others see it at once; acknowledge it only when <see cref="CommitResult.Lsn"/> is durable.
    /// </summary>
    public partial CommitResult Commit(string user = "", string application = "", string? message = null);

    /// <summary>Drops the write set and releases the locks. Nothing of it was anywhere else.</summary>
    public partial void Rollback();

    /// <summary>Rolls back if not committed.</summary>
    public void Dispose() => Rollback();
}
