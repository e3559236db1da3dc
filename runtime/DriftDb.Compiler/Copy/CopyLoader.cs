using DriftDb.Plan;
using DriftDb.Runtime;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// Stores a COPY's rows batch by batch. A table without checks, generated columns and defaults to be computed takes whole buffers; any other is loaded
/// by INSERT … SELECT over the batch, which does all that an INSERT does.
/// </summary>
internal sealed unsafe class CopyLoader
{
    private const int BatchRows = 65_536, BatchBytes = 32 << 20;

    private readonly Session _session;
    private readonly StoreTransaction _transaction;
    private readonly TableRelation _table;
    private readonly int[] _columns;
    private readonly TupleLayout _layout;
    private readonly Queue<TupleBuffer> _pending = new();
    private TupleBuffer _rows;

    private readonly string? _condition;
    private long _kept;

    /// <param name="session">Whose COPY it is.</param>
    /// <param name="transaction">Takes the rows.</param>
    /// <param name="table">Where they go.</param>
    /// <param name="columns">The columns that the data have, by ordinal.</param>
    /// <param name="condition">WHERE: rows for which it isn't true are left out. Null for none.</param>
    public CopyLoader(Session session, StoreTransaction transaction, TableRelation table, int[] columns, string? condition)
    {
        _condition = condition;
        (_session, _transaction, _table, _columns) = (session, transaction, table, columns);
        var given = columns.ToHashSet();
        IsDirect = condition is null && table.Checks.IsEmpty && table.Columns.All(column => !column.IsGenerated && (given.Contains(column.Ordinal) || column.DefaultText is null));
        _layout = IsDirect ? transaction.DefinitionOf(table.Storage).Layout : new TupleLayout([.. columns.Select(ordinal => table.Columns[ordinal].Type)]);
        _rows = new TupleBuffer(_layout, isPageable: true);
    }

    /// <summary>Whether whole buffers go to the store, with no INSERT in between.</summary>
    public bool IsDirect { get; }

    /// <summary>Rows taken so far; those that WHERE leaves out are known only when they are stored.</summary>
    public long Count => _condition is null ? _appended : _kept;

    private long _appended;

    public Arena Arena => _rows.Arena;

    /// <summary>A new row; every given column is then set or made NULL.</summary>
    public byte* Append()
    {
        if (_rows.Count >= BatchRows || (_rows.Count & 1023) == 1023 && _rows.CapacityBytes > BatchBytes) NextBatch();
        byte* row = _rows.Append();
        _appended++;
        if (!IsDirect || _columns.Length == _table.Columns.Length) return row;
        // Columns that the data don't have are NULL.
        for (int ordinal = 0; ordinal < _table.Columns.Length; ordinal++)
            if (Array.IndexOf(_columns, ordinal) < 0) SetNull(row, ordinal);
        return row;
    }

    /// <summary>The place of the data's n-th column in a row.</summary>
    public byte* Slot(byte* row, int index) => row + _layout.Offset(IsDirect ? _columns[index] : index);

    public void SetNullAt(byte* row, int index) => SetNull(row, IsDirect ? _columns[index] : index);

    /// <summary>NOT NULL, as far as no INSERT checks it.</summary>
    public void Check(byte* row)
    {
        if (!IsDirect) return;
        foreach (var column in _table.Columns)
            if (!column.IsNullable && TupleLayout.IsNull(row, column.Ordinal))
                throw new SqlException(SqlState.NotNullViolation, $"null value in column \"{column.Name}\" of relation \"{_table.Name}\" violates not-null constraint")
                {
                    SchemaName = _table.Schema, TableName = _table.Name, ColumnName = column.Name,
                };
    }

    /// <summary>Stores what is left; false when a lock has to be waited for first.</summary>
    public bool TryFlush()
    {
        if (_rows.Count > 0) _pending.Enqueue(_rows);
        _rows = new TupleBuffer(_layout, isPageable: true);
        while (_pending.TryPeek(out var batch))
        {
            if (!TryStore(batch)) return false;
            _pending.Dequeue();
        }

        return true;
    }

    private void NextBatch()
    {
        _pending.Enqueue(_rows);
        _rows = new TupleBuffer(_layout, isPageable: true);
        // Behind a batch that waits, further ones wait as well: the end of the copy takes them.
        while (_pending.TryPeek(out var batch) && TryStore(batch)) _pending.Dequeue();
    }

    private bool TryStore(TupleBuffer batch)
    {
        if (!IsDirect) return TryInsert(batch);
        var outcome = _transaction.BulkInsert(_table.Storage, batch);
        _transaction.PassSafePoint();
        return outcome.Status switch
        {
            WriteStatus.Done => true,
            WriteStatus.MustWait or WriteStatus.Changed => false,
            _ when outcome.Index!.Definition.WithoutOverlaps => throw new SqlException(SqlState.ExclusionViolation, $"conflicting key value violates exclusion constraint \"{outcome.Index.Definition.Name}\"")
            {
                SchemaName = _table.Schema, TableName = _table.Name, ConstraintName = outcome.Index.Definition.Name,
            },
            _ => throw new SqlException(SqlState.UniqueViolation, $"duplicate key value violates unique constraint \"{outcome.Index!.Definition.Name}\"")
            {
                SchemaName = _table.Schema, TableName = _table.Name, ConstraintName = outcome.Index.Definition.Name,
            },
        };
    }

    private bool TryInsert(TupleBuffer batch)
    {
        var source = new BatchRelation(batch, [.. _columns.Select(ordinal => _table.Columns[ordinal])]);
        string names = string.Join(", ", source.Columns.Select(column => ObjectNames.QuoteIfNeeded(column.Name)));
        string sql = $"INSERT INTO {ObjectNames.Qualify(_table.Schema, _table.Name)} ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM drift.copy_batch AS {ObjectNames.QuoteIfNeeded(_table.Name)}";
        if (_condition is not null) sql += $" WHERE {_condition}";
        try
        {
            _kept += InternalSql.Execute(_session, sql, source);
            return true;
        }
        catch (LockNeededException)
        {
            return false;
        }
    }

    private void SetNull(byte* row, int column)
    {
        TupleLayout.SetNull(row, column);
        new Span<byte>(row + _layout.Offset(column), _layout.Types[column].Kind.TupleWidthBytes()).Clear();
    }

    /// <summary>The batch as a relation that an INSERT can select from.</summary>
    internal sealed class BatchRelation(TupleBuffer rows, IReadOnlyList<RelationColumn> columns) : CatalogRelation, ISystemRows
    {
        public override int Oid => 13_900;

        public override string Schema => "drift";

        public override string Name => "copy_batch";

        public override RelationKind Kind => RelationKind.SystemView;

        public override System.Collections.Immutable.ImmutableArray<RelationColumn> Columns { get; } =
            [.. columns.Select((column, ordinal) => new RelationColumn(ordinal, ordinal + 1, (short)(ordinal + 1), column.Name, column.Type, true))];

        public override object Source => this;

        public void Fill(QueryContext context, TupleBuffer target)
        {
            for (int i = 0; i < rows.Count; i++) System.Runtime.CompilerServices.Unsafe.CopyBlockUnaligned(target.Append(), rows.Row(i), (uint)rows.Layout.StrideBytes);
        }
    }
}
