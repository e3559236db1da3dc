using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// Merge join of two inputs sorted by the keys. The left rows come by in their pipeline; the right side is a nested plan that is pulled alongside, and of which only the rows that equal the
/// left row's key are at hand. Left rows' order is kept, except by a full join.
/// </summary>
internal sealed partial class SubPlanBuilder
{
    private void ProduceMergeJoin(PhysicalMergeJoin join, Action<BodyBuilder> consume)
    {
        var columns = join.Right.Output;
        bool full = join.Kind == JoinKind.Full;
        SqlType[] keyTypes = [.. join.Keys.Select(key => KeyType(key.Left.Type, key.Right.Type))];
        var layout = new TupleLayout([.. columns.Select(column => column.Type), .. keyTypes, .. full ? new[] { SqlType.Bool } : []]);
        int firstKey = columns.Length, matched = firstKey + keyTypes.Length;
        var keyLayout = new TupleLayout([.. keyTypes]);
        SubPlanTemplate right = CompileNested(layout, nested => nested.ProduceMergeSide(join, layout));
        bool[] nullsMatch = [.. join.Keys.Select(key => key.NullsMatch)];
        // Once the right side has ended, further left rows of these kinds can't match.
        bool endsWithRight = join.Kind is JoinKind.Inner or JoinKind.Semi;
        int state = AddState(() => new MergeJoinState(right, keyLayout, firstKey, nullsMatch, full ? matched : -1, endsWithRight));
        var output = join.Output;
        var outputLayout = new TupleLayout([.. output.Select(column => column.Type)]);
        int buffer = full ? AddState(() => new SpoolState(outputLayout)) : -1;

        Produce(join.Left, body =>
        {
            Expression merge = body.State(state, typeof(MergeJoinState));
            Expression key = body.Hoist(("key", state), typeof(long), () => Expression.Field(merge, nameof(MergeJoinState.Key)));
            var codes = join.Keys.Select((k, i) => body.Stable(body.EmitAs(k.Left, keyTypes[i]))).ToArray();
            body.Add(Expression.Call(merge, nameof(MergeJoinState.ClearKey), null));
            for (int i = 0; i < codes.Length; i++) body.Store(key, keyLayout, i, codes[i], null);
            body.Add(Expression.Call(merge, nameof(MergeJoinState.Seek), null, body.Frame));
            EmitMatching(
                body, join.Kind, Listed(merge, body), (b, row, mayBeNull) => DefineRow(b, columns, row, layout, mayBeNull), (b, otherwise) =>
                {
                    if (join.Residual is not null) b.EmitFilter(join.Residual, otherwise);
                },
                _ => throw new InvalidOperationException("merge join of a kind that must tell NULL"), null,
                full ? (b, row) => b.Add(MemoryCode.Write(PhysicalKind.Bool, row, layout.Offset(matched), Expression.Constant(true), null)) : null,
                full ? b => StoreIn(b, buffer, outputLayout, output, output) : consume);
        });
        if (!full) return;

        // As with the other full joins, rows come from two pipelines: the right rows that nobody matched come after all others.
        int unmatched = AddState(() => new BufferSource(state));
        LoopRows(unmatched, join, (body, row) =>
        {
            DefineNulls(body, join.Left.Output);
            DefineRow(body, columns, row, layout, false);
            StoreIn(body, buffer, outputLayout, output, output);
        });
        LoopBuffer(buffer, join, output, consume);
    }

    /// <summary>The right side as a plan of its own: its columns, its keys in the form in which they are compared, and for a full join whether the row was matched.</summary>
    private void ProduceMergeSide(PhysicalMergeJoin join, TupleLayout layout) => Produce(join.Right, body =>
    {
        var columns = join.Right.Output;
        var codes = columns.Select(column => body.Stable(body.Column(column.Id)))
            .Concat(join.Keys.Select((key, i) => body.Stable(body.EmitAs(key.Right, layout.Types[columns.Length + i])))).ToArray();
        Expression output = body.Hoist("output", typeof(TupleBuffer), () => Expression.Field(body.Frame, nameof(Frame.Output)));
        Expression arena = body.Hoist("outputArena", typeof(Arena), () => Expression.Field(body.Frame, nameof(Frame.OutputArena)));
        ParameterExpression row = body.Assign(MemoryCode.Call("AppendRow", output), "row");
        for (int i = 0; i < codes.Length; i++) body.Store(row, layout, i, codes[i], arena);
        if (layout.ColumnCount > codes.Length) body.Add(MemoryCode.Write(PhysicalKind.Bool, row, layout.Offset(codes.Length), Expression.Constant(false), null));
    });
}

/// <summary>
/// The right side of a merge join: pulls sorted rows and lists those whose key is the left row's (a run). A run's rows stay in the buffers that they came in until the next run begins, so
/// memory is bounded by the longest run. For a full join the rows that were passed over or never matched are kept.
/// </summary>
internal sealed unsafe class MergeJoinState : RowListState
{
    private readonly SubPlanTemplate _right;
    private readonly TupleLayout _keyLayout;
    private readonly int _firstKey, _matchedColumn;
    private readonly bool[] _nullsMatch;
    private readonly bool _endsWithRight;
    private readonly byte[] _key, _runKey;
    private readonly Arena _runArena = new();
    private readonly Stack<TupleBuffer> _spare = new();
    private readonly List<TupleBuffer> _held = [];
    private SubPlanInstance? _instance;
    private TupleBuffer _current;
    private long[] _addresses = [], _run = [];
    private int _next, _count, _runCount;
    private bool _isDone, _hasRun;

    public MergeJoinState(SubPlanTemplate right, TupleLayout keyLayout, int firstKey, bool[] nullsMatch, int matchedColumn, bool endsWithRight) : base(right.OutputLayout)
    {
        (_right, _keyLayout, _firstKey, _nullsMatch, _matchedColumn, _endsWithRight) = (right, keyLayout, firstKey, nullsMatch, matchedColumn, endsWithRight);
        _key = GC.AllocateArray<byte>(keyLayout.StrideBytes, pinned: true);
        _runKey = GC.AllocateArray<byte>(keyLayout.StrideBytes, pinned: true);
        fixed (byte* key = _key) Key = (long)key;
        _current = new TupleBuffer(right.OutputLayout);
    }

    /// <summary>Where the left row's key is put before <see cref="Seek"/>.</summary>
    public readonly long Key;

    public void ClearKey() => _key.AsSpan(0, _keyLayout.NullBitmapBytes).Clear();

    /// <summary>Lists the right rows whose key is <see cref="Key"/>. Keys must come in ascending order.</summary>
    public void Seek(Frame frame)
    {
        fixed (byte* key = _key, runKey = _runKey)
        {
            for (int i = 0; i < _nullsMatch.Length; i++)
            {
                if (_nullsMatch[i] || !TupleLayout.IsNull(key, i)) continue;
                ListCount = 0;
                return;
            }

            if (_hasRun && Compare(runKey, _keyLayout, 0, key) == 0)
            {
                ListCount = _runCount;
                return;
            }

            EndRun();
            while (Peek(frame, out byte* row))
            {
                int order = Compare(row, Layout, _firstKey, key);
                if (order > 0) break;
                _next++;
                if (order == 0) AddToRun(row);
                else KeepUnmatched(row);
            }

            _runArena.Reset();
            TupleCopy.Copy(key, _keyLayout, runKey, _runArena);
            _hasRun = true;
        }

        fixed (long* run = _run) List = (long)run;
        ListCount = _runCount;
        if (_endsWithRight && _isDone && _next == _count && _runCount == 0) frame.Stop = true;
    }

    /// <summary>For a full join, once the left side has ended: all that is left is unmatched.</summary>
    public override void Finish(Frame frame)
    {
        EndRun();
        while (Peek(frame, out byte* row))
        {
            _next++;
            KeepUnmatched(row);
        }
    }

    public override void Reset()
    {
        base.Reset();
        _instance?.Reset();
        EndRun();
        _current.Clear();
        Rows.Clear();
        _next = _count = 0;
        _isDone = _hasRun = false;
    }

    public override void Free()
    {
        base.Free();
        _instance?.Free();
        _current.Free();
        foreach (TupleBuffer buffer in _held.Concat(_spare)) buffer.Free();
    }

    private bool Peek(Frame frame, out byte* row)
    {
        while (_next == _count)
        {
            if (!Pull(frame))
            {
                row = null;
                return false;
            }
        }

        row = (byte*)_addresses[_next];
        return true;
    }

    private bool Pull(Frame frame)
    {
        if (_isDone || frame.Interruption != ExecutionStatus.MoreRows) return false;
        if (_runCount > 0)
        {
            // The run goes on in the next buffer.
            _held.Add(_current);
            _current = _spare.Count > 0 ? _spare.Pop() : new TupleBuffer(Layout);
        }

        _current.Clear();
        _instance ??= new SubPlanInstance(_right, frame.Context, frame.Constants, frame.Outer, frame);
        ExecutionStatus status = _instance.Next(_current, 1, isTop: false);
        if (status is ExecutionStatus.MustWait or ExecutionStatus.Changed) frame.Interruption = status;
        _isDone = status != ExecutionStatus.MoreRows;
        _count = RowAddresses.List(_current, ref _addresses);
        _next = 0;
        return _count > 0 || !_isDone;
    }

    private void AddToRun(byte* row)
    {
        if (_runCount == _run.Length)
        {
            long[] larger = GC.AllocateUninitializedArray<long>(Math.Max(64, _run.Length * 2), pinned: true);
            _run.AsSpan(0, _runCount).CopyTo(larger);
            _run = larger;
        }

        _run[_runCount++] = (long)row;
    }

    private void EndRun()
    {
        if (_matchedColumn >= 0)
            for (int i = 0; i < _runCount; i++) KeepUnmatched((byte*)_run[i]);
        _runCount = ListCount = 0;
        _hasRun = false;
        foreach (TupleBuffer buffer in _held) _spare.Push(buffer);
        _held.Clear();
    }

    private void KeepUnmatched(byte* row)
    {
        if (_matchedColumn < 0 || Memory.ReadBool((long)row, Layout.Offset(_matchedColumn))) return;
        TupleCopy.Copy(row, Layout, Rows.Append(), Rows.Arena);
    }

    /// <summary>The order of a row's key and one of <see cref="_keyLayout"/>, NULLs last.</summary>
    private int Compare(byte* row, TupleLayout layout, int firstColumn, byte* key)
    {
        for (int i = 0; i < _nullsMatch.Length; i++)
        {
            bool isNull = TupleLayout.IsNull(row, firstColumn + i), keyIsNull = TupleLayout.IsNull(key, i);
            if (isNull || keyIsNull)
            {
                if (isNull && keyIsNull) continue;
                return isNull ? 1 : -1;
            }

            int order = ValueComparer.Compare(_keyLayout.Types[i], row + layout.Offset(firstColumn + i), key + _keyLayout.Offset(i));
            if (order != 0) return order;
        }

        return 0;
    }
}
