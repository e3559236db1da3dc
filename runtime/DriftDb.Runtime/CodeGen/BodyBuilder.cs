using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>A pipeline's code: called with a vector (or rows) and how many.</summary>
internal delegate void PipelineBody(Frame frame, long input, int count);

/// <summary>
/// Builds the body of one pipeline: a prologue that runs once a call (parameters, column addresses, states), the loop's statements, an epilogue. Operators append statements in
/// the order of the data's flow; the columns in scope are known by id.
/// </summary>
internal sealed partial class BodyBuilder
{
    private readonly List<ParameterExpression> _variables = [];
    private readonly List<Expression> _prologue = [], _guards = [], _epilogue = [];
    private readonly Stack<List<Expression>> _blocks = new();
    private readonly Dictionary<int, Func<Code>> _columns = [];
    private readonly Dictionary<object, Code> _hoisted = [];

    public BodyBuilder(SubPlanBuilder plan)
    {
        Plan = plan;
        Next = Expression.Label("next");
        _blocks.Push([]);
    }

    public SubPlanBuilder Plan { get; }

    public ParameterExpression Frame { get; } = Expression.Parameter(typeof(Frame), "frame");

    public ParameterExpression Input { get; } = Expression.Parameter(typeof(long), "input");

    public ParameterExpression Count { get; } = Expression.Parameter(typeof(int), "count");

    /// <summary>Where to go when the current row is done with.</summary>
    public LabelTarget Next { get; set; }

    /// <summary>Leaves the body.</summary>
    public LabelTarget Exit { get; } = Expression.Label("exit");

    public Expression Context => Hoist("context", typeof(QueryContext), () => Expression.Field(Frame, nameof(Runtime.Frame.Context)));

    public Expression ContextArena => Hoist("arena", typeof(Arena), () => Expression.Property(Context, nameof(QueryContext.Arena)));

    public void Add(Expression statement) => _blocks.Peek().Add(statement);

    public void AddEpilogue(Expression statement) => _epilogue.Add(statement);

    public void AddPrologue(Expression statement) => _prologue.Add(statement);

    /// <summary>A statement that may leave the body before its loop; it stands behind the whole prologue, whose variables the epilogue writes back.</summary>
    public void AddGuard(Expression statement) => _guards.Add(statement);

    public ParameterExpression Variable(Type type, string name)
    {
        ParameterExpression variable = Expression.Variable(type, name);
        _variables.Add(variable);
        return variable;
    }

    /// <summary>A new variable that is assigned here.</summary>
    public ParameterExpression Assign(Expression value, string name = "v")
    {
        ParameterExpression variable = Variable(value.Type, name);
        Add(Expression.Assign(variable, value));
        return variable;
    }

    /// <summary>An expression that may be used more than once: itself when it is a variable or a constant, else a variable.</summary>
    public Expression Stable(Expression value) => value is ParameterExpression or ConstantExpression ? value : Assign(value);

    public Code Stable(Code code) => new(Stable(code.Value), code.IsNull is null ? null : Stable(code.IsNull));

    /// <summary>A value computed once a call, before the loop.</summary>
    public Expression Hoist(object key, Type type, Func<Expression> value)
    {
        if (_hoisted.TryGetValue(key, out Code known)) return known.Value;
        ParameterExpression variable = Variable(type, key as string ?? "h");
        Expression computed = value();
        _prologue.Add(Expression.Assign(variable, computed));
        _hoisted[key] = Code.NotNull(variable);
        return variable;
    }

    /// <summary>A state object of the frame, as a local.</summary>
    public Expression State(int index, Type type) => Hoist(("state", index), type, () => Expression.Convert(Expression.ArrayIndex(Expression.Field(Frame, nameof(Runtime.Frame.States)), Expression.Constant(index)), type));

    // ---- Nested statements ----

    public void Begin() => _blocks.Push([]);

    public Expression End()
    {
        List<Expression> statements = _blocks.Pop();
        return statements.Count switch { 0 => Expression.Empty(), 1 => statements[0], _ => Expression.Block(typeof(void), statements) };
    }

    /// <summary>Statements of a branch.</summary>
    public Expression Nested(Action build)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        Begin();
        build();
        return End();
    }

    public void If(Expression condition, Action then, Action? otherwise = null)
    {
        Expression yes = Nested(then);
        Add(otherwise is null ? Expression.IfThen(condition, yes) : Expression.IfThenElse(condition, yes, Nested(otherwise)));
    }

    /// <summary>A loop; <paramref name="body"/> gets the label that ends it and the one that goes on.</summary>
    public void Loop(Action<LabelTarget, LabelTarget> body)
    {
        LabelTarget end = Expression.Label("end"), again = Expression.Label("again");
        Expression statements = Nested(() => body(end, again));
        Add(Expression.Loop(statements, end, again));
    }

    // ---- Columns ----

    public void Define(int id, Func<Code> code) => _columns[id] = code;

    /// <summary>Defines a column by code that was bound already.</summary>
    public void Define(int id, Code code) => _columns[id] = () => code;

    public void DefineTuple(OutputColumn column, Expression tuple, TupleLayout layout, int index, bool forceNullable = false) => Define(column.Id, TupleColumn(tuple, layout, index, column.Nullable || forceNullable));

    public static Func<Code> TupleColumn(Expression tuple, TupleLayout layout, int index, bool nullable)
    {
        PhysicalKind kind = layout.Types[index].Kind;
        int offset = layout.Offset(index);
        return () => new Code(MemoryCode.Read(kind, tuple, offset), nullable ? MemoryCode.IsNull(tuple, index) : null);
    }

    public Code Column(int id) => _columns.TryGetValue(id, out var code) ? code() : throw new InvalidOperationException($"column #{id} is not in scope");

    public bool IsDefined(int id) => _columns.ContainsKey(id);

    /// <summary>The columns in scope, to be put back after a side path.</summary>
    public Dictionary<int, Func<Code>> SaveScope() => new(_columns);

    public void RestoreScope(Dictionary<int, Func<Code>> scope)
    {
        _columns.Clear();
        foreach (var (id, code) in scope) _columns[id] = code;
    }

    // ---- Tuples ----

    /// <summary>Writes a value into a tuple's column; the NULL bit must be clear.</summary>
    public void Store(Expression tuple, TupleLayout layout, int index, Code code, Expression? arena)
    {
        PhysicalKind kind = layout.Types[index].Kind;
        if (code.IsNull is null)
        {
            Add(MemoryCode.Write(kind, tuple, layout.Offset(index), code.Value, arena));
            return;
        }

        if (code.IsNull is ConstantExpression { Value: true })
        {
            Add(MemoryCode.SetNull(tuple, index));
            return;
        }

        Add(Expression.IfThenElse(code.IsNull, MemoryCode.SetNull(tuple, index), MemoryCode.Write(kind, tuple, layout.Offset(index), code.Value, arena)));
    }

    /// <summary>The value of an expression in the form that a column of another type of the same SQL type has (numeric fixed or unbounded).</summary>
    public Code EmitAs(ScalarExpr expression, SqlType type) => Coerce(Emit(expression), expression.Type, type);

    public Expression<PipelineBody> ToLambda()
    {
        List<Expression> loop = _blocks.Pop();
        var body = new List<Expression>(_prologue.Count + _guards.Count + loop.Count + _epilogue.Count + 1);
        body.AddRange(_prologue);
        body.AddRange(_guards);
        body.AddRange(loop);
        body.Add(Expression.Label(Exit));
        body.AddRange(_epilogue);
        body.Add(Expression.Empty());
        return Expression.Lambda<PipelineBody>(Expression.Block(typeof(void), _variables, body), "pipeline", [Frame, Input, Count]);
    }
}
