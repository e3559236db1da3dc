using DriftDb.Types;

namespace DriftDb.Storage.Tests;

/// <summary>Locks that have entries of their own in the lock table.</summary>
public sealed class SingleLockTests() : LockTests(1_024);

/// <summary>The same cases with every row and key lock kept as one of very many.</summary>
public sealed class ManyLockTests() : LockTests(0);

public abstract class LockTests : IDisposable
{
    private readonly TestStore _test;

    protected LockTests(int singleLocks)
    {
        _test = new TestStore(singleLocks: singleLocks);
        _test.CreateTable();
        using StoreTransaction transaction = _test.Store.Begin();
        transaction.Insert(_test.Table, new TestRow(1, 1, "a"));
        transaction.Insert(_test.Table, new TestRow(2, 2, "b"));
        transaction.Commit();
    }

    public void Dispose() => _test.Dispose();

    [Fact]
    public void A_blocked_update_waits_and_then_runs_again_on_the_new_version()
    {
        using StoreTransaction first = Begin(1), second = Begin(2);
        Assert.True(first.Update(_test.Table, 0, new TestRow(1, 10, "a")).IsDone);
        Assert.Equal(WriteStatus.MustWait, second.Update(_test.Table, 0, new TestRow(1, 20, "a")).Status);
        bool woken = false;
        second.PendingWait!.OnGranted(() => woken = true);
        Assert.False(woken);
        first.Commit();
        Assert.True(woken);
        Assert.Equal(WriteStatus.Changed, second.Update(_test.Table, 0, new TestRow(1, 20, "a")).Status);
        second.BeginStatement();
        Assert.True(second.Update(_test.Table, 0, new TestRow(1, 20, "a")).IsDone);
        second.Commit();
        Assert.Equal(20, Rows.Scan(_test.Table, _test.Store.LatestView)[0].A);
    }

    [Fact]
    public void Repeatable_read_fails_on_a_row_changed_since_its_snapshot()
    {
        using StoreTransaction first = Begin(1), second = _test.Store.Begin(StoreIsolation.RepeatableRead);
        second.BeginStatement();
        first.Update(_test.Table, 0, new TestRow(1, 10, "a"));
        first.Commit();
        second.BeginStatement();
        SqlException exception = Assert.Throws<SqlException>(() => second.Delete(_test.Table, 0));
        Assert.Equal((SqlState.SerializationFailure, "could not serialize access due to concurrent update"), (exception.SqlState, exception.Message));
    }

    [Fact]
    public void A_deadlock_fails_the_request_that_closes_the_circle()
    {
        using StoreTransaction first = Begin(101), second = Begin(102);
        first.Update(_test.Table, 0, new TestRow(1, 10, "a"));
        second.Update(_test.Table, 1, new TestRow(2, 10, "a"));
        Assert.Equal(WriteStatus.MustWait, first.Delete(_test.Table, 1).Status);
        SqlException exception = Assert.Throws<SqlException>(() => second.Delete(_test.Table, 0));
        Assert.Equal((SqlState.DeadlockDetected, "deadlock detected"), (exception.SqlState, exception.Message));
        Assert.Equal(
            $"Process 102 waits for ShareLock on transaction {first.Id}; blocked by process 101.\nProcess 101 waits for ShareLock on transaction {second.Id}; blocked by process 102.", exception.Detail);
        PendingWait wait = first.PendingWait!;
        second.Rollback();
        Assert.True(wait.IsGranted);
        Assert.True(first.Delete(_test.Table, 1).IsDone);
    }

    [Fact]
    public void An_insert_waits_for_another_with_its_key()
    {
        foreach (bool commits in new[] { true, false })
        {
            int id = commits ? 50 : 51;
            using StoreTransaction first = Begin(1), second = Begin(2);
            Assert.True(first.Insert(_test.Table, new TestRow(id, 1, "x")).IsDone);
            Assert.Equal(WriteStatus.MustWait, second.Insert(_test.Table, new TestRow(id, 2, "y")).Status);
            if (commits) first.Commit();
            else first.Rollback();
            Assert.Equal(commits ? WriteStatus.UniqueViolation : WriteStatus.Done, second.Insert(_test.Table, new TestRow(id, 2, "y")).Status);
        }
    }

    [Fact]
    public void An_insert_waits_for_the_delete_of_the_row_with_its_key()
    {
        using StoreTransaction first = Begin(1), second = Begin(2);
        first.Delete(_test.Table, 0);
        Assert.Equal(WriteStatus.MustWait, second.Insert(_test.Table, new TestRow(1, 2, "y")).Status);
        first.Commit();
        Assert.True(second.Insert(_test.Table, new TestRow(1, 2, "y")).IsDone);
    }

    [Fact]
    public void Row_locks_conflict_as_in_PostgreSQL()
    {
        bool[,] conflicts = { { false, false, false, true }, { false, false, true, true }, { false, true, true, true }, { true, true, true, true } };
        for (int held = 0; held < 4; held++)
        {
            for (int wanted = 0; wanted < 4; wanted++)
            {
                using StoreTransaction first = Begin(1), second = Begin(2);
                Assert.Equal(LockOutcome.Granted, first.LockRow(_test.Table, 0, (RowLockMode)held));
                Assert.Equal(conflicts[held, wanted] ? LockOutcome.Skipped : LockOutcome.Granted, second.LockRow(_test.Table, 0, (RowLockMode)wanted, LockWait.SkipLocked));
                if (conflicts[held, wanted])
                    Assert.Equal(SqlState.LockNotAvailable, Assert.Throws<SqlException>(() => second.LockRow(_test.Table, 0, (RowLockMode)wanted, LockWait.NoWait)).SqlState);
            }
        }
    }

    [Fact]
    public void A_cancelled_wait_leaves_the_queue()
    {
        using StoreTransaction first = Begin(1), second = Begin(2), third = Begin(3);
        first.LockRow(_test.Table, 0, RowLockMode.Share);
        Assert.Equal(LockOutcome.MustWait, second.LockRow(_test.Table, 0, RowLockMode.Update));
        Assert.Equal(LockOutcome.MustWait, third.LockRow(_test.Table, 0, RowLockMode.Share)); // behind the second
        bool woken = false;
        third.PendingWait!.OnGranted(() => woken = true);
        Assert.True(second.PendingWait!.Cancel());
        Assert.True(woken);
        Assert.False(second.PendingWait!.Cancel());
    }

    [Fact]
    public void Schema_changes_wait_for_writers()
    {
        using StoreTransaction first = Begin(1), second = Begin(2);
        first.Insert(_test.Table, new TestRow(9, 9, "z"));
        Assert.Equal(LockOutcome.MustWait, second.LockTable(_test.Table, TableLockMode.AccessExclusive));
        first.Commit();
        Assert.True(second.PendingWait!.IsGranted);
        Assert.Equal(LockOutcome.Skipped, Begin(3).LockTable(_test.Table, TableLockMode.AccessShare, LockWait.SkipLocked));
    }

    [Fact]
    public void Foreign_key_checks_pass_updates_that_leave_the_key()
    {
        using StoreTransaction first = Begin(1), second = Begin(2);
        first.Update(_test.Table, 0, new TestRow(1, 99, "a"));
        Assert.Equal(LockOutcome.Granted, second.LockRow(_test.Table, 0, RowLockMode.KeyShare));
        first.Commit();
        Assert.Equal(LockOutcome.Granted, second.LockRow(_test.Table, 0, RowLockMode.KeyShare));
        using StoreTransaction third = Begin(3);
        Assert.Equal(WriteStatus.MustWait, third.Update(_test.Table, 0, new TestRow(7, 99, "a")).Status);
    }

    private StoreTransaction Begin(int processId)
    {
        StoreTransaction transaction = _test.Store.Begin();
        transaction.ProcessId = processId;
        transaction.BeginStatement();
        return transaction;
    }
}
