using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Hands a store's scan to a pipeline: the input is the address of four pointers (data, validity, heap, selection).</summary>
internal abstract unsafe class VectorScanSource(int slots) : RowSource
{
    private readonly long[] _pointers = GC.AllocateArray<long>(4, pinned: true);
    private readonly ScanVector _vector = new(slots);
    private VectorSource? _source;
    private int _given;
    private bool _opened;

    /// <summary>Starts the scan; null for no rows.</summary>
    protected abstract VectorSource? Open(Frame frame);

    public override bool Next(Frame frame, out long input, out int count)
    {
        fixed (long* pointers = _pointers) input = (long)pointers;
        count = 0;
        if (!_opened)
        {
            _source = Open(frame);
            _opened = true;
            _vector.Count = _given = 0;
        }

        if (_source is null) return false;
        if (_given == _vector.Count)
        {
            if (!_source.Next(_vector))
            {
                _source = null;
                _vector.Owner = null;
                return false;
            }

            _given = 0;
            _pointers[0] = (long)_vector.Data;
            _pointers[1] = (long)_vector.Validity;
            _pointers[2] = (long)_vector.Heap;
        }

        _pointers[3] = (long)(_vector.Selection + _given);
        count = Math.Min(frame.MaxSliceRows, _vector.Count - _given);
        _given += count;
        return true;
    }

    public override void Reset()
    {
        _opened = false;
        _source = null;
        _vector.Count = _given = 0;
    }
}

/// <summary>A full scan of a table, of a moment or a period.</summary>
internal sealed class TableScanSource(StorageTable table, int[] columnIds, SystemTime time, ScanBounds bounds, int profileNode) : VectorScanSource(columnIds.Length)
{
    protected override VectorSource? Open(Frame frame)
    {
        var scan = Begin(frame);
        if (scan is not null) frame.Profile?.Watch(profileNode, scan);
        return scan;
    }

    private VectorSource? Begin(Frame frame)
    {
        QueryContext context = frame.Context;
        if (time.IsPeriod)
            return time.TryRange(frame, table, out PeriodKind kind, out long from, out long to) ? table.ScanPeriod(context.ViewOf(table), kind, from, to, columnIds) : null;
        if (!time.TryView(frame, table, out ReadView view)) return null;
        if (!bounds.TryEvaluate(frame, out ZoneBound[] zones)) return null;
        return table.Scan(view, columnIds, time.IsPast ? null : context.TransactionOf(table), zones);
    }
}

/// <summary>A scan of an index, by equality on leading keys and bounds on the next, or a set of values that it may have.</summary>
/// <remarks>The start values: the equal ones, the two bounds, the set's.</remarks>
internal sealed unsafe class IndexScanSource(StorageIndex index, int[] columnIds, SystemTime time, StartValues values, int equalCount, IndexBound? lower, IndexBound? upper, IndexKeySet? anyOf, bool backward)
    : VectorScanSource(columnIds.Length)
{
    private readonly KeyBuilder _key = new();
    private byte[]? _start;

    protected override VectorSource? Open(Frame frame)
    {
        if (time.IsPeriod) throw new SqlException(SqlState.FeatureNotSupported, "an index cannot answer for a period of system time");
        if (!time.TryView(frame, index.Table, out ReadView view)) return null;
        // Pinned, and not on the stack: an IN may list a hundred thousand values.
        _start ??= GC.AllocateUninitializedArray<byte>(values.Layout.StrideBytes, pinned: true);
        byte* row = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _start[0]);
        values.Evaluate(frame, row);
        for (int i = 0; i < equalCount + 2; i++)
            if (values.Has(i) && TupleLayout.IsNull(row, i)) return null;
        var key = index.Definition.Key;
        _key.Reset();
        for (int i = 0; i < equalCount; i++) _key.AppendSlot(key[i], row + values.Layout.Offset(i));
        StoreTransaction? transaction = time.IsPast ? null : frame.Context.TransactionOf(index.Table);
        if (anyOf is not null) return index.Scan(view, RangesOf(anyOf, row), columnIds, transaction, backward);
        KeyRange range;
        if (lower is null && upper is null) range = equalCount == 0 ? KeyRange.All : KeyRange.Prefix(_key.Key);
        else
        {
            byte[] prefix = _key.Key.ToArray();
            KeyColumn column = key[equalCount];
            byte[] low = Bound(lower, equalCount), high = Bound(upper, equalCount + 1);
            bool lowInclusive = lower?.Inclusive ?? true, highInclusive = upper?.Inclusive ?? true;
            if (column.Descending) (low, lowInclusive, high, highInclusive) = (high, highInclusive, low, lowInclusive);
            // An open end still leaves NULLs out: they lie at one end of the prefix.
            if (low.Length == 0) low = NullEdge(prefix, column, atLow: true, ref lowInclusive);
            if (high.Length == 0) high = NullEdge(prefix, column, atLow: false, ref highInclusive);
            range = KeyRange.Between(low, lowInclusive, high, highInclusive);

            byte[] Bound(IndexBound? bound, int at)
            {
                if (bound is null) return [];
                _key.Reset();
                _key.AppendRaw(prefix);
                _key.AppendSlot(column, row + values.Layout.Offset(at));
                return _key.Key.ToArray();
            }
        }

        return index.Scan(view, range, columnIds, transaction, backward);
    }

    /// <summary>The keys that begin with the equal values and one of the set, each once, in the order in which they are read.</summary>
    private KeyRange[] RangesOf(IndexKeySet set, byte* row)
    {
        byte[] prefix = _key.Key.ToArray();
        KeyColumn column = index.Definition.Key[equalCount];
        var keys = new SortedSet<byte[]>(ByKey.Instance);
        for (int i = equalCount + 2; i < values.Count; i++)
        {
            if (TupleLayout.IsNull(row, i)) continue;
            byte* slot = row + values.Layout.Offset(i);
            if (!set.IsArray) Add(slot);
            else
            {
                var items = new ArrayReader(*(ByteSlice*)slot).GetEnumerator();
                while (items.MoveNext())
                {
                    if (items.IsNull) continue;
                    fixed (byte* item = items.Current)
                    {
                        // A value of fixed width lies in the array as in a slot.
                        var bytes = new ByteSlice(item, items.Current.Length);
                        Add(column.Type.Kind == PhysicalKind.Bytes ? (byte*)&bytes : item);
                    }
                }
            }
        }

        return [.. (backward ? keys.Reverse() : keys).Select(found => KeyRange.Prefix(found))];

        void Add(byte* slot)
        {
            _key.Reset();
            _key.AppendRaw(prefix);
            _key.AppendSlot(column, slot);
            keys.Add(_key.Key.ToArray());
        }
    }

    private sealed class ByKey : IComparer<byte[]>
    {
        public static readonly ByKey Instance = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }

    /// <summary>The bound that keeps NULLs out where no bound was given: they are marked 0 (first) or 2 (last), values 1.</summary>
    private static byte[] NullEdge(byte[] prefix, KeyColumn column, bool atLow, ref bool inclusive)
    {
        inclusive = true;
        _ = column;
        _ = atLow;
        return [.. prefix, 1];
    }
}

internal sealed partial class SubPlanBuilder
{
    private void ProduceTableScan(PhysicalTableScan scan, Action<BodyBuilder> consume)
    {
        var columns = new ScanColumns(scan.Relation, scan.Columns, scan.Sources);
        var time = new SystemTime(this, scan.Period);
        var table = (StorageTable)(scan.Relation.Source ?? throw new InvalidOperationException($"{scan.Relation.Name} has no table"));
        var filter = new ScanFilter(this, columns, scan.Filter);
        var bounds = new ScanBounds(filter);
        int[] ids = columns.ColumnIds;
        int profileNode = Query.Profile?.NumberOf(scan) ?? -1;
        int source = AddState(() => new TableScanSource(table, ids, time, bounds, profileNode));
        LoopVector(source, scan, columns, filter, consume);
    }

    private void ProduceIndexScan(PhysicalIndexScan scan, Action<BodyBuilder> consume)
    {
        var columns = new ScanColumns(scan.Relation, scan.Columns, scan.Sources);
        var time = new SystemTime(this, scan.Period);
        var index = (StorageIndex)(scan.Index.Source ?? throw new InvalidOperationException($"{scan.Index.Name} has no index"));
        StartValues values = Start([.. scan.Equal, scan.Lower?.Value, scan.Upper?.Value, .. scan.AnyOf?.Values ?? []]);
        int[] ids = columns.ColumnIds;
        int source = AddState(() => new IndexScanSource(index, ids, time, values, scan.Equal.Length, scan.Lower, scan.Upper, scan.AnyOf, scan.Backward));
        LoopVector(source, scan, columns, new ScanFilter(this, columns, scan.Filter), consume);
    }

    /// <summary>The loop over a vector's selection: kernels first, then row by row.</summary>
    private void LoopVector(int source, PhysicalPlan node, ScanColumns columns, ScanFilter filter, Action<BodyBuilder> consume)
    {
        var body = new BodyBuilder(this);
        Expression PointerArray(int index) => body.Hoist(("pointers", index), typeof(long), () => MemoryCode.Call("Pointer", body.Input, Expression.Constant(index)));
        Expression Slot(int array, int slot) => body.Hoist(("slot", array, slot), typeof(long), () => MemoryCode.Call("Pointer", PointerArray(array), Expression.Constant(slot)));
        Expression selection = PointerArray(3);
        filter.EmitKernels(body, slot => Slot(0, slot), slot => Slot(1, slot), selection);
        ParameterExpression index = body.Variable(typeof(int), "i"), row = body.Variable(typeof(int), "r");
        body.AddPrologue(Expression.Assign(index, Expression.Constant(-1)));
        body.Loop((end, again) =>
        {
            body.Next = again;
            body.Add(Expression.IfThen(Expression.GreaterThanOrEqual(Expression.PreIncrementAssign(index), body.Count), Expression.Goto(end)));
            body.Add(Expression.Assign(row, MemoryCode.Call("Selected", selection, index)));
            columns.Define(body, (slot, nullable) => new Code(
                MemoryCode.Vector(columns.Types[slot].Kind, Slot(0, slot), columns.Types[slot].Kind == PhysicalKind.Bytes ? Slot(2, slot) : Expression.Constant(0L), row),
                nullable ? MemoryCode.Call("VectorIsNull", Slot(1, slot), row) : null));
            foreach (ScalarExpr term in filter.Residual) body.EmitFilter(term, body.Next);
            consume(body);
        });
        EmitNotReached(body, node, index);
        AddPipeline(source, body, node);
    }
}
