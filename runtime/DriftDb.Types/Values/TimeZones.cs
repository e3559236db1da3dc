using System.Collections.Concurrent;
using System.Globalization;

namespace DriftDb.Types;

/// <summary>Time zones by name or offset, and offsets at a time. Times are µs since 2000-01-01.</summary>
public static class TimeZones
{
    private static readonly ConcurrentDictionary<string, TimeZoneInfo?> Known = new(StringComparer.OrdinalIgnoreCase);

    private static readonly DateTime Epoch = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>A zone by its IANA name, an abbreviation, or an offset as ISO writes it (+02 is east); null when unknown.</summary>
    public static TimeZoneInfo? Find(string name)
    {
        // The cache is bounded: names come from clients.
        if (Known.TryGetValue(name, out var zone)) return zone;
        zone = Resolve(name);
        if (Known.Count < 4096) Known[name] = zone;
        return zone;
    }

    /// <summary>As <see cref="Find"/>; 22023 when unknown.</summary>
    public static TimeZoneInfo Get(string name) => Find(name) ?? throw new SqlException(SqlState.InvalidParameterValue, $"time zone \"{name}\" not recognized");

    /// <summary>A zone of a fixed offset; named as PostgreSQL shows it.</summary>
    public static TimeZoneInfo Fixed(int offsetSeconds)
    {
        if (offsetSeconds == 0) return TimeZoneInfo.Utc;
        var offset = TimeSpan.FromMinutes(offsetSeconds / 60);
        string name = string.Create(CultureInfo.InvariantCulture, $"<{(offsetSeconds < 0 ? '-' : '+')}{Math.Abs(offset.Hours):00}{(offset.Minutes != 0 ? $":{Math.Abs(offset.Minutes):00}" : "")}>");
        return TimeZoneInfo.CreateCustomTimeZone(name, offset, name, name);
    }

    public static int OffsetAtUtc(TimeZoneInfo zone, long utcMicros) => (int)zone.GetUtcOffset(Clamp(utcMicros, DateTimeKind.Utc)).TotalSeconds;

    public static long ToUtc(TimeZoneInfo zone, long localMicros)
    {
        DateTime local = Clamp(localMicros, DateTimeKind.Unspecified);
        TimeSpan offset;
        if (zone.IsInvalidTime(local)) offset = zone.GetUtcOffset(local.AddHours(-1)); // in a gap the offset before it holds
        else if (zone.IsAmbiguousTime(local)) offset = zone.GetAmbiguousTimeOffsets(local).Min(); // PostgreSQL takes standard time
        else offset = zone.GetUtcOffset(local);
        return localMicros - (long)offset.TotalSeconds * 1_000_000L;
    }

    private static DateTime Clamp(long micros, DateTimeKind kind)
    {
        long ticks = Math.Clamp(micros, -63_000_000_000_000_000L, 252_000_000_000_000_000L) * 10 + Epoch.Ticks;
        return new DateTime(Math.Clamp(ticks, DateTime.MinValue.Ticks + TimeSpan.TicksPerDay, DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay), kind);
    }

    private static TimeZoneInfo? Resolve(string name)
    {
        if (name.Equals("UTC", StringComparison.OrdinalIgnoreCase) || name.Equals("GMT", StringComparison.OrdinalIgnoreCase) || name.Equals("Z", StringComparison.OrdinalIgnoreCase)
            || name.Equals("Etc/UTC", StringComparison.OrdinalIgnoreCase) || name.Equals("zulu", StringComparison.OrdinalIgnoreCase) || name.Equals("UCT", StringComparison.OrdinalIgnoreCase))
            return TimeZoneInfo.Utc;
        if (TryOffset(name, out int seconds)) return Fixed(seconds);
        if (Abbreviations.TryGetValue(name, out int hours)) return Fixed((int)(hours * 36L));
        if (!name.Contains('/', StringComparison.Ordinal) && !name.All(char.IsAsciiLetterOrDigit)) return null;
        return TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : null;
    }

    /// <summary>Hundredths of hours east.</summary>
    private static readonly Dictionary<string, int> Abbreviations = new(StringComparer.OrdinalIgnoreCase)
    {
        ["EST"] = -500, ["EDT"] = -400, ["CST"] = -600, ["CDT"] = -500, ["MST"] = -700, ["MDT"] = -600, ["PST"] = -800, ["PDT"] = -700,
        ["CET"] = 100, ["CEST"] = 200, ["EET"] = 200, ["EEST"] = 300, ["WET"] = 0, ["WEST"] = 100, ["BST"] = 100, ["MSK"] = 300, ["JST"] = 900, ["AEST"] = 1000,
    };

    /// <summary>+HH, +HHMM, +HH:MM[:SS]; seconds east.</summary>
    public static bool TryOffset(ReadOnlySpan<char> text, out int seconds)
    {
        seconds = 0;
        if (text.Length < 2 || text[0] is not ('+' or '-')) return false;
        ReadOnlySpan<char> body = text[1..];
        Span<int> parts = [0, 0, 0];
        int count = 0;
        if (body.Contains(':'))
        {
            foreach (Range range in body.Split(':'))
                if (count > 2 || !int.TryParse(body[range], NumberStyles.None, CultureInfo.InvariantCulture, out parts[count++])) return false;
        }
        else
        {
            if (body.Length > 6 || !int.TryParse(body, NumberStyles.None, CultureInfo.InvariantCulture, out int number)) return false;
            if (body.Length <= 2) parts[0] = number;
            else if (body.Length <= 4) (parts[0], parts[1]) = (number / 100, number % 100);
            else (parts[0], parts[1], parts[2]) = (number / 10000, number / 100 % 100, number % 100);
        }

        if (parts[0] > 15 || parts[1] > 59 || parts[2] > 59) return false;
        seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
        if (text[0] == '-') seconds = -seconds;
        return true;
    }
}
