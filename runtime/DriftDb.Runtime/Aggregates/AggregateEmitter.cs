using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// A field of an aggregate's state: in a group's row, or in a local variable while a morsel runs when there is only one group. Its NULL bit says that no value has come yet.
/// </summary>
internal sealed class StateCell(BodyBuilder body, Expression row, TupleLayout layout, int column, bool inLocal, bool wantsEmpty, bool isShared)
{
    private readonly SqlType _type = layout.Types[column];
    private ParameterExpression? _value, _empty;

    /// <summary>Whether another call keeps the field up to date.</summary>
    public bool IsShared => isShared;

    public Expression Value
    {
        get
        {
            if (!inLocal) return MemoryCode.Read(_type.Kind, row, layout.Offset(column));
            Load();
            return _value!;
        }
    }

    public Expression IsEmpty
    {
        get
        {
            if (!inLocal) return MemoryCode.IsNull(row, column);
            Load();
            return _empty!;
        }
    }

    public Expression Assign(Expression value, Expression? arena)
    {
        if (!inLocal)
            return _type.Kind == PhysicalKind.Bytes && arena is not null ? MemoryCode.Call(nameof(Memory.ReplaceBytes), row, Expression.Constant(layout.Offset(column)), value, arena)
                : MemoryCode.Write(_type.Kind, row, layout.Offset(column), value, arena);
        Load();
        return Expression.Assign(_value!, value);
    }

    /// <summary>Adds a long or an Int128 to a 128-bit sum; in memory without a round trip through the stack.</summary>
    public Expression AddWide(Expression value)
    {
        if (!inLocal) return MemoryCode.Call(value.Type == typeof(long) ? nameof(Memory.AddToInt128) : nameof(Memory.AddInt128), row, Expression.Constant(layout.Offset(column)), value);
        Load();
        return Expression.Assign(_value!, MemoryCode.Call(typeof(AggregateMath), value.Type == typeof(long) ? nameof(AggregateMath.AddLong) : nameof(AggregateMath.AddWide), _value!, value));
    }

    /// <summary>Whether the value was added; false, and nothing done, when it or the sum would leave 126 bits. Only in a row.</summary>
    public Expression TryAddWide(Expression value) => MemoryCode.Call(typeof(WideSum), nameof(WideSum.TryAdd), row, Expression.Constant(layout.Offset(column)), value);

    public Expression MarkFilled()
    {
        // Nothing to clear: every group got its first value when it was made. Clearing seven bits of one byte in turn costs seven store-to-load latencies a row.
        if (!wantsEmpty) return Expression.Empty();
        if (!inLocal) return MemoryCode.Call("ClearNull", row, Expression.Constant(column));
        Load();
        return Expression.Assign(_empty!, Expression.Constant(false));
    }

    private void Load()
    {
        if (_value is not null) return;
        _value = body.Variable(_type.Kind.StackType(), "state");
        body.AddPrologue(Expression.Assign(_value, MemoryCode.Read(_type.Kind, row, layout.Offset(column))));
        body.AddEpilogue(MemoryCode.Write(_type.Kind, row, layout.Offset(column), _value, null));
        if (!wantsEmpty) return;
        _empty = body.Variable(typeof(bool), "empty");
        body.AddPrologue(Expression.Assign(_empty, MemoryCode.IsNull(row, column)));
        body.AddEpilogue(Expression.IfThen(Expression.Not(_empty), MemoryCode.Call("ClearNull", row, Expression.Constant(column))));
    }
}

/// <summary>How one aggregate call keeps its state in a group's row, takes a row, and gives its result.</summary>
internal abstract class AggregateEmitter(AggregateCall call)
{
    public AggregateCall Call { get; } = call;

    /// <summary>Types of the state's fields.</summary>
    public abstract IReadOnlyList<SqlType> StateTypes { get; }

    /// <summary>Whether a field begins as NULL (no value yet) rather than as zeros.</summary>
    public virtual bool BeginsEmpty(int field) => false;

    /// <summary>Whether a group's first row always brings a value, so that no field needs to say that none has come.</summary>
    public virtual bool FirstRowFills => false;

    /// <summary>What a field holds, where another call's field may hold the same; null where it can't be shared.</summary>
    public virtual object? FieldIdentity(int field) => null;

    /// <summary>Whether the call takes every row, and its arguments depend on the row's values alone.</summary>
    protected bool IsPlain => !Call.Distinct && Call.OrderBy.IsDefaultOrEmpty && Call.Filter is null && Call.Arguments.All(IsPure);

    /// <summary>Counts of the rows in which the argument isn't NULL: of all rows where it never is.</summary>
    protected object? CountIdentity => !IsPlain ? null : Call.Arguments.Length == 0 || !Call.Arguments[0].Nullable ? "count" : ("count", Call.Arguments[0]);

    private static bool IsPure(ScalarExpr expression) => expression is ScalarColumn or ScalarConstant || (expression is ScalarArithmetic or ScalarCast or ScalarNegate && expression.Children.All(IsPure));

    /// <summary>Whether the state must stay in the row (an object's number, bytes in the table's arena).</summary>
    public virtual bool NeedsRow => false;

    /// <summary>Whether it evaluates the arguments itself, in a form of its own.</summary>
    public virtual bool EmitsOwnArguments => false;

    public abstract void EmitUpdate(BodyBuilder body, Func<int, StateCell> cell, Code[] arguments, Expression arena);

    public abstract Code EmitResult(BodyBuilder body, Func<int, Code> field);

    public static AggregateEmitter Create(SubPlanBuilder plan, AggregateCall call)
    {
        SqlType? argument = call.Arguments.Length > 0 ? call.Arguments[0].Type : null;
        switch (call.Function.Implementation)
        {
            case BuiltinAggregate.CountStar or BuiltinAggregate.Count: return new CountEmitter(call);
            case BuiltinAggregate.Sum or BuiltinAggregate.Avg:
                bool isAvg = call.Function.Implementation is BuiltinAggregate.Avg;
                switch (argument!.Kind)
                {
                    case PhysicalKind.Float32 or PhysicalKind.Float64: return new SumEmitter(call, SqlType.Float8, isAvg);
                    case PhysicalKind.Int16 or PhysicalKind.Int32 when !isAvg: return new SumEmitter(call, SqlType.Int8, isAvg);
                    case PhysicalKind.Int64 when argument.Id == TypeId.Money: return new SumEmitter(call, SqlType.Int8, isAvg);
                    case PhysicalKind.Int16 or PhysicalKind.Int32 or PhysicalKind.Int64: return new SumEmitter(call, SqlType.FixedNumeric(38, argument.Scale), isAvg);
                    case PhysicalKind.Int128 or PhysicalKind.Bytes when argument.Id == TypeId.Numeric: return new WideSumEmitter(plan, call, isAvg);
                    default: return new ObjectEmitter(plan, call, argument.Id == TypeId.Interval ? () => new IntervalSumState(isAvg) : () => new NumericSumState(isAvg), isStrict: true);
                }

            case BuiltinAggregate.Min or BuiltinAggregate.Max or BuiltinAggregate.AnyValue: return new ExtremeEmitter(call);
            case BuiltinAggregate.BoolAnd or BuiltinAggregate.BoolOr: return new BoolEmitter(call);
            case StateImplementation state: return new ObjectEmitter(plan, call, () => (AggregateState)Activator.CreateInstance(state.StateType)!, state.IsStrict);
            default: throw new SqlException(SqlState.UndefinedFunction, $"{call.Function.Name} is not an aggregate function");
        }
    }
}

internal sealed class CountEmitter(AggregateCall call) : AggregateEmitter(call)
{
    public override IReadOnlyList<SqlType> StateTypes => [SqlType.Int8];

    public override object? FieldIdentity(int field) => CountIdentity;

    public override void EmitUpdate(BodyBuilder body, Func<int, StateCell> cell, Code[] arguments, Expression arena)
    {
        StateCell count = cell(0);
        Expression add = count.Assign(Expression.Add(count.Value, Expression.Constant(1L)), null);
        body.Add(arguments.Length > 0 && arguments[0].IsNull is { } isNull ? Expression.IfThen(Expression.Not(isNull), add) : add);
    }

    public override Code EmitResult(BodyBuilder body, Func<int, Code> field) => Code.NotNull(field(0).Value);
}

/// <summary>sum and avg of what adds up in a long, an Int128 or a double. avg also counts.</summary>
internal sealed class SumEmitter(AggregateCall call, SqlType stateType, bool isAvg) : AggregateEmitter(call)
{
    public override IReadOnlyList<SqlType> StateTypes => isAvg ? [stateType, SqlType.Int8] : [stateType];

    public override bool BeginsEmpty(int field) => field == 0;

    public override bool FirstRowFills => Call.Filter is null && !Call.Arguments[0].Nullable;

    public override object? FieldIdentity(int field) => !IsPlain ? null : field == 1 ? CountIdentity : ("sum", stateType, Call.Arguments[0]);

    public override void EmitUpdate(BodyBuilder body, Func<int, StateCell> cell, Code[] arguments, Expression arena)
    {
        Code argument = arguments[0];
        Action update = () =>
        {
            if (!cell(0).IsShared) AddValue(body, cell(0), argument.Value);
            if (!isAvg || cell(1).IsShared) return;
            StateCell count = cell(1);
            body.Add(count.Assign(Expression.Add(count.Value, Expression.Constant(1L)), null));
        };
        if (argument.IsNull is null) update();
        else body.If(Expression.Not(argument.IsNull), update);
    }

    private void AddValue(BodyBuilder body, StateCell sum, Expression value)
    {
        if (stateType.Kind == PhysicalKind.Int128) body.Add(sum.AddWide(value.Type == typeof(long) ? value : Expression.Convert(value, typeof(long))));
        else body.Add(sum.Assign(stateType.Kind switch
        {
            PhysicalKind.Float64 => Expression.Add(sum.Value, value.Type == typeof(double) ? value : Expression.Convert(value, typeof(double))),
            _ => MemoryCode.Call(typeof(IntegerMath), nameof(IntegerMath.AddInt64), sum.Value, value.Type == typeof(long) ? value : Expression.Convert(value, typeof(long))),
        }, null));
        body.Add(sum.MarkFilled());
    }

    public override Code EmitResult(BodyBuilder body, Func<int, Code> field)
    {
        Code sum = field(0);
        SqlType result = Call.Column.Type;
        Expression value = sum.Value;
        if (isAvg)
        {
            Expression count = field(1).Value;
            if (stateType.Kind == PhysicalKind.Float64) return new Code(Expression.Divide(value, Expression.Convert(count, typeof(double))), sum.IsNull);
            Expression average = MemoryCode.Call(typeof(AggregateMath), nameof(AggregateMath.Average), value, Expression.Constant((int)stateType.Scale), count);
            return Guard(body.FromNumeric(average, result), sum.IsNull);
        }

        return result.Kind switch
        {
            PhysicalKind.Float32 => sum with { Value = Expression.Convert(value, typeof(float)) },
            PhysicalKind.Float64 or PhysicalKind.Int64 when stateType.Kind == result.Kind && result.Id != TypeId.Numeric => sum,
            PhysicalKind.Int128 when result.Scale == stateType.Scale => sum,
            _ => Guard(body.FromNumeric(BodyBuilder.NumericValue(value.Type == typeof(Int128) ? value : Expression.Convert(value, typeof(Int128)), SqlType.FixedNumeric(38, stateType.Scale)), result), sum.IsNull),
        };

        static Code Guard(Expression value, Expression? isNull) => isNull is null ? Code.NotNull(value) : new Code(Expression.Condition(isNull, Expression.Default(value.Type), value), isNull);
    }
}

internal sealed class ExtremeEmitter(AggregateCall call) : AggregateEmitter(call)
{
    private SqlType ArgumentType => Call.Arguments[0].Type;

    public override IReadOnlyList<SqlType> StateTypes => [ArgumentType];

    public override bool BeginsEmpty(int field) => true;

    public override bool NeedsRow => ArgumentType.Kind == PhysicalKind.Bytes;

    public override void EmitUpdate(BodyBuilder body, Func<int, StateCell> cell, Code[] arguments, Expression arena)
    {
        Code argument = arguments[0];
        StateCell best = cell(0);
        Expression better = Call.Function.Implementation is BuiltinAggregate.AnyValue ? best.IsEmpty : Expression.OrElse(best.IsEmpty, Better(argument.Value, best.Value));
        if (argument.IsNull is not null) better = Expression.AndAlso(Expression.Not(argument.IsNull), better);
        body.Add(Expression.IfThen(better, Expression.Block(typeof(void), best.Assign(argument.Value, arena), best.MarkFilled())));
    }

    private Expression Better(Expression value, Expression best)
    {
        Expression order = BodyBuilder.OrderCode(ArgumentType, value, ArgumentType, best);
        return Call.Function.Implementation is BuiltinAggregate.Min ? Expression.LessThan(order, Expression.Constant(0)) : Expression.GreaterThan(order, Expression.Constant(0));
    }

    public override Code EmitResult(BodyBuilder body, Func<int, Code> field) => body.Coerce(field(0), ArgumentType, Call.Column.Type);
}

internal sealed class BoolEmitter(AggregateCall call) : AggregateEmitter(call)
{
    public override IReadOnlyList<SqlType> StateTypes => [SqlType.Bool];

    public override bool BeginsEmpty(int field) => true;

    public override void EmitUpdate(BodyBuilder body, Func<int, StateCell> cell, Code[] arguments, Expression arena)
    {
        Code argument = arguments[0];
        StateCell state = cell(0);
        bool isAnd = Call.Function.Implementation is BuiltinAggregate.BoolAnd;
        Expression combined = Expression.Condition(state.IsEmpty, argument.Value, isAnd ? Expression.AndAlso(state.Value, argument.Value) : Expression.OrElse(state.Value, argument.Value));
        Expression update = Expression.Block(typeof(void), state.Assign(combined, null), state.MarkFilled());
        body.Add(argument.IsNull is null ? update : Expression.IfThen(Expression.Not(argument.IsNull), update));
    }

    public override Code EmitResult(BodyBuilder body, Func<int, Code> field) => field(0);
}

internal static class AggregateMath
{
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
    public static Int128 AddLong(Int128 sum, long value) => sum + value;

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
    public static Int128 AddWide(Int128 sum, Int128 value) => sum + value;

    public static SqlNumeric Average(Int128 sum, int scale, long count) => SqlNumeric.Divide(new SqlNumeric(sum, scale), SqlNumeric.FromInt64(count));
}
