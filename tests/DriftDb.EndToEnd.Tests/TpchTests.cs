using Xunit;

namespace DriftDb.EndToEnd.Tests;

/// <summary>TPC-H at scale factor 0.1: loaded by \copy, all 22 queries run, all answers match; without and with indexes.</summary>
public sealed class TpchTests
{
    [NeedsFact("psql", "tpch")]
    public void All_22_answers_match()
    {
        string tpch = Tools.Shared("tpch")!;
        using var directory = new TemporaryDirectory();
        using var server = new ServerProcess(directory.Path);
        server.Start();
        var (loaded, loadOutput) = Tools.Run("bash", $"\"{tpch}/load.sh\"", server.Port);
        Assert.True(loaded == 0, loadOutput);
        Check(server, tpch);
        var (indexed, indexOutput) = Tools.Run("psql", $"-X -q -v ON_ERROR_STOP=1 -d tpch -f \"{tpch}/indexes.sql\"", server.Port);
        Assert.True(indexed == 0, indexOutput);
        Check(server, tpch);
    }

    private static void Check(ServerProcess server, string tpch)
    {
        var (exitCode, output) = Tools.Run("python3", $"\"{tpch}/check.py\" {server.Port}", server.Port);
        Assert.True(exitCode == 0 && output.Contains("22 passed, 0 failed"), output + server.Condition);
    }
}
