using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Variance and standard deviation of floats, by Welford's method.</summary>
internal abstract unsafe class FloatVarianceState(bool isSample, bool isRoot) : AggregateState
{
    private long _count;
    private double _mean, _squares;

    public override void Add(QueryContext context, byte* arguments, TupleLayout layout)
    {
        double value = layout.Types[0].Kind == PhysicalKind.Float32 ? *(float*)(arguments + layout.Offset(0)) : *(double*)(arguments + layout.Offset(0));
        _count++;
        double delta = value - _mean;
        _mean += delta / _count;
        _squares += delta * (value - _mean);
    }

    public override Datum Result(QueryContext context, Arena arena)
    {
        if (_count == 0 || (isSample && _count == 1)) return Datum.Null(SqlType.Float8);
        double variance = _squares / (isSample ? _count - 1 : _count);
        return Datum.Of(SqlType.Float8, isRoot ? Math.Sqrt(variance) : variance);
    }
}

/// <summary>Variance and standard deviation of exact numbers, as numeric_stddev_internal computes them.</summary>
internal abstract unsafe class NumericVarianceState(bool isSample, bool isRoot) : AggregateState
{
    private long _count;
    private SqlNumeric _sum, _squares;

    public override void Add(QueryContext context, byte* arguments, TupleLayout layout)
    {
        Datum datum = Datum.FromSlot(layout.Types[0], arguments + layout.Offset(0));
        SqlNumeric value = datum.Type!.Kind switch
        {
            PhysicalKind.Int16 => SqlNumeric.FromInt64(datum.As<short>()),
            PhysicalKind.Int32 => SqlNumeric.FromInt64(datum.As<int>()),
            PhysicalKind.Int64 when datum.Type.Id != TypeId.Numeric => SqlNumeric.FromInt64(datum.As<long>()),
            _ => datum.Numeric,
        };
        _count++;
        _sum = SqlNumeric.Add(_sum, value);
        _squares = SqlNumeric.Add(_squares, SqlNumeric.Multiply(value, value));
    }

    public override Datum Result(QueryContext context, Arena arena)
    {
        if (_count == 0 || (isSample && _count == 1)) return Datum.Null(SqlType.Numeric);
        SqlNumeric n = SqlNumeric.FromInt64(_count);
        SqlNumeric numerator = SqlNumeric.Subtract(SqlNumeric.Multiply(n, _squares), SqlNumeric.Multiply(_sum, _sum));
        if (numerator.Sign <= 0) return Datum.OfNumeric(SqlNumeric.Zero, arena);
        SqlNumeric variance = SqlNumeric.Divide(numerator, SqlNumeric.Multiply(n, isSample ? SqlNumeric.FromInt64(_count - 1) : n));
        return Datum.OfNumeric(isRoot ? SqlNumeric.Sqrt(variance) : variance, arena);
    }
}

[SqlAggregate("var_pop", "double precision", "double precision"), SqlAggregate("var_pop", "real", "double precision")] internal sealed class FloatVarPop() : FloatVarianceState(false, false);
[SqlAggregate("var_samp", "double precision", "double precision"), SqlAggregate("variance", "double precision", "double precision"), SqlAggregate("variance", "real", "double precision"), SqlAggregate("var_samp", "real", "double precision")] internal sealed class FloatVarSamp() : FloatVarianceState(true, false);
[SqlAggregate("stddev_pop", "double precision", "double precision"), SqlAggregate("stddev_pop", "real", "double precision")] internal sealed class FloatStddevPop() : FloatVarianceState(false, true);
[SqlAggregate("stddev_samp", "double precision", "double precision"), SqlAggregate("stddev", "double precision", "double precision"), SqlAggregate("stddev", "real", "double precision"), SqlAggregate("stddev_samp", "real", "double precision")] internal sealed class FloatStddevSamp() : FloatVarianceState(true, true);
[SqlAggregate("var_pop", "integer", "numeric"), SqlAggregate("var_pop", "bigint", "numeric"), SqlAggregate("var_pop", "numeric", "numeric"), SqlAggregate("var_pop", "smallint", "numeric")] internal sealed class NumericVarPop() : NumericVarianceState(false, false);
[SqlAggregate("var_samp", "integer", "numeric"), SqlAggregate("var_samp", "bigint", "numeric"), SqlAggregate("var_samp", "numeric", "numeric"), SqlAggregate("variance", "integer", "numeric"), SqlAggregate("variance", "bigint", "numeric"), SqlAggregate("variance", "numeric", "numeric")] internal sealed class NumericVarSamp() : NumericVarianceState(true, false);
[SqlAggregate("stddev_pop", "integer", "numeric"), SqlAggregate("stddev_pop", "bigint", "numeric"), SqlAggregate("stddev_pop", "numeric", "numeric"), SqlAggregate("stddev_pop", "smallint", "numeric")] internal sealed class NumericStddevPop() : NumericVarianceState(false, true);
[SqlAggregate("stddev_samp", "integer", "numeric"), SqlAggregate("stddev_samp", "bigint", "numeric"), SqlAggregate("stddev_samp", "numeric", "numeric"), SqlAggregate("stddev", "integer", "numeric"), SqlAggregate("stddev", "bigint", "numeric"), SqlAggregate("stddev", "numeric", "numeric")] internal sealed class NumericStddevSamp() : NumericVarianceState(true, true);

/// <summary>bit_and, bit_or, bit_xor of integers.</summary>
internal abstract unsafe class BitState(Func<long, long, long> combine) : AggregateState
{
    private long? _bits;
    private SqlType _type = SqlType.Int8;

    public override void Initialize(QueryContext context, SqlType[] argumentTypes, SqlType resultType) => _type = resultType;

    public override void Add(QueryContext context, byte* arguments, TupleLayout layout)
    {
        byte* slot = arguments + layout.Offset(0);
        long value = layout.Types[0].Kind switch { PhysicalKind.Int16 => *(short*)slot, PhysicalKind.Int32 => *(int*)slot, _ => *(long*)slot };
        _bits = _bits is { } bits ? combine(bits, value) : value;
    }

    public override Datum Result(QueryContext context, Arena arena) => _bits is not { } bits ? Datum.Null(_type) : _type.Kind switch
    {
        PhysicalKind.Int16 => Datum.Of(_type, (short)bits),
        PhysicalKind.Int32 => Datum.Of(_type, (int)bits),
        _ => Datum.Of(_type, bits),
    };
}

[SqlAggregate("bit_and", "smallint", "smallint"), SqlAggregate("bit_and", "integer", "integer"), SqlAggregate("bit_and", "bigint", "bigint")] internal sealed class BitAnd() : BitState((a, b) => a & b);
[SqlAggregate("bit_or", "smallint", "smallint"), SqlAggregate("bit_or", "integer", "integer"), SqlAggregate("bit_or", "bigint", "bigint")] internal sealed class BitOr() : BitState((a, b) => a | b);
[SqlAggregate("bit_xor", "smallint", "smallint"), SqlAggregate("bit_xor", "integer", "integer"), SqlAggregate("bit_xor", "bigint", "bigint")] internal sealed class BitXor() : BitState((a, b) => a ^ b);

/// <summary>Regression and correlation over pairs (Y, X).</summary>
internal abstract unsafe class PairState(Func<PairState, double?> result) : AggregateState
{
    public double N { get; private set; }

    public double MeanX { get; private set; }

    public double MeanY { get; private set; }

    public double Sxx { get; private set; }

    public double Syy { get; private set; }

    public double Sxy { get; private set; }

    public override void Add(QueryContext context, byte* arguments, TupleLayout layout)
    {
        double y = *(double*)(arguments + layout.Offset(0)), x = *(double*)(arguments + layout.Offset(1));
        N++;
        double dx = x - MeanX, dy = y - MeanY;
        MeanX += dx / N;
        MeanY += dy / N;
        Sxx += dx * (x - MeanX);
        Syy += dy * (y - MeanY);
        Sxy += dx * (y - MeanY);
    }

    public override Datum Result(QueryContext context, Arena arena) => result(this) is { } value ? Datum.Of(SqlType.Float8, value) : Datum.Null(SqlType.Float8);
}

[SqlAggregate("corr", "double precision, double precision", "double precision")] internal sealed class Corr() : PairState(s => s.N < 1 || s.Sxx == 0 || s.Syy == 0 ? null : s.Sxy / Math.Sqrt(s.Sxx * s.Syy));
[SqlAggregate("covar_pop", "double precision, double precision", "double precision")] internal sealed class CovarPop() : PairState(s => s.N < 1 ? null : s.Sxy / s.N);
[SqlAggregate("covar_samp", "double precision, double precision", "double precision")] internal sealed class CovarSamp() : PairState(s => s.N < 2 ? null : s.Sxy / (s.N - 1));
[SqlAggregate("regr_slope", "double precision, double precision", "double precision")] internal sealed class RegrSlope() : PairState(s => s.N < 1 || s.Sxx == 0 ? null : s.Sxy / s.Sxx);
[SqlAggregate("regr_intercept", "double precision, double precision", "double precision")] internal sealed class RegrIntercept() : PairState(s => s.N < 1 || s.Sxx == 0 ? null : s.MeanY - s.Sxy / s.Sxx * s.MeanX);
[SqlAggregate("regr_count", "double precision, double precision", "bigint")] internal sealed class RegrCount() : PairState(s => s.N)
{
    public override Datum Result(QueryContext context, Arena arena) => Datum.Of(SqlType.Int8, (long)N);
}

[SqlAggregate("regr_avgx", "double precision, double precision", "double precision")] internal sealed class RegrAvgX() : PairState(s => s.N < 1 ? null : s.MeanX);
[SqlAggregate("regr_avgy", "double precision, double precision", "double precision")] internal sealed class RegrAvgY() : PairState(s => s.N < 1 ? null : s.MeanY);
[SqlAggregate("regr_sxx", "double precision, double precision", "double precision")] internal sealed class RegrSxx() : PairState(s => s.N < 1 ? null : s.Sxx);
[SqlAggregate("regr_syy", "double precision, double precision", "double precision")] internal sealed class RegrSyy() : PairState(s => s.N < 1 ? null : s.Syy);
[SqlAggregate("regr_sxy", "double precision, double precision", "double precision")] internal sealed class RegrSxy() : PairState(s => s.N < 1 ? null : s.Sxy);
[SqlAggregate("regr_r2", "double precision, double precision", "double precision")] internal sealed class RegrR2() : PairState(s => s.N < 1 || s.Sxx == 0 ? null : s.Syy == 0 ? 1 : s.Sxy * s.Sxy / (s.Sxx * s.Syy));
