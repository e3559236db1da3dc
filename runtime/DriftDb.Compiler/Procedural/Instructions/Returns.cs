using System.Collections.Immutable;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>RETURN: the routine ends, with a value or without.</summary>
internal sealed class Return(EmbeddedQuery? value) : BlockInstruction
{
    public override int Execute(BlockRun run, int next)
    {
        if (value is not null) (run.Result, run.ResultType) = value.Evaluate(run);
        run.HasReturned = true;
        return int.MaxValue;
    }
}

/// <summary>RETURN NEXT: one more row, of an expression or of the OUT parameters.</summary>
internal sealed class ReturnNext(EmbeddedQuery? value) : BlockInstruction
{
    public override int Execute(BlockRun run, int next)
    {
        if (value is null)
        {
            var outputs = run.Program.Outputs;
            run.Rows!.Add([.. outputs.Select(output => run.Values[output.Number])], [.. outputs.Select(output => run.Types[output.Number])]);
            return next;
        }

        var (result, type) = value.Evaluate(run);
        run.Rows!.AddValue(result, type);
        return next;
    }
}

/// <summary>RETURN QUERY: all rows of a query.</summary>
internal sealed class ReturnQuery(RowQuery rows) : StepInstruction
{
    public override Step Begin(BlockRun run, out IResultSink sink, out long maxRows)
    {
        (sink, maxRows) = (new RowCapture(int.MaxValue), RowLoop.BatchRows);
        var step = rows.Open(run);
        run.Rows!.Require(step.Shape!.Columns);
        run.Found = false;
        return new ReturningStep(step, run.Rows);
    }

    public override int Finish(BlockRun run, Step step, IResultSink sink, int next)
    {
        run.RowCount = ((RowCapture)sink).Total;
        run.Found = run.RowCount > 0;
        return next;
    }

    /// <summary>Hands the query's rows on, some at a time.</summary>
    private sealed class ReturningStep(Step query, RowOutput output) : Step
    {
        public override RunStatus Advance(IResultSink sink, long maxRows, bool onWorker)
        {
            var rows = (RowCapture)sink;
            ImmutableArray<SqlType> types = [.. query.Shape!.Columns.Select(column => column.Type)];
            while (true)
            {
                var status = query.Advance(sink, maxRows, onWorker);
                for (int i = 0; i < rows.Count; i++) output.Add(rows[i], types);
                rows.Clear();
                if (status != RunStatus.RowLimit) return status;
            }
        }

        public override void OnReady(Action callback) => query.OnReady(callback);

        public override void Dispose()
        {
            query.Dispose();
            base.Dispose();
        }
    }
}
