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

/// <summary>A plan as YAML.</summary>
internal static class YamlPlan
{
    public static string Write(Entries top)
    {
        var text = new StringBuilder();
        List(text, [top], 0);
        return text.ToString().TrimEnd('\n');
    }

    private static void List(StringBuilder text, IEnumerable<Entries> items, int depth)
    {
        foreach (var item in items)
        {
            text.Append(' ', depth * 2).Append("- ");
            for (int i = 0; i < item.Count; i++)
            {
                if (i > 0) text.Append(' ', depth * 2 + 2);
                text.Append(item[i].Key).Append(": ");
                Value(text, item[i].Value, depth + 1);
            }
        }
    }

    private static void Value(StringBuilder text, object value, int depth)
    {
        switch (value)
        {
            case StructuredFormat.Literal literal: text.Append(literal.Text).Append('\n'); break;
            case string[] items:
                text.Append('\n');
                foreach (string item in items) text.Append(' ', depth * 2 + 2).Append("- ").Append(Quoted(item)).Append('\n');
                break;
            case Entries entries:
                text.Append('\n');
                foreach (var (key, inner) in entries)
                {
                    text.Append(' ', depth * 2 + 2).Append(key).Append(": ");
                    Value(text, inner, depth + 1);
                }

                break;
            case List<Entries> plans:
                text.Append('\n');
                List(text, plans, depth + 1);
                break;
            default: text.Append(Quoted(value.ToString() ?? "")).Append('\n'); break;
        }
    }

    private static string Quoted(string value) => "\"" + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}

/// <summary>A plan as XML, in PostgreSQL's namespace.</summary>
internal static class XmlPlan
{
    public static string Write(Entries top)
    {
        var text = new StringBuilder("<explain xmlns=\"http://www.postgresql.org/2009/explain\">\n  <Query>\n");
        foreach (var (key, value) in top) Element(text, key, value, 2);
        return text.Append("  </Query>\n</explain>").ToString();
    }

    private static void Element(StringBuilder text, string key, object value, int depth)
    {
        string name = key.Replace(' ', '-'), margin = new(' ', depth * 2);
        switch (value)
        {
            case StructuredFormat.Literal literal: text.Append(margin).Append($"<{name}>{literal.Text}</{name}>\n"); break;
            case string[] items:
                text.Append(margin).Append($"<{name}>\n");
                foreach (string item in items) Element(text, "Item", item, depth + 1);
                text.Append(margin).Append($"</{name}>\n");
                break;
            case Entries entries:
                text.Append(margin).Append($"<{name}>\n");
                foreach (var (innerKey, inner) in entries) Element(text, innerKey, inner, depth + 1);
                text.Append(margin).Append($"</{name}>\n");
                break;
            case List<Entries> plans:
                text.Append(margin).Append($"<{name}>\n");
                foreach (var plan in plans) Element(text, "Plan", plan, depth + 1);
                text.Append(margin).Append($"</{name}>\n");
                break;
            default: text.Append(margin).Append($"<{name}>{System.Security.SecurityElement.Escape(value.ToString())}</{name}>\n"); break;
        }
    }
}
