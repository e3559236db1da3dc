using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Runtime.Tests;

/// <summary>Random expressions over columns with NULLs, as generated code in both tiers against a naive evaluator.</summary>
public sealed class ExpressionTests
{
    private sealed class Overflow : Exception;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Generated_code_agrees_with_a_naive_evaluator(int seed)
    {
        using var db = new TestDatabase();
        var random = new Random(seed);
        TestRelation table = db.CreateTable("t", ("a", SqlType.Int4, true), ("b", SqlType.Int4, false), ("c", SqlType.Int8, true), ("p", SqlType.Bool, true), ("n", SqlType.DeclaredNumeric(12, 2), true), ("m", SqlType.DeclaredNumeric(9, 4), true));
        var data = Enumerable.Range(0, 40).Select(_ => new object?[]
        {
            random.Next(4) == 0 ? null : random.Next(-5, 6), random.Next(-5, 6), random.Next(4) == 0 ? null : (long)random.Next(-100, 100), random.Next(3) == 0 ? null : random.Next(2) == 0,
            random.Next(4) == 0 ? null : (long)random.Next(-10_000, 10_000), random.Next(4) == 0 ? null : (long)random.Next(-100_000, 100_000),
        }).ToList();
        db.Insert(table, data);
        PhysicalTableScan scan = db.Scan(table);
        for (int i = 0; i < 60; i++)
        {
            ScalarExpr expression = Make(random, scan, random.Next(3), 4);
            OutputColumn column = db.Ids.New("x", expression.Type, true);
            var plan = new PhysicalProject(scan, [new Assignment(column, expression)]);
            List<string>? expected = null;
            bool fails = false;
            try
            {
                expected = [.. data.Select(row => Show(Evaluate(expression, scan, row), expression.Type))];
            }
            catch (Overflow)
            {
                fails = true;
            }
            catch (DivideByZeroException)
            {
                fails = true;
            }

            foreach (bool compiled in new[] { true, false })
            {
                if (!fails) Assert.True(expected!.SequenceEqual(db.Run(plan, compiled)), $"seed {seed}, expression {i}: {expression}");
                else
                {
                    // Generated code doesn't compute what a NULL beside it makes useless (NULL + 1 / 0), so an error may stay away; but it must be the right one.
                    try
                    {
                        db.Run(plan, compiled);
                    }
                    catch (SqlException thrown)
                    {
                        Assert.Contains(thrown.SqlState, new[] { "22003", "22012" });
                    }
                }
            }
        }
    }

    private static string Show(object? value, SqlType type) => value switch
    {
        null => "∅",
        bool b => b ? "t" : "f",
        SqlNumeric n => (type.IsFixedNumeric ? n.WithScale(type.Scale) : n).ToString(),
        _ => value.ToString()!,
    };

    /// <summary>kind 0: integer, 1: boolean, 2: numeric.</summary>
    private static ScalarExpr Make(Random random, PhysicalTableScan scan, int kind, int depth)
    {
        ScalarExpr Column(int i) => scan.Columns[i].Reference();
        ScalarExpr Sub(int k) => Make(random, scan, k, depth - 1);
        if (kind == 0)
        {
            if (depth == 0) return random.Next(3) switch { 0 => Column(0), 1 => Column(1), _ => new ScalarConstant(random.Next(-3, 4), SqlType.Int4) };
            return random.Next(7) switch
            {
                0 or 1 => new ScalarArithmetic((ArithmeticOperator)random.Next(5), Sub(0), Sub(0), SqlType.Int4),
                2 => new ScalarCase([Sub(1), Sub(1)], [Sub(0), Sub(0)], random.Next(2) == 0 ? Sub(0) : ScalarConstant.Null(SqlType.Int4)),
                3 => new ScalarCoalesce([Sub(0), Sub(0), Sub(0)]),
                4 => new ScalarExtreme([Sub(0), Sub(0)], random.Next(2) == 0),
                5 => new ScalarNegate(Sub(0)),
                _ => Sub(0),
            };
        }

        if (kind == 2)
        {
            if (depth == 0) return random.Next(3) switch { 0 => Column(4), 1 => Column(5), _ => new ScalarConstant((long)random.Next(-300, 300), SqlType.FixedNumeric(4, 2)) };
            ScalarExpr left = Sub(2), right = Sub(2);
            var op = (ArithmeticOperator)random.Next(5);
            return random.Next(4) == 0 ? new ScalarNegate(left) : new ScalarArithmetic(op, left, right, NumericTyping.Result(op, left.Type, right.Type));
        }

        if (depth == 0) return random.Next(3) switch { 0 => Column(3), 1 => new ScalarIsNull(Column(0), random.Next(2) == 0), _ => random.Next(2) == 0 ? ScalarConstant.True : ScalarConstant.Null(SqlType.Bool) };
        return random.Next(9) switch
        {
            0 or 1 => new ScalarAnd([Sub(1), Sub(1), Sub(1)]),
            2 => new ScalarOr([Sub(1), Sub(1)]),
            3 => new ScalarNot(Sub(1)),
            4 => new ScalarComparison((ComparisonOperator)random.Next(6), Sub(0), Sub(0)),
            5 => new ScalarIsDistinct(Sub(0), Sub(0), random.Next(2) == 0),
            6 => new ScalarIn(Sub(0), [Sub(0), new ScalarConstant(1, SqlType.Int4), Sub(0)], random.Next(2) == 0),
            7 => new ScalarIsBool(Sub(1), random.Next(2) == 0, random.Next(2) == 0),
            _ => new ScalarComparison((ComparisonOperator)random.Next(6), Make(random, scan, 2, Math.Min(1, depth - 1)), Make(random, scan, 2, Math.Min(1, depth - 1))),
        };
    }

    private static object? Evaluate(ScalarExpr expression, PhysicalTableScan scan, object?[] row)
    {
        object? E(ScalarExpr e) => Evaluate(e, scan, row);
        switch (expression)
        {
            case ScalarConstant { Value: null }: return null;
            case ScalarConstant c: return c.Type.Id == TypeId.Numeric ? new SqlNumeric((Int128)(long)c.Value!, c.Type.Scale) : c.Value;
            case ScalarColumn c:
                int index = Enumerable.Range(0, scan.Columns.Length).First(i => scan.Columns[i].Id == c.Id);
                return row[index] is long n && c.Type.Id == TypeId.Numeric ? new SqlNumeric((Int128)n, c.Type.Scale) : row[index];
            case ScalarArithmetic a:
                object? l = E(a.Left), r = E(a.Right);
                if (l is null || r is null) return null;
                if (l is SqlNumeric x)
                {
                    var y = (SqlNumeric)r;
                    if (a.Operator is ArithmeticOperator.Divide or ArithmeticOperator.Modulo && y.IsZero) throw new DivideByZeroException();
                    return a.Operator switch { ArithmeticOperator.Add => SqlNumeric.Add(x, y), ArithmeticOperator.Subtract => SqlNumeric.Subtract(x, y), ArithmeticOperator.Multiply => SqlNumeric.Multiply(x, y), ArithmeticOperator.Divide => SqlNumeric.Divide(x, y), _ => SqlNumeric.Modulo(x, y) };
                }

                long p = (int)l, q = (int)r;
                return Narrow(a.Operator switch { ArithmeticOperator.Add => p + q, ArithmeticOperator.Subtract => p - q, ArithmeticOperator.Multiply => p * q, ArithmeticOperator.Divide => p / q, _ => p % q });
            case ScalarNegate g: return E(g.Operand) switch { null => null, SqlNumeric v => SqlNumeric.Negate(v), var v => Narrow(-(long)(int)v) };
            case ScalarComparison c:
                l = E(c.Left);
                r = E(c.Right);
                if (l is null || r is null) return null;
                int order = l is SqlNumeric d ? d.CompareTo((SqlNumeric)r) : ((int)l).CompareTo((int)r);
                return c.Operator switch { ComparisonOperator.Equal => order == 0, ComparisonOperator.NotEqual => order != 0, ComparisonOperator.Less => order < 0, ComparisonOperator.LessOrEqual => order <= 0, ComparisonOperator.Greater => order > 0, _ => order >= 0 };
            case ScalarAnd a: // stops at the first FALSE, as the code does
                bool unknown = false;
                foreach (ScalarExpr term in a.Terms)
                {
                    object? v = E(term);
                    if (v is false) return false;
                    unknown |= v is null;
                }

                return unknown ? null : true;
            case ScalarOr o:
                unknown = false;
                foreach (ScalarExpr term in o.Terms)
                {
                    object? v = E(term);
                    if (v is true) return true;
                    unknown |= v is null;
                }

                return unknown ? null : false;
            case ScalarNot n1: return E(n1.Operand) is bool b ? !b : null;
            case ScalarIsNull isNull: return E(isNull.Operand) is null != isNull.Negated;
            case ScalarIsBool isBool: return (E(isBool.Operand) is bool v1 && v1 == isBool.Value) != isBool.Negated;
            case ScalarIsDistinct distinct: return !Equals(E(distinct.Left), E(distinct.Right)) != distinct.Negated;
            case ScalarCase @case:
                for (int i = 0; i < @case.Conditions.Length; i++)
                    if (E(@case.Conditions[i]) is true) return E(@case.Results[i]);
                return E(@case.Else);
            case ScalarCoalesce coalesce: return coalesce.Arguments.Select(E).FirstOrDefault(v => v is not null);
            case ScalarExtreme extreme:
                var values = extreme.Arguments.Select(E).Where(v => v is not null).Cast<int>().ToList();
                return values.Count == 0 ? null : extreme.Greatest ? values.Max() : values.Min();
            case ScalarIn @in:
                object? operand = E(@in.Operand);
                if (operand is null) return null;
                unknown = false;
                foreach (ScalarExpr item in @in.Items)
                {
                    object? v = E(item);
                    if (v is null) unknown = true;
                    else if (v.Equals(operand)) return !@in.Negated;
                }

                return unknown ? null : @in.Negated;
            default: throw new NotSupportedException(expression.GetType().Name);
        }
    }

    private static object Narrow(long value) => value == (int)value ? (int)value : throw new Overflow();
}
