using DriftDb.Plan;
using DriftDb.Types;
using System.Collections.Immutable;

namespace DriftDb.Compiler;

/// <summary>FOR row IN query: the query is opened; its rows come a few at a time while the body runs.</summary>
internal sealed class BeginRowLoop(int number, RowQuery rows) : BlockInstruction
{
    public override int Execute(BlockRun run, int next)
    {
        run.CloseLoop(number);
        run.Loops[number] = new RowLoop(rows.Open(run));
        return next;
    }
}

/// <summary>The next row goes to the targets; behind the last one the loop is done.</summary>
internal sealed class NextRow(int number, RowTarget target, Place end) : StepInstruction
{
    public override bool EndsStep => false;

    public override Step Begin(BlockRun run, out IResultSink sink, out long maxRows)
    {
        var loop = (RowLoop)run.Loops[number]!;
        sink = loop.Rows;
        maxRows = RowLoop.BatchRows;
        return loop;
    }

    public override int Finish(BlockRun run, Step step, IResultSink sink, int next)
    {
        var loop = (RowLoop)run.Loops[number]!;
        bool isThere = loop.TryTake(out var values);
        if (isThere || !loop.HasGiven) target.Assign(run, values, loop.Columns);
        loop.HasGiven |= isThere;
        run.Found = loop.HasGiven;
        return isThere ? next : end.Index;
    }
}

/// <summary>The rows of a query that is under way. As a step it sees to it that there is a row to take, or none left.</summary>
internal sealed class RowLoop(Step query) : Step, IBlockLoop
{
    /// <summary>As many as PostgreSQL takes at a time.</summary>
    public const int BatchRows = 50;

    private bool _isOver;
    private int _next;

    public RowCapture Rows { get; } = new(int.MaxValue);

    /// <summary>The body has had a row.</summary>
    public bool HasGiven { get; set; }

    public ImmutableArray<OutputColumn> Columns => query.Shape!.Columns;

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        if (_next < Rows.Count || _isOver) return RunStatus.Complete;
        Rows.Clear();
        _next = 0;
        var status = query.Advance(Rows, maxRows, onWorker);
        _isOver = status == RunStatus.Complete;
        return status;
    }

    public override void OnReady(Action callback) => query.OnReady(callback);

    public bool TryTake(out object?[]? values)
    {
        values = _next < Rows.Count ? Rows[_next++] : null;
        return values is not null;
    }

    /// <summary>Takes all rows that are left: the transaction is going to end, and the query with it.</summary>
    public void Hold(BlockRun run)
    {
        if (_isOver) return;
        run.RunToEnd(query, Rows);
        _isOver = true;
    }

    public override void Dispose()
    {
        query.Dispose();
        base.Dispose();
    }
}
