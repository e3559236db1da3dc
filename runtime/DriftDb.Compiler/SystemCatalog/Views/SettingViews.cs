using System.Globalization;

namespace DriftDb.Compiler;

/// <summary>pg_settings, pg_timezone_names.</summary>
internal static class SettingViews
{
    public static IEnumerable<(string, Action<CatalogRows>)> All => [("pg_catalog.pg_settings", Settings), ("pg_catalog.pg_timezone_names", TimeZones)];

    private static void Settings(CatalogRows rows)
    {
        foreach (var definition in SettingRegistry.All.OrderBy(definition => definition.Name, StringComparer.OrdinalIgnoreCase))
        {
            string value = rows.Session.Settings.Required(definition.Name);
            rows.Add(
                definition.Name, value, null, "DriftDB", definition.Description, null, definition.IsReadOnly ? "internal" : "user", TypeOf(definition.Default),
                value == definition.Default ? "default" : "session", null, null, null, definition.Default, definition.Default, null, null, false);
        }
    }

    private static string TypeOf(string value) => value switch
    {
        "on" or "off" => "bool",
        _ when long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) => "integer",
        _ when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _) => "real",
        _ => "string",
    };

    private static void TimeZones(CatalogRows rows)
    {
        var now = DateTime.UnixEpoch.AddTicks((rows.Session.Instance.Clock.NowMicros + 946_684_800_000_000L) * TimeSpan.TicksPerMicrosecond);
        foreach (var zone in TimeZoneInfo.GetSystemTimeZones().OrderBy(zone => zone.Id, StringComparer.Ordinal))
        {
            var offset = zone.GetUtcOffset(now);
            rows.Add(zone.Id, Abbreviation(offset), new Types.Interval(offset.Ticks / TimeSpan.TicksPerMicrosecond, 0, 0), zone.IsDaylightSavingTime(now));
        }
    }

    private static string Abbreviation(TimeSpan offset) =>
        offset == TimeSpan.Zero ? "UTC" : (offset < TimeSpan.Zero ? "-" : "+") + offset.ToString(offset.Minutes == 0 ? "hh" : "hhmm", CultureInfo.InvariantCulture);
}
