using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>The built-in aggregates as objects, for window frames.</summary>
internal sealed unsafe class BuiltinState(BuiltinAggregate kind) : AggregateState
{
    private SqlType _result = SqlType.Int8;
    private long _count;
    private SqlNumeric _sum;
    private double _floatSum;
    private Interval _interval;
    private Datum _best = Datum.Null();

    public override void Initialize(QueryContext context, SqlType[] argumentTypes, SqlType resultType) => _result = resultType;

    public override void Add(QueryContext context, byte* arguments, TupleLayout layout)
    {
        _count++;
        if (kind is BuiltinAggregate.CountStar or BuiltinAggregate.Count) return;
        SqlType type = layout.Types[0];
        Datum value = Datum.FromSlot(type, arguments + layout.Offset(0));
        switch (kind)
        {
            case BuiltinAggregate.Sum or BuiltinAggregate.Avg:
                switch (type.Kind)
                {
                    case PhysicalKind.Float32: _floatSum += value.As<float>(); break;
                    case PhysicalKind.Float64: _floatSum += value.As<double>(); break;
                    case PhysicalKind.Interval: _interval = IntervalMath.Add(_interval, value.As<Interval>()); break;
                    case PhysicalKind.Int16: _sum = SqlNumeric.Add(_sum, SqlNumeric.FromInt64(value.As<short>())); break;
                    case PhysicalKind.Int32: _sum = SqlNumeric.Add(_sum, SqlNumeric.FromInt64(value.As<int>())); break;
                    case PhysicalKind.Int64 when type.Id != TypeId.Numeric: _sum = SqlNumeric.Add(_sum, SqlNumeric.FromInt64(value.As<long>())); break;
                    default: _sum = SqlNumeric.Add(_sum, value.Numeric); break;
                }

                break;
            case BuiltinAggregate.BoolAnd: _best = Datum.Of(SqlType.Bool, (_best.IsNull || _best.As<bool>()) && value.As<bool>()); break;
            case BuiltinAggregate.BoolOr: _best = Datum.Of(SqlType.Bool, (!_best.IsNull && _best.As<bool>()) || value.As<bool>()); break;
            default:
                if (_best.IsNull || (kind == BuiltinAggregate.Min && DatumComparer.Compare(value, _best) < 0) || (kind == BuiltinAggregate.Max && DatumComparer.Compare(value, _best) > 0)) _best = value;
                break;
        }
    }

    /// <summary>
    /// Whether a state over some rows and one over the rows behind them give the state over both. Not sums of floats, whose rounding depends on the order of additions.
    /// </summary>
    public bool CanCombine => kind is not (BuiltinAggregate.Sum or BuiltinAggregate.Avg) || _result.Kind is not (PhysicalKind.Float32 or PhysicalKind.Float64);

    /// <summary>Takes the rows of a state that is behind this one.</summary>
    public void Combine(BuiltinState behind)
    {
        _count += behind._count;
        _sum = SqlNumeric.Add(_sum, behind._sum);
        _interval = IntervalMath.Add(_interval, behind._interval);
        if (behind._best.IsNull) return;
        bool isBetter = _best.IsNull || kind switch
        {
            BuiltinAggregate.Min => DatumComparer.Compare(behind._best, _best) < 0,
            BuiltinAggregate.Max => DatumComparer.Compare(behind._best, _best) > 0,
            BuiltinAggregate.BoolAnd => !behind._best.As<bool>(),
            BuiltinAggregate.BoolOr => behind._best.As<bool>(),
            _ => false,
        };
        if (isBetter) _best = behind._best;
    }

    public override Datum Result(QueryContext context, Arena arena)
    {
        switch (kind)
        {
            case BuiltinAggregate.CountStar or BuiltinAggregate.Count: return Datum.Of(SqlType.Int8, _count);
            case BuiltinAggregate.Sum or BuiltinAggregate.Avg:
                if (_count == 0) return Datum.Null(_result);
                bool isAvg = kind == BuiltinAggregate.Avg;
                switch (_result.Kind)
                {
                    case PhysicalKind.Float32: return Datum.Of(_result, (float)_floatSum);
                    case PhysicalKind.Float64: return Datum.Of(_result, isAvg ? _floatSum / _count : _floatSum);
                    case PhysicalKind.Interval: return Datum.Of(_result, isAvg ? IntervalMath.Divide(_interval, _count) : _interval);
                    case PhysicalKind.Int64 when _result.Id != TypeId.Numeric:
                        return _sum.TryToInt64(out long whole) ? Datum.Of(_result, whole) : throw new SqlException(SqlState.NumericValueOutOfRange, "bigint out of range");
                    default: return Datum.OfNumeric(isAvg ? SqlNumeric.Divide(_sum, SqlNumeric.FromInt64(_count)) : _sum, arena);
                }

            default: return _best;
        }
    }
}
