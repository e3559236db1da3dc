using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace DriftDb.Compiler.Tests;

/// <summary>The times that EXPLAIN ANALYZE shows: of each node, consistent with each other.</summary>
public sealed partial class ExplainTimesTests
{
    private const string Query = "SELECT a % 10, count(*) FROM t JOIN u ON u.b = t.a WHERE a > 5 GROUP BY 1 ORDER BY 2, 1";

    [Fact]
    public void Text_has_the_first_and_the_last_rows_time_of_each_node()
    {
        using var database = Filled();
        string[] lines = [.. database.Database.Query($"EXPLAIN ANALYZE {Query}").Select(row => (string)row[0]!)];
        var nodes = lines.Where(line => line.Contains("cost=", StringComparison.Ordinal)).ToList();
        Assert.True(nodes.Count >= 5);
        Assert.All(nodes, line => Assert.Matches(ActualPattern(), line));
        double execution = double.Parse(lines[^1]["Execution Time: ".Length..^3], CultureInfo.InvariantCulture);
        Assert.All(nodes, line => Assert.True(double.Parse(ActualPattern().Match(line).Groups["total"].Value, CultureInfo.InvariantCulture) <= execution, line));
    }

    [Fact]
    public void An_inputs_time_is_part_of_its_nodes()
    {
        using var database = Filled();
        using var plan = JsonDocument.Parse((string)database.Database.Query($"EXPLAIN (ANALYZE, FORMAT JSON) {Query}").Single()[0]!);
        Check(plan.RootElement[0].GetProperty("Plan"));

        static double Check(JsonElement node)
        {
            double startup = node.GetProperty("Actual Startup Time").GetDouble(), total = node.GetProperty("Actual Total Time").GetDouble();
            Assert.True(startup <= total);
            Assert.Equal(1, node.GetProperty("Actual Loops").GetInt64());
            if (node.TryGetProperty("Plans", out var inputs))
                foreach (var input in inputs.EnumerateArray()) Assert.True(Check(input) <= total * 1.5 + 1, node.GetProperty("Node Type").GetString());
            return total;
        }
    }

    [Fact]
    public void Timing_off_shows_rows_and_loops_alone()
    {
        using var database = Filled();
        string[] lines = [.. database.Database.Query($"EXPLAIN (ANALYZE, TIMING OFF) {Query}").Select(row => (string)row[0]!)];
        Assert.DoesNotContain(lines, line => line.Contains("time=", StringComparison.Ordinal));
        Assert.Contains("(actual rows=10 loops=1)", lines[0], StringComparison.Ordinal);
    }

    private static TestDatabase Filled()
    {
        var database = new TestDatabase();
        database.Database.Execute("CREATE TABLE t (a int)");
        database.Database.Execute("CREATE TABLE u (b int)");
        database.Database.Execute("INSERT INTO t SELECT g FROM generate_series(1, 20000) g");
        database.Database.Execute("INSERT INTO u SELECT g FROM generate_series(1, 20000) g");
        return database;
    }

    [GeneratedRegex(@"\(actual time=\d+\.\d{3}\.\.(?<total>\d+\.\d{3}) rows=\d+ loops=1\)$")]
    private static partial Regex ActualPattern();
}
