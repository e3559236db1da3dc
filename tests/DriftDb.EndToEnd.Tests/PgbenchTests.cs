using Xunit;
using Xunit.Abstractions;

namespace DriftDb.EndToEnd.Tests;

/// <summary>pgbench, unmodified, in its three modes; and under kill -9 at random moments. The sums of accounts, tellers, branches and history stay equal.</summary>
public sealed class PgbenchTests(ITestOutputHelper log)
{
    /// <summary>Rounds of the kill test in CI; DRIFTDB_KILL_ROUNDS asks for more.</summary>
    private static int KillRounds => Setting("DRIFTDB_KILL_ROUNDS", 20);

    /// <summary>The latest moment of a round at which the server is killed, in milliseconds; DRIFTDB_KILL_MS asks for longer rounds, and so for more commits.</summary>
    private static int KillMilliseconds => Setting("DRIFTDB_KILL_MS", 1_000);

    /// <summary>pgbench's scale in the kill test: with one branch its eight clients wait for each other; DRIFTDB_KILL_SCALE asks for more.</summary>
    private static int KillScale => Setting("DRIFTDB_KILL_SCALE", 1);

    [NeedsFact("pgbench")]
    public void Runs_in_every_mode_and_keeps_the_sums_equal()
    {
        using var directory = new TemporaryDirectory();
        using var server = new ServerProcess(directory.Path);
        server.Start();
        Initialize(server, scale: 10);
        foreach (string mode in new[] { "simple", "extended", "prepared" })
        {
            var (exitCode, output) = Tools.Run("pgbench", $"-n -c 8 -j 2 -T 3 -M {mode}", server.Port);
            Assert.True(exitCode == 0 && !output.Contains("ERROR") && !output.Contains("aborted"), output);
            Assert.Contains("number of failed transactions: 0", output);
            AssertSums(server);
        }
    }

    [NeedsFact("pgbench")]
    public void Acknowledged_commits_survive_kill_at_any_moment()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        using var directory = new TemporaryDirectory();
        using var server = new ServerProcess(directory.Path);
        server.Start();
        Initialize(server, KillScale);
        long history = 0;
        // On a busy machine the first second may be too short for any commit: a round that saw none gives the next more time.
        int patience = 1;
        for (int round = 0; round < KillRounds; round++)
        {
            using (var pgbench = Tools.Start("pgbench", "-n -c 8 -j 2 -T 30 -M prepared -l --log-prefix=kill", server.Port, directory.Path))
            {
                var output = pgbench.StandardOutput.ReadToEndAsync();
                var errors = pgbench.StandardError.ReadToEndAsync();
                Thread.Sleep(200 + random.Next((KillMilliseconds - 200) * patience));
                server.Kill();
                pgbench.WaitForExit();
                _ = (output.Result, errors.Result);
            }

            // pgbench writes a line a transaction that was acknowledged.
            long acknowledged = Directory.EnumerateFiles(directory.Path, "kill.*").Sum(file => File.ReadLines(file).LongCount());
            foreach (string file in Directory.EnumerateFiles(directory.Path, "kill.*")) File.Delete(file);
            patience = acknowledged > 0 ? 1 : Math.Min(2 * patience, 16);
            server.Start();
            AssertSums(server);
            long rows = long.Parse(Psql(server, "SELECT count(*) FROM pgbench_history"));
            // Of each client's last transaction it isn't known whether it was committed: eight more at most.
            Assert.True(rows >= history + acknowledged, $"seed {seed}, round {round}: {acknowledged} commits were acknowledged, {rows - history} are there");
            Assert.True(rows <= history + acknowledged + 8, $"seed {seed}, round {round}: {rows - history} rows for {acknowledged} acknowledged commits");
            history = rows;
        }

        log.WriteLine($"{KillRounds} rounds, {history} commits, none lost (seed {seed})");
        Assert.True(history > 0, "no transaction was ever acknowledged: the test saw nothing");
    }

    private static int Setting(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), out int value) ? value : otherwise;

    private static void Initialize(ServerProcess server, int scale)
    {
        var (exitCode, output) = Tools.Run("pgbench", $"-i -s {scale} -q", server.Port);
        Assert.True(exitCode == 0, output);
    }

    private static void AssertSums(ServerProcess server)
    {
        string[] sums = Psql(server, "SELECT (SELECT coalesce(sum(abalance), 0) FROM pgbench_accounts), (SELECT coalesce(sum(tbalance), 0) FROM pgbench_tellers), (SELECT coalesce(sum(bbalance), 0) FROM pgbench_branches), (SELECT coalesce(sum(delta), 0) FROM pgbench_history)").Split('|');
        Assert.True(sums.Distinct().Count() == 1, "the sums differ: " + string.Join(", ", sums));
    }

    private static string Psql(ServerProcess server, string sql)
    {
        var (exitCode, output) = Tools.Run("psql", $"-X -A -t -q -v ON_ERROR_STOP=1 -c \"{sql}\"", server.Port);
        Assert.True(exitCode == 0, output);
        return output.Trim();
    }
}
