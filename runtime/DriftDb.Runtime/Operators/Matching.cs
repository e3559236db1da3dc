using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>How a join walks the candidate rows of one left row: a cursor, the row that it stands on, and how it goes on.</summary>
internal sealed record Candidates(Expression Start, Func<ParameterExpression, Expression> AtEnd, Func<ParameterExpression, Expression> Row, Func<ParameterExpression, Expression> Advance, Expression NullRow);

internal sealed partial class SubPlanBuilder
{
    /// <summary>
    /// The code of a join inside of the left side's loop, for every kind: finds the candidates that satisfy the condition and consumes what the kind puts out. The consumer's code is
    /// emitted once: an outer join goes through it once more with a row of NULLs.
    /// </summary>
    /// <param name="define">Brings the right columns into scope over a candidate row; the flag says that it may be the row of NULLs.</param>
    /// <param name="test">Emits the tests of a candidate: goes to the label when it doesn't match; for kinds that must tell NULL from FALSE, <paramref name="condition"/> instead.</param>
    /// <param name="onMatch">Side effect of a match (marking the right row of a full join); null for none.</param>
    private static void EmitMatching(
        BodyBuilder body, JoinKind kind, Candidates candidates, Action<BodyBuilder, ParameterExpression, bool> define, Action<BodyBuilder, LabelTarget> test, Func<BodyBuilder, Code>? condition,
        OutputColumn? mark, Action<BodyBuilder, ParameterExpression>? onMatch, Action<BodyBuilder> consume)
    {
        LabelTarget next = body.Next;
        ParameterExpression cursor = body.Assign(candidates.Start, "cursor");
        ParameterExpression row = body.Variable(typeof(long), "match");
        switch (kind)
        {
            case JoinKind.Inner:
                body.Loop((end, again) =>
                {
                    Step(end);
                    define(body, row, false);
                    test(body, again);
                    body.Next = again;
                    consume(body);
                });
                break;

            case JoinKind.Left or JoinKind.Single or JoinKind.Full:
                ParameterExpression matched = body.Assign(Expression.Constant(false), "matched");
                ParameterExpression last = body.Variable(typeof(bool), "last");
                body.Loop((end, again) =>
                {
                    body.Add(Expression.Assign(last, Expression.Constant(true)));
                    body.Loop((found, other) =>
                    {
                        Step(found);
                        define(body, row, false);
                        test(body, other);
                        if (kind == JoinKind.Single) body.Add(Expression.IfThen(matched, MemoryCode.Call(typeof(JoinSupport), nameof(JoinSupport.ThrowMoreThanOneRow))));
                        body.Add(Expression.Assign(last, Expression.Constant(false)));
                        onMatch?.Invoke(body, row);
                        body.Add(Expression.Goto(found));
                    });
                    body.If(last, () =>
                    {
                        body.Add(Expression.IfThen(matched, Expression.Goto(end)));
                        body.Add(Expression.Assign(row, candidates.NullRow));
                    });
                    body.Add(Expression.Assign(matched, Expression.Constant(true)));
                    define(body, row, true);
                    LabelTarget done = Expression.Label("done");
                    body.Next = done;
                    body.Add(body.Nested(() => consume(body)));
                    body.Add(Expression.Label(done));
                    body.Add(Expression.IfThen(last, Expression.Goto(end)));
                });
                break;

            case JoinKind.Semi or JoinKind.Anti:
                ParameterExpression any = body.Assign(Expression.Constant(false), "any");
                body.Loop((end, again) =>
                {
                    Step(end);
                    define(body, row, false);
                    test(body, again);
                    body.Add(Expression.Assign(any, Expression.Constant(true)));
                    body.Add(Expression.Goto(end));
                });
                body.Add(Expression.IfThen(kind == JoinKind.Semi ? Expression.Not(any) : any, Expression.Goto(next)));
                body.Next = next;
                consume(body);
                break;

            case JoinKind.AntiNullAware or JoinKind.Mark:
                ParameterExpression yes = body.Assign(Expression.Constant(false), "yes"), unknown = body.Assign(Expression.Constant(false), "unknown");
                body.Loop((end, again) =>
                {
                    Step(end);
                    define(body, row, false);
                    Code code = condition!(body);
                    if (code.IsNull is not null) body.Add(Expression.IfThen(code.IsNull, Expression.Block(typeof(void), Expression.Assign(unknown, Expression.Constant(true)), Expression.Goto(again))));
                    body.Add(Expression.IfThen(code.Value, Expression.Block(typeof(void), Expression.Assign(yes, Expression.Constant(true)), Expression.Goto(end))));
                });
                body.Next = next;
                if (kind == JoinKind.Mark) body.Define(mark!.Id, new Code(yes, Expression.AndAlso(unknown, Expression.Not(yes))));
                else body.Add(Expression.IfThen(Expression.OrElse(yes, unknown), Expression.Goto(next)));
                consume(body);
                break;

            default: throw new InvalidOperationException(kind.ToString());
        }

        body.Next = next;

        void Step(LabelTarget end)
        {
            body.Add(Expression.IfThen(candidates.AtEnd(cursor), Expression.Goto(end)));
            body.Add(Expression.Assign(row, candidates.Row(cursor)));
            body.Add(candidates.Advance(cursor));
        }
    }

    /// <summary>Candidates that a state lists as addresses.</summary>
    private static Candidates Listed(Expression state, BodyBuilder body)
    {
        // The list changes from row to row: it is read each time.
        Expression count = Expression.Field(state, nameof(RowListState.ListCount)), addresses = Expression.Field(state, nameof(RowListState.List));
        ParameterExpression countNow = body.Assign(count, "n"), listNow = body.Assign(addresses, "list");
        return new Candidates(
            Expression.Constant(0),
            cursor => Expression.GreaterThanOrEqual(cursor, countNow),
            cursor => MemoryCode.Call("Pointer", listNow, cursor),
            cursor => Expression.PreIncrementAssign(cursor),
            Expression.Field(state, nameof(RowListState.NullRow)));
    }
}

internal static class JoinSupport
{
    public static void ThrowMoreThanOneRow() => throw new SqlException(SqlState.CardinalityViolation, "more than one row returned by a subquery used as an expression");
}

/// <summary>Rows in a buffer with the list of their addresses, for joins that walk them all.</summary>
internal unsafe class RowListState : BufferState
{
    private readonly byte[] _nullRow;
    private long[] _list = [];

    public RowListState(TupleLayout layout) : base(layout)
    {
        _nullRow = GC.AllocateArray<byte>(layout.StrideBytes, pinned: true);
        _nullRow.AsSpan(0, layout.NullBitmapBytes).Fill(0xFF);
        fixed (byte* address = _nullRow) NullRow = (long)address;
    }

    public readonly long NullRow;

    public long List;

    public int ListCount;

    /// <summary>Lists the buffer's rows.</summary>
    public override void Finish(Frame frame)
    {
        if (_list.Length < Rows.Count) _list = GC.AllocateUninitializedArray<long>(Math.Max(16, Rows.Count + Rows.Count / 2), pinned: true);
        fixed (long* list = _list) List = (long)list;
        ListCount = Addresses(0, _list);
        GC.KeepAlive(_nullRow);
    }

    public override void Reset()
    {
        base.Reset();
        ListCount = 0;
    }
}
