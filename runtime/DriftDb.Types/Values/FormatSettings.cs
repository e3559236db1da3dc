namespace DriftDb.Types;

public enum DateOrder : byte
{
    Mdy,
    Dmy,
    Ymd,
}

/// <summary>How dates and timestamps are shown.</summary>
public enum DateStyle : byte
{
    Iso,
    Sql,
    Postgres,
    German,
}

public enum IntervalStyle : byte
{
    Postgres,
    PostgresVerbose,
    SqlStandard,
    Iso8601,
}

public enum ByteaOutput : byte
{
    Hex,
    Escape,
}

/// <summary>Names behind the object identifier types (regclass, regtype, …); the catalog answers.</summary>
public interface IObjectNames
{
    /// <summary>The name that a reg* value shows; null when there is no such object (its number is shown then).</summary>
    string? NameOf(TypeId regType, int oid);

    /// <summary>The object that a reg* literal names; an <see cref="SqlException"/> (42P01, 42883, …) when there is none.</summary>
    int OidOf(TypeId regType, string name);
}

/// <summary>The session settings that values' text forms depend on. Immutable, so that a query may keep it.</summary>
public sealed record FormatSettings
{
    /// <summary>ISO dates in UTC: the defaults.</summary>
    public static readonly FormatSettings Default = new();

    /// <summary>How a date like 1/2/2003 is read.</summary>
    public DateOrder DateOrder { get; init; } = DateOrder.Mdy;

    public DateStyle DateStyle { get; init; }

    public IntervalStyle IntervalStyle { get; init; }

    public ByteaOutput ByteaOutput { get; init; }

    /// <summary>Above 0: the shortest text that reads back as the same float; else 15 (6 for real) significant digits plus this many.</summary>
    public int ExtraFloatDigits { get; init; } = 1;

    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>What 'now' and 'today' mean, in µs since 2000-01-01 UTC: the transaction's start.</summary>
    public long TransactionTimeMicros { get; init; }

    public IObjectNames? ObjectNames { get; init; }

    /// <summary>Seconds east of Greenwich at a UTC time, µs since 2000-01-01.</summary>
    public int OffsetSecondsAtUtc(long utcMicros) => ReferenceEquals(TimeZone, TimeZoneInfo.Utc) ? 0 : TimeZones.OffsetAtUtc(TimeZone, utcMicros);

    /// <summary>The UTC time of a local one in the session's zone.</summary>
    public long ToUtc(long localMicros) => ReferenceEquals(TimeZone, TimeZoneInfo.Utc) ? localMicros : TimeZones.ToUtc(TimeZone, localMicros);

    /// <summary>The local time in the session's zone.</summary>
    public long ToLocal(long utcMicros) => utcMicros + OffsetSecondsAtUtc(utcMicros) * 1_000_000L;
}
