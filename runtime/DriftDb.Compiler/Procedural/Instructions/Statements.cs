using System.Collections.Immutable;
using System.Globalization;
using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>A query or a change of data, with INTO or without.</summary>
internal sealed class RunQuery(EmbeddedQuery query, RowTarget? into, bool isPerform) : StepInstruction
{
    public override Step Begin(BlockRun run, out IResultSink sink, out long maxRows)
    {
        var (plan, values) = query.Prepare(run);
        bool hasRows = plan.Shape is not null;
        if (hasRows && into is null && !isPerform)
            throw new SqlException(SqlState.SyntaxError, "query has no destination for result data", hint: plan.IsWrite ? null : "If you want to discard the results of a SELECT, use PERFORM instead.");
        if (!hasRows && into is not null) throw new SqlException(SqlState.SyntaxError, "INTO used with a command that cannot return data");
        sink = new RowCapture(2);
        // One row is enough to know, two to find that there are too many; a change of data is done for all of its rows.
        maxRows = into is null || plan.IsWrite ? 0 : into.IsStrict ? 2 : 1;
        return new QueryStep(run.Session, plan, values);
    }

    public override int Finish(BlockRun run, Step step, IResultSink sink, int next)
    {
        var rows = (RowCapture)sink;
        var query = (QueryStep)step;
        if (into is null)
        {
            run.RowCount = isPerform ? rows.Total : Affected(step.Tag);
            run.Found = run.RowCount > 0;
            return next;
        }

        bool isWrite = step.Tag.Length > 0 && !step.Tag.StartsWith("SELECT", StringComparison.Ordinal);
        if (rows.Count > 1 && (into.IsStrict || isWrite))
            throw new SqlException(SqlState.TooManyRows, "query returned more than one row", hint: "Make sure the query returns a single row, or use LIMIT 1.");
        if (rows.Count == 0 && into.IsStrict) throw new SqlException(SqlState.NoDataFound, "query returned no rows");
        into.Assign(run, rows.Count == 0 ? null : rows[0], query.Shape!.Columns);
        run.RowCount = rows.Count;
        run.Found = rows.Count > 0;
        return next;
    }

    /// <summary>The number at a command tag's end; 0 when it has none.</summary>
    public static long Affected(string tag) => long.TryParse(tag.AsSpan(tag.LastIndexOf(' ') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long count) ? count : 0;
}

/// <summary>Any other statement of SQL.</summary>
internal sealed class RunUtility(string text, Statement statement) : StepInstruction
{
    public override Step Begin(BlockRun run, out IResultSink sink, out long maxRows)
    {
        (sink, maxRows) = (new RowCapture(0), 0);
        var step = UtilityStatement.Make(run.Session, text, statement, null);
        if (step.Shape is null) return step;
        step.Dispose();
        throw new SqlException(SqlState.SyntaxError, "query has no destination for result data");
    }

    public override int Finish(BlockRun run, Step step, IResultSink sink, int next)
    {
        run.RowCount = RunQuery.Affected(step.Tag);
        return next;
    }
}

/// <summary>EXECUTE: the statements of a text. What the last one returns is for INTO.</summary>
internal sealed class RunDynamic(EmbeddedQuery command, RowTarget? into, ImmutableArray<EmbeddedQuery> arguments) : StepInstruction
{
    public override Step Begin(BlockRun run, out IResultSink sink, out long maxRows)
    {
        (sink, maxRows) = (new RowCapture(2), 0);
        return new DynamicStep(DynamicRows.Steps(run, command, arguments).GetEnumerator());
    }

    public override int Finish(BlockRun run, Step step, IResultSink sink, int next)
    {
        var rows = (RowCapture)sink;
        run.RowCount = RunQuery.Affected(step.Tag);
        if (into is null) return next;
        if (step.Shape is null) throw new SqlException(SqlState.SyntaxError, "INTO used with a command that cannot return data");
        if (rows.Count > 1 && into.IsStrict) throw new SqlException(SqlState.TooManyRows, "query returned more than one row");
        if (rows.Count == 0 && into.IsStrict) throw new SqlException(SqlState.NoDataFound, "query returned no rows");
        into.Assign(run, rows.Count == 0 ? null : rows[0], step.Shape.Columns);
        return next;
    }
}

/// <summary>The statements of a text one after another; its shape and its tag are those of the last.</summary>
internal sealed class DynamicStep(IEnumerator<Step> statements) : Step
{
    private Step? _running;
    private ResultShape? _shape;
    private bool _isOver;

    public override ResultShape? Shape => _shape;

    public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
    {
        while (!_isOver)
        {
            if (_running is null)
            {
                if (!statements.MoveNext())
                {
                    _isOver = true;
                    break;
                }

                _running = statements.Current;
                ((RowCapture)sink).Clear();
            }

            if (DynamicRows.WithoutPlace(() => _running.Advance(sink, maxRows, onWorker)) is not RunStatus.Complete and var status) return status;
            _shape = _running.Shape;
            Tag = _running.Tag;
            _running.Dispose();
            _running = null;
        }

        return RunStatus.Complete;
    }

    public override void OnReady(Action callback) => _running!.OnReady(callback);

    public override void Dispose()
    {
        _running?.Dispose();
        statements.Dispose();
        base.Dispose();
    }
}
