using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Window functions: the sorted input is kept, each call's results are computed partition by partition, and the rows are read again with them.</summary>
internal sealed partial class SubPlanBuilder
{
    private void ProduceWindow(PhysicalWindow window, Action<BodyBuilder> consume)
    {
        var columns = window.Input.Output;
        var types = new List<SqlType>(columns.Select(column => column.Type));
        var calls = new List<WindowCallPlan>();
        var extra = new List<(int Column, ScalarExpr Value)>();
        foreach (WindowCall call in window.Calls)
        {
            int firstArgument = types.Count;
            foreach (ScalarExpr argument in call.Arguments) extra.Add((Add(argument.Type), argument));
            int filter = -1;
            if (call.Filter is not null)
            {
                filter = Add(SqlType.Bool);
                extra.Add((filter, call.Filter));
            }

            StartValues bounds = Start(call.Frame?.Start.Offset, call.Frame?.End.Offset);
            calls.Add(new WindowCallPlan(call, firstArgument, filter, Add(call.Column.Type), bounds));
        }

        var layout = new TupleLayout([.. types]);
        SortColumn[] partition = [.. window.PartitionBy.Select(column => new SortColumn(IndexOf(columns, column.Id), false, false))];
        SortColumn[] order = SortColumns(window.OrderBy, columns);
        int state = AddState(() => new WindowState(layout, partition, order, calls));
        Produce(window.Input, body =>
        {
            (Expression rows, Expression arena) = BufferOf(body, state);
            var codes = columns.Select(column => body.Column(column.Id)).ToArray();
            var values = extra.Select(item => (item.Column, Code: body.Stable(body.Emit(item.Value)))).ToArray();
            ParameterExpression row = body.Assign(MemoryCode.Call("AppendRow", rows), "row");
            for (int i = 0; i < codes.Length; i++) body.Store(row, layout, i, codes[i], arena);
            foreach ((int column, Code code) in values) body.Store(row, layout, column, code, arena);
        });
        int source = AddState(() => new BufferSource(state));
        LoopRows(source, window, (body, row) =>
        {
            DefineRow(body, columns, row, layout, false);
            foreach (WindowCallPlan call in calls) body.DefineTuple(call.Call.Column, row, layout, call.ResultColumn, true);
            consume(body);
        });

        int Add(SqlType type)
        {
            types.Add(type);
            return types.Count - 1;
        }
    }
}

/// <summary>Where a window call's arguments, filter and result are in the kept rows.</summary>
internal sealed record WindowCallPlan(WindowCall Call, int FirstArgument, int FilterColumn, int ResultColumn, StartValues Bounds);

/// <summary>A partition's rows in their order, and for each of them the first and the last row that are its peers, counted within the partition.</summary>
internal readonly record struct WindowPartition(PageableArray<long> Rows, int Start, int Count, PageableArray<int> FirstPeer, PageableArray<int> LastPeer)
{
    public long Row(int index) => Rows[Start + index];
}

/// <summary>One call over one partition.</summary>
internal sealed unsafe class WindowEvaluator(Frame frame, TupleLayout layout, WindowPartition partition, SortColumn[] order, WindowCallPlan plan, Arena arena)
{
    private readonly int _count = partition.Count;
    private int[]? _groupStarts, _notNull;

    private long Row(int index) => partition.Row(index);

    public void Run()
    {
        switch (plan.Call.Function.Implementation)
        {
            case BuiltinWindow kind: Ranking(kind); break;
            default: Aggregate(); break;
        }
    }

    private void Ranking(BuiltinWindow kind)
    {
        long dense = 0;
        for (int i = 0; i < _count; i++)
        {
            if (partition.FirstPeer[i] == i) dense++;
            switch (kind)
            {
                case BuiltinWindow.RowNumber: Write(i, i + 1L); break;
                case BuiltinWindow.Rank: Write(i, partition.FirstPeer[i] + 1L); break;
                case BuiltinWindow.DenseRank: Write(i, dense); break;
                case BuiltinWindow.PercentRank: Write(i, _count == 1 ? 0.0 : partition.FirstPeer[i] / (double)(_count - 1)); break;
                case BuiltinWindow.CumeDist: Write(i, (partition.LastPeer[i] + 1) / (double)_count); break;
                case BuiltinWindow.Ntile: Ntile(i); break;
                case BuiltinWindow.Lag or BuiltinWindow.Lead: Shift(i, kind == BuiltinWindow.Lead ? 1 : -1); break;
                default:
                    (int from, int to) = Bounds(i);
                    int at = HasHoles ? NthThatCounts(kind, i, from, to) : kind switch { BuiltinWindow.FirstValue => from, BuiltinWindow.LastValue => to, _ => Nth(i, from) };
                    if (from > to || at > to || at < from) WriteNull(i);
                    else Write(i, Argument(at, 0));
                    break;
            }
        }
    }

    /// <summary>Whether rows within a frame may not count.</summary>
    private bool HasHoles => plan.Call.IgnoresNulls || Exclusion != FrameExclusion.NoOthers;

    private FrameExclusion Exclusion => plan.Call.Frame?.Exclusion ?? FrameExclusion.NoOthers;

    private bool IsExcluded(int i, int k) => Exclusion switch
    {
        FrameExclusion.CurrentRow => k == i,
        FrameExclusion.Group => k >= partition.FirstPeer[i] && k <= partition.LastPeer[i],
        FrameExclusion.Ties => k != i && k >= partition.FirstPeer[i] && k <= partition.LastPeer[i],
        _ => false,
    };

    /// <summary>first_value, last_value and nth_value where some rows don't count; -1 for none.</summary>
    private int NthThatCounts(BuiltinWindow kind, int i, int from, int to)
    {
        int step = kind == BuiltinWindow.LastValue ? -1 : 1, wanted = kind is BuiltinWindow.FirstValue or BuiltinWindow.LastValue ? 1 : Nth(i, 0) + 1;
        for (int k = step > 0 ? from : to; k >= from && k <= to; k += step)
            if (!IsExcluded(i, k) && !(plan.Call.IgnoresNulls && Argument(k, 0).IsNull) && --wanted == 0) return k;
        return -1;
    }

    /// <summary>The rows whose first argument isn't NULL.</summary>
    private int[] NotNull => _notNull ??= [.. Enumerable.Range(0, _count).Where(k => !Argument(k, 0).IsNull)];

    /// <summary>The row so many rows away that aren't NULL; outside of the partition where there are not so many.</summary>
    private long Skipping(int i, long offset)
    {
        if (offset == 0) return i;
        int place = Array.BinarySearch(NotNull, i);
        // Rows from here on lie behind the current one, those before it in front.
        long behind = place >= 0 ? place + 1 : ~place, before = place >= 0 ? place : ~place;
        long at = offset > 0 ? behind + offset - 1 : before + offset;
        return at >= 0 && at < NotNull.Length ? NotNull[at] : -1;
    }

    private int Nth(int i, int from)
    {
        Datum n = Argument(i, 1);
        if (n.IsNull) return -1;
        if (n.As<int>() <= 0) throw new SqlException("22016", "argument of nth_value must be greater than zero");
        return from + n.As<int>() - 1;
    }

    private void Ntile(int i)
    {
        Datum buckets = Argument(i, 0);
        if (buckets.IsNull)
        {
            WriteNull(i);
            return;
        }

        int n = buckets.As<int>();
        if (n <= 0) throw new SqlException("22014", "argument of ntile must be greater than zero");
        int size = _count / n, larger = _count % n;
        int bucket = i < larger * (size + 1) ? i / (size + 1) : larger + (i - larger * (size + 1)) / Math.Max(1, size);
        Write(i, bucket + 1);
    }

    private void Shift(int i, int direction)
    {
        Datum offset = plan.Call.Arguments.Length > 1 ? Argument(i, 1) : Datum.Of(SqlType.Int4, 1);
        if (offset.IsNull)
        {
            WriteNull(i);
            return;
        }

        long shift = (long)direction * offset.As<int>();
        long at = plan.Call.IgnoresNulls ? Skipping(i, shift) : i + shift;
        if (at >= 0 && at < _count) Write(i, Argument((int)at, 0));
        else if (plan.Call.Arguments.Length > 2) Write(i, Argument(i, 2));
        else WriteNull(i);
    }

    /// <summary>
    /// An aggregate over each row's frame. A frame that only grows has one state; one that slides has partial states that combine, where the aggregate can be put together from parts.
    /// What is left is computed anew for each row.
    /// </summary>
    private void Aggregate()
    {
        if (Exclusion != FrameExclusion.NoOthers)
        {
            AggregateWithHoles();
            return;
        }

        bool grows = (plan.Call.Frame?.Start.Kind ?? FrameBoundKind.UnboundedPreceding) == FrameBoundKind.UnboundedPreceding;
        SlidingAggregate? sliding = !grows && NewState() is BuiltinState { CanCombine: true } ? new SlidingAggregate(() => (BuiltinState)NewState(), FeedOne) : null;
        AggregateState? state = null;
        int done = -1;
        byte[] scratch = GC.AllocateArray<byte>(Math.Max(8, ArgumentLayout.StrideBytes), pinned: true);
        fixed (byte* arguments = scratch)
        {
            for (int i = 0; i < _count; i++)
            {
                (int from, int to) = Bounds(i);
                if (sliding is not null)
                {
                    Write(i, sliding.Over(from, to).Result(frame.Context, arena));
                    continue;
                }

                if (!grows || state is null || to < done)
                {
                    state = NewState();
                    done = from - 1;
                }

                for (int k = done + 1; k <= to; k++) Feed(state, k, arguments);
                done = Math.Max(done, to);
                Write(i, state.Result(frame.Context, arena));
            }
        }
    }

    /// <summary>EXCLUDE: each frame has its own hole, so each is computed anew.</summary>
    private void AggregateWithHoles()
    {
        for (int i = 0; i < _count; i++)
        {
            (int from, int to) = Bounds(i);
            AggregateState state = NewState();
            for (int k = from; k <= to; k++)
                if (!IsExcluded(i, k)) FeedOne(state, k);
            Write(i, state.Result(frame.Context, arena));
        }
    }

    private void FeedOne(AggregateState state, int index)
    {
        byte* arguments = stackalloc byte[Math.Max(8, ArgumentLayout.StrideBytes)];
        Feed(state, index, arguments);
    }

    private TupleLayout ArgumentLayout { get; } = new([.. plan.Call.Arguments.Select(argument => argument.Type)]);

    private AggregateState NewState()
    {
        AggregateState state = plan.Call.Function.Implementation switch
        {
            BuiltinAggregate kind => new BuiltinState(kind),
            StateImplementation custom => (AggregateState)Activator.CreateInstance(custom.StateType)!,
            _ => throw new SqlException(SqlState.WrongObjectType, $"{plan.Call.Function.Name} is neither a window function nor an aggregate"),
        };
        state.Initialize(frame.Context, [.. plan.Call.Arguments.Select(argument => argument.Type)], plan.Call.Column.Type);
        return state;
    }

    private void Feed(AggregateState state, int index, byte* arguments)
    {
        byte* row = (byte*)Row(index);
        if (plan.FilterColumn >= 0 && (TupleLayout.IsNull(row, plan.FilterColumn) || row[layout.Offset(plan.FilterColumn)] == 0)) return;
        new Span<byte>(arguments, ArgumentLayout.NullBitmapBytes).Clear();
        bool strict = plan.Call.Function.Implementation is not StateImplementation { IsStrict: false };
        for (int i = 0; i < ArgumentLayout.ColumnCount; i++)
        {
            if (TupleLayout.IsNull(row, plan.FirstArgument + i))
            {
                if (strict) return;
                TupleLayout.SetNull(arguments, i);
                continue;
            }

            int width = ArgumentLayout.Types[i].Kind.TupleWidthBytes();
            Buffer.MemoryCopy(row + layout.Offset(plan.FirstArgument + i), arguments + ArgumentLayout.Offset(i), width, width);
        }

        state.Add(frame.Context, arguments, ArgumentLayout);
    }

    /// <summary>The frame's first and last row; empty when the first is behind the last.</summary>
    private (int From, int To) Bounds(int i)
    {
        WindowFrame? window = plan.Call.Frame;
        if (window is null) return (0, partition.LastPeer[i]);
        return (Math.Max(0, Edge(i, window, window.Start, 0)), Math.Min(_count - 1, Edge(i, window, window.End, 1)));
    }

    private int Edge(int i, WindowFrame window, FrameBound bound, int index)
    {
        bool isStart = index == 0;
        switch (bound.Kind)
        {
            case FrameBoundKind.UnboundedPreceding: return 0;
            case FrameBoundKind.UnboundedFollowing: return _count - 1;
            case FrameBoundKind.CurrentRow: return window.Mode == FrameMode.Rows ? i : isStart ? partition.FirstPeer[i] : partition.LastPeer[i];
        }

        int sign = bound.Kind == FrameBoundKind.Preceding ? -1 : 1;
        if (window.Mode == FrameMode.Range) return RangeEdge(i, sign, index, isStart);
        long offset = plan.Bounds.Int64(frame, index) ?? throw new SqlException("22013", "frame offset must not be null");
        if (offset < 0) throw new SqlException("22013", isStart ? "frame starting offset must not be negative" : "frame ending offset must not be negative");
        if (window.Mode == FrameMode.Rows) return (int)Math.Clamp(i + sign * offset, -1, _count);
        int[] starts = GroupStarts;
        int group = Array.BinarySearch(starts, partition.FirstPeer[i]);
        long wanted = group + sign * offset;
        if (wanted < 0) return isStart ? 0 : -1;
        if (wanted >= starts.Length) return isStart ? _count : _count - 1;
        return isStart ? starts[wanted] : partition.LastPeer[starts[wanted]];
    }

    /// <summary>The first rows of the groups of peers.</summary>
    private int[] GroupStarts => _groupStarts ??= [.. Enumerable.Range(0, _count).Where(i => partition.FirstPeer[i] == i)];

    /// <summary>RANGE with an offset: rows whose key is within it of the current row's.</summary>
    private int RangeEdge(int i, int sign, int index, bool isStart)
    {
        SortColumn key = order[0];
        byte* current = (byte*)Row(i);
        if (TupleLayout.IsNull(current, key.Column)) return isStart ? partition.FirstPeer[i] : partition.LastPeer[i];
        byte* offsets = stackalloc byte[plan.Bounds.Layout.StrideBytes];
        plan.Bounds.Evaluate(frame, offsets);
        Datum offset = Datum.FromSlot(plan.Bounds.Layout.Types[index], offsets + plan.Bounds.Layout.Offset(index));
        Datum limit = RangeArithmetic.Shift(Datum.FromSlot(layout.Types[key.Column], current + layout.Offset(key.Column)), offset, key.Descending ? -sign : sign, frame.Context);
        // Rows are sorted by the key: those outside are at the ends.
        int low = 0, high = _count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            bool goesRight = isStart ? Outside(middle, limit, key, below: true) : !Outside(middle, limit, key, below: false);
            if (goesRight) low = middle + 1;
            else high = middle;
        }

        return isStart ? low : low - 1;
    }

    private bool Outside(int at, Datum limit, SortColumn key, bool below)
    {
        byte* row = (byte*)Row(at);
        if (TupleLayout.IsNull(row, key.Column)) return below ? key.NullsFirst : !key.NullsFirst;
        int comparison = DatumComparer.Compare(Datum.FromSlot(layout.Types[key.Column], row + layout.Offset(key.Column)), limit);
        if (key.Descending) comparison = -comparison;
        return below ? comparison < 0 : comparison > 0;
    }

    private Datum Argument(int index, int argument)
    {
        byte* row = (byte*)Row(index);
        int column = plan.FirstArgument + argument;
        return TupleLayout.IsNull(row, column) ? Datum.Null(layout.Types[column]) : Datum.FromSlot(layout.Types[column], row + layout.Offset(column));
    }

    private void Write<T>(int index, T value) where T : unmanaged => System.Runtime.CompilerServices.Unsafe.WriteUnaligned((byte*)Row(index) + layout.Offset(plan.ResultColumn), value);

    private void Write(int index, Datum value)
    {
        if (value.IsNull)
        {
            WriteNull(index);
            return;
        }

        SqlType type = layout.Types[plan.ResultColumn];
        byte* slot = (byte*)Row(index) + layout.Offset(plan.ResultColumn);
        if (type.Id == TypeId.Numeric) ValueReader.StoreNumeric(value.Numeric, type, slot, arena);
        else value.WriteTo(slot);
    }

    private void WriteNull(int index) => TupleLayout.SetNull((byte*)Row(index), plan.ResultColumn);
}

internal static class RangeArithmetic
{
    /// <summary>The key plus or minus an offset.</summary>
    public static Datum Shift(Datum key, Datum offset, int sign, QueryContext context)
    {
        if (offset.IsNull) throw new SqlException("22013", "frame offset must not be null");
        switch (key.Type!.Kind)
        {
            case PhysicalKind.Float32 or PhysicalKind.Float64:
                double value = key.Type.Kind == PhysicalKind.Float32 ? key.As<float>() : key.As<double>();
                double by = offset.Type!.Kind == PhysicalKind.Float32 ? offset.As<float>() : offset.As<double>();
                return key.Type.Kind == PhysicalKind.Float32 ? Datum.Of(key.Type, (float)(value + sign * by)) : Datum.Of(key.Type, value + sign * by);
            case PhysicalKind.Int64 when key.Type.Id is TypeId.Timestamp or TypeId.TimestampTz:
                Interval span = offset.As<Interval>();
                if (sign < 0) span = IntervalMath.Negate(span);
                return Datum.Of(key.Type, key.Type.Id == TypeId.Timestamp ? IntervalMath.AddTo(key.As<long>(), span) : IntervalMath.AddToUtc(key.As<long>(), span, context.Settings));
            case PhysicalKind.Int32 when key.Type.Id == TypeId.Date:
                span = offset.As<Interval>();
                if (sign < 0) span = IntervalMath.Negate(span);
                return Datum.Of(SqlType.Date, Calendar.Split(IntervalMath.AddTo(key.As<int>() * Calendar.MicrosPerDay, span)).Days);
            default:
                if (key.Type.Id == TypeId.Numeric)
                    return Datum.OfNumeric(SqlNumeric.Add(key.Numeric, sign < 0 ? SqlNumeric.Negate(offset.Numeric) : offset.Numeric), context.StatementArena);
                return Datum.Of(SqlType.Int8, checked(Whole(key) + sign * Whole(offset)));
        }

        static long Whole(Datum datum) => datum.Type!.Kind switch { PhysicalKind.Int16 => datum.As<short>(), PhysicalKind.Int32 => datum.As<int>(), _ => datum.As<long>() };
    }
}
