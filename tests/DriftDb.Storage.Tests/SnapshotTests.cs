using DriftDb.Types;

namespace DriftDb.Storage.Tests;

/// <summary>Starting from snapshots: nothing is read before it is needed, what is read is right, and a damaged or missing snapshot costs time, never rows.</summary>
public sealed class SnapshotTests
{
    [Fact]
    public void A_start_reads_no_chunk_before_it_is_asked_for()
    {
        using TestStore test = Filled(out List<(ReadView View, List<TestRow> Rows)> remembered);
        long loads = test.Store.Cache.Loads;
        test.Restart();
        Assert.Empty(test.Store.RecoveryNotes);
        Assert.Equal(loads, test.Store.Cache.Loads);
        foreach ((ReadView view, List<TestRow> rows) in remembered) Assert.Equal(rows, Rows.Scan(test.Table, view));
        Assert.True(test.Store.Cache.Loads > loads);
        Assert.True(test.Store.Cache.EvictedBytes > 0);
    }

    [Fact]
    public void A_snapshot_and_a_replay_of_all_segments_agree()
    {
        using TestStore test = Filled(out List<(ReadView View, List<TestRow> Rows)> remembered);
        var expected = Rows.Drain(test.Table.ScanPeriod(test.Store.LatestView, PeriodKind.All, 0, 0, Rows.AllColumns)).OrderBy(row => row.Begin).ToList();
        test.Restart(ignoreSnapshots: true);
        Assert.Equal(expected, Rows.Drain(test.Table.ScanPeriod(test.Store.LatestView, PeriodKind.All, 0, 0, Rows.AllColumns)).OrderBy(row => row.Begin));
        foreach ((ReadView view, List<TestRow> rows) in remembered) Assert.Equal(rows, Rows.Scan(test.Table, view));
    }

    [Fact]
    public void A_missing_snapshot_is_made_again_from_the_segments()
    {
        using TestStore test = Filled(out List<(ReadView View, List<TestRow> Rows)> remembered);
        foreach (string name in test.Disk.List("tables/t/snapshots")) test.Disk.Delete($"tables/t/snapshots/{name}");
        test.Restart();
        Assert.Contains("the file is missing", Assert.Single(test.Store.RecoveryNotes), StringComparison.Ordinal);
        foreach ((ReadView view, List<TestRow> rows) in remembered) Assert.Equal(rows, Rows.Scan(test.Table, view));
        Change(test, 7);
        test.Store.Checkpoint();
        List<TestRow> now = Rows.Scan(test.Table, test.Store.LatestView);
        test.Restart();
        Assert.Empty(test.Store.RecoveryNotes);
        Assert.Equal(now, Rows.Scan(test.Table, test.Store.LatestView));
    }

    [Fact]
    public unsafe void The_row_directory_leaves_memory_and_comes_back()
    {
        using var test = new TestStore(memoryBytes: 1 << 20);
        test.CreateTable();
        var random = new Random(11);
        const int Count = 3 * RowDirectory.SegmentRows;
        using (StoreTransaction load = test.Store.Begin())
        {
            var buffer = new TupleBuffer(test.Table.Definition.Layout);
            for (int i = 0; i < Count; i++) Rows.Tuple(buffer, new TestRow(i, i, null));
            load.BulkInsert(test.Table, buffer);
            load.Commit();
        }

        long[] expected = [.. Enumerable.Range(0, Count).Select(i => (long)i)];
        for (int round = 0; round < 6; round++)
        {
            if (round % 2 == 0) test.Store.Checkpoint();
            if (round % 3 == 2) test.Restart();
            using (StoreTransaction change = test.Store.Begin())
            {
                // Rows of one segment: the others are as the snapshot has them.
                for (int i = 0; i < 50; i++)
                {
                    int id = round % 3 * RowDirectory.SegmentRows + random.Next(RowDirectory.SegmentRows);
                    Assert.True(test.Table.TryGet(test.Index(TestStore.PrimaryKey), id, change.View, change, out RowVersion row));
                    change.Update(test.Table, row.RowId, new TestRow(id, expected[id] += Count, null));
                }

                change.Commit();
            }

            ReadView view = test.Store.LatestView;
            for (int i = 0; i < 300; i++)
            {
                int id = random.Next(Count);
                Assert.True(test.Table.TryGet(test.Index(TestStore.PrimaryKey), id, view, null, out RowVersion row));
                Assert.Equal(expected[id], row.GetInt64(Rows.AColumn));
            }
        }

        Assert.Empty(new TableCheck(test.Table).Run());
    }

    [Fact]
    public async Task An_index_is_built_while_commits_go_on()
    {
        using TestStore test = Filled(out _);
        for (int round = 0; round < 10; round++)
        {
            test.Restart();
            StorageTable table = test.Table;
            using var stop = new CancellationTokenSource();
            // Rows by their ids, so that the writer itself asks no index.
            Task writer = Task.Run(() =>
            {
                var random = new Random(round);
                for (int i = 0; !stop.IsCancellationRequested || i < 200; i++)
                {
                    using StoreTransaction transaction = test.Store.Begin();
                    transaction.BeginStatement();
                    long rowId = random.Next(400);
                    if (!table.TryGetRow(rowId, transaction.View, transaction, out RowVersion row)) continue;
                    if (random.Next(5) == 0) transaction.Delete(table, rowId);
                    else transaction.Update(table, rowId, Rows.Read(row) with { A = random.Next(1000), B = $"new {i}" });
                    transaction.Commit();
                    if (i > 5000) return;
                }
            });
            Rows.Drain(test.Index(TestStore.ByA).Scan(test.Store.LatestView, KeyRange.All, Rows.AllColumns));
            Rows.Drain(test.Index(TestStore.ByB).Scan(test.Store.LatestView, KeyRange.All, Rows.AllColumns));
            await stop.CancelAsync();
            await writer;
            Assert.Empty(new TableCheck(table).Run());
        }
    }

    [Fact]
    public void No_flipped_byte_of_a_snapshot_gives_a_wrong_row()
    {
        using TestStore test = Filled(out List<(ReadView View, List<TestRow> Rows)> remembered, transactions: 60);
        string path = $"tables/t/snapshots/{test.Disk.List("tables/t/snapshots")[^1]}";
        byte[] bytes = test.Disk.Content(path);
        int refused = 0;
        for (int i = 0; i < bytes.Length; i += 1 + bytes.Length / 400)
        {
            bytes[i] ^= 0x10;
            test.Restart();
            foreach ((ReadView view, List<TestRow> rows) in remembered)
            {
                try
                {
                    Assert.Equal(rows, Rows.Scan(test.Table, view));
                }
                catch (SqlException exception) when (exception.SqlState == SqlState.DataCorrupted)
                {
                    refused++;
                }
            }

            bytes[i] ^= 0x10;
        }

        Assert.True(refused > 0);
    }

    /// <summary>Many small versions with checkpoints between, and the answers of several moments.</summary>
    /// <summary>Places of rows and parts of indexes that change while a checkpoint writes: a few in a segment, all of one, and some in one that the snapshot before has.</summary>
    [Fact]
    public unsafe void What_commits_change_while_a_snapshot_is_written_is_not_in_it()
    {
        const int Segment = RowDirectory.SegmentRows;
        using var test = new TestStore(memoryBytes: 8 << 20);
        test.CreateTable();
        using (StoreTransaction load = test.Store.Begin())
        {
            var buffer = new TupleBuffer(test.Table.Definition.Layout);
            for (int i = 0; i < 4 * Segment; i++) Rows.Tuple(buffer, new TestRow(i, i, null));
            load.BulkInsert(test.Table, buffer);
            load.Commit();
        }

        test.Store.Checkpoint();
        Update(Enumerable.Range(0, 3).Select(segment => segment * Segment + 7));
        int interrupted = 0;
        ReadView before = default, after = default;
        List<TestRow> rowsBefore = [], rowsAfter = [];
        test.Disk.Created = path =>
        {
            if (!path.StartsWith("tables/t/snapshots/", StringComparison.Ordinal)) return;
            interrupted++;
            (before, rowsBefore) = (test.Store.LatestView, Rows.Scan(test.Table, test.Store.LatestView));
            Update(Enumerable.Range(Segment, Segment));
            Update(Enumerable.Range(2 * Segment, 20).Append(Segment + 3));
            Update(Enumerable.Range(3 * Segment, 20));
            using (StoreTransaction added = test.Store.Begin())
            {
                for (int i = 0; i < 50; i++) added.Insert(test.Table, new TestRow(4 * Segment + i, i, "new"));
                added.Commit();
            }

            long held = test.Store.Memory.IndexPages.UsedBytes;
            test.Store.SpillIndexes();
            Assert.True(test.Store.Memory.IndexPages.UsedBytes < held / 2, $"{test.Store.Memory.IndexPages.UsedBytes} of {held} bytes of indexes wait for the checkpoint");
            (after, rowsAfter) = (test.Store.LatestView, Rows.Scan(test.Table, test.Store.LatestView));
        };
        test.Store.Checkpoint();
        test.Disk.Created = null;
        Assert.Equal(1, interrupted);
        for (int round = 0; round < 3; round++)
        {
            Assert.Empty(new TableCheck(test.Table).Run());
            Assert.Equal(rowsBefore, Rows.Scan(test.Table, before));
            Assert.Equal(rowsAfter, Rows.Scan(test.Table, after));
            foreach ((ReadView view, List<TestRow> rows) in new[] { (before, rowsBefore), (after, rowsAfter) })
                Assert.Equal(rows, Rows.Drain(test.Index(TestStore.ByA).Scan(view, KeyRange.All, Rows.AllColumns)).Select(row => row.Row).OrderBy(row => row.Id));
            if (round == 1) test.Store.Checkpoint();
            test.Restart();
            Assert.Empty(test.Store.RecoveryNotes);
        }

        void Update(IEnumerable<int> ids)
        {
            using StoreTransaction change = test.Store.Begin();
            foreach (int id in ids)
            {
                Assert.True(test.Table.TryGet(test.Index(TestStore.PrimaryKey), id, change.View, change, out RowVersion row));
                change.Update(test.Table, row.RowId, new TestRow(id, id + 1_000_000, "changed"));
            }

            change.Commit();
        }
    }

    private static TestStore Filled(out List<(ReadView View, List<TestRow> Rows)> remembered, int transactions = 300)
    {
        var test = new TestStore();
        test.CreateTable();
        remembered = [];
        for (int i = 0; i < transactions; i++)
        {
            Change(test, i);
            if (i % 50 != 49) continue;
            test.Store.Checkpoint();
            ReadView view = test.Store.LatestView;
            remembered.Add((view, Rows.Scan(test.Table, view)));
        }

        test.Store.Checkpoint();
        return test;
    }

    private static void Change(TestStore test, int seed)
    {
        var random = new Random(seed);
        using StoreTransaction transaction = test.Store.Begin();
        for (int i = 0; i < 40; i++)
        {
            int id = random.Next(500);
            var row = new TestRow(id, random.Next(5) == 0 ? null : random.NextInt64(1000), random.Next(5) == 0 ? null : $"text {random.Next(100)}");
            if (!test.Table.TryGet(test.Index(TestStore.PrimaryKey), id, transaction.View, transaction, out RowVersion old)) transaction.Insert(test.Table, row);
            else if (random.Next(6) == 0) transaction.Delete(test.Table, old.RowId);
            else transaction.Update(test.Table, old.RowId, row);
        }

        transaction.Commit();
    }
}
