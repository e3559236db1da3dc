using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>What a scan wants of one column, and where the current chunk has it. Arrays are captured when a chunk is entered, so that growing doesn't take them away.</summary>
internal unsafe struct SlotReader
{
    public int ColumnId;

    /// <summary>Bytes from one value to the next; 0 where every row has the same value (column missing in the chunk).</summary>
    public int Width;

    public byte* Data, Validity, Heap;

    /// <summary>The arrays behind the pointers.</summary>
    public object? DataOwner, ValidityOwner, HeapOwner;

    /// <summary>Points at the column in a chunk. Call after having read the chunk's count.</summary>
    public void Enter(ColumnChunk chunk, MissingValues missing, TableDefinition latest)
    {
        Validity = Heap = null;
        ValidityOwner = HeapOwner = null;
        if (ColumnId < 0)
        {
            long[] system = ColumnId switch
            {
                SystemColumn.RowId => chunk.RowId,
                SystemColumn.BeginSequence => chunk.Begin,
                SystemColumn.EndSequence => chunk.End,
                _ => throw new ArgumentOutOfRangeException(nameof(chunk), $"column {ColumnId}"),
            };
            Width = 8;
            DataOwner = system;
            Data = (byte*)Unsafe.AsPointer(ref system[0]);
            return;
        }

        int slot = chunk.Layout.SlotOf(ColumnId);
        if (slot < 0)
        {
            int ordinal = latest.OrdinalOf(ColumnId);
            missing.Get(ordinal >= 0 ? latest.Columns[ordinal] : chunk.Table.ColumnEver(ColumnId) ?? throw new InvalidOperationException($"Table {chunk.Table.Id} has no column {ColumnId}."), ref this);
            return;
        }

        ChunkColumn column = chunk.Columns[slot];
        Width = column.Width;
        byte[] data = column.Data;
        DataOwner = data;
        Data = (byte*)Unsafe.AsPointer(ref data[0]);
        if (column.Validity is { } validity)
        {
            ValidityOwner = validity;
            Validity = (byte*)Unsafe.AsPointer(ref validity[0]);
        }

        if (column.Heap is { } heap)
        {
            HeapOwner = heap;
            Heap = (byte*)Unsafe.AsPointer(ref heap[0]);
        }
    }
}

/// <summary>Scratch vectors full of one value, for rows older than their column.</summary>
internal sealed unsafe class MissingValues
{
    private readonly Dictionary<int, (byte[] Data, byte[]? Validity, byte[]? Heap)> _columns = [];

    public void Get(ColumnDefinition column, ref SlotReader slot)
    {
        if (!_columns.TryGetValue(column.Id, out (byte[] Data, byte[]? Validity, byte[]? Heap) vector)) _columns.Add(column.Id, vector = Make(column));
        slot.Width = 0;
        slot.DataOwner = vector.Data;
        slot.Data = (byte*)Unsafe.AsPointer(ref vector.Data[0]);
        slot.ValidityOwner = vector.Validity;
        slot.Validity = vector.Validity is null ? null : (byte*)Unsafe.AsPointer(ref vector.Validity[0]);
        slot.HeapOwner = vector.Heap;
        slot.Heap = vector.Heap is null ? null : (byte*)Unsafe.AsPointer(ref vector.Heap[0]);
    }

    private static (byte[] Data, byte[]? Validity, byte[]? Heap) Make(ColumnDefinition column)
    {
        int width = column.Type.Kind.ColumnWidthBytes();
        byte[] data = GC.AllocateArray<byte>(Limits.VectorRows * width, pinned: true);
        if (column.MissingValue is not { } value) return (data, GC.AllocateArray<byte>(Limits.VectorRows / 8, pinned: true), null);
        byte[]? heap = null;
        Span<byte> entry = stackalloc byte[16];
        if (column.Type.Kind == PhysicalKind.Bytes)
        {
            heap = GC.AllocateUninitializedArray<byte>(Math.Max(1, value.Bytes.Length), pinned: true);
            value.Bytes.CopyTo(heap);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(entry, (ulong)value.Bytes.Length << 32);
        }
        else value.Bytes.CopyTo(entry);

        for (int row = 0; row < Limits.VectorRows; row++) entry[..width].CopyTo(data.AsSpan(row * width));
        return (data, null, heap);
    }
}

/// <summary>The selection 0, 1, 2, …, copied where a whole block is visible.</summary>
internal static unsafe class Identity
{
    private static readonly ushort[] Rows = Make();

    public static void Select(ushort* selection, int count) => Rows.AsSpan(0, count).CopyTo(new Span<ushort>(selection, count));

    private static ushort[] Make()
    {
        ushort[] rows = GC.AllocateUninitializedArray<ushort>(Limits.VectorRows, pinned: true);
        for (int i = 0; i < rows.Length; i++) rows[i] = (ushort)i;
        return rows;
    }
}
