using DriftDb.Plan;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Runtime.Tests;

public sealed class CounterTests
{
    [Fact]
    public void Each_nodes_rows_are_counted_when_asked_for()
    {
        using var db = new TestDatabase();
        TestRelation table = db.CreateTable("t", ("a", SqlType.Int4, false));
        db.Insert(table, Enumerable.Range(0, 1000).Select(i => new object?[] { i }));
        PhysicalTableScan scan = db.Scan(table);
        var filter = new PhysicalFilter(scan, new ScalarComparison(ComparisonOperator.Less, scan.Columns[0].Reference(), new ScalarConstant(10, SqlType.Int4)));
        var aggregate = new PhysicalHashAggregate(filter, [], [new AggregateCall(db.Ids.New("n", SqlType.Int8, false), FunctionCatalog.Builtin.FindFunctions("count")[0], [], false, null, [])]);
        CompiledQuery query = CompiledQuery.Compile(aggregate, new CompileOptions { Profiling = Profiling.Rows });
        using QueryExecution execution = query.Start(db.Context());
        var rows = new TupleBuffer(query.OutputLayout);
        while (execution.Next(rows, 100) != ExecutionStatus.Done) { }
        Assert.Equal((1000, 10, 1), (execution.Counters![scan].Rows, execution.Counters[filter].Rows, execution.Counters[aggregate].Rows));
        Assert.Contains("pipeline", query.DescribePipelines(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_nodes_time_has_its_inputs_and_not_its_consumers()
    {
        using var db = new TestDatabase();
        TestRelation table = db.CreateTable("t", ("a", SqlType.Int4, false));
        db.Insert(table, Enumerable.Range(0, 100_000).Select(i => new object?[] { i * 7919 % 100_000 }));
        PhysicalTableScan scan = db.Scan(table) with { EstimatedRows = 100_000 };
        var sort = new PhysicalSort(scan, [new SortKey(scan.Columns[0].Id, false, false)]) { EstimatedRows = 100_000 };
        CompiledQuery query = CompiledQuery.Compile(sort, new CompileOptions { Profiling = Profiling.RowsAndTimes });
        // Times are sampled, so that one run may be off when the machine is busy; rows and memory never are.
        bool areTimesSound = false;
        for (int run = 0; run < 50 && !areTimesSound; run++)
        {
            using QueryExecution execution = query.Start(db.Context());
            var rows = new TupleBuffer(query.OutputLayout);
            while (execution.Next(rows, 100) != ExecutionStatus.Done) { }
            NodeCounter scanned = execution.Counters![scan], sorted = execution.Counters[sort];
            Assert.Equal((100_000, 1, 100_000, 1), (scanned.Rows, scanned.Loops, sorted.Rows, sorted.Loops));
            Assert.InRange(sorted.MemoryBytes!.Value, 100_000 * 8, 100_000 * 64);
            areTimesSound = scanned.TotalMs > 0 && scanned.TotalMs <= sorted.StartupMs && sorted.StartupMs <= sorted.TotalMs && scanned.TotalMs < scanned.TotalWithConsumerMs;
        }

        Assert.True(areTimesSound);
    }

    [Fact]
    public void Interpreted_pipelines_are_compiled_once_they_have_proved_worth_it()
    {
        using var db = new TestDatabase();
        TestRelation table = db.CreateTable("t", ("a", SqlType.Int4, false));
        db.Insert(table, Enumerable.Range(0, 20_000).Select(i => new object?[] { i }));
        PhysicalTableScan scan = db.Scan(table) with { EstimatedRows = 1 };
        CompiledQuery query = CompiledQuery.Compile(scan);
        var rows = new TupleBuffer(query.OutputLayout);
        for (int run = 0; run < 50 && !query.DescribePipelines().Contains("(compiled)", StringComparison.Ordinal); run++)
        {
            rows.Clear();
            using QueryExecution execution = query.Start(db.Context());
            while (execution.Next(rows, 1000) != ExecutionStatus.Done) { }
            Assert.Equal(20_000, rows.Count);
            Thread.Sleep(20);
        }

        Assert.Contains("(compiled)", query.DescribePipelines(), StringComparison.Ordinal);
    }

    [Fact]
    public void Warm_up_and_cancellation()
    {
        RuntimeSetup.WarmUp();
        using var db = new TestDatabase();
        TestRelation table = db.CreateTable("t", ("a", SqlType.Int4, false));
        db.Insert(table, Enumerable.Range(0, 5_000).Select(i => new object?[] { i }));
        CompiledQuery query = CompiledQuery.Compile(db.Scan(table));
        QueryContext context = db.Context();
        using QueryExecution execution = query.Start(context);
        var rows = new TupleBuffer(query.OutputLayout);
        Assert.Equal(ExecutionStatus.MoreRows, execution.Next(rows, 10));
        Assert.InRange(rows.Count, 10, 64);
        context.Cancel();
        Assert.Equal("57014", Assert.Throws<SqlException>(() => execution.Next(rows, 10)).SqlState);
    }
}
