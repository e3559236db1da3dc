using System.Net;
using DriftDb.Compiler;
using DriftDb.Server;

namespace DriftDb.Server.Tests;

/// <summary>The real server on a free port, over a data directory of its own.</summary>
public sealed class ServerFixture : IDisposable
{
    private readonly string _dataPath = Path.Combine(Path.GetTempPath(), "driftdb-server-tests-" + Guid.NewGuid().ToString("N"));
    private readonly Instance _instance;
    private readonly DriftServer _server;

    public ServerFixture() : this(new ServerOptions())
    {
    }

    internal ServerFixture(ServerOptions options)
    {
        _instance = Instance.Open(_dataPath, new InstanceOptions { MaxConnections = options.MaxConnections });
        _server = new DriftServer(_instance, options with { Listen = [new IPEndPoint(IPAddress.Loopback, 0)] }, Credentials.Default(), new ServerLog(Log));
        _server.Start();
    }

    public StringWriter Log { get; } = new();

    public int Port => _server.EndPoints[0].Port;

    /// <summary>A logged-in raw client.</summary>
    public RawClient Connect(params (string Name, string Value)[] parameters)
    {
        var client = new RawClient(Port);
        client.Login(parameters);
        return client;
    }

    public string NpgsqlConnectionString => $"Host=127.0.0.1;Port={Port};Username=driftdb;Password=driftdb;Database=driftdb;Pooling=false;Timeout=10;Command Timeout=20";

    public void Stop() => _server.Stop();

    public void Dispose()
    {
        _server.Dispose();
        _instance.Dispose();
        Directory.Delete(_dataPath, recursive: true);
    }
}

[Xunit.CollectionDefinition(Name)]
public sealed class ServerCollection : Xunit.ICollectionFixture<ServerFixture>
{
    public const string Name = "server";
}
