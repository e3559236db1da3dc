using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Takes the first rows of a result as objects and counts all of them.</summary>
/// <param name="limit">How many rows are kept.</param>
internal sealed unsafe class RowCapture(int limit) : IResultSink
{
    private readonly List<object?[]> _rows = [];

    /// <summary>Rows kept.</summary>
    public int Count => _rows.Count;

    /// <summary>All rows that came.</summary>
    public long Total { get; private set; }

    public object?[] this[int row] => _rows[row];

    public void Clear() => _rows.Clear();

    public void Describe(ResultShape shape)
    {
    }

    public bool Rows(TupleBuffer rows, int first, int count, ResultShape shape)
    {
        Total += count;
        for (int i = first; i < first + count && _rows.Count < limit; i++)
        {
            byte* row = rows.Row(i);
            var values = new object?[shape.Columns.Length];
            for (int c = 0; c < values.Length; c++)
                values[c] = TupleLayout.IsNull(row, c) ? null : BoxedValue.Load(shape.Columns[c].Type, row + shape.Layout.Offset(c));
            _rows.Add(values);
        }

        GC.KeepAlive(rows); // its rows lie in pinned memory
        return true;
    }

    public void Complete(string commandTag)
    {
    }

    public void Empty()
    {
    }

    public void CopyOutBegin(int columns, bool isBinary) => throw new SqlException(SqlState.FeatureNotSupported, "cannot COPY to/from client in PL/pgSQL");

    public bool CopyOutData(ReadOnlySpan<byte> data) => true;

    public void CopyOutEnd()
    {
    }
}
