using DriftDb.Runtime;
using DriftDb.Types;
using Xunit;

namespace DriftDb.Compiler.Tests;

/// <summary>
/// The same random queries with a grant so small that everything goes to temporary files, over several levels of partitions, and with one that holds everything: the answers must be the same rows.
/// </summary>
public sealed class SpillTests
{
    private const string Small = "64kB", Large = "1GB";

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 4)];

    [Theory, MemberData(nameof(Seeds))]
    public void Answers_do_not_depend_on_memory(int seed)
    {
        using var db = new TestDatabase();
        var session = Filled(db, seed, 12_000);
        var random = new Random(seed);
        int spilling = 0;
        for (int i = 0; i < 12; i++)
        {
            string query = RandomQueries.Next(random);
            (List<string> expected, long _) = Run(db, session, query, Large);
            (List<string> found, long files) = Run(db, session, query, Small);
            Assert.True(expected.SequenceEqual(found), $"seed {seed}: {query}: {expected.Count} rows in memory, {found.Count} with spilling");
            if (files > 0) spilling++;
            Assert.Equal(0, session.Session.Database.Store.Temporary!.LiveBytes);
        }

        Assert.InRange(spilling, 8, 12);
    }

    [Fact]
    public void A_lost_partition_is_noticed()
    {
        using var db = new TestDatabase();
        var session = Filled(db, 1, 12_000);
        foreach (string query in RandomQueries.OneOfEach)
        {
            (List<string> expected, long _) = Run(db, session, query, Large);
            try
            {
                SpillFaults.LosesPartition = true;
                Assert.False(expected.SequenceEqual(Run(db, session, query, Small).Rows), query);
            }
            finally
            {
                SpillFaults.LosesPartition = false;
            }
        }
    }

    private static DriftSession Filled(TestDatabase db, int seed, int rows)
    {
        var session = db.Session("s");
        foreach (string table in new[] { "t", "u" })
        {
            session.Execute($"CREATE TABLE {table} (id int, k int, v bigint, s text, n numeric)");
            session.Execute($"""
                INSERT INTO {table} SELECT i, nullif((i * 7919 + {seed}) % 997, 13), (i::bigint * 104729) % 100003, CASE WHEN i % 11 = 0 THEN NULL ELSE 'string ' || (i * 31 + {seed}) % 4001 || repeat('x', i % 40) END, (i % 1013)::numeric / 7
                FROM generate_series(1, {(table == "t" ? rows : rows / 2)}) AS g(i)
                """);
            session.Execute($"ANALYZE {table}");
        }

        return session;
    }

    /// <summary>The rows (in any order: sorted here, unless the query orders them) and how many temporary files it took.</summary>
    private static (List<string> Rows, long Files) Run(TestDatabase db, DriftSession session, string query, string workMemory)
    {
        session.Execute($"SET work_mem = '{workMemory}'");
        var files = session.Session.Database.Store.Temporary!;
        long before = files.Created;
        var rows = session.Query(query).Select(row => string.Join('|', Enumerable.Range(0, row.Count).Select(i => row[i] ?? "∅"))).ToList();
        if (!query.Contains("/* ordered */", StringComparison.Ordinal)) rows.Sort(StringComparer.Ordinal);
        GC.KeepAlive(db);
        return (rows, files.Created - before);
    }

    /// <summary>Queries over the two tables whose operators keep rows.</summary>
    private static class RandomQueries
    {
        private static readonly string[] Columns = ["id", "k", "v", "s", "n"];

        public static IEnumerable<string> OneOfEach =>
        [
            "/* ordered */ SELECT id, s FROM t ORDER BY s, v, id",
            "SELECT v, count(*), max(s) FROM t GROUP BY v",
            "SELECT DISTINCT v, s FROM t",
            "SELECT count(DISTINCT v), count(DISTINCT s), sum(DISTINCT n) FROM t",
            "SELECT v FROM t INTERSECT ALL SELECT v FROM u",
            "SELECT t.id, u.s FROM t JOIN u ON t.v = u.v",
            "SELECT t.id, u.s FROM t FULL JOIN u ON t.v = u.v",
            "SELECT count(*), sum(a.id::bigint * b.id), max(b.s) FROM t a JOIN t b ON a.id / 100000 = b.id / 100000 WHERE a.id % 5 = 0",
            "SELECT id FROM t WHERE v NOT IN (SELECT v FROM u)",
            "SELECT id, row_number() OVER (PARTITION BY k ORDER BY id), max(s) OVER (PARTITION BY k) FROM t",
            "WITH c AS MATERIALIZED (SELECT id, s FROM t) SELECT count(*), max(a.s) FROM c a JOIN c b USING (id)",
        ];

        public static string Next(Random random) => random.Next(14) switch
        {
            0 => $"/* ordered */ SELECT * FROM t ORDER BY {Order(random)}, id",
            1 => $"/* ordered */ SELECT id, s, n FROM t ORDER BY {Order(random)}, id LIMIT {random.Next(5_000, 12_000)} OFFSET {random.Next(3_000)}",
            2 => $"SELECT {Key(random)}, count(*), sum(v), min(s), max(s), avg(n), count(DISTINCT k), bool_and(v > 5) FROM t GROUP BY 1",
            3 => $"SELECT DISTINCT {Key(random)}, {Columns[random.Next(Columns.Length)]} FROM t",
            4 => $"SELECT count(DISTINCT {Key(random)}), sum(DISTINCT v), count(DISTINCT s) FILTER (WHERE k > 100), count(*) FROM t",
            5 => $"SELECT k, v % 50, sum(n), string_agg(s, ',' ORDER BY id), count(DISTINCT v) FROM t GROUP BY {Pick(random, "GROUPING SETS ((k, 2), (2), ())", "ROLLUP (k, 2)", "CUBE (k, 2)", "k, 2")}",
            6 => $"SELECT t.id, u.id, t.s, u.n FROM t {Pick(random, "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")} u ON {On(random)}",
            7 => $"SELECT a.id, b.s, c.n FROM t a {Pick(random, "JOIN", "LEFT JOIN")} u b ON a.v = b.v {Pick(random, "JOIN", "LEFT JOIN")} t c ON b.id = c.id WHERE a.id % 3 < 2",
            8 => $"SELECT id, s FROM t WHERE {Pick(random, "EXISTS", "NOT EXISTS")} (SELECT FROM u WHERE {On(random)})",
            9 => $"SELECT id, s FROM t WHERE {Pick(random, "v", "k", "id")} {Pick(random, "IN", "NOT IN")} (SELECT {Pick(random, "v", "k", "id")} FROM u)",
            10 => $"WITH c AS MATERIALIZED (SELECT id, v, s FROM t WHERE v > 1000) SELECT a.id, b.s, x.n FROM c a JOIN c b ON a.id = b.id LEFT JOIN (SELECT v, count(*) AS n FROM u GROUP BY v) x ON x.v = a.v",
            11 => "SELECT count(*), sum(a.id::bigint * b.id), max(b.s), min(a.s) FROM t a JOIN t b ON a.id / 100000 = b.id / 100000 WHERE a.id % 5 = 0",
            12 => $"SELECT id, {Pick(random, "row_number()", "rank()", "sum(v)", "max(s)", "first_value(s)", "count(*)")} OVER (PARTITION BY {Pick(random, "k", "k % 7", "v % 300")} ORDER BY {Order(random)}, id {Pick(random, "", "ROWS BETWEEN 3 PRECEDING AND 1 FOLLOWING")}) FROM t",
            _ => SetOperation(random, Pick(random, "v", "s", "k, n")),
        };

        private static string SetOperation(Random random, string columns) => $"SELECT {columns} FROM t {Pick(random, "UNION", "INTERSECT", "INTERSECT ALL", "EXCEPT", "EXCEPT ALL")} SELECT {columns} FROM u";

        /// <summary>Conditions with few matches a row: many would be more rows than a test should compare.</summary>
        private static string On(Random random) => Pick(random, "t.v = u.v", "t.id = u.id AND t.s IS DISTINCT FROM u.s", "t.s = u.s", "t.n = u.n AND t.k = u.k", "t.v = u.v AND t.id < u.id + 5000", "coalesce(t.k, 1) = 1 AND u.id < 300 AND u.k % 2 = t.id % 2");

        private static string Pick(Random random, params string[] choices) => choices[random.Next(choices.Length)];

        private static string Key(Random random) => Pick(random, "v", "s", "n", "id", "id % 3000", "v + k", "s || k");

        private static string Order(Random random) => string.Join(", ", Enumerable.Range(0, random.Next(1, 3)).Select(_ =>
            Columns[random.Next(Columns.Length)] + (random.Next(2) == 0 ? " DESC" : "") + (random.Next(3) == 0 ? " NULLS FIRST" : "")));
    }
}
