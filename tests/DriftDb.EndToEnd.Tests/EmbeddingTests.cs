using DriftDb.Compiler;
using Xunit;

namespace DriftDb.EndToEnd.Tests;

/// <summary>The example of docs/embedding.md, line by line; the document and this test say the same.</summary>
public sealed class EmbeddingTests
{
    [Fact]
    public void The_example_prints_what_the_document_says()
    {
        using var directory = new TemporaryDirectory();
        var printed = new StringWriter { NewLine = "\n" };
        using (var db = DriftDatabase.Open(directory.Path))
        {
            db.Execute("CREATE TABLE accounts (id int PRIMARY KEY, owner text NOT NULL, balance numeric(12,2) NOT NULL)");
            db.Execute("INSERT INTO accounts VALUES (1, 'Ann', 100.00), (2, 'Bob', 50.00)");
            long before = db.CurrentSequence;
            db.Execute("UPDATE accounts SET balance = balance - $1 WHERE owner = $2", 30.25m, "Ann");
            using var balance = db.Prepare("SELECT balance FROM accounts FOR SYSTEM_TIME AS OF @seq:$1 WHERE id = $2");
            decimal then = balance.Query(before, 1)[0].GetDecimal(0);
            decimal now = balance.Query(db.CurrentSequence, 1)[0].GetDecimal(0);
            printed.WriteLine(FormattableString.Invariant($"{then} {now}"));
            using var session = db.OpenSession();
            session.Execute("BEGIN");
            session.Execute("DELETE FROM accounts");
            session.Execute("ROLLBACK");
            printed.WriteLine(db.Query("SELECT count(*) FROM accounts")[0].GetInt64(0));
            var stages = db.Compiler.Compile("SELECT owner FROM accounts WHERE id = $1");
            printed.WriteLine(stages.Ast);
            printed.WriteLine(stages.Physical);
        }

        Assert.Equal(Printed(), printed.ToString());
    }

    [Fact]
    public void Arrays_are_parameters()
    {
        using var directory = new TemporaryDirectory();
        using var db = DriftDatabase.Open(directory.Path);
        Assert.Equal("{1,NULL,-3}", Text("SELECT $1::int[]", new int?[] { 1, null, -3 }));
        Assert.Equal("""{"a,b","say \"x\" \\",NULL,"NULL",""}""", Text("SELECT $1::text[]", (object)new[] { "a,b", "say \"x\" \\", null, "NULL", "" }));
        Assert.Equal("{{1,2},{3,4}}", Text("SELECT $1::int[]", (object)new[] { new[] { 1, 2 }, [3, 4] }));
        Assert.Equal("""{"2026-11-23 10:00:00+00"}""", Text("SELECT $1::timestamptz[]", new[] { new DateTime(2026, 11, 23, 10, 0, 0, DateTimeKind.Utc) }));
        Assert.Equal("2", Text("SELECT count(*) FROM generate_series(1, 9) g WHERE g = ANY ($1)", new[] { 3, 5, 77 }));

        string Text(string query, object parameter) => db.Query(query, parameter)[0].GetString(0);
    }

    /// <summary>The block behind "It prints:".</summary>
    private static string Printed()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            string file = Path.Combine(directory.FullName, "docs", "embedding.md");
            if (!File.Exists(file)) continue;
            string text = File.ReadAllText(file);
            int start = text.IndexOf("```\n", text.IndexOf("It prints:", StringComparison.Ordinal), StringComparison.Ordinal) + 4;
            return text[start..text.IndexOf("```", start, StringComparison.Ordinal)];
        }

        throw new InvalidOperationException("the tests must run inside the repository");
    }
}
