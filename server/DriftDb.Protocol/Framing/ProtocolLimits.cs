using DriftDb.Types;

namespace DriftDb.Protocol;

/// <summary>Bounds of what a client may send, as PostgreSQL has them. A length is compared with these before anything is reserved for it.</summary>
public static class ProtocolLimits
{
    /// <summary>A start-up packet, its length included (MAX_STARTUP_PACKET_LENGTH).</summary>
    public const int StartupPacketBytes = 10_000;

    /// <summary>Messages that only carry names or nothing (PQ_SMALL_MESSAGE_LIMIT).</summary>
    public const int SmallMessageBytes = 10_000;

    /// <summary>A password or SASL message (PG_MAX_AUTH_TOKEN_LENGTH).</summary>
    public const int AuthenticationMessageBytes = 65_535;

    /// <summary>Messages with statements and values.</summary>
    public const int LargeMessageBytes = Limits.ValueBytes;
}
