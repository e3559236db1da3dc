using System.Text;
using DriftDb.Types;

namespace DriftDb.Storage.Tests;

/// <summary>A row of the tests' table: id int, a bigint NULL, b text NULL.</summary>
public readonly record struct TestRow(int Id, long? A, string? B)
{
    /// <summary>From values by column id, as the independent readers give them.</summary>
    public static TestRow Of(IReadOnlyDictionary<int, object?> values) => new((int)(long)values[Rows.IdColumn]!, (long?)values.GetValueOrDefault(Rows.AColumn), (string?)values.GetValueOrDefault(Rows.BColumn));
}

/// <summary>Writes and reads test rows through the store's interfaces.</summary>
internal static unsafe class Rows
{
    public const int IdColumn = 1, AColumn = 2, BColumn = 3;

    public static readonly KeyColumn IdKey = new(IdColumn, SqlType.Int4), AKey = new(AColumn, SqlType.Int8), BKey = new(BColumn, SqlType.Text);

    public static TableDefinition Definition(long id = 1, string name = "t") =>
        new(id, "public", name, [new ColumnDefinition(IdColumn, "id", SqlType.Int4), new ColumnDefinition(AColumn, "a", SqlType.Int8), new ColumnDefinition(BColumn, "b", SqlType.Text)]);

    public static byte* Tuple(TupleBuffer buffer, TestRow row)
    {
        TupleLayout layout = buffer.Layout;
        byte* tuple = buffer.Append();
        *(int*)(tuple + layout.Offset(0)) = row.Id;
        if (row.A is { } a) *(long*)(tuple + layout.Offset(1)) = a;
        else TupleLayout.SetNull(tuple, 1);
        if (row.B is { } b) *(ByteSlice*)(tuple + layout.Offset(2)) = buffer.Arena.Copy(Encoding.UTF8.GetBytes(b));
        else TupleLayout.SetNull(tuple, 2);
        // Columns that schema changes have added.
        for (int i = 3; i < layout.ColumnCount; i++) TupleLayout.SetNull(tuple, i);
        GC.KeepAlive(buffer);
        return tuple;
    }

    public static WriteOutcome Insert(this StoreTransaction transaction, StorageTable table, TestRow row)
    {
        var buffer = new TupleBuffer(transaction.DefinitionOf(table).Layout);
        WriteOutcome outcome = transaction.Insert(table, Tuple(buffer, row));
        GC.KeepAlive(buffer); // the tuple lies in its pinned memory
        return outcome;
    }

    public static WriteOutcome Update(this StoreTransaction transaction, StorageTable table, long rowId, TestRow row)
    {
        var buffer = new TupleBuffer(transaction.DefinitionOf(table).Layout);
        WriteOutcome outcome = transaction.Update(table, rowId, Tuple(buffer, row));
        GC.KeepAlive(buffer);
        return outcome;
    }

    public static TestRow Read(in RowVersion version) => new(
        version.GetInt32(IdColumn), version.IsNull(AColumn) ? null : version.GetInt64(AColumn), version.IsNull(BColumn) ? null : version.GetBytes(BColumn).ToString());

    /// <summary>All rows that a source yields, with row id, begin and end.</summary>
    public static List<(TestRow Row, long RowId, long Begin, long End)> Drain(VectorSource source)
    {
        var rows = new List<(TestRow, long, long, long)>();
        using var vector = new ScanVector(6);
        while (source.Next(vector))
        {
            Assert.True(vector.Count > 0);
            for (int i = 0; i < vector.Count; i++)
            {
                int row = vector.Selection[i];
                long? a = IsNull(vector, 1, row) ? null : ((long*)vector.Data[1])[row];
                string? b = null;
                if (!IsNull(vector, 2, row))
                {
                    ulong entry = ((ulong*)vector.Data[2])[row];
                    b = Encoding.UTF8.GetString((byte*)vector.Heap[2] + (uint)entry, (int)(entry >> 32));
                }

                rows.Add((new TestRow(((int*)vector.Data[0])[row], a, b), ((long*)vector.Data[3])[row], ((long*)vector.Data[4])[row], ((long*)vector.Data[5])[row]));
            }
        }

        return rows;
    }

    public static readonly int[] AllColumns = [IdColumn, AColumn, BColumn, SystemColumn.RowId, SystemColumn.BeginSequence, SystemColumn.EndSequence];

    public static List<TestRow> Scan(StorageTable table, ReadView view, StoreTransaction? transaction = null) =>
        [.. Drain(table.Scan(view, AllColumns, transaction)).Select(row => row.Row).OrderBy(row => row.Id)];

    private static bool IsNull(ScanVector vector, int slot, int row) => vector.Validity[slot] != 0 && (((byte*)vector.Validity[slot])[row >> 3] & (1 << (row & 7))) == 0;
}

/// <summary>A store on a simulated disk with the tests' table: unique index on id (hash and tree), plain indexes on a and on (b, a descending).</summary>
internal sealed class TestStore : IDisposable
{
    public const long PrimaryKey = 11, ByA = 12, ByB = 13;

    public SimulatedFileSystem Disk { get; }

    public ManualClock Clock { get; } = new();

    public DriftStore Store { get; private set; }

    public TestStore(SimulatedFileSystem? disk = null, bool manual = true, long walFileBytes = 1 << 16, long segmentBytes = 64 << 20, int smallestChunkRows = 1024, long smallestIndexEra = 64, long memoryBytes = 1 << 16, long checkpointBytes = 0, int singleLocks = 1024)
    {
        Disk = disk ?? new SimulatedFileSystem();
        _options = new StoreOptions { FileSystem = Disk, Clock = Clock, Random = new SeededRandom(1), ManualLogWriter = manual, WalFileBytes = walFileBytes, SegmentBytes = segmentBytes, SmallestChunkRows = smallestChunkRows, SmallestIndexEra = smallestIndexEra, CheckpointBytes = checkpointBytes, SingleLocks = singleLocks, Memory = new MemoryBudget(memoryBytes), FailFast = (_, exception) => Failure = exception };
        Store = DriftStore.Open("", _options);
    }

    private readonly StoreOptions _options;

    public Exception? Failure { get; private set; }

    public StorageTable Table => Store.FindTable(1)!;

    public StorageIndex Index(long id) => Store.FindIndex(id)!;

    public void CreateTable(Interval? historyRetention = null)
    {
        using StoreTransaction transaction = Store.Begin();
        transaction.CreateTable(Rows.Definition() with { HistoryRetention = historyRetention });
        transaction.CreateIndex(new IndexDefinition(PrimaryKey, 1, "t_pkey", [Rows.IdKey], IsUnique: true));
        transaction.CreateIndex(new IndexDefinition(ByA, 1, "t_a", [Rows.AKey], IsUnique: false));
        transaction.CreateIndex(new IndexDefinition(ByB, 1, "t_b", [Rows.BKey with { NullsFirst = true }, Rows.AKey with { Descending = true }], IsUnique: false));
        Store.WaitDurable(transaction.Commit().Lsn);
    }

    public void Restart(bool ignoreSnapshots = false)
    {
        Store.PumpLog();
        Store.Dispose();
        Store = DriftStore.Open("", _options with { IgnoreSnapshots = ignoreSnapshots });
    }

    public void Dispose() => Store.Dispose();
}
