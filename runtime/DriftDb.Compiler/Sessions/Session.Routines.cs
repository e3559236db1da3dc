using System.Runtime.CompilerServices;
using DriftDb.Frontend;
using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Routines in PL/pgSQL: the session's programs of them, and their runs within a statement.</summary>
public sealed partial class Session
{
    /// <summary>Calls within each other; the stack for them is that of a thread of its own (<see cref="DeepStack"/>).</summary>
    private const int DeepestCall = 2_500;

    private readonly Dictionary<int, RoutineProgram> _programs = [];
    private ValueConversions? _conversions;
    private volatile string? _interruption;

    /// <param name="Stored">The routine that it was made of: another object after CREATE OR REPLACE.</param>
    /// <param name="Body">What PL/pgSQL's parser made of it; null for a body of SQL.</param>
    /// <param name="Catalog">The catalog that its names were resolved in.</param>
    /// <param name="Program">What runs.</param>
    private sealed record RoutineProgram(RoutineObject Stored, ProcedureBody? Body, CatalogSnapshot Catalog, BlockProgram Program);

    /// <summary>Blocks that run within each other at this moment.</summary>
    internal int RoutineDepth { get; private set; }

    /// <summary>Scopes of routines that are open at this moment: within one no transaction can end.</summary>
    internal int RoutineScopes { get; set; }

    internal ValueConversions Conversions => _conversions ??= new ValueConversions(this);

    /// <summary>57014 when the client has cancelled, or its time is over: a loop that runs no statement notices by this.</summary>
    internal void ThrowIfInterrupted()
    {
        if (_interruption is { } message) throw new SqlException(SqlState.QueryCanceled, message);
    }

    /// <summary>A block runs, or runs on, until <see cref="LeaveRoutine"/>.</summary>
    internal void EnterRoutine()
    {
        // Whether the stack suffices has been asked by who calls: where it doesn't, the call goes on elsewhere.
        if (RoutineDepth == DeepestCall) throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded", hint: $"Routines call each other deeper than {DeepestCall} levels.");
        if (RoutineDepth == 0) _interruption = null;
        RoutineDepth++;
    }

    internal void LeaveRoutine() => RoutineDepth--;

    /// <summary>The program of a stored routine, made anew when the routine or the catalog has changed.</summary>
    internal BlockProgram ProgramOf(RoutineObject stored)
    {
        var catalog = Catalog.Snapshot;
        _programs.TryGetValue(stored.Oid, out var known);
        bool isSame = known is not null && (ReferenceEquals(known.Stored, stored) || known.Stored.Source == stored.Source && known.Stored.InputTypes.SequenceEqual(stored.InputTypes));
        if (isSame && ReferenceEquals(known!.Catalog, catalog)) return known.Program;
        var body = isSame ? known!.Body : stored.IsProcedural ? PlpgsqlParser.Parse(stored.Source) : null;
        var program = body is null ? BlockCompiler.CompileSql(this, stored) : BlockCompiler.Compile(this, body, stored);
        _programs[stored.Oid] = new RoutineProgram(stored, body, catalog, program);
        return program;
    }

    /// <summary>Runs a function's statements within the running statement; where it has to wait for a lock, that statement is taken back and run again (<see cref="LockNeededException"/>).</summary>
    internal Datum CallRoutine(QueryContext context, int oid, ReadOnlySpan<Datum> arguments, RowWriter? rows)
    {
        var values = new object?[arguments.Length];
        for (int i = 0; i < values.Length; i++) values[i] = Boxed(arguments[i]);
        return RuntimeHelpers.TryEnsureSufficientExecutionStack() ? Call() : DeepStack.RunDeep(Call);

        Datum Call() => RunRoutine(context, oid, values, rows);
    }

    private Datum RunRoutine(QueryContext context, int oid, object?[] arguments, RowWriter? rows)
    {
        var stored = Catalog.Snapshot.AllRoutines.FirstOrDefault(routine => routine.Oid == oid) ?? throw new SqlException(SqlState.UndefinedFunction, $"cache lookup failed for function {oid}");
        var transaction = EnsureTransaction();
        var temporary = _temporary?.Transaction;
        var (outer, outerTemporary) = (transaction.EnterStatement(), temporary?.EnterStatement());
        EnterRoutine();
        try
        {
            using var scope = RoutineScope.Enter(this, stored);
            var program = ProgramOf(stored);
            var routine = program.Routine!;
            using var run = new BlockRun(this, program) { Rows = rows is null ? null : new RowOutput(this, routine, rows) };
            bool isEmpty = routine.IsStrict && arguments.Contains(null);
            for (int i = 0; i < arguments.Length; i++) run.Values[program.Parameters[i].Number] = arguments[i];
            if (!isEmpty && run.Advance() == RunStatus.Wait) throw new LockNeededException();
            return RoutineResult.Finish(run, context, isEmpty);
        }
        finally
        {
            LeaveRoutine();
            transaction.LeaveStatement(outer);
            if (outerTemporary is { } entered) temporary!.LeaveStatement(entered);
            SetRunning(context);
            if (RoutineDepth == 0 && _interruption is { } message) context.Cancel(message);
        }
    }

    private static unsafe object? Boxed(Datum value)
    {
        if (value.IsNull) return null;
        byte* slot = stackalloc byte[16];
        value.WriteTo(slot);
        return BoxedValue.Load(value.Type!, slot);
    }
}
