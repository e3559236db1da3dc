using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>COPY's CSV format: quoted fields may hold delimiters and newlines; an unquoted empty field is NULL by default.</summary>
internal sealed unsafe class CopyCsvReader : CopyReader
{
    private readonly CopyOptions _options;
    private readonly bool[] _forceNotNull, _forceNull;
    private bool _headerPending;
    private byte[] _scratch = new byte[256];

    public CopyCsvReader(CopyOptions options, TableRelation table, int[] columns, CopyLoader loader, FormatSettings settings) : base(table, columns, loader, settings)
    {
        _options = options;
        _headerPending = options.Header;
        _forceNotNull = [.. columns.Select((_, i) => options.ForceNotNull.Contains(ColumnName(i)))];
        _forceNull = [.. columns.Select((_, i) => options.ForceNull.Contains(ColumnName(i)))];
    }

    public override bool IsBinary => false;

    protected override int Read(ReadOnlySpan<byte> data, bool isLast)
    {
        int start = 0;
        while (!AtEnd && start < data.Length)
        {
            int end = FindRecordEnd(data[start..], isLast, out int newlines);
            if (end < 0) return start;
            var record = data.Slice(start, end);
            start = Math.Min(data.Length, start + end + 1);
            if (record.Length > 0 && record[^1] == (byte)'\r') record = record[..^1];
            if (record.SequenceEqual("\\."u8))
            {
                AtEnd = true;
                return data.Length;
            }

            if (_headerPending) ReadHeader(record);
            else ReadRecord(record);
            Line += 1 + newlines;
        }

        return Math.Min(start, data.Length);
    }

    /// <summary>The newline that ends the record: one outside of quotes.</summary>
    private int FindRecordEnd(ReadOnlySpan<byte> data, bool isLast, out int newlines)
    {
        newlines = 0;
        bool quoted = false;
        int at = 0;
        while (true)
        {
            int next = quoted ? data[at..].IndexOfAny(_options.Quote, _options.Escape, (byte)'\n') : data[at..].IndexOfAny(_options.Quote, (byte)'\n');
            if (next < 0)
            {
                if (!isLast) return -1;
                if (quoted) throw Bad("unterminated CSV quoted field");
                return data.Length;
            }

            at += next;
            byte c = data[at];
            if (c == (byte)'\n' && !quoted) return at;
            if (c == (byte)'\n') newlines++;
            else if (quoted && c == _options.Escape && _options.Escape != _options.Quote) at++;
            else quoted = !quoted; // a doubled quote toggles twice
            at++;
            if (at > data.Length) return -1;
        }
    }

    private void ReadHeader(ReadOnlySpan<byte> record)
    {
        _headerPending = false;
        if (!_options.HeaderMustMatch) return;
        var names = new List<string?>();
        while (true)
        {
            var field = NextField(record, out int taken, out bool quoted);
            names.Add(!quoted && field.SequenceEqual(_options.Null) ? null : System.Text.Encoding.UTF8.GetString(field));
            if (taken == record.Length) break;
            record = record[(taken + 1)..];
        }

        CheckHeader(names);
    }

    private void ReadRecord(ReadOnlySpan<byte> record)
    {
        byte* row = Append();
        int index = 0;
        while (true)
        {
            if (index >= ColumnCount) throw Bad("extra data after last expected column");
            var field = NextField(record, out int taken, out bool quoted);
            bool isNull = (!quoted || _forceNull[index]) && !_forceNotNull[index] && field.SequenceEqual(_options.Null);
            if (isNull) SetNull(row, index);
            else Store(row, index, field);
            index++;
            if (taken == record.Length) break;
            record = record[(taken + 1)..];
        }

        if (index < ColumnCount) throw MissingColumn(index);
        EndRow(row);
    }

    /// <summary>The field's value; <paramref name="taken"/> bytes of the record, the delimiter behind not counted.</summary>
    private ReadOnlySpan<byte> NextField(ReadOnlySpan<byte> record, out int taken, out bool quoted)
    {
        quoted = false;
        int plain = record.IndexOfAny(_options.Delimiter, _options.Quote);
        if (plain < 0)
        {
            taken = record.Length;
            return record;
        }

        if (record[plain] == _options.Delimiter)
        {
            taken = plain;
            return record[..plain];
        }

        // A quoted field without escapes inside, which is nearly every one, is a slice.
        if (plain == 0)
        {
            int close = record[1..].IndexOfAny(_options.Quote, _options.Escape) + 1;
            if (close > 0 && record[close] == _options.Quote && (close + 1 == record.Length || record[close + 1] == _options.Delimiter))
            {
                quoted = true;
                taken = close + 1;
                return record[1..close];
            }
        }

        return Unquote(record, out taken, out quoted);
    }

    private ReadOnlySpan<byte> Unquote(ReadOnlySpan<byte> record, out int taken, out bool quoted)
    {
        if (_scratch.Length < record.Length) _scratch = new byte[record.Length * 2];
        int length = 0, at = 0;
        bool inside = false;
        quoted = false;
        while (at < record.Length)
        {
            byte c = record[at];
            if (!inside)
            {
                if (c == _options.Delimiter) break;
                if (c == _options.Quote) inside = quoted = true;
                else _scratch[length++] = c;
            }
            else if (c == _options.Escape && at + 1 < record.Length && (record[at + 1] == _options.Quote || record[at + 1] == _options.Escape))
            {
                _scratch[length++] = record[++at];
            }
            else if (c == _options.Quote)
            {
                inside = false;
            }
            else
            {
                _scratch[length++] = c;
            }

            at++;
        }

        if (inside) throw Bad("unterminated CSV quoted field");
        taken = at;
        return _scratch.AsSpan(0, length);
    }
}
