using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Runtime.Tests;

public sealed class WriteTests
{
    private static readonly SqlType Int = SqlType.Int4;

    private static ScalarExpr Parameter(int number, SqlType type) => new ScalarParameter(number, type);

    private static (TestRelation Table, ImmutableArray<OutputColumn> New) Create(TestDatabase db)
    {
        TestRelation table = db.CreateTable("t", [0], ("id", SqlType.Int4, false), ("v", SqlType.Int4, true), ("s", SqlType.Text, true));
        return (table, [.. table.Columns.Select(column => db.Ids.New(column.Name, column.Type, column.IsNullable))]);
    }

    private static PhysicalIndexScan Lookup(TestDatabase db, TestRelation table, ScalarExpr key)
    {
        ImmutableArray<OutputColumn> columns = [.. table.Columns.Select(column => db.Ids.New(column.Name, column.Type, column.IsNullable)), db.Ids.New("rowid", SqlType.Int8, false)];
        return new PhysicalIndexScan(table, "t", table.Indexes[0], [key], null, null, false, columns, [0, 1, 2, ScanSource.RowId], null, null);
    }

    [Fact]
    public void Point_operations_and_their_errors()
    {
        using var db = new TestDatabase();
        (TestRelation table, ImmutableArray<OutputColumn> created) = Create(db);
        ImmutableArray<OutputColumn> input = [.. table.Columns.Select(column => db.Ids.New(column.Name, column.Type, true))];
        var insert = new PhysicalInsert(new PhysicalValues(input, [[Parameter(1, Int), Parameter(2, Int), Parameter(3, SqlType.Text)]]), table, created,
            [new CheckCondition("nn", new ScalarIsNull(created[0].Reference(), true), 0)], null, default);
        Assert.True(CompiledQuery.Compile(insert).IsPointOperation);
        using StoreTransaction transaction = db.Store.Begin();
        transaction.BeginStatement();
        for (int i = 0; i < 10; i++) db.Run(insert, parameters: [i, i * 10, i % 2 == 0 ? null : "s" + i], transaction: transaction, rowsAffected: 1);
        var violation = Assert.Throws<SqlException>(() => db.Run(insert, parameters: [3, 0, null], transaction: transaction));
        Assert.Equal(("23505", "duplicate key value violates unique constraint \"t_pkey\"", "Key (id)=(3) already exists."), (violation.SqlState, violation.Message, violation.Detail));
        var isNull = Assert.Throws<SqlException>(() => db.Run(insert, parameters: [null, 5, "x"], transaction: transaction));
        Assert.Equal(("23502", "null value in column \"id\" of relation \"t\" violates not-null constraint", "Failing row contains (null, 5, x)."), (isNull.SqlState, isNull.Message, isNull.Detail));
        transaction.Commit();

        PhysicalIndexScan lookup = Lookup(db, table, Parameter(1, Int));
        Assert.True(CompiledQuery.Compile(lookup).IsPointOperation);
        Assert.StartsWith("3|30|s3|", db.Run(lookup, parameters: [3]).Single(), StringComparison.Ordinal);
        Assert.Empty(db.Run(lookup, parameters: [99]));
        Assert.Empty(db.Run(lookup, parameters: [null]));

        ImmutableArray<OutputColumn> updated = [.. table.Columns.Select(column => db.Ids.New(column.Name, column.Type, true))];
        var set = new PhysicalProject(lookup, [
            Assignment.PassThrough(lookup.Columns[3]), new Assignment(updated[0], lookup.Columns[0].Reference()),
            new Assignment(updated[1], new ScalarArithmetic(ArithmeticOperator.Add, lookup.Columns[1].Reference(), Parameter(2, Int), Int)), new Assignment(updated[2], lookup.Columns[2].Reference())]);
        var update = new PhysicalUpdate(set, table, lookup.Columns[3].Id, updated, [1], [], default);
        Assert.True(CompiledQuery.Compile(update).IsPointOperation);
        using (StoreTransaction t = db.Store.Begin())
        {
            t.BeginStatement();
            db.Run(update, parameters: [3, 7], transaction: t, rowsAffected: 1);
            db.Run(update, parameters: [4, null], transaction: t, rowsAffected: 1);
            Assert.StartsWith("3|37|s3|", db.Run(lookup, parameters: [3], transaction: t).Single(), StringComparison.Ordinal);
            t.Commit();
        }

        Assert.StartsWith("4|∅|∅|", db.Run(lookup, parameters: [4]).Single(), StringComparison.Ordinal);
        var delete = new PhysicalDelete(lookup, table, lookup.Columns[3].Id, default);
        using (StoreTransaction t = db.Store.Begin())
        {
            t.BeginStatement();
            db.Run(delete, parameters: [5], transaction: t, rowsAffected: 1);
            t.Commit();
        }

        Assert.Empty(db.Run(lookup, parameters: [5]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pipelines_write_with_returning_checks_and_conflicts(bool compiled)
    {
        using var db = new TestDatabase();
        (TestRelation table, ImmutableArray<OutputColumn> created) = Create(db);
        PhysicalValues Rows(params (int Id, int V)[] rows)
        {
            ImmutableArray<OutputColumn> input = [.. table.Columns.Select(column => db.Ids.New(column.Name, column.Type, true))];
            return new PhysicalValues(input, [.. rows.Select(row => ImmutableArray.Create<ScalarExpr>(new ScalarConstant(row.Id, Int), new ScalarConstant(row.V, Int), new ScalarConstant("x"u8.ToArray(), SqlType.Text)))]);
        }

        CheckCondition positive = new("v_positive", new ScalarComparison(ComparisonOperator.GreaterOrEqual, created[1].Reference(), new ScalarConstant(0, Int)));
        ImmutableArray<Assignment> returning = [new Assignment(db.Ids.New("twice", Int, true), new ScalarArithmetic(ArithmeticOperator.Multiply, created[1].Reference(), new ScalarConstant(2, Int), Int))];
        using StoreTransaction transaction = db.Store.Begin();
        transaction.BeginStatement();
        Assert.Equal(["2", "4"], db.Run(new PhysicalInsert(Rows((1, 1), (2, 2)), table, created, [positive], null, returning), compiled, transaction: transaction, rowsAffected: 2));
        var failed = Assert.Throws<SqlException>(() => db.Run(new PhysicalInsert(Rows((3, 3), (4, -4)), table, created, [positive], null, default), compiled, transaction: transaction));
        Assert.Equal(("23514", "new row for relation \"t\" violates check constraint \"v_positive\"", "Failing row contains (4, -4, x)."), (failed.SqlState, failed.Message, failed.Detail));

        var nothing = new ConflictClause(table.Indexes[0], [], default, null);
        Assert.Equal(["20"], db.Run(new PhysicalInsert(Rows((1, 9), (5, 10)), table, created, [], nothing, returning), compiled, transaction: transaction, rowsAffected: 1));

        ImmutableArray<OutputColumn> existing = [.. table.Columns.Select(column => db.Ids.New(column.Name, column.Type, true))];
        var update = new ConflictClause(table.Indexes[0], existing,
            [(1, new ScalarArithmetic(ArithmeticOperator.Add, existing[1].Reference(), created[1].Reference(), Int))], null);
        Assert.Equal(["202", "12"], db.Run(new PhysicalInsert(Rows((1, 100), (6, 6)), table, created, [], update, returning), compiled, transaction: transaction, rowsAffected: 2));
        transaction.Commit();
        PhysicalTableScan scan = db.Scan(table);
        Assert.Equal(["1|101|x", "2|2|x", "3|3|x", "5|10|x", "6|6|x"], db.Run(new PhysicalSort(scan, [new SortKey(scan.Columns[0].Id, false, false)]), compiled));
    }
}
