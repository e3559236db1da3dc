using System.Globalization;
using System.Numerics;
using Xunit;

namespace DriftDb.Compiler.Tests;

/// <summary>
/// The past costs what the present costs: a scan as of any moment looks at no more than twice the rows alive then, and the open chunks, however deep the history is. On the workloads that the version store was designed
/// on; DRIFTDB_PROMISE_SCALE=20 for their full sizes (100,000 rows, 200,000 and 2,000,000 changes).
/// </summary>
public sealed class PromiseOfTimeTests
{
    private const int Batch = 100;

    private static readonly int Scale = int.TryParse(Environment.GetEnvironmentVariable("DRIFTDB_PROMISE_SCALE"), CultureInfo.InvariantCulture, out int wanted) ? wanted : 1;

    [Theory]
    [InlineData("uniform")]
    [InlineData("hot rows")]
    [InlineData("insert only")]
    [InlineData("sliding window")]
    [InlineData("growing and shrinking")]
    [InlineData("small table")]
    public void A_scan_of_any_moment_visits_at_most_twice_the_rows_alive(string workload)
    {
        using var test = new TestDatabase();
        using var session = test.Database.OpenSession();
        session.Execute("CREATE TABLE t (id int PRIMARY KEY, v bigint)");
        var changes = new Workload(session, workload, rows: workload == "small table" ? 50 * Scale : 5_000 * Scale);
        long first = test.Database.CurrentSequence;
        // Once, and then to ten times the depth.
        foreach (int changed in (int[])[10_000 * Scale, 90_000 * Scale])
        {
            changes.Run(changed);
            long last = test.Database.CurrentSequence;
            foreach (int percent in (int[])[10, 50, 90, 100]) Check(session, $"t AS OF @seq:{first + (last - first) * percent / 100}");
            Check(session, "t");
        }
    }

    private static void Check(DriftSession session, string table)
    {
        long alive = Number(session.Query($"SELECT count(*) FROM {table}").Single()[0]);
        const string Label = "Versions Visited: ";
        string line = session.Query($"EXPLAIN (ANALYZE, VERBOSE) SELECT sum(v) FROM {table}").Select(row => row[0]!.ToString()!).Single(text => text.Contains(Label, StringComparison.Ordinal));
        long visited = Number(line[(line.IndexOf(Label, StringComparison.Ordinal) + Label.Length)..]);
        // A chunk for new versions and one for copies are open.
        long open = 2 * Math.Clamp((long)BitOperations.RoundUpToPowerOf2((ulong)alive / 16), 1024, 65_536);
        Assert.True(visited >= alive && visited <= 2 * alive + open, $"{table}: {alive} rows alive, {visited} versions visited");
    }

    private static long Number(object? value) => long.Parse(value!.ToString()!, CultureInfo.InvariantCulture);

    /// <summary>Changes in statements of a hundred.</summary>
    private sealed class Workload
    {
        private readonly DriftSession _session;
        private readonly string _name;
        private readonly int _rows;
        private readonly PreparedQuery _update, _insert, _delete;
        private readonly Random _random = new(7);
        private int _oldest, _next;

        public Workload(DriftSession session, string name, int rows)
        {
            (_session, _name, _rows) = (session, name, rows);
            _update = session.Prepare("UPDATE t SET v = v + 1 WHERE id = ANY ($1::int[])");
            _insert = session.Prepare("INSERT INTO t SELECT g, g FROM generate_series($1::int, $2::int) AS g");
            _delete = session.Prepare("DELETE FROM t WHERE id BETWEEN $1 AND $2");
            Insert(rows);
        }

        public void Run(int changes)
        {
            for (int done = 0; done < changes; done += Batch) Step(done, changes);
        }

        private void Step(int done, int changes)
        {
            switch (_name)
            {
                case "insert only":
                    Insert(Batch);
                    break;
                case "sliding window":
                    Insert(Batch / 2);
                    Delete(Batch / 2);
                    break;
                case "growing and shrinking":
                    if (done < changes / 2) Insert(Batch);
                    else Delete(Batch);
                    break;
                case "hot rows":
                    // About Zipf's law: the logarithm of the rank is uniform.
                    Update(() => (int)Math.Pow(_rows, _random.NextDouble()) - 1);
                    break;
                default:
                    Update(() => _random.Next(_rows));
                    break;
            }
        }

        private void Insert(int count)
        {
            _insert.Execute(_next, _next + count - 1);
            _next += count;
        }

        private void Delete(int count)
        {
            _delete.Execute(_oldest, _oldest + count - 1);
            _oldest += count;
        }

        private void Update(Func<int> row) => _update.Execute(Enumerable.Range(0, Batch).Select(_ => row()).Distinct().ToArray());
    }
}
