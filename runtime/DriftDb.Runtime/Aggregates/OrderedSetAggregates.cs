using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Aggregates with WITHIN GROUP: the values come sorted, the last argument is the value.</summary>
internal abstract unsafe class OrderedSetState : AggregateState
{
    private TupleBuffer? _rows;

    protected int Count => _rows?.Count ?? 0;

    public override void Add(QueryContext context, byte* arguments, TupleLayout layout)
    {
        _rows ??= new TupleBuffer(layout);
        TupleCopy.Copy(arguments, layout, _rows.Append(), _rows.Arena);
    }

    public override void Free() => _rows?.Free();

    /// <summary>The value of a row; bytes stay in the state's memory, which lives as long as the group.</summary>
    protected Datum Value(int row) => Column(row, _rows!.Layout.ColumnCount - 1);

    /// <summary>The direct argument, which is the same in all rows: a share of them.</summary>
    protected double Fraction()
    {
        double fraction = Column(0, 0).As<double>();
        if (double.IsNaN(fraction) || fraction < 0 || fraction > 1)
            throw new SqlException(SqlState.NumericValueOutOfRange, $"percentile value {ValueText.Format(SqlType.Float8, fraction)} is not between 0 and 1");
        return fraction;
    }

    private Datum Column(int row, int column)
    {
        TupleLayout layout = _rows!.Layout;
        return Datum.FromSlot(layout.Types[column], _rows.Row(row) + layout.Offset(column));
    }
}

/// <summary>percentile_cont: the value at a share of the rows, interpolated between its neighbours.</summary>
[SqlAggregate("percentile_cont", "double precision, double precision", "double precision", OrderedSet = true), SqlAggregate("percentile_cont", "double precision, interval", "interval", OrderedSet = true)]
internal sealed class PercentileCont : OrderedSetState
{
    public override Datum Result(QueryContext context, Arena arena)
    {
        if (Count == 0) return Datum.Null(SqlType.Float8);
        double place = Fraction() * (Count - 1);
        int low = (int)Math.Floor(place), high = (int)Math.Ceiling(place);
        Datum first = Value(low), second = Value(high);
        if (low == high) return first;
        double share = place - low;
        if (first.Type!.Id != TypeId.Interval) return Datum.Of(SqlType.Float8, first.As<double>() + share * (second.As<double>() - first.As<double>()));
        Interval from = first.As<Interval>();
        return Datum.Of(SqlType.Interval, IntervalMath.Add(from, IntervalMath.Multiply(IntervalMath.Subtract(second.As<Interval>(), from), share)));
    }
}

/// <summary>percentile_disc: the first value at or behind a share of the rows.</summary>
[SqlAggregate("percentile_disc", "double precision, anyelement", "anyelement", OrderedSet = true)]
internal sealed class PercentileDisc : OrderedSetState
{
    public override Datum Result(QueryContext context, Arena arena) => Count == 0 ? Datum.Null() : Value((int)Math.Max(0, Math.Ceiling(Fraction() * Count) - 1));
}

/// <summary>mode: the most frequent value, of several the first.</summary>
[SqlAggregate("mode", "anyelement", "anyelement", OrderedSet = true)]
internal sealed class Mode : OrderedSetState
{
    public override Datum Result(QueryContext context, Arena arena)
    {
        if (Count == 0) return Datum.Null();
        int best = 0, bestLength = 0;
        for (int start = 0; start < Count;)
        {
            int end = start + 1;
            while (end < Count && DatumComparer.Compare(Value(start), Value(end)) == 0) end++;
            if (end - start > bestLength) (best, bestLength) = (start, end - start);
            start = end;
        }

        return Value(best);
    }
}
