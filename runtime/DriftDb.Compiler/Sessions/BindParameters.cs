using System.Buffers.Binary;
using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Parameter values as a Bind message has them.</summary>
public readonly ref struct BindParameters
{
    public int Count { get; init; }

    /// <summary>None, one for all, or one for each: 0 text, 1 binary.</summary>
    public ReadOnlySpan<short> Formats { get; init; }

    /// <summary>For each value its length (Int32, big-endian; -1 for NULL) and its bytes.</summary>
    public ReadOnlySpan<byte> Values { get; init; }
}

/// <summary>The parameters' values as a row that stays in its place while a query runs.</summary>
internal sealed unsafe class ParameterRow
{
    private readonly TupleBuffer _buffer;

    public ParameterRow(TupleLayout layout)
    {
        _buffer = new TupleBuffer(layout);
        Address = _buffer.Append();
    }

    public byte* Address { get; private set; }

    /// <summary>True while a portal uses the row.</summary>
    public bool IsInUse
    {
        get;
        set
        {
            field = value;
            if (!value) Pool?.Return(this);
        }
    }

    /// <summary>Where the row goes after its use; null for one of a prepared statement.</summary>
    public ParameterRowPool? Pool { get; init; }

    public TupleLayout Layout => _buffer.Layout;

    /// <summary>Decodes a Bind message's values into this row, whose last use is over.</summary>
    public void Decode(in BindParameters parameters, FormatSettings settings)
    {
        var types = Layout.Types;
        Clear();
        if (parameters.Formats.Length > 1 && parameters.Formats.Length != parameters.Count)
            throw new SqlException(SqlState.ProtocolViolation, $"bind message has {parameters.Formats.Length} parameter formats but {parameters.Count} parameters");
        var rest = parameters.Values;
        for (int i = 0; i < types.Length; i++)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(rest);
            rest = rest[4..];
            if (length < 0)
            {
                SetNull(i);
                continue;
            }

            var bytes = rest[..length];
            rest = rest[length..];
            short format = parameters.Formats.Length switch { 0 => 0, 1 => parameters.Formats[0], _ => parameters.Formats[i] };
            byte* slot = Address + Layout.Offset(i);
            try
            {
                if (format == 0) ValueReader.ParseText(bytes, types[i], slot, _buffer.Arena, settings);
                else if (format == 1 && types[i].Kind != PhysicalKind.Bytes && !types[i].IsFixedNumeric && length < types[i].Kind.TupleWidthBytes())
                    throw new SqlException(SqlState.ProtocolViolation, "insufficient data left in message") { Where = $"unnamed portal parameter ${i + 1}" };
                else if (format == 1) ValueReader.ReadBinary(bytes, types[i], slot, _buffer.Arena, settings);
                else throw new SqlException(SqlState.ProtocolViolation, $"unsupported format code: {format}");
            }
            catch (SqlException error) when (error.Where is null && format == 0)
            {
                throw new SqlException(error.SqlState, error.Message, error.Span, error.Detail, error.Hint, error) { Where = $"unnamed portal parameter ${i + 1} = '...'" };
            }
        }
    }

    /// <summary>Forgets the values of an earlier use.</summary>
    public void Clear()
    {
        _buffer.Clear();
        Address = _buffer.Append();
    }

    /// <summary>Sets one value from its text.</summary>
    public void Parse(int column, ReadOnlySpan<byte> text, FormatSettings settings) =>
        ValueReader.ParseText(text, Layout.Types[column], Address + Layout.Offset(column), _buffer.Arena, settings);

    /// <summary>Values boxed as constants are.</summary>
    public static ParameterRow Of(IReadOnlyList<object?> values, ImmutableArray<SqlType> types)
    {
        var row = new ParameterRow(new TupleLayout(types));
        row.Store(values);
        return row;
    }

    /// <summary>Sets all values of a row that has none yet.</summary>
    public void Store(IReadOnlyList<object?> values)
    {
        for (int i = 0; i < Layout.ColumnCount; i++)
        {
            if (values[i] is { } value) BoxedValue.Store(value, Layout.Types[i], Address + Layout.Offset(i), _buffer.Arena);
            else SetNull(i);
        }
    }

    /// <summary>The values as boxed constants, for planning with them.</summary>
    public IReadOnlyList<object?> Boxed() =>
        [.. Layout.Types.Select((type, i) => TupleLayout.IsNull(Address, i) ? null : BoxedValue.Load(type, Address + Layout.Offset(i)))];

    private void SetNull(int column)
    {
        TupleLayout.SetNull(Address, column);
        new Span<byte>(Address + Layout.Offset(column), Layout.Types[column].Kind.TupleWidthBytes()).Clear();
    }
}

/// <summary>Hands out parameter rows for one prepared statement: one is enough unless several portals of it are open.</summary>
internal sealed class ParameterRows(ImmutableArray<SqlType> types)
{
    private readonly TupleLayout _layout = new(types);
    private ParameterRow? _kept;

    public ParameterRow Decode(in BindParameters parameters, FormatSettings settings)
    {
        var row = _kept is { IsInUse: false } ? _kept : new ParameterRow(_layout);
        _kept ??= row;
        row.Decode(parameters, settings);
        row.IsInUse = true;
        return row;
    }
}

/// <summary>Parameter rows that several sessions share one after another.</summary>
internal sealed class ParameterRowPool(ImmutableArray<SqlType> types)
{
    private readonly TupleLayout _layout = new(types);
    private readonly System.Collections.Concurrent.ConcurrentStack<ParameterRow> _free = new();

    public ParameterRow Rent()
    {
        if (!_free.TryPop(out var row)) row = new ParameterRow(_layout) { Pool = this };
        row.IsInUse = true;
        return row;
    }

    public void Return(ParameterRow row) => _free.Push(row);
}
