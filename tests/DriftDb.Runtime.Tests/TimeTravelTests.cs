using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Runtime.Tests;

public sealed unsafe class TimeTravelTests
{
    [Fact]
    public void Reads_the_past_by_sequence_and_time_and_over_periods()
    {
        using var db = new TestDatabase();
        TestRelation table = db.CreateTable("t", [0], ("id", SqlType.Int4, false), ("v", SqlType.Int4, false));
        db.Insert(table, [[1, 10]]);
        long first = db.Store.VisibleSequence, firstTime = db.Store.LastCommitTime;
        db.Insert(table, [[2, 20]]);
        long second = db.Store.VisibleSequence;
        var storage = (StorageTable)table.Source!;
        using (StoreTransaction transaction = db.Store.Begin())
        {
            ReadView view = transaction.BeginStatement();
            var key = new KeyBuilder();
            int id = 1;
            key.AppendSlot(storage.Indexes[0].Definition.Key[0], (byte*)&id);
            Assert.True(storage.TryGet(storage.Indexes[0], key.Key, view, transaction, out RowVersion row));
            Assert.True(transaction.Delete(storage, row.RowId).IsDone);
            transaction.Commit();
        }

        ImmutableArray<OutputColumn> columns = [db.Ids.New("id", SqlType.Int4, false), db.Ids.New("b", SqlType.Int8, false), db.Ids.New("e", SqlType.Int8, true), db.Ids.New("end", SqlType.TimestampTz, false)];
        List<string> Run(SystemTimePeriod? period) => [.. db.Run(new PhysicalTableScan(table, "t", columns, [0, ScanSource.BeginSequence, ScanSource.EndSequence, ScanSource.SystemTimeEnd], period, null))
            .Select(row => string.Join('|', row.Split('|').Take(3))).Order(StringComparer.Ordinal)];
        ScalarExpr Sequence(long n) => new ScalarConstant(n, SqlType.Int8);
        SystemTimePeriod AsOf(ScalarExpr point) => new(SystemTimeKind.AsOf, [point]);
        Assert.Equal([$"2|{second}|∅"], Run(null));
        Assert.Equal([$"1|{first}|∅"], Run(AsOf(Sequence(first))).Select(row => row.StartsWith("1|", StringComparison.Ordinal) ? $"1|{first}|∅" : row));
        Assert.Single(Run(AsOf(new ScalarConstant(firstTime, SqlType.TimestampTz))));
        Assert.Empty(Run(AsOf(new ScalarConstant(firstTime - 1, SqlType.TimestampTz))));
        Assert.Empty(Run(AsOf(Sequence(0))));
        Assert.Empty(Run(AsOf(ScalarConstant.Null(SqlType.Int8))));
        Assert.Equal([$"1|{first}|{second + 1}", $"2|{second}|∅"], Run(new SystemTimePeriod(SystemTimeKind.All, [])));
        Assert.Equal(2, Run(new SystemTimePeriod(SystemTimeKind.BetweenAsymmetric, [Sequence(first), Sequence(second)])).Count);
        Assert.Empty(Run(new SystemTimePeriod(SystemTimeKind.BetweenAsymmetric, [Sequence(second), Sequence(first)])));
        Assert.Equal(2, Run(new SystemTimePeriod(SystemTimeKind.BetweenSymmetric, [Sequence(second), Sequence(first)])).Count);
        Assert.Single(Run(new SystemTimePeriod(SystemTimeKind.FromTo, [Sequence(first), Sequence(second)])));
        Assert.Equal("22023", Assert.Throws<SqlException>(() => Run(AsOf(Sequence(1_000_000)))).SqlState);
        Assert.Equal("22023", Assert.Throws<SqlException>(() => Run(AsOf(new ScalarConstant(Calendar.TimestampInfinity - 1, SqlType.TimestampTz)))).SqlState);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Index_scans_and_joins_by_ranges(bool compiled)
    {
        using var db = new TestDatabase();
        TestRelation table = db.CreateTable("t", [0, 1], ("a", SqlType.Int4, false), ("b", SqlType.Int4, false));
        db.Insert(table, from a in Enumerable.Range(0, 20) from b in Enumerable.Range(0, 5) select new object?[] { a, b });
        ScalarExpr N(int n) => new ScalarConstant(n, SqlType.Int4);
        List<string> Run(ScalarExpr[] equal, IndexBound? lower, IndexBound? upper, bool backward = false)
        {
            ImmutableArray<OutputColumn> columns = [db.Ids.New("a", SqlType.Int4, false), db.Ids.New("b", SqlType.Int4, false)];
            return db.Run(new PhysicalIndexScan(table, "t", table.Indexes[0], [.. equal], lower, upper, backward, columns, [0, 1], null, null), compiled);
        }

        Assert.Equal(["3|0", "3|1", "3|2", "3|3", "3|4"], Run([N(3)], null, null));
        Assert.Equal(["3|2", "3|3"], Run([N(3)], new IndexBound(N(1), false), new IndexBound(N(3), true)));
        Assert.Equal(["3|4", "3|3"], Run([N(3)], new IndexBound(N(3), true), null, backward: true));
        Assert.Equal(10, Run([], new IndexBound(N(18), true), null).Count);
        Assert.Empty(Run([ScalarConstant.Null(SqlType.Int4)], null, null));
        Assert.Single(Run([N(4), N(4)], null, null));

        PhysicalValues left = new([db.Ids.New("x", SqlType.Int4, true)], [[N(2)], [N(77)], [ScalarConstant.Null(SqlType.Int4)], [N(19)]]);
        ImmutableArray<OutputColumn> inner = [db.Ids.New("a", SqlType.Int4, false), db.Ids.New("b", SqlType.Int4, false)];
        var scan = new PhysicalIndexScan(table, "t", table.Indexes[0], [], null, null, false, inner, [0, 1], null, new ScalarComparison(ComparisonOperator.Less, inner[1].Reference(), N(2)));
        Assert.Equal(["2|2|0", "2|2|1", "77|∅|∅", "∅|∅|∅", "19|19|0", "19|19|1"], db.Run(new PhysicalIndexJoin(JoinKind.Left, left, scan, [left.Columns[0].Reference()], null), compiled));
        Assert.Equal(["2", "19"], db.Run(new PhysicalIndexJoin(JoinKind.Semi, left, scan, [left.Columns[0].Reference()], null), compiled));
    }
}
