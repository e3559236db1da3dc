using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>The ends of PERIOD (a, b) as a value: a must lie before b (ISO/IEC 9075-2, 8.20); with a NULL end nothing can be said.</summary>
internal static class PeriodFunctions
{
    private const string Date = "date, date", Ts = "timestamp without time zone", Tz = "timestamp with time zone";

    [SqlFunction("drift_period_start", Parameters = Date, Returns = "date", Strict = false)]
    public static int? Start(int? start, int? end) => Valid(start, end) ? start : null;

    [SqlFunction("drift_period_start", Parameters = Ts + ", " + Ts, Returns = Ts, Strict = false), SqlFunction("drift_period_start", Parameters = Tz + ", " + Tz, Returns = Tz, Strict = false)]
    public static long? Start(long? start, long? end) => Valid(start, end) ? start : null;

    [SqlFunction("drift_period_end", Parameters = Date, Returns = "date", Strict = false)]
    public static int? End(int? start, int? end) => Valid(start, end) ? end : null;

    [SqlFunction("drift_period_end", Parameters = Ts + ", " + Ts, Returns = Ts, Strict = false), SqlFunction("drift_period_end", Parameters = Tz + ", " + Tz, Returns = Tz, Strict = false)]
    public static long? End(long? start, long? end) => Valid(start, end) ? end : null;

    private static bool Valid(long? start, long? end) =>
        !(end <= start) ? true : throw new SqlException(SqlState.InvalidPeriodValue, "the start of a period must be before its end");
}
