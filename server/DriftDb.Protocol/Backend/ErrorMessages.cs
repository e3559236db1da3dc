using System.Globalization;
using DriftDb.Types;

namespace DriftDb.Protocol;

/// <summary>ErrorResponse and NoticeResponse (documentation, 55.8: the fields).</summary>
public static class ErrorMessages
{
    /// <summary>An error as a client gets it.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="error">What went wrong.</param>
    /// <param name="statementText">The text that the error's span counts in; null where it is known to have no characters outside the BMP.</param>
    public static void ErrorResponse(ByteWriter output, SqlException error, string? statementText = null)
    {
        int start = BackendMessages.Begin(output, (byte)'E');
        string severity = error.IsFatal ? "FATAL" : "ERROR";
        Field(output, 'S', severity);
        Field(output, 'V', severity);
        Field(output, 'C', error.SqlState);
        Field(output, 'M', error.Message);
        Field(output, 'D', error.Detail);
        Field(output, 'H', error.Hint);
        if (!error.Span.IsNone) Field(output, 'P', CharacterPosition(error.Span.Start, statementText).ToString(CultureInfo.InvariantCulture));
        Field(output, 'W', error.Where);
        Field(output, 's', error.SchemaName);
        Field(output, 't', error.TableName);
        Field(output, 'c', error.ColumnName);
        Field(output, 'd', error.DataTypeName);
        Field(output, 'n', error.ConstraintName);
        Field(output, 'R', error.Routine);
        output.Write((byte)0);
        BackendMessages.End(output, start);
    }

    /// <param name="output">Where to.</param>
    /// <param name="severity">WARNING, NOTICE, INFO, …</param>
    /// <param name="sqlState">00000 for a mere notice, 01000 and others for warnings.</param>
    /// <param name="message">The text.</param>
    /// <param name="detail">More of it, or null.</param>
    /// <param name="hint">What to do about it, or null.</param>
    public static void NoticeResponse(ByteWriter output, string severity, string sqlState, string message, string? detail = null, string? hint = null)
    {
        int start = BackendMessages.Begin(output, (byte)'N');
        Field(output, 'S', severity);
        Field(output, 'V', severity);
        Field(output, 'C', sqlState);
        Field(output, 'M', message);
        Field(output, 'D', detail);
        Field(output, 'H', hint);
        output.Write((byte)0);
        BackendMessages.End(output, start);
    }

    /// <summary>Position as the wire counts: characters (code points) from 1, where spans count UTF-16 units from 0.</summary>
    public static int CharacterPosition(int utf16Offset, string? text)
    {
        if (text is null) return utf16Offset + 1;
        int position = 1;
        for (int i = 0; i < utf16Offset && i < text.Length; i++)
            if (!char.IsLowSurrogate(text[i])) position++;
        return position;
    }

    private static void Field(ByteWriter output, char code, string? value)
    {
        if (value is null) return;
        output.Write((byte)code);
        BackendMessages.CString(output, value);
    }
}
