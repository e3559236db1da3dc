using System.Text;
using Xunit;

namespace DriftDb.Compiler.Tests;

/// <summary>A plan is used as long as the statistics that it was costed with still hold.</summary>
public sealed class StalePlanTests
{
    private const string Query = "SELECT count(*) FROM t JOIN u ON u.b = t.a";

    [Fact]
    public void A_prepared_statement_is_planned_anew_when_a_table_was_analysed_or_grew()
    {
        using var database = new TestDatabase();
        database.Database.Execute("CREATE TABLE t (a int)");
        database.Database.Execute("CREATE TABLE u (b int)");
        database.Database.Execute("INSERT INTO t SELECT g FROM generate_series(1, 400) g");
        database.Database.Execute("INSERT INTO u SELECT g FROM generate_series(1, 400) g");
        var session = database.Session("one").Session;
        session.Parse("p", Encoding.UTF8.GetBytes(Query), []);

        var first = Plan();
        Assert.Same(first, Plan());

        database.Database.Execute("INSERT INTO u SELECT g FROM generate_series(401, 450) g");
        Assert.Same(first, Plan());

        database.Database.Execute("ANALYZE u");
        var second = Plan();
        Assert.NotSame(first, second);
        Assert.Same(second, Plan());

        database.Database.Execute("INSERT INTO t SELECT g FROM generate_series(401, 480) g");
        database.Database.Execute("ANALYZE t");
        database.Database.Execute("INSERT INTO t SELECT g FROM generate_series(1, 3000) g");
        Assert.NotSame(second, Plan());

        object Plan()
        {
            session.Bind("", "p", default, []);
            session.ClosePortal("");
            return session.GetStatement("p").Plan!;
        }
    }

    [Fact]
    public void The_text_of_a_simple_query_finds_no_stale_plan()
    {
        using var database = new TestDatabase();
        database.Database.Execute("CREATE TABLE t (a int)");
        database.Database.Execute("CREATE TABLE u (b int)");
        var session = database.Session("one");
        session.Query(Query);
        var key = new PlanKey(Query, "", session.Session.EnvironmentText);
        var first = session.Session.Plans.Find(key);
        Assert.NotNull(first);
        session.Query(Query);
        Assert.Same(first, session.Session.Plans.Find(key));
        database.Database.Execute("ANALYZE u");
        session.Query(Query);
        Assert.NotSame(first, session.Session.Plans.Find(key));
    }
}
