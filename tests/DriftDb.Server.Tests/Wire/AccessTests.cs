using System.Net;
using Npgsql;
using Xunit;
using static DriftDb.Server.Tests.RawClient;

namespace DriftDb.Server.Tests.Wire;

/// <summary>Logging in by each method, being refused, and being sent away.</summary>
public class AccessTests
{
    [Theory]
    [InlineData(AuthenticationMethod.Password)]
    [InlineData(AuthenticationMethod.Md5)]
    [InlineData(AuthenticationMethod.ScramSha256)]
    public void The_right_password_gets_in_and_no_other(AuthenticationMethod method)
    {
        using var server = new ServerFixture(new ServerOptions { Authentication = method });
        using (var connection = new NpgsqlConnection(server.NpgsqlConnectionString))
        {
            connection.Open();
            using var command = new NpgsqlCommand("select 1", connection);
            Assert.Equal(1, command.ExecuteScalar());
        }

        foreach (string wrong in new[] { "Password=driftdB", "Username=nobody" })
        {
            using var refused = new NpgsqlConnection(server.NpgsqlConnectionString + ";" + wrong);
            Assert.Equal("28P01", Assert.Throws<PostgresException>(refused.Open).SqlState);
        }
    }

    [Fact]
    public void Loopback_is_trusted_and_others_prove_themselves()
    {
        var options = new ServerOptions();
        Assert.Equal(AuthenticationMethod.Trust, options.MethodFor(IPAddress.Loopback));
        Assert.Equal(AuthenticationMethod.Trust, options.MethodFor(IPAddress.IPv6Loopback));
        Assert.Equal(AuthenticationMethod.ScramSha256, options.MethodFor(IPAddress.Parse("192.0.2.1")));
        Assert.Equal(AuthenticationMethod.ScramSha256, options.MethodFor(null));
    }

    [Fact]
    public void A_session_begins_with_the_settings_of_its_database_and_role()
    {
        using var server = new ServerFixture(new ServerOptions());
        string Begun(string what) => Scalar($"select string_agg(current_setting(s), ' ') from unnest(string_to_array('{what}', ',')) s");
        string Scalar(string sql)
        {
            using var client = server.Connect();
            return client.Scalar(sql)!;
        }

        using (var client = server.Connect())
        {
            foreach (string statement in new[] { "alter database driftdb set work_mem = '3MB'", "alter database driftdb set search_path = a, b", "alter role all set statement_timeout = '9min'", "alter role driftdb in database driftdb set work_mem = '5MB'" })
                Assert.Equal('C', client.Run(statement)[0].Type);
            Assert.Equal("3D000", client.Run("alter database nowhere set work_mem = '1MB'")[0].Field('C'));
        }

        Assert.Equal("5MB a, b 9min", Begun("work_mem,search_path,statement_timeout"));
        Scalar("alter role driftdb in database driftdb reset all; select 1");
        Assert.Equal("3MB", Begun("work_mem"));
        Scalar("alter database driftdb reset all; alter role all reset all; select 1");
        Assert.Equal("0", Scalar("select count(*) from pg_db_role_setting"));
    }

    [Fact]
    public void A_password_file_names_users()
    {
        var credentials = Credentials.Read(new StringReader("# comment\n\nonly\nann:a:b\n"));
        Assert.True(credentials.Fits("driftdb", "only"));
        Assert.True(credentials.Fits("ann", "a:b"));
        Assert.False(credentials.Fits("ann", "a"));
        Assert.False(credentials.Fits("bob", ""));
    }

    [Theory]
    [InlineData("database", "nosuchdb", "3D000")]
    [InlineData("nosuch_setting", "1", "42704")]
    [InlineData("replication", "database", "0A000")]
    public void A_session_that_can_not_begin_is_refused(string name, string value, string sqlState)
    {
        using var server = new ServerFixture();
        using var client = new RawClient(server.Port);
        client.Send(Startup(3 << 16, ("user", "driftdb"), (name, value)));
        var error = client.ReadCycle()[^1];
        Assert.Equal(("FATAL", sqlState), (error.Field('S'), error.Field('C')));
        Assert.True(client.IsClosed());
    }

    [Fact]
    public void Sessions_beyond_the_limit_are_told()
    {
        using var server = new ServerFixture(new ServerOptions { MaxConnections = 2 });
        using var one = server.Connect();
        var two = server.Connect();
        using (var three = new RawClient(server.Port))
        {
            three.Send(Startup(3 << 16, ("user", "driftdb")));
            Assert.Equal("53300", three.ReadCycle()[^1].Field('C'));
        }

        two.Send(Message('X'));
        Assert.True(two.IsClosed());
        two.Dispose();
        // The server hangs up first and has room for another a moment later.
        using var next = Eventually(() => server.Connect());
        Assert.Equal("1", next.Scalar("select 1"));
    }

    private static T Eventually<T>(Func<T> attempt)
    {
        for (int left = 100; ; left--)
        {
            try
            {
                return attempt();
            }
            catch (InvalidOperationException) when (left > 0)
            {
                Thread.Sleep(50);
            }
        }
    }

    [Fact]
    public void A_stopping_server_tells_its_clients()
    {
        using var server = new ServerFixture();
        using var idle = server.Connect();
        using var waiting = server.Connect();
        idle.Run("create table t(a int primary key)");
        idle.Run("begin");
        idle.Run("insert into t values (1)");
        waiting.Send(Query("insert into t values (1)"));
        Assert.False(waiting.HasData(200));
        server.Stop();
        Assert.Equal("57P01", idle.ReadCycle()[0].Field('C'));
        Assert.Equal("57P01", waiting.ReadCycle()[0].Field('C'));
    }

    [Fact]
    public void A_client_that_never_logs_in_is_closed()
    {
        using var server = new ServerFixture(new ServerOptions { LoginTimeoutMs = 100 });
        using var client = new RawClient(server.Port);
        Assert.True(client.IsClosed());
    }
}
