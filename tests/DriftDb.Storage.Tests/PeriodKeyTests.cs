using DriftDb.Types;

namespace DriftDb.Storage.Tests;

/// <summary>Keys WITHOUT OVERLAPS under interleaved transactions, against a naive oracle. Planted faults must be noticed.</summary>
public sealed class PeriodKeyTests
{
    [Theory, InlineData(1, 3), InlineData(2, 1), InlineData(3, 40)]
    public void Periods_of_one_owner_never_overlap(int seed, int owners) => new PeriodRun(seed, owners).Run(3_000);

    [Fact]
    public void Random_seed()
    {
        int seed = Environment.TickCount & 0xFFFFFF;
        new PeriodRun(seed, 1 + seed % 7).Run(1_500);
    }

    [Fact]
    public void Owners_that_are_not_locked_are_noticed() => Noticed(() => Faults.LeaveOwnersUnlocked = true, () => Faults.LeaveOwnersUnlocked = false);

    [Fact]
    public void Missing_index_entries_are_noticed() => Noticed(() => Faults.MissIndexEntry = true, () => Faults.MissIndexEntry = false);

    [Fact]
    public void An_index_over_rows_that_overlap_cannot_be_made()
    {
        using var test = new TestStore();
        var run = new PeriodRows(test, withIndex: false);
        using (StoreTransaction filling = test.Store.Begin())
        {
            filling.BeginStatement();
            run.Insert(filling, (1, 10, 20));
            run.Insert(filling, (1, 30, 40));
            run.Insert(filling, (2, 15, 35));
            test.Store.WaitDurable(filling.Commit().Lsn);
        }

        using (StoreTransaction indexing = test.Store.Begin())
        {
            indexing.CreateIndex(PeriodRows.Key);
            // The transaction's own rows count too.
            indexing.BeginStatement();
            Assert.Equal(WriteStatus.UniqueViolation, run.Insert(indexing, (1, 19, 21)).Status);
        }

        using (StoreTransaction filling = test.Store.Begin())
        {
            filling.BeginStatement();
            run.Insert(filling, (2, 34, 36));
            Assert.Equal(SqlState.ExclusionViolation, Assert.Throws<SqlException>(() => filling.CreateIndex(PeriodRows.Key)).SqlState);
            test.Store.WaitDurable(filling.Commit().Lsn);
        }

        using StoreTransaction late = test.Store.Begin();
        Assert.Equal(SqlState.ExclusionViolation, Assert.Throws<SqlException>(() => late.CreateIndex(PeriodRows.Key)).SqlState);
    }

    private static void Noticed(Action plant, Action remove)
    {
        plant();
        try
        {
            Assert.ThrowsAny<Exception>(() => new PeriodRun(5, 2).Run(4_000));
        }
        finally
        {
            remove();
        }
    }
}

/// <summary>A table of owners and their periods.</summary>
internal sealed unsafe class PeriodRows
{
    public static readonly IndexDefinition Key = new(2, 1, "t_pkey", [new KeyColumn(1, SqlType.Int4), new KeyColumn(2, SqlType.Date), new KeyColumn(3, SqlType.Date)], IsUnique: false) { WithoutOverlaps = true };

    private readonly TestStore _test;

    public PeriodRows(TestStore test, bool withIndex = true)
    {
        _test = test;
        using StoreTransaction transaction = test.Store.Begin();
        transaction.CreateTable(new TableDefinition(1, "public", "t", [new ColumnDefinition(1, "id", SqlType.Int4), new ColumnDefinition(2, "f", SqlType.Date), new ColumnDefinition(3, "u", SqlType.Date)]));
        if (withIndex) transaction.CreateIndex(Key);
        test.Store.WaitDurable(transaction.Commit().Lsn);
    }

    public WriteOutcome Insert(StoreTransaction transaction, params (int Id, int From, int Until)[] rows)
    {
        TupleBuffer buffer = Tuples(rows);
        WriteOutcome outcome = rows.Length == 1 ? transaction.Insert(_test.Table, buffer.Row(0)) : transaction.BulkInsert(_test.Table, buffer);
        GC.KeepAlive(buffer);
        return outcome;
    }

    public WriteOutcome Update(StoreTransaction transaction, long rowId, (int Id, int From, int Until) row)
    {
        TupleBuffer buffer = Tuples(row);
        WriteOutcome outcome = transaction.Update(_test.Table, rowId, buffer.Row(0));
        GC.KeepAlive(buffer);
        return outcome;
    }

    public bool Covers(StoreTransaction transaction, (int Id, int From, int Until) period, List<long> rowIds)
    {
        var key = new KeyBuilder();
        key.AppendInt64(Key.Key[0], period.Id).AppendInt64(Key.Key[1], period.From).AppendInt64(Key.Key[2], period.Until);
        return transaction.Covers(_test.Index(Key.Id), key.Key, rowIds);
    }

    private TupleBuffer Tuples(params (int Id, int From, int Until)[] rows)
    {
        var buffer = new TupleBuffer(_test.Table.Definition.Layout);
        foreach (var (id, from, until) in rows)
        {
            byte* tuple = buffer.Append();
            *(int*)(tuple + buffer.Layout.Offset(0)) = id;
            *(int*)(tuple + buffer.Layout.Offset(1)) = from;
            *(int*)(tuple + buffer.Layout.Offset(2)) = until;
        }

        return buffer;
    }
}

internal sealed class PeriodRun(int seed, int owners)
{
    private readonly Random _random = new(seed);
    private readonly Dictionary<long, (int Id, int From, int Until)> _committed = [];
    private readonly List<Open> _open = [];

    /// <summary>A transaction with what it has done: null for a row that it has deleted.</summary>
    private sealed class Open(StoreTransaction transaction)
    {
        public StoreTransaction Transaction { get; } = transaction;

        public Dictionary<long, (int Id, int From, int Until)?> Own { get; set; } = [];

        public (TransactionMark Mark, Dictionary<long, (int, int, int)?> Own)? Savepoint { get; set; }
    }

    public void Run(int steps)
    {
        using var test = new TestStore(smallestIndexEra: 8);
        var rows = new PeriodRows(test);
        for (int step = 0; step < steps; step++)
        {
            try
            {
                Step(test, rows);
            }
            catch (Exception exception) when (exception is not InvalidOperationException { InnerException: not null })
            {
                throw new InvalidOperationException($"seed {seed}, owners {owners}, step {step}: {exception.Message}", exception);
            }
        }

        foreach (Open open in _open) open.Transaction.Rollback();
    }

    private void Step(TestStore test, PeriodRows rows)
    {
        if (_open.Count == 0 || (_open.Count < 4 && _random.Next(8) == 0)) _open.Add(new Open(test.Store.Begin()));
        Open open = _open[_random.Next(_open.Count)];
        switch (_random.Next(40))
        {
            case < 4: Commit(test, open); return;
            case 4:
                open.Transaction.Rollback();
                _open.Remove(open);
                return;
            case 5: open.Savepoint = (open.Transaction.Mark(), new(open.Own)); return;
            case 6 when open.Savepoint is { } savepoint:
                open.Transaction.RollbackToSavepoint(savepoint.Mark);
                open.Own = new(savepoint.Own!);
                return;
            case 7 when _open.All(other => other.Own.Count == 0):
                foreach (Open other in _open) other.Transaction.Rollback();
                _open.Clear();
                if (_random.Next(2) == 0) test.Store.Checkpoint();
                else test.Restart();
                return;
        }

        open.Transaction.BeginStatement();
        TransactionMark mark = open.Transaction.Mark();
        var view = View(open);
        if (_random.Next(6) == 0)
        {
            var asked = Period();
            Assert.Equal(IsCovered(view.Values, asked), rows.Covers(open.Transaction, asked, []));
            return;
        }

        long rowId = view.Count > 0 ? view.Keys.ElementAt(_random.Next(view.Count)) : -1;
        int kind = rowId < 0 ? 0 : _random.Next(4);
        (int, int, int)[] wanted = kind == 3 ? [] : kind == 0 && _random.Next(4) == 0 ? [Period(), Period(), Period()] : [Period()];
        WriteOutcome outcome = kind switch
        {
            3 => test.Store.FindTable(1) is { } table ? open.Transaction.Delete(table, rowId) : throw new InvalidOperationException(),
            1 or 2 => rows.Update(open.Transaction, rowId, wanted[0]),
            _ => rows.Insert(open.Transaction, wanted),
        };
        if (kind is 1 or 2) view.Remove(rowId);
        bool conflicts = wanted.Any(period => view.Values.Any(other => Overlap(period, other))) || Enumerable.Range(0, wanted.Length).Any(i => wanted.Skip(i + 1).Any(other => Overlap(wanted[i], other)));
        switch (outcome.Status)
        {
            case WriteStatus.Done:
                Assert.False(conflicts, "a period was taken that overlaps another");
                if (kind == 3) open.Own[rowId] = null;
                else if (kind != 0) open.Own[rowId] = wanted[0];
                else for (int i = 0; i < wanted.Length; i++) open.Own[outcome.RowId + i] = wanted[i];
                break;
            case WriteStatus.UniqueViolation:
                Assert.True(conflicts, "a period was refused that overlaps nothing");
                open.Transaction.RollbackTo(mark);
                break;
            default:
                // Somebody else is in the way: to wait for it is another test's matter.
                open.Transaction.Rollback();
                _open.Remove(open);
                break;
        }
    }

    private void Commit(TestStore test, Open open)
    {
        test.Store.WaitDurable(open.Transaction.Commit().Lsn);
        _open.Remove(open);
        foreach (var (rowId, row) in open.Own)
        {
            if (row is { } living) _committed[rowId] = living;
            else _committed.Remove(rowId);
        }

        var periods = _committed.Values.OrderBy(period => period).ToList();
        for (int i = 1; i < periods.Count; i++) Assert.False(Overlap(periods[i - 1], periods[i]), "committed periods overlap");
    }

    private Dictionary<long, (int Id, int From, int Until)> View(Open open)
    {
        var view = new Dictionary<long, (int, int, int)>(_committed);
        foreach (var (rowId, row) in open.Own)
        {
            if (row is { } living) view[rowId] = living;
            else view.Remove(rowId);
        }

        return view;
    }

    private (int Id, int From, int Until) Period()
    {
        int from = _random.Next(-40, 40);
        return (_random.Next(owners), from, from + 1 + _random.Next(_random.Next(2) == 0 ? 4 : 30));
    }

    private static bool Overlap((int Id, int From, int Until) a, (int Id, int From, int Until) b) => a.Id == b.Id && a.From < b.Until && b.From < a.Until;

    private static bool IsCovered(IEnumerable<(int Id, int From, int Until)> rows, (int Id, int From, int Until) period)
    {
        var own = rows.Where(row => row.Id == period.Id).ToList();
        return Enumerable.Range(period.From, period.Until - period.From).All(day => own.Exists(row => row.From <= day && day < row.Until));
    }
}
