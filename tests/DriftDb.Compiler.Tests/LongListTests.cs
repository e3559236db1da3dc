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
