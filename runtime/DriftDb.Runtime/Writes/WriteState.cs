using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>A modification's row under construction, and its dealings with the transaction.</summary>
internal sealed unsafe class WriteState : OperatorState
{
    private readonly IRelation _target;
    private readonly StorageTable _table;
    private readonly IReadOnlyList<CheckCondition> _checks;
    private readonly ConflictClause? _conflict;
    private readonly byte[] _row, _existing, _merged;
    private readonly RowIdSet _written = new();

    public WriteState(IRelation target, TupleLayout layout, IReadOnlyList<CheckCondition> checks, ConflictClause? conflict)
    {
        _target = target;
        _table = (StorageTable)(target.Source ?? throw new InvalidOperationException($"{target.Name} has no table"));
        _checks = checks;
        _conflict = conflict;
        Layout = layout;
        _row = GC.AllocateArray<byte>(layout.StrideBytes, pinned: true);
        _existing = GC.AllocateArray<byte>(layout.StrideBytes, pinned: true);
        _merged = GC.AllocateArray<byte>(layout.StrideBytes, pinned: true);
        fixed (byte* row = _row, existing = _existing, merged = _merged) (Row, Existing, Merged) = ((long)row, (long)existing, (long)merged);
    }

    public TupleLayout Layout { get; }

    /// <summary>The new row.</summary>
    public readonly long Row;

    /// <summary>ON CONFLICT: the row in the table, and what the update makes of it.</summary>
    public readonly long Existing, Merged;

    private long _conflictingRowId;

    public void Clear(long row) => new Span<byte>((byte*)row, Layout.NullBitmapBytes).Clear();

    public void ThrowCheck(Frame frame, int check, long row)
    {
        CheckCondition condition = _checks[check];
        throw condition.NotNullColumn >= 0
            ? WriteErrors.NotNull(_target, condition.NotNullColumn, (byte*)row, Layout, frame.Context.Settings)
            : condition.IsOfView ? WriteErrors.View(condition.Name, (byte*)row, Layout, frame.Context.Settings)
            : WriteErrors.Check(_target, condition.Name, (byte*)row, Layout, frame.Context.Settings);
    }

    /// <summary>Rows that a statement inserts one by one before it goes over to batches: small statements are the rule, and each row's write tells at once what is wrong with it.</summary>
    private const int RowsBeforeBatches = 1_024;

    private const int BatchRows = 16_384;

    private const long BatchBytes = 4 << 20;

    private TupleBuffer? _batch;
    private long _inserted;

    /// <summary>An INSERT that puts nothing out and lets no conflict pass: after the first rows they go to the transaction in batches. As <see cref="Insert"/>; the rest at the end by <see cref="Flush"/>.</summary>
    public int InsertInBatches(Frame frame)
    {
        if (_inserted < RowsBeforeBatches || frame.Context.IsMerge)
        {
            _inserted++;
            return Insert(frame);
        }

        // A buffer that the transaction has taken is the transaction's.
        _batch ??= new TupleBuffer(Layout, isPageable: true);
        TupleCopy.Copy((byte*)Row, Layout, _batch.Append(), _batch.Arena);
        frame.RowsAffected++;
        return _batch.Count < BatchRows && ((_batch.Count & 255) != 0 || _batch.CapacityBytes < BatchBytes) ? 1 : Flush(frame);
    }

    /// <summary>Gives the rows gathered to the transaction.</summary>
    public int Flush(Frame frame)
    {
        if (_batch is not { Count: > 0 } rows) return 1;
        _batch = null;
        StoreTransaction transaction = Transaction(frame);
        WriteOutcome outcome = transaction.BulkInsert(_table, rows);
        if (outcome.IsDone) return 1;
        if (outcome.Status != WriteStatus.UniqueViolation) return Interrupt(frame, outcome.Status);
        // Which row it was, and against which index, is told by doing it row by row.
        frame.RowsAffected -= rows.Count;
        for (int i = 0; i < rows.Count; i++)
        {
            Buffer.MemoryCopy(rows.Row(i), (byte*)Row, Layout.StrideBytes, Layout.StrideBytes);
            if (Insert(frame) < 0) return -1;
        }

        GC.KeepAlive(rows);
        return 1;
    }

    /// <summary>1: inserted. 0: passed over (DO NOTHING). 2: the row in the way is in <see cref="Existing"/> (DO UPDATE). -1: interrupted.</summary>
    public int Insert(Frame frame)
    {
        WriteOutcome outcome = Transaction(frame).Insert(_table, (byte*)Row);
        switch (outcome.Status)
        {
            case WriteStatus.Done:
                frame.RowsAffected++;
                frame.Context.NoteMerged();
                if (_conflict is { Update.IsDefault: false }) _written.Add(outcome.RowId);
                return 1;
            case WriteStatus.UniqueViolation when _conflict is not null && (_conflict.Arbiter is null || ReferenceEquals(_conflict.Arbiter.Source, outcome.Index)):
                if (_conflict.Update.IsDefault) return 0;
                return LoadExisting(frame, outcome.RowId);
            case WriteStatus.UniqueViolation:
                throw WriteErrors.Unique(_target, outcome.Index, (byte*)Row, Layout, frame.Context.Settings);
            default:
                return Interrupt(frame, outcome.Status);
        }
    }

    /// <summary>Inserts a row that doesn't count as changed; false when interrupted.</summary>
    public bool InsertLeftover(Frame frame)
    {
        WriteOutcome outcome = Transaction(frame).Insert(_table, (byte*)Row);
        if (outcome.IsDone) return true;
        if (outcome.Status == WriteStatus.UniqueViolation) throw WriteErrors.Unique(_target, outcome.Index, (byte*)Row, Layout, frame.Context.Settings);
        Interrupt(frame, outcome.Status);
        return false;
    }

    private int LoadExisting(Frame frame, long rowId)
    {
        if (_written.Contains(rowId)) throw new SqlException(SqlState.CardinalityViolation, "ON CONFLICT DO UPDATE command cannot affect row a second time", hint: "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.");
        StoreTransaction transaction = Transaction(frame);
        switch (transaction.LockRow(_table, rowId, RowLockMode.Update))
        {
            case LockOutcome.MustWait: return Interrupt(frame, WriteStatus.MustWait);
            case LockOutcome.Changed: return Interrupt(frame, WriteStatus.Changed);
        }

        // The row may be newer than the statement's snapshot: READ COMMITTED updates it all the same.
        ReadView latest = transaction.Isolation == StoreIsolation.ReadCommitted ? _table.Store.LatestView : frame.Context.ViewOf(_table);
        if (!_table.TryGetRow(rowId, latest, transaction, out RowVersion version)) return Interrupt(frame, WriteStatus.Changed);
        byte* existing = (byte*)Existing;
        Clear(Existing);
        for (int i = 0; i < Layout.ColumnCount; i++) RowCopy.Column(version, _target.Columns[i].ColumnId, existing, Layout, i, frame.Context.StatementArena);
        Buffer.MemoryCopy(existing, (byte*)Merged, Layout.StrideBytes, Layout.StrideBytes);
        _conflictingRowId = rowId;
        return 2;
    }

    /// <summary>Writes the merged row over the one in the way.</summary>
    public bool UpdateExisting(Frame frame)
    {
        _written.Add(_conflictingRowId);
        return Updated(frame, _conflictingRowId, Merged);
    }

    /// <summary>1: updated; 0: the row came before; -1: interrupted.</summary>
    public int Update(Frame frame, long rowId)
    {
        frame.Context.RequireNotMerged(rowId);
        if (!_written.Add(rowId)) return 0;
        return Updated(frame, rowId, Row) ? 1 : -1;
    }

    public int Delete(Frame frame, long rowId)
    {
        frame.Context.RequireNotMerged(rowId);
        if (!_written.Add(rowId)) return 0;
        WriteOutcome outcome = Transaction(frame).Delete(_table, rowId);
        if (!outcome.IsDone) return Interrupt(frame, outcome.Status);
        frame.RowsAffected++;
        frame.Context.NoteMerged();
        return 1;
    }

    private bool Updated(Frame frame, long rowId, long row)
    {
        WriteOutcome outcome = Transaction(frame).Update(_table, rowId, (byte*)row);
        switch (outcome.Status)
        {
            case WriteStatus.Done:
                frame.RowsAffected++;
                frame.Context.NoteMerged();
                return true;
            case WriteStatus.UniqueViolation: throw WriteErrors.Unique(_target, outcome.Index, (byte*)row, Layout, frame.Context.Settings);
            default:
                Interrupt(frame, outcome.Status);
                return false;
        }
    }

    private StoreTransaction Transaction(Frame frame) => frame.Context.TransactionOf(_table) ?? throw new InvalidOperationException("a modification needs a transaction");

    private static int Interrupt(Frame frame, WriteStatus status)
    {
        frame.Interruption = status == WriteStatus.MustWait ? ExecutionStatus.MustWait : ExecutionStatus.Changed;
        return -1;
    }

    public override void Reset()
    {
        _written.Clear();
        _batch = null;
        _inserted = 0;
    }
}

/// <summary>FOR UPDATE and its kin.</summary>
internal sealed class LockState(IReadOnlyList<StorageTable> tables, RowLockMode mode, LockWait wait) : OperatorState
{
    /// <summary>1: locked; 0: skipped; -1: interrupted.</summary>
    public int Lock(Frame frame, int target, long rowId)
    {
        StoreTransaction transaction = frame.Context.TransactionOf(tables[target]) ?? throw new InvalidOperationException("row locks need a transaction");
        switch (transaction.LockRow(tables[target], rowId, mode, wait))
        {
            case LockOutcome.Granted: return 1;
            case LockOutcome.Skipped: return 0;
            case LockOutcome.MustWait:
                frame.Interruption = ExecutionStatus.MustWait;
                return -1;
            default:
                frame.Interruption = ExecutionStatus.Changed;
                return -1;
        }
    }
}
