using System.Text;
using DriftDb.Types;
using System.Collections.Immutable;

namespace DriftDb.Compiler;

/// <summary>How a session begins: a start-up message's contents.</summary>
public sealed record SessionOptions
{
    public string User { get; init; } = Instance.DefaultName;

    public string Database { get; init; } = Instance.DefaultName;

    public string ApplicationName { get; init; } = "";

    /// <summary>Further settings; an unknown name is a fatal 42704.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Where the client is, for pg_stat_activity; null in process.</summary>
    public string? ClientAddress { get; init; }

    /// <summary>The client's address as a stored value of type inet.</summary>
    internal byte[]? ClientInet => ClientAddress is null ? null : InetValue.Parse(Encoding.UTF8.GetBytes(ClientAddress.Split('%')[0]));
}
