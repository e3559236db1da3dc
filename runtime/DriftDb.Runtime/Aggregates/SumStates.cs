using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>sum and avg of numerics without proven precision, or too wide to add up in 128 bits.</summary>
internal sealed unsafe class NumericSumState(bool isAvg) : AggregateState
{
    private SqlNumeric _sum;
    private long _count;

    public override void Add(QueryContext context, byte* arguments, TupleLayout layout)
    {
        _sum = SqlNumeric.Add(_sum, Datum.FromSlot(layout.Types[0], arguments + layout.Offset(0)).Numeric);
        _count++;
    }

    public override Datum Result(QueryContext context, Arena arena) =>
        _count == 0 ? Datum.Null(SqlType.Numeric) : Datum.OfNumeric(isAvg ? SqlNumeric.Divide(_sum, SqlNumeric.FromInt64(_count)) : _sum, arena);
}

internal sealed unsafe class IntervalSumState(bool isAvg) : AggregateState
{
    private Interval _sum;
    private long _count;

    public override void Add(QueryContext context, byte* arguments, TupleLayout layout)
    {
        _sum = IntervalMath.Add(_sum, *(Interval*)(arguments + layout.Offset(0)));
        _count++;
    }

    public override Datum Result(QueryContext context, Arena arena) =>
        _count == 0 ? Datum.Null(SqlType.Interval) : Datum.Of(SqlType.Interval, isAvg ? IntervalMath.Divide(_sum, _count) : _sum);
}
