using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// A cursor that keeps the rows it has shown, so that it can go back to them (SCROLL), or all of its rows, so that it outlives its transaction (WITH HOLD).
/// Positions count from 1; 0 is before the first row, one more than the last is behind it.
/// </summary>
internal sealed unsafe class Cursor(ResultShape shape)
{
    private readonly TupleBuffer _rows = new(shape.Layout);

    /// <summary>Where the cursor stands.</summary>
    public long Position { get; set; }

    /// <summary>Rows kept so far.</summary>
    public long Count => _rows.Count;

    /// <summary>Whether the query has given all of its rows.</summary>
    public bool IsComplete { get; set; }

    /// <summary>Takes rows of the query.</summary>
    public void Keep(TupleBuffer rows, int first, int count)
    {
        var layout = shape.Layout;
        for (int i = first; i < first + count; i++)
        {
            byte* from = rows.Row(i), to = _rows.Append();
            Buffer.MemoryCopy(from, to, layout.StrideBytes, layout.StrideBytes);
            for (int column = 0; column < layout.ColumnCount; column++)
            {
                if (layout.Types[column].Kind != PhysicalKind.Bytes || TupleLayout.IsNull(from, column)) continue;
                var slot = (ByteSlice*)(to + layout.Offset(column));
                *slot = _rows.Arena.Copy(slot->Span);
            }
        }
    }

    /// <summary>The last column of the row that the cursor stands on, a text; null when it stands on none.</summary>
    public string? LastColumnText() => Position >= 1 && Position <= Count ? LastText(_rows, (int)Position - 1, shape.Layout) : null;

    public static string? LastText(TupleBuffer rows, int row, TupleLayout layout)
    {
        byte* tuple = rows.Row(row);
        int column = layout.ColumnCount - 1;
        return TupleLayout.IsNull(tuple, column) ? null : System.Text.Encoding.UTF8.GetString(((ByteSlice*)(tuple + layout.Offset(column)))->Span);
    }

    /// <summary>Hands kept rows on, in either direction.</summary>
    public void Send(IResultSink sink, long from, long to)
    {
        if (from <= to)
        {
            sink.Rows(_rows, (int)from - 1, (int)(to - from) + 1, shape);
            return;
        }

        for (long row = from; row >= to; row--) sink.Rows(_rows, (int)row - 1, 1, shape);
    }
}
