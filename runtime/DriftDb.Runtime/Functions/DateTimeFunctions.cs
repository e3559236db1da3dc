using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Dates and times: operators, now() and its kin, parts, truncation, ages.</summary>
internal static class DateTimeFunctions
{
    private const string Ts = "timestamp without time zone", Tz = "timestamp with time zone", T = "time without time zone";

    [SqlOperator("+", "date_pli", Parameters = "date, integer", Returns = "date")] public static int AddDays(int date, int days) => CheckDate((long)date + days, date);
    [SqlOperator("+", "integer_pl_date", Parameters = "integer, date", Returns = "date")] public static int AddDaysReversed(int days, int date) => AddDays(date, days);
    [SqlOperator("-", "date_mii", Parameters = "date, integer", Returns = "date")] public static int SubtractDays(int date, int days) => CheckDate((long)date - days, date);
    [SqlOperator("-", "date_mi", Parameters = "date, date", Returns = "integer")]
    public static int DaysBetween(int a, int b) => Calendar.IsFinite(a) && Calendar.IsFinite(b) ? a - b : throw new SqlException(SqlState.DatetimeFieldOverflow, "cannot subtract infinite dates");
    [SqlOperator("+", "date_pl_interval", Parameters = "date, interval", Returns = Ts)] public static long DatePlus(int date, Interval span) => IntervalMath.AddTo(date * Calendar.MicrosPerDay, span);
    [SqlOperator("-", "date_mi_interval", Parameters = "date, interval", Returns = Ts)] public static long DateMinus(int date, Interval span) => IntervalMath.AddTo(date * Calendar.MicrosPerDay, IntervalMath.Negate(span));
    [SqlOperator("+", "interval_pl_date", Parameters = "interval, date", Returns = Ts)] public static long DatePlus(Interval span, int date) => DatePlus(date, span);
    [SqlOperator("+", "datetime_pl", Parameters = "date, " + T, Returns = Ts)] public static long DateTime(int date, long time) => date * Calendar.MicrosPerDay + time;
    [SqlOperator("+", "timedate_pl", Parameters = T + ", date", Returns = Ts)] public static long TimeDate(long time, int date) => DateTime(date, time);
    [SqlOperator("+", "timestamp_pl_interval", Parameters = Ts + ", interval", Returns = Ts)] public static long TimestampPlus(long timestamp, Interval span) => IntervalMath.AddTo(timestamp, span);
    [SqlOperator("+", "interval_pl_timestamp", Parameters = "interval, " + Ts, Returns = Ts)] public static long TimestampPlus(Interval span, long timestamp) => IntervalMath.AddTo(timestamp, span);
    [SqlOperator("-", "timestamp_mi_interval", Parameters = Ts + ", interval", Returns = Ts)] public static long TimestampMinus(long timestamp, Interval span) => IntervalMath.AddTo(timestamp, IntervalMath.Negate(span));
    [SqlOperator("-", "timestamp_mi", Parameters = Ts + ", " + Ts, Returns = "interval")] public static Interval TimestampDifference(long a, long b) => IntervalMath.Difference(a, b);
    [SqlOperator("+", "timestamptz_pl_interval", Parameters = Tz + ", interval", Returns = Tz, Volatility = Volatility.Stable)] public static long TzPlus(QueryContext context, long t, Interval span) => IntervalMath.AddToUtc(t, span, context.Settings);
    [SqlOperator("+", "interval_pl_timestamptz", Parameters = "interval, " + Tz, Returns = Tz, Volatility = Volatility.Stable)] public static long TzPlus(QueryContext context, Interval span, long t) => IntervalMath.AddToUtc(t, span, context.Settings);
    [SqlOperator("-", "timestamptz_mi_interval", Parameters = Tz + ", interval", Returns = Tz, Volatility = Volatility.Stable)] public static long TzMinus(QueryContext context, long t, Interval span) => IntervalMath.AddToUtc(t, IntervalMath.Negate(span), context.Settings);
    [SqlOperator("-", "timestamptz_mi", Parameters = Tz + ", " + Tz, Returns = "interval")] public static Interval TzDifference(long a, long b) => IntervalMath.Difference(a, b);
    [SqlOperator("+", "interval_pl")] public static Interval Add(Interval a, Interval b) => IntervalMath.Add(a, b);
    [SqlOperator("-", "interval_mi")] public static Interval Subtract(Interval a, Interval b) => IntervalMath.Subtract(a, b);
    [SqlOperator("-", "interval_um")] public static Interval Negate(Interval a) => IntervalMath.Negate(a);
    [SqlOperator("*", "interval_mul")] public static Interval Multiply(Interval a, double factor) => IntervalMath.Multiply(a, factor);
    [SqlOperator("*", "mul_d_interval")] public static Interval Multiply(double factor, Interval a) => IntervalMath.Multiply(a, factor);
    [SqlOperator("/", "interval_div")] public static Interval Divide(Interval a, double divisor) => IntervalMath.Divide(a, divisor);
    [SqlOperator("+", "time_pl_interval", Parameters = T + ", interval", Returns = T)] public static long TimePlus(long time, Interval span) => Wrap(time + span.Microseconds % Calendar.MicrosPerDay);
    [SqlOperator("+", "interval_pl_time", Parameters = "interval, " + T, Returns = T)] public static long TimePlus(Interval span, long time) => TimePlus(time, span);
    [SqlOperator("-", "time_mi_interval", Parameters = T + ", interval", Returns = T)] public static long TimeMinus(long time, Interval span) => Wrap(time - span.Microseconds % Calendar.MicrosPerDay);
    [SqlOperator("-", "time_mi_time", Parameters = T + ", " + T, Returns = "interval")] public static Interval TimeDifference(long a, long b) => new(a - b, 0, 0);

    private static long Wrap(long micros) => ((micros % Calendar.MicrosPerDay) + Calendar.MicrosPerDay) % Calendar.MicrosPerDay;

    private static int CheckDate(long date, int from)
    {
        if (!Calendar.IsFinite(from)) return from;
        return date is >= Calendar.MinDate and < Calendar.EndDate ? (int)date : throw new SqlException(SqlState.DatetimeFieldOverflow, "date out of range");
    }

    // ---- The current time ----

    [SqlFunction("now", Returns = Tz, Volatility = Volatility.Stable), SqlFunction("transaction_timestamp", Returns = Tz, Volatility = Volatility.Stable), SqlFunction("current_timestamp", Returns = Tz, Volatility = Volatility.Stable)]
    public static long Now(QueryContext context) => context.Session.TransactionTimeMicros;

    [SqlFunction("current_timestamp", Parameters = "integer", Returns = Tz, Volatility = Volatility.Stable)]
    public static long Now(QueryContext context, int precision) => DateTimeText.RoundMicros(context.Session.TransactionTimeMicros, precision);

    [SqlFunction("statement_timestamp", Returns = Tz, Volatility = Volatility.Stable)] public static long StatementTime(QueryContext context) => context.Session.StatementTimeMicros;
    [SqlFunction("clock_timestamp", Returns = Tz, Volatility = Volatility.Volatile)] public static long ClockTime(QueryContext context) => context.Session.ClockMicros;
    [SqlFunction("localtimestamp", Returns = Ts, Volatility = Volatility.Stable)] public static long LocalTimestamp(QueryContext context) => context.Settings.ToLocal(context.Session.TransactionTimeMicros);
    [SqlFunction("localtimestamp", Parameters = "integer", Returns = Ts, Volatility = Volatility.Stable)] public static long LocalTimestamp(QueryContext context, int precision) => DateTimeText.RoundMicros(LocalTimestamp(context), precision);
    [SqlFunction("current_date", Returns = "date", Volatility = Volatility.Stable)] public static int CurrentDate(QueryContext context) => Calendar.Split(LocalTimestamp(context)).Days;
    [SqlFunction("localtime", Returns = T, Volatility = Volatility.Stable)] public static long LocalTime(QueryContext context) => Calendar.Split(LocalTimestamp(context)).Micros;
    [SqlFunction("current_time", Volatility = Volatility.Stable)] public static TimeTz CurrentTime(QueryContext context) => new(LocalTime(context), -context.Settings.OffsetSecondsAtUtc(context.Session.TransactionTimeMicros));
    [SqlFunction("timeofday", Volatility = Volatility.Volatile)] public static string TimeOfDay(QueryContext context) => ToCharFunctions.Timestamp(context, context.Settings.ToLocal(context.Session.ClockMicros), "Dy Mon DD HH24:MI:SS.US YYYY") + " UTC";

    // ---- Zones ----

    [SqlFunction("timezone", Parameters = "text, " + Tz, Returns = Ts)]
    public static long AtZone(string zone, long utc) => Calendar.IsFinite(utc) ? utc + TimeZones.OffsetAtUtc(TimeZones.Get(zone), utc) * 1_000_000L : utc;

    [SqlFunction("timezone", Parameters = "text, " + Ts, Returns = Tz)]
    public static long FromZone(string zone, long local) => Calendar.IsFinite(local) ? TimeZones.ToUtc(TimeZones.Get(zone), local) : local;

    [SqlFunction("timezone", Parameters = "interval, " + Tz, Returns = Ts)] public static long AtZone(Interval zone, long utc) => utc + zone.Microseconds;
    [SqlFunction("timezone", Parameters = "interval, " + Ts, Returns = Tz)] public static long FromZone(Interval zone, long local) => local - zone.Microseconds;

    [SqlFunction("timezone", Parameters = "text, timetz", Returns = "timetz", Volatility = Volatility.Stable)]
    public static TimeTz AtZone(QueryContext context, string zone, TimeTz time) => Shifted(time, TimeZones.OffsetAtUtc(TimeZones.Get(zone), context.Session.TransactionTimeMicros));

    [SqlFunction("timezone", Parameters = "interval, timetz", Returns = "timetz")]
    public static TimeTz AtZone(Interval zone, TimeTz time) => Shifted(time, (int)(zone.Microseconds / 1_000_000));

    private static TimeTz Shifted(TimeTz time, int offsetSeconds)
    {
        long local = (time.UtcMicros + offsetSeconds * 1_000_000L) % Calendar.MicrosPerDay;
        return new TimeTz(local < 0 ? local + Calendar.MicrosPerDay : local, -offsetSeconds);
    }

    // ---- Truncation ----

    [SqlFunction("date_trunc", Parameters = "text, " + Ts, Returns = Ts)]
    public static long Truncate(string unit, long timestamp)
    {
        if (!Calendar.IsFinite(timestamp)) return timestamp;
        (int days, long micros) = Calendar.Split(timestamp);
        (int year, int month, _) = Calendar.FromDays(days);
        return unit.ToLowerInvariant() switch
        {
            "microseconds" or "microsecond" or "us" => timestamp,
            "milliseconds" or "millisecond" or "ms" => timestamp - Mod(micros, 1_000),
            "second" or "seconds" => timestamp - Mod(micros, 1_000_000),
            "minute" or "minutes" => timestamp - Mod(micros, Calendar.MicrosPerMinute),
            "hour" or "hours" => timestamp - Mod(micros, Calendar.MicrosPerHour),
            "day" or "days" => days * Calendar.MicrosPerDay,
            "week" or "weeks" => (days - (Calendar.DayOfWeek(days) + 6) % 7) * Calendar.MicrosPerDay,
            "month" or "months" => First(year, month),
            "quarter" or "quarters" => First(year, (month - 1) / 3 * 3 + 1),
            "year" or "years" => First(year, 1),
            "decade" or "decades" => First(year >= 0 ? year / 10 * 10 : -((9 - year) / 10) * 10, 1),
            "century" or "centuries" => First(year > 0 ? (year - 1) / 100 * 100 + 1 : -((99 - year) / 100) * 100 + 1, 1),
            "millennium" or "millennia" => First(year > 0 ? (year - 1) / 1000 * 1000 + 1 : -((999 - year) / 1000) * 1000 + 1, 1),
            _ => throw Unrecognized(unit, "timestamp without time zone"),
        };

        static long First(int year, int month) => Calendar.ToDays(year, month, 1) * Calendar.MicrosPerDay;
    }

    [SqlFunction("date_trunc", Parameters = "text, " + Tz, Returns = Tz, Volatility = Volatility.Stable)]
    public static long TruncateTz(QueryContext context, string unit, long utc) => Calendar.IsFinite(utc) ? context.Settings.ToUtc(Truncate(unit, context.Settings.ToLocal(utc))) : utc;

    [SqlFunction("date_trunc", Parameters = "text, " + Tz + ", text", Returns = Tz)]
    public static long TruncateTz(string unit, long utc, string zone) => FromZone(zone, Truncate(unit, AtZone(zone, utc)));

    [SqlFunction("date_trunc", Parameters = "text, interval", Returns = "interval")]
    public static Interval Truncate(string unit, Interval value) => unit.ToLowerInvariant().TrimEnd('s') switch
    {
        "microsecond" => value,
        "millisecond" => value with { Microseconds = value.Microseconds - value.Microseconds % 1_000 },
        "second" => value with { Microseconds = value.Microseconds - value.Microseconds % 1_000_000 },
        "minute" => value with { Microseconds = value.Microseconds - value.Microseconds % Calendar.MicrosPerMinute },
        "hour" => value with { Microseconds = value.Microseconds - value.Microseconds % Calendar.MicrosPerHour },
        "day" => value with { Microseconds = 0 },
        "month" => new Interval(0, 0, value.Months),
        "quarter" => new Interval(0, 0, value.Months / 3 * 3),
        "year" => new Interval(0, 0, value.Months / 12 * 12),
        _ => throw Unrecognized(unit, "interval"),
    };

    private static long Mod(long micros, long unit) => micros % unit;

    // ---- Parts ----

    [SqlFunction("extract", Parameters = "text, " + Ts, Returns = "numeric")] public static SqlNumeric? Extract(string field, long timestamp) => DatePart.Of(field, timestamp, null, "timestamp without time zone");
    [SqlFunction("extract", Parameters = "text, " + Tz, Returns = "numeric", Volatility = Volatility.Stable)]
    public static SqlNumeric? ExtractTz(QueryContext context, string field, long utc) =>
        DatePart.Of(field, Calendar.IsFinite(utc) ? context.Settings.ToLocal(utc) : utc, Calendar.IsFinite(utc) ? context.Settings.OffsetSecondsAtUtc(utc) : 0, "timestamp with time zone");
    [SqlFunction("extract", Parameters = "text, date", Returns = "numeric")] public static SqlNumeric? ExtractDate(string field, int date) => DatePart.OfDate(field, date);
    [SqlFunction("extract", Parameters = "text, " + T, Returns = "numeric")] public static SqlNumeric? ExtractTime(string field, long time) => DatePart.OfTime(field, time);
    [SqlFunction("extract", Parameters = "text, interval", Returns = "numeric")] public static SqlNumeric? Extract(string field, Interval value) => DatePart.OfInterval(field, value);
    [SqlFunction("date_part", Parameters = "text, " + Ts)] public static double? Part(string field, long timestamp) => Extract(field, timestamp)?.ToDouble();
    [SqlFunction("date_part", Parameters = "text, " + Tz, Volatility = Volatility.Stable)] public static double? PartTz(QueryContext context, string field, long utc) => ExtractTz(context, field, utc)?.ToDouble();
    [SqlFunction("date_part", Parameters = "text, date")] public static double? PartDate(string field, int date) => ExtractDate(field, date)?.ToDouble();
    [SqlFunction("date_part", Parameters = "text, " + T)] public static double? PartTime(string field, long time) => ExtractTime(field, time)?.ToDouble();
    [SqlFunction("date_part", Parameters = "text, interval")] public static double? Part(string field, Interval value) => Extract(field, value)?.ToDouble();

    internal static SqlException Unrecognized(string unit, string type) => new(SqlState.InvalidParameterValue, $"unit \"{unit}\" not recognized for type {type}");

    // ---- Ages, makers, others ----

    [SqlFunction("age", Parameters = Ts + ", " + Ts)]
    public static Interval Age(long a, long b)
    {
        if (a < b) return IntervalMath.Negate(Age(b, a));
        ((int aDays, long aMicros), (int bDays, long bMicros)) = (Calendar.Split(a), Calendar.Split(b));
        ((int aYear, int aMonth, int aDay), (int bYear, int bMonth, int bDay)) = (Calendar.FromDays(aDays), Calendar.FromDays(bDays));
        long micros = aMicros - bMicros;
        int days = aDay - bDay, months = (aYear - bYear) * 12 + aMonth - bMonth;
        if (micros < 0)
        {
            micros += Calendar.MicrosPerDay;
            days--;
        }

        if (days < 0)
        {
            days += Calendar.DaysInMonth(bYear, bMonth);
            months--;
        }

        return new Interval(micros, days, months);
    }

    [SqlFunction("age", Parameters = Tz + ", " + Tz, Volatility = Volatility.Stable)] public static Interval AgeTz(QueryContext context, long a, long b) => Age(context.Settings.ToLocal(a), context.Settings.ToLocal(b));
    [SqlFunction("age", Parameters = Ts, Volatility = Volatility.Stable)] public static Interval Age(QueryContext context, long a) => Age(CurrentDate(context) * Calendar.MicrosPerDay, a);
    [SqlFunction("age", Parameters = Tz, Volatility = Volatility.Stable)] public static Interval AgeTz(QueryContext context, long a) => Age(CurrentDate(context) * Calendar.MicrosPerDay, context.Settings.ToLocal(a));

    [SqlFunction("make_date", Returns = "date", Names = "year, month, day")]
    public static int MakeDate(int year, int month, int day) =>
        year != 0 && month is >= 1 and <= 12 && day >= 1 && day <= Calendar.DaysInMonth(year < 0 ? year + 1 : year, month) ? Calendar.ToDays(year < 0 ? year + 1 : year, month, day)
        : throw new SqlException(SqlState.DatetimeFieldOverflow, $"date field value out of range: {year}-{month:00}-{day:00}");

    [SqlFunction("make_time", Returns = T, Names = "hour, min, sec")]
    public static long MakeTime(int hour, int minute, double second) =>
        hour is >= 0 and <= 24 && minute is >= 0 and < 60 && second is >= 0 and <= 60 ? hour * Calendar.MicrosPerHour + minute * Calendar.MicrosPerMinute + (long)Math.Round(second * 1e6)
        : throw new SqlException(SqlState.DatetimeFieldOverflow, $"time field value out of range: {hour}:{minute:00}:{second:00}");

    [SqlFunction("make_timestamp", Returns = Ts, Names = "year, month, mday, hour, min, sec")] public static long MakeTimestamp(int year, int month, int day, int hour, int minute, double second) => MakeDate(year, month, day) * Calendar.MicrosPerDay + MakeTime(hour, minute, second);
    [SqlFunction("make_timestamptz", Returns = Tz, Volatility = Volatility.Stable, Names = "year, month, mday, hour, min, sec")]
    public static long MakeTimestampTz(QueryContext context, int year, int month, int day, int hour, int minute, double second) => context.Settings.ToUtc(MakeTimestamp(year, month, day, hour, minute, second));

    [SqlFunction("make_timestamptz", Returns = Tz, Volatility = Volatility.Stable, Names = "year, month, mday, hour, min, sec, timezone")]
    public static long MakeTimestampTz(int year, int month, int day, int hour, int minute, double second, string zone) => FromZone(zone, MakeTimestamp(year, month, day, hour, minute, second));

    [SqlFunction("make_interval", Names = "years, months, weeks, days, hours, mins, secs", Optional = 7)]
    public static Interval MakeInterval(int years, int months, int weeks, int days, int hours, int mins, double secs) => new(
        hours * Calendar.MicrosPerHour + mins * Calendar.MicrosPerMinute + (long)Math.Round(secs * 1e6), weeks * 7 + days, years * 12 + months);

    [SqlFunction("justify_days")] public static Interval JustifyDays(Interval v) => Signs(new Interval(v.Microseconds, v.Days % 30, v.Months + v.Days / 30), days: true);
    [SqlFunction("justify_hours")] public static Interval JustifyHours(Interval v) => Signs(new Interval(v.Microseconds % Calendar.MicrosPerDay, v.Days + (int)(v.Microseconds / Calendar.MicrosPerDay), v.Months), days: false);
    [SqlFunction("justify_interval")]
    public static Interval JustifyInterval(Interval v)
    {
        long micros = v.Microseconds % Calendar.MicrosPerDay;
        int days = v.Days + (int)(v.Microseconds / Calendar.MicrosPerDay);
        int months = v.Months + days / 30;
        days %= 30;
        if (months > 0 && (days < 0 || (days == 0 && micros < 0))) (days, months) = (days + 30, months - 1);
        else if (months < 0 && (days > 0 || (days == 0 && micros > 0))) (days, months) = (days - 30, months + 1);
        if (days > 0 && micros < 0) (micros, days) = (micros + Calendar.MicrosPerDay, days - 1);
        else if (days < 0 && micros > 0) (micros, days) = (micros - Calendar.MicrosPerDay, days + 1);
        return new Interval(micros, days, months);
    }

    private static Interval Signs(Interval v, bool days)
    {
        if (days)
        {
            if (v.Months > 0 && v.Days < 0) return v with { Days = v.Days + 30, Months = v.Months - 1 };
            if (v.Months < 0 && v.Days > 0) return v with { Days = v.Days - 30, Months = v.Months + 1 };
            return v;
        }

        if (v.Days > 0 && v.Microseconds < 0) return v with { Microseconds = v.Microseconds + Calendar.MicrosPerDay, Days = v.Days - 1 };
        if (v.Days < 0 && v.Microseconds > 0) return v with { Microseconds = v.Microseconds - Calendar.MicrosPerDay, Days = v.Days + 1 };
        return v;
    }

    [SqlFunction("isfinite", Parameters = "date")] public static bool IsFinite(int date) => Calendar.IsFinite(date);
    [SqlFunction("isfinite", Parameters = Ts), SqlFunction("isfinite", Parameters = Tz)] public static bool IsFinite(long timestamp) => Calendar.IsFinite(timestamp);
    [SqlFunction("isfinite", Parameters = "interval")] public static bool IsFinite(Interval span) => span.Months != int.MaxValue;

    [SqlFunction("to_timestamp", Parameters = "double precision", Returns = Tz)]
    public static long FromUnix(double seconds) => double.IsInfinity(seconds) ? seconds > 0 ? Calendar.TimestampInfinity : Calendar.TimestampNegativeInfinity : (long)Math.Round(seconds * 1e6) - Calendar.UnixEpochMicros;

    [SqlFunction("date_bin", Parameters = "interval, " + Ts + ", " + Ts, Returns = Ts), SqlFunction("date_bin", Parameters = "interval, " + Tz + ", " + Tz, Returns = Tz)]
    public static long Bin(Interval stride, long source, long origin)
    {
        if (stride.Months != 0) throw new SqlException(SqlState.FeatureNotSupported, "timestamps cannot be binned into intervals containing months or years");
        long width = stride.Microseconds + stride.Days * Calendar.MicrosPerDay;
        if (width <= 0) throw new SqlException(SqlState.DatetimeFieldOverflow, "stride must be greater than zero");
        long offset = (source - origin) % width;
        return source - (offset < 0 ? offset + width : offset);
    }
}

/// <summary>EXTRACT's fields.</summary>
internal static class DatePart
{
    public static SqlNumeric? Of(string field, long timestamp, int? offset, string type)
    {
        string name = field.ToLowerInvariant();
        if (!Calendar.IsFinite(timestamp))
            return name is "epoch" or "year" or "years" or "decade" or "century" or "millennium" or "julian" or "isoyear" ? timestamp > 0 ? SqlNumeric.PositiveInfinity : SqlNumeric.NegativeInfinity : null;
        (int days, long micros) = Calendar.Split(timestamp);
        if (OfDateField(name, days) is { } part) return part;
        if (OfTimeField(name, micros) is { } time) return time;
        return name switch
        {
            "epoch" => new SqlNumeric((Int128)timestamp - (offset ?? 0) * 1_000_000L + Calendar.UnixEpochMicros, 6),
            "julian" => SqlNumeric.Add(SqlNumeric.FromInt64(days + 2_451_545L), SqlNumeric.DivideAt(SqlNumeric.FromInt64(micros), SqlNumeric.FromInt64(Calendar.MicrosPerDay), 20).WithoutTrailingZeros()),
            "timezone" when offset is { } o => SqlNumeric.FromInt64(o),
            "timezone_hour" when offset is { } o => SqlNumeric.FromInt64(o / 3600),
            "timezone_minute" when offset is { } o => SqlNumeric.FromInt64(o / 60 % 60),
            _ => throw DateTimeFunctions.Unrecognized(field, type),
        };
    }

    public static SqlNumeric? OfDate(string field, int date)
    {
        string name = field.ToLowerInvariant();
        if (!Calendar.IsFinite(date)) return Of(field, date > 0 ? Calendar.TimestampInfinity : Calendar.TimestampNegativeInfinity, null, "date");
        return OfDateField(name, date) ?? name switch
        {
            "epoch" => SqlNumeric.FromInt64((date + (long)Calendar.UnixEpochDays) * 86_400),
            "julian" => SqlNumeric.FromInt64(date + 2_451_545L),
            _ => throw DateTimeFunctions.Unrecognized(field, "date"),
        };
    }

    public static SqlNumeric? OfTime(string field, long micros)
    {
        string name = field.ToLowerInvariant();
        return OfTimeField(name, micros) ?? (name == "epoch" ? new SqlNumeric((Int128)micros, 6) : throw DateTimeFunctions.Unrecognized(field, "time without time zone"));
    }

    public static SqlNumeric? OfInterval(string field, Interval value)
    {
        int years = value.Months / 12;
        string name = field.ToLowerInvariant();
        long micros = value.Microseconds;
        return name switch
        {
            "year" or "years" => SqlNumeric.FromInt64(years),
            "month" or "months" => SqlNumeric.FromInt64(value.Months % 12),
            "quarter" => SqlNumeric.FromInt64(value.Months % 12 / 3 + 1),
            "day" or "days" => SqlNumeric.FromInt64(value.Days),
            "decade" => SqlNumeric.FromInt64(years / 10),
            "century" => SqlNumeric.FromInt64(years / 100),
            "millennium" => SqlNumeric.FromInt64(years / 1000),
            "hour" or "hours" => SqlNumeric.FromInt64(micros / Calendar.MicrosPerHour),
            "epoch" => new SqlNumeric((Int128)micros + ((Int128)value.Days + (Int128)(value.Months % 12) * 30) * Calendar.MicrosPerDay + (Int128)years * 31_557_600_000_000, 6),
            _ => OfTimeField(name, micros % Calendar.MicrosPerHour) ?? throw DateTimeFunctions.Unrecognized(field, "interval"),
        };
    }

    private static SqlNumeric? OfDateField(string name, int days)
    {
        (int year, int month, int day) = Calendar.FromDays(days);
        long? value = name switch
        {
            "year" or "years" => year > 0 ? year : year - 1,
            "month" or "months" or "mon" => month,
            "day" or "days" => day,
            "quarter" => (month - 1) / 3 + 1,
            "dow" => Calendar.DayOfWeek(days),
            "isodow" => (Calendar.DayOfWeek(days) + 6) % 7 + 1,
            "doy" => days - Calendar.ToDays(year, 1, 1) + 1,
            "week" or "weeks" => Calendar.IsoWeek(days).Week,
            "isoyear" => Calendar.IsoWeek(days).Year,
            "decade" => year >= 0 ? year / 10 : -((9 - year) / 10),
            "century" => year > 0 ? (year + 99) / 100 : -((99 - (year - 1)) / 100),
            "millennium" => year > 0 ? (year + 999) / 1000 : -((999 - (year - 1)) / 1000),
            _ => null,
        };
        return value is { } number ? SqlNumeric.FromInt64(number) : null;
    }

    private static SqlNumeric? OfTimeField(string name, long micros) => name switch
    {
        "hour" or "hours" => SqlNumeric.FromInt64(micros / Calendar.MicrosPerHour),
        "minute" or "minutes" => SqlNumeric.FromInt64(micros / Calendar.MicrosPerMinute % 60),
        "second" or "seconds" => new SqlNumeric((Int128)(micros % Calendar.MicrosPerMinute), 6),
        "milliseconds" or "millisecond" => new SqlNumeric((Int128)(micros % Calendar.MicrosPerMinute), 3),
        "microseconds" or "microsecond" => SqlNumeric.FromInt64(micros % Calendar.MicrosPerMinute),
        _ => null,
    };
}
