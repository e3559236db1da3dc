using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Runtime.Tests;

/// <summary>The operators that rely on sorted inputs, against those that hash: random data over several morsels with long runs of duplicates and NULLs.</summary>
public sealed class SortedInputTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 6)];

    [Theory, MemberData(nameof(Seeds))]
    public void Merge_join_and_a_hash_table_of_the_left_side_agree_with_hash_join(int seed)
    {
        using var db = new TestDatabase();
        var random = new Random(seed);
        (PhysicalTableScan l, PhysicalTableScan r) = (Filled(db, random, "l", random.Next(3_000, 6_000)), Filled(db, random, "r", random.Next(0, 5_000)));
        int keyCount = random.Next(1, 4);
        ImmutableArray<JoinKey> keys = [.. Enumerable.Range(0, keyCount).Select(i => new JoinKey(l.Columns[i].Reference(), r.Columns[i].Reference(), NullsMatch: seed % 3 == 0))];
        ScalarExpr? residual = random.Next(2) == 0 ? null : new ScalarComparison(ComparisonOperator.Less, l.Columns[3].Reference(), r.Columns[3].Reference());
        foreach (JoinKind kind in new[] { JoinKind.Inner, JoinKind.Left, JoinKind.Full, JoinKind.Semi, JoinKind.Anti })
        {
            var merge = new PhysicalMergeJoin(kind, Sorted(l, keyCount), Sorted(r, keyCount), keys, residual);
            var hash = new PhysicalHashJoin(kind, l, r, keys, residual, null);
            var builtLeft = hash with { BuildLeft = true };
            // Only how many rows there are of each kind, and their sums: the joins have hundreds of thousands of rows.
            Assert.Equal(db.Run(Digest(db, hash, l.Columns[3])), db.Run(Digest(db, merge, l.Columns[3])));
            Assert.Equal(db.Run(Digest(db, hash, l.Columns[3])), db.Run(Digest(db, builtLeft, l.Columns[3])));
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Merge_join_keeps_the_left_order(int seed)
    {
        using var db = new TestDatabase();
        var random = new Random(seed);
        (PhysicalTableScan l, PhysicalTableScan r) = (Filled(db, random, "l", 3_000), Filled(db, random, "r", 50));
        var merge = new PhysicalMergeJoin(JoinKind.Left, Sorted(l, 1), Sorted(r, 1), [new JoinKey(l.Columns[0].Reference(), r.Columns[0].Reference())], null);
        List<string> rows = db.Run(new PhysicalProject(merge, [Assignment.PassThrough(l.Columns[0])]));
        var numbers = rows.Select(row => row == "∅" ? int.MaxValue : int.Parse(row)).ToList();
        Assert.Equal(numbers.Order(), numbers);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void A_merge_join_under_an_apply_starts_anew_for_each_row(int seed)
    {
        using var db = new TestDatabase();
        var random = new Random(seed);
        PhysicalTableScan outer = Filled(db, random, "o", 40);
        PhysicalTableScan l = Filled(db, random, "l", 300), r = Filled(db, random, "r", 300);
        ScalarExpr limit = new ScalarComparison(ComparisonOperator.Less, l.Columns[3].Reference(), new ScalarOuter(0, SqlType.Int4));
        ImmutableArray<JoinKey> keys = [new JoinKey(l.Columns[0].Reference(), r.Columns[0].Reference())];
        PhysicalPlan Applied(JoinKind kind, bool merge) => new PhysicalApply(
            JoinKind.Inner, outer,
            merge ? new PhysicalMergeJoin(kind, Sorted(l with { Filter = limit }, 1), Sorted(r, 1), keys, null) : new PhysicalHashJoin(kind, l with { Filter = limit }, r, keys, null, null),
            [(0, outer.Columns[3].Reference())], ScalarConstant.True, null);
        foreach (JoinKind kind in new[] { JoinKind.Inner, JoinKind.Full, JoinKind.Semi })
            Assert.Equal(db.Run(Digest(db, Applied(kind, false), outer.Columns[3])), db.Run(Digest(db, Applied(kind, true), outer.Columns[3])));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Streamed_groups_agree_with_hashed_ones(int seed)
    {
        using var db = new TestDatabase();
        var random = new Random(seed);
        PhysicalTableScan t = Filled(db, random, "t", random.Next(0, 8_000));
        int keyCount = random.Next(1, 4);
        ImmutableArray<OutputColumn> keys = [.. t.Columns.Take(keyCount)];
        AggregateCall Call(string function, string type, int argument, bool distinct = false, bool filtered = false) => new(
            db.Ids.New(function, ValueType(type), true),
            Function(function, argument < 0 ? 0 : 1),
            argument < 0 ? [] : [t.Columns[argument].Reference()], distinct,
            filtered ? new ScalarComparison(ComparisonOperator.Greater, t.Columns[3].Reference(), new ScalarConstant(500, SqlType.Int4)) : null, []);
        ImmutableArray<AggregateCall> calls =
        [
            Call("count", "int8", -1), Call("count", "int8", 0), Call("sum", "int8", 3), Call("min", "text", 1), Call("max", "text", 1), Call("count", "int8", 1, distinct: true),
            Call("sum", "int8", 3, distinct: true), Call("sum", "int8", 3, filtered: true), Call("avg", "numeric", 3), Call("sum", "numeric", 2),
        ];
        var hash = new PhysicalHashAggregate(t, keys, calls);
        var stream = new PhysicalStreamAggregate(Sorted(t, keyCount), keys, calls);
        foreach (bool compiled in new[] { true, false })
        {
            List<string> expected = db.Run(hash, compiled), found = db.Run(stream, compiled);
            expected.Sort(StringComparer.Ordinal);
            found.Sort(StringComparer.Ordinal);
            Assert.Equal(expected, found);
        }

        var first = new PhysicalLimit(stream, new ScalarConstant(3L, SqlType.Int8), null, []);
        Assert.Equal(db.Run(stream).Take(3), db.Run(first));
    }

    [Fact]
    public void A_limit_over_streamed_groups_reads_no_further()
    {
        using var db = new TestDatabase();
        PhysicalTableScan t = Filled(db, new Random(1), "t", 20_000);
        var count = new AggregateCall(db.Ids.New("n", SqlType.Int8, false), Function("count", 0), [], false, null, []);
        var sorted = Sorted(t, 1);
        var plan = new PhysicalLimit(new PhysicalStreamAggregate(sorted, [t.Columns[0]], [count]), new ScalarConstant(1L, SqlType.Int8), null, []);
        CompiledQuery query = CompiledQuery.Compile(plan, new CompileOptions { Profiling = Profiling.Rows });
        using QueryExecution execution = query.Start(db.Context());
        var rows = new TupleBuffer(query.OutputLayout);
        while (execution.Next(rows, 100) != ExecutionStatus.Done) { }
        Assert.Equal(1, rows.Count);
        Assert.InRange(execution.Counters![sorted].Rows, 1, 10_000);
    }

    /// <summary>An overload with so many parameters: code generation goes by the arguments' types.</summary>
    private static FunctionSignature Function(string name, int parameters) => FunctionCatalog.Builtin.FindFunctions(name).First(function => function.ParameterTypes.Length == parameters);

    private static SqlType ValueType(string name) => name switch { "int8" => SqlType.Int8, "text" => SqlType.Text, _ => SqlType.Numeric };

    /// <summary>A table with an integer, a text and a numeric key of few values each, NULLs among them, and a number.</summary>
    private static PhysicalTableScan Filled(TestDatabase db, Random random, string name, int rows)
    {
        TestRelation table = db.CreateTable(name, ("a", SqlType.Int4, true), ("b", SqlType.Text, true), ("c", SqlType.Numeric, true), ("v", SqlType.Int4, false));
        int spread = random.Next(20, 400);
        object? Nullable(object value) => random.Next(12) == 0 ? null : value;
        var made = Enumerable.Range(0, rows).Select(_ => new[] { Nullable(random.Next(spread)), Nullable($"text {random.Next(5)}"), Nullable($"{random.Next(4)}.{random.Next(2)}0"), (object?)random.Next(1_000) }).ToList();
        if (rows > 0) db.Insert(table, made);
        return db.Scan(table);
    }

    private static PhysicalSort Sorted(PhysicalTableScan scan, int keys) => new(scan, [.. Enumerable.Range(0, keys).Select(i => new SortKey(scan.Columns[i].Id, false, false))]);

    /// <summary>How many rows a plan puts out, of how many kinds, and the sum of a column of theirs.</summary>
    private static PhysicalPlan Digest(TestDatabase db, PhysicalPlan plan, OutputColumn number)
    {
        AggregateCall Call(string function, SqlType result, OutputColumn? column) => new(
            db.Ids.New(function, result, true), Function(function, column is null ? 0 : 1),
            column is null ? [] : [column.Reference()], false, null, []);
        ImmutableArray<OutputColumn> output = plan.Output;
        var calls = new List<AggregateCall> { Call("count", SqlType.Int8, null), Call("sum", SqlType.Int8, number) };
        foreach (OutputColumn column in output.Where(column => column.Type.Id == TypeId.Int4)) calls.Add(Call("sum", SqlType.Int8, column));
        return new PhysicalHashAggregate(plan, [], [.. calls]);
    }
}
