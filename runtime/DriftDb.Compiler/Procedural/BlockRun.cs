using System.Collections.Immutable;
using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// One run of a block: the values of its variables and the place that it has come to. <see cref="Advance"/> goes on until the end, or until a lock has to be waited for; an error goes to the innermost block that
/// handles it, after what that block did is taken back.
/// </summary>
internal sealed class BlockRun : IDisposable
{
    private readonly Stack<OpenHandler> _handlers = new();
    private readonly Stack<SqlException> _handled = new();
    private readonly LockWaiter _waiter = new();
    private Session.SessionMark _mark;
    private Step? _step;
    private IResultSink? _sink;
    private long _maxRows;
    private int _next;

    public BlockRun(Session session, BlockProgram program)
    {
        Session = session;
        Program = program;
        Values = new object?[program.Variables.Length];
        Types = [.. program.Variables.Select(variable => variable.Type)];
        Loops = new IBlockLoop?[program.LoopCount];
        Found = false;
    }

    private readonly record struct OpenHandler(EnterHandler Block, Session.Subtransaction Begun, int Handled);

    public Session Session { get; }

    public BlockProgram Program { get; }

    /// <summary>The variables' values, boxed as constants are.</summary>
    public object?[] Values { get; }

    /// <summary>Their types: a record's is that of its value.</summary>
    public SqlType[] Types { get; }

    /// <summary>The loops that are open, by their numbers.</summary>
    public IBlockLoop?[] Loops { get; }

    /// <summary>Where RETURN NEXT and RETURN QUERY put rows; null for a routine that returns one value or none.</summary>
    public RowOutput? Rows { get; init; }

    /// <summary>What RETURN gave.</summary>
    public object? Result { get; set; }

    public SqlType ResultType { get; set; } = SqlType.Void;

    /// <summary>A RETURN was reached.</summary>
    public bool HasReturned { get; set; }

    /// <summary>How the transaction ran that COMMIT or ROLLBACK is ending, for AND CHAIN.</summary>
    public ImmutableArray<TransactionMode> Characteristics { get; set; } = [];

    /// <summary>ROW_COUNT of GET DIAGNOSTICS.</summary>
    public long RowCount { get; set; }

    public bool Found
    {
        set => Values[Program.Found.Number] = value;
    }

    /// <summary>The error that is being handled; null outside of handlers.</summary>
    public SqlException? Handled => _handled.TryPeek(out var error) ? error : null;

    /// <summary>Within a block that can be taken back, where no transaction can end.</summary>
    public bool IsInSubtransaction => _handlers.Count > 0;

    public RunStatus Advance()
    {
        while (_next < Program.Instructions.Length)
        {
            SqlException failure;
            try
            {
                if (AdvanceOne() is not RunStatus.Complete and var status) return status;
                continue;
            }
            catch (SqlException error)
            {
                failure = Program.Shifted(error);
            }
            catch (InsufficientExecutionStackException error)
            {
                failure = new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded", inner: error);
            }

            // Not thrown on from within the catch: the stack of what has failed stands until that is left, and calls may be thousands deep.
            DropStep();
            if (!TryHandle(failure)) throw failure;
        }

        return RunStatus.Complete;
    }

    public void OnReady(Action callback)
    {
        if (_waiter.IsWaiting) _waiter.OnGranted(callback);
        else _step!.OnReady(callback);
    }

    /// <summary>Runs a statement within an instruction to its end. Where it has to wait for a lock, what the instruction did is taken back and the instruction is run again.</summary>
    public void RunToEnd(Step step, IResultSink sink)
    {
        using (step)
        {
            while (true)
            {
                switch (step.Advance(sink, 0, onWorker: true))
                {
                    case RunStatus.Complete: return;
                    case RunStatus.Wait: throw new LockNeededException();
                    case RunStatus.CopyIn: throw new SqlException(SqlState.FeatureNotSupported, "cannot COPY to/from client in PL/pgSQL");
                    default: break;
                }
            }
        }
    }

    /// <summary>0A000 for a change of data in a function that promises to make none.</summary>
    public void RequireVolatile(string command)
    {
        if (Program.Routine is { IsProcedure: false, Volatility: not Plan.Volatility.Volatile }) throw new SqlException(SqlState.FeatureNotSupported, $"{command} is not allowed in a non-volatile function");
    }

    public bool IsTrue(EmbeddedQuery condition)
    {
        var (value, type) = condition.Evaluate(this);
        return Session.Conversions.Convert(value, type, SqlType.Bool) is true;
    }

    /// <summary>The value as text, as RAISE shows it; null for NULL.</summary>
    public string? TextOf(EmbeddedQuery expression)
    {
        var (value, type) = expression.Evaluate(this);
        return value is null ? null : ValueText.Format(type, value, Session.Format);
    }

    /// <summary>A block with handlers begins.</summary>
    public void Enter(EnterHandler block) => _handlers.Push(new OpenHandler(block, Session.BeginSubtransaction(), _handled.Count));

    public void LeaveHandled() => _handlers.Pop();

    /// <summary>A handler is done.</summary>
    public void EndHandling() => _handled.Pop();

    public void CloseLoop(int number)
    {
        Loops[number]?.Dispose();
        Loops[number] = null;
    }

    public void Dispose()
    {
        DropStep();
        for (int i = 0; i < Loops.Length; i++) CloseLoop(i);
    }

    private RunStatus AdvanceOne()
    {
        _waiter.ThrowIfFailed();
        Session.ThrowIfInterrupted();
        var instruction = Program.Instructions[_next];
        // A statement that has waited goes on; where its transaction has ended, there is nothing to mark.
        if (_step is null) _mark = Session.Mark();
        try
        {
            if (instruction is not StepInstruction statement)
            {
                _next = instruction.Execute(this, _next + 1);
                return RunStatus.Complete;
            }

            _step ??= statement.Begin(this, out _sink, out _maxRows);
            switch (_step.Advance(_sink!, _maxRows, onWorker: true))
            {
                case RunStatus.Complete or RunStatus.RowLimit: break;
                case RunStatus.CopyIn: throw new SqlException(SqlState.FeatureNotSupported, "cannot COPY to/from client in PL/pgSQL");
                case var status: return status;
            }

            var step = _step;
            _step = null;
            _next = statement.Finish(this, step, _sink!, _next + 1);
            if (statement.EndsStep) step.Dispose();
            return RunStatus.Complete;
        }
        catch (LockNeededException)
        {
            // The instruction is undone, its lock waited for, and run again.
            DropStep();
            Session.RollbackTo(_mark);
            Session.CatalogChanged();
            _waiter.Start(Session, Session.CurrentTransaction!.PendingWait!);
            return RunStatus.Wait;
        }
    }

    private void DropStep()
    {
        _step?.Dispose();
        _step = null;
    }

    /// <summary>Goes to the handler of the innermost block that has one for the error.</summary>
    private bool TryHandle(SqlException error)
    {
        while (_handlers.TryPop(out var open))
        {
            for (int i = open.Block.FirstLoop; i < Loops.Length; i++) CloseLoop(i);
            while (_handled.Count > open.Handled) _handled.Pop();
            Session.RollbackSubtransaction(open.Begun);
            if (open.Block.Find(error.SqlState) is not { } handler) continue;
            _handled.Push(error);
            Values[open.Block.SqlState.Number] = System.Text.Encoding.UTF8.GetBytes(error.SqlState);
            Values[open.Block.SqlErrm.Number] = System.Text.Encoding.UTF8.GetBytes(error.Message);
            _next = handler.Index;
            return true;
        }

        return false;
    }
}

/// <summary>A loop that is open: what it holds is let go when it is left, in whatever way.</summary>
internal interface IBlockLoop : IDisposable;
