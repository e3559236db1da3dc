using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>Which columns a chunk has. Chunks of new versions have the table's columns in table order; chunks of copies have every column the table ever had.</summary>
internal sealed class ChunkLayout
{
    private readonly short[] _slots;

    public ChunkLayout(ImmutableArray<ColumnDefinition> columns)
    {
        Columns = columns;
        _slots = new short[columns.IsEmpty ? 1 : columns.Max(column => column.Id) + 1];
        Array.Fill(_slots, (short)-1);
        for (int i = 0; i < columns.Length; i++) _slots[columns[i].Id] = (short)i;
    }

    public ImmutableArray<ColumnDefinition> Columns { get; }

    /// <summary>The column's slot; -1 when chunks of this layout don't have it.</summary>
    public int SlotOf(int columnId) => (uint)columnId < (uint)_slots.Length ? _slots[columnId] : -1;
}
