using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Copies rows out of the store into tuples, by the columns' kinds.</summary>
internal static unsafe class RowCopy
{
    /// <summary>One column of a row version; bytes go into the arena, or stay where they are when it is null.</summary>
    public static void Column(in RowVersion version, int columnId, byte* tuple, TupleLayout layout, int index, Arena? arena)
    {
        byte* slot = tuple + layout.Offset(index);
        switch (columnId)
        {
            case SystemColumn.RowId: *(long*)slot = version.RowId; return;
            case SystemColumn.BeginSequence: *(long*)slot = version.BeginSequence; return;
            case SystemColumn.EndSequence: *(long*)slot = version.EndSequence; return;
        }

        if (version.IsNull(columnId))
        {
            TupleLayout.SetNull(tuple, index);
            return;
        }

        switch (layout.Types[index].Kind)
        {
            case PhysicalKind.Bool: *slot = version.GetBool(columnId) ? (byte)1 : (byte)0; break;
            case PhysicalKind.Int16: *(short*)slot = version.GetInt16(columnId); break;
            case PhysicalKind.Int32: *(int*)slot = version.GetInt32(columnId); break;
            case PhysicalKind.Int64: *(long*)slot = version.GetInt64(columnId); break;
            case PhysicalKind.Int128: Memory.WriteInt128((long)slot, 0, version.GetInt128(columnId)); break;
            case PhysicalKind.Float32: *(float*)slot = version.GetFloat32(columnId); break;
            case PhysicalKind.Float64: *(double*)slot = version.GetFloat64(columnId); break;
            case PhysicalKind.Interval: Memory.WriteInterval((long)slot, 0, version.GetInterval(columnId)); break;
            case PhysicalKind.Uuid: Memory.WriteUuid((long)slot, 0, version.GetUuid(columnId)); break;
            default:
                ByteSlice bytes = version.GetBytes(columnId);
                *(ByteSlice*)slot = arena is null ? bytes : arena.Copy(bytes);
                break;
        }
    }

    /// <summary>A vector's selected rows, all its slots.</summary>
    public static void Vector(ScanVector vector, TupleBuffer rows)
    {
        TupleLayout layout = rows.Layout;
        for (int i = 0; i < vector.Count; i++)
        {
            int r = vector.Selection[i];
            byte* tuple = rows.Append();
            for (int k = 0; k < vector.SlotCount; k++)
            {
                if (Memory.VectorIsNull(vector.Validity[k], r))
                {
                    TupleLayout.SetNull(tuple, k);
                    continue;
                }

                byte* slot = tuple + layout.Offset(k);
                PhysicalKind kind = layout.Types[k].Kind;
                if (kind == PhysicalKind.Bytes) *(ByteSlice*)slot = rows.Arena.Copy(Memory.VectorBytes(vector.Data[k], vector.Heap[k], r));
                else
                {
                    int width = kind.ColumnWidthBytes();
                    Buffer.MemoryCopy((byte*)vector.Data[k] + (long)r * width, slot, width, width);
                }
            }
        }
    }
}
