using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Reads a COPY's bytes, whatever their chunks, into rows.</summary>
internal abstract unsafe class CopyReader(TableRelation table, int[] columns, CopyLoader loader, FormatSettings settings) : CopyInput
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _length;

    public override int ColumnCount => columns.Length;

    /// <summary>The line (for binary: the row) being read, from 1.</summary>
    public long Line { get; protected set; } = 1;

    public bool IsFinished { get; private set; }

    /// <summary>CopyFail's message; null when the copy didn't fail.</summary>
    public string? Failure { get; private set; }

    /// <summary>True once the end marker was seen: what follows is ignored.</summary>
    protected bool AtEnd { get; set; }

    public static CopyReader For(CopyOptions options, CharacterSet? set, TableRelation table, int[] columns, CopyLoader loader, FormatSettings settings) => options.Format switch
    {
        CopyFormat.Csv => new CopyCsvReader(options, table, columns, loader, settings) { Decoder = set?.NewReader() },
        CopyFormat.Binary => new CopyBinaryReader(table, columns, loader, settings),
        _ => new CopyTextReader(options, table, columns, loader, settings) { Decoder = set?.NewReader() },
    };

    /// <summary>Reads another character set than UTF-8; null for that.</summary>
    public CharacterSetReader? Decoder { get; init; }

    public override void Write(ReadOnlySpan<byte> data)
    {
        if (AtEnd) return;
        if (Decoder is not null) data = Decoder.Read(data, isLast: false);
        if (_length == 0)
        {
            // Nothing is left over: read the data where they are.
            int taken = Read(data, isLast: false);
            Keep(data[taken..]);
            return;
        }

        Keep(data);
        int consumed = Read(_buffer.AsSpan(0, _length), isLast: false);
        _buffer.AsSpan(consumed, _length - consumed).CopyTo(_buffer);
        _length -= consumed;
    }

    public override void Finish()
    {
        if (Decoder is not null) Decoder.Read([], isLast: true);
        if (!AtEnd && _length > 0)
        {
            int consumed = Read(_buffer.AsSpan(0, _length), isLast: true);
            if (consumed < _length && !AtEnd) throw Bad("unexpected end of COPY data");
        }

        IsFinished = true;
    }

    public override void Fail(string message) => Failure = message;

    /// <summary>Reads all whole records and gives the number of bytes they took.</summary>
    protected abstract int Read(ReadOnlySpan<byte> data, bool isLast);

    protected byte* Append() => loader.Append();

    protected void EndRow(byte* row)
    {
        try
        {
            loader.Check(row);
        }
        catch (SqlException error)
        {
            throw Located(error, null, default);
        }
    }

    protected void SetNull(byte* row, int index) => loader.SetNullAt(row, index);

    /// <summary>HEADER MATCH: the header's names are the columns', in their order.</summary>
    protected void CheckHeader(List<string?> names)
    {
        if (names.Count > ColumnCount) throw Bad($"wrong number of fields in header line: got {names.Count}, expected {ColumnCount}");
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] is null) throw Bad($"column name mismatch in header line field {i + 1}: got null value (\"\"), expected \"{ColumnName(i)}\"");
            if (names[i] != ColumnName(i)) throw Bad($"column name mismatch in header line field {i + 1}: got \"{names[i]}\", expected \"{ColumnName(i)}\"");
        }

        if (names.Count < ColumnCount) throw Bad($"wrong number of fields in header line: got {names.Count}, expected {ColumnCount}");
    }

    protected string ColumnName(int index) => table.Columns[columns[index]].Name;

    protected void Store(byte* row, int index, ReadOnlySpan<byte> value, bool isBinary = false)
    {
        if (index >= columns.Length) throw Bad("extra data after last expected column");
        var type = table.Columns[columns[index]].Type;
        try
        {
            if (isBinary) ValueReader.ReadBinary(value, type, loader.Slot(row, index), loader.Arena, settings);
            else ValueReader.ParseText(value, type, loader.Slot(row, index), loader.Arena, settings);
        }
        catch (SqlException error)
        {
            throw Located(error, ColumnName(index), value);
        }
    }

    public override string Where => $"COPY {table.Name}, line {Line}";

    protected SqlException Bad(string message) => new(SqlState.BadCopyFileFormat, message) { Where = $"COPY {table.Name}, line {Line}" };

    protected SqlException MissingColumn(int index) => Bad($"missing data for column \"{ColumnName(index)}\"");

    private SqlException Located(SqlException error, string? column, ReadOnlySpan<byte> value)
    {
        string where = $"COPY {table.Name}, line {Line}";
        if (column is not null) where += $", column {column}: \"{System.Text.Encoding.UTF8.GetString(value.Length > 100 ? value[..100] : value)}\"";
        return new SqlException(error.SqlState, error.Message, error.Span, error.Detail, error.Hint, error)
        {
            Where = where, SchemaName = error.SchemaName, TableName = error.TableName, ColumnName = error.ColumnName, ConstraintName = error.ConstraintName,
        };
    }

    private void Keep(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) return;
        if (_length + (long)data.Length > Limits.ValueBytes) throw new SqlException(SqlState.ProgramLimitExceeded, "a line of COPY data is too long");
        if (_length + data.Length > _buffer.Length) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + data.Length));
        data.CopyTo(_buffer.AsSpan(_length));
        _length += data.Length;
    }
}
