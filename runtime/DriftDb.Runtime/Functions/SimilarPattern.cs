using System.Text;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>SQL's own regular expressions (SIMILAR TO, SUBSTRING … SIMILAR … ESCAPE; ISO/IEC 9075-2, 8.6) as .NET's.</summary>
internal static class SimilarPattern
{
    [SqlFunction("similar_to_escape")]
    public static string ToRegex(string pattern) => ToRegex(pattern, "\\");

    [SqlFunction("similar_to_escape")]
    public static string ToRegex(string pattern, string escape)
    {
        if (escape.Length > 1) throw new SqlException(SqlState.InvalidEscapeSequence, "invalid escape string", hint: "Escape string must be empty or one character.");
        int parts = CountSeparators(pattern, escape) + 1;
        if (parts > 3) throw new SqlException("2200C", "SQL regular expression may not contain more than two escape-double-quote separators");
        var result = new StringBuilder("^(?:");
        int part = 1;
        bool inClass = false;
        for (int i = 0; i < pattern.Length; i++)
        {
            char c = pattern[i];
            // The parts before and behind what is sought match as little as they can, so that it gets as much as it can.
            string lazy = parts == 3 && part == 1 ? "?" : "";
            if (escape.Length > 0 && c == escape[0] && i + 1 < pattern.Length)
            {
                char next = pattern[++i];
                if (next == '"' && !inClass) result.Append(part++ == 1 ? ")(" : ")(?:");
                else result.Append('\\').Append(next);
            }
            else if (inClass)
            {
                inClass = c != ']';
                result.Append(c == '\\' ? "\\\\" : c.ToString());
            }
            else
                switch (c)
                {
                    case '%': result.Append(".*").Append(lazy); break;
                    case '_': result.Append('.'); break;
                    case '[': inClass = true; result.Append(c); break;
                    case '*' or '+' or '?' or '}': result.Append(c).Append(lazy); break;
                    case '\\' or '.' or '^' or '$': result.Append('\\').Append(c); break;
                    default: result.Append(c); break;
                }
        }

        return result.Append(")$").ToString();
    }

    /// <summary>The part of the text between the pattern's two separators (the escape character and a double quote); the whole text when there are none.</summary>
    [SqlFunction("substring")]
    public static string? Substring(string text, string pattern, string escape) => RegexFunctions.Substring(text, ToRegex(pattern, escape));

    private static int CountSeparators(string pattern, string escape)
    {
        int count = 0;
        for (int i = 0; i + 1 < pattern.Length && escape.Length > 0; i++)
            if (pattern[i] == escape[0] && pattern[++i] == '"')
                count++;
        return count;
    }
}
