namespace DriftDb.Storage.Tests;

/// <summary>
/// Random transactions against a naive oracle: a list of all versions ever. Every kind of read is compared at random moments, with restarts and checkpoints between. A planted fault must be noticed.
/// </summary>
public sealed class HistoryTests
{
    [Theory]
    [InlineData(1, 30, 400)]
    [InlineData(2, 300, 300)]
    [InlineData(3, 3000, 60)]
    [InlineData(4, 5, 2000)]
    public void Every_read_agrees_with_the_oracle(int seed, int keys, int rounds) => new HistoryRun(seed, keys).Run(rounds);

    /// <summary>The long run: DRIFTDB_HISTORY_STEPS=100000 (random steps; each failure names its seed).</summary>
    [Fact]
    public void Oracles_of_time()
    {
        int steps = int.TryParse(Environment.GetEnvironmentVariable("DRIFTDB_HISTORY_STEPS"), System.Globalization.CultureInfo.InvariantCulture, out int wanted) ? wanted : 400;
        int seed = Environment.TickCount & 0xFFFFFF;
        for (int done = 0; done < steps; done += 200, seed++) new HistoryRun(seed, 1 + seed % 400).Run(200);
    }

    [Fact]
    public void Random_seed()
    {
        int seed = Environment.TickCount & 0xFFFFFF;
        new HistoryRun(seed, 1 + seed % 500).Run(150);
    }

    [Fact]
    public void A_chunk_closed_one_sequence_early_is_noticed() => Noticed(() => Faults.CloseEarly = 1, () => Faults.CloseEarly = 0);

    [Fact]
    public void A_scan_without_arrival_is_noticed() => Noticed(() => Faults.IgnoreArrival = true, () => Faults.IgnoreArrival = false);

    [Fact]
    public void Retention_that_drops_one_event_too_many_is_noticed() => Noticed(() => Faults.DropBeyondFloor = 1, () => Faults.DropBeyondFloor = 0);

    [Fact]
    public void An_erasure_that_leaves_a_version_is_noticed() => Noticed(() => Faults.KeepErasedVersion = true, () => Faults.KeepErasedVersion = false);

    private static void Noticed(Action plant, Action remove)
    {
        plant();
        try
        {
            // One seed may never come where the fault shows.
            Assert.ThrowsAny<Exception>(() =>
            {
                for (int seed = 4; seed < 10; seed++) new HistoryRun(seed, 5).Run(2000);
            });
        }
        finally
        {
            remove();
        }
    }
}

internal sealed class HistoryRun(int seed, int keys)
{
    private readonly Random _random = new(seed), _upkeep = new(~seed);
    private readonly List<Version> _versions = [];
    private readonly Dictionary<int, Version> _live = [];
    private readonly List<(long Sequence, long Time)> _commits = [(0, 0)];
    private long _sequence, _floor;
    private int _nextColumn = 4;

    private sealed class Version
    {
        public TestRow Row;
        public long RowId, Begin, End = long.MaxValue;
    }

    public void Run(int rounds)
    {
        using var test = new TestStore(walFileBytes: 1 << 14);
        test.CreateTable();
        try
        {
            for (int round = 0; round < rounds; round++)
            {
                Transaction(test);
                if (round % 5 == 0) Compare(test);
                if (_random.Next(40) == 0) CheckpointAmongCommits(test);
                if (_upkeep.Next(60) == 0) CompareSnapshot(test);
                if (_upkeep.Next(10) == 0) test.Store.SpillIndexes();
                if (_random.Next(50) == 0) Retain(test);
                if (_random.Next(50) == 0) Erase(test);
                if (_random.Next(40) == 0) Alter(test);
                if (_random.Next(60) == 0) test.Restart(ignoreSnapshots: _random.Next(4) == 0);
                if (_upkeep.Next(20) == 0) Assert.Empty(new TableCheck(test.Table).Run());
            }

            for (int i = 0; i < 20; i++) Compare(test);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"new HistoryRun(seed: {seed}, keys: {keys})", exception);
        }
    }

    /// <summary>Commits go on, and indexes are written, while the snapshot is.</summary>
    private void CheckpointAmongCommits(TestStore test)
    {
        test.Disk.Created = path =>
        {
            if (!path.StartsWith("tables/t/snapshots/", StringComparison.Ordinal)) return;
            test.Disk.Created = null;
            for (int i = _upkeep.Next(4); i > 0; i--) Transaction(test);
            if (_upkeep.Next(2) == 0) test.Store.SpillIndexes();
        };
        test.Store.Checkpoint();
        test.Disk.Created = null;
    }

    /// <summary>History older than some commit goes; what lives at the floor stays with its true begin.</summary>
    private void Retain(TestStore test)
    {
        (long _, long time) = _commits[_random.Next(_commits.Count)];
        if (time == 0) return;
        using (StoreTransaction transaction = test.Store.Begin())
        {
            transaction.AlterTable(test.Table.Definition with { HistoryRetention = new DriftDb.Types.Interval(test.Clock.NowMicros - time, 0, 0) });
            CommitOther(transaction.Commit());
        }

        long before = test.Table.Floor;
        int transactions = test.Store.TransactionCount;
        RetentionResult result = _random.Next(3) == 0 ? Compacted(test) : test.Store.ApplyRetention(test.Table);
        if (test.Store.TransactionCount > transactions) _commits.Add((_sequence, test.Store.LastCommitTime));
        Assert.Equal(Math.Max(before, test.Store.SequenceAt(time)), result.Floor);
        _floor = result.Floor;
        _versions.RemoveAll(version => version.End <= _floor);
    }

    /// <summary>A column comes, with a value for the rows that are older, or one goes.</summary>
    private void Alter(TestStore test)
    {
        DriftDb.Storage.TableDefinition definition = test.Table.Definition;
        bool adds = definition.Columns.Length == 3 || _random.Next(2) == 0;
        var missing = new StoredValue(BitConverter.GetBytes(_random.NextInt64()));
        definition = adds
            ? definition with { Columns = definition.Columns.Add(new ColumnDefinition(_nextColumn++, "more", DriftDb.Types.SqlType.Int8, missing)) }
            : definition with { Columns = definition.Columns.RemoveAt(3) };
        using StoreTransaction transaction = test.Store.Begin();
        Assert.Equal(LockOutcome.Granted, transaction.LockTable(test.Table, TableLockMode.AccessExclusive));
        transaction.AlterTable(definition);
        CommitOther(transaction.Commit());
    }

    private static RetentionResult Compacted(TestStore test)
    {
        test.Store.Compact(test.Table);
        return new RetentionResult(test.Table.Floor, 0, 0);
    }

    private void CommitOther(CommitResult result)
    {
        _sequence = result.LastSequence;
        _commits.Add((_sequence, result.TimeMicros));
    }

    /// <summary>Some rows go, dead ones too, with every version.</summary>
    private void Erase(TestStore test)
    {
        if (_versions.Count == 0) return;
        RowIdSet rows = RowIdSet.Of(Enumerable.Range(0, _random.Next(1, 6)).Select(_ => _versions[_random.Next(_versions.Count)].RowId));
        using StoreTransaction transaction = test.Store.Begin();
        Assert.Equal(LockOutcome.Granted, transaction.LockTable(test.Table, TableLockMode.AccessExclusive));
        CommitOther(test.Store.Erase(transaction, test.Table, rows, "user", "history"));
        _versions.RemoveAll(version => rows.Contains(version.RowId));
        foreach ((int id, Version version) in _live.ToList())
        {
            if (rows.Contains(version.RowId)) _live.Remove(id);
        }
    }

    private void Transaction(TestStore test)
    {
        using StoreTransaction transaction = test.Store.Begin();
        transaction.BeginStatement();
        var own = new Dictionary<int, (TestRow? Row, long RowId)>();
        bool isTruncated = false;
        Operations(test, transaction, own, ref isTruncated, depth: 0);
        CompareOwn(test, transaction, own, isTruncated);
        if (_random.Next(5) == 0) return;
        test.Clock.NowMicros += _random.Next(3) * 1000 - 500;
        CommitResult result = transaction.Commit("user", "history", null);
        if (_random.Next(3) == 0) test.Store.PumpLog();
        _sequence = result.LastSequence;
        if (result.TimeMicros > 0) _commits.Add((_sequence, result.TimeMicros));
        Absorb(test, own, isTruncated);
    }

    private void Operations(TestStore test, StoreTransaction transaction, Dictionary<int, (TestRow? Row, long RowId)> own, ref bool isTruncated, int depth)
    {
        int operations = _random.Next(1, keys > 1000 && depth == 0 ? 400 : 12);
        for (int i = 0; i < operations; i++)
        {
            int id = _random.Next(keys);
            (TestRow? Row, long RowId) current = Current(own, isTruncated, id);
            var row = new TestRow(id, _random.Next(4) == 0 ? null : _random.Next(20), _random.Next(4) == 0 ? null : new string((char)('a' + _random.Next(3)), _random.Next(4)));
            switch (_random.Next(depth == 0 ? 40 : 38))
            {
                case < 16 when current.Row is null:
                case < 6:
                    WriteOutcome inserted = transaction.Insert(test.Table, row);
                    Assert.Equal(current.Row is null ? WriteStatus.Done : WriteStatus.UniqueViolation, inserted.Status);
                    if (current.Row is null) own[id] = (row, inserted.RowId);
                    else Assert.Equal(current.RowId, inserted.RowId);
                    break;
                case < 24:
                    if (current.Row is null) break;
                    Assert.Equal(WriteStatus.Done, transaction.Update(test.Table, current.RowId, row).Status);
                    own[id] = (row, current.RowId);
                    break;
                case < 28: // another key
                    if (current.Row is null) break;
                    int other = _random.Next(keys);
                    (TestRow? Row, long RowId) there = Current(own, isTruncated, other);
                    TestRow moved = row with { Id = other };
                    WriteStatus expected = there.Row is null || other == id ? WriteStatus.Done : WriteStatus.UniqueViolation;
                    Assert.Equal(expected, transaction.Update(test.Table, current.RowId, moved).Status);
                    if (expected != WriteStatus.Done) break;
                    own[id] = (null, 0);
                    own[other] = (moved, current.RowId);
                    break;
                case < 36:
                    if (current.Row is null) break;
                    Assert.Equal(WriteStatus.Done, transaction.Delete(test.Table, current.RowId).Status);
                    own[id] = (null, 0);
                    break;
                case < 38:
                    if (depth > 2) break;
                    TransactionMark mark = transaction.Mark();
                    var saved = new Dictionary<int, (TestRow? Row, long RowId)>(own);
                    bool wasTruncated = isTruncated;
                    Operations(test, transaction, own, ref isTruncated, depth + 1);
                    if (_random.Next(2) == 0) break;
                    transaction.RollbackTo(mark);
                    own.Clear();
                    foreach ((int key, (TestRow? Row, long RowId) value) in saved) own.Add(key, value);
                    isTruncated = wasTruncated;
                    break;
                case 38:
                    if (_random.Next(10) > 0) break;
                    Assert.True(transaction.Truncate(test.Table).IsDone);
                    own.Clear();
                    isTruncated = true;
                    break;
                default:
                    Bulk(test, transaction, own, isTruncated);
                    break;
            }
        }
    }

    private unsafe void Bulk(TestStore test, StoreTransaction transaction, Dictionary<int, (TestRow? Row, long RowId)> own, bool isTruncated)
    {
        var buffer = new DriftDb.Types.TupleBuffer(test.Table.Definition.Layout);
        var rows = new List<TestRow>();
        bool collides = false;
        var ids = new HashSet<int>();
        for (int i = _random.Next(1, 30); i > 0; i--)
        {
            int id = _random.Next(keys);
            bool isTaken = Current(own, isTruncated, id).Row is not null || ids.Contains(id);
            if (isTaken && _random.Next(20) > 0) continue;
            collides |= isTaken;
            ids.Add(id);
            rows.Add(new TestRow(id, i, "bulk"));
            Rows.Tuple(buffer, rows[^1]);
        }

        WriteOutcome outcome = transaction.BulkInsert(test.Table, buffer);
        Assert.Equal(collides ? WriteStatus.UniqueViolation : WriteStatus.Done, outcome.Status);
        if (collides) return;
        for (int i = 0; i < rows.Count; i++) own[rows[i].Id] = (rows[i], outcome.RowId + i);
    }

    private (TestRow? Row, long RowId) Current(Dictionary<int, (TestRow? Row, long RowId)> own, bool isTruncated, int id) =>
        own.TryGetValue(id, out (TestRow? Row, long RowId) mine) ? mine : !isTruncated && _live.TryGetValue(id, out Version? version) ? (version.Row, version.RowId) : (null, 0);

    /// <summary>The store decides the order of events within a transaction; the oracle learns it, and checks that there is one version for each row that should have one.</summary>
    private void Absorb(TestStore test, Dictionary<int, (TestRow? Row, long RowId)> own, bool isTruncated)
    {
        Dictionary<long, (TestRow Row, long Begin)> now = Rows.Drain(test.Table.Scan(test.Store.LatestView, Rows.AllColumns)).ToDictionary(row => row.RowId, row => (row.Row, row.Begin));
        var expected = new Dictionary<long, TestRow>();
        if (!isTruncated)
        {
            foreach (Version version in _live.Values) expected[version.RowId] = version.Row;
        }

        foreach ((int id, (TestRow? Row, long RowId) _) in own)
        {
            if (!isTruncated && _live.TryGetValue(id, out Version? version)) expected.Remove(version.RowId);
        }

        foreach ((TestRow? row, long rowId) in own.Values)
        {
            if (row is not null) expected[rowId] = row.Value;
        }

        Assert.Equal(expected.OrderBy(pair => pair.Key), now.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Row)).OrderBy(pair => pair.Key));
        Dictionary<long, (long Begin, long End)> all = Rows.Drain(test.Table.ScanPeriod(test.Store.LatestView, PeriodKind.All, 0, 0, Rows.AllColumns))
            .GroupBy(row => row.RowId).ToDictionary(group => group.Key, group => group.OrderBy(row => row.Begin).Select(row => (row.Begin, row.End)).Last());
        foreach (Version version in _live.Values.ToList())
        {
            if (now.TryGetValue(version.RowId, out (TestRow Row, long Begin) still) && still.Begin == version.Begin) continue;
            version.End = now.TryGetValue(version.RowId, out still) ? still.Begin : all[version.RowId].End;
            Assert.InRange(version.End, version.Begin + 1, _sequence);
        }

        Dictionary<long, Version> old = _live.Values.Where(version => version.End == long.MaxValue).ToDictionary(version => version.RowId);
        _live.Clear();
        foreach ((long rowId, (TestRow row, long begin)) in now)
        {
            if (!old.TryGetValue(rowId, out Version? version)) _versions.Add(version = new Version { Row = row, RowId = rowId, Begin = begin });
            _live.Add(row.Id, version);
        }
    }

    private void CompareOwn(TestStore test, StoreTransaction transaction, Dictionary<int, (TestRow? Row, long RowId)> own, bool isTruncated)
    {
        List<TestRow> expected = [.. Enumerable.Range(0, keys).Select(id => Current(own, isTruncated, id).Row).Where(row => row is not null).Select(row => row!.Value)];
        Assert.Equal(expected, Rows.Scan(test.Table, transaction.View, transaction));
        CompareIndexes(test, transaction.View, transaction, expected);
    }

    private void Compare(TestStore test)
    {
        ReadView latest = test.Store.LatestView;
        Assert.Equal(_sequence, latest.AsOf);
        long sequence = _random.Next(4) == 0 ? _sequence : _random.NextInt64(_floor, _sequence + 1);
        if (_random.Next(2) == 0 && ClosingOf(test) is { } closing) sequence = Math.Clamp(closing + _random.Next(-1, 2), _floor, _sequence);
        if (_floor > 0) CompareBelowTheFloor(test);
        ReadView view = latest.At(sequence);
        List<Version> alive = [.. _versions.Where(version => version.Begin <= sequence && version.End > sequence)];
        List<(TestRow Row, long RowId, long Begin, long End)> scanned = Rows.Drain(test.Table.Scan(view, Rows.AllColumns));
        Assert.Equal(alive.Select(version => (version.Row, version.RowId, version.Begin, version.End)).OrderBy(row => row.RowId), scanned.OrderBy(row => row.RowId));
        long a = _random.NextInt64(_floor, _sequence + 1), b = _random.NextInt64(_floor, _sequence + 1);
        if (_random.Next(4) > 0 && a > b) (a, b) = (b, a);
        Same(_versions.Where(version => a <= b && version.Begin <= b && version.End > a), test.Table.ScanPeriod(latest, PeriodKind.Between, a, b, Rows.AllColumns));
        Same(_versions.Where(version => a < b && version.Begin < b && version.End > a), test.Table.ScanPeriod(latest, PeriodKind.FromTo, a, b, Rows.AllColumns));
        Same(_versions, test.Table.ScanPeriod(latest, PeriodKind.All, 0, 0, Rows.AllColumns));
        bool isBoundary = _commits.Exists(commit => commit.Sequence == sequence);
        if (isBoundary) CompareIndexes(test, view, null, [.. alive.Select(version => version.Row).OrderBy(row => row.Id)]);
        foreach (Version version in alive.Take(20))
        {
            Assert.True(test.Table.TryGetRow(version.RowId, view, null, out RowVersion row));
            Assert.Equal(version.Row, Rows.Read(row));
            Assert.Equal(version.End, row.EndSequence);
        }

        (long last, long time) = _commits[_random.Next(_commits.Count)];
        if (last > 0) Assert.Equal(last, test.Store.SequenceAt(test.Store.TimeOfSequence(last)));
        Assert.True(last == 0 || test.Store.SequenceAt(time) >= last);
    }

    /// <summary>What the files of a snapshot say to a reader that has none of the store's code.</summary>
    private void CompareSnapshot(TestStore test)
    {
        test.Store.Checkpoint();
        var reader = new IndependentSnapshotReader(path => test.Disk.Exists(path) ? test.Disk.Content(path) : null);
        if (!reader.Read(1)) return;
        long known = reader.Sequence;
        Agree(_versions, reader.Versions().Where(version => version.End > _floor));
        for (int i = 0; i < 4; i++)
        {
            long sequence = _random.NextInt64(Math.Min(_floor, known), known + 1);
            if (sequence >= _floor) Agree(_versions.Where(version => version.Begin <= sequence && version.End > sequence), reader.AsOf(sequence));
        }

        // Ends that came after the snapshot are in the log.
        void Agree(IEnumerable<Version> expected, IEnumerable<IndependentSnapshotReader.Version> read) => Assert.Equal(
            expected.Where(version => version.Begin <= known).Select(version => (version.RowId, version.Begin, version.End > known ? long.MaxValue : version.End, version.Row)).Order(new ByRowAndBegin()),
            read.Select(version => (version.RowId, version.Begin, version.End, TestRow.Of(version.Values))).Order(new ByRowAndBegin()));
    }

    private sealed class ByRowAndBegin : IComparer<(long RowId, long Begin, long End, TestRow Row)>
    {
        public int Compare((long RowId, long Begin, long End, TestRow Row) x, (long RowId, long Begin, long End, TestRow Row) y) => (x.RowId, x.Begin).CompareTo((y.RowId, y.Begin));
    }

    private void CompareBelowTheFloor(TestStore test)
    {
        ReadView below = test.Store.LatestView.At(_floor - 1);
        Refused(() => Rows.Scan(test.Table, below));
        Refused(() => test.Table.TryGetRow(_random.Next(100), below, null, out _));
        Refused(() => Rows.Drain(test.Index(TestStore.PrimaryKey).Scan(below, KeyRange.All, Rows.AllColumns)));
        Refused(() => Rows.Drain(test.Table.ScanPeriod(test.Store.LatestView, PeriodKind.Between, _floor - 1, _sequence, Rows.AllColumns)));
        Refused(() => Rows.Drain(test.Table.ScanPeriod(test.Store.LatestView, PeriodKind.FromTo, 0, _sequence, Rows.AllColumns)));
        foreach (Version version in _versions.Take(5)) Assert.All(test.Table.VersionsOf(version.RowId, test.Store.LatestView), row => Assert.True(row.EndSequence > _floor));

        void Refused(Action read) => Assert.Equal(DriftDb.Types.SqlState.SnapshotTooOld, Assert.Throws<DriftDb.Types.SqlException>(read).SqlState);
    }

    /// <summary>A moment at which a time split closed a chunk: where mistakes would be.</summary>
    private long? ClosingOf(TestStore test)
    {
        ColumnChunk[] chunks = test.Table.Chunks(out int count);
        long[] closings = [.. chunks.Take(count).Select(chunk => chunk.ClosedAt).Where(closed => closed != long.MaxValue)];
        return closings.Length == 0 ? null : closings[_random.Next(closings.Length)];
    }

    private void CompareIndexes(TestStore test, ReadView view, StoreTransaction? transaction, List<TestRow> expected)
    {
        for (int i = 0; i < 10; i++)
        {
            int id = _random.Next(keys + 2);
            bool found = test.Table.TryGet(test.Index(TestStore.PrimaryKey), id, view, transaction, out RowVersion row);
            TestRow[] wanted = [.. expected.Where(candidate => candidate.Id == id)];
            Assert.Equal(wanted, found ? [Rows.Read(row)] : []);
        }

        var builder = new KeyBuilder();
        int low = _random.Next(keys + 1), high = _random.Next(keys + 1);
        byte[] lowKey = builder.AppendInt64(Rows.IdKey, low).Key.ToArray();
        builder.Reset();
        byte[] highKey = builder.AppendInt64(Rows.IdKey, high).Key.ToArray();
        bool lowIn = _random.Next(2) == 0, highIn = _random.Next(2) == 0, backward = _random.Next(2) == 0;
        IEnumerable<TestRow> range = expected.Where(row => (row.Id > low || (lowIn && row.Id == low)) && (row.Id < high || (highIn && row.Id == high))).OrderBy(row => row.Id);
        SameOrder(backward ? range.Reverse() : range, test.Index(TestStore.PrimaryKey).Scan(view, KeyRange.Between(lowKey, lowIn, highKey, highIn), Rows.AllColumns, transaction, backward));
        SameOrder(backward ? expected.AsEnumerable().Reverse() : expected, test.Index(TestStore.PrimaryKey).Scan(view, KeyRange.All, Rows.AllColumns, transaction, backward));

        int a = _random.Next(20);
        builder.Reset();
        builder.AppendInt64(Rows.AKey, a);
        List<TestRow> equal = [.. Rows.Drain(test.Index(TestStore.ByA).Scan(view, KeyRange.Prefix(builder.Key), Rows.AllColumns, transaction, backward)).Select(row => row.Row)];
        Assert.Equal(expected.Where(row => row.A == a), equal.OrderBy(row => row.Id));

        List<TestRow> byB = [.. Rows.Drain(test.Index(TestStore.ByB).Scan(view, KeyRange.All, Rows.AllColumns, transaction, backward)).Select(row => row.Row)];
        IOrderedEnumerable<TestRow> sorted = expected.OrderBy(row => row.B is not null).ThenBy(row => row.B, StringComparer.Ordinal).ThenBy(row => row.A is null).ThenByDescending(row => row.A);
        Assert.Equal((backward ? sorted.Reverse() : sorted).Select(row => (row.B, row.A)), byB.Select(row => (row.B, row.A)));
    }

    private static void Same(IEnumerable<Version> expected, VectorSource source) => Assert.Equal(
        expected.Select(version => (version.Row, version.RowId, version.Begin, version.End)).OrderBy(row => row.RowId).ThenBy(row => row.Begin),
        Rows.Drain(source).OrderBy(row => row.RowId).ThenBy(row => row.Begin));

    private static void SameOrder(IEnumerable<TestRow> expected, VectorSource source) => Assert.Equal(expected, Rows.Drain(source).Select(row => row.Row));
}
