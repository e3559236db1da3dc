using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>A block that the client has started: DO, and CALL of a procedure. It waits for locks as any statement does, and goes on where it was.</summary>
/// <param name="session">The session that runs it.</param>
/// <param name="tag">Its command tag.</param>
/// <param name="program">The block.</param>
/// <param name="arguments">Values of the parameters.</param>
internal sealed class BlockStep(Session session, string tag, BlockProgram program, object?[] arguments) : Step
{
    private BlockRun? _run;
    private bool _isOver;

    public override ResultShape? Shape => program.Outputs.IsEmpty ? null : ResultShape.Of([.. program.Routine!.ReturnColumns]);

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        if (!onWorker) return RunStatus.Yield;
        if (session.IsFailed) throw Session.FailedTransaction();
        if (_isOver) return RunStatus.Complete;
        if (_run is null)
        {
            session.BeginStatement();
            session.EnsureTransaction();
            _run = new BlockRun(session, program);
            for (int i = 0; i < arguments.Length; i++) _run.Values[program.Parameters[i].Number] = arguments[i];
        }

        session.EnterRoutine();
        try
        {
            if (_run.Advance() is not RunStatus.Complete and var status) return status;
        }
        finally
        {
            session.LeaveRoutine();
        }

        _isOver = true;
        Tag = tag;
        if (Shape is { } shape) Send(sink, shape, _run);
        return RunStatus.Complete;
    }

    public override void OnReady(Action callback) => _run!.OnReady(callback);

    public override void Dispose()
    {
        _run?.Dispose();
        base.Dispose();
    }

    /// <summary>The values of the OUT and INOUT parameters are the one row of CALL.</summary>
    private static unsafe void Send(IResultSink sink, ResultShape shape, BlockRun run)
    {
        var rows = new TupleBuffer(shape.Layout);
        byte* row = rows.Append();
        var (values, types) = (RoutineResult.Outputs(run), RoutineResult.OutputTypes(run));
        for (int i = 0; i < values.Length; i++)
        {
            var type = shape.Columns[i].Type;
            if (run.Session.Conversions.Convert(values[i], types[i], type) is { } value) BoxedValue.Store(value, type, row + shape.Layout.Offset(i), rows.Arena);
            else TupleLayout.SetNull(row, i);
        }

        sink.Rows(rows, 0, 1, shape);
        GC.KeepAlive(rows); // the row lies in its memory
    }
}
