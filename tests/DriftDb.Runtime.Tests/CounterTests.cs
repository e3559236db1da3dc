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
        CompiledQuery query = CompiledQuery.Compile(aggregate, new CompileOptions { CollectCounters = true });
        using QueryExecution execution = query.Start(db.Context());
        var rows = new TupleBuffer(query.OutputLayout);
        while (execution.Next(rows, 100) != ExecutionStatus.Done) { }
        Assert.Equal((1000, 10, 1), (execution.Counters![scan].Rows, execution.Counters[filter].Rows, execution.Counters[aggregate].Rows));
        Assert.Contains("pipeline", query.DescribePipelines(), StringComparison.Ordinal);
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
