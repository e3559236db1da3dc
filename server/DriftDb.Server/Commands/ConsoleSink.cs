using DriftDb.Compiler;
using DriftDb.Types;
using Spectre.Console;

namespace DriftDb.Server.Commands;

/// <summary>Results as tables on the terminal. A table is printed when its statement is complete, for its widths depend on all rows.</summary>
internal sealed class ConsoleSink(Session session) : IResultSink
{
    private readonly ByteWriter _text = new();
    private Table? _table;
    private Stream? _copy;

    public void Describe(ResultShape shape)
    {
        _table = new Table().Border(TableBorder.Rounded);
        foreach (var column in shape.Columns)
        {
            var header = new TableColumn(Markup.Escape(column.Name));
            _table.AddColumn(column.Type.IsNumber ? header.RightAligned() : header);
        }
    }

    public unsafe bool Rows(TupleBuffer rows, int first, int count, ResultShape shape)
    {
        if (_table is null) Describe(shape);
        var settings = session.Format;
        for (int i = first; i < first + count; i++)
        {
            byte* tuple = rows.Row(i);
            var cells = new string[shape.Columns.Length];
            for (int column = 0; column < cells.Length; column++)
            {
                if (TupleLayout.IsNull(tuple, column))
                {
                    cells[column] = "[grey]NULL[/]";
                    continue;
                }

                _text.Clear();
                ValueWriter.WriteText(_text, shape.Columns[column].Type, tuple + shape.Layout.Offset(column), settings);
                cells[column] = Markup.Escape(_text.ToString());
            }

            _table!.AddRow(cells);
        }

        return true;
    }

    public void Complete(string commandTag)
    {
        PrintNotices();
        if (_table is not null) AnsiConsole.Write(_table);
        _table = null;
        Console.WriteLine(commandTag);
    }

    public void Empty() => PrintNotices();

    public void CopyOutBegin(int columns, bool isBinary) => _copy = Console.OpenStandardOutput();

    public bool CopyOutData(ReadOnlySpan<byte> data)
    {
        _copy!.Write(data);
        return true;
    }

    public void CopyOutEnd()
    {
        _copy?.Flush();
        _copy = null;
    }

    public void PrintNotices()
    {
        while (session.TryTakeNotice(out var notice)) Console.Error.WriteLine($"{notice.Severity}:  {notice.Message}");
    }
}
