using Xunit;

namespace DriftDb.EndToEnd.Tests;

/// <summary>The tour of the original's README, typed into psql on a fresh data directory.</summary>
public sealed class TourTests
{
    [NeedsFact("psql")]
    public void The_tour_in_psql_before_and_after_a_restart()
    {
        using var directory = new TemporaryDirectory();
        using var server = new ServerProcess(directory.Path);
        server.Start();
        Psql(server, "CREATE TABLE events (id INT PRIMARY KEY, data VARCHAR); INSERT INTO events (id, data) VALUES (1, 'original');");
        string between = Psql(server, "SELECT clock_timestamp()");
        Thread.Sleep(5);
        Psql(server, "UPDATE events SET data = 'modified' WHERE id = 1;");
        for (int round = 0; round < 2; round++)
        {
            Assert.Equal("1|original", Psql(server, "SELECT * FROM events AS OF @seq:1;"));
            Assert.Equal("1|modified", Psql(server, "SELECT * FROM events;"));
            Assert.Equal("1|original", Psql(server, "SELECT * FROM events FOR SYSTEM_TIME AS OF @seq:1;"));
            Assert.Equal("1|original", Psql(server, $"SELECT * FROM events FOR SYSTEM_TIME AS OF '{between}';"));
            Assert.Equal("original|modified", Psql(server, $"SELECT past.data, present.data FROM events FOR SYSTEM_TIME AS OF '{between}' AS past JOIN events AS present ON past.id = present.id;"));
            server.Kill();
            server.Start();
        }
    }

    private static string Psql(ServerProcess server, string sql)
    {
        var (exitCode, output) = Tools.Run("psql", $"-X -A -t -q -v ON_ERROR_STOP=1 -c \"{sql}\"", server.Port);
        Assert.True(exitCode == 0, output);
        return output.Trim();
    }
}
