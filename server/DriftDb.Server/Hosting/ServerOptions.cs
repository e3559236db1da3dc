using System.Net;

namespace DriftDb.Server;

/// <summary>How a server listens and whom it lets in.</summary>
public sealed record ServerOptions
{
    public const int DefaultPort = 5433;

    /// <summary>Where to listen; port 0 for any free one.</summary>
    public IReadOnlyList<IPEndPoint> Listen { get; init; } = [new(IPAddress.Loopback, DefaultPort)];

    /// <summary>The method for all clients; null for trust on loopback and SCRAM-SHA-256 from elsewhere.</summary>
    public AuthenticationMethod? Authentication { get; init; }

    /// <summary>Sessions at most; some more connections are accepted, so that they can be told.</summary>
    public int MaxConnections { get; init; } = 500;

    /// <summary>The time in which a client must have logged in.</summary>
    public int LoginTimeoutMs { get; init; } = 60_000;

    public AuthenticationMethod MethodFor(IPAddress? client) =>
        Authentication ?? (client is not null && IPAddress.IsLoopback(client) ? AuthenticationMethod.Trust : AuthenticationMethod.ScramSha256);
}
