using System.Globalization;
using Xunit;

namespace DriftDb.Compiler.Tests;

/// <summary>The past costs what the present costs: a scan as of any moment looks at no more than twice the rows alive then, and the open chunks, however deep the history is.</summary>
public sealed class PromiseOfTimeTests
{
    private const int Rows = 20_000, RowsAChunk = 2_048, Group = 50;

    [Fact]
    public void A_scan_of_any_moment_visits_at_most_twice_the_rows_alive()
    {
        using var test = new TestDatabase();
        using var session = test.Database.OpenSession();
        session.Execute("CREATE TABLE accounts (id int PRIMARY KEY, balance bigint)");
        session.Execute($"INSERT INTO accounts SELECT g, g FROM generate_series(1, {Rows}) AS g");
        // Once, and then to ten times the depth.
        foreach (int updates in (int[])[2 * Rows, 18 * Rows])
        {
            for (int i = 0; i < updates; i += Rows / Group) session.Execute($"UPDATE accounts SET balance = balance + 1 WHERE (id * 7919 + {i}) % {Group} = 0");
            long last = Number(session.Query("SELECT max(last_sequence) FROM drift.transactions").Single()[0]);
            foreach (int percent in (int[])[10, 50, 90, 100])
            {
                long sequence = Rows + (last - Rows) * percent / 100;
                Assert.InRange(Visited(session, $"accounts AS OF @seq:{sequence}"), Rows, 2 * Rows + 2 * RowsAChunk);
            }

            Assert.InRange(Visited(session, "accounts"), Rows, 2 * Rows + 2 * RowsAChunk);
        }
    }

    private static long Visited(DriftSession session, string table)
    {
        const string Label = "Versions Visited: ";
        string line = session.Query($"EXPLAIN (ANALYZE, VERBOSE) SELECT sum(balance) FROM {table}").Select(row => row[0]!.ToString()!).Single(text => text.Contains(Label, StringComparison.Ordinal));
        return Number(line[(line.IndexOf(Label, StringComparison.Ordinal) + Label.Length)..]);
    }

    private static long Number(object? value) => long.Parse(value!.ToString()!, CultureInfo.InvariantCulture);
}
