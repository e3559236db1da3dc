using System.Buffers.Binary;
using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Protocol;

/// <summary>Messages of a client that speaks another character set than UTF-8: the texts in them are converted, all else stays as it is.</summary>
public sealed class MessageRecoder(CharacterSet set)
{
    private readonly ByteWriter _body = new();
    private readonly ByteWriter _messages = new();

    public CharacterSet Set => set;

    /// <summary>A client's message with its names and SQL in UTF-8; valid until the next. Bind is converted by its statement's types: <see cref="Bind"/>.</summary>
    public ReadOnlySpan<byte> FromClient(byte type, ReadOnlySpan<byte> body)
    {
        int strings = type switch
        {
            FrontendMessageType.Query or FrontendMessageType.Describe or FrontendMessageType.Close or FrontendMessageType.Execute or FrontendMessageType.CopyFail => 1,
            FrontendMessageType.Parse => 2,
            _ => 0,
        };
        if (strings == 0 || System.Text.Ascii.IsValid(body)) return body;
        _body.Clear();
        var rest = body;
        if (type is FrontendMessageType.Describe or FrontendMessageType.Close && !rest.IsEmpty)
        {
            _body.Write(rest[0]);
            rest = rest[1..];
        }

        for (; strings > 0 && rest.IndexOf((byte)0) is >= 0 and var length; strings--)
        {
            set.ToUtf8(rest[..length], _body);
            _body.Write((byte)0);
            rest = rest[(length + 1)..];
        }

        _body.Write(rest);
        return _body.Written;
    }

    /// <summary>A Bind message with its names, and its values that are text, in UTF-8.</summary>
    /// <param name="body">The message's body, whose lengths have been checked.</param>
    /// <param name="typesOf">The types of a statement's parameters.</param>
    public ReadOnlySpan<byte> Bind(ReadOnlySpan<byte> body, Func<string, ImmutableArray<SqlType>> typesOf)
    {
        _body.Clear();
        var reader = new MessageReader(body);
        var portal = reader.ReadCString();
        set.ToUtf8(portal, _body);
        _body.Write((byte)0);
        int statement = _body.Length;
        set.ToUtf8(reader.ReadCString(), _body);
        var types = typesOf(System.Text.Encoding.UTF8.GetString(_body.Written[statement..]));
        _body.Write((byte)0);
        var formats = new short[reader.ReadUInt16()];
        reader.ReadInt16s(formats);
        BackendMessages.Int16(_body, formats.Length);
        foreach (short format in formats) BackendMessages.Int16(_body, format);
        int count = reader.ReadUInt16();
        BackendMessages.Int16(_body, count);
        for (int i = 0; i < count; i++)
        {
            int length = reader.ReadInt32();
            if (length < 0)
            {
                BackendMessages.Int32(_body, length);
                continue;
            }

            short format = formats.Length == 0 ? (short)0 : formats[formats.Length == 1 ? 0 : Math.Min(i, formats.Length - 1)];
            Value(reader.ReadBytes(length), format == 0 || i < types.Length && types[i].IsString, _body, set.ToUtf8);
        }

        _body.Write(reader.Rest);
        return _body.Written;
    }

    /// <summary>Converts the DataRow at the output's end. 22P05 for a character that the client's set doesn't have: then the row is gone.</summary>
    public void DataRow(ByteWriter output, int start, ReadOnlySpan<short> formats, ImmutableArray<SqlType> types)
    {
        var row = output.Written[start..];
        if (System.Text.Ascii.IsValid(row[7..])) return;
        _messages.Clear();
        _messages.Write(row[..7]);
        var reader = new MessageReader(row[7..]);
        try
        {
            for (int i = 0; !reader.Rest.IsEmpty; i++)
            {
                int length = reader.ReadInt32();
                if (length < 0) BackendMessages.Int32(_messages, length);
                else Value(reader.ReadBytes(length), formats[formats.Length == 1 ? 0 : i] == 0 || types[i].IsString, _messages, set.FromUtf8);
            }
        }
        catch (SqlException)
        {
            output.Truncate(start);
            throw;
        }

        BinaryPrimitives.WriteInt32BigEndian(_messages.WrittenSpan[1..], _messages.Length - 1);
        output.Truncate(start);
        output.Write(_messages.Written);
    }

    /// <summary>Converts what messages say in words, from <paramref name="start"/> to the output's end. Rows and the data of COPY have been converted already.</summary>
    public void Words(ByteWriter output, int start)
    {
        if (System.Text.Ascii.IsValid(output.Written[start..])) return;
        _messages.Clear();
        for (var rest = output.Written[start..]; !rest.IsEmpty;)
        {
            int length = 1 + BinaryPrimitives.ReadInt32BigEndian(rest[1..]);
            Message(rest[..length]);
            rest = rest[length..];
        }

        output.Truncate(start);
        output.Write(_messages.Written);
    }

    private void Message(ReadOnlySpan<byte> message)
    {
        char type = (char)message[0];
        // Before the texts: the number of columns, the sender's process.
        int head = type switch { 'T' => 7, 'A' => 9, 'E' or 'N' or 'S' or 'C' => 5, _ => message.Length };
        int start = _messages.Length;
        _messages.Write(message[..head]);
        var rest = message[head..];
        // Behind each text: what a RowDescription says of a column.
        int tail = type == 'T' ? 18 : 0;
        while (rest.IndexOf((byte)0) is >= 0 and var length)
        {
            // The letter of an error's field is a character of any set.
            set.FromUtf8OrMark(rest[..length], _messages);
            _messages.Write(rest[length..(length + 1 + tail)]);
            rest = rest[(length + 1 + tail)..];
        }

        _messages.Write(rest);
        BinaryPrimitives.WriteInt32BigEndian(_messages.WrittenSpan[(start + 1)..], _messages.Length - start - 1);
    }

    private static void Value(ReadOnlySpan<byte> value, bool isText, ByteWriter output, TextConversion convert)
    {
        int place = output.Length;
        BackendMessages.Int32(output, 0);
        if (isText) convert(value, output);
        else output.Write(value);
        BinaryPrimitives.WriteInt32BigEndian(output.WrittenSpan[place..], output.Length - place - 4);
    }

    private delegate void TextConversion(ReadOnlySpan<byte> text, ByteWriter output);
}
