using System.Text;
using DriftDb.Types;

namespace DriftDb.Protocol;

/// <summary>
/// The <c>options</c> parameter: a command line for the server, <c>-c name=value</c>, <c>-cname=value</c> or <c>--name=value</c>, split at white space;
/// a backslash takes the next character as it is.
/// </summary>
public static class StartupOptions
{
    public static IReadOnlyList<(string Name, string Value)> Read(string options)
    {
        if (options.Length == 0) return [];
        var words = Split(options);
        var settings = new List<(string, string)>();
        for (int i = 0; i < words.Count; i++)
        {
            string word = words[i];
            if (word == "-c" && i + 1 < words.Count) settings.Add(Setting(words[++i]));
            else if (word.StartsWith("--", StringComparison.Ordinal)) settings.Add(Setting(word[2..]));
            else if (word.StartsWith("-c", StringComparison.Ordinal)) settings.Add(Setting(word[2..]));
            else throw new SqlException(SqlState.SyntaxError, $"invalid command-line argument for server process: {word}") { IsFatal = true };
        }

        return settings;
    }

    private static (string Name, string Value) Setting(string word)
    {
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0) throw new SqlException(SqlState.SyntaxError, $"-c {word} requires a value") { IsFatal = true };
        return (word[..equals].Replace('-', '_'), word[(equals + 1)..]);
    }

    private static List<string> Split(string options)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool inWord = false;
        for (int i = 0; i < options.Length; i++)
        {
            char c = options[i];
            if (char.IsWhiteSpace(c))
            {
                if (inWord) words.Add(word.ToString());
                word.Clear();
                inWord = false;
                continue;
            }

            if (c == '\\' && i + 1 < options.Length) c = options[++i];
            word.Append(c);
            inWord = true;
        }

        if (inWord) words.Add(word.ToString());
        return words;
    }
}
