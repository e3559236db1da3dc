using System.Collections.Immutable;
using System.Diagnostics;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Runtime.Tests;
using DriftDb.Storage;
using DriftDb.Types;

// Pipelines over a table like TPC-H's lineitem, and point operations; ns a row and ns a call, best of several runs.
// Usage: DriftDb.Runtime.Benchmarks [rows, in thousands]
int rows = (args.Length > 0 ? int.Parse(args[0]) : 1_000) * 1_000;
using var db = new TestDatabase();
SqlType money = SqlType.DeclaredNumeric(15, 2);
TestRelation lineitem = db.CreateTable("lineitem", [0],
    ("id", SqlType.Int4, false), ("quantity", money, false), ("extendedprice", money, false), ("discount", money, false), ("tax", money, false), ("returnflag", SqlType.Of(TypeId.BpChar, 5), false),
    ("linestatus", SqlType.Of(TypeId.BpChar, 5), false), ("shipdate", SqlType.Date, false));
var random = new Random(1);
byte[][] flags = ["A"u8.ToArray(), "N"u8.ToArray(), "R"u8.ToArray()], statuses = ["F"u8.ToArray(), "O"u8.ToArray()];
var clock = Stopwatch.StartNew();
for (int done = 0; done < rows; done += 100_000)
    db.Insert(lineitem, Enumerable.Range(done, Math.Min(100_000, rows - done)).Select(i => new object?[]
    {
        i, (long)random.Next(1, 51) * 100, (long)random.Next(90_000, 10_000_000), (long)random.Next(0, 11), (long)random.Next(0, 9), flags[random.Next(3)], statuses[random.Next(2)], random.Next(-2_900, -400),
    }));
Console.WriteLine($"loaded {rows:N0} rows in {clock.ElapsedMilliseconds:N0} ms");

PhysicalTableScan scan = db.Scan(lineitem);
ScalarExpr Col(int i) => scan.Columns[i].Reference();
ScalarExpr Num(long value, int precision, int scale) => new ScalarConstant(value, SqlType.FixedNumeric(precision, scale));
ScalarExpr Op(ArithmeticOperator op, ScalarExpr a, ScalarExpr b) => new ScalarArithmetic(op, a, b, NumericTyping.Result(op, a.Type, b.Type));
FunctionSignature Fn(string name, TypeId? type) => FunctionCatalog.Builtin.FindFunctions(name).First(f => type is null ? f.ParameterTypes.Length == 0 : f.ParameterTypes.Length > 0 && f.ParameterTypes[0].Id == type);
AggregateCall Sum(ScalarExpr value) => new(db.Ids.New("sum", NumericTyping.Sum(value.Type), true), Fn("sum", TypeId.Numeric), [value], false, null, []);
AggregateCall Avg(ScalarExpr value) => new(db.Ids.New("avg", SqlType.Numeric, true), Fn("avg", TypeId.Numeric), [value], false, null, []);
AggregateCall Count() => new(db.Ids.New("count", SqlType.Int8, false), Fn("count", null), [], false, null, []);
ScalarExpr one = Num(1, 1, 0);
ScalarExpr discPrice = Op(ArithmeticOperator.Multiply, Col(2), Op(ArithmeticOperator.Subtract, one, Col(3)));
ScalarExpr charge = Op(ArithmeticOperator.Multiply, discPrice, Op(ArithmeticOperator.Add, one, Col(4)));
ScalarExpr Date(int day) => new ScalarConstant(day, SqlType.Date);
ScalarExpr Cmp(ComparisonOperator op, ScalarExpr a, ScalarExpr b) => new ScalarComparison(op, a, b);

var q6 = new PhysicalHashAggregate(
    scan with
    {
        Filter = new ScalarAnd([
            Cmp(ComparisonOperator.GreaterOrEqual, Col(7), Date(-2191)), Cmp(ComparisonOperator.Less, Col(7), Date(-1826)), Cmp(ComparisonOperator.GreaterOrEqual, Col(3), Num(5, 3, 2)),
            Cmp(ComparisonOperator.LessOrEqual, Col(3), Num(7, 3, 2)), Cmp(ComparisonOperator.Less, Col(1), Num(24, 2, 0))]),
    }, [], [Sum(Op(ArithmeticOperator.Multiply, Col(2), Col(3)))]) { EstimatedRows = 1 };
var q1 = new PhysicalHashAggregate(scan with { Filter = Cmp(ComparisonOperator.LessOrEqual, Col(7), Date(-500)) }, [scan.Columns[5], scan.Columns[6]],
    [Sum(Col(1)), Sum(Col(2)), Sum(discPrice), Sum(charge), Avg(Col(1)), Avg(Col(2)), Avg(Col(3)), Count()]);
var q1small = q1 with { Aggregates = [Sum(Col(1)), Sum(Col(2)), Sum(discPrice), Avg(Col(1)), Avg(Col(2)), Avg(Col(3)), Count()] };
var countAll = new PhysicalHashAggregate(scan, [], [Count()]);
PhysicalTableScan other = db.Scan(lineitem);
var join = new PhysicalHashAggregate(new PhysicalHashJoin(JoinKind.Inner, scan, other, [new JoinKey(Col(0), other.Columns[0].Reference())], null, null), [], [Count(), Sum(other.Columns[1].Reference())]);
var groupById = new PhysicalHashAggregate(scan, [scan.Columns[0]], [Sum(Col(1))]);
var sort = new PhysicalLimit(new PhysicalSort(scan, [new SortKey(scan.Columns[2].Id, false, false)]), new ScalarConstant(10L, SqlType.Int8), null, []);

foreach ((string name, PhysicalPlan plan) in new (string, PhysicalPlan)[] { ("count(*)", countAll), ("Q6", q6), ("Q1 without charge", q1small), ("Q1", q1), ("hash join on id", join), ("group by id", groupById), ("sort", sort) })
{
    CompiledQuery query = CompiledQuery.Compile(plan, new CompileOptions { CompileAboveRows = 0 });
    double best = double.MaxValue;
    string result = "";
    for (int run = 0; run < 15; run++)
    {
        QueryContext context = db.Context();
        var output = new TupleBuffer(query.OutputLayout);
        clock.Restart();
        using QueryExecution execution = query.Start(context);
        while (execution.Next(output, 1000) == ExecutionStatus.MoreRows && output.Count < 100) { }
        best = Math.Min(best, clock.Elapsed.TotalMilliseconds);
        unsafe
        {
            result = TestDatabase.Text(output.Row(0), query.OutputLayout);
        }
    }

    Console.WriteLine($"{name,-20} {best,8:N1} ms {best * 1e6 / rows,8:N2} ns/row   {result}");
}

// Point operations
ImmutableArray<OutputColumn> columns = [.. lineitem.Columns.Select(column => db.Ids.New(column.Name, column.Type, column.IsNullable)), db.Ids.New("rowid", SqlType.Int8, false)];
var lookup = new PhysicalIndexScan(lineitem, "l", lineitem.Indexes[0], [new ScalarParameter(1, SqlType.Int4)], null, null, false, columns, [0, 1, 2, 3, 4, 5, 6, 7, ScanSource.RowId], null, null);
unsafe
{
    CompiledQuery point = CompiledQuery.Compile(new PhysicalProject(lookup, [Assignment.PassThrough(columns[2])]));
    QueryContext context = db.Context();
    var parameters = new TupleBuffer(point.ParameterLayout);
    byte* row = parameters.Append();
    context.Parameters = row;
    var output = new TupleBuffer(point.OutputLayout);
    const int calls = 2_000_000;
    for (int round = 0; round < 4; round++)
    {
        clock.Restart();
        for (int i = 0; i < calls; i++)
        {
            *(int*)(row + point.ParameterLayout.Offset(0)) = (int)((uint)i * 2654435761u % (uint)rows);
            using QueryExecution execution = point.Start(context);
            execution.Next(output, 1);
            output.Clear();
        }

        Console.WriteLine($"point read {clock.Elapsed.TotalNanoseconds / calls:N0} ns");
    }
}
