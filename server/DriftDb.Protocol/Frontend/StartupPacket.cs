using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Protocol;

public enum StartupRequest
{
    /// <summary>A session, with parameters.</summary>
    Session,
    Ssl,
    GssEncryption,
    Cancel,
}

/// <summary>The first packet of a connection, which has no type byte (documentation, 55.2.1 and 55.7: StartupMessage, SSLRequest, GSSENCRequest, CancelRequest).</summary>
public sealed record StartupPacket
{
    /// <summary>The one version spoken here: 3.0.</summary>
    public const int SupportedVersion = 3 << 16;

    private const int CancelCode = 80877102, SslCode = 80877103, GssCode = 80877104;

    public required StartupRequest Request { get; init; }

    /// <summary>Cancel: whose query, and the secret that allows it.</summary>
    public int ProcessId { get; init; }

    public int SecretKey { get; init; }

    public string User { get; init; } = "";

    /// <summary>The user's name where none was given.</summary>
    public string Database { get; init; } = "";

    public string ApplicationName { get; init; } = "";

    /// <summary>Session settings beside the application's name: the parameters that aren't of the protocol, and those in <c>options</c>.</summary>
    public ImmutableDictionary<string, string> Settings { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Protocol options (<c>_pq_.*</c>) that aren't known here, to be named in NegotiateProtocolVersion.</summary>
    public ImmutableArray<string> UnknownOptions { get; init; } = [];

    /// <summary>The client asked for a newer minor version or for unknown options: tell it what there is.</summary>
    public bool NeedsNegotiation { get; init; }

    /// <summary>Reads a packet, without its length field.</summary>
    public static StartupPacket Read(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(body);
        int version = reader.ReadInt32();
        switch (version)
        {
            case SslCode:
                reader.End();
                return new StartupPacket { Request = StartupRequest.Ssl };
            case GssCode:
                reader.End();
                return new StartupPacket { Request = StartupRequest.GssEncryption };
            case CancelCode:
                var cancel = new StartupPacket { Request = StartupRequest.Cancel, ProcessId = reader.ReadInt32(), SecretKey = reader.ReadInt32() };
                reader.End();
                return cancel;
        }

        if (version >> 16 != 3)
        {
            string message = $"unsupported frontend protocol {(uint)version >> 16}.{version & 0xFFFF}: server supports 3.0 to 3.0";
            throw new SqlException(SqlState.FeatureNotSupported, message) { IsFatal = true };
        }

        return ReadParameters(ref reader, version);
    }

    private static StartupPacket ReadParameters(ref MessageReader reader, int version)
    {
        string user = "", database = "", applicationName = "", options = "";
        var settings = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.OrdinalIgnoreCase);
        var unknown = ImmutableArray.CreateBuilder<string>();
        while (true)
        {
            var nameBytes = reader.ReadCString();
            if (nameBytes.IsEmpty) break;
            string name = NameCache.Decode(nameBytes), value = NameCache.Decode(reader.ReadCString());
            switch (name)
            {
                case "user": user = value; break;
                case "database": database = value; break;
                case "application_name": applicationName = value; break;
                case "options": options = value; break;
                case "replication":
                    if (value is not ("false" or "off" or "no" or "0"))
                        throw new SqlException(SqlState.FeatureNotSupported, "replication connections are not supported") { IsFatal = true };
                    break;
                default:
                    if (name.StartsWith("_pq_.", StringComparison.Ordinal)) unknown.Add(name);
                    else settings[name] = value;
                    break;
            }
        }

        if (!reader.Rest.IsEmpty) throw ProtocolErrors.Fatal("invalid startup packet layout: expected terminator as last byte");
        if (user.Length == 0) throw new SqlException(SqlState.InvalidAuthorizationSpecification, "no PostgreSQL user name specified in startup packet") { IsFatal = true };
        // What the packet names itself comes after `options`, and wins.
        foreach (var (name, value) in StartupOptions.Read(options))
        {
            if (name.Equals("application_name", StringComparison.OrdinalIgnoreCase)) applicationName = applicationName.Length > 0 ? applicationName : value;
            else settings.TryAdd(name, value);
        }

        return new StartupPacket
        {
            Request = StartupRequest.Session,
            User = user,
            Database = database.Length > 0 ? database : user,
            ApplicationName = applicationName,
            Settings = settings.ToImmutable(),
            UnknownOptions = unknown.ToImmutable(),
            NeedsNegotiation = version > SupportedVersion || unknown.Count > 0,
        };
    }
}
