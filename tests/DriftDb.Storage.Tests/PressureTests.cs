using DriftDb.Types;

namespace DriftDb.Storage.Tests;

/// <summary>Transactions larger than the memory for what isn't saved yet: their chunks leave memory while they are applied, and whatever happens then nothing of them is lost, and nothing is there by half.</summary>
public sealed class PressureTests
{
    private const int Count = 20_000;

    [Fact]
    public void Chunks_that_no_checkpoint_has_leave_memory_and_are_read_again()
    {
        using TestStore test = Loaded();
        Assert.NotEmpty(SpilledFiles(test));
        Assert.True(test.Store.Memory.Unsaved.UsedBytes < Count);
        AssertRows(test);
    }

    [Fact]
    public void A_checkpoint_takes_spilled_chunks_over_and_their_files_go()
    {
        using TestStore test = Loaded();
        test.Store.Checkpoint();
        Assert.Empty(SpilledFiles(test));
        AssertRows(test);
        test.Restart();
        Assert.Empty(test.Store.RecoveryNotes);
        AssertRows(test);
    }

    [Fact]
    public void After_a_crash_the_log_has_what_was_spilled()
    {
        using TestStore test = Loaded();
        using var after = new TestStore(test.Disk.AfterCrash(new Random(1)));
        AssertRows(after);
        after.Store.Checkpoint();
        AssertRows(after);
    }

    [Fact]
    public void Ends_in_spilled_and_saved_chunks_are_kept()
    {
        using TestStore test = Loaded();
        long loaded = test.Store.VisibleSequence;
        var random = new Random(5);
        var ended = new HashSet<int>();
        for (int round = 0; round < 6; round++)
        {
            using StoreTransaction transaction = test.Store.Begin();
            for (int i = 0; i < 200; i++)
            {
                int row = random.Next(Count);
                if (ended.Add(row)) Assert.True(transaction.Delete(test.Table, row).IsDone);
            }

            test.Store.WaitDurable(transaction.Commit().Lsn);
            // Everything is read in between, so that ends leave memory and come back between the rounds.
            Assert.Equal(Count - ended.Count, Rows.Scan(test.Table, test.Store.LatestView).Count);
            if (round % 2 == 1) test.Store.Checkpoint();
        }

        Assert.DoesNotContain(Rows.Scan(test.Table, test.Store.LatestView), row => ended.Contains(row.Id));
        Assert.Equal(Count, Rows.Scan(test.Table, new ReadView(loaded, loaded)).Count);
        test.Restart();
        Assert.Equal(Count - ended.Count, Rows.Scan(test.Table, test.Store.LatestView).Count);
        Assert.Equal(Count, Rows.Scan(test.Table, new ReadView(loaded, loaded)).Count);
    }

    [Fact]
    public void A_disk_that_refuses_temporary_files_does_not_end_the_commit()
    {
        using var test = new TestStore();
        test.CreateTable();
        using StoreTransaction load = test.Store.Begin();
        Insert(load, test.Table);
        (test.Disk.Fault, test.Disk.FailAt, test.Disk.FailsForGood) = (DiskFault.NoSpace, test.Disk.Operations, true);
        long lsn = load.Commit().Lsn;
        Assert.True(test.Disk.HasFailed);
        (test.Disk.FailAt, test.Disk.FailsForGood) = (-1, false);
        test.Store.WaitDurable(lsn);
        Assert.Null(test.Failure);
        AssertRows(test);
    }

    /// <summary>The log writes a large transaction in several parts, with one sync behind them.</summary>
    [Fact]
    public void A_transaction_of_several_parts_is_there_as_a_whole_or_not_at_all()
    {
        int before = 0, whole = 0;
        for (int call = 0; whole == 0; call++)
        {
            using var test = new TestStore(memoryBytes: 1L << 30);
            test.CreateTable();
            using StoreTransaction load = test.Store.Begin();
            Insert(load, test.Table, new string('x', 100));
            test.Disk.CrashAt = test.Disk.Operations + call;
            bool isAcknowledged = false;
            try
            {
                test.Store.WaitDurable(load.Commit().Lsn);
                isAcknowledged = test.Failure is null;
            }
            catch (Exception exception) when (exception is SimulatedCrashException or SqlException { SqlState: SqlState.IoError })
            {
                // The disk is gone: what counts is what is there afterwards.
            }

            using var after = new TestStore(test.Disk.AfterCrash(new Random(call)), memoryBytes: 1L << 30);
            int found = Rows.Scan(after.Table, after.Store.LatestView).Count;
            Assert.True(found == Count || (found == 0 && !isAcknowledged), $"call {call}: {found} rows, acknowledged: {isAcknowledged}");
            if (isAcknowledged) whole++;
            else before++;
        }

        // The batch frame, four parts of half a megabyte, the rest, the sync.
        Assert.True(before >= 6, $"{before} calls");
    }

    /// <summary>Frames and transactions that a window cuts anywhere.</summary>
    [Theory]
    [InlineData(64)]
    [InlineData(1_000)]
    [InlineData(1 << 20)]
    public void A_log_reads_the_same_through_any_window(int windowBytes)
    {
        using var test = new TestStore(walFileBytes: 1 << 24);
        test.CreateTable();
        for (int i = 0; i < 50; i++)
        {
            using StoreTransaction transaction = test.Store.Begin();
            for (int k = 0; k < i; k++) transaction.Insert(test.Table, new TestRow(i * 100 + k, i, new string('y', i * 7)));
            test.Store.WaitDurable(transaction.Commit().Lsn);
        }

        (string path, FileHeader header) = WalReader.Find(test.Disk, 0)[^1];
        using var file = new LogFileReader(windowBytes);
        file.Open(test.Disk, path, header);
        var counts = new List<int>();
        long end = WalReader.Read(file, -1, transaction =>
        {
            transaction.ReadLast(out Frame last, out _);
            long sequence = last.Sequence;
            int events = 0;
            transaction.ReadEvents((in Frame frame, ReadOnlyMemory<byte> payload) =>
            {
                events++;
                Assert.True(frame.Sequence <= sequence);
                Assert.Equal(frame.Payload.Length, payload.Length);
            });
            counts.Add(events);
        });
        Assert.Equal(Enumerable.Range(1, 49), counts.TakeLast(49));
        Assert.False(file.HasContent(end));
    }

    /// <summary>Entries, numbers and locks of changed rows are packed: a transaction changes far more rows than its share would have room for if each had objects of its own.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void All_rows_of_a_table_are_changed_in_one_transaction(bool commits)
    {
        const int rows = 60_000;
        using TestStore test = Loaded(rows);
        using (StoreTransaction transaction = test.Store.Begin())
        {
            for (int i = 0; i < rows; i++) Assert.True(i % 3 == 0 ? transaction.Delete(test.Table, i).IsDone : transaction.Update(test.Table, i, new TestRow(i, -i, "c")).IsDone);
            if (commits) test.Store.WaitDurable(transaction.Commit().Lsn);
            else transaction.Rollback();
        }

        Assert.Equal(0, test.Store.Memory.Writes.UsedBytes);
        IEnumerable<TestRow> expected = Enumerable.Range(0, rows).Where(i => !commits || i % 3 != 0).Select(i => commits ? new TestRow(i, -i, "c") : new TestRow(i, i, "b" + i));
        Assert.Equal(expected, Rows.Scan(test.Table, test.Store.LatestView).OrderBy(row => row.Id));
    }

    private static TestStore Loaded(int count = Count)
    {
        var test = new TestStore();
        test.CreateTable();
        using StoreTransaction load = test.Store.Begin();
        Insert(load, test.Table, "b", count);
        test.Store.WaitDurable(load.Commit().Lsn);
        return test;
    }

    private static unsafe void Insert(StoreTransaction load, StorageTable table, string text = "b", int count = Count)
    {
        var buffer = new TupleBuffer(table.Definition.Layout);
        for (int i = 0; i < count; i++) Rows.Tuple(buffer, new TestRow(i, i, text + i));
        Assert.True(load.BulkInsert(table, buffer).IsDone);
    }

    private static List<string> SpilledFiles(TestStore test) => [.. test.Disk.List(TemporaryFiles.Directory).Where(name => name.EndsWith(".snap", StringComparison.Ordinal))];

    private static void AssertRows(TestStore test) => Assert.Equal(Enumerable.Range(0, Count).Select(i => new TestRow(i, i, "b" + i)), Rows.Scan(test.Table, test.Store.LatestView).OrderBy(row => row.Id));

    /// <summary>A load that waits until a checkpoint has made room has no address into the store: what others read meanwhile may go.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_waits_for_room_keeps_nothing_in_memory(bool commits)
    {
        using var checkpoint = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var disk = new SimulatedFileSystem { Created = path =>
        {
            if (!path.EndsWith(".snap", StringComparison.Ordinal) || path.StartsWith("tmp/", StringComparison.Ordinal)) return;
            checkpoint.Set();
            goOn.Wait();
        } };
        using var test = new TestStore(disk, manual: false, checkpointBytes: 1 << 14, memoryBytes: 1 << 20);
        test.CreateTable();
        using (StoreTransaction first = test.Store.Begin())
        {
            Load(test, first, 0);
            test.Store.WaitDurable(first.Commit().Lsn);
        }

        checkpoint.Wait();
        using StoreTransaction second = test.Store.Begin();
        Load(test, second, 4096);
        long lsn = -1;
        var waiting = new Thread(() =>
        {
            if (!commits) second.PassSafePoint();
            lsn = second.Commit().Lsn;
        });
        waiting.Start();
        var read = new Retired();
        test.Store.Epochs.Retire(read);
        Assert.True(SpinWait.SpinUntil(() =>
        {
            test.Store.Epochs.Exit(test.Store.Epochs.Enter());
            return read.IsDisposed;
        }, 20_000));
        Assert.True(waiting.IsAlive);
        goOn.Set();
        waiting.Join();
        test.Store.WaitDurable(lsn);
        Assert.Equal(8192, Rows.Scan(test.Table, test.Store.LatestView).Count);
    }

    private static unsafe void Load(TestStore test, StoreTransaction transaction, int firstId)
    {
        var buffer = new TupleBuffer(test.Table.Definition.Layout);
        for (int i = 0; i < 4096; i++) Rows.Tuple(buffer, new TestRow(firstId + i, i, "some text of a row"));
        transaction.BulkInsert(test.Table, buffer);
    }

    private sealed class Retired : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
