using System.Text;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Character sets by PostgreSQL's names (documentation chapter 24.3), and conversion from and to them. Text is always UTF-8 inside.</summary>
internal static class TextEncodings
{
    private static readonly Dictionary<string, int> CodePages = new(StringComparer.Ordinal)
    {
        ["UTF8"] = 65001, ["UNICODE"] = 65001, ["SQLASCII"] = 20127,
        ["LATIN1"] = 28591, ["LATIN2"] = 28592, ["LATIN3"] = 28593, ["LATIN4"] = 28594, ["LATIN5"] = 28599, ["LATIN7"] = 28603, ["LATIN9"] = 28605,
        ["ISO88591"] = 28591, ["ISO88592"] = 28592, ["ISO88595"] = 28595, ["ISO88596"] = 28596, ["ISO88597"] = 28597, ["ISO88598"] = 28598, ["ISO88599"] = 28599, ["ISO885915"] = 28605,
        ["WIN1250"] = 1250, ["WIN1251"] = 1251, ["WIN"] = 1251, ["WIN1252"] = 1252, ["WIN1253"] = 1253, ["WIN1254"] = 1254, ["WIN1255"] = 1255, ["WIN1256"] = 1256, ["WIN1257"] = 1257,
        ["WIN1258"] = 1258, ["WIN866"] = 866, ["ALT"] = 866, ["WIN874"] = 874, ["KOI8R"] = 20866, ["KOI8"] = 20866, ["KOI8U"] = 21866,
        ["EUCJP"] = 51932, ["EUCKR"] = 51949, ["EUCCN"] = 51936, ["SJIS"] = 932, ["SHIFTJIS"] = 932, ["BIG5"] = 950, ["GBK"] = 936, ["GB18030"] = 54936, ["UHC"] = 949,
    };

    static TextEncodings() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>Bytes of a character set as text; 22021 where they are none of its characters.</summary>
    [SqlFunction("convert_from", Parameters = "bytea, text")]
    public static string ConvertFrom(byte[] bytes, string encoding)
    {
        try
        {
            string text = Find(encoding, "source").GetString(bytes);
            return text.Contains('\0') ? throw Invalid(encoding, 0) : text;
        }
        catch (DecoderFallbackException error)
        {
            throw Invalid(encoding, error.BytesUnknown is [var first, ..] ? first : (byte)0);
        }
    }

    /// <summary>Text as the bytes of a character set; 22P05 where it has no such character.</summary>
    [SqlFunction("convert_to", Parameters = "text, text", Returns = "bytea")]
    public static byte[] ConvertTo(string text, string encoding)
    {
        try
        {
            return Find(encoding, "destination").GetBytes(text);
        }
        catch (EncoderFallbackException error)
        {
            string bytes = string.Join(' ', Encoding.UTF8.GetBytes(error.CharUnknown.ToString()).Select(value => $"0x{value:x2}"));
            throw new SqlException(SqlState.UntranslatableCharacter, $"character with byte sequence {bytes} in encoding \"UTF8\" has no equivalent in encoding \"{encoding.ToUpperInvariant()}\"");
        }
    }

    [SqlFunction("convert", Parameters = "bytea, text, text", Returns = "bytea")]
    public static byte[] Recode(byte[] bytes, string source, string destination) => ConvertTo(ConvertFrom(bytes, source), destination);

    private static Encoding Find(string name, string role)
    {
        string plain = string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        return CodePages.TryGetValue(plain, out int codePage)
            ? Encoding.GetEncoding(codePage, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)
            : throw new SqlException(SqlState.InvalidParameterValue, $"invalid {role} encoding name \"{name}\"");
    }

    private static SqlException Invalid(string encoding, byte first) => new(SqlState.CharacterNotInRepertoire, $"invalid byte sequence for encoding \"{encoding.ToUpperInvariant()}\": 0x{first:x2}");
}
