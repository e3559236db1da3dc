using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>What point operations share while they run; kept by a thread, since a run ends before the next begins.</summary>
internal static class PointScratch
{
    [ThreadStatic]
    private static KeyBuilder? t_key;

    [ThreadStatic]
    private static byte[]? t_row;

    public static KeyBuilder Key => t_key ??= new KeyBuilder();

    /// <summary>A row's memory, pinned.</summary>
    public static unsafe byte* Row(TupleLayout layout)
    {
        if (t_row is null || t_row.Length < layout.StrideBytes) t_row = GC.AllocateUninitializedArray<byte>(Math.Max(4_096, layout.StrideBytes), pinned: true);
        fixed (byte* row = t_row)
        {
            new Span<byte>(row, layout.NullBitmapBytes).Clear();
            return row;
        }
    }
}

/// <summary>SELECT … WHERE key = …</summary>
internal sealed class PointRead(PointLookup lookup, PointValue[] values, TupleLayout output) : PointTemplate
{
    public override QueryExecution Start(QueryContext context) => new Execution(this, context);

    private sealed unsafe class Execution(PointRead read, QueryContext context) : QueryExecution
    {
        private bool _done;

        public override ExecutionStatus Next(TupleBuffer rows, int maxRows)
        {
            if (_done) return ExecutionStatus.Done;
            _done = true;
            context.BeginReading();
            try
            {
                if (read.Find(context, out RowVersion row)) read.Append(context, row, rows);
            }
            finally
            {
                context.EndReading();
            }

            return ExecutionStatus.Done;
        }

        public override void Dispose()
        {
        }
    }

    private bool Find(QueryContext context, out RowVersion row) => lookup.TryFind(context, PointScratch.Key, out row);

    private unsafe void Append(QueryContext context, in RowVersion row, TupleBuffer rows)
    {
        byte* tuple = rows.Append();
        for (int i = 0; i < values.Length; i++)
            if (!values[i].Write(context, row, tuple + output.Offset(i), rows.Arena)) TupleLayout.SetNull(tuple, i);
    }
}

/// <summary>UPDATE … WHERE key = …; columns without a new value keep theirs.</summary>
internal sealed class PointUpdate : PointTemplate
{
    private readonly PointLookup _lookup;
    private readonly IRelation _target;
    private readonly PointValue?[] _values;
    private readonly int[] _notNull;
    private readonly TupleLayout _layout;

    public PointUpdate(PointLookup lookup, IRelation target, PointValue?[] values, int[] notNull)
    {
        (_lookup, _target, _values, _notNull) = (lookup, target, values, notNull);
        _layout = new TupleLayout([.. target.Columns.Select(column => column.Type)]);
    }

    public override QueryExecution Start(QueryContext context) => new Execution(this, context);

    private sealed unsafe class Execution(PointUpdate update, QueryContext context) : QueryExecution
    {
        private bool _done;

        public override ExecutionStatus Next(TupleBuffer rows, int maxRows)
        {
            if (_done) return ExecutionStatus.Done;
            _done = true;
            if (!update._lookup.TryFind(context, PointScratch.Key, out RowVersion row)) return ExecutionStatus.Done;
            TupleLayout layout = update._layout;
            byte* tuple = PointScratch.Row(layout);
            StoreTransaction transaction = context.TransactionOf(update._lookup.Table)!;
            row.CopyTo(tuple, transaction.DefinitionOf(update._lookup.Table));
            PointValue?[] values = update._values;
            byte* slot = stackalloc byte[16];
            for (int i = 0; i < values.Length; i++)
            {
                if (values[i] is not { } value) continue;
                if (!value.Write(context, row, slot, null))
                {
                    TupleLayout.SetNull(tuple, i);
                    continue;
                }

                tuple[i >> 3] &= (byte)~(1 << (i & 7));
                Buffer.MemoryCopy(slot, tuple + layout.Offset(i), 16, layout.Types[i].Kind.TupleWidthBytes());
            }

            PointStatus.CheckNotNull(update._target, update._notNull, tuple, layout, context);
            WriteOutcome outcome = transaction.Update(update._lookup.Table, row.RowId, tuple);
            if (outcome.Status == WriteStatus.UniqueViolation) throw WriteErrors.Unique(update._target, outcome.Index, tuple, layout, context.Settings);
            if (outcome.Status == WriteStatus.Done) RowsAffected = 1;
            return PointStatus.Of(outcome.Status);
        }

        public override void Dispose()
        {
        }
    }
}

/// <summary>DELETE … WHERE key = …</summary>
internal sealed class PointDelete(PointLookup lookup, IRelation target) : PointTemplate
{
    public override QueryExecution Start(QueryContext context) => new Execution(this, context);

    public IRelation Target => target;

    private bool Find(QueryContext context, out RowVersion row) => lookup.TryFind(context, PointScratch.Key, out row);

    private sealed class Execution(PointDelete delete, QueryContext context) : QueryExecution
    {
        private bool _done;

        public override ExecutionStatus Next(TupleBuffer rows, int maxRows)
        {
            if (_done) return ExecutionStatus.Done;
            _done = true;
            if (!delete.Find(context, out RowVersion row)) return ExecutionStatus.Done;
            var table = (StorageTable)delete.Target.Source!;
            WriteOutcome outcome = context.TransactionOf(table)!.Delete(table, row.RowId);
            if (outcome.Status == WriteStatus.Done) RowsAffected = 1;
            return PointStatus.Of(outcome.Status);
        }

        public override void Dispose()
        {
        }
    }
}

/// <summary>INSERT … VALUES of one row.</summary>
internal sealed class PointInsert : PointTemplate
{
    private readonly IRelation _target;
    private readonly StorageTable _table;
    private readonly PointValue[] _values;
    private readonly TupleLayout _layout;
    private readonly int[] _notNull;

    private PointInsert(IRelation target, PointValue[] values, TupleLayout layout, int[] notNull)
    {
        (_target, _table, _values, _layout, _notNull) = (target, (StorageTable)target.Source!, values, layout, notNull);
    }

    public static PointInsert? TryCreate(PhysicalInsert insert, TupleLayout parameters)
    {
        PhysicalPlan input = insert.Input;
        ScalarExpr[] row;
        if (input is PhysicalValues { Rows.Length: 1 } values) row = [.. values.Rows[0]];
        else if (input is PhysicalProject { Input: PhysicalValues { Rows.Length: 1 } inner } project)
            row = [.. project.Assignments.Select(assignment => assignment.Value.Rewrite(node => node is ScalarColumn column && IndexOf(column.Id) is >= 0 and var at ? inner.Rows[0][at] : node))];
        else return null;
        if (insert.Target.Source is not StorageTable || row.Length != insert.Target.Columns.Length) return null;
        var written = new PointValue[row.Length];
        for (int i = 0; i < row.Length; i++)
        {
            if (PointValue.TryCreate(row[i], insert.Target.Columns[i].Type, parameters, _ => null) is not { } value) return null;
            written[i] = value;
        }

        return new PointInsert(insert.Target, written, new TupleLayout([.. insert.Target.Columns.Select(column => column.Type)]), [.. insert.Checks.Select(check => check.NotNullColumn)]);

        int IndexOf(int id)
        {
            var columns = ((PhysicalValues)((PhysicalProject)input).Input).Columns;
            for (int i = 0; i < columns.Length; i++)
                if (columns[i].Id == id) return i;
            return -1;
        }
    }

    public override QueryExecution Start(QueryContext context) => new Execution(this, context);

    private sealed unsafe class Execution(PointInsert insert, QueryContext context) : QueryExecution
    {
        private bool _done;

        public override ExecutionStatus Next(TupleBuffer rows, int maxRows)
        {
            if (_done) return ExecutionStatus.Done;
            _done = true;
            TupleLayout layout = insert._layout;
            byte* tuple = PointScratch.Row(layout);
            PointValue[] values = insert._values;
            for (int i = 0; i < values.Length; i++)
                if (!values[i].Write(context, default, tuple + layout.Offset(i), null)) TupleLayout.SetNull(tuple, i);
            PointStatus.CheckNotNull(insert._target, insert._notNull, tuple, layout, context);
            WriteOutcome outcome = context.TransactionOf(insert._table)!.Insert(insert._table, tuple);
            if (outcome.Status == WriteStatus.UniqueViolation) throw WriteErrors.Unique(insert._target, outcome.Index, tuple, layout, context.Settings);
            if (outcome.Status == WriteStatus.Done) RowsAffected = 1;
            return PointStatus.Of(outcome.Status);
        }

        public override void Dispose()
        {
        }
    }
}

internal static class PointStatus
{
    public static unsafe void CheckNotNull(IRelation target, int[] columns, byte* tuple, TupleLayout layout, QueryContext context)
    {
        foreach (int column in columns)
            if (TupleLayout.IsNull(tuple, column)) throw WriteErrors.NotNull(target, column, tuple, layout, context.Settings);
    }

    public static ExecutionStatus Of(WriteStatus status) => status switch
    {
        WriteStatus.MustWait => ExecutionStatus.MustWait,
        WriteStatus.Changed => ExecutionStatus.Changed,
        _ => ExecutionStatus.Done,
    };
}
