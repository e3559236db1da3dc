using System.Globalization;
using System.Runtime.CompilerServices;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Compiler.Tests;

/// <summary>Cases of concurrent sessions, step by step: what each answers, when it waits, and what lets it go on. The cases are beside this file.</summary>
public sealed class IsolationTests
{
    private static readonly TimeSpan WaitsAfter = TimeSpan.FromMilliseconds(150), GoesOnWithin = TimeSpan.FromSeconds(20);

    public static TheoryData<string> Cases() => [.. ReadCases().Keys];

    [Theory, MemberData(nameof(Cases))]
    public async Task Sessions_answer_as_recorded(string name)
    {
        using var database = new TestDatabase();
        database.Database.Execute("CREATE TABLE test (id int PRIMARY KEY, value int); INSERT INTO test VALUES (1, 10), (2, 20)");
        var sessions = new Dictionary<string, DriftSession>();
        var waiting = new Dictionary<string, Task<string>>();
        try
        {
            foreach (string line in ReadCases()[name])
            {
                string[] halves = line.Split(" -> ", 2);
                string session = halves[0].TrimStart().Split(' ')[0];
                if (line.StartsWith(' '))
                {
                    Assert.Equal(line, $"{halves[0]} -> {await waiting[session].WaitAsync(GoesOnWithin)}");
                    waiting.Remove(session);
                    continue;
                }

                if (!sessions.TryGetValue(session, out var runs)) sessions[session] = runs = database.Database.OpenSession();
                var answer = Task.Run(() => Answer(runs, halves[0][(session.Length + 1)..], halves[1]));
                if (halves[1] != "waits") Assert.Equal(line, $"{halves[0]} -> {await answer.WaitAsync(GoesOnWithin)}");
                else
                {
                    Assert.NotSame(answer, await Task.WhenAny(answer, Task.Delay(WaitsAfter)));
                    waiting[session] = answer;
                }
            }

            Assert.Empty(waiting);
        }
        finally
        {
            foreach (var session in sessions.Values) session.Dispose();
        }
    }

    /// <summary>Rows, a tag with its count, or an error. Statements without an answer of their own give what was expected of them.</summary>
    private static string Answer(DriftSession session, string sql, string expected)
    {
        try
        {
            string verb = sql.Split(' ')[0];
            if (verb == "SELECT")
            {
                var rows = session.Query(sql);
                return rows.Count == 0 ? "nothing" : string.Join(' ', rows.Select(row => $"({row.ToString()!.Replace('|', ',').Replace("NULL", "null", StringComparison.Ordinal)})"));
            }

            long count = session.Execute(sql);
            return verb switch
            {
                "INSERT" => string.Create(CultureInfo.InvariantCulture, $"INSERT 0 {count}"),
                "UPDATE" or "DELETE" => string.Create(CultureInfo.InvariantCulture, $"{verb} {count}"),
                _ => expected == "waits" ? verb == "ALTER" ? "ALTER TABLE" : verb : expected,
            };
        }
        catch (SqlException error)
        {
            return $"{error.SqlState} {error.Message}";
        }
    }

    private static Dictionary<string, List<string>> ReadCases([CallerFilePath] string path = "")
    {
        var cases = new Dictionary<string, List<string>>();
        foreach (string line in File.ReadLines(Path.Combine(Path.GetDirectoryName(path)!, "hermitage.cases")))
        {
            if (line.StartsWith("== ", StringComparison.Ordinal)) cases.Add(line[3..], []);
            else if (cases.Count > 0 && line.Length > 0 && line[0] != '#') cases.Values.Last().Add(line);
        }

        return cases;
    }
}
