using System.Collections.Immutable;
using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>UNION ALL, INTERSECT, EXCEPT, common table expressions.</summary>
internal sealed partial class SubPlanBuilder
{
    private void ProduceUnionAll(PhysicalUnionAll union, Action<BodyBuilder> consume)
    {
        // Each branch is a plan of its own that is pulled a morsel at a time, so that the consumer's code is there once and nothing is kept.
        var layout = new TupleLayout([.. union.Columns.Select(column => column.Type)]);
        SubPlanTemplate[] branches = [.. union.Branches.Select(branch => Compile(Query, this, Aligned(branch, union.Columns)))];
        int source = AddState(() => new PullSource(branches, layout));
        LoopRows(source, union, (body, row) =>
        {
            DefineRow(body, union.Columns, row, layout, true);
            consume(body);
        });
    }

    /// <summary>The plan with its columns in the forms that the result's have.</summary>
    private static PhysicalPlan Aligned(PhysicalPlan plan, ImmutableArray<OutputColumn> columns)
    {
        bool same = true;
        for (int i = 0; i < columns.Length; i++) same &= SameForm(plan.Output[i].Type, columns[i].Type);
        if (same) return plan;
        return new PhysicalProject(plan, [.. plan.Output.Select((column, i) => new Assignment(columns[i], column.Reference()))]) { EstimatedRows = plan.EstimatedRows };
    }

    private void ProduceSetOperation(PhysicalHashSetOperation set, Action<BodyBuilder> consume)
    {
        var columns = set.Columns;
        var layout = new TupleLayout([SqlType.Int8, SqlType.Int8, .. columns.Select(column => column.Type), SqlType.Int8, SqlType.Int8]);
        int leftCount = RowTable.HiddenColumns + columns.Length, rightCount = leftCount + 1;
        var group = new GroupLayout(layout, -1, RowTable.HiddenColumns, [], []);
        // A row that finds no room: the offset of the counter that it is for, and its columns.
        var spilled = new TupleLayout([SqlType.Int4, .. columns.Select(column => column.Type)]);
        int state = AddState(() => new SpillingTable(layout, spilled));
        Watch(set, state);
        ImmutableArray<int> all = [.. Enumerable.Range(0, columns.Length)];
        Fill(set.Left, leftCount);
        Fill(set.Right, rightCount);
        int pipeline = AddAuxiliaryPipeline(AddState(() => new PartitionSource(state, spilled)), set, (body, row) =>
            Count(body, [.. columns.Select((_, i) => BodyBuilder.TupleColumn(row, spilled, i + 1, true)())], body.Assign(MemoryCode.Read(PhysicalKind.Int32, row, spilled.Offset(0)), "counter")));
        int source = AddState(() => new GroupSource(state, pipeline, [], []));
        LoopRows(source, set, (body, row) =>
        {
            Expression left = MemoryCode.Read(PhysicalKind.Int64, row, layout.Offset(leftCount)), right = MemoryCode.Read(PhysicalKind.Int64, row, layout.Offset(rightCount));
            Expression times = (set.Kind, set.All) switch
            {
                (SetOperationKind.Intersect, true) => MemoryCode.Call(typeof(ScanKernels), nameof(ScanKernels.Smaller), left, right),
                (SetOperationKind.Intersect, false) => Expression.Condition(Expression.AndAlso(Positive(left), Positive(right)), Expression.Constant(1L), Expression.Constant(0L)),
                (SetOperationKind.Except, true) => Expression.Subtract(left, right),
                (SetOperationKind.Except, false) => Expression.Condition(Expression.AndAlso(Positive(left), Expression.Not(Positive(right))), Expression.Constant(1L), Expression.Constant(0L)),
                (_, true) => Expression.Add(left, right),
                _ => Expression.Constant(1L),
            };
            ParameterExpression remaining = body.Assign(times, "times");
            DefineRow(body, columns, row, layout, true, RowTable.HiddenColumns);
            LabelTarget next = body.Next;
            body.Loop((end, again) =>
            {
                body.Add(Expression.IfThen(Expression.LessThan(Expression.PreDecrementAssign(remaining), Expression.Constant(0L)), Expression.Goto(end)));
                body.Next = again;
                consume(body);
            });
            body.Next = next;
        });

        static Expression Positive(Expression value) => Expression.GreaterThan(value, Expression.Constant(0L));

        void Fill(PhysicalPlan plan, int counter) => Produce(plan, body =>
        {
            var codes = plan.Output.Select((column, i) => body.Stable(body.Coerce(body.Column(column.Id), column.Type, columns[i].Type))).ToArray();
            Count(body, codes, Expression.Constant(layout.Offset(counter)));
        });

        void Count(BodyBuilder body, Code[] codes, Expression counter)
        {
            Expression table = body.State(state, typeof(SpillingTable));
            ParameterExpression before = body.Assign(Expression.Property(Expression.Field(table, nameof(BufferState.Rows)), nameof(TupleBuffer.Count)));
            ParameterExpression row = EmitFindGroup(body, group, table, columns, codes, all, 0, hash => EmitSpill(body, table, spilled, hash, body.Next, () => [Code.NotNull(counter), .. codes]));
            body.If(Expression.NotEqual(before, Expression.Property(Expression.Field(table, nameof(BufferState.Rows)), nameof(TupleBuffer.Count))), () =>
            {
                body.Add(MemoryCode.Write(PhysicalKind.Int64, row, layout.Offset(leftCount), Expression.Constant(0L), null));
                body.Add(MemoryCode.Write(PhysicalKind.Int64, row, layout.Offset(rightCount), Expression.Constant(0L), null));
            });
            body.Add(MemoryCode.Call("Increment", row, counter));
        }
    }

    private void ProduceWith(PhysicalWith with, Action<BodyBuilder> consume)
    {
        SubPlanTemplate definition = Compile(Query, this, with.Definition);
        bool writes = PlanInspector.Nodes(with.Definition).Any(node => node is PhysicalWrite);
        int state = AddState(() => new CteState(with.CteId, definition));
        if (writes)
        {
            var run = new BodyBuilder(this);
            run.Add(Expression.Call(run.State(state, typeof(CteState)), nameof(CteState.Fill), null, run.Frame));
            AddPipeline(AddState(() => new OnceSource()), run, new PhysicalValues([], []));
        }

        Produce(with.Body, consume);
    }

    private void ProduceCteScan(PhysicalCteScan scan, Action<BodyBuilder> consume)
    {
        var layout = new TupleLayout([.. scan.Columns.Select(column => column.Type)]);
        int source = AddState(() => new CteSource(scan.CteId));
        LoopRows(source, scan, (body, row) =>
        {
            DefineRow(body, scan.Columns, row, layout, true);
            consume(body);
        });
    }

    private void ProduceRecursiveUnion(PhysicalRecursiveUnion union, Action<BodyBuilder> consume)
    {
        var layout = new TupleLayout([.. union.Columns.Select(column => column.Type)]);
        SubPlanTemplate seed = Compile(Query, this, Aligned(union.Seed, union.Columns)), step = Compile(Query, this, Aligned(union.Step, union.Columns));
        int working = AddState(() => new CteState(union.CteId, null, layout));
        int source = AddState(() => new RecursiveSource(seed, step, working, layout, union.Distinct));
        LoopRows(source, union, (body, row) =>
        {
            DefineRow(body, union.Columns, row, layout, true);
            consume(body);
        });
    }
}

/// <summary>Pulls nested plans one after the other, a morsel at a time.</summary>
internal sealed unsafe class PullSource(SubPlanTemplate[] plans, TupleLayout layout) : RowSource
{
    private readonly TupleBuffer _rows = new(layout);
    private readonly SubPlanInstance?[] _instances = new SubPlanInstance?[plans.Length];
    private long[] _addresses = [];
    private int _plan, _given, _count;

    public override bool Next(Frame frame, out long input, out int count)
    {
        input = 0;
        count = 0;
        if (_given == _count)
        {
            // One morsel of the nested plan, even if it put nothing out: between two of them functions' bytes are taken back and a cancellation is seen.
            _rows.Clear();
            _given = _count = 0;
            if (_plan == plans.Length) return false;
            SubPlanInstance instance = _instances[_plan] ??= new SubPlanInstance(plans[_plan], frame.Context, frame.Constants, frame.Outer, frame);
            ExecutionStatus status = instance.Next(_rows, 0, isTop: false);
            frame.RowsAffected += Interlocked.Exchange(ref instance.Frame.RowsAffected, 0);
            if (status is ExecutionStatus.MustWait or ExecutionStatus.Changed)
            {
                frame.Interruption = status;
                return false;
            }

            if (status == ExecutionStatus.Done) _plan++;
            _count = RowAddresses.List(_rows, ref _addresses);
        }

        count = Math.Min(frame.MaxSliceRows, _count - _given);
        fixed (long* addresses = _addresses) input = (long)(addresses + _given);
        _given += count;
        return true;
    }

    public override void Reset()
    {
        foreach (SubPlanInstance? instance in _instances) instance?.Reset();
        _plan = _given = _count = 0;
        _rows.Clear();
    }

    public override void Free()
    {
        foreach (SubPlanInstance? instance in _instances) instance?.Free();
        _rows.Free();
    }
}

internal static unsafe class RowAddresses
{
    /// <summary>Lists a buffer's rows in the order in which they came; how many.</summary>
    public static int List(TupleBuffer rows, PageableArray<long> addresses)
    {
        List(rows, addresses.Reserve(rows.Count));
        return rows.Count;
    }

    /// <summary>Lists a buffer's rows in a pinned array that grows as needed; how many.</summary>
    public static int List(TupleBuffer rows, ref long[] addresses)
    {
        if (addresses.Length < rows.Count) addresses = GC.AllocateUninitializedArray<long>(Math.Max(64, rows.Count + rows.Count / 8), pinned: true);
        List(rows, addresses);
        return rows.Count;
    }

    private static void List(TupleBuffer rows, Span<long> addresses)
    {
        int written = 0;
        for (int block = 0; block < rows.BlockCount; block++)
        {
            byte* row = rows.Block(block, out int count);
            for (int i = 0; i < count; i++, row += rows.Layout.StrideBytes) addresses[written++] = (long)row;
        }
    }
}

/// <summary>The rows of a common table expression; computed when first asked for. Without a definition: the working table of a recursive union.</summary>
internal sealed class CteState(int id, SubPlanTemplate? definition, TupleLayout? layout = null) : OperatorState
{
    private SubPlanInstance? _instance;
    private bool _filled;

    public int Id => id;

    public TupleBuffer Rows { get; set; } = new(layout ?? definition!.OutputLayout);

    public void Fill(Frame frame)
    {
        if (_filled || definition is null) return;
        _filled = true;
        // The definition belongs to the frame in which WITH stands, not to the one that reads it first.
        Frame owner = frame;
        while (!owner.Ctes.TryGetValue(id, out var own) || !ReferenceEquals(own, this)) owner = owner.Parent!;
        _instance ??= new SubPlanInstance(definition, owner.Context, owner.Constants, owner.Outer, owner);
        ExecutionStatus status;
        do
        {
            status = _instance.Next(Rows, BatchRows, isTop: false);
            if (Rows.Count > 0 && owner.Context.MustSpill(Rows.CapacityBytes)) (Spool ??= new RowSpool(owner.Context, Rows.Layout)).Take(Rows);
        }
        while (status == ExecutionStatus.MoreRows);
        Spool?.Take(Rows);
        if (status is ExecutionStatus.MustWait or ExecutionStatus.Changed) frame.Interruption = owner.Interruption = status;
    }

    private const int BatchRows = 16_384;

    /// <summary>Where the rows are when they have outgrown memory; null otherwise.</summary>
    public RowSpool? Spool { get; private set; }

    public override void Reset()
    {
        _filled = false;
        _instance?.Reset();
        Rows.Clear();
        Spool?.Dispose();
        Spool = null;
    }

    public override void Free()
    {
        _instance?.Free();
        Rows.Free();
        Spool?.Dispose();
        Spool = null;
    }
}

internal sealed unsafe class CteSource(int id) : RowSource
{
    private long[] _addresses = [];
    private RowSpool.Reader? _reader;
    private int _count = -1, _given;

    public override bool Next(Frame frame, out long input, out int count)
    {
        input = 0;
        count = 0;
        if (_count < 0)
        {
            CteState cte = frame.FindCte(id);
            cte.Fill(frame);
            if (frame.Interruption != ExecutionStatus.MoreRows) return false;
            _reader = cte.Spool?.Read();
            _count = _reader is null ? RowAddresses.List(cte.Rows, ref _addresses) : 0;
            _given = 0;
        }

        if (_reader is not null)
        {
            if (_addresses.Length < Limits.VectorRows) _addresses = GC.AllocateUninitializedArray<long>(Limits.VectorRows, pinned: true);
            count = _reader.Next(_addresses.AsSpan(0, frame.MaxSliceRows));
            fixed (long* addresses = _addresses) input = (long)addresses;
            return count > 0;
        }

        count = Math.Min(frame.MaxSliceRows, _count - _given);
        if (count <= 0) return false;
        fixed (long* addresses = _addresses) input = (long)(addresses + _given);
        _given += count;
        return true;
    }

    public override void Reset()
    {
        _count = -1;
        Free();
    }

    public override void Free()
    {
        _reader?.Dispose();
        _reader = null;
    }
}

/// <summary>Runs the seed, then the step over the rows of the last round, until a round gives none.</summary>
internal sealed unsafe class RecursiveSource(SubPlanTemplate seed, SubPlanTemplate step, int working, TupleLayout layout, bool distinct) : RowSource
{
    private readonly HashSet<RowKey> _seen = [];
    private readonly TupleBuffer _kept = new(layout);
    private SubPlanInstance? _seed, _step;
    private TupleBuffer _round = new(layout);
    private long[] _addresses = [];
    private int _count, _given;
    private bool _started;

    public override bool Next(Frame frame, out long input, out int count)
    {
        input = 0;
        count = 0;
        if (_given == _count)
        {
            if (_started && _count == 0) return false;
            var fresh = new TupleBuffer(layout);
            SubPlanInstance instance;
            if (!_started)
            {
                instance = _seed ??= new SubPlanInstance(seed, frame.Context, frame.Constants, frame.Outer, frame);
                _started = true;
            }
            else
            {
                ((CteState)frame.States[working]).Rows = _round;
                if (_step is null) _step = new SubPlanInstance(step, frame.Context, frame.Constants, frame.Outer, frame);
                else _step.Reset();
                instance = _step;
            }

            ExecutionStatus status = instance.Next(fresh, int.MaxValue, isTop: false);
            if (status is ExecutionStatus.MustWait or ExecutionStatus.Changed)
            {
                frame.Interruption = status;
                return false;
            }

            frame.Context.CheckCancelled();
            _round.Free();
            _round = distinct ? OnlyNew(fresh) : fresh;
            _count = RowAddresses.List(_round, ref _addresses);
            _given = 0;
            if (_count == 0) return false;
        }

        count = Math.Min(frame.MaxSliceRows, _count - _given);
        fixed (long* addresses = _addresses) input = (long)(addresses + _given);
        _given += count;
        return true;
    }

    private TupleBuffer OnlyNew(TupleBuffer rows)
    {
        var fresh = new TupleBuffer(layout);
        int count = RowAddresses.List(rows, ref _addresses);
        for (int i = 0; i < count; i++)
        {
            if (_seen.Contains(new RowKey(_addresses[i], layout))) continue;
            byte* kept = _kept.Append();
            TupleCopy.Copy((byte*)_addresses[i], layout, kept, _kept.Arena);
            _seen.Add(new RowKey((long)kept, layout));
            TupleCopy.Copy(kept, layout, fresh.Append(), fresh.Arena);
        }

        // The addresses point into the caller's buffer, which the caller doesn't mention again.
        rows.Free();
        return fresh;
    }

    public override void Reset()
    {
        _seen.Clear();
        _kept.Clear();
        _seed?.Reset();
        _step?.Reset();
        _started = false;
        _count = _given = 0;
    }

    public override void Free()
    {
        _seen.Clear();
        _kept.Free();
        _round.Free();
        _seed?.Free();
        _step?.Free();
    }
}
