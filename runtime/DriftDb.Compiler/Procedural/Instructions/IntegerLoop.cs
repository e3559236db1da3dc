using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>FOR i IN a .. b BY c: the bounds are computed once.</summary>
internal sealed class BeginIntegerLoop(int number, AssignmentTarget variable, EmbeddedQuery from, EmbeddedQuery to, EmbeddedQuery? step, bool isReverse, Place end) : BlockInstruction
{
    public override int Execute(BlockRun run, int next)
    {
        int first = Bound(run, from, "lower bound of FOR loop cannot be null");
        int last = Bound(run, to, "upper bound of FOR loop cannot be null");
        int by = step is null ? 1 : Bound(run, step, "BY value of FOR loop cannot be null");
        if (by <= 0) throw new SqlException(SqlState.InvalidParameterValue, "BY value of FOR loop must be greater than zero");
        var loop = new IntegerLoop(first, last, isReverse ? -by : by);
        run.CloseLoop(number);
        run.Found = false;
        if (!loop.IsWithin) return end.Index;
        run.Found = true;
        run.Loops[number] = loop;
        variable.Assign(run, (int)loop.Current, SqlType.Int4);
        return next;
    }

    private static int Bound(BlockRun run, EmbeddedQuery expression, string message)
    {
        var (value, type) = expression.Evaluate(run);
        return (int)(run.Session.Conversions.Convert(value, type, SqlType.Int4) ?? throw new SqlException(SqlState.NullValueNotAllowed, message));
    }
}

/// <summary>The loop's variable takes its next value; the end of the loop is the instruction behind.</summary>
internal sealed class NextInteger(int number, AssignmentTarget variable, Place body) : BlockInstruction
{
    public override int Execute(BlockRun run, int next)
    {
        var loop = (IntegerLoop)run.Loops[number]!;
        loop.Current += loop.Step;
        run.Found = true;
        if (!loop.IsWithin) return next;
        variable.Assign(run, (int)loop.Current, SqlType.Int4);
        return body.Index;
    }
}

/// <summary>In 64 bits, so that the last value plus the step is a number still.</summary>
internal sealed class IntegerLoop(long first, long last, long step) : IBlockLoop
{
    public long Current { get; set; } = first;

    public long Step => step;

    public bool IsWithin => step > 0 ? Current <= last : Current >= last;

    public void Dispose()
    {
    }
}

/// <summary>A loop ends, or is left.</summary>
internal sealed class CloseLoop(int number) : BlockInstruction
{
    public override int Execute(BlockRun run, int next)
    {
        run.CloseLoop(number);
        return next;
    }
}
