using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Computes single expressions by running them as a query of one row: the one evaluator that there is.</summary>
internal static class ConstantEvaluator
{
    private static readonly CompileOptions Interpreted = new() { CompileAboveRows = double.MaxValue, PromoteAfterRows = long.MaxValue, PromoteAfterExecutions = int.MaxValue };

    /// <summary>The value of an expression without columns. Errors of the evaluation come through.</summary>
    public static ScalarConstant Evaluate(ScalarExpr expression, QueryContext context)
    {
        if (expression is ScalarConstant constant) return constant;
        return new ScalarConstant(EvaluateAll([expression], context)[0], expression.Type);
    }

    /// <summary>Values of several expressions, boxed as constants are.</summary>
    public static unsafe object?[] EvaluateAll(IReadOnlyList<ScalarExpr> expressions, QueryContext context)
    {
        if (expressions.Count == 0) return [];
        var plan = new PhysicalValues([.. expressions.Select((expression, i) => new OutputColumn(1_000_000 + i, "value", expression.Type, true))], [[.. expressions]]);
        var query = CompiledQuery.Compile(plan, Interpreted);
        var rows = new TupleBuffer(query.OutputLayout);
        using var execution = query.Start(context);
        while (rows.Count == 0 && execution.Next(rows, 1) == ExecutionStatus.MoreRows)
        {
        }

        byte* row = rows.Row(0);
        object?[] values = [.. expressions.Select((expression, i) => Value(row, query.OutputLayout, i, expression.Type))];
        // The row and its bytes lie in pinned memory that nothing else keeps from the collector.
        GC.KeepAlive(rows);
        GC.KeepAlive(context);
        return values;
    }

    private static unsafe object? Value(byte* row, TupleLayout layout, int column, SqlType type) =>
        TupleLayout.IsNull(row, column) ? null : BoxedValue.Load(type, row + layout.Offset(column));
}
