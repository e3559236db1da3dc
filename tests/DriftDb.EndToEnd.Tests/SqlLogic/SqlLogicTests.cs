using Xunit;

namespace DriftDb.EndToEnd.Tests;

/// <summary>
/// sqllogictest's files that PostgreSQL passes. CI runs the beginning of each; DRIFTDB_SQLLOGIC_RECORDS asks for more of each file, DRIFTDB_SQLLOGIC_FILES for
/// files whose path contains a text.
/// </summary>
public sealed class SqlLogicTests
{
    private static int RecordsPerFile => int.TryParse(Environment.GetEnvironmentVariable("DRIFTDB_SQLLOGIC_RECORDS"), out int records) ? records : 120;

    [SqlLogicFact]
    public void Answers_are_PostgreSQLs()
    {
        string folder = Tools.Shared("sqllogictest")!;
        string filter = Environment.GetEnvironmentVariable("DRIFTDB_SQLLOGIC_FILES") ?? "";
        var leftOut = LeftOut(folder);
        var failures = new List<string>();
        int run = 0;
        foreach (string file in Directory.EnumerateFiles(folder, "*.test*", SearchOption.AllDirectories).Where(file => file.Contains(filter, StringComparison.Ordinal)).Order())
        {
            string name = Path.GetRelativePath(folder, file).Replace(".gz", "", StringComparison.Ordinal);
            var (count, problems) = SqlLogicRunner.Run(file, name, RecordsPerFile, leftOut);
            run += count;
            failures.AddRange(problems);
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {run} records differ:\n{string.Join("\n", failures.Take(40))}");
        Assert.True(run > 0, "no records were run");
    }

    /// <summary>Records that PostgreSQL itself fails, as <c>file:line</c>.</summary>
    private static HashSet<string> LeftOut(string folder)
    {
        string list = Path.Combine(folder, "postgresql-fails.txt");
        return !File.Exists(list) ? [] : [.. File.ReadLines(list).Select(line => line.Split([' ', '\t'], 2)[0])];
    }
}

/// <summary>Skipped, with a word why, where the files aren't beside the repository.</summary>
public sealed class SqlLogicFactAttribute : FactAttribute
{
    public SqlLogicFactAttribute()
    {
        if (Tools.Shared("sqllogictest") is null) Skip = "the shared inputs (sqllogictest) are not beside the repository";
    }
}
