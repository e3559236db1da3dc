using System.Globalization;
using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>FETCH and MOVE: advance a cursor's portal forward.</summary>
internal sealed class FetchStep(Session session, StatementNode.Fetch fetch) : Step
{
    private CountingSink? _counter;

    public override ResultShape? Shape => fetch.IsMove ? null : Portal().Shape;

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        if (!onWorker) return RunStatus.Yield;
        if (session.IsFailed) throw Session.FailedTransaction();
        long count = fetch.Direction switch
        {
            FetchDirection.Forward { Count: >= 0 } forward => forward.Count,
            var direction when direction.IsForwardAll => long.MaxValue,
            FetchDirection.Relative { Offset: >= 0 } relative => relative.Offset,
            _ => throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "cursor can only scan forward", hint: "Declare it with SCROLL option to enable backward scan."),
        };
        _counter ??= new CountingSink();
        _counter.Inner = fetch.IsMove ? null : sink;
        if (count > 0)
        {
            var status = Portal().Run.Advance(_counter, count == long.MaxValue ? 0 : count - _counter.Count, onWorker);
            if (status is not (RunStatus.Complete or RunStatus.RowLimit)) return status;
        }

        Tag = string.Create(CultureInfo.InvariantCulture, $"{(fetch.IsMove ? "MOVE" : "FETCH")} {_counter.Count}");
        return RunStatus.Complete;
    }

    public override void OnReady(Action callback) => Portal().Run.OnReady(callback);

    private Portal Portal() => session.FindPortal(fetch.Cursor.Name) ?? throw new SqlException(SqlState.InvalidCursorName, $"cursor \"{fetch.Cursor.Name}\" does not exist");

    /// <summary>Passes rows on, counts them, and swallows the portal's own completion.</summary>
    private sealed class CountingSink : IResultSink
    {
        public IResultSink? Inner { get; set; }

        public long Count { get; private set; }

        public void Describe(ResultShape shape)
        {
        }

        public bool Rows(TupleBuffer rows, int first, int count, ResultShape shape)
        {
            Count += count;
            return Inner is null || Inner.Rows(rows, first, count, shape);
        }

        public void Complete(string commandTag)
        {
        }

        public void Empty()
        {
        }

        public void CopyOutBegin(int columns, bool isBinary)
        {
        }

        public bool CopyOutData(ReadOnlySpan<byte> data) => true;

        public void CopyOutEnd()
        {
        }
    }
}
