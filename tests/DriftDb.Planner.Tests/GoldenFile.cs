using System.Runtime.CompilerServices;
using System.Text;
using Xunit;

namespace DriftDb.Planner.Tests;

/// <summary>
/// Runs a file of cases: a verb with options, a query, a line of dashes, the plan that must come out. With DRIFTDB_REWRITE=1 what came out is written into the file instead, but a rule that
/// fires where the case says that it must not (or the other way round) fails all the same.
/// </summary>
internal static class GoldenFile
{
    private const string Divider = "----";

    public static string Folder(string name, [CallerFilePath] string path = "") => Path.Combine(Path.GetDirectoryName(path)!, name);

    public static TheoryData<string> In(string folder) => [.. Directory.EnumerateFiles(Folder(folder), "*.test").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    /// <param name="path">The file.</param>
    /// <param name="perform">What a case gives: from the verb's words and the query.</param>
    public static void Run(string path, Func<string[], string, string> perform)
    {
        bool rewrite = Environment.GetEnvironmentVariable("DRIFTDB_REWRITE") == "1";
        var rewritten = new StringBuilder();
        var failures = new StringBuilder();
        string[] lines = File.ReadAllLines(path);
        for (int i = 0; i < lines.Length;)
        {
            if (lines[i].Length == 0 || lines[i].StartsWith('#'))
            {
                if (lines[i].Length > 0) rewritten.Append(lines[i]).Append('\n');
                i++;
                continue;
            }

            int first = i + 1;
            string verb = lines[i++];
            string sql = Part(lines, ref i, Divider);
            string expected = Part(lines, ref i, "");
            string actual = perform(verb.Split(' '), sql);
            rewritten.Append(verb).Append('\n').Append(sql).Append('\n').Append(Divider).Append('\n').Append(actual).Append("\n\n");
            if (actual != expected) failures.Append($"{Path.GetFileName(path)}:{first}: {verb}\n{sql}\n--- expected\n{expected}\n--- actual\n{actual}\n\n");
        }

        if (rewrite) File.WriteAllText(path, rewritten.ToString().TrimEnd('\n') + "\n");
        else Assert.True(failures.Length == 0, failures.ToString());
    }

    private static string Part(string[] lines, ref int i, string end)
    {
        int start = i;
        while (i < lines.Length && lines[i] != end) i++;
        string part = string.Join('\n', lines[start..i]);
        i++;
        return part;
    }
}
