using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Where a table function puts its rows: begin a row, set its columns (those not set are NULL).</summary>
public sealed unsafe class RowWriter(TupleBuffer rows)
{
    private byte* _row;

    public TupleBuffer Rows => rows;

    public TupleLayout Layout => rows.Layout;

    public Arena Arena => rows.Arena;

    public void BeginRow()
    {
        _row = rows.Append();
        new Span<byte>(_row, rows.Layout.NullBitmapBytes).Fill(0xFF);
    }

    public void Set<T>(int column, T value) where T : unmanaged
    {
        _row[column >> 3] &= (byte)~(1 << (column & 7));
        Unsafe.WriteUnaligned(_row + rows.Layout.Offset(column), value);
    }

    /// <summary>Sets a column of bytes to a copy.</summary>
    public void SetBytes(int column, ReadOnlySpan<byte> value) => Set(column, rows.Arena.Copy(value));

    public void Set(int column, Datum value)
    {
        if (value.IsNull) return;
        if (value.Type!.Kind == PhysicalKind.Bytes) SetBytes(column, value.Bytes.Span);
        else
        {
            _row[column >> 3] &= (byte)~(1 << (column & 7));
            value.WriteTo(_row + rows.Layout.Offset(column));
        }
    }
}
