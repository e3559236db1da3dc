using System.Collections.Immutable;
using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>VALUES, system views, table functions.</summary>
internal sealed partial class SubPlanBuilder
{
    private void ProduceValues(PhysicalValues values, Action<BodyBuilder> consume)
    {
        if (values.Rows.Length == 1)
        {
            var body = new BodyBuilder(this);
            ImmutableArray<ScalarExpr> row = values.Rows[0];
            for (int i = 0; i < values.Columns.Length; i++)
            {
                ScalarExpr value = row[i];
                OutputColumn column = values.Columns[i];
                bool lazy = value is ScalarConstant or ScalarParameter || (Query.UseCounts.GetValueOrDefault(column.Id) <= 1 && !IsVolatile(value));
                if (lazy) body.Define(column.Id, () => body.EmitAs(value, column.Type));
                else body.Define(column.Id, body.Stable(body.EmitAs(value, column.Type)));
            }

            consume(body);
            body.Add(Expression.Label(body.Next));
            AddPipeline(AddState(() => new OnceSource()), body, values);
            return;
        }

        var layout = new TupleLayout([.. values.Columns.Select(column => column.Type)]);
        StartValues[] rows = [.. values.Rows.Select(row => Start(row.Select((value, i) => SameForm(value.Type, values.Columns[i].Type) || value is ScalarConstant { IsNull: true }
            ? value
            : new ScalarCast(value, values.Columns[i].Type, false))))];
        int state = AddState(() => new ValuesState(layout, rows));
        LoopBuffer(state, values, values.Columns, consume, 0, layout);
    }

    private void ProduceSystemScan(PhysicalSystemScan scan, Action<BodyBuilder> consume)
    {
        var rows = (ISystemRows)(scan.Relation.Source ?? throw new InvalidOperationException($"{scan.Relation.Name} has no rows"));
        var layout = new TupleLayout([.. scan.Relation.Columns.Select(column => column.Type)]);
        int state = AddState(() => new SystemRowsState(layout, rows));
        int source = AddState(() => new BufferSource(state));
        LoopRows(source, scan, (body, row) =>
        {
            for (int i = 0; i < scan.Columns.Length; i++)
            {
                int ordinal = scan.Sources[i];
                OutputColumn column = scan.Columns[i];
                if (ordinal == ScanSource.TableOid) body.Define(column.Id, Code.NotNull(Expression.Constant(scan.Relation.Oid)));
                else if (ordinal < 0) body.Define(column.Id, new Code(Expression.Default(column.Type.Kind.StackType()), BodyBuilder.True));
                else
                {
                    Func<Code> read = BodyBuilder.TupleColumn(row, layout, ordinal, column.Nullable);
                    body.Define(column.Id, () => body.Coerce(read(), layout.Types[ordinal], column.Type));
                }
            }

            if (scan.Filter is not null) body.EmitFilter(scan.Filter, body.Next);
            consume(body);
        });
    }

    private void ProduceTableFunction(PhysicalTableFunction function, Action<BodyBuilder> consume)
    {
        if (function.Function.Implementation is not MethodImplementation implementation) throw new SqlException(SqlState.UndefinedFunction, $"function {function.Function} cannot be called here");
        var columns = function.Output;
        var layout = new TupleLayout([.. columns.Select(column => column.Type)]);
        StartValues arguments = Start(function.Arguments);
        if (function.Function.Kind != FunctionKind.Table)
        {
            // A scalar function in FROM: one row.
            var call = new ScalarCall(function.Function, function.Arguments, function.Columns[0].Type);
            var assignments = new List<(OutputColumn Column, ScalarExpr Value)> { (function.Columns[0], call) };
            if (function.Ordinality is { } ordinality) assignments.Add((ordinality, new ScalarConstant(1L, SqlType.Int8)));
            ProduceValues(new PhysicalValues([.. assignments.Select(a => a.Column)], [[.. assignments.Select(a => a.Value)]]), consume);
            return;
        }

        var call2 = new TableFunctionCall(implementation, function.Function.IsStrict, function.Columns.Length);
        bool ordinal = function.Ordinality is not null;
        int state = AddState(() => new TableFunctionState(layout, arguments, call2, ordinal));
        LoopBuffer(state, function, columns, consume, 0, layout);
    }
}

/// <summary>Rows of expressions, evaluated when they are first read.</summary>
internal sealed unsafe class ValuesState(TupleLayout layout, StartValues[] rows) : BufferState(layout)
{
    public override void Finish(Frame frame)
    {
        foreach (StartValues row in rows)
        {
            byte* tuple = Rows.Append();
            row.Evaluate(frame, tuple);
        }
    }
}

internal sealed class SystemRowsState(TupleLayout layout, ISystemRows source) : BufferState(layout)
{
    public override void Finish(Frame frame) => source.Fill(frame.Context, Rows);
}

/// <summary>The call of a set-returning method.</summary>
internal sealed class TableFunctionCall(MethodImplementation implementation, bool isStrict, int columns)
{
    private Action<QueryContext, Datum[], RowWriter>? _invoke;

    public int Columns => columns;

    public bool IsStrict => isStrict;

    public void Invoke(QueryContext context, Datum[] arguments, RowWriter writer) => (_invoke ??= Build())(context, arguments, writer);

    /// <summary>A delegate that unpacks the arguments; interpreted, since a call makes many rows.</summary>
    private Action<QueryContext, Datum[], RowWriter> Build()
    {
        ParameterExpression context = Expression.Parameter(typeof(QueryContext)), arguments = Expression.Parameter(typeof(Datum[])), writer = Expression.Parameter(typeof(RowWriter));
        var parameters = implementation.Method.GetParameters();
        var values = new List<Expression>();
        int next = 0;
        foreach (var parameter in parameters)
        {
            Type type = parameter.ParameterType;
            if (type == typeof(QueryContext)) values.Add(context);
            else if (type == typeof(RowWriter)) values.Add(writer);
            else if (type == typeof(Datum[])) values.Add(MemoryCode.Call(typeof(TableFunctionCall), nameof(Rest), arguments, Expression.Constant(next)));
            else
            {
                Expression datum = Expression.ArrayIndex(arguments, Expression.Constant(next++));
                Type inner = Nullable.GetUnderlyingType(type) ?? type;
                Expression value = inner == typeof(Datum) ? datum
                    : inner == typeof(SqlNumeric) ? Expression.Property(datum, nameof(Datum.Numeric))
                    : inner == typeof(string) ? Expression.Call(Expression.Property(datum, nameof(Datum.Bytes)), nameof(ByteSlice.ToString), null)
                    : Expression.Call(datum, typeof(Datum).GetMethod(nameof(Datum.As))!.MakeGenericMethod(inner));
                if (inner != type) value = Expression.Condition(Expression.Property(datum, nameof(Datum.IsNull)), Expression.Default(type), Expression.Convert(value, type));
                values.Add(value);
            }
        }

        return Expression.Lambda<Action<QueryContext, Datum[], RowWriter>>(Expression.Call(implementation.Method, values), context, arguments, writer).Compile(preferInterpretation: true);
    }

    private static Datum[] Rest(Datum[] arguments, int first) => arguments[first..];
}

internal sealed unsafe class TableFunctionState(TupleLayout layout, StartValues arguments, TableFunctionCall call, bool ordinality) : BufferState(layout)
{
    public override void Finish(Frame frame)
    {
        byte[] scratch = GC.AllocateUninitializedArray<byte>(arguments.Layout.StrideBytes, pinned: true);
        fixed (byte* row = scratch)
        {
            arguments.Evaluate(frame, row);
            var values = new Datum[arguments.Count];
            for (int i = 0; i < values.Length; i++)
            {
                bool isNull = TupleLayout.IsNull(row, i);
                if (isNull && call.IsStrict) return;
                values[i] = isNull ? Datum.Null(arguments.Layout.Types[i]) : Datum.FromSlot(arguments.Layout.Types[i], row + arguments.Layout.Offset(i));
            }

            call.Invoke(frame.Context, values, new RowWriter(Rows));
        }

        if (!ordinality) return;
        long number = 0;
        int column = Layout.ColumnCount - 1;
        for (int block = 0; block < Rows.BlockCount; block++)
        {
            byte* tuple = Rows.Block(block, out int count);
            for (int i = 0; i < count; i++, tuple += Layout.StrideBytes)
            {
                Memory.ClearNull((long)tuple, column);
                *(long*)(tuple + Layout.Offset(column)) = ++number;
            }
        }
    }
}
