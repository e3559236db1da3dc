using DriftDb.Plan;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Runtime.Tests;

public sealed class SmokeTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Scans_filters_aggregates_sorts(bool compiled)
    {
        using var db = new TestDatabase();
        TestRelation t = db.CreateTable("t", ("a", SqlType.Int4, false), ("b", SqlType.Text, true), ("c", SqlType.DeclaredNumeric(10, 2), true));
        db.Insert(t, Enumerable.Range(0, 5000).Select(i => new object?[] { i, i % 7 == 0 ? null : "x" + i % 5, (long)i * 10 }));
        PhysicalTableScan scan = db.Scan(t);
        OutputColumn a = scan.Columns[0], b = scan.Columns[1], c = scan.Columns[2];
        var filtered = db.Scan(t) with { Columns = scan.Columns, Filter = new ScalarComparison(ComparisonOperator.Less, a.Reference(), new ScalarConstant(100, SqlType.Int4)) };
        Assert.Equal(100, db.Run(filtered, compiled).Count);

        OutputColumn count = db.Ids.New("count", SqlType.Int8, false), sum = db.Ids.New("sum", SqlType.FixedNumeric(38, 2), true), avg = db.Ids.New("avg", SqlType.Numeric, true);
        var functions = FunctionCatalog.Builtin;
        var aggregate = new PhysicalHashAggregate(scan, [b],
        [
            new AggregateCall(count, functions.FindFunctions("count").First(f => f.ParameterTypes.Length == 0), [], false, null, []),
            new AggregateCall(sum, functions.FindFunctions("sum").First(f => f.ParameterTypes[0].Id == TypeId.Numeric), [c.Reference()], false, null, []),
            new AggregateCall(avg, functions.FindFunctions("avg").First(f => f.ParameterTypes[0].Id == TypeId.Int4), [a.Reference()], false, null, []),
        ]);
        var sort = new PhysicalSort(aggregate, [new SortKey(b.Id, true, true)]);
        List<string> rows = db.Run(sort, compiled);
        Assert.Equal(6, rows.Count);
        Assert.Equal("∅|715|178678.50|2499.0000000000000000", rows[0]);
        Assert.Equal("x4|857|214414.30|2501.9171528588098016", rows[1]);

        // Without keys, over nothing.
        var nothing = new PhysicalHashAggregate(new PhysicalFilter(scan, ScalarConstant.False), [], aggregate.Aggregates);
        Assert.Equal(["0|∅|∅"], db.Run(nothing, compiled));
        var all = new PhysicalHashAggregate(scan, [], aggregate.Aggregates);
        Assert.Equal(["5000|1249750.00|2499.5000000000000000"], db.Run(all, compiled));

        var top = new PhysicalTopN(scan, [new SortKey(a.Id, true, true)], new ScalarConstant(2L, SqlType.Int8), new ScalarConstant(1L, SqlType.Int8));
        Assert.Equal(["4998|∅|499.80", "4997|x2|499.70"], db.Run(top, compiled));
        Assert.Equal(3, db.Run(new PhysicalLimit(scan, new ScalarConstant(3L, SqlType.Int8), null, []), compiled).Count);

        PhysicalTableScan other = db.Scan(t);
        var join = new PhysicalHashJoin(JoinKind.Inner, scan, other, [new JoinKey(a.Reference(), other.Columns[0].Reference())], null, null);
        Assert.Equal(5000, db.Run(join, compiled).Count);
        var left = new PhysicalHashJoin(JoinKind.Left, scan, new PhysicalFilter(other, new ScalarComparison(ComparisonOperator.Less, other.Columns[0].Reference(), new ScalarConstant(3, SqlType.Int4))),
            [new JoinKey(a.Reference(), other.Columns[0].Reference())], null, null);
        rows = db.Run(left, compiled);
        Assert.Equal(5000, rows.Count);
        Assert.Equal(3, rows.Count(row => !row.EndsWith("|∅|∅|∅", StringComparison.Ordinal)));
    }
}
