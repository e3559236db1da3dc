using Xunit;

namespace DriftDb.Server.Tests.Clients;

/// <summary>Real clients over a real socket. Each script exits with 0 when all it asserts holds.</summary>
[Collection(ServerCollection.Name)]
public class ExternalClientTests(ServerFixture server)
{
    [ClientFact("psycopg2")]
    public void Psycopg2() => AssertRuns("/usr/bin/python3", "psycopg2_tour.py");

    [ClientFact("jdbc")]
    public void Jdbc() => AssertRuns("java", "-cp", ExternalClient.JdbcJar, "JdbcTour.java");

    [ClientFact("node")]
    public void NodePg() => AssertRuns("node", "node_tour.js");

    [ClientFact("psql")]
    public void Psql()
    {
        string output = AssertRuns(
            "psql", "-X", "-v", "ON_ERROR_STOP=1", "-c", "create table psql_t(a int primary key, b text)", "-c", "insert into psql_t values (1, 'x'), (2, null)", "-c", "select * from psql_t order by a");
        Assert.Contains(" a | b \n---+---\n 1 | x\n 2 | \n(2 rows)", output, StringComparison.Ordinal);
        var (exitCode, error) = ExternalClient.Run(server.Port, "psql", "-X", "-c", "select 'é', nosuch");
        Assert.Equal(1, exitCode);
        Assert.Contains("LINE 1: select 'é', nosuch\n                    ^", error, StringComparison.Ordinal);
    }

    [ClientFact("pgbench")]
    public void Pgbench_runs_its_TPC_B()
    {
        AssertRuns("pgbench", "-i", "-I", "dtgp", "-s", "1", "-q");
        string output = AssertRuns("pgbench", "-n", "-c", "4", "-t", "50", "-M", "prepared");
        Assert.Contains("number of failed transactions: 0 (", output, StringComparison.Ordinal);
        using var client = server.Connect();
        Assert.Equal("200", client.Scalar("select count(*) from pgbench_history"));
        Assert.Equal(client.Scalar("select sum(abalance) from pgbench_accounts"), client.Scalar("select sum(delta) from pgbench_history"));
    }

    /// <summary>The recorded answers of PostgreSQL 15 to scenarios that are the protocol's alone.</summary>
    [ClientFact("wire.py")]
    public void PostgreSQLs_answers_to_raw_messages()
    {
        const string Scenarios =
            "^(simple select|empty query|only comment|multi stmt results|multi stmt begin inside|failed tx .*|savepoint|warnings begin/commit|extended basic|binary in/out" +
            "|binary out (int2|int8|int4.. |float|numeric|date|time|interval|uuid|json|text|bpchar|name|oid).*|text out (int2|int8|float|numeric|date|time|interval|uuid|json|text|bpchar|name|oid).*" +
            "|named stmt lifecycle|multi commands in parse|empty parse|commit in pipeline|sync only|flush mid|mixed simple in pipeline|listen notify|terminate|unknown message|bad utf8|functioncall" +
            "|declare outside tx|cursor portal describe)$";
        var (exitCode, output) = ExternalClient.Run(server.Port, "env", $"WIRE_ONLY={Scenarios}", "python3", Path.Combine(ExternalClient.WireSuite, "wire.py"), "check", $"{server.Port}", "-v");
        Assert.True(exitCode == 0 && output.Contains(" 0 failed", StringComparison.Ordinal), output);
    }

    private string AssertRuns(string program, params string[] arguments)
    {
        var (exitCode, output) = ExternalClient.Run(server.Port, program, arguments);
        Assert.True(exitCode == 0, output);
        return output;
    }
}
