using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// CALL: runs a procedure's statements one after the other, each as a statement with the arguments for parameters. What the last one returns becomes the row of the OUT and INOUT parameters; all
/// else that they return is dropped.
/// </summary>
internal sealed class CallStep(Session session, FunctionCall call, ParameterRow? parameters, Routine? around = null, int depth = 0) : Step
{
    private const int Deepest = 32;

    private Queue<string>? _body;
    private Routine? _routine;
    private ScalarExpr[] _given = [];
    private ParameterRow? _arguments;
    private object?[] _values = [];
    private Step? _running;

    public override ResultShape? Shape => Target() is { ReturnColumns: { IsEmpty: false } columns } ? ResultShape.Of([.. columns]) : null;

    /// <summary>The statements of a procedure's body as they are run: the last one gives the values of the OUT and INOUT parameters, NULLs when it has no row.</summary>
    internal static IEnumerable<string> Statements(Routine routine)
    {
        if (!routine.IsProcedure || routine.ReturnColumns.IsEmpty) return routine.Body;
        string names = string.Join(", ", routine.ReturnColumns.Select((_, i) => $"c{i}"));
        string values = string.Join(", ", routine.ReturnColumns.Select((column, i) => $"CAST(o.c{i} AS {column.Type}) AS \"{column.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\""));
        return routine.Body.SkipLast(1).Append($"WITH o ({names}) AS ({routine.Body[^1]}) SELECT {values} FROM (VALUES (1)) AS one LEFT JOIN o ON true LIMIT 1");
    }

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        if (!onWorker) return RunStatus.Yield;
        if (_body is null) Begin();
        while (_running is not null || _body!.Count > 0)
        {
            _running ??= MakeStep(_body!.Dequeue());
            bool isResult = _body!.Count == 0 && depth == 0 && !_routine!.ReturnColumns.IsEmpty;
            if (_running.Advance(isResult ? sink : new InternalSql.CountingSink(), 0, onWorker: true) is not RunStatus.Complete and var status) return status;
            _running.Dispose();
            _running = null;
        }

        Tag = "CALL";
        return RunStatus.Complete;
    }

    public override void OnReady(Action callback) => _running!.OnReady(callback);

    public override void Dispose()
    {
        _running?.Dispose();
        base.Dispose();
    }

    private void Begin()
    {
        if (session.IsFailed) throw Session.FailedTransaction();
        if (depth >= Deepest) throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded", hint: $"Procedures call each other deeper than {Deepest} levels.");
        var routine = Target();
        session.Catalog.RequireExecute(routine);
        var context = session.NewContext();
        if (parameters is not null) Use(context, parameters);
        _values = ConstantEvaluator.EvaluateAll(_given, context);
        _arguments = _given.Length == 0 ? null : ParameterRow.Of(_values, [.. routine.Parameters.Select(parameter => parameter.Type)]);
        GC.KeepAlive(parameters);
        _body = new Queue<string>(Statements(routine));
    }

    /// <summary>The procedure that is called.</summary>
    private Routine Target()
    {
        if (_routine is null) (_routine, _given) = Binder.Binder.BindCall(call, (session.Environment with { Routine = around }).BindOptions([]));
        return _routine;
    }

    private static unsafe void Use(Runtime.QueryContext context, ParameterRow row) => context.Parameters = row.Address;

    private Step MakeStep(string text)
    {
        var node = SqlParser.ParseOne(text).Node;
        var planner = new StatementPlanner(session.Environment with { Routine = _routine });
        if (node is StatementNode.Call inner) return new CallStep(session, inner.Call, _arguments, _routine, depth + 1);
        if (Session.AsData(node) is not { } data) return BodyStatements.Make(session, text);
        return new QueryStep(session, planner.Plan(data, [.. _routine!.Parameters.Select(parameter => parameter.Type)]), _arguments is null ? null : ParameterRow.Of(_values, [.. _routine.Parameters.Select(parameter => parameter.Type)]));
    }
}
