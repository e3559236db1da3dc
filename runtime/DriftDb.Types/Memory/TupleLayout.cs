using System.Collections.Immutable;

namespace DriftDb.Types;

/// <summary>
/// How a row lies in memory wherever rows are materialised: results, hash tables, sort runs, write sets. A bitmap of NULLs comes first (bit i
/// of the bytes set = column i is NULL), then the slots in the columns' order, each aligned to its width (at most 8); the stride is a multiple of 8.
/// A column of <see cref="PhysicalKind.Bytes"/> is a <see cref="ByteSlice"/> whose bytes lie elsewhere, usually in the buffer's arena.
/// </summary>
public sealed class TupleLayout
{
    private readonly int[] _offsets;

    public TupleLayout(ImmutableArray<SqlType> types)
    {
        Types = types;
        _offsets = new int[types.Length];
        int offset = (types.Length + 7) / 8;
        for (int i = 0; i < types.Length; i++)
        {
            int width = types[i].Kind.TupleWidthBytes();
            int alignment = Math.Min(width, 8);
            offset = (offset + alignment - 1) / alignment * alignment;
            _offsets[i] = offset;
            offset += width;
        }

        StrideBytes = Math.Max(8, (offset + 7) / 8 * 8);
    }

    public ImmutableArray<SqlType> Types { get; }

    public int ColumnCount => Types.Length;

    /// <summary>Bytes from one row to the next.</summary>
    public int StrideBytes { get; }

    /// <summary>Bytes of the NULL bitmap at a row's start.</summary>
    public int NullBitmapBytes => (Types.Length + 7) / 8;

    /// <summary>Where the column's slot begins, in bytes from the row's start.</summary>
    public int Offset(int column) => _offsets[column];

    public static unsafe bool IsNull(byte* tuple, int column) => (tuple[column >> 3] & (1 << (column & 7))) != 0;

    public static unsafe void SetNull(byte* tuple, int column) => tuple[column >> 3] |= (byte)(1 << (column & 7));
}
