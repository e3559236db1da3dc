using System.Text;
using System.Text.Json;

namespace DriftDb.Types;

/// <summary>
/// jsonb's order: Object &gt; Array &gt; Boolean &gt; Number &gt; String &gt; Null; containers first by their number of members, then member by member. (PostgreSQL puts an empty array before all.)
/// </summary>
internal static class JsonbComparer
{
    public static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        using JsonDocument a = StoredJson.Open(left), b = StoredJson.Open(right);
        return Compare(a.RootElement, b.RootElement, root: true);
    }

    private static int Compare(JsonElement a, JsonElement b, bool root)
    {
        if (a.ValueKind != b.ValueKind && !(IsBool(a) && IsBool(b)))
        {
            if (root && a.ValueKind == JsonValueKind.Array && a.GetArrayLength() == 0) return -1;
            if (root && b.ValueKind == JsonValueKind.Array && b.GetArrayLength() == 0) return 1;
            return Rank(a).CompareTo(Rank(b));
        }

        switch (a.ValueKind)
        {
            case JsonValueKind.Object:
                var x = a.EnumerateObject().ToList();
                var y = b.EnumerateObject().ToList();
                if (x.Count != y.Count) return x.Count.CompareTo(y.Count);
                for (int i = 0; i < x.Count; i++)
                {
                    int order = CompareTexts(x[i].Name, y[i].Name);
                    if (order == 0) order = Compare(x[i].Value, y[i].Value, root: false);
                    if (order != 0) return order;
                }

                return 0;
            case JsonValueKind.Array:
                if (a.GetArrayLength() != b.GetArrayLength()) return a.GetArrayLength().CompareTo(b.GetArrayLength());
                for (int i = 0; i < a.GetArrayLength(); i++)
                {
                    int order = Compare(a[i], b[i], root: false);
                    if (order != 0) return order;
                }

                return 0;
            case JsonValueKind.String: return CompareTexts(a.GetString()!, b.GetString()!);
            case JsonValueKind.Number: return SqlNumeric.Parse(a.GetRawText()).CompareTo(SqlNumeric.Parse(b.GetRawText()));
            default: return (a.ValueKind == JsonValueKind.True).CompareTo(b.ValueKind == JsonValueKind.True);
        }
    }

    /// <summary>By their UTF-8 bytes, names of members too, though an object keeps its members in the order of their names' lengths.</summary>
    private static int CompareTexts(string a, string b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b));

    private static bool IsBool(JsonElement element) => element.ValueKind is JsonValueKind.True or JsonValueKind.False;

    private static int Rank(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => 0,
        JsonValueKind.String => 1,
        JsonValueKind.Number => 2,
        JsonValueKind.True or JsonValueKind.False => 3,
        JsonValueKind.Array => 4,
        _ => 5,
    };

    /// <summary>Numbers that are equal at different scales hash alike: trailing zeros behind a point outside of strings don't count.</summary>
    public static ulong Hash(ReadOnlySpan<byte> value)
    {
        ulong hash = 23;
        int at = 0;
        while (at < value.Length)
        {
            byte c = value[at];
            int start = at++;
            if (c == '"')
            {
                while (value[at] != '"') at += value[at] == '\\' ? 2 : 1;
                at++;
                hash = ValueComparer.Mix(hash ^ ValueComparer.HashSpan(value[start..at]));
            }
            else if (c == '-' || char.IsAsciiDigit((char)c))
            {
                while (at < value.Length && (char.IsAsciiDigit((char)value[at]) || value[at] == '.')) at++;
                hash = ValueComparer.Mix(hash ^ (ulong)SqlNumeric.Parse(value[start..at]).GetHashCode());
            }
            else hash = ValueComparer.Mix(hash ^ c);
        }

        return hash;
    }
}
