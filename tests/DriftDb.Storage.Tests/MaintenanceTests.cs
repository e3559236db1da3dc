using DriftDb.Types;

namespace DriftDb.Storage.Tests;

/// <summary>What the store does by itself: a failure in it ends nothing, is told, and is made up for later.</summary>
public sealed class MaintenanceTests
{
    [Theory]
    [InlineData(DiskFault.Error)]
    [InlineData(DiskFault.NoSpace)]
    [InlineData(DiskFault.ShortWrite)]
    public void A_checkpoint_that_fails_is_tried_again_while_commits_go_on(DiskFault fault)
    {
        int failures = 0;
        for (int call = 0; call < 60; call++)
        {
            using var test = new TestStore(checkpointBytes: 1);
            test.CreateTable();
            Insert(test, 1);
            test.Store.PumpLog();
            (test.Disk.Fault, test.Disk.FailAt) = (fault, test.Disk.Operations + call);
            try
            {
                test.Store.RunMaintenance();
            }
            catch (IOException) when (test.Failure is not null)
            {
                continue; // the log's own files failed: that ends the process
            }

            MaintenanceStatus status = test.Store.Maintenance[(int)MaintenanceTask.Checkpoint];
            if (!test.Disk.HasFailed) break; // the checkpoint has fewer calls
            failures++;
            Assert.Equal((1, 0), (status.Failures, status.Runs));
            Assert.NotNull(status.Error);

            // Too early for another try; commits go on.
            test.Disk.FailAt = -1;
            test.Store.RunMaintenance();
            Assert.Equal(status, test.Store.Maintenance[(int)MaintenanceTask.Checkpoint]);
            Insert(test, 2);
            test.Store.PumpLog();

            test.Clock.NowMicros = status.RetryAt;
            test.Store.RunMaintenance();
            status = test.Store.Maintenance[(int)MaintenanceTask.Checkpoint];
            Assert.Equal((1, 1, null, 0L), (status.Failures, status.Runs, status.Error, status.RetryAt));
            test.Restart();
            Assert.Equal([1, 2], Rows.Scan(test.Table, test.Store.LatestView).Select(row => row.Id));
            Assert.Empty(StoreDoctorFindings(test));
        }

        Assert.True(failures > 10, $"only {failures} failures");
    }

    [Fact]
    public void Retention_is_due_when_the_clock_says_so()
    {
        using var test = new TestStore(checkpointBytes: 1 << 30);
        test.CreateTable(historyRetention: new Interval(0, 10, 0));
        Insert(test, 1);
        using (StoreTransaction transaction = test.Store.Begin())
        {
            Assert.True(test.Table.TryGet(test.Index(TestStore.PrimaryKey), 1, transaction.View, transaction, out RowVersion row));
            transaction.Update(test.Table, row.RowId, new TestRow(1, 2, "later"));
            transaction.Commit();
        }

        long begin = test.Store.VisibleSequence;
        test.Store.RunMaintenance();
        Assert.Equal(0, test.Table.Floor);
        test.Clock.NowMicros += 11 * Interval.MicrosecondsPerDay;
        test.Store.RunMaintenance();
        Assert.Equal(begin, test.Table.Floor);
        Assert.Equal(1, test.Store.Maintenance[(int)MaintenanceTask.Retention].Runs);
        (TestRow last, _, long since, _) = Assert.Single(Rows.Drain(test.Table.ScanPeriod(test.Store.LatestView, PeriodKind.All, 0, 0, Rows.AllColumns)));
        Assert.Equal((new TestRow(1, 2, "later"), begin), (last, since));
        // Nothing is old enough for another run.
        test.Store.RunMaintenance();
        Assert.Equal(1, test.Store.Maintenance[(int)MaintenanceTask.Retention].Runs);
    }

    private static IReadOnlyList<Finding> StoreDoctorFindings(TestStore test)
    {
        test.Store.Dispose();
        return StoreDoctor.Check("", new StoreOptions { FileSystem = test.Disk, Memory = new MemoryBudget(1 << 20) });
    }

    private static void Insert(TestStore test, int id)
    {
        using StoreTransaction transaction = test.Store.Begin();
        transaction.Insert(test.Table, new TestRow(id, id, "x"));
        transaction.Commit();
    }
}
