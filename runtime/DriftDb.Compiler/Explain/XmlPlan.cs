using System.Text;

namespace DriftDb.Compiler;

using Entries = List<(string Key, object Value)>;

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
            default: text.Append(margin).Append($"<{name}>{Escaped(value.ToString() ?? "")}</{name}>\n"); break;
        }
    }

    private static string Escaped(string value) => value.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
