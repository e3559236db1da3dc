using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DriftDb.Compiler;

using Entries = List<(string Key, object Value)>;

/// <summary>A plan as JSON, laid out as PostgreSQL's is.</summary>
internal static class JsonPlan
{
    public static string Write(Entries top)
    {
        var text = new StringBuilder("[\n  ");
        Value(text, top, 1);
        return text.Append("\n]").ToString();
    }

    private static void Value(StringBuilder text, object value, int depth)
    {
        string inner = new(' ', (depth + 1) * 2), outer = new(' ', depth * 2);
        switch (value)
        {
            case StructuredFormat.Literal literal: text.Append(literal.Text); break;
            case string[] items: text.Append('[').AppendJoin(", ", items.Select(Quoted)).Append(']'); break;
            case Entries entries:
                text.Append("{\n");
                for (int i = 0; i < entries.Count; i++)
                {
                    text.Append(inner).Append(Quoted(entries[i].Key)).Append(": ");
                    Value(text, entries[i].Value, depth + 1);
                    text.Append(i < entries.Count - 1 ? ",\n" : "\n");
                }

                text.Append(outer).Append('}');
                break;
            case List<Entries> plans:
                text.Append("[\n");
                for (int i = 0; i < plans.Count; i++)
                {
                    text.Append(inner);
                    Value(text, plans[i], depth + 1);
                    text.Append(i < plans.Count - 1 ? ",\n" : "\n");
                }

                text.Append(outer).Append(']');
                break;
            default: text.Append(Quoted(value.ToString() ?? "")); break;
        }
    }

    private static string Quoted(string value) => "\"" + JsonEncodedText.Encode(value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping) + "\"";
}
