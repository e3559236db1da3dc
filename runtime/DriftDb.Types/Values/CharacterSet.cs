using System.Text;

namespace DriftDb.Types;

/// <summary>A character set that a client or a file may have its text in, under PostgreSQL's name (documentation, 24.3). Text is always UTF-8 inside.</summary>
public sealed class CharacterSet
{
    private static readonly CharacterSet[] s_all =
    [
        new("SQL_ASCII", 0, 65001), new("UTF8", 6, 65001, "UNICODE"),
        new("EUC_JP", 1, 51932), new("EUC_CN", 2, 51936), new("EUC_KR", 3, 51949),
        new("LATIN1", 8, 28591, "ISO88591"), new("LATIN2", 9, 28592, "ISO88592"), new("LATIN3", 10, 28593, "ISO88593"), new("LATIN4", 11, 28594, "ISO88594"),
        new("LATIN5", 12, 28599, "ISO88599"), new("LATIN7", 14, 28603, "ISO885913"), new("LATIN9", 16, 28605, "ISO885915"),
        new("WIN1256", 18, 1256, "WINDOWS1256"), new("WIN1258", 19, 1258, "WINDOWS1258", "TCVN", "TCVN5712", "ABC", "VSCII"), new("WIN866", 20, 866, "WINDOWS866", "ALT"), new("WIN874", 21, 874, "WINDOWS874"),
        new("KOI8R", 22, 20866, "KOI8"), new("WIN1251", 23, 1251, "WINDOWS1251", "WIN"), new("WIN1252", 24, 1252, "WINDOWS1252"),
        new("ISO_8859_5", 25, 28595), new("ISO_8859_6", 26, 28596), new("ISO_8859_7", 27, 28597), new("ISO_8859_8", 28, 28598),
        new("WIN1250", 29, 1250, "WINDOWS1250"), new("WIN1253", 30, 1253, "WINDOWS1253"), new("WIN1254", 31, 1254, "WINDOWS1254"), new("WIN1255", 32, 1255, "WINDOWS1255"), new("WIN1257", 33, 1257, "WINDOWS1257"),
        new("KOI8U", 34, 21866), new("SJIS", 35, 932, "SHIFTJIS", "MSKANJI", "WIN932", "WINDOWS932"), new("BIG5", 36, 950, "WIN950", "WINDOWS950"), new("GBK", 37, 936, "WIN936", "WINDOWS936"),
        new("UHC", 38, 949, "WIN949", "WINDOWS949"), new("GB18030", 39, 54936), new("JOHAB", 40, 1361),
    ];

    private static readonly Dictionary<string, CharacterSet> s_byName = s_all.SelectMany(set => set._aliases.Append(Plain(set.Name)).Select(name => (name, set))).ToDictionary(pair => pair.name, pair => pair.set);

    private readonly string[] _aliases;
    private readonly Lazy<Encoding> _encoding;

    static CharacterSet() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    private CharacterSet(string name, int number, int codePage, params string[] aliases)
    {
        (Name, Number, _aliases) = (name, number, aliases);
        _encoding = new Lazy<Encoding>(() => Encoding.GetEncoding(codePage, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback));
    }

    /// <summary>Its name, as <c>client_encoding</c> shows it.</summary>
    public string Name { get; }

    /// <summary>Its number in PostgreSQL's catalogs.</summary>
    public int Number { get; }

    /// <summary>Nothing has to be converted. What is in SQL_ASCII is taken as it is.</summary>
    public bool IsUtf8 => Number is 0 or 6;

    /// <summary>The set of a name or alias, whatever its case and its punctuation; null for none that is known here.</summary>
    public static CharacterSet? Find(string name) => s_byName.GetValueOrDefault(Plain(name));

    /// <summary>The set with the number; null for none.</summary>
    public static CharacterSet? Find(int number) => Array.Find(s_all, set => set.Number == number);

    /// <summary>Text of this set as UTF-16. 22021 or 22P05 where the bytes are none of its characters.</summary>
    public string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return _encoding.Value.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw Invalid(error);
        }
    }

    /// <summary>Text in this set. 22P05 where it has no such character.</summary>
    public byte[] Encode(string text)
    {
        try
        {
            return _encoding.Value.GetBytes(text);
        }
        catch (EncoderFallbackException error)
        {
            string unknown = error.CharUnknown != '\0' ? error.CharUnknown.ToString() : new string([error.CharUnknownHigh, error.CharUnknownLow]);
            throw new SqlException(SqlState.UntranslatableCharacter, $"character with byte sequence {Hex(Encoding.UTF8.GetBytes(unknown))} in encoding \"UTF8\" has no equivalent in encoding \"{Name}\"");
        }
    }

    /// <summary>Appends the text of this set to UTF-8 output.</summary>
    public void ToUtf8(ReadOnlySpan<byte> bytes, ByteWriter output)
    {
        if (Ascii.IsValid(bytes)) output.Write(bytes);
        else output.Write(Decode(bytes));
    }

    /// <summary>Appends UTF-8 text to output in this set.</summary>
    public void FromUtf8(ReadOnlySpan<byte> text, ByteWriter output)
    {
        if (Ascii.IsValid(text)) output.Write(text);
        else output.Write(Encode(Encoding.UTF8.GetString(text)));
    }

    /// <summary>The same with a question mark for what the set doesn't have: for words of our own, which must arrive in some way.</summary>
    public void FromUtf8OrMark(ReadOnlySpan<byte> text, ByteWriter output)
    {
        if (Ascii.IsValid(text)) output.Write(text);
        else output.Write(Encoding.GetEncoding(_encoding.Value.CodePage, EncoderFallback.ReplacementFallback, DecoderFallback.ReplacementFallback).GetBytes(Encoding.UTF8.GetString(text)));
    }

    /// <summary>Reads text that comes in pieces, which may end within a character.</summary>
    public CharacterSetReader NewReader() => new(this, _encoding.Value.GetDecoder());

    internal SqlException Invalid(DecoderFallbackException error)
    {
        string bytes = Hex(error.BytesUnknown ?? []);
        return _encoding.Value.IsSingleByte
            ? new SqlException(SqlState.UntranslatableCharacter, $"character with byte sequence {bytes} in encoding \"{Name}\" has no equivalent in encoding \"UTF8\"")
            : new SqlException(SqlState.CharacterNotInRepertoire, $"invalid byte sequence for encoding \"{Name}\": {bytes}");
    }

    private static string Hex(byte[] bytes) => string.Join(' ', bytes.Select(value => $"0x{value:x2}"));

    private static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
}

/// <summary>Text of a character set that comes in pieces, as UTF-8.</summary>
public sealed class CharacterSetReader
{
    private readonly CharacterSet _set;
    private readonly Decoder _decoder;
    private readonly ByteWriter _text = new();
    private char[] _characters = [];

    internal CharacterSetReader(CharacterSet set, Decoder decoder) => (_set, _decoder) = (set, decoder);

    /// <summary>The next piece; valid until the next call.</summary>
    public ReadOnlySpan<byte> Read(ReadOnlySpan<byte> piece, bool isLast)
    {
        if (_characters.Length < piece.Length + 2) _characters = new char[piece.Length + 2];
        try
        {
            int length = _decoder.GetChars(piece, _characters, isLast);
            _text.Clear();
            var bytes = _text.GetSpan(Encoding.UTF8.GetMaxByteCount(length));
            _text.Advance(Encoding.UTF8.GetBytes(_characters.AsSpan(0, length), bytes));
            return _text.Written;
        }
        catch (DecoderFallbackException error)
        {
            throw _set.Invalid(error);
        }
    }
}
