namespace DriftDb.Storage.Tests;

/// <summary>Readers while commits, time splits and checkpoints go on: every snapshot must be whole.</summary>
public sealed class ConcurrencyTests
{
    private const int Accounts = 50;
    private const long Total = Accounts * 100;

    [Fact]
    public async Task Snapshots_are_whole_while_commits_go_on()
    {
        using var test = new TestStore(manual: false, walFileBytes: 1 << 18);
        test.CreateTable();
        using (StoreTransaction fill = test.Store.Begin())
        {
            for (int i = 0; i < Accounts; i++) fill.Insert(test.Table, new TestRow(i, 100, "account"));
            fill.Commit();
        }

        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(4));
        int commits = 0, snapshots = 0, waits = 0;
        Task[] writers = [.. Enumerable.Range(1, 2).Select(seed => Task.Factory.StartNew(() => Write(test, seed, stop.Token, ref commits, ref waits), TaskCreationOptions.LongRunning))];
        Task[] readers = [.. Enumerable.Range(1, 2).Select(seed => Task.Factory.StartNew(() => Read(test, seed, stop.Token, ref snapshots), TaskCreationOptions.LongRunning))];
        Task checkpoints = Task.Factory.StartNew(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    test.Store.Checkpoint();
                    Thread.Sleep(50);
                }
            },
            TaskCreationOptions.LongRunning);
        await Task.WhenAll([.. writers, .. readers, checkpoints]);
        Assert.Null(test.Failure);
        Assert.True(commits > 500 && snapshots > 100, $"{commits} commits, {snapshots} snapshots, {waits} waits");
        test.Restart();
        Assert.Equal(Total, Rows.Scan(test.Table, test.Store.LatestView).Sum(row => row.A!.Value));
    }

    /// <summary>Moves money between two accounts; a blocked statement is run again when its wait ends.</summary>
    private static void Write(TestStore test, int seed, CancellationToken stop, ref int commits, ref int waits)
    {
        var random = new Random(seed);
        while (!stop.IsCancellationRequested)
        {
            using StoreTransaction transaction = test.Store.Begin();
            int from = random.Next(Accounts), to = random.Next(Accounts);
            if (from == to) continue;
            long amount = random.Next(50);
            if (!Add(test, transaction, Math.Min(from, to), from < to ? -amount : amount, ref waits)) continue;
            if (!Add(test, transaction, Math.Max(from, to), from < to ? amount : -amount, ref waits)) continue;
            CommitResult result = transaction.Commit();
            Interlocked.Increment(ref commits);
            if (random.Next(10) == 0) test.Store.WaitDurable(result.Lsn);
        }
    }

    private static bool Add(TestStore test, StoreTransaction transaction, int id, long amount, ref int waits)
    {
        while (true)
        {
            ReadView view = transaction.BeginStatement();
            Assert.True(test.Table.TryGet(test.Index(TestStore.PrimaryKey), id, view, transaction, out RowVersion row));
            TestRow values = Rows.Read(row);
            WriteOutcome outcome = transaction.Update(test.Table, row.RowId, values with { A = values.A + amount });
            if (outcome.IsDone) return true;
            Interlocked.Increment(ref waits);
            if (outcome.Status == WriteStatus.MustWait) Assert.True(transaction.PendingWait!.Wait(10_000), "a wait never ended");
        }
    }

    private static void Read(TestStore test, int seed, CancellationToken stop, ref int snapshots)
    {
        var random = new Random(seed);
        while (!stop.IsCancellationRequested)
        {
            ReadView view = test.Store.LatestView;
            int commit = random.Next(2) == 0 ? test.Store.TransactionCount - 1 : random.Next(1, test.Store.TransactionCount);
            long sequence = test.Store.TransactionAt(commit).LastSequence;
            view = view.At(sequence);
            if (view.AsOf < Accounts) continue;
            // A commit is in the list a moment before it is visible; then the view is of the one before.
            view = view.AsOf == sequence ? view : test.Store.LatestView;
            string where = $"as of {view.AsOf} of {view.Visible}";
            Assert.True(Total == Rows.Scan(test.Table, view).Sum(row => row.A!.Value), "scan " + where);
            Assert.True(Total == Rows.Drain(test.Index(TestStore.ByA).Scan(view, KeyRange.All, Rows.AllColumns)).Sum(row => row.Row.A!.Value), "index scan " + where);
            long sum = 0;
            for (int id = 0; id < Accounts; id++)
            {
                Assert.True(test.Table.TryGet(test.Index(TestStore.PrimaryKey), id, view, null, out RowVersion row));
                sum += row.GetInt64(Rows.AColumn);
            }

            Assert.True(Total == sum, "point reads " + where);
            long first = view.AsOf;
            long alive = Rows.Drain(test.Table.ScanPeriod(view.At(view.Visible), PeriodKind.Between, first, first, Rows.AllColumns)).Sum(row => row.Row.A!.Value);
            Assert.True(Total == alive, "period scan " + where);
            Interlocked.Increment(ref snapshots);
        }
    }
}
