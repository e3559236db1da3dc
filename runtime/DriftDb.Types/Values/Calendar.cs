namespace DriftDb.Types;

/// <summary>The proleptic Gregorian calendar over PostgreSQL's whole range (4713 BC to 294276 AD), in days since 2000-01-01.</summary>
public static class Calendar
{
    /// <summary>Dates' infinities (DATEVAL_NOBEGIN, DATEVAL_NOEND).</summary>
    public const int DateNegativeInfinity = int.MinValue, DateInfinity = int.MaxValue;

    /// <summary>Timestamps' infinities.</summary>
    public const long TimestampNegativeInfinity = long.MinValue, TimestampInfinity = long.MaxValue;

    public const long MicrosPerSecond = 1_000_000, MicrosPerMinute = 60_000_000, MicrosPerHour = 3_600_000_000, MicrosPerDay = 86_400_000_000;

    /// <summary>Days from 1970-01-01 to 2000-01-01.</summary>
    public const int UnixEpochDays = 10_957;

    /// <summary>µs from 1970-01-01 to 2000-01-01.</summary>
    public const long UnixEpochMicros = UnixEpochDays * MicrosPerDay;

    /// <summary>The first day that a date may be, and the first that it may not.</summary>
    public const int MinDate = -2_451_545, EndDate = 2_145_031_949;

    public const long MinTimestamp = -211_813_488_000_000_000, EndTimestamp = 9_223_371_331_200_000_000;

    public static bool IsFinite(int date) => date is not (DateNegativeInfinity or DateInfinity);

    public static bool IsFinite(long timestamp) => timestamp is not (TimestampNegativeInfinity or TimestampInfinity);

    /// <summary>Days since 2000-01-01; year 0 is 1 BC. (Algorithm: date2j of PostgreSQL's datetime.c.)</summary>
    public static int ToDays(int year, int month, int day)
    {
        long y = year, m = month;
        if (m > 2)
        {
            m += 1;
            y += 4800;
        }
        else
        {
            m += 13;
            y += 4799;
        }

        long century = y / 100;
        long julian = y * 365 - 32167;
        julian += y / 4 - century + century / 4;
        julian += 7834 * m / 256 + day;
        return (int)(julian - 2_451_545);
    }

    public static (int Year, int Month, int Day) FromDays(int days)
    {
        uint julian = (uint)(days + 2_451_545L) + 32044;
        uint quad = julian / 146097;
        uint extra = (julian - quad * 146097) * 4 + 3;
        julian += 60 + quad * 3 + extra / 146097;
        quad = julian / 1461;
        julian -= quad * 1461;
        int y = (int)(julian * 4 / 1461);
        julian = (y != 0 ? (julian + 305) % 365 : (julian + 306) % 366) + 123;
        y += (int)(quad * 4);
        int year = y - 4800;
        quad = julian * 2141 / 65536;
        return (year, (int)((quad + 10) % 12 + 1), (int)(julian - 7834 * quad / 256));
    }

    public static bool IsLeap(int year) => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    public static int DaysInMonth(int year, int month) => month switch { 2 => IsLeap(year) ? 29 : 28, 4 or 6 or 9 or 11 => 30, _ => 31 };

    /// <summary>Day of the week: 0 is Sunday.</summary>
    public static int DayOfWeek(int days) => (int)(((days + 6L) % 7 + 7) % 7);

    /// <summary>The timestamp's day (rounded down) and the µs within it.</summary>
    public static (int Days, long Micros) Split(long timestamp)
    {
        long days = timestamp / MicrosPerDay, micros = timestamp % MicrosPerDay;
        if (micros < 0)
        {
            micros += MicrosPerDay;
            days--;
        }

        return ((int)days, micros);
    }

    /// <summary>ISO 8601 year and week.</summary>
    public static (int Year, int Week) IsoWeek(int days)
    {
        int year = FromDays(days).Year;
        int weekday = (DayOfWeek(days) + 6) % 7; // Monday 0
        int thursday = days - weekday + 3;
        int isoYear = FromDays(thursday).Year;
        int week = (thursday - ToDays(isoYear, 1, 1)) / 7 + 1;
        _ = year;
        return (isoYear, week);
    }

    /// <summary>Adds months; a day past the month's end becomes its last.</summary>
    public static int AddMonths(int days, int months)
    {
        (int year, int month, int day) = FromDays(days);
        long total = (long)year * 12 + month - 1 + months;
        int newYear = (int)Math.Floor(total / 12.0), newMonth = (int)(total - newYear * 12L) + 1;
        return ToDays(newYear, newMonth, Math.Min(day, DaysInMonth(newYear, newMonth)));
    }
}
