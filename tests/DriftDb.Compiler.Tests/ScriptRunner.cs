using System.Runtime.CompilerServices;
using System.Text;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Compiler.Tests;

/// <summary>Runs a script of statements with expected results; with DRIFTDB_REWRITE=1 writes what came out into the script instead.</summary>
internal static class ScriptRunner
{
    private const string Divider = "----";

    private sealed record Step(int Line, string Comments, string Verb, string Statement, string Expected);

    public static string Folder([CallerFilePath] string path = "") => Path.Combine(Path.GetDirectoryName(path)!, "Scripts");

    public static void Run(string name)
    {
        string path = Path.Combine(Folder(), name);
        bool rewrite = Environment.GetEnvironmentVariable("DRIFTDB_REWRITE") == "1";
        using var database = new TestDatabase();
        var failures = new StringBuilder();
        var rewritten = new StringBuilder();
        foreach (var step in Read(path))
        {
            string actual = Perform(database, step);
            rewritten.Append(step.Comments).Append(step.Verb).Append('\n');
            if (step.Statement.Length > 0) rewritten.Append(step.Statement).Append('\n');
            rewritten.Append(Divider).Append('\n').Append(actual).Append(actual.Length > 0 ? "\n\n" : "\n");
            if (actual != step.Expected) failures.Append($"{name}:{step.Line}: {step.Verb}\n{step.Statement}\n--- expected\n{step.Expected}\n--- actual\n{actual}\n\n");
        }

        if (rewrite) File.WriteAllText(path, rewritten.ToString().TrimEnd('\n') + "\n");
        else Assert.True(failures.Length == 0, failures.ToString());
    }

    private static string Perform(TestDatabase database, Step step)
    {
        // "query b" runs in a session of that name.
        string[] words = step.Verb.Split(' ');
        var session = database.Session(words.Length > 1 ? words[1] : "");
        try
        {
            switch (words[0])
            {
                case "exec":
                    session.Execute(step.Statement);
                    return Notices(session);
                case "restart":
                    database.Restart();
                    return "";
                case "disconnect":
                    database.Disconnect(words[1]);
                    return "";
                case "query":
                    return string.Join('\n', session.Query(step.Statement).Select(row => row.ToString()));
                case "explain":
                    return string.Join('\n', session.Query(step.Statement).Select(row => row[0]));
                case "error":
                    session.Query(step.Statement);
                    return "no error";
                default: throw new InvalidOperationException($"line {step.Line}: no verb {step.Verb}");
            }
        }
        catch (SqlException error)
        {
            string text = $"{error.SqlState}: {error.Message}";
            if (error.Detail is { Length: > 0 } detail) text += $"\nDETAIL: {detail}";
            return error.Hint is { Length: > 0 } hint ? $"{text}\nHINT: {hint}" : text;
        }
    }

    private static string Notices(DriftSession session)
    {
        var notices = new List<string>();
        // Sizes of files depend on the clock: times in them compress to a few bytes more or less.
        while (session.Session.TryTakeNotice(out var notice))
            notices.Add($"{notice.Severity}: {System.Text.RegularExpressions.Regex.Replace(notice.Message, "[0-9]+ bytes became [0-9]+", "N bytes became M")}{(notice.Detail is null ? "" : $"\nDETAIL: {notice.Detail}")}");
        return string.Join('\n', notices);
    }

    private static IEnumerable<Step> Read(string path)
    {
        string[] lines = File.ReadAllLines(path);
        var comments = new StringBuilder();
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length == 0) continue;
            if (lines[i].StartsWith('#'))
            {
                comments.Append(lines[i]).Append('\n');
                continue;
            }

            int first = i;
            string verb = lines[i++];
            string statement = Part(lines, ref i, line => line == Divider);
            string expected = Part(lines, ref i, line => line.Length == 0);
            yield return new Step(first + 1, comments.ToString(), verb, statement, expected);
            comments.Clear();
        }
    }

    /// <summary>Lines up to one that ends the part, which is passed.</summary>
    private static string Part(string[] lines, ref int i, Func<string, bool> ends)
    {
        int start = i;
        while (i < lines.Length && !ends(lines[i])) i++;
        string part = string.Join('\n', lines[start..Math.Min(i, lines.Length)]);
        if (i < lines.Length && lines[i] == Divider) i++;
        return part;
    }
}

public sealed class ScriptTests
{
    public static TheoryData<string> Scripts() => [.. Directory.EnumerateFiles(ScriptRunner.Folder(), "*.test").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Scripts))]
    public void Script_gives_what_it_says(string name) => ScriptRunner.Run(name);
}
