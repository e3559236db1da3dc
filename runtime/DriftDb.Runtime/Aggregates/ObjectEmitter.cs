using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>An aggregate whose state is an object for each group: the row has the object's number.</summary>
internal sealed class ObjectEmitter : AggregateEmitter
{
    private readonly int _state;
    private readonly TupleLayout _layout;
    private readonly bool _isStrict;
    private readonly int _sortKeys;

    public ObjectEmitter(SubPlanBuilder plan, AggregateCall call, Func<AggregateState> create, bool isStrict) : base(call)
    {
        _isStrict = isStrict;
        SqlType[] arguments = [.. call.Arguments.Select(argument => argument.Type)];
        bool ordered = !call.OrderBy.IsDefaultOrEmpty;
        _sortKeys = ordered ? call.OrderBy.Length : 0;
        _layout = new TupleLayout([.. arguments, .. ordered ? call.OrderBy.Select(key => key.Value.Type) : []]);
        var argumentLayout = new TupleLayout([.. arguments]);
        SortColumn[] sort = ordered ? [.. call.OrderBy.Select((key, i) => new SortColumn(arguments.Length + i, key.Descending, key.NullsFirst))] : [];
        Func<AggregateState> make = ordered ? () => new OrderedState(create(), _layout, argumentLayout, sort) : create;
        _state = plan.AddState(() => new AggregateObjects(make, arguments, call.Column.Type, _layout));
    }

    public override IReadOnlyList<SqlType> StateTypes => [SqlType.Int8];

    public override bool NeedsRow => true;

    public override void EmitUpdate(BodyBuilder body, Func<int, StateCell> cell, Code[] arguments, Expression arena)
    {
        Expression objects = body.State(_state, typeof(AggregateObjects));
        Expression tuple = body.Hoist(("arguments", _state), typeof(long), () => Expression.Field(objects, nameof(AggregateObjects.Arguments)));
        StateCell number = cell(0);
        Expression? anyNull = _isStrict ? BodyBuilder.AnyNull([.. arguments.Select(argument => argument.IsNull)]) : null;
        Action update = () =>
        {
            body.Add(Expression.Call(objects, nameof(AggregateObjects.Clear), null));
            for (int i = 0; i < arguments.Length; i++) body.Store(tuple, _layout, i, arguments[i], null);
            for (int i = 0; i < _sortKeys; i++) body.Store(tuple, _layout, arguments.Length + i, body.Stable(body.Emit(Call.OrderBy[i].Value)), null);
            body.Add(number.Assign(Expression.Call(objects, nameof(AggregateObjects.Add), null, body.Context, number.Value), null));
        };
        if (anyNull is null) update();
        else body.If(Expression.Not(anyNull), update);
    }

    public override Code EmitResult(BodyBuilder body, Func<int, Code> field)
    {
        Expression objects = body.State(_state, typeof(AggregateObjects));
        ParameterExpression result = body.Assign(Expression.Call(objects, nameof(AggregateObjects.Result), null, body.Context, field(0).Value));
        Expression isNull = body.Stable(Expression.Property(result, nameof(Datum.IsNull)));
        SqlType type = Call.Column.Type;
        Expression value = type.Id == TypeId.Numeric
            ? body.FromNumeric(Expression.Property(result, nameof(Datum.Numeric)), type)
            : Expression.Call(result, typeof(Datum).GetMethod(nameof(Datum.As))!.MakeGenericMethod(type.Kind.StackType()));
        return new Code(body.Assign(Expression.Condition(isNull, Expression.Default(value.Type), value)), isNull);
    }
}

/// <summary>The objects of one aggregate call, by number; 0 means none yet.</summary>
internal sealed unsafe class AggregateObjects : OperatorState
{
    private readonly Func<AggregateState> _create;
    private readonly SqlType[] _argumentTypes;
    private readonly SqlType _resultType;
    private readonly TupleLayout _layout;
    private readonly byte[] _arguments;
    private readonly List<AggregateState> _objects = [];

    public AggregateObjects(Func<AggregateState> create, SqlType[] argumentTypes, SqlType resultType, TupleLayout layout)
    {
        (_create, _argumentTypes, _resultType, _layout) = (create, argumentTypes, resultType, layout);
        _arguments = GC.AllocateArray<byte>(layout.StrideBytes, pinned: true);
        fixed (byte* address = _arguments) Arguments = (long)address;
    }

    /// <summary>Where the arguments of the next <see cref="Add"/> are put.</summary>
    public readonly long Arguments;

    public void Clear() => new Span<byte>((byte*)Arguments, _layout.NullBitmapBytes).Clear();

    /// <summary>Gives the arguments to the group's object; its number.</summary>
    public long Add(QueryContext context, long number)
    {
        if (number == 0)
        {
            AggregateState created = Create(context);
            _objects.Add(created);
            number = _objects.Count;
        }

        _objects[(int)number - 1].Add(context, (byte*)Arguments, _layout);
        GC.KeepAlive(_arguments);
        return number;
    }

    public Datum Result(QueryContext context, long number) => (number == 0 ? Create(context) : _objects[(int)number - 1]).Result(context, context.Arena);

    public override void Reset() => Free();

    public override void Free()
    {
        foreach (AggregateState state in _objects) state.Free();
        _objects.Clear();
    }

    public override long KeptBytes => _objects.Count * BytesPerObject;

    /// <summary>What a state with its first values takes, roughly.</summary>
    private const long BytesPerObject = 512;

    private AggregateState Create(QueryContext context)
    {
        AggregateState created = _create();
        created.Initialize(context, _argumentTypes, _resultType);
        return created;
    }
}

/// <summary>ORDER BY within an aggregate: keeps the rows, sorts them at the end, and only then feeds the aggregate.</summary>
internal sealed unsafe class OrderedState(AggregateState inner, TupleLayout layout, TupleLayout argumentLayout, SortColumn[] sort) : AggregateState
{
    private readonly TupleBuffer _rows = new(layout);

    public override void Initialize(QueryContext context, SqlType[] argumentTypes, SqlType resultType) => inner.Initialize(context, argumentTypes, resultType);

    public override void Add(QueryContext context, byte* arguments, TupleLayout argumentsLayout) => TupleCopy.Copy(arguments, layout, _rows.Append(), _rows.Arena);

    public override Datum Result(QueryContext context, Arena arena)
    {
        using SortedRows order = RowSorter.Sort(_rows, sort);
        byte[] scratch = GC.AllocateArray<byte>(argumentLayout.StrideBytes, pinned: true);
        fixed (byte* arguments = scratch)
        {
            foreach (long row in order.Addresses)
            {
                TupleCopy.CopyPrefix((byte*)row, layout, arguments, argumentLayout);
                inner.Add(context, arguments, argumentLayout);
            }
        }

        GC.KeepAlive(_rows);
        return inner.Result(context, arena);
    }

    public override void Free()
    {
        _rows.Free();
        inner.Free();
    }
}
