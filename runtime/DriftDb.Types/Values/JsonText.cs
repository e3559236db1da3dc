using System.Text;

namespace DriftDb.Types;

/// <summary>
/// Reads JSON text: checks it (json keeps its text as it is) or writes jsonb's canonical form: keys by length, then bytes, the last of equal keys,
/// <c>": "</c> and <c>", "</c> between, numbers as numeric shows them, strings with the escapes that must be.
/// jsonb values are kept as canonical text, so that they go to a client without work.
/// </summary>
public ref struct JsonParser
{
    private const int MaxDepth = Limits.NestingDepth;

    private readonly ReadOnlySpan<byte> _text;
    private int _at, _depth;

    private JsonParser(ReadOnlySpan<byte> text) => _text = text;

    /// <summary>22P02 unless the text is one JSON value.</summary>
    public static void Validate(ReadOnlySpan<byte> text)
    {
        var parser = new JsonParser(text);
        parser.Value(null);
        parser.End();
    }

    /// <summary>Writes the canonical form.</summary>
    public static void Canonicalize(ReadOnlySpan<byte> text, ByteWriter output)
    {
        var parser = new JsonParser(text);
        parser.Value(output);
        parser.End();
    }

    private void End()
    {
        SkipSpace();
        if (_at < _text.Length) throw Invalid($"Expected end of input, but found \"{Token()}\".");
    }

    private void Value(ByteWriter? output)
    {
        SkipSpace();
        if (_at >= _text.Length) throw Invalid("The input string ended unexpectedly.");
        switch (_text[_at])
        {
            case (byte)'{': Object(output); break;
            case (byte)'[': Array(output); break;
            case (byte)'"': String(output); break;
            case (byte)'t': Word("true"u8, output); break;
            case (byte)'f': Word("false"u8, output); break;
            case (byte)'n': Word("null"u8, output); break;
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'): Number(output); break;
            default: throw Invalid(_text[_at] is (byte)'}' or (byte)']' or (byte)',' or (byte)':' ? $"Expected JSON value, but found \"{Token()}\"." : $"Token \"{Token()}\" is invalid.");
        }
    }

    private void Object(ByteWriter? output)
    {
        Enter();
        _at++;
        List<(byte[] Key, byte[] Value, int Order)>? members = output is null ? null : [];
        ByteWriter? scratch = output is null ? null : new ByteWriter();
        SkipSpace();
        if (_at < _text.Length && _text[_at] == '}')
        {
            _at++;
            output?.Write("{}"u8);
            _depth--;
            return;
        }

        while (true)
        {
            SkipSpace();
            if (_at >= _text.Length) throw Invalid("The input string ended unexpectedly.");
            if (_text[_at] != '"') throw Invalid(members is { Count: 0 } ? $"Expected string or \"}}\", but found \"{Token()}\"." : $"Expected string, but found \"{Token()}\".");
            scratch?.Clear();
            String(scratch);
            byte[]? key = scratch?.ToArray();
            SkipSpace();
            if (_at >= _text.Length) throw Invalid("The input string ended unexpectedly.");
            if (_text[_at] != ':') throw Invalid($"Expected \":\", but found \"{Token()}\".");
            _at++;
            scratch?.Clear();
            Value(scratch);
            members?.Add((key!, scratch!.ToArray(), members.Count));
            SkipSpace();
            if (_at >= _text.Length) throw Invalid("The input string ended unexpectedly.");
            byte c = _text[_at];
            if (c is not ((byte)',' or (byte)'}')) throw Invalid($"Expected \",\" or \"}}\", but found \"{Token()}\".");
            _at++;
            if (c == '}') break;
        }

        _depth--;
        if (output is null) return;
        WriteMembers(members!, output);
    }

    /// <summary>Writes an object's members (keys with their quotes) in canonical order.</summary>
    public static void WriteMembers(List<(byte[] Key, byte[] Value, int Order)> members, ByteWriter output)
    {
        members.Sort(static (a, b) =>
        {
            int order = CompareKeys(a.Key, b.Key);
            return order != 0 ? order : a.Order.CompareTo(b.Order);
        });
        output.Write((byte)'{');
        bool first = true;
        for (int i = 0; i < members.Count; i++)
        {
            if (i + 1 < members.Count && members[i].Key.AsSpan().SequenceEqual(members[i + 1].Key)) continue;
            if (!first) output.Write(", "u8);
            first = false;
            output.Write(members[i].Key);
            output.Write(": "u8);
            output.Write(members[i].Value);
        }

        output.Write((byte)'}');
    }

    /// <summary>jsonb's order of keys: shorter first, then by bytes.</summary>
    public static int CompareKeys(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => a.Length != b.Length ? a.Length.CompareTo(b.Length) : a.SequenceCompareTo(b);

    private void Array(ByteWriter? output)
    {
        Enter();
        _at++;
        output?.Write((byte)'[');
        SkipSpace();
        if (_at < _text.Length && _text[_at] == ']') _at++;
        else
        {
            while (true)
            {
                Value(output);
                SkipSpace();
                if (_at >= _text.Length) throw Invalid("The input string ended unexpectedly.");
                byte c = _text[_at];
                if (c is not ((byte)',' or (byte)']')) throw Invalid($"Expected \",\" or \"]\", but found \"{Token()}\".");
                _at++;
                if (c == ']') break;
                output?.Write(", "u8);
            }
        }

        output?.Write((byte)']');
        _depth--;
    }

    private void String(ByteWriter? output)
    {
        int start = ++_at;
        while (_at < _text.Length && _text[_at] is not ((byte)'"' or (byte)'\\') && _text[_at] >= 0x20) _at++;
        if (_at < _text.Length && _text[_at] == '"')
        {
            if (output is not null)
            {
                output.Write((byte)'"');
                output.Write(_text[start.._at]);
                output.Write((byte)'"');
            }

            _at++;
            return;
        }

        var value = new ByteWriter();
        value.Write(_text[start.._at]);
        while (true)
        {
            if (_at >= _text.Length) throw Invalid($"Token \"{Encoding.UTF8.GetString(_text[(start - 1)..])}\" is invalid.");
            byte c = _text[_at++];
            if (c == '"') break;
            if (c < 0x20) throw Invalid($"Character with value 0x{c:x2} must be escaped.");
            if (c != '\\')
            {
                value.Write(c);
                continue;
            }

            if (_at >= _text.Length) throw Invalid($"Token \"{Encoding.UTF8.GetString(_text[(start - 1)..])}\" is invalid.");
            c = _text[_at++];
            switch (c)
            {
                case (byte)'"' or (byte)'\\' or (byte)'/': value.Write(c); break;
                case (byte)'b': value.Write(8); break;
                case (byte)'f': value.Write(12); break;
                case (byte)'n': value.Write(10); break;
                case (byte)'r': value.Write(13); break;
                case (byte)'t': value.Write(9); break;
                case (byte)'u': Unicode(value, output is not null); break;
                default: throw Invalid($"Escape sequence \"\\{(char)c}\" is invalid.");
            }
        }

        if (output is not null) WriteString(output, value.Written);
    }

    private void Unicode(ByteWriter value, bool mustDecode)
    {
        int code = Hex4();
        if (code == 0 && mustDecode) throw new SqlException(SqlState.UntranslatableCharacter, "unsupported Unicode escape sequence", detail: "\\u0000 cannot be converted to text.");
        if (code is >= 0xD800 and <= 0xDBFF)
        {
            if (_at + 1 >= _text.Length || _text[_at] != '\\' || _text[_at + 1] != 'u') throw Invalid("Unicode low surrogate must follow a high surrogate.");
            _at += 2;
            int low = Hex4();
            if (low is < 0xDC00 or > 0xDFFF) throw Invalid("Unicode low surrogate must follow a high surrogate.");
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
        else if (code is >= 0xDC00 and <= 0xDFFF) throw Invalid("Unicode low surrogate must follow a high surrogate.");

        Span<byte> utf8 = stackalloc byte[4];
        int length = new Rune(code).EncodeToUtf8(utf8);
        value.Write(utf8[..length]);
    }

    private int Hex4()
    {
        if (_at + 4 > _text.Length) throw Invalid("\"\\u\" must be followed by four hexadecimal digits.");
        int code = 0;
        for (int i = 0; i < 4; i++)
        {
            int digit = _text[_at++] switch { >= (byte)'0' and <= (byte)'9' and var d => d - '0', >= (byte)'a' and <= (byte)'f' and var d => d - 'a' + 10, >= (byte)'A' and <= (byte)'F' and var d => d - 'A' + 10, _ => -1 };
            if (digit < 0) throw Invalid("\"\\u\" must be followed by four hexadecimal digits.");
            code = code * 16 + digit;
        }

        return code;
    }

    /// <summary>A JSON string with the escapes that must be.</summary>
    public static void WriteString(ByteWriter output, ReadOnlySpan<byte> text)
    {
        output.Write((byte)'"');
        foreach (byte c in text)
        {
            switch (c)
            {
                case (byte)'"': output.Write("\\\""u8); break;
                case (byte)'\\': output.Write("\\\\"u8); break;
                case 8: output.Write("\\b"u8); break;
                case 12: output.Write("\\f"u8); break;
                case 10: output.Write("\\n"u8); break;
                case 13: output.Write("\\r"u8); break;
                case 9: output.Write("\\t"u8); break;
                case < 0x20:
                    output.Write("\\u00"u8);
                    output.Write((byte)('0' + c / 16));
                    output.Write((byte)(c % 16 < 10 ? '0' + c % 16 : 'a' + c % 16 - 10));
                    break;
                default: output.Write(c); break;
            }
        }

        output.Write((byte)'"');
    }

    private void Number(ByteWriter? output)
    {
        int start = _at;
        if (_text[_at] == '-') _at++;
        int digits = _at;
        while (_at < _text.Length && char.IsAsciiDigit((char)_text[_at])) _at++;
        bool valid = _at > digits && (_at - digits == 1 || _text[digits] != '0');
        if (_at < _text.Length && _text[_at] == '.')
        {
            int fraction = ++_at;
            while (_at < _text.Length && char.IsAsciiDigit((char)_text[_at])) _at++;
            valid &= _at > fraction;
        }

        bool exponent = false;
        if (_at < _text.Length && _text[_at] is (byte)'e' or (byte)'E')
        {
            exponent = true;
            _at++;
            if (_at < _text.Length && _text[_at] is (byte)'+' or (byte)'-') _at++;
            int power = _at;
            while (_at < _text.Length && char.IsAsciiDigit((char)_text[_at])) _at++;
            valid &= _at > power;
        }

        if (!valid || (_at < _text.Length && char.IsAsciiLetterOrDigit((char)_text[_at])))
        {
            _at = start;
            throw Invalid($"Token \"{Token()}\" is invalid.");
        }

        if (output is null) return;
        if (exponent || _text[start] == '-') SqlNumeric.Parse(_text[start.._at]).WriteText(output);
        else output.Write(_text[start.._at]);
    }

    private void Word(ReadOnlySpan<byte> word, ByteWriter? output)
    {
        if (!_text[_at..].StartsWith(word) || (_at + word.Length < _text.Length && char.IsAsciiLetterOrDigit((char)_text[_at + word.Length]))) throw Invalid($"Token \"{Token()}\" is invalid.");
        _at += word.Length;
        output?.Write(word);
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && _text[_at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r') _at++;
    }

    private void Enter()
    {
        if (++_depth > MaxDepth) throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded");
    }

    /// <summary>The token at the cursor, for messages.</summary>
    private readonly string Token()
    {
        int end = _at;
        while (end < _text.Length && (char.IsAsciiLetterOrDigit((char)_text[end]) || _text[end] is (byte)'_' or (byte)'.' or (byte)'-' or (byte)'+' or >= 0x80)) end++;
        return Encoding.UTF8.GetString(_text[_at..Math.Max(end, Math.Min(_at + 1, _text.Length))]);
    }

    private readonly SqlException Invalid(string detail) => new(SqlState.InvalidTextRepresentation, "invalid input syntax for type json", detail: detail)
    {
        Where = $"JSON data, line 1: {Encoding.UTF8.GetString(_text[..Math.Min(_text.Length, _at)])}",
    };
}
