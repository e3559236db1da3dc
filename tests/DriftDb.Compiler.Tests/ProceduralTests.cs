using DriftDb.Types;
using Xunit;

namespace DriftDb.Compiler.Tests;

/// <summary>PL/pgSQL where more than one session, the clock or the client's text has a part in it. What one session answers is in Scripts/plpgsql_*.test.</summary>
public sealed class ProceduralTests
{
    [Theory]
    [InlineData("DO $$ BEGIN LOOP NULL; END LOOP; END $$")]
    [InlineData("DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$")]
    [InlineData("DO $$ DECLARE n int; BEGIN LOOP BEGIN SELECT count(*) INTO n FROM pg_class; EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP; END $$")]
    [InlineData("SELECT endless(1)")]
    public void An_endless_loop_ends_with_the_statements_time(string statement)
    {
        using var test = new TestDatabase();
        var session = test.Session("");
        session.Execute("CREATE FUNCTION endless(i int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN LOOP i := i + 1 - 1; END LOOP; END $$");
        session.Execute("SET statement_timeout = 200");
        Assert.Equal(SqlState.QueryCanceled, Assert.Throws<SqlException>(() => session.Query(statement)).SqlState);
        session.Execute("RESET statement_timeout");
        Assert.Equal("1", session.Query("SELECT 1")[0][0]);
    }

    [Fact]
    public async Task An_endless_loop_is_cancelled()
    {
        using var test = new TestDatabase();
        var session = test.Session("");
        var run = Task.Run(() => session.Execute("DO $$ BEGIN LOOP NULL; END LOOP; END $$"));
        while (!run.IsCompleted)
        {
            await Task.Delay(50);
            session.Session.CancelRunning("canceling statement due to user request");
        }

        Assert.Equal(SqlState.QueryCanceled, (await Assert.ThrowsAsync<SqlException>(() => run)).SqlState);
    }

    [Fact]
    public async Task A_block_waits_for_a_lock_and_goes_on_where_it_was()
    {
        using var test = Accounts(out var holder, out var waiter);
        holder.Execute("BEGIN");
        holder.Execute("UPDATE a SET v = v + 100 WHERE id = 1");
        var block = Task.Run(() => waiter.Execute("DO $$ BEGIN INSERT INTO done VALUES ('before'); UPDATE a SET v = v + 1 WHERE id = 1; INSERT INTO done VALUES ('after'); END $$"));
        await Task.Delay(200);
        Assert.False(block.IsCompleted);
        holder.Execute("COMMIT");
        await block;
        Assert.Equal("101", waiter.Query("SELECT v FROM a WHERE id = 1")[0][0]);
        Assert.Equal(["before", "after"], waiter.Query("SELECT what FROM done").Select(row => row[0]));
    }

    /// <summary>The statement is run again from its beginning: what its functions did before the wait must count once.</summary>
    [Theory]
    [InlineData("SELECT bump(2, 1), bump(1, 1)")]
    [InlineData("UPDATE b SET v = bump(2, 1) + bump(1, 1)")]
    [InlineData("DO $$ BEGIN PERFORM bump(2, 1), bump(1, 1); END $$")]
    [InlineData("DO $$ DECLARE x int; BEGIN x := bump(2, 1) + bump(1, 1); END $$")]
    public async Task A_function_that_waits_has_its_effects_once(string statement)
    {
        using var test = Accounts(out var holder, out var waiter);
        holder.Execute("BEGIN");
        holder.Execute("UPDATE a SET v = v + 100 WHERE id = 1");
        var call = Task.Run(() => waiter.Query(statement));
        await Task.Delay(200);
        Assert.False(call.IsCompleted);
        holder.Execute("COMMIT");
        await call;
        Assert.Equal(["101", "1"], waiter.Query("SELECT v FROM a ORDER BY id").Select(row => row[0]));
        Assert.Equal(2, waiter.Query("SELECT what FROM done").Count);
    }

    [Fact]
    public async Task A_lock_that_is_waited_for_too_long_is_an_error_that_a_block_handles()
    {
        using var test = Accounts(out var holder, out var waiter);
        holder.Execute("BEGIN");
        holder.Execute("UPDATE a SET v = v + 100 WHERE id = 1");
        waiter.Execute("SET lock_timeout = 100");
        await Task.Run(() => waiter.Execute("DO $$ BEGIN UPDATE a SET v = 0 WHERE id = 1; EXCEPTION WHEN lock_not_available THEN INSERT INTO done VALUES (sqlstate); END $$"));
        Assert.Equal("55P03", waiter.Query("SELECT what FROM done")[0][0]);
        holder.Execute("ROLLBACK");
    }

    /// <summary>An outer statement keeps its own snapshot while a function's statements have newer ones: an update that was overtaken is seen, and none is lost.</summary>
    [Fact]
    public async Task Updates_by_an_expression_with_a_function_lose_nothing()
    {
        using var test = Accounts(out var first, out _);
        first.Execute("CREATE FUNCTION plus(x int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM count(*) FROM b; RETURN x + 1; END $$");
        var workers = Enumerable.Range(0, 3).Select(i => Task.Run(() =>
        {
            using var session = test.Database.OpenSession();
            for (int n = 0; n < 50; n++) session.Execute("UPDATE a SET v = plus(v) WHERE id = 1");
        }));
        await Task.WhenAll(workers);
        Assert.Equal("150", first.Query("SELECT v FROM a WHERE id = 1")[0][0]);
    }

    [Fact]
    public void A_procedure_commits_in_a_loop_over_rows()
    {
        using var test = Accounts(out var session, out var other);
        session.Execute("INSERT INTO b SELECT g, 0 FROM generate_series(10, 209) g");
        session.Execute("CREATE PROCEDURE each() LANGUAGE plpgsql AS $$ DECLARE r record; BEGIN FOR r IN SELECT * FROM b WHERE id >= 10 ORDER BY id LOOP INSERT INTO done VALUES (r.id::text); COMMIT; END LOOP; RAISE EXCEPTION 'end'; END $$");
        Assert.Equal(SqlState.RaiseException, Assert.Throws<SqlException>(() => session.Execute("CALL each()")).SqlState);
        Assert.Equal("200", other.Query("SELECT count(*) FROM done")[0][0]);
        session.Execute("BEGIN");
        Assert.Equal(SqlState.InvalidTransactionTermination, Assert.Throws<SqlException>(() => session.Execute("CALL each()")).SqlState);
        session.Execute("ROLLBACK");
    }

    [Theory]
    [InlineData("DO $$ BEGIN x := 1; END $$", "x")]
    [InlineData("DO $$ BEGIN PERFORM nosuch FROM a; END $$", "nosuch")]
    [InlineData("DO $$ BEGIN SELECT v FORM a; END $$", "a;")]
    [InlineData("SELECT 1; DO 'BEGIN PERFORM v FROM nosuch; END'", "nosuch")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$ BEGIN RETRUN 1; END $body$", "RETRUN")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$ BEGIN EXIT lbl; END $body$", "lbl")]
    public void Errors_point_into_the_body(string statement, string at)
    {
        using var test = Accounts(out var session, out _);
        var error = Assert.Throws<SqlException>(() => session.Execute(statement));
        Assert.Equal(statement.IndexOf(at, statement.IndexOf("BEGIN", StringComparison.Ordinal), StringComparison.Ordinal), error.Span.Start);
    }

    /// <summary>A function is of now: in a query about the past its own queries read the present, unless they say otherwise.</summary>
    [Fact]
    public void A_function_reads_the_present_in_a_query_about_the_past()
    {
        using var test = Accounts(out var session, out _);
        session.Execute("CREATE FUNCTION v_of(k int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT v FROM a WHERE id = k); END $$");
        session.Execute("CREATE FUNCTION v_then(k int, moment timestamptz) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT v FROM a FOR SYSTEM_TIME AS OF moment WHERE id = k); END $$");
        string then = session.Query("SELECT clock_timestamp()")[0][0]!;
        session.Execute("UPDATE a SET v = 7");
        Assert.Equal(["0", "7"], session.Query($"SELECT v, v_of(id) FROM a FOR SYSTEM_TIME AS OF '{then}' WHERE id = 1").SelectMany(row => new[] { row[0], row[1] }));
        Assert.Equal("0", session.Query($"SELECT v_then(1, '{then}')")[0][0]);
    }

    private static TestDatabase Accounts(out DriftSession first, out DriftSession second)
    {
        var test = new TestDatabase();
        (first, second) = (test.Session("first"), test.Session("second"));
        first.Execute("CREATE TABLE a (id int PRIMARY KEY, v int); INSERT INTO a VALUES (1, 0), (2, 0); CREATE TABLE b (id int, v int); INSERT INTO b VALUES (1, 0); CREATE TABLE done (what text)");
        first.Execute("CREATE FUNCTION bump(k int, d int) RETURNS int LANGUAGE plpgsql AS $$ DECLARE r int; BEGIN INSERT INTO done VALUES (k::text); UPDATE a SET v = v + d WHERE id = k RETURNING v INTO r; RETURN r; END $$");
        return test;
    }
}
