using DriftDb.Types;
using Xunit;

namespace DriftDb.Compiler.Tests;

/// <summary>Foreign keys between sessions: whoever comes second waits, and then sees what the first has done.</summary>
public sealed class ReferenceConcurrencyTests
{
    [Theory, InlineData("read committed"), InlineData("repeatable read")]
    public async Task A_delete_waits_for_an_insert_that_refers_to_the_row(string isolation)
    {
        using var test = Parents(out var inserting, out var deleting);
        deleting.Execute($"BEGIN ISOLATION LEVEL {isolation}");
        deleting.Query("SELECT 1 FROM c");
        inserting.Execute("BEGIN");
        inserting.Execute("INSERT INTO c VALUES (10, 1)");
        var delete = Task.Run(() => deleting.Execute("DELETE FROM p WHERE id = 1"));
        await Task.Delay(200);
        Assert.False(delete.IsCompleted);
        inserting.Execute("COMMIT");
        Assert.Equal(SqlState.ForeignKeyViolation, (await Assert.ThrowsAsync<SqlException>(() => delete)).SqlState);
    }

    [Fact]
    public async Task An_insert_waits_for_a_delete_of_the_row_that_it_refers_to()
    {
        using var test = Parents(out var inserting, out var deleting);
        deleting.Execute("BEGIN");
        deleting.Execute("DELETE FROM p WHERE id = 1");
        var insert = Task.Run(() => inserting.Execute("INSERT INTO c VALUES (10, 1)"));
        await Task.Delay(200);
        Assert.False(insert.IsCompleted);
        deleting.Execute("COMMIT");
        Assert.Equal(SqlState.ForeignKeyViolation, (await Assert.ThrowsAsync<SqlException>(() => insert)).SqlState);
    }

    [Fact]
    public async Task An_insert_goes_on_when_the_delete_is_rolled_back()
    {
        using var test = Parents(out var inserting, out var deleting);
        deleting.Execute("BEGIN");
        deleting.Execute("DELETE FROM p WHERE id = 1");
        var insert = Task.Run(() => inserting.Execute("INSERT INTO c VALUES (10, 1)"));
        deleting.Execute("ROLLBACK");
        Assert.Equal(1, await insert);
    }

    [Fact]
    public void An_insert_doesnt_wait_for_an_update_of_other_columns()
    {
        using var test = Parents(out var inserting, out var updating);
        updating.Execute("BEGIN");
        updating.Execute("UPDATE p SET v = 'changed' WHERE id = 1");
        Assert.Equal(1, inserting.Execute("INSERT INTO c VALUES (10, 1)"));
    }

    [Fact]
    public async Task A_deferred_check_waits_at_the_commit()
    {
        using var test = Parents(out var inserting, out var deleting);
        inserting.Execute("ALTER TABLE c ALTER CONSTRAINT c_p_fkey DEFERRABLE INITIALLY DEFERRED");
        deleting.Execute("BEGIN");
        deleting.Execute("DELETE FROM p WHERE id = 1");
        inserting.Execute("BEGIN");
        inserting.Execute("INSERT INTO c VALUES (10, 1)");
        var commit = Task.Run(() => inserting.Execute("COMMIT"));
        await Task.Delay(200);
        Assert.False(commit.IsCompleted);
        deleting.Execute("COMMIT");
        Assert.Equal(SqlState.ForeignKeyViolation, (await Assert.ThrowsAsync<SqlException>(() => commit)).SqlState);
        Assert.Equal("0", inserting.Query("SELECT count(*) FROM c")[0][0]);
    }

    /// <summary>Sessions that insert, delete, change keys and cascade at random; no row may be left that refers to nothing, now or at any moment of the past.</summary>
    [Theory, InlineData(1, "NO ACTION"), InlineData(2, "CASCADE"), InlineData(3, "SET NULL")]
    public void Nothing_refers_to_nothing(int seed, string action)
    {
        using var test = new TestDatabase();
        test.Database.Execute($"CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int, p int REFERENCES p ON DELETE {action} ON UPDATE {action}); CREATE INDEX ON c (p)");
        Parallel.For(0, 4, worker =>
        {
            var random = new Random(seed * 100 + worker);
            using var session = test.Database.OpenSession();
            for (int i = 0; i < 150; i++)
            {
                int key = random.Next(8);
                string sql = random.Next(6) switch
                {
                    0 => $"INSERT INTO p VALUES ({key}) ON CONFLICT DO NOTHING",
                    1 => $"DELETE FROM p WHERE id = {key}",
                    2 => $"UPDATE p SET id = {random.Next(8)} WHERE id = {key}",
                    3 => $"BEGIN; INSERT INTO c VALUES ({i}, {key}); INSERT INTO p VALUES ({random.Next(8)}) ON CONFLICT DO NOTHING; COMMIT",
                    4 => $"UPDATE c SET p = {key} WHERE p = {random.Next(8)}",
                    _ => $"INSERT INTO c VALUES ({i}, {key}), ({i}, NULL)",
                };
                try
                {
                    session.Execute(sql);
                }
                catch (SqlException error)
                {
                    Assert.True(error.SqlState is SqlState.ForeignKeyViolation or SqlState.UniqueViolation or SqlState.DeadlockDetected, $"seed {seed}, worker {worker}: {error.SqlState}: {error.Message}");
                    session.Execute("ROLLBACK");
                }
            }
        });
        Assert.Equal("0", test.Database.Query("SELECT count(*) FROM c WHERE p IS NOT NULL AND NOT EXISTS (SELECT 1 FROM p WHERE p.id = c.p)")[0][0]);
        foreach (var commit in test.Database.Query("SELECT last_sequence FROM drift.transactions"))
            Assert.Equal("0", test.Database.Query($"SELECT count(*) FROM c AS OF @seq:{commit[0]} WHERE p IS NOT NULL AND NOT EXISTS (SELECT 1 FROM p AS OF @seq:{commit[0]} WHERE p.id = c.p)")[0][0]);
    }

    private static TestDatabase Parents(out DriftSession first, out DriftSession second)
    {
        var test = new TestDatabase();
        test.Database.Execute("CREATE TABLE p (id int PRIMARY KEY, v text); CREATE TABLE c (id int, p int REFERENCES p); INSERT INTO p VALUES (1, 'one'), (2, 'two')");
        first = test.Session("a");
        second = test.Session("b");
        return test;
    }
}
