using System.Globalization;
using Xunit;

namespace DriftDb.Compiler.Tests;

/// <summary>Lists as long as programs make them, on a small stack: their values must not lie there, and must not be gone through for each row.</summary>
public sealed class LongListTests
{
    private const int StackBytes = 1 << 20, Values = 200_000;

    [Theory]
    [InlineData("id")] // looked up in the index
    [InlineData("a")] // compared with every row
    public void A_list_of_values(string column) =>
        OnSmallStack(session => Assert.Equal(5_000L, session.Query($"SELECT count(*) FROM t WHERE {column} IN ({string.Join(',', Enumerable.Range(5_001, Values))})")[0].GetInt64(0)));

    [Theory]
    [InlineData("id")]
    [InlineData("a")]
    public void An_array(string column) =>
        OnSmallStack(session => Assert.Equal(5_000L, session.Query($"SELECT count(*) FROM t WHERE {column} = ANY ('{{{string.Join(',', Enumerable.Range(5_001, Values))}}}'::int[])")[0].GetInt64(0)));

    [Fact]
    public void Rows_of_values() =>
        OnSmallStack(session => Assert.Equal((long)Values, session.Query($"SELECT count(*) FROM (VALUES {string.Join(',', Enumerable.Range(1, Values).Select(i => string.Create(CultureInfo.InvariantCulture, $"({i},'x')")))}) AS v (a, b)")[0].GetInt64(0)));

    /// <summary>Long lists are searched in another way than short ones: the answers are the same, NULLs on both sides included.</summary>
    [Theory]
    [InlineData("int", "g::int", "NULL::int")]
    [InlineData("text", "'k' || g", "NULL::text")]
    [InlineData("float8", "g::float8", "'NaN'::float8")]
    [InlineData("numeric(10,2)", "g::numeric(10,2)", "NULL::numeric")]
    [InlineData("date", "date '2020-01-01' + g::int", "NULL::date")]
    [InlineData("char(5)", "('k' || g)::char(5)", "NULL::char(5)")]
    public void Long_lists_answer_as_joins_do(string type, string value, string odd) =>
        OnSmallStack(session =>
        {
            session.Execute($"CREATE TABLE v (x {type})");
            session.Execute($"INSERT INTO v SELECT {value} FROM generate_series(1, 90) AS g");
            session.Execute($"INSERT INTO v VALUES ({odd})");
            foreach (string end in new[] { "", ", " + odd })
            {
                string items = string.Join(", ", Enumerable.Range(41, 80).Select(i => value.Replace("g", i.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal))) + end;
                string rows = string.Join(", ", items.Split(", ").Select(item => $"({item})"));
                foreach (string not in new[] { "", "NOT " })
                {
                    long expected = session.Query($"SELECT count(*) FROM v WHERE x {not}IN (SELECT i FROM (VALUES {rows}) AS l (i))")[0].GetInt64(0);
                    Assert.Equal(expected, session.Query($"SELECT count(*) FROM v WHERE x {not}IN ({items})")[0].GetInt64(0));
                    Assert.Equal(expected, session.Query($"SELECT count(*) FROM v WHERE {not}(x = ANY (ARRAY[{items}]))")[0].GetInt64(0));
                    long nulls = session.Query($"SELECT count(*) FROM v WHERE (x {not}IN (SELECT i FROM (VALUES {rows}) AS l (i))) IS NULL")[0].GetInt64(0);
                    Assert.Equal(nulls, session.Query($"SELECT count(*) FROM v WHERE (x {not}IN ({items})) IS NULL")[0].GetInt64(0));
                }
            }
        });

    private static void OnSmallStack(Action<DriftSession> work)
    {
        using var test = new TestDatabase();
        Exception? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    using DriftSession session = test.Database.OpenSession();
                    session.Execute("CREATE TABLE t (id int PRIMARY KEY, a int)");
                    session.Execute("INSERT INTO t SELECT g, g FROM generate_series(1, 10000) AS g");
                    work(session);
                }
                catch (Exception exception)
                {
                    failure = exception;
                }
            },
            StackBytes);
        thread.Start();
        thread.Join();
        if (failure is not null) throw new InvalidOperationException("the list was not read", failure);
    }
}
