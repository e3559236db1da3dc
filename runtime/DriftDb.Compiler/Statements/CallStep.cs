using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// CALL: runs a procedure's statements one after the other, each as a statement with the arguments for parameters. What the last one returns becomes the row of the OUT and INOUT parameters; all
/// else that they return is dropped.
/// </summary>
internal sealed class CallStep(Session session, FunctionCall call, ParameterRow? parameters, Routine? around = null, int depth = 0) : StatementsStep(session, "CALL")
{
    private const int Deepest = 32;

    private readonly Session _session = session;
    private Queue<string>? _body;
    private RoutineScope? _scope;
    private bool _isCalled;
    private Routine? _routine;
    private ScalarExpr[] _given = [];
    private ParameterRow? _arguments;
    private object?[] _values = [];

    public override ResultShape? Shape => Target() is { ReturnColumns: { IsEmpty: false } columns } ? ResultShape.Of([.. columns]) : null;

    /// <summary>The statements of a procedure's body as they are run: the last one gives the values of the OUT and INOUT parameters, NULLs when it has no row.</summary>
    internal static IEnumerable<string> Statements(Routine routine)
    {
        if (!routine.IsProcedure || routine.ReturnColumns.IsEmpty) return routine.Body;
        string names = string.Join(", ", routine.ReturnColumns.Select((_, i) => $"c{i}"));
        string values = string.Join(", ", routine.ReturnColumns.Select((column, i) => $"CAST(o.c{i} AS {column.Type}) AS {ObjectNames.QuoteIfNeeded(column.Name)}"));
        return routine.Body.SkipLast(1).Append($"WITH o ({names}) AS ({routine.Body[^1]}) SELECT {values} FROM (VALUES (1)) AS one LEFT JOIN o ON true LIMIT 1");
    }

    /// <summary>The values of the variables of the block that calls, once the call is bound; null where no block does.</summary>
    public Func<ParameterRow?>? VariableValues { get; init; }

    /// <summary>The procedure as it is stored.</summary>
    public RoutineObject Stored(Session session) => session.Catalog.Snapshot.AllRoutines.First(stored => stored.Oid == Target().Oid);

    protected override bool IsResult => _body!.Count == 0 && depth == 0 && !_routine!.ReturnColumns.IsEmpty;

    protected override Step? Next()
    {
        _body ??= Begin();
        if (Following() is { } step) return step;
        LeaveScope();
        return null;
    }

    public override void Dispose()
    {
        base.Dispose();
        LeaveScope();
    }

    private Step? Following()
    {
        if (_routine!.Implementation is null) return _body!.TryDequeue(out string? statement) ? MakeStep(statement) : null;
        if (_isCalled) return null;
        _isCalled = true;
        return new BlockStep(_session, "CALL", _session.ProgramOf(Stored(_session)), _values);
    }

    private void LeaveScope()
    {
        _scope?.Dispose();
        _scope = null;
    }

    /// <summary>Evaluates the arguments; gives the statements to run.</summary>
    private Queue<string> Begin()
    {
        if (depth >= Deepest) throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded", hint: $"Procedures call each other deeper than {Deepest} levels.");
        var routine = Target();
        _session.Catalog.RequireExecute(routine);
        var context = _session.NewContext();
        var given = VariableValues?.Invoke() ?? parameters;
        if (given is not null) Use(context, given);
        _values = ConstantEvaluator.EvaluateAll(_given, context);
        _arguments = _given.Length == 0 ? null : ParameterRow.Of(_values, [.. routine.Parameters.Select(parameter => parameter.Type)]);
        GC.KeepAlive(given);
        _session.EnsureTransaction();
        _scope = RoutineScope.Enter(_session, Stored(_session));
        return new Queue<string>(routine.Implementation is null ? Statements(routine) : []);
    }

    /// <summary>The procedure that is called.</summary>
    private Routine Target()
    {
        if (_routine is null) (_routine, _given) = Binder.Binder.BindCall(call, (_session.Environment with { Routine = around }).BindOptions([]));
        return _routine;
    }

    private static unsafe void Use(Runtime.QueryContext context, ParameterRow row) => context.Parameters = row.Address;

    private Step MakeStep(string text)
    {
        var node = SqlParser.ParseOne(text).Node;
        var planner = new StatementPlanner(_session.Environment with { Routine = _routine });
        if (node is StatementNode.Call inner) return new CallStep(_session, inner.Call, _arguments, _routine, depth + 1);
        if (Session.AsData(node) is not { } data) return BodyStatements.Make(_session, text);
        return new QueryStep(_session, planner.Plan(data, [.. _routine!.Parameters.Select(parameter => parameter.Type)]), _arguments is null ? null : ParameterRow.Of(_values, [.. _routine.Parameters.Select(parameter => parameter.Type)]));
    }
}
