using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>An expression over parameters, compiled once: conversions, and assignments to a part of a variable.</summary>
internal sealed unsafe class BoundExpression
{
    private readonly CompiledQuery _query;
    private readonly ImmutableArray<SqlType> _parameters;

    public BoundExpression(ScalarExpr expression, ImmutableArray<SqlType> parameters)
    {
        _parameters = parameters;
        var plan = new PhysicalValues([new OutputColumn(1, "value", expression.Type, true)], [[expression]]);
        _query = CompiledQuery.Compile(plan, new CompileOptions { ParameterTypes = parameters });
    }

    public object? Evaluate(Session session, params object?[] values)
    {
        var context = session.NewContext();
        var row = ParameterRow.Of(values, _parameters);
        context.Parameters = row.Address;
        var rows = new TupleBuffer(_query.OutputLayout);
        using var execution = _query.Start(context);
        while (rows.Count == 0 && execution.Next(rows, 1) == ExecutionStatus.MoreRows)
        {
        }

        object? value = TupleLayout.IsNull(rows.Row(0), 0) ? null : BoxedValue.Load(rows.Layout.Types[0], rows.Row(0) + rows.Layout.Offset(0));
        // What lies in pinned memory that nothing else keeps from the collector.
        GC.KeepAlive(rows);
        GC.KeepAlive(row);
        GC.KeepAlive(context);
        return value;
    }
}
