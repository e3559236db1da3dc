using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>FOR SYSTEM_TIME of one table reference, resolved when it starts: a view of one moment, or a range of sequences.</summary>
internal sealed unsafe class SystemTime
{
    private readonly SystemTimePeriod? _period;
    private readonly StartValues? _bounds;

    public SystemTime(SubPlanBuilder plan, SystemTimePeriod? period)
    {
        _period = period;
        if (period is not null) _bounds = plan.Start(period.Bounds);
    }

    /// <summary>Whether versions of a period are asked for rather than the rows of a moment.</summary>
    public bool IsPeriod => _period is not null && _period.Kind != SystemTimeKind.AsOf;

    /// <summary>Whether it is the past, in which the transaction's own writes aren't seen.</summary>
    public bool IsPast => _period is not null;

    /// <summary>The moment's view of the table; false when it is NULL: no rows.</summary>
    public bool TryView(Frame frame, StorageTable table, out ReadView view)
    {
        view = frame.Context.ViewOf(table);
        if (_period is null) return true;
        if (Point(frame, 0) is not var (sequence, _, _)) return false;
        table.RequireKept(sequence, _period.Bounds[0].Span);
        view = view.At(sequence);
        return true;
    }

    /// <summary>The period's range as the store takes it; false for no rows.</summary>
    public bool TryRange(Frame frame, StorageTable table, out PeriodKind kind, out long from, out long to)
    {
        kind = PeriodKind.All;
        from = 0;
        to = long.MaxValue;
        if (_period!.Kind == SystemTimeKind.All) return true;
        kind = _period.Kind == SystemTimeKind.FromTo ? PeriodKind.FromTo : PeriodKind.Between;
        if (Point(frame, 0) is not { } first || Point(frame, 1) is not { } second) return false;
        bool reversed = first.Micros > second.Micros || (first.Micros == second.Micros && first.Sequence > second.Sequence);
        if (reversed)
        {
            if (_period.Kind != SystemTimeKind.BetweenSymmetric) return false;
            (first, second) = (second, first);
        }

        // A time t is after every event that was committed at or before it: the state at t is the one after the last of them.
        from = first.Sequence;
        table.RequireKept(from, _period.Bounds[reversed ? 1 : 0].Span);
        to = kind == PeriodKind.FromTo && second.IsTime ? frame.Context.Store.SequenceAt(second.Micros - 1) + 1 : second.Sequence;
        return kind != PeriodKind.FromTo || first.Micros != second.Micros || first.Sequence != second.Sequence;
    }

    private (long Sequence, long Micros, bool IsTime)? Point(Frame frame, int index)
    {
        byte* row = stackalloc byte[_bounds!.Layout.StrideBytes];
        _bounds.Evaluate(frame, row);
        if (TupleLayout.IsNull(row, index)) return null;
        return SystemMoment.Resolve(frame.Context, _bounds.Layout.Types[index], row + _bounds.Layout.Offset(index));
    }
}
