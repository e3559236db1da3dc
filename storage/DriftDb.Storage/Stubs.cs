using DriftDb.Types;

namespace DriftDb.Storage;

#pragma warning disable
public sealed partial class DriftStore
{
    public static partial DriftStore Open(string directory, StoreOptions? options) => throw new NotImplementedException();
    public partial long VisibleSequence { get => throw new NotImplementedException(); }
    public partial long DurableSequence { get => throw new NotImplementedException(); }
    public partial long VisibleLsn { get => throw new NotImplementedException(); }
    public partial long DurableLsn { get => throw new NotImplementedException(); }
    public partial long CatalogVersion { get => throw new NotImplementedException(); }
    public partial StorageTable? FindTable(long tableId) => throw new NotImplementedException();
    public partial IReadOnlyList<StorageTable> Tables { get => throw new NotImplementedException(); }
    public partial StorageIndex? FindIndex(long indexId) => throw new NotImplementedException();
    public partial StoreTransaction Begin(StoreIsolation isolation) => throw new NotImplementedException();
    public partial void OnDurable(long lsn, Action callback) => throw new NotImplementedException();
    public partial void WaitDurable(long lsn) => throw new NotImplementedException();
    public partial void PumpLog() => throw new NotImplementedException();
    public partial IReadOnlyList<StoredObject> Objects(long catalogVersion) => throw new NotImplementedException();
    public partial long CatalogVersionAt(long sequence) => throw new NotImplementedException();
    public partial long CatalogVersionAtTime(long timeMicros) => throw new NotImplementedException();
    public partial long SequenceAt(long timeMicros) => throw new NotImplementedException();
    public partial long TimeOfSequence(long sequence) => throw new NotImplementedException();
    public partial long LastCommitTime { get => throw new NotImplementedException(); }
    public partial int TransactionCount { get => throw new NotImplementedException(); }
    public partial CommittedTransaction TransactionAt(int index) => throw new NotImplementedException();
    public partial void AttachExtractor(StorageIndex index, KeyExtractor extractor) => throw new NotImplementedException();
    public partial long SequenceNext(long sequenceId) => throw new NotImplementedException();
    public partial void SequenceSet(long sequenceId, long value, bool isCalled) => throw new NotImplementedException();
    public partial (long Value, bool IsCalled, SequenceDefinition Definition)? SequenceState(long sequenceId) => throw new NotImplementedException();
    public partial void Checkpoint() => throw new NotImplementedException();
    public partial TableStatistics Analyze(StorageTable table) => throw new NotImplementedException();
    public partial void Dispose() { }
}

public sealed unsafe partial class StoreTransaction
{
    public partial ReadView View { get => throw new NotImplementedException(); }
    public partial ReadView BeginStatement() => throw new NotImplementedException();
    public partial PendingWait? PendingWait { get => throw new NotImplementedException(); }
    public partial bool HasWrites { get => throw new NotImplementedException(); }
    public partial WriteOutcome Insert(StorageTable table, byte* tuple) => throw new NotImplementedException();
    public partial WriteOutcome Update(StorageTable table, long rowId, byte* newTuple) => throw new NotImplementedException();
    public partial WriteOutcome Delete(StorageTable table, long rowId) => throw new NotImplementedException();
    public partial LockOutcome LockRow(StorageTable table, long rowId, RowLockMode mode, LockWait wait) => throw new NotImplementedException();
    public partial LockOutcome LockTable(StorageTable table, TableLockMode mode, LockWait wait) => throw new NotImplementedException();
    public partial WriteOutcome Truncate(StorageTable table) => throw new NotImplementedException();
    public partial WriteOutcome BulkInsert(StorageTable table, TupleBuffer rows) => throw new NotImplementedException();
    public partial TransactionMark Mark() => throw new NotImplementedException();
    public partial void RollbackTo(TransactionMark mark) => throw new NotImplementedException();
    public partial StorageTable? FindTable(long tableId) => throw new NotImplementedException();
    public partial TableDefinition DefinitionOf(StorageTable table) => throw new NotImplementedException();
    public partial IReadOnlyList<StorageIndex> IndexesOf(StorageTable table) => throw new NotImplementedException();
    public partial StorageTable CreateTable(TableDefinition definition) => throw new NotImplementedException();
    public partial void AlterTable(TableDefinition definition) => throw new NotImplementedException();
    public partial void DropTable(StorageTable table) => throw new NotImplementedException();
    public partial StorageIndex CreateIndex(IndexDefinition definition, KeyExtractor? extractor) => throw new NotImplementedException();
    public partial void DropIndex(StorageIndex index) => throw new NotImplementedException();
    public partial void PutSequence(SequenceDefinition definition) => throw new NotImplementedException();
    public partial void DropSequence(long sequenceId) => throw new NotImplementedException();
    public partial void PutObject(int kind, long id, ReadOnlyMemory<byte> payload) => throw new NotImplementedException();
    public partial void DeleteObject(int kind, long id) => throw new NotImplementedException();
    public partial IReadOnlyList<StoredObject> Objects() => throw new NotImplementedException();
    public partial CommitResult Commit(string user, string application, string? message) => throw new NotImplementedException();
    public partial void Rollback() => throw new NotImplementedException();
}

public sealed partial class StorageTable
{
    public partial TableDefinition Definition { get => throw new NotImplementedException(); }
    public partial TableDefinition? DefinitionAt(long catalogVersion) => throw new NotImplementedException();
    public partial IReadOnlyList<StorageIndex> Indexes { get => throw new NotImplementedException(); }
    public partial long LiveRowCount { get => throw new NotImplementedException(); }
    public partial long StoredVersionCount { get => throw new NotImplementedException(); }
    public partial TableScan Scan(ReadView view, ReadOnlySpan<int> columnIds, StoreTransaction? transaction, ReadOnlySpan<ZoneBound> bounds) => throw new NotImplementedException();
    public partial VectorSource ScanPeriod(ReadView view, PeriodKind kind, long fromSequence, long toSequence, ReadOnlySpan<int> columnIds) => throw new NotImplementedException();
    public partial bool TryGet(StorageIndex index, ReadOnlySpan<byte> key, ReadView view, StoreTransaction? transaction, out RowVersion row) => throw new NotImplementedException();
    public partial bool TryGet(StorageIndex index, long key, ReadView view, StoreTransaction? transaction, out RowVersion row) => throw new NotImplementedException();
    public partial bool TryGetRow(long rowId, ReadView view, StoreTransaction? transaction, out RowVersion row) => throw new NotImplementedException();
    public partial IReadOnlyList<RowVersion> VersionsOf(long rowId, ReadView view) => throw new NotImplementedException();
}

public sealed partial class StorageIndex
{
    public partial IndexDefinition Definition { get => throw new NotImplementedException(); }
    public partial StorageTable Table { get => throw new NotImplementedException(); }
    public partial bool IsUsable { get => throw new NotImplementedException(); }
    public partial VectorSource Scan(ReadView view, KeyRange range, ReadOnlySpan<int> columnIds, StoreTransaction? transaction, bool backward) => throw new NotImplementedException();
    public partial IReadOnlyList<long> RowIdsEver(ReadOnlySpan<byte> key) => throw new NotImplementedException();
}

public readonly unsafe partial struct RowVersion
{
    public partial long RowId { get => throw new NotImplementedException(); }
    public partial long BeginSequence { get => throw new NotImplementedException(); }
    public partial long EndSequence { get => throw new NotImplementedException(); }
    public partial bool IsNull(int columnId) => throw new NotImplementedException();
    public partial bool GetBool(int columnId) => throw new NotImplementedException();
    public partial short GetInt16(int columnId) => throw new NotImplementedException();
    public partial int GetInt32(int columnId) => throw new NotImplementedException();
    public partial long GetInt64(int columnId) => throw new NotImplementedException();
    public partial Int128 GetInt128(int columnId) => throw new NotImplementedException();
    public partial float GetFloat32(int columnId) => throw new NotImplementedException();
    public partial double GetFloat64(int columnId) => throw new NotImplementedException();
    public partial Interval GetInterval(int columnId) => throw new NotImplementedException();
    public partial Uuid GetUuid(int columnId) => throw new NotImplementedException();
    public partial ByteSlice GetBytes(int columnId) => throw new NotImplementedException();
    public partial void CopyTo(byte* tuple, TableDefinition definition) => throw new NotImplementedException();
}

