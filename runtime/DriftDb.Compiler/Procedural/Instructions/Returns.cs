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

/// <summary>The last statement of a function in SQL that returns one value or row: its first row; NULL where it has none.</summary>
internal sealed class ReturnFirstRow(EmbeddedQuery query) : StepInstruction
{
    public override Step Begin(BlockRun run, out IResultSink sink, out long maxRows)
    {
        var (plan, values) = query.Prepare(run);
        (sink, maxRows) = (new RowCapture(1), plan.IsWrite ? 0 : 1);
        return new QueryStep(run.Session, plan, values);
    }

    public override int Finish(BlockRun run, Step step, IResultSink sink, int next)
    {
        run.HasReturned = true;
        var columns = step.Shape!.Columns;
        var outputs = run.Program.Outputs;
        if ((RowCapture)sink is not { Count: > 0 } rows)
        {
            run.ResultType = columns[0].Type;
            return int.MaxValue;
        }

        if (!outputs.IsEmpty)
        {
            for (int i = 0; i < outputs.Length; i++) run.Values[outputs[i].Number] = run.Session.Conversions.Convert(rows[0][i], columns[i].Type, run.Types[outputs[i].Number]);
        }
        else if (run.Program.Routine!.ReturnType.Id != TypeId.Record || columns is [{ Type.Id: TypeId.Record }])
        {
            (run.Result, run.ResultType) = (rows[0][0], columns[0].Type);
        }
        else
        {
            ImmutableArray<SqlType> types = [.. columns.Select(column => column.Type)];
            (run.Result, run.ResultType) = (ValueConversions.Encode(rows[0], types), SqlType.RowOf(RowType.Anonymous(columns.Select(column => new RowField(column.Name, column.Type)))));
        }

        return int.MaxValue;
    }
}

/// <summary>RETURN QUERY: all rows of a query.</summary>
/// <param name="rows">The query.</param>
/// <param name="isExact">Its columns are of the very types that the routine returns; else they are converted.</param>
internal sealed class ReturnQuery(RowQuery rows, bool isExact = true) : StepInstruction
{
    public override Step Begin(BlockRun run, out IResultSink sink, out long maxRows)
    {
        (sink, maxRows) = (new RowCapture(int.MaxValue), RowLoop.BatchRows);
        var step = rows.Open(run);
        var output = run.Rows!;
        if (isExact) output.Require(step.Shape!.Columns);
        run.Found = false;
        return new ReturningStep(step, output);
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
                for (int i = 0; i < rows.Count; i++)
                {
                    // One column that is a row is the row.
                    if (types is [{ Id: TypeId.Record } row]) output.AddValue(rows[i][0], row);
                    else output.Add(rows[i], types);
                }

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
