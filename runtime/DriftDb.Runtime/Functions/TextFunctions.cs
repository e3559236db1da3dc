using System.Security.Cryptography;
using System.Text;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Functions of text. Those that everyday queries call work on UTF-8 in place; the rest on strings.</summary>
internal static unsafe class TextFunctions
{
    [SqlFunction("length"), SqlFunction("char_length"), SqlFunction("character_length")]
    public static int Length(ByteSlice text) => ValueReader.CountCharacters(text.Span);

    [SqlFunction("length", Parameters = "bpchar"), SqlFunction("char_length", Parameters = "bpchar"), SqlFunction("character_length", Parameters = "bpchar")]
    public static int LengthPadded(ByteSlice text) => ValueReader.CountCharacters(text.Span.TrimEnd((byte)' '));

    [SqlFunction("octet_length"), SqlFunction("octet_length", Parameters = "bpchar"), SqlFunction("octet_length", Parameters = "bytea"), SqlFunction("length", Parameters = "bytea")]
    public static int OctetLength(ByteSlice text) => text.Length;

    [SqlFunction("bit_length"), SqlFunction("bit_length", Parameters = "bytea")]
    public static int BitLength(ByteSlice text) => text.Length * 8;

    [SqlFunction("lower")]
    public static ByteSlice Lower(QueryContext context, ByteSlice text) => Fold(context, text, upper: false);

    [SqlFunction("upper")]
    public static ByteSlice Upper(QueryContext context, ByteSlice text) => Fold(context, text, upper: true);

    private static ByteSlice Fold(QueryContext context, ByteSlice text, bool upper)
    {
        if (!Ascii.IsValid(text.Span))
        {
            string folded = upper ? text.ToString().ToUpperInvariant() : text.ToString().ToLowerInvariant();
            return CallSupport.FromString(folded, context.Arena);
        }

        byte* target = context.Arena.Allocate(text.Length);
        var span = new Span<byte>(target, text.Length);
        if (upper) Ascii.ToUpper(text.Span, span, out _);
        else Ascii.ToLower(text.Span, span, out _);
        return new ByteSlice(target, text.Length);
    }

    [SqlFunction("initcap")]
    public static string InitCap(string text)
    {
        var result = new StringBuilder(text.Length);
        bool inWord = false;
        foreach (char c in text)
        {
            result.Append(inWord ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c));
            inWord = char.IsLetterOrDigit(c);
        }

        return result.ToString();
    }

    [SqlFunction("substr"), SqlFunction("substring")]
    public static ByteSlice Substring(ByteSlice text, int start) => Slice(text, start, int.MaxValue - (long)Math.Min(0, start));

    [SqlFunction("substr"), SqlFunction("substring")]
    public static ByteSlice Substring(ByteSlice text, int start, int length) =>
        length >= 0 ? Slice(text, start, length) : throw new SqlException(SqlState.SubstringError, "negative substring length not allowed");

    private static ByteSlice Slice(ByteSlice text, long start, long length)
    {
        long end = start + length;
        int first = (int)Math.Max(1, start) - 1;
        if (end <= first + 1) return new ByteSlice(text.Address, 0);
        int from = ValueReader.CharacterOffset(text.Span, first);
        int to = from + ValueReader.CharacterOffset(text.Span[from..], (int)Math.Min(int.MaxValue, end - 1 - first));
        return new ByteSlice(text.Address + from, to - from);
    }

    [SqlFunction("substr", Parameters = "bytea, integer", Returns = "bytea"), SqlFunction("substring", Parameters = "bytea, integer", Returns = "bytea")]
    public static ByteSlice SubstringBytes(ByteSlice bytes, int start) => SubstringBytes(bytes, start, int.MaxValue);

    [SqlFunction("substr", Parameters = "bytea, integer, integer", Returns = "bytea"), SqlFunction("substring", Parameters = "bytea, integer, integer", Returns = "bytea")]
    public static ByteSlice SubstringBytes(ByteSlice bytes, int start, int length)
    {
        if (length < 0) throw new SqlException(SqlState.SubstringError, "negative substring length not allowed");
        long from = Math.Clamp(start - 1L, 0, bytes.Length), to = Math.Clamp(start - 1L + length, from, bytes.Length);
        return new ByteSlice(bytes.Address + from, (int)(to - from));
    }

    [SqlFunction("left")]
    public static ByteSlice Left(ByteSlice text, int count)
    {
        if (count < 0) count = Math.Max(0, Length(text) + count);
        return new ByteSlice(text.Address, ValueReader.CharacterOffset(text.Span, count));
    }

    [SqlFunction("right")]
    public static ByteSlice Right(ByteSlice text, int count)
    {
        int skip = count < 0 ? (int)Math.Min(int.MaxValue, -(long)count) : Math.Max(0, Length(text) - count);
        int from = ValueReader.CharacterOffset(text.Span, skip);
        return new ByteSlice(text.Address + from, text.Length - from);
    }

    [SqlFunction("position", Parameters = "text, text"), SqlFunction("strpos")]
    public static int Position(ByteSlice text, ByteSlice part)
    {
        int at = text.Span.IndexOf(part.Span);
        return at < 0 ? 0 : ValueReader.CountCharacters(text.Span[..at]) + 1;
    }

    [SqlFunction("position", Parameters = "bytea, bytea")]
    public static int PositionBytes(ByteSlice text, ByteSlice part) => text.Span.IndexOf(part.Span) + 1;

    [SqlFunction("btrim")]
    public static ByteSlice Trim(ByteSlice text) => LeftTrim(RightTrim(text));

    [SqlFunction("ltrim")]
    public static ByteSlice LeftTrim(ByteSlice text)
    {
        int skip = text.Length - text.Span.TrimStart((byte)' ').Length;
        return new ByteSlice(text.Address + skip, text.Length - skip);
    }

    [SqlFunction("rtrim")]
    public static ByteSlice RightTrim(ByteSlice text) => new(text.Address, text.Span.TrimEnd((byte)' ').Length);

    [SqlFunction("btrim")]
    public static string Trim(string text, string characters) => text.Trim(characters.ToCharArray());

    [SqlFunction("ltrim")]
    public static string LeftTrim(string text, string characters) => characters.Length == 0 ? text : text.TrimStart(characters.ToCharArray());

    [SqlFunction("rtrim")]
    public static string RightTrim(string text, string characters) => characters.Length == 0 ? text : text.TrimEnd(characters.ToCharArray());

    [SqlFunction("replace")]
    public static string Replace(string text, string from, string to) => from.Length == 0 ? text : text.Replace(from, to, StringComparison.Ordinal);

    [SqlOperator("||", "textcat")]
    public static ByteSlice Concat(QueryContext context, ByteSlice a, ByteSlice b)
    {
        byte* target = context.Arena.Allocate(a.Length + b.Length);
        a.Span.CopyTo(new Span<byte>(target, a.Length));
        b.Span.CopyTo(new Span<byte>(target + a.Length, b.Length));
        return new ByteSlice(target, a.Length + b.Length);
    }

    [SqlOperator("||", "byteacat", Parameters = "bytea, bytea", Returns = "bytea")]
    public static ByteSlice ConcatBytes(QueryContext context, ByteSlice a, ByteSlice b) => Concat(context, a, b);

    [SqlOperator("||", "textanycat", Parameters = "text, anynonarray", Returns = "text")]
    public static ByteSlice ConcatAny(QueryContext context, ByteSlice a, Datum b) => Concat(context, a, TextOf(context, b));

    [SqlOperator("||", "anytextcat", Parameters = "anynonarray, text", Returns = "text")]
    public static ByteSlice ConcatAny(QueryContext context, Datum a, ByteSlice b) => Concat(context, TextOf(context, a), b);

    internal static ByteSlice TextOf(QueryContext context, Datum value)
    {
        var writer = new ByteWriter();
        value.WriteText(writer, context.Settings);
        return context.Arena.Copy(writer.Written);
    }

    [SqlFunction("concat", Parameters = "any", Returns = "text", Variadic = true, Strict = false, Volatility = Plan.Volatility.Stable)]
    public static ByteSlice ConcatAll(QueryContext context, Datum[] values)
    {
        var writer = new ByteWriter();
        foreach (Datum value in values) value.WriteText(writer, context.Settings);
        return context.Arena.Copy(writer.Written);
    }

    [SqlFunction("concat_ws", Parameters = "text, any", Returns = "text", Variadic = true, Strict = false, Volatility = Plan.Volatility.Stable)]
    public static Datum ConcatSeparated(QueryContext context, Datum separator, Datum[] values)
    {
        if (separator.IsNull) return Datum.Null(SqlType.Text);
        var writer = new ByteWriter();
        bool first = true;
        foreach (Datum value in values)
        {
            if (value.IsNull) continue;
            if (!first) writer.Write(separator.Bytes.Span);
            first = false;
            value.WriteText(writer, context.Settings);
        }

        return Datum.OfBytes(SqlType.Text, writer.Written, context.Arena);
    }

    [SqlFunction("lpad")]
    public static string LeftPad(string text, int length) => LeftPad(text, length, " ");

    [SqlFunction("lpad")]
    public static string LeftPad(string text, int length, string fill) => Pad(text, length, fill) is var (kept, padding) ? padding + kept : text;

    [SqlFunction("rpad")]
    public static string RightPad(string text, int length) => RightPad(text, length, " ");

    [SqlFunction("rpad")]
    public static string RightPad(string text, int length, string fill) => Pad(text, length, fill) is var (kept, padding) ? kept + padding : text;

    private static (string Kept, string Padding) Pad(string text, int length, string fill)
    {
        if (length <= 0) return ("", "");
        if (text.Length >= length) return (text[..length], "");
        if (fill.Length == 0) return (text, "");
        var padding = new StringBuilder();
        while (padding.Length < length - text.Length) padding.Append(fill);
        return (text, padding.ToString(0, length - text.Length));
    }

    [SqlFunction("repeat")]
    public static string Repeat(string text, int times)
    {
        if (times <= 0) return "";
        if ((long)text.Length * times > Limits.ValueBytes) throw new SqlException(SqlState.ProgramLimitExceeded, "requested length too large");
        return new StringBuilder().Insert(0, text, times).ToString();
    }

    [SqlFunction("reverse")]
    public static string Reverse(string text)
    {
        var runes = text.EnumerateRunes().ToArray();
        Array.Reverse(runes);
        return string.Concat(runes.Select(rune => rune.ToString()));
    }

    [SqlFunction("split_part")]
    public static string SplitPart(string text, string delimiter, int field)
    {
        if (field == 0) throw new SqlException(SqlState.InvalidParameterValue, "field position must not be zero");
        string[] parts = delimiter.Length == 0 ? [text] : text.Split(delimiter);
        int index = field > 0 ? field - 1 : parts.Length + field;
        return index >= 0 && index < parts.Length ? parts[index] : "";
    }

    [SqlFunction("translate")]
    public static string Translate(string text, string from, string to)
    {
        var result = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            int at = from.IndexOf(c, StringComparison.Ordinal);
            if (at < 0) result.Append(c);
            else if (at < to.Length) result.Append(to[at]);
        }

        return result.ToString();
    }

    [SqlFunction("ascii")]
    public static int AsciiCode(string text) => text.Length == 0 ? 0 : text.EnumerateRunes().First().Value;

    [SqlFunction("chr")]
    public static string Chr(int code) => code switch
    {
        0 => throw new SqlException(SqlState.ProgramLimitExceeded, "null character not permitted"),
        < 0 => throw new SqlException(SqlState.ProgramLimitExceeded, "character number must be positive"),
        _ when Rune.IsValid(code) => new Rune(code).ToString(),
        _ => throw new SqlException(SqlState.ProgramLimitExceeded, $"requested character not valid for encoding: {code}"),
    };

    [SqlFunction("md5"), SqlFunction("md5", Parameters = "bytea")]
#pragma warning disable CA5351 // md5 is what the function is named for; it protects nothing here
    public static string Md5(ByteSlice text) => Convert.ToHexStringLower(MD5.HashData(text.Span));
#pragma warning restore CA5351

    /// <summary>Unicode escapes: \\XXXX, \\+XXXXXX, \\uXXXX, \\UXXXXXXXX; two backslashes are one.</summary>
    [SqlFunction("unistr")]
    public static string Unescape(string text)
    {
        var result = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                result.Append(text[i]);
                continue;
            }

            if (i + 1 < text.Length && text[i + 1] == '\\')
            {
                result.Append('\\');
                i++;
                continue;
            }

            var (start, digits) = (i + 1 < text.Length ? text[i + 1] : '\0') switch { '+' => (i + 2, 6), 'u' => (i + 2, 4), 'U' => (i + 2, 8), _ => (i + 1, 4) };
            if (start + digits > text.Length || !int.TryParse(text.AsSpan(start, digits), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out int code))
                throw new SqlException(SqlState.SyntaxError, "invalid Unicode escape", hint: "Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.");
            // Halves of a pair are put next to each other, which makes the pair.
            if (code is >= 0xD800 and <= 0xDFFF) result.Append((char)code);
            else if (Rune.IsValid(code) && code != 0) result.Append(new Rune(code));
            else throw new SqlException(SqlState.SyntaxError, "invalid Unicode escape value");
            i = start + digits - 1;
        }

        for (int i = 0; i < result.Length; i++)
            if (char.IsHighSurrogate(result[i]) ? i + 1 >= result.Length || !char.IsLowSurrogate(result[++i]) : char.IsLowSurrogate(result[i])) throw new SqlException(SqlState.SyntaxError, "invalid Unicode surrogate pair");
        return result.ToString();
    }

    [SqlFunction("parse_ident", Parameters = "text", Returns = "text[]")]
    public static Datum ParseIdent(QueryContext context, string name) => ParseIdent(context, name, true);

    /// <summary>The parts of a qualified name, as SQL reads them.</summary>
    [SqlFunction("parse_ident", Parameters = "text, boolean", Returns = "text[]")]
    public static Datum ParseIdent(QueryContext context, string name, bool strict)
    {
        var builder = new ArrayBuilder();
        builder.Begin();
        string text = name.Trim();
        for (int at = 0; ;)
        {
            int start = at;
            if (at < text.Length && text[at] == '"')
            {
                for (at++; at < text.Length && (text[at] != '"' || at + 1 < text.Length && text[at + 1] == '"'); at++)
                    if (text[at] == '"') at++;
                if (at >= text.Length) throw Invalid("String has unclosed double quotes.");
                if (at == start + 1) throw Invalid("Quoted identifier must not be empty.");
                builder.Add(Encoding.UTF8.GetBytes(text[(start + 1)..at].Replace("\"\"", "\"", StringComparison.Ordinal)));
                at++;
            }
            else
            {
                while (at < text.Length && (char.IsLetterOrDigit(text[at]) && (at > start || !char.IsAsciiDigit(text[at])) || text[at] == '_' || text[at] == '$' && at > start)) at++;
                if (at == start) throw Invalid(start == 0 ? null : text[start - 1] == '.' ? "No valid identifier after \".\"." : null);
                builder.Add(Encoding.UTF8.GetBytes(text[start..at].ToLowerInvariant()));
            }

            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
            if (at >= text.Length || text[at] != '.' && !strict) break;
            if (text[at] != '.') throw Invalid(null);
            at++;
            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
        }

        return Datum.OfBytes(SqlType.ArrayOf(SqlType.Text), builder.Finish(), context.Arena);

        SqlException Invalid(string? detail) => new(SqlState.InvalidParameterValue, $"string is not a valid identifier: \"{name}\"", detail: detail ?? "");
    }

    [SqlFunction("quote_ident")]
    public static string QuoteIdent(string name)
    {
        bool plain = name.Length > 0 && (char.IsAsciiLetterLower(name[0]) || name[0] == '_') && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_') && !ReservedWords.Contains(name);
        return plain ? name : "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
    }

    [SqlFunction("quote_literal")]
    public static string QuoteLiteral(string text) =>
        (text.Contains('\\', StringComparison.Ordinal) ? " E" : "") + "'" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal) + "'";

    [SqlFunction("quote_literal", Parameters = "anyelement", Returns = "text")]
    public static string QuoteLiteralAny(QueryContext context, Datum value) => QuoteLiteral(TextOf(context, value).ToString());

    [SqlFunction("quote_nullable", Strict = false)]
    public static string QuoteNullable(string? text) => text is null ? "NULL" : QuoteLiteral(text);

    [SqlFunction("format", Parameters = "text", Returns = "text", Strict = true)]
    public static string Format(QueryContext context, string format) => Format(context, format, [])!;

    [SqlFunction("format", Parameters = "text, any", Returns = "text", Variadic = true, Strict = false)]
    public static string? Format(QueryContext context, string? format, Datum[] arguments)
    {
        if (format is null) return null;
        var result = new StringBuilder();
        int next = 0;
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                result.Append(format[i]);
                continue;
            }

            if (++i >= format.Length) throw new SqlException(SqlState.InvalidParameterValue, "unterminated format() type specifier", hint: "For a single \"%\" use \"%%\".");
            if (format[i] == '%')
            {
                result.Append('%');
                continue;
            }

            int start = i;
            while (i < format.Length && char.IsAsciiDigit(format[i])) i++;
            if (i < format.Length && format[i] == '$')
            {
                next = int.Parse(format.AsSpan(start, i - start), System.Globalization.CultureInfo.InvariantCulture) - 1;
                i++;
                start = i;
            }
            else i = start;

            bool left = i < format.Length && format[i] == '-';
            if (left) i++;
            int widthStart = i;
            while (i < format.Length && char.IsAsciiDigit(format[i])) i++;
            int width = i > widthStart ? int.Parse(format.AsSpan(widthStart, i - widthStart), System.Globalization.CultureInfo.InvariantCulture) : 0;
            if (i >= format.Length) throw new SqlException(SqlState.InvalidParameterValue, "unterminated format() type specifier", hint: "For a single \"%\" use \"%%\".");
            if (format[i] is not ('s' or 'I' or 'L')) throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized format() type specifier \"{format[i]}\"", hint: "For a single \"%\" use \"%%\".");
            if (next < 0 || next >= arguments.Length) throw new SqlException(SqlState.InvalidParameterValue, "too few arguments for format()");
            Datum argument = arguments[next++];
            string text = argument.IsNull ? "" : TextOf(context, argument).ToString();
            text = format[i] switch
            {
                'I' => argument.IsNull ? throw new SqlException(SqlState.NullValueNotAllowed, "null values cannot be formatted as an SQL identifier") : QuoteIdent(text),
                'L' => argument.IsNull ? "NULL" : QuoteLiteral(text),
                _ => text,
            };
            result.Append(left ? text.PadRight(width) : text.PadLeft(width));
        }

        return result.ToString();
    }

    [SqlFunction("to_hex")]
    public static string ToHex(int value) => value.ToString("x", System.Globalization.CultureInfo.InvariantCulture);

    [SqlFunction("to_hex")]
    public static string ToHex(long value) => value.ToString("x", System.Globalization.CultureInfo.InvariantCulture);

    [SqlFunction("encode", Parameters = "bytea, text")]
    public static string Encode(byte[] bytes, string format) => format.ToLowerInvariant() switch
    {
        "hex" => Convert.ToHexStringLower(bytes),
        "base64" => string.Join('\n', Convert.ToBase64String(bytes).Chunk(76).Select(line => new string(line))),
        "escape" => string.Concat(bytes.Select(b => b == '\\' ? "\\\\" : b is 0 or >= 0x80 ? "\\" + Convert.ToString(b, 8).PadLeft(3, '0') : ((char)b).ToString())),
        _ => throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized encoding: \"{format}\""),
    };

    [SqlFunction("decode")]
    public static byte[] Decode(string text, string format)
    {
        try
        {
            return format.ToLowerInvariant() switch
            {
                "hex" => Convert.FromHexString(string.Concat(text.Where(c => !char.IsWhiteSpace(c)))),
                "base64" => Convert.FromBase64String(text),
                "escape" => (byte[])ValueText.Parse(SqlType.Bytea, text),
                _ => throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized encoding: \"{format}\""),
            };
        }
        catch (FormatException)
        {
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid {format.ToLowerInvariant()} sequence");
        }
    }

    [SqlOperator("^@", "starts_with")]
    public static bool StartsWith(ByteSlice text, ByteSlice prefix) => text.Span.StartsWith(prefix.Span);

    [SqlFunction("overlay")]
    public static string Overlay(string text, string replacement, int start) => Overlay(text, replacement, start, replacement.Length);

    [SqlFunction("overlay")]
    public static string Overlay(string text, string replacement, int start, int length)
    {
        if (start <= 0) throw new SqlException(SqlState.SubstringError, "negative substring length not allowed");
        int from = Math.Min(text.Length, start - 1), to = Math.Clamp(from + length, 0, text.Length);
        return text[..from] + replacement + text[to..];
    }

    private static readonly HashSet<string> ReservedWords =
    [
        "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "both", "case", "cast", "check", "collate", "column", "constraint", "create", "current_date", "current_role",
        "current_time", "current_timestamp", "current_user", "default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "false", "fetch", "for", "foreign", "from", "grant", "group",
        "having", "in", "initially", "intersect", "into", "lateral", "leading", "limit", "localtime", "localtimestamp", "not", "null", "offset", "on", "only", "or", "order", "placing", "primary",
        "references", "returning", "select", "session_user", "some", "symmetric", "table", "then", "to", "trailing", "true", "union", "unique", "user", "using", "variadic", "when", "where", "window", "with",
        "authorization", "between", "bigint", "bit", "boolean", "char", "character", "coalesce", "cross", "dec", "decimal", "exists", "extract", "float", "full", "inner", "int", "integer", "interval",
        "is", "isnull", "join", "left", "like", "natural", "notnull", "numeric", "outer", "overlaps", "position", "real", "right", "row", "similar", "smallint", "substring", "time", "timestamp", "treat",
        "trim", "values", "varchar", "verbose",
    ];
}
