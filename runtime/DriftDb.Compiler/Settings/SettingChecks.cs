using System.Globalization;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>How settings' values are checked and normalised.</summary>
internal static class SettingChecks
{
    public static Func<string, string> Bool(string name) => value => value.ToLowerInvariant() switch
    {
        "on" or "true" or "yes" or "1" or "t" or "y" => "on",
        "off" or "false" or "no" or "0" or "f" or "n" => "off",
        _ => throw new SqlException(SqlState.InvalidParameterValue, $"parameter \"{name}\" requires a Boolean value"),
    };

    public static Func<string, string> Choice(string name, params string[] choices) => value =>
        Array.Find(choices, choice => choice.Equals(value, StringComparison.OrdinalIgnoreCase))
        ?? throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for parameter \"{name}\": \"{value}\"", hint: $"Available values: {string.Join(", ", choices)}.");

    public static Func<string, string> Integer(string name, long minimum, long maximum) => value =>
    {
        if (!long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for parameter \"{name}\": \"{value}\"");
        if (number < minimum || number > maximum)
            throw new SqlException(SqlState.InvalidParameterValue, $"{number} is outside the valid range for parameter \"{name}\" ({minimum} .. {maximum})");
        return number.ToString(CultureInfo.InvariantCulture);
    };

    private static readonly (string Unit, long Milliseconds)[] TimeUnits = [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];

    /// <summary>A time span: a number of ms or one with a unit; shown in the largest unit that it is a whole number of.</summary>
    public static Func<string, string> Milliseconds(string name) => value =>
    {
        long time = ParseMilliseconds(name, value);
        if (time == 0) return "0";
        var (unit, size) = TimeUnits.First(candidate => time % candidate.Milliseconds == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{time / size}{unit}");
    };

    public static long ParseMilliseconds(string name, string value)
    {
        var (digits, unit) = SplitUnit(value);
        double factor = unit switch { "" or "ms" => 1, "us" => 0.001, "s" => 1_000, "min" => 60_000, "h" => 3_600_000, "d" => 86_400_000, _ => double.NaN };
        if (double.IsNaN(factor) || !double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for parameter \"{name}\": \"{value}\"", hint: "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\".");
        if (number < 0) throw new SqlException(SqlState.InvalidParameterValue, $"{value} ms is outside the valid range for parameter \"{name}\" (0 ms .. 2147483647 ms)");
        return (long)(number * factor);
    }

    private static readonly (string Unit, long Kilobytes)[] MemoryUnits = [("TB", 1L << 30), ("GB", 1L << 20), ("MB", 1L << 10), ("kB", 1)];

    /// <summary>An amount of memory: a number of kB or one with a unit; shown in the largest unit that divides it.</summary>
    public static Func<string, string> Memory(string name, long minimum) => value =>
    {
        long kilobytes = ParseKilobytes(name, value);
        if (kilobytes < minimum || kilobytes > int.MaxValue)
            throw new SqlException(SqlState.InvalidParameterValue, $"{kilobytes} kB is outside the valid range for parameter \"{name}\" ({minimum} kB .. {int.MaxValue} kB)");
        return MemoryText(kilobytes * 1_024);
    };

    /// <summary>A checked size in bytes.</summary>
    public static long MemoryBytes(string value) => ParseKilobytes("memory", value) * 1_024;

    /// <summary>A size as SHOW prints it: in the largest unit that it is a whole number of.</summary>
    public static string MemoryText(long lengthBytes)
    {
        long kilobytes = lengthBytes / 1_024;
        var (unit, size) = MemoryUnits.First(candidate => kilobytes % candidate.Kilobytes == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{kilobytes / size}{unit}");
    }

    private static long ParseKilobytes(string name, string value)
    {
        var (digits, unit) = SplitUnit(value);
        double factor = unit switch { "" => 1, "B" => 1 / 1_024.0, _ => Array.Find(MemoryUnits, candidate => candidate.Unit == unit).Kilobytes };
        if (!double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for parameter \"{name}\": \"{value}\"");
        if (factor == 0)
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for parameter \"{name}\": \"{value}\"", hint: "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\".");
        return (long)Math.Round(number * factor, MidpointRounding.ToEven);
    }

    /// <summary>A number and the unit behind it; either may be empty.</summary>
    private static (string Number, string Unit) SplitUnit(string value)
    {
        string text = value.Trim();
        int digits = 0;
        while (digits < text.Length && (char.IsAsciiDigit(text[digits]) || text[digits] == '.' || digits == 0 && text[digits] == '-')) digits++;
        return (text[..digits], text[digits..].Trim());
    }

    public static string Encoding(string value) =>
        CharacterSet.Find(value)?.Name ?? throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for parameter \"client_encoding\": \"{value}\"");

    /// <summary>An output style, an order of fields, or both; the missing one stays what it is.</summary>
    public static string DateStyle(string current, string value)
    {
        string style = current.Split(", ")[0], order = current.Split(", ")[1];
        bool hasOrder = false;
        foreach (string part in value.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            switch (part.ToUpperInvariant())
            {
                case "ISO": style = "ISO"; break;
                case "SQL": style = "SQL"; break;
                case "POSTGRES": style = "Postgres"; break;
                case "GERMAN": (style, order) = ("German", hasOrder ? order : "DMY"); break;
                case "MDY" or "US" or "NONEURO" or "NONEUROPEAN": (order, hasOrder) = ("MDY", true); break;
                case "DMY" or "EURO" or "EUROPEAN": (order, hasOrder) = ("DMY", true); break;
                case "YMD": (order, hasOrder) = ("YMD", true); break;
                case "DEFAULT": (style, order) = ("ISO", "MDY"); break;
                default: throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for parameter \"DateStyle\": \"{value}\"");
            }
        }

        return $"{style}, {order}";
    }

    /// <summary>A zone's name, or an offset in hours, as PostgreSQL names it then.</summary>
    public static string TimeZone(string value)
    {
        var zone = FindTimeZone(value);
        // Of an offset PostgreSQL shows the zone's name and, with POSIX's sign, what it stands for.
        if (zone.Id.StartsWith('<')) return OffsetName(zone.BaseUtcOffset);
        return value.Equals("utc", StringComparison.OrdinalIgnoreCase) || value.Equals("gmt", StringComparison.OrdinalIgnoreCase) ? value.ToUpperInvariant() : value;
    }

    public static TimeZoneInfo FindTimeZone(string value)
    {
        if (value.Equals("default", StringComparison.OrdinalIgnoreCase) || value.Equals("local", StringComparison.OrdinalIgnoreCase)) return TimeZoneInfo.Utc;
        if (value.StartsWith('<') && value.IndexOf('>', StringComparison.Ordinal) is > 0 and var close && TimeZones.TryOffset(value.AsSpan(1, close - 1), out int shown)) return TimeZones.Fixed(shown);
        if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double hours) && Math.Abs(hours) <= 15) return TimeZones.Fixed((int)(hours * 3_600));
        if (value.Equals("utc", StringComparison.OrdinalIgnoreCase) || value.Equals("gmt", StringComparison.OrdinalIgnoreCase) || value.Equals("etc/utc", StringComparison.OrdinalIgnoreCase) || value.Equals("z", StringComparison.OrdinalIgnoreCase)) return TimeZoneInfo.Utc;
        return TimeZoneInfo.TryFindSystemTimeZoneById(value, out var zone)
            ? zone
            : throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for parameter \"TimeZone\": \"{value}\"");
    }

    /// <summary><c>&lt;+05:30&gt;-05:30</c></summary>
    public static string OffsetName(TimeSpan offset)
    {
        string digits = offset.ToString(offset.Minutes == 0 ? "hh" : @"hh\:mm", CultureInfo.InvariantCulture);
        return offset < TimeSpan.Zero ? $"<-{digits}>+{digits}" : $"<+{digits}>-{digits}";
    }
}
