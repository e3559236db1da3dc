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
    protected double Fraction() => Checked(Argument.As<double>());

    /// <summary>The shares of a direct argument that is an array, each to its value: an array of the same shape, NULL where a share is.</summary>
    protected Datum ForEachFraction(Arena arena, SqlType resultType, Func<double, Datum> valueAt)
    {
        if (Count == 0) return Datum.Null(resultType);
        var shares = new ArrayReader(Argument.Bytes);
        var builder = new ArrayBuilder();
        if (shares.Dimensions == 0) builder.Begin();
        else builder.BeginLike(shares);
        var items = shares.GetEnumerator();
        while (items.MoveNext()) ArrayFunctions.Add(builder, items.IsNull ? Datum.Null(resultType.Element) : valueAt(Checked(BitConverter.ToDouble(items.Current))));
        return Datum.OfBytes(resultType, builder.Finish(), arena);
    }

    private Datum Argument => Column(0, 0);

    private static double Checked(double fraction) => fraction is >= 0 and <= 1
        ? fraction
        : throw new SqlException(SqlState.NumericValueOutOfRange, $"percentile value {ValueText.Format(SqlType.Float8, fraction)} is not between 0 and 1");

    private Datum Column(int row, int column)
    {
        TupleLayout layout = _rows!.Layout;
        return Datum.FromSlot(layout.Types[column], _rows.Row(row) + layout.Offset(column));
    }
}

/// <summary>percentile_cont: the value at a share of the rows, interpolated between its neighbours.</summary>
internal abstract class PercentileContState : OrderedSetState
{
    protected Datum At(double fraction)
    {
        double place = fraction * (Count - 1);
        int low = (int)Math.Floor(place), high = (int)Math.Ceiling(place);
        Datum first = Value(low), second = Value(high);
        if (low == high) return first;
        double share = place - low;
        if (first.Type!.Id != TypeId.Interval) return Datum.Of(SqlType.Float8, first.As<double>() + share * (second.As<double>() - first.As<double>()));
        Interval from = first.As<Interval>();
        return Datum.Of(SqlType.Interval, IntervalMath.Add(from, IntervalMath.Multiply(IntervalMath.Subtract(second.As<Interval>(), from), share)));
    }
}

[SqlAggregate("percentile_cont", "double precision, double precision", "double precision", OrderedSet = true), SqlAggregate("percentile_cont", "double precision, interval", "interval", OrderedSet = true)]
internal sealed class PercentileCont : PercentileContState
{
    public override Datum Result(QueryContext context, Arena arena) => Count == 0 ? Datum.Null(SqlType.Float8) : At(Fraction());
}

/// <summary>percentile_cont of several shares at once.</summary>
[SqlAggregate("percentile_cont", "double precision[], double precision", "double precision[]", OrderedSet = true), SqlAggregate("percentile_cont", "double precision[], interval", "interval[]", OrderedSet = true)]
internal sealed class PercentileContOfArray : PercentileContState
{
    private SqlType? _resultType;

    public override void Initialize(QueryContext context, SqlType[] argumentTypes, SqlType resultType) => _resultType = resultType;

    public override Datum Result(QueryContext context, Arena arena) => ForEachFraction(arena, _resultType!, At);
}

/// <summary>percentile_disc: the first value at or behind a share of the rows.</summary>
internal abstract class PercentileDiscState : OrderedSetState
{
    protected Datum At(double fraction) => Value((int)Math.Max(0, Math.Ceiling(fraction * Count) - 1));
}

[SqlAggregate("percentile_disc", "double precision, anyelement", "anyelement", OrderedSet = true)]
internal sealed class PercentileDisc : PercentileDiscState
{
    public override Datum Result(QueryContext context, Arena arena) => Count == 0 ? Datum.Null() : At(Fraction());
}

/// <summary>percentile_disc of several shares at once.</summary>
[SqlAggregate("percentile_disc", "double precision[], anyelement", "anyarray", OrderedSet = true)]
internal sealed class PercentileDiscOfArray : PercentileDiscState
{
    private SqlType? _resultType;

    public override void Initialize(QueryContext context, SqlType[] argumentTypes, SqlType resultType) => _resultType = resultType;

    public override Datum Result(QueryContext context, Arena arena) => ForEachFraction(arena, _resultType!, At);
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
