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
        // DRIFTDB_CRASH_POINTS=1000000 for the long run.
        int points = int.TryParse(Environment.GetEnvironmentVariable("DRIFTDB_CRASH_POINTS"), System.Globalization.CultureInfo.InvariantCulture, out int wanted) ? wanted : 20_000;
        int crashes = 0;
        for (int run = 0; crashes < points; run += 500) crashes += Crashes(seed * 1000 + run, 500);
    }

    [Fact]
    public void Acknowledging_before_the_sync_is_noticed() => Noticed(() => Faults.AcknowledgeEarly = true, () => Faults.AcknowledgeEarly = false);

    [Fact]
    public void Ignoring_checksums_is_noticed() => Noticed(() => Faults.IgnoreChecksums = true, () => Faults.IgnoreChecksums = false);

    [Fact]
    public void Leaving_a_torn_tail_is_noticed() => Noticed(() => Faults.KeepTornTail = true, () => Faults.KeepTornTail = false);

    [Fact]
    public void Losing_a_frame_in_compaction_is_noticed() => Noticed(() => Faults.DropFrameInCompaction = Faults.IgnoreEventMultiset = true, () => Faults.DropFrameInCompaction = Faults.IgnoreEventMultiset = false);

    [Fact]
    public void Missing_index_entries_are_noticed() => Noticed(() => Faults.MissIndexEntry = true, () => Faults.MissIndexEntry = false);

    /// <summary>Every call of a workload fails, once and for good: nothing is acknowledged that isn't there after a restart, and the restart is clean. DRIFTDB_FAULT_WORKLOADS=200 for the long run.</summary>
    [Theory]
    [InlineData(DiskFault.Error, false)]
    [InlineData(DiskFault.Error, true)]
    [InlineData(DiskFault.NoSpace, true)]
    [InlineData(DiskFault.ShortWrite, false)]
    [InlineData(DiskFault.ShortWrite, true)]
    public void A_failing_call_acknowledges_nothing_that_is_not_there(DiskFault fault, bool forGood)
    {
        int workloads = int.TryParse(Environment.GetEnvironmentVariable("DRIFTDB_FAULT_WORKLOADS"), System.Globalization.CultureInfo.InvariantCulture, out int wanted) ? wanted : 12;
        int failed = 0;
        for (int workload = 0; workload < workloads; workload++)
        {
            bool hasFailed = true;
            for (int call = 0; hasFailed; call++)
            {
                int seed = workload * 1000 + 17;
                try
                {
                    hasFailed = new CrashRun(seed).RunWithFault(fault, call, forGood);
                    if (hasFailed) failed++;
                }
                catch (Exception exception)
                {
                    throw new InvalidOperationException($"new CrashRun({seed}).RunWithFault(DiskFault.{fault}, {call}, {forGood})", exception);
                }
            }
        }

        Assert.True(failed > 1000);
    }

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
    private readonly List<Dictionary<int, (long Balance, long RowId)>> _states = [];

    /// <summary>Rows that were erased, with the number of the commit that did it.</summary>
    private readonly List<(int Commit, RowIdSet Rows)> _erasures = [];
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
        CheckAll(disk);
        return crashes;
    }

    /// <summary>Fails a call instead of crashing, then starts again on what is durable. False when the workload has fewer calls.</summary>
    public bool RunWithFault(DiskFault fault, int call, bool forGood)
    {
        var disk = new SimulatedFileSystem { FailAt = call, FailsForGood = forGood, Fault = fault };
        Work(disk);
        bool hasFailed = disk.HasFailed;
        disk = disk.AfterCrash(_random);
        CheckAll(disk);
        return hasFailed;
    }

    /// <summary>What a start finds, and what it finds when it passes the snapshots over.</summary>
    private void CheckAll(SimulatedFileSystem disk)
    {
        using TestStore test = Open(disk);
        Check(test);
        if (_random.Next(3) > 0) return;
        test.Restart(ignoreSnapshots: true);
        Check(test);
    }

    /// <summary>Small files and chunks, so that a short workload has many of them.</summary>
    private static TestStore Open(SimulatedFileSystem disk) => new(disk, walFileBytes: 4096, segmentBytes: 2048, smallestChunkRows: 8);

    private bool Work(SimulatedFileSystem disk)
    {
        TestStore? test = null;
        try
        {
            test = Open(disk);
            Check(test);
            if (_states.Count == 0)
            {
                _states.Add([]);
                test.CreateTable(historyRetention: new Interval(15, 0, 0));
                _acknowledged = 0;
            }

            for (int i = 0; i < 40 && test.Failure is null; i++)
            {
                try
                {
                    Step(test);
                }
                catch (IOException) when (disk.HasFailed)
                {
                    // A checkpoint or compaction failed: the store goes on with the files of before.
                }
            }

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
        catch (IOException) when (disk.HasFailed)
        {
            return true; // the store could not be opened
        }
    }

    private void Step(TestStore test)
    {
        int choice = _random.Next(20);
        if (choice == 0) CheckpointAmongTransfers(test);
        else if (choice == 6 && _random.Next(2) == 0) Maintain(test);
        else if (choice < 6) test.Store.PumpLog();
        else Transfer(test);
    }

    /// <summary>Commits go on, and indexes are written, while the snapshot is.</summary>
    private void CheckpointAmongTransfers(TestStore test)
    {
        test.Disk.Created = path =>
        {
            if (!path.StartsWith("tables/t/snapshots/", StringComparison.Ordinal)) return;
            test.Disk.Created = null;
            for (int i = _random.Next(3); i > 0; i--) Transfer(test);
            if (_random.Next(2) == 0) test.Store.SpillIndexes();
        };
        try
        {
            test.Store.Checkpoint();
        }
        finally
        {
            test.Disk.Created = null;
        }
    }

    /// <summary>Compaction, retention and erasure commit themselves, and a crash may come before or after that.</summary>
    private void Maintain(TestStore test)
    {
        int before = test.Store.TransactionCount;
        _states.Add(_states[^1]);
        try
        {
            Maintain(test, _random.Next(3));
        }
        finally
        {
            if (test.Store.TransactionCount == before) TakeBack();
        }
    }

    private void TakeBack()
    {
        _states.RemoveAt(_states.Count - 1);
        _erasures.RemoveAll(erasure => erasure.Commit == _states.Count);
    }

    private void Maintain(TestStore test, int choice)
    {
        switch (choice)
        {
            case 0:
                test.Store.Compact(test.Table);
                break;
            case 1:
                test.Store.ApplyRetention(test.Table);
                break;
            default:
                long[] known = [.. _states.SelectMany(state => state.Values).Select(value => value.RowId).Distinct()];
                RowIdSet rows = RowIdSet.Of(known.Where(_ => _random.Next(3) == 0));
                _erasures.Add((_states.Count - 1, rows));
                using (StoreTransaction transaction = test.Store.Begin())
                {
                    Assert.Equal(LockOutcome.Granted, transaction.LockTable(test.Table, TableLockMode.AccessExclusive));
                    test.Store.Erase(transaction, test.Table, rows, "user", "crash");
                }

                _acknowledged = _states.Count - 1;
                break;
        }
    }

    /// <summary>What a state should show of which rows were erased since.</summary>
    private IEnumerable<(int Id, long Balance)> Shown(Dictionary<int, (long Balance, long RowId)> state) =>
        state.Where(pair => !_erasures.Exists(erasure => erasure.Rows.Contains(pair.Value.RowId))).OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value.Balance));

    /// <summary>Several rows in a transaction, whose sum tells whether one is there by half.</summary>
    private void Transfer(TestStore test)
    {
        Dictionary<int, (long Balance, long RowId)> state = _states[^1].Where(pair => !_erasures.Exists(erasure => erasure.Rows.Contains(pair.Value.RowId))).ToDictionary();
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
                WriteOutcome inserted = transaction.Insert(test.Table, values);
                Assert.Equal(WriteStatus.Done, inserted.Status);
                state[account] = (balance, inserted.RowId);
            }
            else if (_random.Next(4) == 0)
            {
                Assert.Equal(WriteStatus.Done, transaction.Delete(test.Table, row.RowId).Status);
                state.Remove(account);
            }
            else
            {
                Assert.Equal(WriteStatus.Done, transaction.Update(test.Table, row.RowId, values).Status);
                state[account] = (balance, row.RowId);
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
        if (test.Store.FindTable(1) is not null) Assert.Empty(new TableCheck(test.Table).Run());
        if (test.Store.FindTable(1) is null)
        {
            Assert.Equal(-1, _acknowledged);
            _states.Clear();
            return;
        }

        _acknowledged = Math.Max(_acknowledged, 0);
        int commits = test.Store.TransactionCount - 1;
        Assert.InRange(commits, _acknowledged, _states.Count - 1);
        _erasures.RemoveAll(erasure => erasure.Commit > commits);
        List<TestRow> rows = Rows.Scan(test.Table, test.Store.LatestView);
        Assert.Equal(Shown(_states[commits]), rows.Select(row => (row.Id, row.A!.Value)));
        Assert.Equal(rows.Select(row => row.Id), Rows.Drain(test.Index(TestStore.PrimaryKey).Scan(test.Store.LatestView, KeyRange.All, Rows.AllColumns)).Select(row => row.Row.Id));
        // The past is there too: the state after each commit.
        for (int i = 0; i < 3; i++)
        {
            int commit = _random.Next(commits + 1);
            long sequence = test.Store.TransactionAt(commit).LastSequence;
            if (sequence < test.Table.Floor) Assert.Equal(SqlState.SnapshotTooOld, Assert.Throws<SqlException>(() => Rows.Scan(test.Table, test.Store.LatestView.At(sequence))).SqlState);
            else Assert.Equal(Shown(_states[commit]), Rows.Scan(test.Table, test.Store.LatestView.At(sequence)).Select(row => (row.Id, row.A!.Value)));
        }

        // What the crash took away has not happened.
        _states.RemoveRange(commits + 1, _states.Count - commits - 1);
        _acknowledged = commits;
    }
}
