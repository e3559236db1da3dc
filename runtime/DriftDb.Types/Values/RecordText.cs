using System.Text;

namespace DriftDb.Types;

/// <summary>Records' text form: <c>(1,"a b",)</c> (PostgreSQL's record_out and record_in).</summary>
internal static unsafe class RecordText
{
    public static void Write(ByteWriter writer, SqlType type, ReadOnlySpan<byte> value, FormatSettings settings)
    {
        var record = new RecordReader(value, type.Row);
        var scratch = new ByteWriter();
        writer.Write((byte)'(');
        bool first = true;
        while (record.MoveNext())
        {
            if (!first) writer.Write((byte)',');
            first = false;
            if (record.IsNull) continue;
            scratch.Clear();
            ValueWriter.WriteBytesForm(scratch, record.Type, record.Current, settings);
            ReadOnlySpan<byte> text = scratch.Written;
            if (!text.IsEmpty && text.IndexOfAny("(),\"\\ \t\n\r\v\f"u8) < 0)
            {
                writer.Write(text);
                continue;
            }

            writer.Write((byte)'"');
            foreach (byte c in text)
            {
                if (c is (byte)'"' or (byte)'\\') writer.Write(c);
                writer.Write(c);
            }

            writer.Write((byte)'"');
        }

        writer.Write((byte)')');
    }

    /// <summary>Reads a record of a named type: 22P02 for what isn't one.</summary>
    public static ByteSlice Parse(ReadOnlySpan<byte> text, SqlType type, Arena arena, FormatSettings settings)
    {
        if (type.Row is not { IsNamed: true } row) throw NoInput();
        ReadOnlySpan<byte> rest = text.TrimStart(" \t\n\r\v\f"u8);
        if (rest.IsEmpty || rest[0] != '(') throw Malformed(text, "Missing left parenthesis.");
        rest = rest[1..];
        var builder = new RecordBuilder();
        builder.Begin(row.Fields.Length);
        var field = new ByteWriter();
        byte* slot = stackalloc byte[16];
        for (int i = 0; i < row.Fields.Length; i++)
        {
            if (i > 0)
            {
                if (rest.IsEmpty || rest[0] != ',') throw Malformed(text, "Too few columns.");
                rest = rest[1..];
            }

            SqlType fieldType = row.Fields[i].Type;
            if (!rest.IsEmpty && rest[0] is (byte)',' or (byte)')')
            {
                builder.AddNull(fieldType);
                continue;
            }

            rest = ReadField(text, rest, field);
            ValueReader.ParseText(field.Written, fieldType, slot, arena, settings);
            builder.AddSlot(fieldType, slot);
        }

        if (rest.IsEmpty) throw Malformed(text, "Unexpected end of input.");
        if (rest[0] != ')') throw Malformed(text, "Too many columns.");
        if (!rest[1..].TrimStart(" \t\n\r\v\f"u8).IsEmpty) throw Malformed(text, "Junk after right parenthesis.");
        return arena.Copy(builder.Finish());
    }

    /// <summary>Reads one field up to its comma or parenthesis, without its quotes and escapes.</summary>
    private static ReadOnlySpan<byte> ReadField(ReadOnlySpan<byte> text, ReadOnlySpan<byte> rest, ByteWriter field)
    {
        field.Clear();
        bool quoted = false;
        int i = 0;
        for (; quoted || i >= rest.Length || rest[i] is not ((byte)',' or (byte)')'); i++)
        {
            if (i >= rest.Length) throw Malformed(text, "Unexpected end of input.");
            byte c = rest[i];
            if (c == '\\')
            {
                if (++i >= rest.Length) throw Malformed(text, "Unexpected end of input.");
                field.Write(rest[i]);
            }
            else if (c != '"') field.Write(c);
            else if (!quoted) quoted = true;
            else if (i + 1 < rest.Length && rest[i + 1] == '"') field.Write(rest[++i]);
            else quoted = false;
        }

        return rest[i..];
    }

    private static SqlException Malformed(ReadOnlySpan<byte> text, string detail) =>
        new(SqlState.InvalidTextRepresentation, $"malformed record literal: \"{Encoding.UTF8.GetString(text)}\"", detail: detail);

    public static SqlException NoInput() => new(SqlState.FeatureNotSupported, "input of anonymous composite types is not implemented");
}
