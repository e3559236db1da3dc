using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>One row of a result, its values typed.</summary>
public sealed class DriftRow
{
    private static readonly DateTime Epoch = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly object?[] _values;
    private readonly FormatSettings? _format;

    internal DriftRow(ImmutableArray<OutputColumn> columns, object?[] values, FormatSettings? format)
    {
        Columns = columns;
        _format = format;
        _values = values;
    }

    public ImmutableArray<OutputColumn> Columns { get; }

    public int Count => _values.Length;

    public bool IsNull(int column) => _values[column] is null;

    public bool GetBoolean(int column) => (bool)Required(column);

    public int GetInt32(int column) => Required(column) switch { short v => v, int v => v, var v => Convert.ToInt32(v, CultureInfo.InvariantCulture) };

    public long GetInt64(int column) => Required(column) switch { short v => v, int v => v, long v when !Columns[column].Type.IsFixedNumeric => v, _ => long.Parse(GetString(column), CultureInfo.InvariantCulture) };

    public double GetDouble(int column) => Required(column) switch { double v => v, float v => v, _ => double.Parse(GetString(column), CultureInfo.InvariantCulture) };

    /// <summary>A numeric that fits System.Decimal; larger ones are OverflowExceptions: read their text.</summary>
    public decimal GetDecimal(int column) => decimal.Parse(GetString(column), NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>A date or timestamp, in UTC for timestamptz.</summary>
    public DateTime GetDateTime(int column) => Required(column) switch
    {
        int days => Epoch.AddDays(days),
        long micros => new DateTime(Epoch.Ticks + micros * TimeSpan.TicksPerMicrosecond, Columns[column].Type.Id == TypeId.TimestampTz ? DateTimeKind.Utc : DateTimeKind.Unspecified),
        var other => throw new InvalidCastException($"column {column} is {other.GetType().Name}, not a time"),
    };

    public Guid GetGuid(int column) => ((Uuid)Required(column)).ToGuid();

    public byte[] GetBytes(int column) => (byte[])Required(column);

    /// <summary>The value as PostgreSQL's text form has it; of any type.</summary>
    public string GetString(int column) => Columns[column].Type.IsString ? Encoding.UTF8.GetString((byte[])Required(column)) : ValueText.Format(Columns[column].Type, Required(column), _format);

    /// <summary>The text form, null for NULL.</summary>
    public string? this[int column] => _values[column] is null ? null : GetString(column);

    /// <summary>By name; the first column of that name.</summary>
    public string? this[string name] => this[Columns.Select((column, i) => (column, i)).First(pair => pair.column.Name == name).i];

    public override string ToString() => string.Join("|", Enumerable.Range(0, Count).Select(i => this[i] ?? "NULL"));

    private object Required(int column) => _values[column] ?? throw new InvalidCastException($"column {column} ({Columns[column].Name}) is NULL");
}
