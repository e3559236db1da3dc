using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Keeps the text of the first row that an internal query finds, for a message.</summary>
internal sealed unsafe class FirstRow(FormatSettings format) : InternalSql.CountingSink
{
    /// <summary>The values, parted by commas; null when no row was found.</summary>
    public string? Values { get; private set; }

    public bool HasNull { get; private set; }

    public override bool Rows(TupleBuffer rows, int first, int count, ResultShape shape)
    {
        if (count > 0 && Values is null) Values = Read(rows.Row(first), shape);
        return base.Rows(rows, first, count, shape);
    }

    private string Read(byte* row, ResultShape shape)
    {
        var texts = new List<string>();
        for (int i = 0; i < shape.Columns.Length; i++)
        {
            bool isNull = TupleLayout.IsNull(row, i);
            HasNull |= isNull;
            texts.Add(isNull ? "null" : ValueText.Format(shape.Columns[i].Type, row + shape.Layout.Offset(i), format));
        }

        return string.Join(", ", texts);
    }
}
