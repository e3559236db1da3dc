using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// sum and avg of numerics that are wide or without proven precision. Values that can be had as 128-bit integers of one scale add up in the row; a value that can't (or a sum about to
/// overflow) goes to an object that adds without bounds.
/// </summary>
internal sealed class WideSumEmitter : AggregateEmitter
{
    private readonly bool _isAvg;
    private readonly int _spills;
    private int _scale = -1;

    public WideSumEmitter(SubPlanBuilder plan, AggregateCall call, bool isAvg) : base(call)
    {
        _isAvg = isAvg;
        _spills = plan.AddState(() => new NumericSpills());
    }

    /// <summary>The sum in 128 bits, rows counted, the spill's number.</summary>
    public override IReadOnlyList<SqlType> StateTypes => [SqlType.FixedNumeric(38, 0), SqlType.Int8, SqlType.Int8];

    public override bool NeedsRow => true;

    public override bool EmitsOwnArguments => true;

    public override void EmitUpdate(BodyBuilder body, Func<int, StateCell> cell, Code[] arguments, Expression arena)
    {
        StateCell sum = cell(0), count = cell(1), spill = cell(2);
        Expression spills = body.State(_spills, typeof(NumericSpills));
        ScalarExpr argument = Call.Arguments[0];
        if (body.TryWide(argument) is { } wide)
        {
            _scale = wide.Scale;
            if (body.TryNarrow(argument) is { } narrow && narrow.Scale == wide.Scale)
            {
                // Values that fit 64 bits are the rule, whatever the proven precision allows.
                Code tried = narrow.Emit();
                if (tried.IsNull is null) AddNarrow(tried.Value);
                else body.If(Expression.Not(tried.IsNull), () => AddNarrow(tried.Value));
                return;
            }

            AddNotNull();
            return;

            void AddNotNull()
            {
                Code code = wide.Emit();
                if (code.IsNull is not null) body.If(Expression.Not(code.IsNull), () => Add(code.Value));
                else Add(code.Value);
            }

            void AddNarrow(Expression number)
            {
                Expression stable = body.Stable(number);
                body.If(Expression.Equal(stable, Expression.Constant(NumericMath.NarrowOverflowed)), AddNotNull, () =>
                {
                    body.Add(sum.AddWide(stable));
                    body.Add(count.Assign(Expression.Add(count.Value, Expression.Constant(1L)), null));
                });
            }
        }

        (Expression value, Expression? isNull) = body.EmitNumeric(argument);
        if (isNull is null) AddSpilled(value);
        else body.If(Expression.Not(isNull), () => AddSpilled(value));

        void Add(Expression number)
        {
            Expression stable = body.Stable(number);
            body.If(Expression.Not(sum.TryAddWide(stable)), () =>
            {
                (Expression exact, _) = body.EmitNumeric(argument);
                AddSpilled(exact, counted: true);
            });
            body.Add(count.Assign(Expression.Add(count.Value, Expression.Constant(1L)), null));
        }

        void AddSpilled(Expression number, bool counted = false)
        {
            body.Add(spill.Assign(Expression.Call(spills, nameof(NumericSpills.Add), null, spill.Value, number), null));
            if (!counted) body.Add(count.Assign(Expression.Add(count.Value, Expression.Constant(1L)), null));
        }
    }

    public override Code EmitResult(BodyBuilder body, Func<int, Code> field)
    {
        Expression count = body.Stable(field(1).Value);
        Expression none = body.Stable(Expression.Equal(count, Expression.Constant(0L)));
        Expression result = Expression.Call(body.State(_spills, typeof(NumericSpills)), nameof(NumericSpills.Result), null, field(0).Value, Expression.Constant(Math.Max(0, _scale)), Expression.Constant(_scale >= 0), count, field(2).Value, Expression.Constant(_isAvg));
        Expression value = body.FromNumeric(result, Call.Column.Type);
        return new Code(Expression.Condition(none, Expression.Default(value.Type), value), none);
    }
}

internal static unsafe class WideSum
{
    /// <summary>
    /// Adds to a 128-bit sum in a row, or leaves it and says false when the value or the sum is too large; sums stay around 2^126, so that one addition can't wrap.
    /// In halves, since a 128-bit load just after two stores of 64 waits for both to reach the cache.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryAdd(long tuple, int offset, Int128 value)
    {
        ulong* sum = (ulong*)((byte*)tuple + offset);
        long part = (long)(value >> 64);
        ulong low = sum[0] + (ulong)value;
        long high = (long)sum[1] + part + (low < (ulong)value ? 1 : 0);
        if ((ulong)(part + (1L << 62)) >= 1UL << 63 || (ulong)(high + (1L << 62)) >= 1UL << 63) return false;
        (sum[0], sum[1]) = (low, (ulong)high);
        return true;
    }
}

/// <summary>Sums beyond 128 bits, by number; 0 means none.</summary>
internal sealed class NumericSpills : OperatorState
{
    private readonly List<SqlNumeric> _sums = [];

    public long Add(long number, SqlNumeric value)
    {
        if (number == 0)
        {
            _sums.Add(value);
            return _sums.Count;
        }

        _sums[(int)number - 1] = SqlNumeric.Add(_sums[(int)number - 1], value);
        return number;
    }

    public SqlNumeric Result(Int128 sum, int scale, bool hasSum, long count, long number, bool isAvg)
    {
        SqlNumeric total = hasSum ? new SqlNumeric(sum, scale) : SqlNumeric.Zero;
        if (number != 0) total = SqlNumeric.Add(total, _sums[(int)number - 1]);
        return isAvg ? SqlNumeric.Divide(total, SqlNumeric.FromInt64(count)) : total;
    }

    public override void Reset() => _sums.Clear();
}
