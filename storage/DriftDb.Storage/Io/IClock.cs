namespace DriftDb.Storage;

/// <summary>Where all time comes from, so that tests and recovery control it.</summary>
public interface IClock
{
    /// <summary>µs since 2000-01-01 00:00 UTC, as timestamps are stored.</summary>
    long NowMicros { get; }

    /// <summary>ms since 1970-01-01 00:00 UTC, as frames carry it.</summary>
    long UnixMs => NowMicros / 1000 + UnixEpochOffsetMs;

    /// <summary>ms between 1970-01-01 and 2000-01-01.</summary>
    const long UnixEpochOffsetMs = 946_684_800_000L;
}

/// <summary>The machine's clock.</summary>
public sealed class SystemClock : IClock
{
    public static readonly SystemClock Instance = new();

    private static readonly long Epoch2000Ticks = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

#pragma warning disable RS0030 // This is the seam.
    public long NowMicros => (DateTime.UtcNow.Ticks - Epoch2000Ticks) / TimeSpan.TicksPerMicrosecond;
#pragma warning restore RS0030
}

/// <summary>Where all randomness comes from, so that a seed repeats a run.</summary>
public interface IRandom
{
    ulong NextUInt64();
}

/// <summary>The operating system's randomness: identities of files must not repeat.</summary>
public sealed class SystemRandom : IRandom
{
    public static readonly SystemRandom Instance = new();

    public ulong NextUInt64()
    {
        Span<byte> bytes = stackalloc byte[8];
        System.Security.Cryptography.RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes);
    }
}
