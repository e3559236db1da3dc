using System.Globalization;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Keeps a result's rows as objects, for programs.</summary>
internal sealed unsafe class RowCollector(bool keepRows, FormatSettings? format = null) : IResultSink
{
    private List<DriftRow> _rows = [];
    private bool _isNewResult = true;

    public IReadOnlyList<DriftRow> Rows => _rows;

    /// <summary>The number in the last command tag; 0 when it has none.</summary>
    public long LastCount { get; private set; }

    public void Describe(ResultShape shape)
    {
        if (_isNewResult) _rows = [];
    }

    bool IResultSink.Rows(TupleBuffer rows, int first, int count, ResultShape shape)
    {
        if (!keepRows) return true;
        for (int i = first; i < first + count; i++)
        {
            byte* row = rows.Row(i);
            var values = new object?[shape.Columns.Length];
            for (int c = 0; c < values.Length; c++)
                values[c] = TupleLayout.IsNull(row, c) ? null : BoxedValue.Load(shape.Columns[c].Type, row + shape.Layout.Offset(c));
            _rows.Add(new DriftRow(shape.Columns, values, format));
        }

        return true;
    }

    public void Complete(string commandTag)
    {
        int blank = commandTag.LastIndexOf(' ');
        LastCount = blank > 0 && long.TryParse(commandTag.AsSpan(blank + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long count) ? count : 0;
        _isNewResult = true;
    }

    public void Empty()
    {
    }

    public void CopyOutBegin(int columns, bool isBinary) => throw new SqlException(SqlState.FeatureNotSupported, "COPY TO STDOUT needs a connection");

    public bool CopyOutData(ReadOnlySpan<byte> data) => true;

    public void CopyOutEnd()
    {
    }
}
