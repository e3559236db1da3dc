using System.Text;

namespace DriftDb.Compiler;

using Entries = List<(string Key, object Value)>;

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
