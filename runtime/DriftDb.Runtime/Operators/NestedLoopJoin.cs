using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Joins that walk a list of right rows for each left row: nested loop, apply, index join.</summary>
internal sealed partial class SubPlanBuilder
{
    private void ProduceNestedLoop(PhysicalNestedLoopJoin join, Action<BodyBuilder> consume)
    {
        bool full = join.Kind == JoinKind.Full;
        var columns = join.Right.Output;
        var layout = new TupleLayout([.. columns.Select(column => column.Type), .. full ? new[] { SqlType.Bool } : []]);
        int list = AddState(() => new NestedLoopState(layout));
        Produce(join.Right, body =>
        {
            (Expression rows, Expression arena) = BufferOf(body, list);
            ParameterExpression row = StoreRow(body, rows, arena, layout, columns);
            if (full) body.Add(MemoryCode.Write(PhysicalKind.Bool, row, layout.Offset(columns.Length), Expression.Constant(false), null));
        });
        var output = join.Output;
        var outLayout = new TupleLayout([.. output.Select(column => column.Type)]);
        int buffer = full ? AddState(() => new SpoolState(outLayout)) : -1;
        Produce(join.Left, body =>
        {
            Expression state = body.State(list, typeof(NestedLoopState));
            body.AddPrologue(Expression.Call(state, nameof(NestedLoopState.Prepare), null, body.Frame));
            EmitMatching(
                body, join.Kind, Listed(state, body), (b, row, mayBeNull) => DefineRow(b, columns, row, layout, mayBeNull), (b, otherwise) => b.EmitFilter(join.Condition, otherwise),
                b => b.Stable(b.Emit(join.Condition)), join.Mark,
                full ? (b, row) => b.Add(MemoryCode.Write(PhysicalKind.Bool, row, layout.Offset(columns.Length), Expression.Constant(true), null)) : null,
                full ? b => StoreIn(b, buffer, outLayout, output, output) : consume);
        });
        if (!full) return;
        int unmatched = AddState(() => new BufferSource(list));
        LoopRows(unmatched, join, (body, row) =>
        {
            body.Add(Expression.IfThen(MemoryCode.Read(PhysicalKind.Bool, row, layout.Offset(columns.Length)), Expression.Goto(body.Next)));
            DefineNulls(body, join.Left.Output);
            DefineRow(body, columns, row, layout, false);
            StoreIn(body, buffer, outLayout, output, output);
        });
        LoopBuffer(buffer, join, output, consume);
    }

    private static void DefineRow(BodyBuilder body, IReadOnlyList<OutputColumn> columns, Expression row, TupleLayout layout, bool mayBeNull, int firstColumn = 0)
    {
        for (int i = 0; i < columns.Count; i++) body.DefineTuple(columns[i], row, layout, firstColumn + i, mayBeNull);
    }

    private void ProduceApply(PhysicalApply apply, Action<BodyBuilder> consume)
    {
        if (apply.Kind == JoinKind.Full) throw new SqlException(SqlState.FeatureNotSupported, "FULL JOIN cannot depend on its other side");
        foreach ((int slot, ScalarExpr value) in apply.Bindings) Outer.Declare(slot, value.Type);
        SubPlanTemplate right = Compile(Query, this, apply.Right);
        int[] slots = [.. apply.Bindings.Select(binding => binding.Slot)];
        var keyLayout = new TupleLayout([.. slots.Select(slot => Outer.Types[slot])]);
        bool remembers = !PlanInspector.HasEffects(apply.Right);
        int list = AddState(() => new ApplyState(right, slots, keyLayout, remembers));
        var columns = apply.Right.Output;
        Produce(apply.Left, body =>
        {
            Expression state = body.State(list, typeof(ApplyState));
            Expression outer = body.Hoist("outerRow", typeof(long), () => Expression.Field(body.Frame, nameof(Frame.Outer)));
            foreach ((int slot, ScalarExpr value) in apply.Bindings)
            {
                SqlType type = Outer.Types[slot];
                Code code = body.Stable(body.EmitAs(value, type));
                body.Add(MemoryCode.Write(PhysicalKind.Bool, outer, OuterSlots.NullOffset(slot), code.IsNull ?? BodyBuilder.False, null));
                body.Add(MemoryCode.Write(type.Kind, outer, OuterSlots.ValueOffset(slot), code.Value, null));
            }

            body.Add(Expression.Call(state, nameof(ApplyState.Run), null, body.Frame));
            EmitMatching(
                body, apply.Kind, Listed(state, body), (b, row, mayBeNull) => DefineRow(b, columns, row, right.OutputLayout, mayBeNull), (b, otherwise) => b.EmitFilter(apply.Condition, otherwise),
                b => b.Stable(b.Emit(apply.Condition)), apply.Mark, null, consume);
        });
    }

    private void ProduceIndexJoin(PhysicalIndexJoin join, Action<BodyBuilder> consume)
    {
        PhysicalIndexScan inner = join.Inner;
        var index = (StorageIndex)(inner.Index.Source ?? throw new InvalidOperationException($"{inner.Index.Name} has no index"));
        var columns = new ScanColumns(inner.Relation, inner.Columns, inner.Sources);
        var time = new SystemTime(this, inner.Period);
        var keyLayout = new TupleLayout([.. join.KeyValues.Select((value, i) => index.Definition.Key[i].Type)]);
        var rowLayout = new TupleLayout([.. columns.Types]);
        int[] ids = columns.ColumnIds;
        bool isPoint = inner.Index.IsUnique && join.KeyValues.Length == inner.Index.Keys.Length;
        int innerNumber = Query.Profile?.NumberOf(inner) ?? -1;
        int list = AddState(() => new IndexJoinState(index, ids, rowLayout, keyLayout, time, isPoint, innerNumber));
        Produce(join.Left, body =>
        {
            Expression state = body.State(list, typeof(IndexJoinState));
            Expression key = body.Hoist(("key", list), typeof(long), () => Expression.Field(state, nameof(IndexJoinState.Key)));
            var values = join.KeyValues.Select((value, i) => body.Stable(body.EmitAs(value, keyLayout.Types[i]))).ToArray();
            body.Add(Expression.Call(state, nameof(IndexJoinState.ClearKey), null));
            for (int i = 0; i < values.Length; i++) body.Store(key, keyLayout, i, values[i], null);
            body.Add(Expression.Call(state, nameof(IndexJoinState.Lookup), null, body.Frame));
            EmitMatching(body, join.Kind, Listed(state, body), Define, Test, b => throw new InvalidOperationException("index join of a kind that must tell NULL"), null, null, consume);
        });

        void Define(BodyBuilder b, ParameterExpression row, bool mayBeNull) =>
            columns.Define(b, (slot, nullable) => BodyBuilder.TupleColumn(row, rowLayout, slot, nullable || mayBeNull)());

        void Test(BodyBuilder b, LabelTarget otherwise)
        {
            if (inner.Filter is not null) b.EmitFilter(inner.Filter, otherwise);
            EmitCount(b, inner);
            if (join.Residual is not null) b.EmitFilter(join.Residual, otherwise);
        }
    }
}

/// <summary>The right side of a nested loop.</summary>
internal sealed class NestedLoopState(TupleLayout layout) : RowListState(layout)
{
    private bool _prepared;

    public void Prepare(Frame frame)
    {
        if (_prepared) return;
        _prepared = true;
        Finish(frame);
        // Keep what one call may put out bounded: fewer left rows where there are many right ones.
        frame.SliceLimit = Math.Min(frame.SliceLimit, Math.Clamp(65_536 / Math.Max(1, ListCount), 1, Limits.VectorRows));
    }

    public override void Reset()
    {
        base.Reset();
        _prepared = false;
    }
}

/// <summary>Looks left rows' keys up in an index.</summary>
internal sealed unsafe class IndexJoinState : RowListState
{
    private readonly StorageIndex _index;
    private readonly int[] _columnIds;
    private readonly TupleLayout _keyLayout;
    private readonly SystemTime _time;
    private readonly bool _isPoint;
    private readonly int _profileNumber;
    private readonly byte[] _keyRow;
    private readonly KeyBuilder _keyBuilder = new();
    private readonly IndexLookup _lookup;
    private ScanVector? _vector;

    public IndexJoinState(StorageIndex index, int[] columnIds, TupleLayout layout, TupleLayout keyLayout, SystemTime time, bool isPoint, int profileNumber) : base(layout)
    {
        (_index, _columnIds, _keyLayout, _time, _isPoint, _profileNumber) = (index, columnIds, keyLayout, time, isPoint, profileNumber);
        _lookup = new IndexLookup(index);
        _keyRow = GC.AllocateArray<byte>(keyLayout.StrideBytes, pinned: true);
        fixed (byte* key = _keyRow) Key = (long)key;
    }

    public readonly long Key;

    public void ClearKey() => new Span<byte>((byte*)Key, _keyLayout.NullBitmapBytes).Clear();

    public void Lookup(Frame frame)
    {
        if (frame.Profile is not { } profile)
        {
            Find(frame);
            return;
        }

        long started = profile.BeginLookup(_profileNumber);
        Find(frame);
        profile.EndLookup(_profileNumber, started, ListCount);
    }

    private void Find(Frame frame)
    {
        Rows.Clear();
        ListCount = 0;
        _keyBuilder.Reset();
        for (int i = 0; i < _keyLayout.ColumnCount; i++)
        {
            if (TupleLayout.IsNull((byte*)Key, i)) return;
            _keyBuilder.AppendSlot(_index.Definition.Key[i], (byte*)Key + _keyLayout.Offset(i));
        }

        if (!_time.TryView(frame, _index.Table, out ReadView view)) return;
        StoreTransaction? transaction = _time.IsPast ? null : frame.Context.TransactionOf(_index.Table);
        if (_isPoint)
        {
            if (_index.Table.TryGet(_index, _keyBuilder.Key, view, transaction, out RowVersion version))
            {
                byte* row = Rows.Append();
                for (int i = 0; i < _columnIds.Length; i++) RowCopy.Column(version, _columnIds[i], row, Layout, i, Rows.Arena);
            }
        }
        else if (_lookup.CanServe(transaction))
        {
            _lookup.Open(view, _keyBuilder.Key);
            while (_lookup.Next(out RowVersion version))
            {
                byte* row = Rows.Append();
                for (int i = 0; i < _columnIds.Length; i++) RowCopy.Column(version, _columnIds[i], row, Layout, i, Rows.Arena);
            }
        }
        else
        {
            VectorSource source = _index.Scan(view, KeyRange.Prefix(_keyBuilder.Key), _columnIds, transaction);
            _vector ??= new ScanVector(_columnIds.Length);
            while (source.Next(_vector)) RowCopy.Vector(_vector, Rows);
        }

        Finish(frame);
    }
}
