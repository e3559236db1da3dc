using System.Collections.Immutable;
using System.Linq.Expressions;
using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Which of the store's columns a scan asks for, and how the plan's columns follow from them.</summary>
internal sealed class ScanColumns
{
    private readonly ImmutableArray<OutputColumn> _columns;
    private readonly ImmutableArray<int> _sources;
    private readonly IRelation _relation;
    private readonly List<int> _columnIds = [];
    private readonly List<SqlType> _types = [];

    public ScanColumns(IRelation relation, ImmutableArray<OutputColumn> columns, ImmutableArray<int> sources)
    {
        (_relation, _columns, _sources) = (relation, columns, sources);
        for (int i = 0; i < columns.Length; i++)
        {
            switch (sources[i])
            {
                case >= 0: Slot(relation.Columns[sources[i]].ColumnId, relation.Columns[sources[i]].Type); break;
                case ScanSource.RowId or ScanSource.Ctid: Slot(SystemColumn.RowId, SqlType.Int8); break;
                case ScanSource.BeginSequence or ScanSource.SystemTimeStart: Slot(SystemColumn.BeginSequence, SqlType.Int8); break;
                case ScanSource.EndSequence or ScanSource.SystemTimeEnd: Slot(SystemColumn.EndSequence, SqlType.Int8); break;
            }
        }
    }

    /// <summary>The store's columns, by slot of the vector.</summary>
    public int[] ColumnIds => [.. _columnIds];

    /// <summary>Types of the slots.</summary>
    public IReadOnlyList<SqlType> Types => _types;

    /// <summary>The slot of the relation's column; -1 when the scan doesn't read it.</summary>
    public int SlotOf(int columnId) => _columnIds.IndexOf(columnId);

    /// <summary>The relation column's type behind an output column; null for a system column.</summary>
    public (int ColumnId, SqlType Type)? StoredColumn(int outputId)
    {
        int index = 0;
        while (index < _columns.Length && _columns[index].Id != outputId) index++;
        return index < _columns.Length && _sources[index] >= 0 ? (_relation.Columns[_sources[index]].ColumnId, _relation.Columns[_sources[index]].Type) : null;
    }

    /// <summary>Defines the plan's columns over code that reads a slot: its value, and whether it is NULL.</summary>
    public void Define(BodyBuilder body, Func<int, bool, Code> readSlot)
    {
        for (int i = 0; i < _columns.Length; i++)
        {
            OutputColumn column = _columns[i];
            int source = _sources[i];
            switch (source)
            {
                case >= 0:
                    int slot = Slot(_relation.Columns[source].ColumnId, _relation.Columns[source].Type);
                    SqlType stored = _types[slot];
                    body.Define(column.Id, () => body.Coerce(readSlot(slot, column.Nullable), stored, column.Type));
                    break;
                case ScanSource.RowId: DefineSystem(SystemColumn.RowId, value => Code.NotNull(value)); break;
                case ScanSource.BeginSequence: DefineSystem(SystemColumn.BeginSequence, value => Code.NotNull(value)); break;
                case ScanSource.EndSequence: DefineSystem(SystemColumn.EndSequence, value => new Code(value, Expression.Equal(value, Expression.Constant(long.MaxValue)))); break;
                case ScanSource.SystemTimeStart: DefineSystem(SystemColumn.BeginSequence, value => Code.NotNull(Time(value))); break;
                case ScanSource.SystemTimeEnd: DefineSystem(SystemColumn.EndSequence, value => Code.NotNull(Time(value))); break;
                case ScanSource.TableOid: body.Define(column.Id, Code.NotNull(Expression.Constant(_relation.Oid))); break;
                case ScanSource.Ctid: DefineSystem(SystemColumn.RowId, value => Code.NotNull(MemoryCode.Call(typeof(ScanSupport), nameof(ScanSupport.Ctid), value, body.ContextArena))); break;
            }

            void DefineSystem(int systemColumn, Func<Expression, Code> make)
            {
                int slot = _columnIds.IndexOf(systemColumn);
                body.Define(column.Id, () => make(readSlot(slot, false).Value));
            }

            Expression Time(Expression sequence) => MemoryCode.Call(typeof(ScanSupport), nameof(ScanSupport.TimeOf), body.Context, sequence);
        }
    }

    private int Slot(int columnId, SqlType type)
    {
        int slot = _columnIds.IndexOf(columnId);
        if (slot >= 0) return slot;
        _columnIds.Add(columnId);
        _types.Add(type);
        return _columnIds.Count - 1;
    }
}

internal static unsafe class ScanSupport
{
    public static long TimeOf(QueryContext context, long sequence) => context.Store.TimeOfSequence(sequence);

    /// <summary>A row's address as PostgreSQL writes one: block and offset. Ours are made of the row id.</summary>
    public static ByteSlice Ctid(long rowId, Arena arena)
    {
        var writer = new ByteWriter(32);
        writer.Write((byte)'(');
        writer.WriteNumber(rowId >> 16);
        writer.Write((byte)',');
        writer.WriteNumber(rowId & 0xFFFF);
        writer.Write((byte)')');
        return arena.Copy(writer.Written);
    }
}
