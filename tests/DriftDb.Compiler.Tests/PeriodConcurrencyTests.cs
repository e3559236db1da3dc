using DriftDb.Types;
using Xunit;

namespace DriftDb.Compiler.Tests;

/// <summary>Keys WITHOUT OVERLAPS and foreign keys with PERIOD between sessions: whoever comes second waits, and then sees what the first has done.</summary>
public sealed class PeriodConcurrencyTests
{
    [Theory, InlineData("COMMIT", false), InlineData("ROLLBACK", true)]
    public async Task An_insert_waits_for_one_that_overlaps(string end, bool goesOn)
    {
        using var test = Prices(out var first, out var second);
        first.Execute("BEGIN; INSERT INTO p VALUES (2, 10, '2024-01-01', '2024-06-01')");
        var insert = Task.Run(() => second.Execute("INSERT INTO p VALUES (2, 20, '2024-05-01', '2024-12-01')"));
        await Task.Delay(200);
        Assert.False(insert.IsCompleted);
        first.Execute(end);
        if (goesOn) Assert.Equal(1, await insert);
        else Assert.Equal(SqlState.ExclusionViolation, (await Assert.ThrowsAsync<SqlException>(() => insert)).SqlState);
    }

    [Fact]
    public async Task An_insert_waits_for_a_portion_that_makes_room()
    {
        using var test = Prices(out var first, out var second);
        first.Execute("BEGIN; DELETE FROM p FOR PORTION OF valid FROM '2024-03-01' TO '2024-04-01' WHERE id = 1");
        var insert = Task.Run(() => second.Execute("INSERT INTO p VALUES (1, 20, '2024-03-01', '2024-04-01')"));
        await Task.Delay(200);
        Assert.False(insert.IsCompleted);
        first.Execute("COMMIT");
        Assert.Equal(1, await insert);
    }

    [Theory, InlineData("read committed"), InlineData("repeatable read")]
    public async Task A_portion_of_the_referenced_row_waits_for_an_insert_that_refers_to_it(string isolation)
    {
        using var test = Prices(out var inserting, out var deleting);
        deleting.Execute($"BEGIN ISOLATION LEVEL {isolation}");
        deleting.Query("SELECT 1 FROM c");
        inserting.Execute("BEGIN; INSERT INTO c VALUES (1, 1, '2024-02-01', '2024-05-01')");
        var delete = Task.Run(() => deleting.Execute("DELETE FROM p FOR PORTION OF valid FROM '2024-03-01' TO '2024-04-01' WHERE id = 1"));
        await Task.Delay(200);
        Assert.False(delete.IsCompleted);
        inserting.Execute("COMMIT");
        Assert.Equal(SqlState.ForeignKeyViolation, (await Assert.ThrowsAsync<SqlException>(() => delete)).SqlState);
    }

    [Fact]
    public async Task An_insert_waits_for_a_portion_of_the_row_that_it_refers_to()
    {
        using var test = Prices(out var inserting, out var deleting);
        deleting.Execute("BEGIN; DELETE FROM p FOR PORTION OF valid FROM '2024-03-01' TO '2024-04-01' WHERE id = 1");
        var insert = Task.Run(() => inserting.Execute("INSERT INTO c VALUES (1, 1, '2024-02-01', '2024-05-01')"));
        await Task.Delay(200);
        Assert.False(insert.IsCompleted);
        deleting.Execute("COMMIT");
        Assert.Equal(SqlState.ForeignKeyViolation, (await Assert.ThrowsAsync<SqlException>(() => insert)).SqlState);
    }

    /// <summary>Sessions that write periods and portions at random: at no commit do two of one owner overlap, and no row refers to a period that isn't covered.</summary>
    [Theory, InlineData(1), InlineData(2)]
    public void Neither_overlaps_nor_gaps_at_any_moment(int seed)
    {
        using var test = Prices(out var first, out _);
        first.Execute("DELETE FROM p");
        Parallel.For(0, 4, worker =>
        {
            var random = new Random(seed * 100 + worker);
            using var session = test.Database.OpenSession();
            for (int i = 0; i < 120; i++)
            {
                int id = random.Next(4), from = random.Next(1, 20), until = from + 1 + random.Next(8), low = random.Next(1, 20), high = low + 1 + random.Next(5);
                string period = $"{Day(from)}, {Day(until)}", portion = $"FOR PORTION OF valid FROM {Day(low)} TO {Day(high)}";
                string sql = random.Next(8) switch
                {
                    0 or 1 => $"INSERT INTO p VALUES ({id}, {i}, {period})",
                    2 => $"UPDATE p {portion} SET v = {i} WHERE id = {id}",
                    3 => $"DELETE FROM p {portion} WHERE id = {id}",
                    4 => $"BEGIN; DELETE FROM p WHERE id = {id}; INSERT INTO p VALUES ({id}, {i}, {Day(1)}, {Day(31)}); COMMIT",
                    5 => $"UPDATE p SET u = u + 1 WHERE id = {id} AND f < {Day(low)}",
                    6 => $"DELETE FROM c WHERE id = {id}",
                    _ => $"INSERT INTO c VALUES ({i}, {id}, {period})",
                };
                try
                {
                    session.Execute(sql);
                }
                catch (SqlException error)
                {
                    Assert.True(error.SqlState is SqlState.ForeignKeyViolation or SqlState.ExclusionViolation or SqlState.DeadlockDetected, $"seed {seed}, worker {worker}: {error.SqlState}: {error.Message}");
                    session.Execute("ROLLBACK");
                }
            }
        });
        foreach (var commit in test.Database.Query("SELECT last_sequence FROM drift.transactions"))
        {
            string at = $"AS OF @seq:{commit[0]}";
            Assert.Equal("0", test.Database.Query($"SELECT count(*) FROM p {at} AS a JOIN p {at} AS b ON a.id = b.id AND a.f < b.f AND a.valid OVERLAPS b.valid")[0][0]);
            // Day by day, which no index and no cleverness has a part in.
            Assert.Equal("0", test.Database.Query($"SELECT count(*) FROM c {at} AS c, generate_series(0, 40) AS g (n) WHERE c.valid CONTAINS DATE '2024-01-01' + n AND NOT EXISTS (SELECT 1 FROM p {at} AS p WHERE p.id = c.p AND p.valid CONTAINS DATE '2024-01-01' + n)")[0][0]);
        }

        static string Day(int day) => $"DATE '2024-01-{day:00}'".Replace("'2024-01-32'", "'2024-02-01'", StringComparison.Ordinal);
    }

    private static TestDatabase Prices(out DriftSession first, out DriftSession second)
    {
        var test = new TestDatabase();
        test.Database.Execute("CREATE TABLE p (id int, v int, f date, u date, PERIOD FOR valid (f, u), PRIMARY KEY (id, valid WITHOUT OVERLAPS))");
        test.Database.Execute("CREATE TABLE c (id int, p int, f date, u date, PERIOD FOR valid (f, u), FOREIGN KEY (p, PERIOD valid) REFERENCES p (id, PERIOD valid))");
        test.Database.Execute("INSERT INTO p VALUES (1, 1, '2024-01-01', '2025-01-01')");
        first = test.Session("a");
        second = test.Session("b");
        return test;
    }
}
