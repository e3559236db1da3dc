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

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 8)];

    [Theory, MemberData(nameof(Seeds))]
    public void Answers_do_not_depend_on_memory(int seed)
    {
        using var db = new TestDatabase();
        var session = Filled(db, seed, 12_000);
        var random = new Random(seed);
        for (int i = 0; i < 12; i++)
        {
            string query = RandomQueries.Next(random);
            (List<string> expected, long _) = Run(db, session, query, Large);
            (List<string> found, long files) = Run(db, session, query, Small);
            Assert.True(expected.SequenceEqual(found), $"seed {seed}: {query}: {expected.Count} rows in memory, {found.Count} with spilling");
            Assert.True(files > 0 || expected.Count < 2_000, $"seed {seed}: nothing left memory: {query}");
            Assert.Equal(0, session.Session.Database.Store.Temporary!.LiveBytes);
        }
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
        ];

        public static string Next(Random random) => random.Next(7) switch
        {
            0 => $"/* ordered */ SELECT * FROM t ORDER BY {Order(random)}, id",
            1 => $"/* ordered */ SELECT id, s, n FROM t ORDER BY {Order(random)}, id LIMIT {random.Next(5_000, 12_000)} OFFSET {random.Next(3_000)}",
            2 => $"SELECT {Key(random)}, count(*), sum(v), min(s), max(s), avg(n), count(DISTINCT k), bool_and(v > 5) FROM t GROUP BY 1",
            3 => $"SELECT DISTINCT {Key(random)}, {Columns[random.Next(Columns.Length)]} FROM t",
            4 => $"SELECT count(DISTINCT {Key(random)}), sum(DISTINCT v), count(DISTINCT s) FILTER (WHERE k > 100), count(*) FROM t",
            5 => $"SELECT k, v % 50, sum(n), string_agg(s, ',' ORDER BY id), count(DISTINCT v) FROM t GROUP BY {Pick(random, "GROUPING SETS ((k, 2), (2), ())", "ROLLUP (k, 2)", "CUBE (k, 2)", "k, 2")}",
            _ => SetOperation(random, Pick(random, "v", "s", "k, n")),
        };

        private static string SetOperation(Random random, string columns) => $"SELECT {columns} FROM t {Pick(random, "UNION", "INTERSECT", "INTERSECT ALL", "EXCEPT", "EXCEPT ALL")} SELECT {columns} FROM u";

        private static string Pick(Random random, params string[] choices) => choices[random.Next(choices.Length)];

        private static string Key(Random random) => Pick(random, "v", "s", "n", "id", "id % 3000", "v + k", "s || k");

        private static string Order(Random random) => string.Join(", ", Enumerable.Range(0, random.Next(1, 3)).Select(_ =>
            Columns[random.Next(Columns.Length)] + (random.Next(2) == 0 ? " DESC" : "") + (random.Next(3) == 0 ? " NULLS FIRST" : "")));
    }
}
