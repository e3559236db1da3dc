using DriftDb.Types;

namespace DriftDb.Storage.Tests;

/// <summary>Index files: a start uses them, damage costs time and never an answer, an independent reader agrees, builds outgrow memory, and a large history doesn't slow the present.</summary>
public sealed class IndexTests
{
    [Fact]
    public void A_start_builds_no_index_that_a_checkpoint_has_kept()
    {
        using TestStore test = Filled(out List<(ReadView View, List<TestRow> Rows)> remembered);
        test.Restart();
        foreach (long id in new[] { TestStore.PrimaryKey, TestStore.ByA, TestStore.ByB }) Assert.False(test.Index(id).IsStale);
        Same(test, remembered);
    }

    [Fact]
    public void What_came_after_the_checkpoint_is_taken_from_the_log()
    {
        using TestStore test = Filled(out List<(ReadView View, List<TestRow> Rows)> remembered);
        for (int i = 0; i < 20; i++) Change(test, 1000 + i);
        remembered.Add((test.Store.LatestView, Rows.Scan(test.Table, test.Store.LatestView)));
        test.Restart();
        Assert.False(test.Index(TestStore.ByA).IsStale);
        Same(test, remembered);
        Assert.Empty(new TableCheck(test.Table).Run());
    }

    [Fact]
    public void Without_its_files_an_index_is_made_anew()
    {
        using TestStore test = Filled(out List<(ReadView View, List<TestRow> Rows)> remembered);
        foreach (string name in test.Disk.List("tables/t/indexes").Where(name => name.StartsWith("t_a.", StringComparison.Ordinal))) test.Disk.Delete($"tables/t/indexes/{name}");
        test.Restart();
        Assert.Contains("index t_a is made anew", Assert.Single(test.Store.RecoveryNotes), StringComparison.Ordinal);
        Same(test, remembered);
    }

    [Fact]
    public void No_flipped_byte_of_an_index_file_gives_a_wrong_answer()
    {
        using TestStore test = Filled(out List<(ReadView View, List<TestRow> Rows)> remembered, transactions: 40);
        int rebuilt = 0, flips = 0;
        foreach (string name in test.Disk.List("tables/t/indexes").ToList())
        {
            int length = test.Disk.Content($"tables/t/indexes/{name}").Length;
            for (int i = 0; i < length; i += 1 + length / 40)
            {
                using var damaged = new TestStore(test.Disk.Copy(), memoryBytes: MemoryBytes);
                damaged.Store.Dispose();
                damaged.Disk.Content($"tables/t/indexes/{name}")[i] ^= (byte)(1 << (i % 8));
                damaged.Restart();
                Same(damaged, remembered);
                flips++;
                if (damaged.Store.RecoveryNotes.Count > 0 || damaged.Store.IndexPages.Reads == 0) rebuilt++;
            }
        }

        Assert.True(flips > 100 && rebuilt > 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_independent_reader_agrees(int seed)
    {
        using TestStore test = Filled(out _, seed: seed);
        var moments = new List<ReadView> { test.Store.LatestView };
        var random = new Random(seed);
        for (int i = 0; i < 10; i++) moments.Add(test.Store.LatestView.At(random.NextInt64(test.Store.VisibleSequence)));
        var reader = new IndependentIndexReader(path => test.Disk.Exists(path) ? test.Disk.Content(path) : null);
        foreach (ReadView view in moments)
        {
            List<(TestRow Row, long RowId, long Begin, long End)> rows = Rows.Drain(test.Table.Scan(view, Rows.AllColumns));
            Assert.Equal(rows.Select(row => (Convert.ToHexString(new KeyBuilder().AppendInt64(Rows.IdKey, row.Row.Id).Key), row.RowId)).Order(), reader.AliveAt(1, TestStore.PrimaryKey, view.AsOf));
            Assert.Equal(rows.Count, reader.AliveAt(1, TestStore.ByA, view.AsOf).Count);
        }
    }

    [Fact]
    public void Retention_takes_what_it_drops_out_of_index_files()
    {
        using var test = new TestStore(memoryBytes: MemoryBytes, smallestIndexEra: 1000);
        test.CreateTable(historyRetention: new Interval(0, 1, 0));
        long[] rowIds = new long[50];
        for (int round = 0; round < 3; round++)
        {
            using StoreTransaction transaction = test.Store.Begin();
            for (int id = 0; id < rowIds.Length; id++)
            {
                var row = new TestRow(id, round, "b");
                if (round == 0) rowIds[id] = transaction.Insert(test.Table, row).RowId;
                else Assert.Equal(WriteStatus.Done, transaction.Update(test.Table, rowIds[id], row).Status);
            }

            transaction.Commit();
        }

        test.Store.Checkpoint();
        test.Store.Compact(test.Table);
        Assert.Equal(150, RecordsInFile("t_a"));
        test.Clock.NowMicros += 2 * Interval.MicrosecondsPerDay;
        test.Store.ApplyRetention(test.Table);
        Assert.Equal(50, RecordsInFile("t_a"));
        Assert.Equal(50, Rows.Drain(test.Index(TestStore.ByA).Scan(test.Store.LatestView, KeyRange.All, Rows.AllColumns)).Count);

        long RecordsInFile(string index) => BitConverter.ToInt64(test.Disk.Content(Assert.Single(test.Disk.Paths, path => path.Contains($"indexes/{index}.", StringComparison.Ordinal))), 48);
    }

    [Fact]
    public unsafe void A_build_larger_than_its_memory_sorts_through_files()
    {
        using var test = new TestStore();
        test.CreateTable();
        var random = new Random(3);
        const int Count = 60_000;
        using (StoreTransaction load = test.Store.Begin())
        {
            var buffer = new TupleBuffer(test.Table.Definition.Layout);
            for (int i = 0; i < Count; i++) Rows.Tuple(buffer, new TestRow(i, random.Next(Count), $"{random.Next(1000)}"));
            load.BulkInsert(test.Table, buffer);
            load.Commit();
        }

        const long Built = 20;
        using (StoreTransaction create = test.Store.Begin())
        {
            create.CreateIndex(new IndexDefinition(Built, 1, "t_b_a", [Rows.BKey, Rows.AKey], IsUnique: false));
            create.Commit();
        }

        Assert.True(test.Store.NewestTemporaryIndexFile > 3);
        List<TestRow> found = [.. Rows.Drain(test.Index(Built).Scan(test.Store.LatestView, KeyRange.All, Rows.AllColumns)).Select(row => row.Row)];
        Assert.Equal(found.OrderBy(row => row.B, StringComparer.Ordinal).ThenBy(row => row.A).Select(row => (row.B, row.A)), found.Select(row => (row.B, row.A)));
        Assert.Equal(Count, found.Select(row => row.Id).Distinct().Count());
        Assert.Empty(new TableCheck(test.Table).Run());
    }

    [Fact]
    public void A_unique_index_is_refused_where_living_rows_share_a_key_and_only_there()
    {
        using var test = new TestStore();
        test.CreateTable();
        using (StoreTransaction load = test.Store.Begin())
        {
            for (int i = 0; i < 100; i++) load.Insert(test.Table, new TestRow(i, i < 98 ? null : i, "x"));
            load.Commit();
        }

        var byA = new IndexDefinition(21, 1, "u_a", [Rows.AKey], IsUnique: true);
        using (StoreTransaction create = test.Store.Begin()) create.CreateIndex(byA); // NULLs are distinct
        using (StoreTransaction create = test.Store.Begin())
            Assert.Equal(SqlState.UniqueViolation, Assert.Throws<SqlException>(() => create.CreateIndex(byA with { Id = 22, NullsNotDistinct = true })).SqlState);
        using (StoreTransaction change = test.Store.Begin())
        {
            change.Insert(test.Table, new TestRow(200, 98, "x"));
            change.Commit();
        }

        using (StoreTransaction create = test.Store.Begin()) Assert.Equal(SqlState.UniqueViolation, Assert.Throws<SqlException>(() => create.CreateIndex(byA with { Id = 23 })).SqlState);
    }

    [Fact]
    public void Long_keys_take_pages_of_several_units()
    {
        using var test = new TestStore();
        test.CreateTable();
        for (int i = 0; i < 30; i++)
        {
            using StoreTransaction transaction = test.Store.Begin();
            transaction.Insert(test.Table, new TestRow(i, i, new string((char)('a' + i % 3), 1000 * i)));
            transaction.Commit();
        }

        test.Store.Checkpoint();
        test.Restart();
        Assert.False(test.Index(TestStore.ByB).IsStale);
        List<TestRow> found = [.. Rows.Drain(test.Index(TestStore.ByB).Scan(test.Store.LatestView, KeyRange.All, Rows.AllColumns)).Select(row => row.Row)];
        Assert.Equal(Enumerable.Range(0, 30).Select(i => new string((char)('a' + i % 3), 1000 * i)).Order(StringComparer.Ordinal), found.Select(row => row.B));
        Assert.Empty(new TableCheck(test.Table).Run());
    }

    [Fact]
    public void What_a_queue_has_left_behind_is_passed_over()
    {
        using var test = new TestStore(smallestIndexEra: 1000);
        test.CreateTable();
        for (int i = 0; i < 5000; i++)
        {
            using StoreTransaction transaction = test.Store.Begin();
            transaction.Insert(test.Table, new TestRow(i, i, "x"));
            if (i >= 10 && test.Table.TryGet(test.Index(TestStore.PrimaryKey), i - 10, transaction.View, transaction, out RowVersion row)) transaction.Delete(test.Table, row.RowId);
            transaction.Commit();
            if (i % 500 == 0) test.Store.SpillIndexes();
        }

        test.Store.Checkpoint();
        Manifest manifest = Manifest.Read(test.Disk);
        IndexFiles files = manifest.Tables[0].IndexList.Single(index => index.IndexId == TestStore.PrimaryKey);
        Assert.True(files.Files.Count(file => file.Until is not null) > 1, "eras");
        Assert.Equal(Enumerable.Range(4990, 10), Rows.Drain(test.Index(TestStore.PrimaryKey).Scan(test.Store.LatestView, KeyRange.All, Rows.AllColumns)).Select(row => row.Row.Id));
        long middle = test.Store.VisibleSequence / 2;
        Assert.Equal(Rows.Scan(test.Table, test.Store.LatestView.At(middle)), Rows.Drain(test.Index(TestStore.PrimaryKey).Scan(test.Store.LatestView.At(middle), KeyRange.All, Rows.AllColumns)).Select(row => row.Row));
        Assert.Empty(new TableCheck(test.Table).Run());
    }

    [Fact]
    public void The_doctor_names_a_damaged_index_and_rebuild_makes_it_again()
    {
        using TestStore test = Filled(out _, transactions: 40);
        test.Store.Dispose();
        string path = $"tables/t/indexes/{test.Disk.List("tables/t/indexes")[^1]}";
        test.Disk.Content(path)[8192 + 100] ^= 4;
        Finding[] findings = [.. StoreDoctor.Check("", Options(test.Disk))];
        Assert.NotEmpty(findings);
        Assert.All(findings, finding => Assert.Equal(FindingKind.DamagedIndex, finding.Kind));
        Assert.Contains(findings, finding => finding.Message.Contains(path, StringComparison.Ordinal) && !finding.IsLoss);
        StoreDoctor.Rebuild("", Options(test.Disk));
        Assert.Empty(StoreDoctor.Check("", Options(test.Disk)));
        using var again = new TestStore(test.Disk);
        Assert.False(again.Index(TestStore.ByA).IsStale);
    }

    [Fact]
    public void The_doctor_notices_a_missed_entry()
    {
        using var test = new TestStore();
        test.CreateTable();
        Faults.MissIndexEntry = true;
        try
        {
            for (int i = 0; i < 20; i++) Change(test, i);
            test.Store.Checkpoint();
        }
        finally
        {
            Faults.MissIndexEntry = false;
        }

        test.Store.Dispose();
        Assert.Contains(StoreDoctor.Check("", Options(test.Disk)), finding => finding.Kind == FindingKind.DamagedIndex && finding.Message.Contains("lacks row", StringComparison.Ordinal));
    }

    private static StoreOptions Options(SimulatedFileSystem disk) => new() { FileSystem = disk, Clock = new ManualClock(), Random = new SeededRandom(9), ManualLogWriter = true, WalFileBytes = 1 << 14, CheckpointBytes = 0 };

    private static void Same(TestStore test, List<(ReadView View, List<TestRow> Rows)> remembered)
    {
        foreach ((ReadView view, List<TestRow> rows) in remembered)
        {
            Assert.Equal(rows, Rows.Drain(test.Index(TestStore.PrimaryKey).Scan(view, KeyRange.All, Rows.AllColumns)).Select(row => row.Row));
            Assert.Equal(rows, Rows.Drain(test.Index(TestStore.ByA).Scan(view, KeyRange.All, Rows.AllColumns)).Select(row => row.Row).OrderBy(row => row.Id));
            Assert.Equal(rows, Rows.Drain(test.Index(TestStore.ByB).Scan(view, KeyRange.All, Rows.AllColumns, null, backward: true)).Select(row => row.Row).OrderBy(row => row.Id));
            foreach (int id in new[] { 0, 7, 250, 499 })
            {
                bool isFound = test.Table.TryGet(test.Index(TestStore.PrimaryKey), id, view, null, out RowVersion row);
                Assert.Equal(rows.Where(candidate => candidate.Id == id), isFound ? [Rows.Read(row)] : []);
            }
        }
    }

    /// <summary>Enough for the chunks, so that looking rows up doesn't read them again and again; deltas outgrow their part of it all the same.</summary>
    private const long MemoryBytes = 4 << 20;

    private static TestStore Filled(out List<(ReadView View, List<TestRow> Rows)> remembered, int transactions = 200, int seed = 0)
    {
        var test = new TestStore(memoryBytes: MemoryBytes);
        test.CreateTable();
        remembered = [];
        for (int i = 0; i < transactions; i++)
        {
            Change(test, seed * 10_000 + i);
            if (i % 7 == 3) test.Store.SpillIndexes();
            if (i == transactions / 2)
            {
                using StoreTransaction transaction = test.Store.Begin();
                transaction.Truncate(test.Table);
                transaction.Commit();
            }

            if (i % 20 != 19) continue;
            test.Store.Checkpoint();
            remembered.Add((test.Store.LatestView, Rows.Scan(test.Table, test.Store.LatestView)));
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
