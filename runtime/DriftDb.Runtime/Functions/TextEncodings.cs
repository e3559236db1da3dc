using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Conversion between character sets (documentation, 9.5).</summary>
internal static class TextEncodings
{
    /// <summary>Bytes of a character set as text; 22021 or 22P05 where they are none of its characters.</summary>
    [SqlFunction("convert_from", Parameters = "bytea, text")]
    public static string ConvertFrom(byte[] bytes, string encoding)
    {
        string text = Find(encoding, "source").Decode(bytes);
        return text.Contains('\0') ? throw new SqlException(SqlState.CharacterNotInRepertoire, $"invalid byte sequence for encoding \"{encoding.ToUpperInvariant()}\": 0x00") : text;
    }

    /// <summary>Text as the bytes of a character set; 22P05 where it has no such character.</summary>
    [SqlFunction("convert_to", Parameters = "text, text", Returns = "bytea")]
    public static byte[] ConvertTo(string text, string encoding) => Find(encoding, "destination").Encode(text);

    [SqlFunction("convert", Parameters = "bytea, text, text", Returns = "bytea")]
    public static byte[] Recode(byte[] bytes, string source, string destination) => ConvertTo(ConvertFrom(bytes, source), destination);

    private static CharacterSet Find(string name, string role) =>
        CharacterSet.Find(name) ?? throw new SqlException(SqlState.InvalidParameterValue, $"invalid {role} encoding name \"{name}\"");
}
