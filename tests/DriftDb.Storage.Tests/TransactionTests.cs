using DriftDb.Types;

namespace DriftDb.Storage.Tests;

public sealed class TransactionTests
{
    [Fact]
    public void Committed_rows_are_seen_and_survive_a_restart()
    {
        using var test = new TestStore();
        test.CreateTable();
        using (StoreTransaction transaction = test.Store.Begin())
        {
            Assert.True(transaction.Insert(test.Table, new TestRow(1, 10, "one")).IsDone);
            Assert.True(transaction.Insert(test.Table, new TestRow(2, null, null)).IsDone);
            Assert.Empty(Rows.Scan(test.Table, test.Store.LatestView));
            Assert.Equal(2, Rows.Scan(test.Table, transaction.View, transaction).Count);
            transaction.Commit("user", "tests", "first");
        }

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal([new TestRow(1, 10, "one"), new TestRow(2, null, null)], Rows.Scan(test.Table, test.Store.LatestView));
            Assert.True(test.Table.TryGet(test.Index(TestStore.PrimaryKey), 2, test.Store.LatestView, null, out RowVersion row));
            Assert.Equal(new TestRow(2, null, null), Rows.Read(row));
            Assert.Equal("first", test.Store.TransactionAt(test.Store.TransactionCount - 1).Message);
            test.Restart();
        }
    }

    [Fact]
    public void A_volatile_store_keeps_rows_keys_and_sequences_without_a_log()
    {
        using DriftStore store = DriftStore.OpenVolatile(SystemClock.Instance);
        StorageTable table;
        using (StoreTransaction transaction = store.Begin())
        {
            table = transaction.CreateTable(new TableDefinition(1, "pg_temp", "t", [new ColumnDefinition(1, "id", SqlType.Int4), new ColumnDefinition(2, "a", SqlType.Int8), new ColumnDefinition(3, "b", SqlType.Text)]));
            transaction.CreateIndex(new IndexDefinition(2, 1, "t_pkey", [new KeyColumn(1, SqlType.Int4)], true));
            transaction.PutSequence(new SequenceDefinition(3, "s", 1, 1, 1, 100, false));
            Assert.True(transaction.Insert(table, new TestRow(1, 10, "one")).IsDone);
            transaction.Commit();
        }

        Assert.Equal(1, store.SequenceNext(3));
        Assert.Equal(2, store.SequenceNext(3));
        using (StoreTransaction transaction = store.Begin())
        {
            Assert.Equal(WriteStatus.UniqueViolation, transaction.Insert(table, new TestRow(1, 11, "again")).Status);
            Assert.True(transaction.Insert(table, new TestRow(2, 20, "two")).IsDone);
            CommitResult commit = transaction.Commit();
            Assert.True(store.DurableLsn >= commit.Lsn);
        }

        bool isDurable = false;
        store.OnDurable(store.VisibleLsn, () => isDurable = true);
        Assert.True(isDurable);
        Assert.Equal([new TestRow(1, 10, "one"), new TestRow(2, 20, "two")], Rows.Scan(table, store.LatestView));
    }

    [Fact]
    public void Updates_and_deletes_keep_the_past()
    {
        using var test = new TestStore();
        test.CreateTable();
        Commit(test, transaction => transaction.Insert(test.Table, new TestRow(1, 1, "a")));
        Commit(test, transaction => transaction.Update(test.Table, 0, new TestRow(1, 2, "a")));
        Commit(test, transaction => transaction.Delete(test.Table, 0));
        for (int i = 0; i < 2; i++)
        {
            ReadView now = test.Store.LatestView;
            Assert.Equal(3, now.AsOf);
            Assert.Equal([new TestRow(1, 1, "a")], Rows.Scan(test.Table, now.At(1)));
            Assert.Equal([new TestRow(1, 2, "a")], Rows.Scan(test.Table, now.At(2)));
            Assert.Empty(Rows.Scan(test.Table, now));
            Assert.Empty(Rows.Scan(test.Table, now.At(0)));
            Assert.Equal(2, Rows.Drain(test.Table.ScanPeriod(now, PeriodKind.All, 0, 0, Rows.AllColumns)).Count);
            Assert.Equal([(1L, 2L), (2L, 3L)], Rows.Drain(test.Table.ScanPeriod(now, PeriodKind.All, 0, 0, Rows.AllColumns)).Select(row => (row.Begin, row.End)));
            Assert.Equal([2L, 1L], test.Table.VersionsOf(0, now).Select(row => row.BeginSequence));
            test.Restart();
        }
    }

    [Fact]
    public void A_row_changed_several_times_in_a_transaction_leaves_one_version()
    {
        using var test = new TestStore();
        test.CreateTable();
        Commit(test, transaction =>
        {
            long rowId = transaction.Insert(test.Table, new TestRow(1, 1, "a")).RowId;
            transaction.Update(test.Table, rowId, new TestRow(1, 2, "b"));
            long gone = transaction.Insert(test.Table, new TestRow(2, 1, "a")).RowId;
            transaction.Delete(test.Table, gone);
            return transaction.Update(test.Table, rowId, new TestRow(1, 3, "c"));
        });
        Assert.Equal(1, test.Store.VisibleSequence);
        Assert.Equal([new TestRow(1, 3, "c")], Rows.Scan(test.Table, test.Store.LatestView));
    }

    [Fact]
    public void Unique_keys_are_checked_against_committed_and_own_rows()
    {
        using var test = new TestStore();
        test.CreateTable();
        Commit(test, transaction => transaction.Insert(test.Table, new TestRow(1, 1, "a")));
        using StoreTransaction second = test.Store.Begin();
        WriteOutcome outcome = second.Insert(test.Table, new TestRow(1, 2, "b"));
        Assert.Equal((WriteStatus.UniqueViolation, 0L, "t_pkey"), (outcome.Status, outcome.RowId, outcome.Index!.Definition.Name));
        Assert.True(second.Insert(test.Table, new TestRow(2, 2, "b")).IsDone);
        Assert.Equal(WriteStatus.UniqueViolation, second.Insert(test.Table, new TestRow(2, 2, "b")).Status);
        Assert.True(second.Update(test.Table, 0, new TestRow(3, 1, "a")).IsDone);
        Assert.True(second.Insert(test.Table, new TestRow(1, 2, "b")).IsDone);
        Assert.Equal(WriteStatus.UniqueViolation, second.Update(test.Table, 0, new TestRow(1, 1, "a")).Status);
        TransactionMark mark = second.Mark();
        Assert.True(second.Delete(test.Table, 0).IsDone);
        Assert.True(second.Insert(test.Table, new TestRow(3, 9, "z")).IsDone);
        second.RollbackTo(mark);
        Assert.Equal(WriteStatus.UniqueViolation, second.Insert(test.Table, new TestRow(3, 9, "z")).Status);
        second.Commit();
        Assert.Equal([1, 2, 3], Rows.Scan(test.Table, test.Store.LatestView).Select(row => row.Id));
    }

    [Fact]
    public void Columns_are_added_at_once_and_dropped_ones_stay_in_the_past()
    {
        using var test = new TestStore();
        test.CreateTable();
        Commit(test, transaction => transaction.Insert(test.Table, new TestRow(1, 1, "a")));
        TableDefinition old = test.Table.Definition;
        using (StoreTransaction transaction = test.Store.Begin())
        {
            transaction.Insert(test.Table, new TestRow(2, 2, "b"));
            var added = new ColumnDefinition(4, "c", SqlType.Int4, new StoredValue([7, 0, 0, 0]));
            transaction.AlterTable(old with { Columns = [old.Columns[0], added, old.Columns[2]] });
            Check(transaction);
            transaction.Commit();
        }

        for (int i = 0; i < 2; i++)
        {
            Check(null);
            Assert.True(test.Table.TryGetRow(0, test.Store.LatestView.At(1), null, out RowVersion row));
            Assert.Equal(1, row.GetInt64(Rows.AColumn));
            Assert.Equal(old.Columns.AsEnumerable(), test.Table.DefinitionAt(1)!.Columns.AsEnumerable());
            test.Restart();
        }

        unsafe void Check(StoreTransaction? transaction)
        {
            ReadView view = transaction?.View ?? test.Store.LatestView;
            VectorSource source = test.Table.Scan(view, [4], transaction);
            using var vector = new ScanVector(1);
            int rows = 0;
            while (source.Next(vector))
            {
                for (int i = 0; i < vector.Count; i++, rows++) Assert.Equal(7, ((int*)vector.Data[0])[vector.Selection[i]]);
            }

            Assert.Equal(2, rows);
            Assert.True(test.Table.TryGet(test.Index(TestStore.PrimaryKey), 1, view, transaction, out RowVersion row));
            Assert.Equal(7, row.GetInt32(4));
        }
    }

    [Fact]
    public void Truncate_is_one_event()
    {
        using var test = new TestStore();
        test.CreateTable();
        Commit(test, transaction =>
        {
            for (int i = 0; i < 100; i++) transaction.Insert(test.Table, new TestRow(i, i, "x"));
            return new WriteOutcome(WriteStatus.Done, 0);
        });
        Commit(test, transaction =>
        {
            transaction.Insert(test.Table, new TestRow(1000, 1, "lost"));
            transaction.Truncate(test.Table);
            return transaction.Insert(test.Table, new TestRow(5, 5, "y"));
        });
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(102, test.Store.VisibleSequence);
            Assert.Equal([new TestRow(5, 5, "y")], Rows.Scan(test.Table, test.Store.LatestView));
            Assert.Equal(100, Rows.Scan(test.Table, test.Store.LatestView.At(100)).Count);
            Assert.Equal(1, test.Table.LiveRowCount);
            test.Restart();
        }
    }

    [Fact]
    public void Objects_and_sequences_survive_and_roll_back()
    {
        using var test = new TestStore();
        using (StoreTransaction transaction = test.Store.Begin())
        {
            transaction.PutObject(20, 1, new byte[] { 1 });
            transaction.PutSequence(new SequenceDefinition(5, "s", 1, 1, 1, long.MaxValue, false));
            Assert.Equal(1, test.Store.SequenceNext(5));
            Assert.Equal(2, test.Store.SequenceNext(5));
            TransactionMark mark = transaction.Mark();
            transaction.PutObject(20, 2, new byte[] { 2 });
            transaction.RollbackTo(mark);
            Assert.Single(transaction.Objects());
            Assert.Empty(test.Store.Objects());
            transaction.Commit();
        }

        using (StoreTransaction transaction = test.Store.Begin())
        {
            transaction.DeleteObject(20, 1);
            transaction.PutObject(21, 7, new byte[] { 3 });
            transaction.Commit();
        }

        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(2, test.Store.CatalogVersion);
            Assert.Equal([(20, 1L)], test.Store.Objects(1).Select(stored => (stored.Kind, stored.Id)));
            Assert.Equal([(21, 7L)], test.Store.Objects().Select(stored => (stored.Kind, stored.Id)));
            test.Restart();
        }

        Assert.InRange(test.Store.SequenceNext(5), 3, 40);
    }

    [Fact]
    public void A_key_that_is_too_long_is_refused_when_the_row_is_written()
    {
        using var test = new TestStore();
        test.CreateTable();
        using StoreTransaction transaction = test.Store.Begin();
        SqlException exception = Assert.Throws<SqlException>(() => transaction.Insert(test.Table, new TestRow(1, 1, new string('x', 100_000))));
        Assert.Equal(SqlState.ProgramLimitExceeded, exception.SqlState);
        Assert.True(transaction.Insert(test.Table, new TestRow(1, 1, "x")).IsDone);
        transaction.Commit();
        Assert.Single(Rows.Scan(test.Table, test.Store.LatestView));
    }

    [Fact]
    public unsafe void Partial_and_expression_indexes_use_their_extractor()
    {
        using var test = new TestStore();
        test.CreateTable();
        Commit(test, transaction => transaction.Insert(test.Table, new TestRow(1, 5, "old")));
        var definition = new IndexDefinition(20, 1, "t_half", [new KeyColumn(0, SqlType.Int8)], IsUnique: true) { NeedsExtractor = true };
        KeyExtractor extractor = static (byte* tuple, TableDefinition definition, KeyBuilder key) =>
        {
            if (TupleLayout.IsNull(tuple, 1)) return false;
            key.AppendInt64(new KeyColumn(0, SqlType.Int8), *(long*)(tuple + definition.Layout.Offset(1)) / 2);
            return true;
        };
        using (StoreTransaction transaction = test.Store.Begin())
        {
            transaction.CreateIndex(definition, extractor);
            Assert.Equal(WriteStatus.UniqueViolation, transaction.Insert(test.Table, new TestRow(2, 4, "x")).Status);
            Assert.True(transaction.Insert(test.Table, new TestRow(3, null, "x")).IsDone);
            Assert.True(transaction.Insert(test.Table, new TestRow(4, 6, "y")).IsDone);
            transaction.Commit();
        }

        for (int i = 0; i < 2; i++)
        {
            StorageIndex index = test.Index(20);
            if (i == 1)
            {
                Assert.False(index.IsUsable);
                test.Store.AttachExtractor(index, extractor);
            }

            Assert.Equal([1, 4], Rows.Drain(index.Scan(test.Store.LatestView, KeyRange.All, Rows.AllColumns)).Select(row => row.Row.Id));
            Assert.True(test.Table.TryGet(index, new KeyBuilder().AppendInt64(Rows.AKey, 3).Key, test.Store.LatestView, null, out RowVersion found));
            Assert.Equal(4, Rows.Read(found).Id);
            test.Restart();
        }
    }

    [Fact]
    public void A_small_busy_table_stays_cheap_to_scan_at_any_moment()
    {
        using var test = new TestStore(walFileBytes: 1 << 24);
        test.CreateTable();
        Commit(test, transaction =>
        {
            for (int i = 0; i < 10; i++) transaction.Insert(test.Table, new TestRow(i, 0, "x"));
            return new WriteOutcome(WriteStatus.Done, 0);
        });
        for (int i = 0; i < 30_000; i++) Commit(test, transaction => transaction.Update(test.Table, i % 10, new TestRow(i % 10, i, "x")));
        foreach (long sequence in new[] { 100L, 5_000, 15_000, test.Store.VisibleSequence })
        {
            using var vector = new ScanVector(0);
            TableScan scan = test.Table.Scan(test.Store.LatestView.At(sequence), []);
            int vectors = 0, rows = 0;
            while (scan.Next(vector))
            {
                vectors++;
                rows += vector.Count;
            }

            Assert.Equal(10, rows);
            Assert.InRange(vectors, 1, 3);
        }

        Assert.True(test.Table.StoredVersionCount < 62_000);
    }

    private static void Commit(TestStore test, Func<StoreTransaction, WriteOutcome> work)
    {
        using StoreTransaction transaction = test.Store.Begin();
        Assert.True(work(transaction).IsDone);
        transaction.Commit();
    }
}
