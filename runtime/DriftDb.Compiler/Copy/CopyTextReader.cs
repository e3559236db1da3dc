using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>COPY's text format: fields parted by a delimiter, backslash escapes, <c>\.</c> for the end.</summary>
internal sealed unsafe class CopyTextReader(CopyOptions options, TableRelation table, int[] columns, CopyLoader loader, FormatSettings settings)
    : CopyReader(table, columns, loader, settings)
{
    private bool _headerPending = options.Header;
    private byte[] _scratch = new byte[256];

    public override bool IsBinary => false;

    protected override int Read(ReadOnlySpan<byte> data, bool isLast)
    {
        int start = 0;
        while (!AtEnd)
        {
            int end = FindLineEnd(data[start..]);
            if (end < 0)
            {
                if (!isLast || start == data.Length) return start;
                end = data.Length - start;
            }

            var line = data.Slice(start, end);
            start = Math.Min(data.Length, start + end + 1);
            if (line.Length > 0 && line[^1] == (byte)'\r') line = line[..^1];
            if (line.SequenceEqual("\\."u8))
            {
                AtEnd = true;
                return data.Length;
            }

            if (_headerPending) ReadHeader(line);
            else ReadLine(line);
            Line++;
        }

        return data.Length;
    }

    /// <summary>The next newline that no backslash stands before.</summary>
    private static int FindLineEnd(ReadOnlySpan<byte> data)
    {
        int from = 0;
        while (true)
        {
            int end = data[from..].IndexOf((byte)'\n');
            if (end < 0) return -1;
            end += from;
            int backslashes = 0;
            while (end - 1 - backslashes >= 0 && data[end - 1 - backslashes] == (byte)'\\') backslashes++;
            if (backslashes % 2 == 0) return end;
            from = end + 1;
        }
    }

    private void ReadHeader(ReadOnlySpan<byte> line)
    {
        _headerPending = false;
        if (!options.HeaderMustMatch) return;
        var names = new List<string?>();
        while (true)
        {
            int length = FieldLength(line, out bool hasEscapes);
            var field = line[..length];
            names.Add(field.SequenceEqual(options.Null) ? null : System.Text.Encoding.UTF8.GetString(hasEscapes ? Unescape(field) : field));
            if (length == line.Length) break;
            line = line[(length + 1)..];
        }

        CheckHeader(names);
    }

    private void ReadLine(ReadOnlySpan<byte> line)
    {
        byte* row = Append();
        int index = 0;
        if (ColumnCount == 0)
        {
            if (!line.IsEmpty) throw Bad("extra data after last expected column");
            return;
        }

        while (true)
        {
            int length = FieldLength(line, out bool hasEscapes);
            var field = line[..length];
            if (index >= ColumnCount) throw Bad("extra data after last expected column");
            if (field.SequenceEqual(options.Null)) SetNull(row, index);
            else Store(row, index, hasEscapes ? Unescape(field) : field);
            index++;
            if (length == line.Length) break;
            line = line[(length + 1)..];
        }

        if (index < ColumnCount) throw MissingColumn(index);
        EndRow(row);
    }

    private int FieldLength(ReadOnlySpan<byte> line, out bool hasEscapes)
    {
        hasEscapes = false;
        int at = 0;
        while (true)
        {
            int next = line[at..].IndexOfAny(options.Delimiter, (byte)'\\');
            if (next < 0) return line.Length;
            at += next;
            if (line[at] == options.Delimiter) return at;
            hasEscapes = true;
            at = Math.Min(line.Length, at + 2);
        }
    }

    private ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> field)
    {
        if (_scratch.Length < field.Length) _scratch = new byte[field.Length * 2];
        int length = 0;
        for (int i = 0; i < field.Length; i++)
        {
            byte c = field[i];
            if (c != (byte)'\\' || i + 1 == field.Length)
            {
                _scratch[length++] = c;
                continue;
            }

            c = field[++i];
            switch (c)
            {
                case (byte)'b': _scratch[length++] = (byte)'\b'; break;
                case (byte)'f': _scratch[length++] = (byte)'\f'; break;
                case (byte)'n': _scratch[length++] = (byte)'\n'; break;
                case (byte)'r': _scratch[length++] = (byte)'\r'; break;
                case (byte)'t': _scratch[length++] = (byte)'\t'; break;
                case (byte)'v': _scratch[length++] = (byte)'\v'; break;
                case >= (byte)'0' and <= (byte)'7':
                    int octal = c - '0';
                    for (int n = 0; n < 2 && i + 1 < field.Length && field[i + 1] is >= (byte)'0' and <= (byte)'7'; n++) octal = octal * 8 + field[++i] - '0';
                    _scratch[length++] = (byte)octal;
                    break;
                case (byte)'x' when i + 1 < field.Length && char.IsAsciiHexDigit((char)field[i + 1]):
                    int hex = 0;
                    for (int n = 0; n < 2 && i + 1 < field.Length && char.IsAsciiHexDigit((char)field[i + 1]); n++) hex = hex * 16 + Convert.ToInt32(((char)field[++i]).ToString(), 16);
                    _scratch[length++] = (byte)hex;
                    break;
                default: _scratch[length++] = c; break;
            }
        }

        return _scratch.AsSpan(0, length);
    }
}
