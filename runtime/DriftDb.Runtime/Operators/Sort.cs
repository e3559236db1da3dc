using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Sorting, TopN, limits, DISTINCT ON.</summary>
internal sealed partial class SubPlanBuilder
{
    private static SortColumn[] SortColumns(IEnumerable<SortKey> keys, IReadOnlyList<OutputColumn> columns, int firstColumn = 0) =>
        [.. keys.Select(key => new SortColumn(firstColumn + IndexOf(columns, key.ColumnId), key.Descending, key.NullsFirst))];

    /// <summary>Where the rows of each sort are: a limit in percent asks for their number.</summary>
    private readonly Dictionary<PhysicalPlan, int> _sortStates = new(ReferenceEqualityComparer.Instance);

    private void ProduceSort(PhysicalSort sort, Action<BodyBuilder> consume)
    {
        var columns = sort.Input.Output;
        var layout = new TupleLayout([.. columns.Select(column => column.Type)]);
        SortColumn[] keys = SortColumns(sort.Keys, columns);
        int state = AddState(() => new SortState(layout, keys));
        Watch(sort, state);
        _sortStates[sort] = state;
        Produce(sort.Input, body => StoreIn(body, state, layout, columns, columns));
        LoopBuffer(state, sort, columns, consume, 0, layout);
    }

    private void ProduceTopN(PhysicalTopN top, Action<BodyBuilder> consume)
    {
        var columns = top.Input.Output;
        var layout = new TupleLayout([.. columns.Select(column => column.Type)]);
        SortColumn[] keys = SortColumns(top.Keys, columns);
        StartValues limits = Start(top.Count, top.Offset);
        int state = AddState(() => new TopNState(layout, keys, limits));
        Watch(top, state);
        Produce(top.Input, body =>
        {
            Expression heap = body.State(state, typeof(TopNState));
            Expression candidate = body.Hoist(("candidate", state), typeof(long), () => Expression.Call(heap, nameof(TopNState.Begin), null, body.Frame));
            var codes = columns.Select(column => body.Column(column.Id)).ToArray();
            body.Add(Expression.Call(heap, nameof(TopNState.Clear), null));
            for (int i = 0; i < codes.Length; i++) body.Store(candidate, layout, i, codes[i], null);
            body.Add(Expression.Call(heap, nameof(TopNState.Offer), null));
        });
        LoopBuffer(state, top, columns, consume, 0, layout);
    }

    private void ProduceLimit(PhysicalLimit limit, Action<BodyBuilder> consume)
    {
        StartValues values = Start(limit.Count, limit.Offset);
        var columns = limit.Input.Output;
        bool withTies = !limit.TieKeys.IsDefaultOrEmpty;
        var tieLayout = new TupleLayout(withTies ? [.. limit.TieKeys.Select(key => columns[IndexOf(columns, key.ColumnId)].Type)] : []);
        SortColumn[] ties = withTies ? [.. limit.TieKeys.Select((key, i) => new SortColumn(i, false, false))] : [];
        int? sortState = null;
        int state = AddState(() => new LimitState(values, tieLayout, ties, sortState));
        Produce(limit.Input, body =>
        {
            if (limit.IsPercent) sortState = _sortStates[limit.Input];
            Expression counter = body.State(state, typeof(LimitState));
            body.AddGuard(Expression.IfThen(Expression.Call(counter, nameof(LimitState.Begin), null, body.Frame), Expression.Goto(body.Exit)));
            if (withTies)
            {
                Expression scratch = body.Hoist(("tie", state), typeof(long), () => Expression.Call(counter, nameof(LimitState.Scratch), null));
                var codes = limit.TieKeys.Select(key => body.Stable(body.Column(key.ColumnId))).ToArray();
                body.Add(Expression.Call(counter, nameof(LimitState.ClearScratch), null));
                for (int i = 0; i < codes.Length; i++) body.Store(scratch, tieLayout, i, codes[i], null);
                ParameterExpression verdict = body.Assign(Expression.Call(counter, nameof(LimitState.CountTied), null, body.Frame));
                body.Add(Expression.IfThen(Expression.LessThan(verdict, Expression.Constant(0)), Expression.Goto(body.Exit)));
                body.Add(Expression.IfThen(Expression.Equal(verdict, Expression.Constant(0)), Expression.Goto(body.Next)));
                consume(body);
                return;
            }

            body.Add(Expression.IfThen(Expression.Not(Expression.Call(counter, nameof(LimitState.Count), null)), Expression.Goto(body.Next)));
            LabelTarget next = body.Next, done = Expression.Label("counted");
            body.Next = done;
            body.Add(body.Nested(() => consume(body)));
            body.Add(Expression.Label(done));
            body.Next = next;
            body.Add(Expression.IfThen(Expression.Call(counter, nameof(LimitState.IsFull), null, body.Frame), Expression.Goto(body.Exit)));
        });
    }

    private void ProduceDistinctOn(PhysicalDistinctOn distinct, Action<BodyBuilder> consume)
    {
        var columns = distinct.Input.Output;
        var layout = new TupleLayout([.. distinct.KeyIds.Select(id => columns[IndexOf(columns, id)].Type)]);
        int state = AddState(() => new RunState(layout));
        Produce(distinct.Input, body =>
        {
            Expression run = body.State(state, typeof(RunState));
            Expression scratch = body.Hoist(("run", state), typeof(long), () => Expression.Field(run, nameof(RunState.Scratch)));
            var codes = distinct.KeyIds.Select(id => body.Stable(body.Column(id))).ToArray();
            body.Add(Expression.Call(run, nameof(RunState.Clear), null));
            for (int i = 0; i < codes.Length; i++) body.Store(scratch, layout, i, codes[i], null);
            body.Add(Expression.IfThen(Expression.Not(Expression.Call(run, nameof(RunState.IsNew), null)), Expression.Goto(body.Next)));
            consume(body);
        });
    }
}

/// <summary>Counts rows for LIMIT and OFFSET.</summary>
internal sealed unsafe class LimitState : OperatorState
{
    private readonly StartValues _values;
    private readonly int? _sortState;
    private readonly byte[] _scratch, _last;
    private readonly TupleLayout _layout;
    private readonly RowComparer _comparer;
    private readonly Arena _arena = new();
    private long _left, _skip;
    private bool _begun;

    /// <param name="sortState">Of a limit in percent: the index of the <see cref="SortState"/> whose rows are the whole.</param>
    public LimitState(StartValues values, TupleLayout tieLayout, SortColumn[] ties, int? sortState)
    {
        (_values, _layout, _sortState) = (values, tieLayout, sortState);
        _scratch = GC.AllocateArray<byte>(tieLayout.StrideBytes, pinned: true);
        _last = GC.AllocateArray<byte>(tieLayout.StrideBytes, pinned: true);
        _comparer = new RowComparer(tieLayout, ties);
    }

    /// <summary>Evaluates LIMIT and OFFSET; a negative one is an error.</summary>
    public static (long? Count, long Offset) Evaluate(StartValues values, Frame frame)
    {
        long? count = values.Int64(frame, 0);
        if (count < 0) throw new SqlException(SqlState.InvalidRowCountInLimitClause, "LIMIT must not be negative");
        return (count, OffsetOf(values, frame));
    }

    private static long OffsetOf(StartValues values, Frame frame)
    {
        long offset = values.Int64(frame, 1) ?? 0;
        return offset >= 0 ? offset : throw new SqlException(SqlState.InvalidRowCountInResultOffsetClause, "OFFSET must not be negative");
    }

    /// <summary>How many rows a number of hundredths of <paramref name="total"/> rows are, rounded up; null for all.</summary>
    private static long? Share(SqlNumeric? percent, long total)
    {
        if (percent is not { } hundredths) return null;
        if (hundredths.IsNaN || hundredths.Sign < 0) throw new SqlException(SqlState.InvalidRowCountInLimitClause, "FETCH FIRST must not be a negative percentage");
        if (!hundredths.IsFinite) return null;
        // A product of exact numbers: 1.1 % of 3000 rows are 33, which a floating point's product would round up to 34.
        SqlNumeric share = SqlNumeric.Multiply(hundredths, new SqlNumeric(total, 2));
        return share.Ceiling().TryToInt64(out long rows) ? rows : null;
    }

    /// <summary>Evaluates the limits at the first call; true when no row is wanted.</summary>
    public bool Begin(Frame frame)
    {
        if (!_begun)
        {
            _begun = true;
            (long? count, _skip) = _sortState is { } sort
                ? (Share(_values.Numeric(frame, 0), ((SortState)frame.States[sort]).RowCount), OffsetOf(_values, frame))
                : Evaluate(_values, frame);
            _left = count ?? long.MaxValue;
        }

        if (_left > 0) return false;
        if (_layout.ColumnCount > 0 && _tied) return false;
        frame.Stop = true;
        return true;
    }

    private bool _tied;

    /// <summary>Whether the row passes.</summary>
    public bool Count()
    {
        if (_skip > 0)
        {
            _skip--;
            return false;
        }

        _left--;
        return true;
    }

    /// <summary>After a row: whether it was the last.</summary>
    public bool IsFull(Frame frame)
    {
        if (_left > 0) return false;
        return frame.Stop = true;
    }

    public long Scratch()
    {
        fixed (byte* scratch = _scratch) return (long)scratch;
    }

    public void ClearScratch() => _scratch.AsSpan(0, _layout.NullBitmapBytes).Clear();

    /// <summary>WITH TIES: 1 when the row passes, 0 when it is skipped, -1 when it and all behind it are too many.</summary>
    public int CountTied(Frame frame)
    {
        if (!Count() && _left >= 0 && !_tied) return 0;
        fixed (byte* scratch = _scratch, last = _last)
        {
            if (_left < 0)
            {
                if (_comparer.Compare((long)scratch, (long)last) == 0) return 1;
                frame.Stop = true;
                return -1;
            }

            if (_left == 0)
            {
                TupleCopy.Copy(scratch, _layout, last, _arena);
                _tied = true;
            }
        }

        return 1;
    }

    public override void Reset()
    {
        _begun = _tied = false;
        _arena.Reset();
    }
}

/// <summary>Remembers the last row's keys, to tell where a run of equal keys begins.</summary>
internal sealed unsafe class RunState : OperatorState
{
    private readonly TupleLayout _layout;
    private readonly byte[] _scratch, _last;
    private readonly RowComparer _comparer;
    private readonly Arena _arena = new();
    private bool _any;

    public RunState(TupleLayout layout)
    {
        _layout = layout;
        _scratch = GC.AllocateArray<byte>(layout.StrideBytes, pinned: true);
        _last = GC.AllocateArray<byte>(layout.StrideBytes, pinned: true);
        _comparer = new RowComparer(layout, [.. Enumerable.Range(0, layout.ColumnCount).Select(i => new SortColumn(i, false, false))]);
        fixed (byte* scratch = _scratch) Scratch = (long)scratch;
    }

    public readonly long Scratch;

    public void Clear() => _scratch.AsSpan(0, _layout.NullBitmapBytes).Clear();

    public bool IsNew()
    {
        fixed (byte* last = _last)
        {
            if (_any && _comparer.Compare(Scratch, (long)last) == 0) return false;
            _any = true;
            _arena.Reset();
            TupleCopy.Copy((byte*)Scratch, _layout, last, _arena);
            return true;
        }
    }

    public override void Reset() => _any = false;
}
