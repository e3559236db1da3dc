using System.Text;

namespace DriftDb.Types;

/// <summary>The errors of values' text forms, in PostgreSQL's words, and the white space that its input functions skip.</summary>
public static class TextErrors
{
    public static SqlException InvalidSyntax(string typeName, ReadOnlySpan<byte> text) =>
        new(SqlState.InvalidTextRepresentation, $"invalid input syntax for type {typeName}: \"{Encoding.UTF8.GetString(text)}\"");

    public static SqlException OutOfRange(string typeName, ReadOnlySpan<byte> text) =>
        new(SqlState.NumericValueOutOfRange, $"value \"{Encoding.UTF8.GetString(text)}\" is out of range for type {typeName}");

    public static SqlException InvalidDatetime(string typeName, ReadOnlySpan<byte> text) =>
        new(SqlState.InvalidDatetimeFormat, $"invalid input syntax for type {typeName}: \"{Encoding.UTF8.GetString(text)}\"");

    public static SqlException DatetimeOverflow(ReadOnlySpan<byte> text, bool hint = false) =>
        new(SqlState.DatetimeFieldOverflow, $"date/time field value out of range: \"{Encoding.UTF8.GetString(text)}\"", hint: hint ? "Perhaps you need a different \"datestyle\" setting." : null);

    public static SqlException MalformedArray(ReadOnlySpan<byte> text, string? detail) =>
        new(SqlState.InvalidTextRepresentation, $"malformed array literal: \"{Encoding.UTF8.GetString(text)}\"", detail: detail);

    public static SqlException BinaryFormat(string typeName) =>
        new(SqlState.InvalidBinaryRepresentation, $"incorrect binary data format for type {typeName}");

    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text)
    {
        int start = 0, end = text.Length;
        while (start < end && IsSpace(text[start])) start++;
        while (end > start && IsSpace(text[end - 1])) end--;
        return text[start..end];
    }

    public static bool IsSpace(byte c) => c is (byte)' ' or (>= 9 and <= 13);
}
