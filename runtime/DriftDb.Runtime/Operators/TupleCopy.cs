using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Copies of tuples.</summary>
internal static unsafe class TupleCopy
{
    /// <summary>Copies a whole row; its bytes into the arena.</summary>
    public static void Copy(byte* from, TupleLayout layout, byte* to, Arena arena)
    {
        Buffer.MemoryCopy(from, to, layout.StrideBytes, layout.StrideBytes);
        for (int i = 0; i < layout.ColumnCount; i++)
        {
            if (layout.Types[i].Kind != PhysicalKind.Bytes || TupleLayout.IsNull(from, i)) continue;
            ByteSlice* slot = (ByteSlice*)(to + layout.Offset(i));
            *slot = arena.Copy(*slot);
        }
    }

    /// <summary>Copies a row but for its first columns, which stay as they are; bytes into the arena.</summary>
    public static void CopyFrom(byte* from, TupleLayout layout, byte* to, Arena arena, int firstColumn)
    {
        int start = layout.Offset(firstColumn);
        Buffer.MemoryCopy(from, to, layout.NullBitmapBytes, layout.NullBitmapBytes);
        Buffer.MemoryCopy(from + start, to + start, layout.StrideBytes - start, layout.StrideBytes - start);
        for (int i = firstColumn; i < layout.ColumnCount; i++)
        {
            if (layout.Types[i].Kind != PhysicalKind.Bytes || TupleLayout.IsNull(from, i)) continue;
            ByteSlice* slot = (ByteSlice*)(to + layout.Offset(i));
            *slot = arena.Copy(*slot);
        }
    }

    /// <summary>Copies the first columns into a row of a shorter layout; bytes stay where they are.</summary>
    public static void CopyPrefix(byte* from, TupleLayout layout, byte* to, TupleLayout target)
    {
        new Span<byte>(to, target.NullBitmapBytes).Clear();
        for (int i = 0; i < target.ColumnCount; i++)
        {
            if (TupleLayout.IsNull(from, i))
            {
                TupleLayout.SetNull(to, i);
                continue;
            }

            int width = target.Types[i].Kind.TupleWidthBytes();
            Buffer.MemoryCopy(from + layout.Offset(i), to + target.Offset(i), width, width);
        }
    }
}
