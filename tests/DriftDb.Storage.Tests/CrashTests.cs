using DriftDb.Types;

namespace DriftDb.Storage.Tests;

/// <summary>
/// The disk goes away at every call of a workload in turn, and what a crash leaves of unsynced data is drawn at random. Whatever happens: every acknowledged commit is there, no transaction is there by half, and the
/// state is that after some prefix of the commits.
/// </summary>
public sealed class CrashTests
{
    [Fact]
    public void Every_acknowledged_commit_survives_a_crash_at_any_call()
    {
        int seed = Environment.TickCount & 0xFFFF;
        Assert.True(Crashes(seed, 3000) > 3000);
    }


    [Fact]
    public void Acknowledging_before_the_sync_is_noticed() => Noticed(() => Faults.AcknowledgeEarly = true, () => Faults.AcknowledgeEarly = false);

    [Fact]
    public void Ignoring_checksums_is_noticed() => Noticed(() => Faults.IgnoreChecksums = true, () => Faults.IgnoreChecksums = false);

    [Fact]
    public void Leaving_a_torn_tail_is_noticed() => Noticed(() => Faults.KeepTornTail = true, () => Faults.KeepTornTail = false);

    [Fact]
    public void A_failed_sync_acknowledges_nothing_more()
    {
        using var test = new TestStore();
        test.CreateTable();
        test.Disk.FailSyncs = true;
        using StoreTransaction transaction = test.Store.Begin();
        transaction.Insert(test.Table, new TestRow(1, 1, "a"));
        bool acknowledged = false;
        test.Store.OnDurable(transaction.Commit().Lsn, () => acknowledged = true);
        test.Store.PumpLog();
        Assert.NotNull(test.Failure);
        test.Disk.FailSyncs = false;
        test.Store.PumpLog();
        Assert.False(acknowledged);
        using StoreTransaction next = test.Store.Begin();
        next.Insert(test.Table, new TestRow(2, 1, "a"));
        Assert.Equal(SqlState.IoError, Assert.Throws<SqlException>(() => next.Commit()).SqlState);
    }

    [Fact]
    public void Damage_before_synced_data_is_refused()
    {
        var disk = new SimulatedFileSystem();
        using (var test = new TestStore(disk))
        {
            test.CreateTable();
            for (int i = 0; i < 10; i++)
            {
                using StoreTransaction transaction = test.Store.Begin();
                transaction.Insert(test.Table, new TestRow(i, i, "x"));
                test.Store.WaitDurable(transaction.Commit().Lsn);
            }
        }

        disk.Content(WriteAheadLog.CurrentPath)[600] ^= 1;
        SqlException exception = Assert.Throws<SqlException>(() => new TestStore(disk));
        Assert.Equal(SqlState.DataCorrupted, exception.SqlState);
        Assert.Contains("wal/wal.log", exception.Message, StringComparison.Ordinal);
    }

    private static void Noticed(Action plant, Action remove)
    {
        plant();
        try
        {
            Assert.ThrowsAny<Exception>(() => Crashes(7, 3000));
        }
        finally
        {
            remove();
        }
    }

    private static int Crashes(int seed, int runs)
    {
        int crashed = 0;
        for (int run = 0; run < runs; run++)
        {
            try
            {
                crashed += new CrashRun(seed * 10_000 + run).Run();
            }
            catch (Exception exception) when (exception is not SimulatedCrashException)
            {
                throw new InvalidOperationException($"new CrashRun({seed * 10_000 + run}).Run()", exception);
            }
        }

        return crashed;
    }
}

/// <summary>One workload, crashed up to three times (recovery can crash too), checked after each.</summary>
internal sealed class CrashRun(int seed)
{
    private const int Accounts = 6;

    private readonly Random _random = new(seed);

    /// <summary>The accounts after each commit, in commit order; the first is the empty table.</summary>
    private readonly List<Dictionary<int, long>> _states = [];
    private int _acknowledged = -1;

    /// <summary>Returns how often the disk crashed.</summary>
    public int Run()
    {
        var disk = new SimulatedFileSystem { CrashAt = _random.Next(90) };
        bool crashed = Work(disk);
        int crashes = 0;
        for (int i = 0; i < 3 && crashed; i++)
        {
            crashes++;
            disk = disk.AfterCrash(_random);
            int recoveryCrash = _random.Next(3) == 0 ? _random.Next(12) : _random.Next(30, 200);
            disk.CrashAt = recoveryCrash;
            crashed = Work(disk);
        }

        disk = disk.AfterCrash(_random);
        using var test = new TestStore(disk, walFileBytes: 4096);
        Check(test);
        return crashes;
    }

    private bool Work(SimulatedFileSystem disk)
    {
        TestStore? test = null;
        try
        {
            test = new TestStore(disk, walFileBytes: 4096);
            Check(test);
            if (_states.Count == 0)
            {
                _states.Add([]);
                test.CreateTable();
                _acknowledged = 0;
            }

            for (int i = 0; i < 40 && test.Failure is null; i++) Step(test);
            return test.Failure is SimulatedCrashException;
        }
        catch (SimulatedCrashException)
        {
            return true;
        }
        catch (SqlException exception) when (exception.SqlState == SqlState.IoError)
        {
            return true; // the log had failed before
        }
    }

    private void Step(TestStore test)
    {
        int choice = _random.Next(20);
        if (choice == 0) test.Store.Checkpoint();
        else if (choice < 6) test.Store.PumpLog();
        else Transfer(test);
    }

    /// <summary>Several rows in a transaction, whose sum tells whether one is there by half.</summary>
    private void Transfer(TestStore test)
    {
        Dictionary<int, long> state = new(_states[^1]);
        using StoreTransaction transaction = test.Store.Begin();
        for (int i = _random.Next(1, 5); i > 0; i--)
        {
            int account = _random.Next(Accounts);
            bool exists = test.Table.TryGet(test.Index(TestStore.PrimaryKey), account, transaction.View, transaction, out RowVersion row);
            Assert.Equal(state.ContainsKey(account), exists);
            long balance = _random.Next(1000);
            var values = new TestRow(account, balance, new string('x', _random.Next(200)));
            if (!exists)
            {
                Assert.Equal(WriteStatus.Done, transaction.Insert(test.Table, values).Status);
                state[account] = balance;
            }
            else if (_random.Next(4) == 0)
            {
                Assert.Equal(WriteStatus.Done, transaction.Delete(test.Table, row.RowId).Status);
                state.Remove(account);
            }
            else
            {
                Assert.Equal(WriteStatus.Done, transaction.Update(test.Table, row.RowId, values).Status);
                state[account] = balance;
            }
        }

        int number = _states.Count;
        CommitResult result = transaction.Commit();
        _states.Add(state);
        test.Store.OnDurable(result.Lsn, () => _acknowledged = Math.Max(_acknowledged, number));
        if (_random.Next(2) == 0) test.Store.PumpLog();
    }

    private void Check(TestStore test)
    {
        if (_states.Count == 0) return;
        if (test.Store.FindTable(1) is null)
        {
            Assert.Equal(-1, _acknowledged);
            _states.Clear();
            return;
        }

        _acknowledged = Math.Max(_acknowledged, 0);
        int commits = test.Store.TransactionCount - 1;
        Assert.InRange(commits, _acknowledged, _states.Count - 1);
        List<TestRow> rows = Rows.Scan(test.Table, test.Store.LatestView);
        Assert.Equal(_states[commits].OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value)), rows.Select(row => (row.Id, row.A!.Value)));
        Assert.Equal(rows.Select(row => row.Id), Rows.Drain(test.Index(TestStore.PrimaryKey).Scan(test.Store.LatestView, KeyRange.All, Rows.AllColumns)).Select(row => row.Row.Id));
        // The past is there too: the state after each commit.
        for (int i = 0; i < 3; i++)
        {
            int commit = _random.Next(commits + 1);
            long sequence = test.Store.TransactionAt(commit).LastSequence;
            Assert.Equal(_states[commit].OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value)), Rows.Scan(test.Table, test.Store.LatestView.At(sequence)).Select(row => (row.Id, row.A!.Value)));
        }

        // What the crash took away has not happened.
        _states.RemoveRange(commits + 1, _states.Count - commits - 1);
        _acknowledged = commits;
    }
}
