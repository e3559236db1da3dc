using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace DriftDb.Types;

/// <summary>A time of day with its zone, as encoded in 12 bytes.</summary>
/// <param name="Micros">Local µs since midnight.</param>
/// <param name="ZoneSeconds">Seconds <i>west</i> of Greenwich, as PostgreSQL keeps it.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct TimeTz(long Micros, int ZoneSeconds) : IComparable<TimeTz>
{
    public const int EncodedBytes = 12;

    public long UtcMicros => Micros + ZoneSeconds * 1_000_000L;

    public int CompareTo(TimeTz other)
    {
        int order = UtcMicros.CompareTo(other.UtcMicros);
        return order != 0 ? order : ZoneSeconds.CompareTo(other.ZoneSeconds);
    }

    public static TimeTz Decode(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]));

    public void Encode(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Micros);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], ZoneSeconds);
    }
}

/// <summary>Reads dates and times from text; the type's modifier rounds the fraction.</summary>
public static class DateTimeText
{
    private static readonly string[] ClockWords = ["now", "today", "tomorrow", "yesterday"];

    /// <summary>True when the text's value as the type depends on when it is read.</summary>
    public static bool ReadsClock(SqlType type, string text) =>
        type.Id is TypeId.Date or TypeId.Time or TypeId.TimeTz or TypeId.Timestamp or TypeId.TimestampTz && ClockWords.Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase));

    public static int ParseDate(ReadOnlySpan<byte> text, FormatSettings settings)
    {
        var parser = new DateTimeParser(text, "date", settings);
        parser.Parse();
        if (parser.Infinity != 0) return parser.Infinity > 0 ? Calendar.DateInfinity : Calendar.DateNegativeInfinity;
        if (!parser.HasDate) throw TextErrors.InvalidDatetime("date", text);
        return parser.Date is >= Calendar.MinDate and < Calendar.EndDate ? parser.Date : throw new SqlException(SqlState.DatetimeFieldOverflow, $"date out of range: \"{Encoding.UTF8.GetString(text)}\"");
    }

    public static long ParseTime(ReadOnlySpan<byte> text, int precision, FormatSettings settings)
    {
        var parser = new DateTimeParser(text, "time", settings);
        parser.Parse();
        if (!parser.HasTime) throw TextErrors.InvalidDatetime("time", text);
        long micros = parser.IsUtc ? Calendar.Split(settings.ToLocal(parser.Date * Calendar.MicrosPerDay + parser.Time)).Micros : parser.Time;
        return RoundMicros(micros, precision);
    }

    public static TimeTz ParseTimeTz(ReadOnlySpan<byte> text, int precision, FormatSettings settings)
    {
        var parser = new DateTimeParser(text, "time with time zone", settings);
        parser.Parse();
        if (!parser.HasTime) throw TextErrors.InvalidDatetime("time with time zone", text);
        int offset = parser.OffsetSeconds ?? (parser.Zone is { } zone ? TimeZones.OffsetAtUtc(zone, settings.TransactionTimeMicros) : settings.OffsetSecondsAtUtc(settings.TransactionTimeMicros));
        return new TimeTz(RoundMicros(parser.Time, precision), -offset);
    }

    public static long ParseTimestamp(ReadOnlySpan<byte> text, int precision, FormatSettings settings)
    {
        var parser = new DateTimeParser(text, "timestamp", settings);
        parser.Parse();
        if (parser.Infinity != 0) return parser.Infinity > 0 ? Calendar.TimestampInfinity : Calendar.TimestampNegativeInfinity;
        if (!parser.HasDate) throw TextErrors.InvalidDatetime("timestamp", text);
        long timestamp = Join(parser.Date, parser.Time, text);
        if (parser.IsUtc && parser.HasTime) timestamp = settings.ToLocal(timestamp);
        return RoundMicros(timestamp, precision);
    }

    public static long ParseTimestampTz(ReadOnlySpan<byte> text, int precision, FormatSettings settings)
    {
        var parser = new DateTimeParser(text, "timestamp with time zone", settings);
        parser.Parse();
        if (parser.Infinity != 0) return parser.Infinity > 0 ? Calendar.TimestampInfinity : Calendar.TimestampNegativeInfinity;
        if (!parser.HasDate) throw TextErrors.InvalidDatetime("timestamp with time zone", text);
        long local = Join(parser.Date, parser.Time, text);
        long utc = parser.IsUtc ? local
            : parser.OffsetSeconds is { } offset ? local - offset * 1_000_000L
            : parser.Zone is { } zone ? TimeZones.ToUtc(zone, local)
            : settings.ToUtc(local);
        return RoundMicros(utc, precision);
    }

    /// <summary>Rounds to so many digits of a second, halves away from zero; -1 and 6 keep all.</summary>
    public static long RoundMicros(long micros, int precision)
    {
        if (precision is < 0 or >= 6 || !Calendar.IsFinite(micros)) return micros;
        long unit = PowersOfTen.Long(6 - precision);
        return micros >= 0 ? (micros + unit / 2) / unit * unit : -((-micros + unit / 2) / unit * unit);
    }

    private static long Join(int date, long time, ReadOnlySpan<byte> text)
    {
        if (date is < -2_451_545 or > 106_751_991) throw OutOfRange(text);
        Int128 timestamp = (Int128)date * Calendar.MicrosPerDay + time;
        return timestamp >= Calendar.MinTimestamp && timestamp < Calendar.EndTimestamp ? (long)timestamp : throw OutOfRange(text);
    }

    private static SqlException OutOfRange(ReadOnlySpan<byte> text) => new(SqlState.DatetimeFieldOverflow, $"timestamp out of range: \"{Encoding.UTF8.GetString(text)}\"");
}
