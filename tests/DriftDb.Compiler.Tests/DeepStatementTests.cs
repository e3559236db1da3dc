using System.Globalization;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Compiler.Tests;

/// <summary>Statements of any depth are answered or refused with 54001, on every way through the compiler: a stack that overflows would take the process along.</summary>
public sealed class DeepStatementTests
{
    /// <summary>Smaller than any thread's that runs statements.</summary>
    private const int StackBytes = 1 << 20;

    private static readonly int[] Depths = [100, 200, 400, 800, 1500, 3000, 6000];

    [Theory]
    [InlineData("SELECT 1", "::int", "")]
    [InlineData("SELECT 'a'", "::text", "")]
    [InlineData("SELECT ARRAY[1]", "[1]", "")]
    [InlineData("SELECT 'a'", " COLLATE \"C\"", "")]
    [InlineData("SELECT 1", " IS NULL", "")]
    [InlineData("SELECT 1", " + 1", "")]
    [InlineData("SELECT id", " + id", " FROM t")]
    [InlineData("SELECT 'a'", " || 'b'", "")]
    [InlineData("SELECT name", " || name", " FROM t")]
    [InlineData("SELECT 1 WHERE true", " AND true", "")]
    [InlineData("SELECT 1 FROM t WHERE id = 1", " OR id = 1", "")]
    [InlineData("SELECT 1 FROM t WHERE id = 1", " AND id < 9", "")]
    [InlineData("SELECT true", " IS NOT TRUE", "")]
    [InlineData("SELECT now()", " AT TIME ZONE 'UTC'", "")]
    [InlineData("SELECT 1", " BETWEEN 1 AND 2", "")]
    [InlineData("SELECT 1", " IN (1)", "")]
    [InlineData("SELECT '{}'::jsonb", " -> 'a'", "")]
    [InlineData("SELECT 1", " UNION SELECT 1", "")]
    [InlineData("SELECT 1", " UNION ALL SELECT 1", "")]
    [InlineData("SELECT id FROM t", " INTERSECT SELECT id FROM t", "")]
    [InlineData("SELECT 1", ", 1", "")]
    [InlineData("VALUES (1)", ", (1)", "")]
    [InlineData("INSERT INTO t (id) VALUES (1000000)", ", (1)", " ON CONFLICT DO NOTHING")]
    [InlineData("SELECT CASE id WHEN 0 THEN 0", " WHEN 1 THEN 2", " END FROM t")]
    [InlineData("SELECT CASE WHEN id = 0 THEN 0", " WHEN id = 1 THEN 2", " END FROM t")]
    [InlineData("SELECT coalesce(1", ", 2", ")")]
    [InlineData("SELECT 1 WHERE 1 IN (1", ", 2", ")")]
    [InlineData("SELECT 1 FROM t WHERE (id, id) IN ((1, 1)", ", (2, 2)", ")")]
    [InlineData("SELECT id FROM t GROUP BY id", ", id", "")]
    [InlineData("SELECT id FROM t ORDER BY id", ", id", "")]
    [InlineData("SELECT * FROM t WHERE id=1", " AND id=1", " AS OF @seq:5")]
    public void A_chain(string head, string link, string tail) => Run(depth => head + string.Concat(Enumerable.Repeat(link, depth)) + tail);

    [Theory]
    [InlineData(" JOIN t AS t{0} USING (id)")]
    [InlineData(" NATURAL JOIN (SELECT id FROM t) AS t{0}")]
    [InlineData(" LEFT JOIN t AS t{0} ON false")]
    [InlineData(" CROSS JOIN LATERAL (SELECT 1) AS t{0}")]
    public void A_chain_of_joins(string link) =>
        Run(depth => "SELECT 1 FROM t" + string.Concat(Enumerable.Range(0, depth).Select(number => string.Format(CultureInfo.InvariantCulture, link, number))), most: 400);

    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("NOT ", "true", "")]
    [InlineData("- ", "1", "")]
    [InlineData("abs(", "1", ")")]
    [InlineData("abs(", "id", ")")]
    [InlineData("lower(", "name", ")")]
    [InlineData("coalesce(NULL, ", "id", ")")]
    [InlineData("CASE WHEN id = 1 THEN ", "id", " END")]
    [InlineData("CASE WHEN id = 1 THEN 2 ELSE ", "id", " END")]
    [InlineData("ARRAY[", "1", "]")]
    [InlineData("(1 + ", "1", ")")]
    [InlineData("(id + ", "id", ")")]
    [InlineData("(id = 1 OR id = 2 AND ", "id = 3", ")")]
    [InlineData("(SELECT ", "1", ")")]
    [InlineData("(SELECT id + ", "1", " FROM t LIMIT 1)")]
    [InlineData("EXISTS (SELECT ", "1", ")")]
    [InlineData("EXISTS (SELECT 1 FROM t WHERE ", "true", ")")]
    [InlineData("(1 IN (SELECT 1 WHERE ", "true", "))")]
    [InlineData("ROW(1, ", "1", ")")]
    [InlineData("CAST(", "1", " AS int)")]
    [InlineData("sum(", "id", ") OVER ()")]
    public void Nesting(string open, string inner, string close) => Run(depth => $"SELECT {Nested(open, inner, close, depth)} FROM t");

    [Theory]
    [InlineData("SELECT * FROM (", "SELECT 1", ") AS x")]
    [InlineData("SELECT * FROM (", "SELECT id FROM t WHERE id > 0", ") AS x WHERE id > 0")]
    [InlineData("SELECT count(*) AS id FROM (", "SELECT id FROM t", ") AS x")]
    [InlineData("SELECT * FROM LATERAL (", "SELECT 1", ") AS x")]
    [InlineData("(", "SELECT 1", ") UNION SELECT 1")]
    [InlineData("WITH x AS (", "SELECT 1", ") SELECT * FROM x")]
    [InlineData("(", "SELECT 1", ")")]
    [InlineData("EXPLAIN SELECT * FROM (", "SELECT 1", ") AS x")]
    public void Nested_queries(string open, string inner, string close)
    {
        const string Explain = "EXPLAIN ";
        string prefix = open.StartsWith(Explain, StringComparison.Ordinal) ? Explain : "";
        Run(depth => prefix + Nested(open[prefix.Length..], inner, close, depth), most: 400);
    }

    private static string Nested(string open, string inner, string close, int depth) => string.Concat(Enumerable.Repeat(open, depth)) + inner + string.Concat(Enumerable.Repeat(close, depth));

    private static void Run(Func<int, string> statement, int most = int.MaxValue)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(() => RunAll(statement, most)), StackBytes);
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }

    private static void RunAll(Func<int, string> statement, int most)
    {
        using var test = new TestDatabase();
        test.Database.Execute("CREATE TABLE t (id int PRIMARY KEY, name text)");
        test.Database.Execute("INSERT INTO t VALUES (1, 'a'), (2, 'b')");
        foreach (int depth in Depths.Where(depth => depth <= most))
        {
            string text = statement(depth);
            try
            {
                test.Database.Query(text);
            }
            catch (SqlException error)
            {
                // Whatever is wrong with the statement is said by the shallow ones too.
                Assert.True(error.SqlState == SqlState.StatementTooComplex || error.SqlState[..2] is "42" or "22", $"{depth} levels: {error.SqlState} {error.Message}");
            }
        }
    }
}
