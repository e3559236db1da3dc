using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Runtime.Tests;

public sealed class OperatorTests
{
    private static FunctionSignature Fn(string name, params TypeId[] types) =>
        FunctionCatalog.Builtin.FindFunctions(name).First(f => f.ParameterTypes.Length == types.Length && f.ParameterTypes.Select(t => t.Id).SequenceEqual(types));

    private static PhysicalValues Rows(TestDatabase db, params object?[][] rows)
    {
        SqlType[] types = [SqlType.Int4, SqlType.Text];
        ImmutableArray<OutputColumn> columns = [db.Ids.New("a", types[0], true), db.Ids.New("b", types[1], true)];
        return new PhysicalValues(columns, [.. rows.Select(row => row.Select((value, i) => (ScalarExpr)new ScalarConstant(value is string s ? System.Text.Encoding.UTF8.GetBytes(s) : value, types[i])).ToImmutableArray())]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Set_operations_keep_counts_and_nulls(bool compiled)
    {
        using var db = new TestDatabase();
        PhysicalValues left = Rows(db, [1, "x"], [1, "x"], [2, null], [3, "z"]), right = Rows(db, [1, "x"], [2, null], [2, null], [4, "w"]);
        ImmutableArray<OutputColumn> columns = [db.Ids.New("a", SqlType.Int4, true), db.Ids.New("b", SqlType.Text, true)];
        List<string> Run(SetOperationKind kind, bool all) => db.Run(new PhysicalHashSetOperation(kind, all, left, right, columns), compiled);
        Assert.Equal(["1|x", "2|∅"], Run(SetOperationKind.Intersect, true));
        Assert.Equal(["1|x", "2|∅"], Run(SetOperationKind.Intersect, false));
        Assert.Equal(["1|x", "3|z"], Run(SetOperationKind.Except, true));
        Assert.Equal(["3|z"], Run(SetOperationKind.Except, false));
        Assert.Equal(8, db.Run(new PhysicalUnionAll([left, right], columns), compiled).Count);
        Assert.Equal(["1|x", "1|x"], db.Run(new PhysicalLimit(new PhysicalUnionAll([left, right], columns), new ScalarConstant(2L, SqlType.Int8), null, []), compiled));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Recursion_counts_to_ten(bool compiled)
    {
        using var db = new TestDatabase();
        OutputColumn seed = db.Ids.New("n", SqlType.Int4, true), n = db.Ids.New("n", SqlType.Int4, true), read = db.Ids.New("n", SqlType.Int4, true), next = db.Ids.New("n", SqlType.Int4, true);
        var start = new PhysicalValues([seed], [[new ScalarConstant(1, SqlType.Int4)]]);
        var step = new PhysicalProject(
            new PhysicalFilter(new PhysicalCteScan(1, "t", [read]), new ScalarComparison(ComparisonOperator.Less, read.Reference(), new ScalarConstant(10, SqlType.Int4))),
            [new Assignment(next, new ScalarArithmetic(ArithmeticOperator.Add, read.Reference(), new ScalarConstant(1, SqlType.Int4), SqlType.Int4))]);
        Assert.Equal(Enumerable.Range(1, 10).Select(i => i.ToString()), db.Run(new PhysicalRecursiveUnion(1, start, step, false, [n]), compiled));
        Assert.Equal(10, db.Run(new PhysicalRecursiveUnion(1, start, step, true, [n]), compiled).Count);
        // WITH, read twice.
        OutputColumn a = db.Ids.New("a", SqlType.Int4, true), b = db.Ids.New("b", SqlType.Int4, true);
        var with = new PhysicalWith(2, "w", new PhysicalRecursiveUnion(1, start, step, false, [n]),
            new PhysicalNestedLoopJoin(JoinKind.Inner, new PhysicalCteScan(2, "w", [a]), new PhysicalCteScan(2, "w", [b]), new ScalarComparison(ComparisonOperator.Less, a.Reference(), b.Reference()), null));
        Assert.Equal(45, db.Run(with, compiled).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Aggregates_distinct_filtered_ordered_and_grouping_sets(bool compiled)
    {
        using var db = new TestDatabase();
        PhysicalValues rows = Rows(db, [1, "x"], [1, "y"], [2, "x"], [2, "x"], [null, "z"], [3, null]);
        OutputColumn a = rows.Columns[0], b = rows.Columns[1];
        OutputColumn Out(SqlType type) => db.Ids.New("r", type, true);
        ScalarExpr separator = new ScalarConstant(","u8.ToArray(), SqlType.Text);
        ImmutableArray<AggregateCall> calls =
        [
            new(Out(SqlType.Int8), Fn("count", TypeId.Any), [b.Reference()], true, null, []),
            new(Out(SqlType.Int8), Fn("sum", TypeId.Int4), [a.Reference()], false, new ScalarComparison(ComparisonOperator.Equal, b.Reference(), new ScalarConstant("x"u8.ToArray(), SqlType.Text)), []),
            new(Out(SqlType.Text), Fn("string_agg", TypeId.Text, TypeId.Text), [b.Reference(), separator], false, null, [new SortExpr(b.Reference(), true, true)]),
            new(Out(SqlType.Int4), Fn("max", TypeId.Int4), [a.Reference()], false, null, []),
            new(Out(SqlType.Text), Fn("min", TypeId.Text), [b.Reference()], false, null, []),
            new(Out(SqlType.ArrayOf(SqlType.Int4)), FunctionCatalog.Builtin.FindFunctions("array_agg")[0], [a.Reference()], false, null, []),
            new(Out(SqlType.Numeric), Fn("stddev_samp", TypeId.Int4), [a.Reference()], false, null, []),
        ];
        Assert.Equal(["3|5|z,y,x,x,x|3|x|{1,1,2,2,NULL,3}|0.83666002653407554798"], db.Run(new PhysicalHashAggregate(rows, [], calls), compiled));
        var sets = new PhysicalHashAggregate(rows, [a, b], [calls[0]], [[0], [1], []]);
        Assert.Equal(["1|∅|2", "2|∅|1", "3|∅|0", "∅|x|1", "∅|y|1", "∅|z|1", "∅|∅|0", "∅|∅|1", "∅|∅|3"], db.Run(sets, compiled).Order(StringComparer.Ordinal));
        var empty = new PhysicalHashAggregate(new PhysicalFilter(rows, ScalarConstant.False), [a], [calls[0]], [[0], []]);
        Assert.Equal(["∅|0"], db.Run(empty, compiled));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Windows(bool compiled)
    {
        using var db = new TestDatabase();
        PhysicalValues rows = Rows(db, [1, "x"], [2, "x"], [2, "x"], [4, "x"], [7, "y"]);
        OutputColumn a = rows.Columns[0], b = rows.Columns[1];
        var running = new WindowFrame(FrameMode.Range, new FrameBound(FrameBoundKind.UnboundedPreceding, null), new FrameBound(FrameBoundKind.CurrentRow, null));
        var around = new WindowFrame(FrameMode.Rows, new FrameBound(FrameBoundKind.Preceding, new ScalarConstant(1L, SqlType.Int8)), new FrameBound(FrameBoundKind.Following, new ScalarConstant(1L, SqlType.Int8)));
        WindowCall Call(string name, SqlType result, WindowFrame frame, params ScalarExpr[] arguments) =>
            new(db.Ids.New("w", result, true), FunctionCatalog.Builtin.FindFunctions(name).First(f => f.ParameterTypes.Length == arguments.Length && (f.Kind == FunctionKind.Window || arguments.Length == 0 || f.ParameterTypes[0].Id == arguments[0].Type.Id)), [.. arguments], frame, null);
        var window = new PhysicalWindow(rows, [b], [new SortKey(a.Id, false, false)],
        [
            Call("row_number", SqlType.Int8, running), Call("rank", SqlType.Int8, running), Call("dense_rank", SqlType.Int8, running), Call("sum", SqlType.Int8, running, a.Reference()),
            Call("sum", SqlType.Int8, around, a.Reference()), Call("lag", SqlType.Int4, running, a.Reference()), Call("last_value", SqlType.Int4, running, a.Reference()), Call("count", SqlType.Int8, running),
        ]);
        Assert.Equal(["1|x|1|1|1|1|3|∅|1|1", "2|x|2|2|2|5|5|1|2|3", "2|x|3|2|2|5|8|2|2|3", "4|x|4|4|3|9|6|2|4|4", "7|y|1|1|1|7|7|∅|7|1"], db.Run(window, compiled));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Limits_ties_distinct_on_and_functions_in_from(bool compiled)
    {
        using var db = new TestDatabase();
        PhysicalValues rows = Rows(db, [1, "a"], [1, "b"], [2, "c"], [2, "d"], [3, "e"]);
        OutputColumn a = rows.Columns[0];
        ScalarExpr N(long n) => new ScalarConstant(n, SqlType.Int8);
        Assert.Equal(["1|a", "1|b", "2|c", "2|d"], db.Run(new PhysicalLimit(rows, N(3), null, [new SortKey(a.Id, false, false)]), compiled));
        Assert.Equal(["2|c", "2|d"], db.Run(new PhysicalLimit(rows, N(1), N(2), [new SortKey(a.Id, false, false)]), compiled));
        Assert.Empty(db.Run(new PhysicalLimit(rows, N(0), null, []), compiled));
        Assert.Equal("2201W", Assert.Throws<SqlException>(() => db.Run(new PhysicalLimit(rows, N(-1), null, []), compiled)).SqlState);
        Assert.Equal(["1|a", "2|c", "3|e"], db.Run(new PhysicalDistinctOn(rows, [a.Id]), compiled));
        var series = new PhysicalTableFunction(FunctionCatalog.Builtin.FindFunctions("generate_series").First(f => f.ParameterTypes.Length == 3 && f.ParameterTypes[0].Id == TypeId.Int4),
            [new ScalarConstant(1, SqlType.Int4), new ScalarConstant(9, SqlType.Int4), new ScalarConstant(4, SqlType.Int4)], [db.Ids.New("g", SqlType.Int4, true)], db.Ids.New("o", SqlType.Int8, false));
        Assert.Equal(["1|1", "5|2", "9|3"], db.Run(series, compiled));
    }
}
