using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary><c>(a, b) OVERLAPS (c, d)</c> (ISO/IEC 9075-2, 8.14): the ends may come in either order, a period without length is its moment, and a NULL end counts only where it makes a difference.</summary>
internal static class OverlapFunctions
{
    private const string Ts = "timestamp without time zone", Tz = "timestamp with time zone", T = "time without time zone";

    [SqlFunction("overlaps", Parameters = Ts + ", " + Ts + ", " + Ts + ", " + Ts, Strict = false)]
    [SqlFunction("overlaps", Parameters = Tz + ", " + Tz + ", " + Tz + ", " + Tz, Strict = false)]
    [SqlFunction("overlaps", Parameters = T + ", " + T + ", " + T + ", " + T, Strict = false)]
    public static bool? Overlaps(long? a, long? b, long? c, long? d)
    {
        if (InOrder(a, b) is not var (start, end) || InOrder(c, d) is not var (otherStart, otherEnd)) return null;
        if (start == otherStart) return end is null || otherEnd is null ? null : true;
        // The earlier period decides, by whether it goes on to where the later one starts.
        var (earlierEnd, laterStart, laterEnd) = start < otherStart ? (end, otherStart, otherEnd) : (otherEnd, start, end);
        if (earlierEnd is null) return null;
        return laterStart < earlierEnd ? true : laterEnd is null ? null : false;
    }

    [SqlFunction("overlaps", Parameters = "timetz, timetz, timetz, timetz", Strict = false)]
    public static bool? Overlaps(TimeTz? a, TimeTz? b, TimeTz? c, TimeTz? d) => Overlaps(a?.UtcMicros, b?.UtcMicros, c?.UtcMicros, d?.UtcMicros);

    /// <summary>A period's start, and its end where that is known; null when neither is.</summary>
    private static (long Start, long? End)? InOrder(long? first, long? second) => (first, second) switch
    {
        (null, null) => null,
        (null, { } only) => (only, null),
        ({ } only, null) => (only, null),
        ({ } one, { } other) => (Math.Min(one, other), Math.Max(one, other)),
    };
}
