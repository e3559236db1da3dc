using System.Globalization;
using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>FETCH and MOVE. A cursor that keeps its rows goes anywhere among them; any other only forward, straight from its portal.</summary>
internal sealed class FetchStep(Session session, StatementNode.Fetch fetch) : Step
{
    private PassingSink? _passing;

    public override ResultShape? Shape => fetch.IsMove ? null : Portal().Shape;

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        if (!onWorker) return RunStatus.Yield;
        if (session.IsFailed) throw Session.FailedTransaction();
        var portal = Portal();
        return portal.Cursor is { } cursor ? AdvanceKept(portal, cursor, sink) : AdvanceForward(portal, sink);
    }

    public override void OnReady(Action callback) => Portal().Run.OnReady(callback);

    /// <summary>Reads the query on until the cursor has that many rows; the status when it has to wait.</summary>
    public static RunStatus Keep(Portal portal, Cursor cursor, long rows)
    {
        while (!cursor.IsComplete && cursor.Count < rows)
        {
            var status = portal.Run.Advance(new KeepingSink(cursor), Math.Min(rows - cursor.Count, 65_536), onWorker: true);
            if (status == RunStatus.Complete) cursor.IsComplete = true;
            else if (status != RunStatus.RowLimit) return status;
        }

        return RunStatus.Complete;
    }

    private RunStatus AdvanceKept(Portal portal, Cursor cursor, IResultSink sink)
    {
        long position = cursor.Position;
        if (Keep(portal, cursor, Needed(position)) is not RunStatus.Complete and var status) return status;
        long end = cursor.Count + 1;
        // The rows to show, from first to last (down when first is greater), none when first is 0; and where the cursor stands then.
        var (first, last, next) = fetch.Direction switch
        {
            FetchDirection.Forward { Count: 0 } or FetchDirection.Relative { Offset: 0 } => One(position, position),
            FetchDirection.Forward { Count: > 0 } forward => Forward(position, forward.Count, end),
            FetchDirection.Forward backward => Backward(position, backward.Count == long.MinValue ? long.MaxValue : -backward.Count),
            var direction when direction.IsForwardAll => Forward(position, long.MaxValue, end),
            var direction when direction.IsBackwardAll => Backward(position, long.MaxValue),
            FetchDirection.Absolute { Position: >= 0 } absolute => One(Math.Min(absolute.Position, end), end),
            FetchDirection.Absolute absolute => One(Math.Max(0, end + absolute.Position), end),
            FetchDirection.Relative relative => One(Math.Clamp(position + relative.Offset, 0, end), end),
            _ => throw new InvalidOperationException("unknown direction"),
        };
        if (next < position && !portal.IsScrollable) throw ForwardOnly();
        cursor.Position = next;
        if (first > 0 && !fetch.IsMove) cursor.Send(sink, first, last);
        return Done(first == 0 ? 0 : Math.Abs(last - first) + 1);

        (long, long, long) One(long row, long behind) => row >= 1 && row < end ? (row, row, row) : (0, 0, Math.Min(row, behind));
    }

    /// <summary>How many of the query's rows the direction has to know.</summary>
    private long Needed(long position) => fetch.Direction switch
    {
        FetchDirection.Forward { Count: > 0 } forward => position + forward.Count < position ? long.MaxValue : position + forward.Count,
        var direction when direction.IsForwardAll => long.MaxValue,
        FetchDirection.Absolute { Position: >= 0 } absolute => absolute.Position,
        FetchDirection.Absolute => long.MaxValue,
        FetchDirection.Relative { Offset: > 0 } relative => position + relative.Offset < position ? long.MaxValue : position + relative.Offset,
        _ => position,
    };

    private static (long First, long Last, long Next) Forward(long position, long count, long end)
    {
        if (position + 1 >= end) return (0, 0, end);
        bool isEnough = count <= end - 1 - position;
        return (position + 1, isEnough ? position + count : end - 1, isEnough ? position + count : end);
    }

    private static (long First, long Last, long Next) Backward(long position, long count)
    {
        if (position <= 1) return (0, 0, 0);
        bool isEnough = count <= position - 1;
        return (position - 1, isEnough ? position - count : 1, isEnough ? position - count : 0);
    }

    private RunStatus AdvanceForward(Portal portal, IResultSink sink)
    {
        var (skipped, shown) = fetch.Direction switch
        {
            FetchDirection.Forward { Count: > 0 } forward => (0L, forward.Count),
            var direction when direction.IsForwardAll => (0L, long.MaxValue),
            FetchDirection.Relative { Offset: > 0 } relative => (relative.Offset - 1, 1L),
            FetchDirection.Absolute { Position: > 0 } absolute when absolute.Position > portal.Position => (absolute.Position - 1 - portal.Position, 1L),
            FetchDirection.Forward { Count: 0 } or FetchDirection.Relative { Offset: 0 } when portal.Position == 0 || portal.IsAtEnd => (0L, 0L),
            _ => throw ForwardOnly(),
        };
        _passing ??= new PassingSink(portal, skipped, fetch.IsMove ? null : sink);
        long wanted = shown == long.MaxValue ? long.MaxValue : skipped + shown;
        if (wanted > 0)
        {
            _passing.Inner = fetch.IsMove ? null : sink;
            var status = portal.Run.Advance(_passing, wanted == long.MaxValue ? 0 : wanted - _passing.Count, onWorker: true);
            if (status is not (RunStatus.Complete or RunStatus.RowLimit)) return status;
            portal.Position += _passing.Count;
            portal.IsAtEnd = _passing.Count < wanted;
        }

        return Done(Math.Max(0, _passing.Count - skipped));
    }

    private RunStatus Done(long rows)
    {
        Tag = string.Create(CultureInfo.InvariantCulture, $"{(fetch.IsMove ? "MOVE" : "FETCH")} {rows}");
        return RunStatus.Complete;
    }

    private static SqlException ForwardOnly() =>
        new(SqlState.ObjectNotInPrerequisiteState, "cursor can only scan forward", hint: "Declare it with SCROLL option to enable backward scan.");

    private Portal Portal() => session.FindPortal(fetch.Cursor.Name) ?? throw new SqlException(SqlState.InvalidCursorName, $"cursor \"{fetch.Cursor.Name}\" does not exist");

    /// <summary>Counts rows, passes over the first of them and shows the rest.</summary>
    private sealed class PassingSink(Portal portal, long skipped, IResultSink? inner) : InternalSql.CountingSink
    {
        public IResultSink? Inner { get; set; } = inner;

        public override bool Rows(TupleBuffer rows, int first, int count, ResultShape shape)
        {
            int hidden = (int)Math.Clamp(skipped - Count, 0, count);
            base.Rows(rows, first, count, shape);
            if (portal.RowTable != 0 && count > 0) portal.LastRowId = Cursor.LastText(rows, first + count - 1, shape.Layout);
            return Inner is null || hidden == count || Inner.Rows(rows, first + hidden, count - hidden, portal.Shape!);
        }
    }

    private sealed class KeepingSink(Cursor cursor) : InternalSql.CountingSink
    {
        public override bool Rows(TupleBuffer rows, int first, int count, ResultShape shape)
        {
            cursor.Keep(rows, first, count);
            return base.Rows(rows, first, count, shape);
        }
    }
}
