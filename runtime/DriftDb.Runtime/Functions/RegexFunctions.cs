using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Regular expressions: PostgreSQL's syntax mapped onto .NET's, compiled once and kept.</summary>
internal static class RegexFunctions
{
    private static readonly ConcurrentDictionary<(string Pattern, RegexOptions Options), Regex> Cache = new();

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    public static Regex Get(string pattern, RegexOptions options = RegexOptions.None)
    {
        if (Cache.TryGetValue((pattern, options), out Regex? known)) return known;
        try
        {
            var regex = new Regex(Translate(pattern, ref options), options | RegexOptions.CultureInvariant, Timeout);
            if (Cache.Count < 2_000) Cache[(pattern, options)] = regex;
            return regex;
        }
        catch (ArgumentException error)
        {
            throw new SqlException(SqlState.InvalidRegularExpression, $"invalid regular expression: {error.Message}");
        }
    }

    /// <summary>PostgreSQL's escapes that .NET writes otherwise.</summary>
    private static string Translate(string pattern, ref RegexOptions options)
    {
        if (pattern.StartsWith("***=", StringComparison.Ordinal)) return Regex.Escape(pattern[4..]);
        if (pattern.StartsWith("***:", StringComparison.Ordinal)) pattern = pattern[4..];
        if ((options & RegexOptions.Multiline) == 0) options |= RegexOptions.Singleline;
        var result = new StringBuilder(pattern.Length + 8);
        bool inClass = false;
        for (int i = 0; i < pattern.Length; i++)
        {
            char c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                char next = pattern[++i];
                result.Append(next switch { 'm' => "\\b(?=\\w)", 'M' => "\\b(?<=\\w)", 'y' => "\\b", 'Y' => "\\B", 'Z' => "\\z", _ => "\\" + next });
                continue;
            }

            if (c == '[' && !inClass)
            {
                inClass = true;
                result.Append(c);
                if (i + 1 < pattern.Length && pattern[i + 1] == '^') result.Append(pattern[++i]);
                if (i + 1 < pattern.Length && pattern[i + 1] == ']')
                {
                    result.Append("\\]");
                    i++;
                }

                continue;
            }

            if (inClass && c == '[' && i + 1 < pattern.Length && pattern[i + 1] == ':')
            {
                int end = pattern.IndexOf(":]", i, StringComparison.Ordinal);
                if (end > 0)
                {
                    result.Append(pattern[(i + 2)..end] switch
                    {
                        "alpha" => "\\p{L}", "digit" => "0-9", "alnum" => "\\p{L}\\p{Nd}", "space" => "\\s", "upper" => "\\p{Lu}", "lower" => "\\p{Ll}", "punct" => "!-/:-@\\[-`{-~",
                        "xdigit" => "0-9A-Fa-f", "blank" => " \\t", "cntrl" => "\\x00-\\x1f", "print" => " -~", "graph" => "!-~", "word" => "\\w", var name => throw new ArgumentException($"invalid character class {name}"),
                    });
                    i = end + 1;
                    continue;
                }
            }

            if (inClass && c == '[') result.Append('\\');
            if (c == ']') inClass = false;
            if (c == '$' && !inClass && (options & RegexOptions.Multiline) == 0)
            {
                result.Append("\\z");
                continue;
            }

            result.Append(c);
        }

        return result.ToString();
    }

    private static (RegexOptions Options, bool Global) Flags(string flags)
    {
        RegexOptions options = RegexOptions.None;
        bool global = false;
        foreach (char c in flags)
            switch (c)
            {
                case 'g': global = true; break;
                case 'i': options |= RegexOptions.IgnoreCase; break;
                case 'c': options &= ~RegexOptions.IgnoreCase; break;
                case 'n' or 'm': options |= RegexOptions.Multiline; break;
                case 's': options &= ~RegexOptions.Multiline; break;
                case 'x': options |= RegexOptions.IgnorePatternWhitespace; break;
                case 'q' or 'e' or 't' or 'p' or 'w' or 'b': break;
                default: throw new SqlException(SqlState.InvalidParameterValue, $"invalid regular expression option: \"{c}\"");
            }

        return (options, global);
    }

    [SqlOperator("~", "textregexeq"), SqlOperator("~", "nameregexeq", Parameters = "name, text")]
    public static bool Matches(string text, string pattern) => Get(pattern).IsMatch(text);

    [SqlOperator("!~", "textregexne"), SqlOperator("!~", "nameregexne", Parameters = "name, text")]
    public static bool MatchesNot(string text, string pattern) => !Get(pattern).IsMatch(text);

    [SqlOperator("~*", "texticregexeq"), SqlOperator("~*", "nameicregexeq", Parameters = "name, text")]
    public static bool MatchesIgnoreCase(string text, string pattern) => Get(pattern, RegexOptions.IgnoreCase).IsMatch(text);

    [SqlOperator("!~*", "texticregexne"), SqlOperator("!~*", "nameicregexne", Parameters = "name, text")]
    public static bool MatchesNotIgnoreCase(string text, string pattern) => !Get(pattern, RegexOptions.IgnoreCase).IsMatch(text);

    [SqlFunction("regexp_like")]
    public static bool RegexpLike(string text, string pattern) => Matches(text, pattern);

    [SqlFunction("regexp_like")]
    public static bool RegexpLike(string text, string pattern, string flags) => Get(pattern, Flags(flags).Options).IsMatch(text);

    /// <summary>LIKE_REGEX: XQuery's flags, by which a point is no end of line unless s says so (ISO/IEC 9075-2, 8.9).</summary>
    [SqlFunction("drift_like_regex")]
    public static bool LikeRegex(string text, string pattern, string flags)
    {
        if (flags.AsSpan().IndexOfAnyExcept("smixq") >= 0) throw new SqlException("2201T", $"invalid XQuery option flag: \"{flags}\"");
        RegexOptions options = flags.Contains('m') ? RegexOptions.Multiline : RegexOptions.None;
        if (flags.Contains('i')) options |= RegexOptions.IgnoreCase;
        if (flags.Contains('x')) options |= RegexOptions.IgnorePatternWhitespace;
        return Get(flags.Contains('q') ? Regex.Escape(pattern) : $"{(flags.Contains('s') ? "(?s:" : "(?-s:")}{pattern})", options).IsMatch(text);
    }

    [SqlFunction("substring")]
    public static string? Substring(string text, string pattern)
    {
        Match match = Get(pattern).Match(text);
        if (!match.Success) return null;
        if (match.Groups.Count == 1) return match.Value;
        return match.Groups[1].Success ? match.Groups[1].Value : null;
    }

    /// <summary>SUBSTRING(x SIMILAR pattern ESCAPE e) and SIMILAR TO: the SQL pattern as a regular expression.</summary>
    [SqlFunction("regexp_replace")]
    public static string Replace(string text, string pattern, string replacement) => Replace(text, pattern, replacement, "");

    [SqlFunction("regexp_replace")]
    public static string Replace(string text, string pattern, string replacement, string flags)
    {
        (RegexOptions options, bool global) = Flags(flags);
        return Get(pattern, options).Replace(text, match => Expand(replacement, match), global ? -1 : 1);
    }

    private static string Expand(string replacement, Match match)
    {
        if (!replacement.Contains('\\', StringComparison.Ordinal)) return replacement;
        var result = new StringBuilder();
        for (int i = 0; i < replacement.Length; i++)
        {
            if (replacement[i] != '\\' || i + 1 == replacement.Length)
            {
                result.Append(replacement[i]);
                continue;
            }

            char next = replacement[++i];
            if (next is >= '1' and <= '9') result.Append(match.Groups[next - '0'].Value);
            else if (next == '&') result.Append(match.Value);
            else if (next == '\\') result.Append('\\');
            else result.Append('\\').Append(next);
        }

        return result.ToString();
    }

    [SqlFunction("regexp_replace")]
    public static string Replace(string text, string pattern, string replacement, int start) => Replace(text, pattern, replacement, start, 1, "");

    [SqlFunction("regexp_replace")]
    public static string Replace(string text, string pattern, string replacement, int start, int n) => Replace(text, pattern, replacement, start, n, "");

    /// <summary>Replaces the n-th match from a character on; all of them for 0.</summary>
    [SqlFunction("regexp_replace")]
    public static string Replace(string text, string pattern, string replacement, int start, int n, string flags)
    {
        RequirePositive("start", start);
        if (n < 0) throw Invalid("n", n);
        int seen = 0;
        return Get(pattern, Flags(flags).Item1).Replace(text, match => ++seen == n || n == 0 ? Expand(replacement, match) : match.Value, -1, Math.Min(text.Length, start - 1));
    }

    [SqlFunction("regexp_count")]
    public static int Count(string text, string pattern) => Get(pattern).Count(text);

    [SqlFunction("regexp_count")]
    public static int Count(string text, string pattern, int start) => Count(text, pattern, start, "");

    [SqlFunction("regexp_count")]
    public static int Count(string text, string pattern, int start, string flags) => Matches(text, pattern, start, flags).Count();

    [SqlFunction("regexp_instr")] public static int Instr(string text, string pattern) => Instr(text, pattern, 1, 1, 0, "", 0);
    [SqlFunction("regexp_instr")] public static int Instr(string text, string pattern, int start) => Instr(text, pattern, start, 1, 0, "", 0);
    [SqlFunction("regexp_instr")] public static int Instr(string text, string pattern, int start, int n) => Instr(text, pattern, start, n, 0, "", 0);
    [SqlFunction("regexp_instr")] public static int Instr(string text, string pattern, int start, int n, int endOption) => Instr(text, pattern, start, n, endOption, "", 0);
    [SqlFunction("regexp_instr")] public static int Instr(string text, string pattern, int start, int n, int endOption, string flags) => Instr(text, pattern, start, n, endOption, flags, 0);

    /// <summary>Where the n-th match (or one of its groups) begins, or with the option 1 where it has ended; 0 for none.</summary>
    [SqlFunction("regexp_instr")]
    public static int Instr(string text, string pattern, int start, int n, int endOption, string flags, int group)
    {
        RequirePositive("n", n);
        if (endOption is < 0 or > 1) throw Invalid("endoption", endOption);
        if (group < 0) throw Invalid("subexpr", group);
        var match = Matches(text, pattern, start, flags).ElementAtOrDefault(n - 1);
        if (match is null || group >= match.Groups.Count || !match.Groups[group].Success) return 0;
        return match.Groups[group].Index + (endOption == 1 ? match.Groups[group].Length : 0) + 1;
    }

    [SqlFunction("regexp_substr")] public static string? Substr(string text, string pattern) => Substr(text, pattern, 1, 1, "", 0);
    [SqlFunction("regexp_substr")] public static string? Substr(string text, string pattern, int start) => Substr(text, pattern, start, 1, "", 0);
    [SqlFunction("regexp_substr")] public static string? Substr(string text, string pattern, int start, int n) => Substr(text, pattern, start, n, "", 0);
    [SqlFunction("regexp_substr")] public static string? Substr(string text, string pattern, int start, int n, string flags) => Substr(text, pattern, start, n, flags, 0);

    [SqlFunction("regexp_substr")]
    public static string? Substr(string text, string pattern, int start, int n, string flags, int group)
    {
        RequirePositive("n", n);
        if (group < 0) throw Invalid("subexpr", group);
        var match = Matches(text, pattern, start, flags).ElementAtOrDefault(n - 1);
        return match is null || group >= match.Groups.Count || !match.Groups[group].Success ? null : match.Groups[group].Value;
    }

    private static IEnumerable<Match> Matches(string text, string pattern, int start, string flags)
    {
        RequirePositive("start", start);
        return Get(pattern, Flags(flags).Item1).Matches(text, Math.Min(text.Length, start - 1));
    }

    private static void RequirePositive(string parameter, int value)
    {
        if (value < 1) throw Invalid(parameter, value);
    }

    private static SqlException Invalid(string parameter, int value) => new(SqlState.InvalidParameterValue, $"invalid value for parameter \"{parameter}\": {value}");

    [SqlFunction("regexp_match", Parameters = "text, text", Returns = "text[]")]
    public static Datum Match(QueryContext context, string text, string pattern) => Match(context, text, pattern, "");

    [SqlFunction("regexp_match", Parameters = "text, text, text", Returns = "text[]")]
    public static Datum Match(QueryContext context, string text, string pattern, string flags)
    {
        Match match = Get(pattern, Flags(flags).Options).Match(text);
        return match.Success ? Datum.Of(SqlType.ArrayOf(SqlType.Text), context.Arena.Copy(Groups(match))) : Datum.Null(SqlType.ArrayOf(SqlType.Text));
    }

    private static byte[] Groups(Match match)
    {
        var builder = new ArrayBuilder();
        builder.Begin();
        for (int i = match.Groups.Count == 1 ? 0 : 1; i < match.Groups.Count; i++)
        {
            if (match.Groups[i].Success) builder.Add(Encoding.UTF8.GetBytes(match.Groups[i].Value));
            else builder.AddNull();
        }

        return builder.Finish().ToArray();
    }

    [SqlTableFunction("regexp_matches", Parameters = "text, text", Returns = "text[]")]
    public static void MatchesRows(string text, string pattern, RowWriter rows) => MatchesRows(text, pattern, "", rows);

    [SqlTableFunction("regexp_matches", Parameters = "text, text, text", Returns = "text[]")]
    public static void MatchesRows(string text, string pattern, string flags, RowWriter rows)
    {
        (RegexOptions options, bool global) = Flags(flags);
        foreach (Match match in Get(pattern, options).Matches(text).Take(global ? int.MaxValue : 1))
        {
            rows.BeginRow();
            rows.SetBytes(0, Groups(match));
        }
    }

    [SqlTableFunction("regexp_split_to_table", Returns = "text")]
    public static void SplitToTable(string text, string pattern, RowWriter rows)
    {
        foreach (string part in Split(text, pattern))
        {
            rows.BeginRow();
            rows.SetBytes(0, Encoding.UTF8.GetBytes(part));
        }
    }

    [SqlFunction("regexp_split_to_array", Parameters = "text, text", Returns = "text[]")]
    public static ByteSlice SplitToArray(QueryContext context, string text, string pattern)
    {
        var builder = new ArrayBuilder();
        builder.Begin();
        foreach (string part in Split(text, pattern)) builder.Add(Encoding.UTF8.GetBytes(part));
        return context.Arena.Copy(builder.Finish());
    }

    /// <summary>The pieces between matches; .NET's own Split would add the groups.</summary>
    private static List<string> Split(string text, string pattern)
    {
        var parts = new List<string>();
        int at = 0;
        foreach (Match match in Get(pattern).Matches(text))
        {
            if (match.Length == 0 && (match.Index == 0 || match.Index == text.Length)) continue;
            parts.Add(text[at..match.Index]);
            at = match.Index + match.Length;
        }

        parts.Add(text[at..]);
        return parts;
    }
}
