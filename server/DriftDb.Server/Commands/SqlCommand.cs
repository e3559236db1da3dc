using System.CommandLine;
using System.Text;
using DriftDb.Compiler;
using DriftDb.Types;

namespace DriftDb.Server.Commands;

/// <summary><c>driftdb sql</c>: statements against a data directory, in this process; results as tables.</summary>
internal static class SqlCommand
{
    public static Command Create(Option<string> dataPath)
    {
        var statements = new Option<string[]>("--command", "-c") { Description = "SQL to run; may be given several times. Without it, standard input is read." };
        var database = new Option<string>("--database", "-d") { Description = "The database.", DefaultValueFactory = _ => Instance.DefaultName };
        var command = new Command("sql", "Run SQL against a data directory without a server.") { statements, database };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(dataPath), parsed.GetRequiredValue(database), parsed.GetValue(statements) ?? []));
        return command;
    }

    private static int Run(string dataPath, string database, string[] statements)
    {
        try
        {
            using var instance = Instance.Open(dataPath);
            using var session = instance.Connect(new SessionOptions { Database = database, ApplicationName = "driftdb sql" });
            if (statements.Length == 0) statements = [Console.In.ReadToEnd()];
            foreach (string sql in statements)
                if (!Execute(session, sql)) return 1;
            return 0;
        }
        catch (Exception error) when (error is SqlException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"driftdb: {error.Message}");
            return 1;
        }
    }

    private static bool Execute(Session session, string sql)
    {
        // A script with a syntax error does not run at all, so that all its errors can be told at once.
        var syntaxErrors = Frontend.SqlParser.SyntaxErrors(sql);
        foreach (SqlException error in syntaxErrors) Print(sql, error);
        if (syntaxErrors.Length > 0) return false;
        var sink = new ConsoleSink(session);
        try
        {
            using var run = session.StartSimple(Encoding.UTF8.GetBytes(sql));
            using var ready = new ManualResetEventSlim();
            while (true)
            {
                switch (run.Advance(sink, 0, onWorker: true))
                {
                    case RunStatus.Complete:
                        return true;
                    case RunStatus.Wait:
                        ready.Reset();
                        run.OnReady(ready.Set);
                        ready.Wait();
                        break;
                    case RunStatus.CopyIn:
                        run.CopyIn!.Fail("COPY FROM STDIN needs a client: use psql");
                        break;
                }
            }
        }
        catch (SqlException error)
        {
            sink.PrintNotices();
            Print(sql, error);
            return false;
        }
    }

    private static void Print(string sql, SqlException error)
    {
        Console.Error.WriteLine($"ERROR:  {error.Message} ({error.SqlState})");
        if (!error.Span.IsNone && error.Span.Start <= sql.Length) PrintPlace(sql, error.Span.Start);
        if (error.Detail is not null) Console.Error.WriteLine($"DETAIL:  {error.Detail}");
        if (error.Hint is not null) Console.Error.WriteLine($"HINT:  {error.Hint}");
    }

    private static void PrintPlace(string sql, int offset)
    {
        int start = offset == 0 ? 0 : sql.LastIndexOf('\n', offset - 1) + 1;
        int end = sql.IndexOf('\n', offset);
        int line = sql.AsSpan(0, start).Count('\n') + 1;
        string prefix = $"LINE {line}: ";
        Console.Error.WriteLine(prefix + sql[start..(end < 0 ? sql.Length : end)]);
        Console.Error.WriteLine(new string(' ', prefix.Length + offset - start) + "^");
    }
}
