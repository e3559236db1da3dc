using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Sorting, TopN, limits, DISTINCT ON.</summary>
internal sealed partial class SubPlanBuilder
{
    private static SortColumn[] SortColumns(IEnumerable<SortKey> keys, IReadOnlyList<OutputColumn> columns, int firstColumn = 0) =>
        [.. keys.Select(key => new SortColumn(firstColumn + IndexOf(columns, key.ColumnId), key.Descending, key.NullsFirst))];

    private void ProduceSort(PhysicalSort sort, Action<BodyBuilder> consume)
    {
        var columns = sort.Input.Output;
        var layout = new TupleLayout([.. columns.Select(column => column.Type)]);
        SortColumn[] keys = SortColumns(sort.Keys, columns);
        int state = AddState(() => new SortState(layout, keys));
        Watch(sort, state);
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
        int state = AddState(() => new LimitState(values, tieLayout, ties));
        Produce(limit.Input, body =>
        {
            Expression counter = body.State(state, typeof(LimitState));
            body.AddPrologue(Expression.IfThen(Expression.Call(counter, nameof(LimitState.Begin), null, body.Frame), Expression.Goto(body.Exit)));
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

/// <summary>A buffer that is read in order.</summary>
internal sealed class SortState(TupleLayout layout, SortColumn[] keys) : BufferState(layout)
{
    private long[] _order = [];

    public override long MemoryBytes => base.MemoryBytes + (long)_order.Length * sizeof(long);

    public override void Finish(Frame frame) => _order = RowSorter.Sort(Rows, keys);

    public override int Addresses(int first, Span<long> addresses)
    {
        int count = Math.Min(addresses.Length, Rows.Count - first);
        if (count <= 0) return 0;
        _order.AsSpan(first, count).CopyTo(addresses);
        return count;
    }
}

/// <summary>Keeps the first Offset + Count rows in a heap whose top is the worst; most rows are refused by one comparison.</summary>
internal sealed unsafe class TopNState : BufferState
{
    private readonly StartValues _limits;
    private readonly RowComparer _comparer;
    private readonly SortColumn[] _keys;
    private readonly byte[] _candidate;
    private readonly List<long> _heap = [];
    private TupleBuffer _kept;
    private long _wanted, _offset, _copied;
    private bool _begun;
    private long[] _order = [];

    public TopNState(TupleLayout layout, SortColumn[] keys, StartValues limits) : base(layout)
    {
        (_keys, _limits) = (keys, limits);
        _comparer = new RowComparer(layout, keys);
        _candidate = GC.AllocateArray<byte>(layout.StrideBytes, pinned: true);
        _kept = new TupleBuffer(layout);
    }

    public long Begin(Frame frame)
    {
        if (!_begun)
        {
            _begun = true;
            (long? count, _offset) = LimitState.Evaluate(_limits, frame);
            _wanted = count is { } n ? (n > long.MaxValue - _offset ? long.MaxValue : n + _offset) : long.MaxValue;
        }

        fixed (byte* candidate = _candidate) return (long)candidate;
    }

    public void Clear() => _candidate.AsSpan(0, Layout.NullBitmapBytes).Clear();

    public void Offer()
    {
        fixed (byte* candidate = _candidate)
        {
            if (_heap.Count < _wanted)
            {
                _heap.Add(Keep(candidate));
                SiftUp(_heap.Count - 1);
                return;
            }

            if (_wanted == 0 || _comparer.Compare((long)candidate, _heap[0]) >= 0) return;
            // The worst row's place is taken; its bytes stay behind until enough of them have gathered.
            byte* place = (byte*)_heap[0];
            TupleCopy.Copy(candidate, Layout, place, _kept.Arena);
            SiftDown(0);
            if (++_copied > 4 * Math.Max(1_024, _wanted)) Compact();
        }
    }

    public override void Finish(Frame frame)
    {
        Begin(frame);
        _heap.Sort(_comparer.Compare);
        _order = [.. _heap.Skip((int)Math.Min(int.MaxValue, _offset))];
    }

    public override int Addresses(int first, Span<long> addresses)
    {
        int count = Math.Min(addresses.Length, _order.Length - first);
        if (count <= 0) return 0;
        _order.AsSpan(first, count).CopyTo(addresses);
        return count;
    }

    public override long MemoryBytes => _kept.CapacityBytes + _heap.Count * sizeof(long);

    public override void Reset()
    {
        base.Reset();
        _heap.Clear();
        _kept.Clear();
        _begun = false;
        _copied = 0;
        _ = _keys;
    }

    private long Keep(byte* row)
    {
        byte* kept = _kept.Append();
        TupleCopy.Copy(row, Layout, kept, _kept.Arena);
        return (long)kept;
    }

    private void Compact()
    {
        var old = _kept;
        _kept = new TupleBuffer(Layout);
        for (int i = 0; i < _heap.Count; i++) _heap[i] = Keep((byte*)_heap[i]);
        GC.KeepAlive(old);
        _copied = 0;
    }

    private void SiftUp(int index)
    {
        while (index > 0)
        {
            int parent = (index - 1) / 2;
            if (_comparer.Compare(_heap[index], _heap[parent]) <= 0) return;
            (_heap[index], _heap[parent]) = (_heap[parent], _heap[index]);
            index = parent;
        }
    }

    private void SiftDown(int index)
    {
        while (true)
        {
            int child = 2 * index + 1;
            if (child >= _heap.Count) return;
            if (child + 1 < _heap.Count && _comparer.Compare(_heap[child + 1], _heap[child]) > 0) child++;
            if (_comparer.Compare(_heap[index], _heap[child]) >= 0) return;
            (_heap[index], _heap[child]) = (_heap[child], _heap[index]);
            index = child;
        }
    }
}

/// <summary>Counts rows for LIMIT and OFFSET.</summary>
internal sealed unsafe class LimitState : OperatorState
{
    private readonly StartValues _values;
    private readonly byte[] _scratch, _last;
    private readonly TupleLayout _layout;
    private readonly RowComparer _comparer;
    private readonly Arena _arena = new();
    private long _left, _skip;
    private bool _begun;

    public LimitState(StartValues values, TupleLayout tieLayout, SortColumn[] ties)
    {
        (_values, _layout) = (values, tieLayout);
        _scratch = GC.AllocateArray<byte>(tieLayout.StrideBytes, pinned: true);
        _last = GC.AllocateArray<byte>(tieLayout.StrideBytes, pinned: true);
        _comparer = new RowComparer(tieLayout, ties);
    }

    /// <summary>Evaluates LIMIT and OFFSET; a negative one is an error.</summary>
    public static (long? Count, long Offset) Evaluate(StartValues values, Frame frame)
    {
        long? count = values.Int64(frame, 0);
        long offset = values.Int64(frame, 1) ?? 0;
        if (count < 0) throw new SqlException(SqlState.InvalidRowCountInLimitClause, "LIMIT must not be negative");
        if (offset < 0) throw new SqlException(SqlState.InvalidRowCountInResultOffsetClause, "OFFSET must not be negative");
        return (count, offset);
    }

    /// <summary>Evaluates the limits at the first call; true when no row is wanted.</summary>
    public bool Begin(Frame frame)
    {
        if (!_begun)
        {
            _begun = true;
            (long? count, _skip) = Evaluate(_values, frame);
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
