using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Storage;

public readonly unsafe partial struct RowVersion
{
    private readonly ColumnChunk? _chunk;
    private readonly int _row;
    private readonly byte* _tuple;
    private readonly TableDefinition? _definition, _latest;
    private readonly object? _owner;
    private readonly long _visibleOrRowId;

    internal RowVersion(ColumnChunk chunk, int row, long visible)
    {
        _chunk = chunk;
        _row = row;
        _visibleOrRowId = visible;
    }

    private RowVersion(in RowVersion version, TableDefinition latest)
    {
        this = version;
        _latest = latest;
    }

    /// <summary>The same version for a transaction that has changed the table's definition.</summary>
    internal RowVersion Under(TableDefinition latest) => new(this, latest);

    /// <summary>A row of a transaction's write set; <paramref name="latest"/> gives the missing values of columns added after it was written.</summary>
    internal RowVersion(byte* tuple, TableDefinition definition, TableDefinition latest, long rowId, object owner)
    {
        _tuple = tuple;
        _definition = definition;
        _latest = latest;
        _visibleOrRowId = rowId;
        _owner = owner;
    }

    /// <summary>Whether there is a row at all.</summary>
    public bool Exists => _chunk is not null || _tuple != null;

    /// <summary>Whether the row comes from the reading transaction's own write set.</summary>
    public bool IsOwn => _tuple != null;

    internal object? Owner => _owner;

    internal ColumnChunk? Chunk => _chunk;

    internal int Row => _row;

    public partial long RowId => _chunk is null ? _visibleOrRowId : _chunk.RowId[_row];

    public partial long BeginSequence => _chunk is null ? 0 : _chunk.Begin[_row];

    public partial long EndSequence
    {
        get
        {
            if (_chunk is null) return long.MaxValue;
            long end = _chunk.Table.TrueEnd(_chunk, _row);
            return end > _visibleOrRowId ? long.MaxValue : end;
        }
    }

    public partial bool IsNull(int columnId)
    {
        if (_chunk is null)
        {
            int ordinal = _definition!.OrdinalOf(columnId);
            return ordinal < 0 ? Missing(columnId) is null : TupleLayout.IsNull(_tuple, ordinal);
        }

        int slot = _chunk.Layout.SlotOf(columnId);
        return slot < 0 ? Missing(columnId) is null : _chunk.Columns[slot].IsNull(_row);
    }

    public partial bool GetBool(int columnId) => Read<byte>(columnId) != 0;

    public partial short GetInt16(int columnId) => Read<short>(columnId);

    public partial int GetInt32(int columnId) => Read<int>(columnId);

    public partial long GetInt64(int columnId) => Read<long>(columnId);

    public partial Int128 GetInt128(int columnId) => Read<Int128>(columnId);

    public partial float GetFloat32(int columnId) => Read<float>(columnId);

    public partial double GetFloat64(int columnId) => Read<double>(columnId);

    public partial Interval GetInterval(int columnId) => Read<Interval>(columnId);

    public partial Uuid GetUuid(int columnId) => Read<Uuid>(columnId);

    public partial ByteSlice GetBytes(int columnId)
    {
        if (_chunk is null)
        {
            int ordinal = _definition!.OrdinalOf(columnId);
            if (ordinal < 0) return Missing(columnId)?.Slice ?? default;
            return TupleLayout.IsNull(_tuple, ordinal) ? default : Unsafe.ReadUnaligned<ByteSlice>(_tuple + _definition.Layout.Offset(ordinal));
        }

        int slot = _chunk.Layout.SlotOf(columnId);
        return slot < 0 ? Missing(columnId)?.Slice ?? default : _chunk.Columns[slot].Slice(_row);
    }

    public partial void CopyTo(byte* tuple, TableDefinition definition)
    {
        TupleLayout layout = definition.Layout;
        Unsafe.InitBlockUnaligned(tuple, 0, (uint)layout.NullBitmapBytes);
        for (int i = 0; i < layout.ColumnCount; i++) CopySlot(tuple, definition, layout, i);
    }

    private void CopySlot(byte* tuple, TableDefinition definition, TupleLayout layout, int ordinal)
    {
        int columnId = definition.Columns[ordinal].Id;
        byte* slot = tuple + layout.Offset(ordinal);
        PhysicalKind kind = layout.Types[ordinal].Kind;
        if (_chunk is not null && _chunk.Layout.SlotOf(columnId) is >= 0 and var from)
        {
            ChunkColumn column = _chunk.Columns[from];
            if (column.IsNull(_row)) Null(tuple, slot, ordinal, kind);
            else column.Get(_row, slot);
        }
        else if (_chunk is null && _definition!.OrdinalOf(columnId) is >= 0 and var own)
        {
            if (TupleLayout.IsNull(_tuple, own)) Null(tuple, slot, ordinal, kind);
            else Unsafe.CopyBlockUnaligned(slot, _tuple + _definition.Layout.Offset(own), (uint)kind.TupleWidthBytes());
        }
        else if (definition.Columns[ordinal].MissingValue is { } missing)
        {
            if (kind == PhysicalKind.Bytes) Unsafe.WriteUnaligned(slot, missing.Slice);
            else missing.Bytes.CopyTo(new Span<byte>(slot, kind.ColumnWidthBytes()));
        }
        else Null(tuple, slot, ordinal, kind);
    }

    private static void Null(byte* tuple, byte* slot, int ordinal, PhysicalKind kind)
    {
        TupleLayout.SetNull(tuple, ordinal);
        Unsafe.InitBlockUnaligned(slot, 0, (uint)kind.TupleWidthBytes());
    }

    private StoredValue? Missing(int columnId)
    {
        int ordinal = _latest is null ? -1 : _latest.OrdinalOf(columnId);
        if (ordinal >= 0) return _latest!.Columns[ordinal].MissingValue;
        return _chunk?.Table.ColumnEver(columnId)?.MissingValue;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T Read<T>(int columnId) where T : unmanaged
    {
        if (_chunk is not null)
        {
            int slot = _chunk.Layout.SlotOf(columnId);
            if (slot >= 0) return Unsafe.ReadUnaligned<T>(ref _chunk.Columns[slot].Data[_row * sizeof(T)]);
        }

        return ReadElsewhere<T>(columnId);
    }

    private T ReadElsewhere<T>(int columnId) where T : unmanaged
    {
        if (_tuple != null && _definition!.OrdinalOf(columnId) is >= 0 and var ordinal)
            return TupleLayout.IsNull(_tuple, ordinal) ? default : Unsafe.ReadUnaligned<T>(_tuple + _definition.Layout.Offset(ordinal));
        return Missing(columnId) is { } missing ? Unsafe.ReadUnaligned<T>(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(missing.Bytes)) : default;
    }
}
