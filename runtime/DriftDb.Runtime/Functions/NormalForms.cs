using System.Text;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>NORMALIZE and IS NORMALIZED: Unicode's normal forms. The runtime has no table of decompositions in its invariant mode, so only text that every form leaves alone, ASCII, is answered for.</summary>
internal static class NormalForms
{
    [SqlFunction("normalize", Parameters = "text")]
    public static string Normalize(string text) => Normalize(text, "NFC");

    [SqlFunction("normalize", Parameters = "text, text")]
    public static string Normalize(string text, string form)
    {
        Require(text, form);
        return text;
    }

    [SqlFunction("is_normalized", Parameters = "text")]
    public static bool IsNormalized(string text) => IsNormalized(text, "NFC");

    [SqlFunction("is_normalized", Parameters = "text, text")]
    public static bool IsNormalized(string text, string form)
    {
        Require(text, form);
        return true;
    }

    private static void Require(string text, string form)
    {
        if (form.ToUpperInvariant() is not ("NFC" or "NFD" or "NFKC" or "NFKD")) throw new SqlException(SqlState.InvalidParameterValue, $"invalid normalization form: {form}");
        if (!Ascii.IsValid(text)) throw new SqlException(SqlState.FeatureNotSupported, "normal forms of characters outside ASCII are not supported");
    }
}
