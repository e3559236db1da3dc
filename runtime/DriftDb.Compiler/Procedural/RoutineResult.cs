using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>What a routine gives when it ends: the value of RETURN, or those of its OUT parameters.</summary>
internal static unsafe class RoutineResult
{
    /// <summary>The value that the call takes; rows have gone to its writer already.</summary>
    /// <param name="run">The run, which has ended.</param>
    /// <param name="context">The calling statement's.</param>
    /// <param name="isEmpty">The routine is strict and an argument was NULL: nothing ran.</param>
    public static Datum Finish(BlockRun run, QueryContext context, bool isEmpty)
    {
        var routine = run.Program.Routine!;
        if (routine.ReturnsSet) return default;
        if (run.Rows is { } rows)
        {
            if (isEmpty) rows.Add([], []);
            else if (!run.Program.Outputs.IsEmpty) rows.Add(Outputs(run), OutputTypes(run));
            else
            {
                RequireReturn(run, routine);
                rows.AddValue(run.Result, run.ResultType);
            }

            return default;
        }

        var type = TypeOf(routine);
        if (isEmpty) return Datum.Null(type);
        if (type.Id == TypeId.Void) return Datum.Of(type, default(ByteSlice));
        var (value, from) = run.Program.Outputs switch
        {
            [] => Returned(run, routine),
            [var one] when routine.ReturnColumns.IsEmpty => (run.Values[one.Number], run.Types[one.Number]),
            _ => (ValueConversions.Encode(Outputs(run), OutputTypes(run)), type),
        };
        if (type.IsComposite && from.Id != TypeId.Record && value is not null) throw new SqlException(SqlState.DatatypeMismatch, "cannot return non-composite value from function returning composite type");
        if (run.Session.Conversions.Convert(value, from, type) is not { } result) return Datum.Null(type);
        byte* slot = stackalloc byte[16];
        BoxedValue.Store(result, type, slot, context.Arena);
        return Datum.FromSlot(type, slot);
    }

    /// <summary>The type of the routine's value: of several OUT parameters a record.</summary>
    public static SqlType TypeOf(Routine routine) =>
        routine.ReturnColumns.IsEmpty ? routine.ReturnType : SqlType.RowOf(RowType.Anonymous(routine.ReturnColumns.Select(column => new RowField(column.Name, column.Type))));

    /// <summary>The values of the OUT parameters.</summary>
    public static object?[] Outputs(BlockRun run) => [.. run.Program.Outputs.Select(output => run.Values[output.Number])];

    public static ImmutableArray<SqlType> OutputTypes(BlockRun run) => [.. run.Program.Outputs.Select(output => run.Types[output.Number])];

    private static (object?, SqlType) Returned(BlockRun run, Routine routine)
    {
        RequireReturn(run, routine);
        return (run.Result, run.ResultType);
    }

    private static void RequireReturn(BlockRun run, Routine routine)
    {
        if (!run.HasReturned && routine.ReturnType.Id != TypeId.Void) throw new SqlException(SqlState.FunctionExecutedNoReturnStatement, "control reached end of function without RETURN");
    }
}
