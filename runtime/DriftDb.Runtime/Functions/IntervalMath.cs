using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Arithmetic of intervals and times; fractions spill from months to days (30 a month) to time.</summary>
internal static class IntervalMath
{
    public static Interval Negate(Interval value)
    {
        if (value.Microseconds == long.MinValue || value.Days == int.MinValue || value.Months == int.MinValue) throw OutOfRange();
        return new Interval(-value.Microseconds, -value.Days, -value.Months);
    }

    public static Interval Add(Interval a, Interval b)
    {
        try
        {
            return checked(new Interval(a.Microseconds + b.Microseconds, a.Days + b.Days, a.Months + b.Months));
        }
        catch (OverflowException)
        {
            throw OutOfRange();
        }
    }

    public static Interval Subtract(Interval a, Interval b) => Add(a, Negate(b));

    public static Interval Multiply(Interval value, double factor)
    {
        double months = value.Months * factor, days = value.Days * factor;
        if (double.IsNaN(factor) || Math.Abs(months) > int.MaxValue || Math.Abs(days) > int.MaxValue) throw OutOfRange();
        int wholeMonths = (int)months, wholeDays = (int)days;
        double dayRest = Round((months - wholeMonths) * 30);
        int spill = (int)dayRest;
        double micros = Round(value.Microseconds * factor) + Math.Round(Round(dayRest - spill + (days - wholeDays)) * Calendar.MicrosPerDay);
        if (Math.Abs(micros) > long.MaxValue) throw OutOfRange();
        return new Interval((long)Math.Round(micros), wholeDays + spill, wholeMonths);

        static double Round(double number) => Math.Round(number * 1e6) / 1e6;
    }

    public static Interval Divide(Interval value, double divisor)
    {
        if (divisor == 0) throw new SqlException(SqlState.DivisionByZero, "division by zero");
        return Multiply(value, 1 / divisor) is var quick && divisor == Math.Floor(divisor) ? DivideExactly(value, divisor) : quick;
    }

    private static Interval DivideExactly(Interval value, double divisor)
    {
        decimal by = (decimal)divisor;
        decimal months = value.Months / by, wholeMonths = decimal.Truncate(months);
        decimal days = value.Days / by, wholeDays = decimal.Truncate(days);
        decimal dayRest = (months - wholeMonths) * 30, spill = decimal.Truncate(Math.Round(dayRest, 9));
        decimal micros = value.Microseconds / by + (dayRest - spill + days - wholeDays) * Calendar.MicrosPerDay;
        return new Interval((long)Math.Round(micros, MidpointRounding.ToEven), (int)(wholeDays + spill), (int)wholeMonths);
    }

    /// <summary>A local timestamp plus an interval: months first (clamped to the month's end), then days, then time.</summary>
    public static long AddTo(long timestamp, Interval interval)
    {
        if (!Calendar.IsFinite(timestamp)) return timestamp;
        (int days, long micros) = Calendar.Split(timestamp);
        if (interval.Months != 0) days = Calendar.AddMonths(days, interval.Months);
        Int128 result = ((Int128)days + interval.Days) * Calendar.MicrosPerDay + micros + interval.Microseconds;
        if (result < Calendar.MinTimestamp || result >= Calendar.EndTimestamp) throw new SqlException(SqlState.DatetimeFieldOverflow, "timestamp out of range");
        return (long)result;
    }

    /// <summary>The same in the session's zone: a day may have 23 or 25 hours.</summary>
    public static long AddToUtc(long utc, Interval interval, FormatSettings settings)
    {
        if (!Calendar.IsFinite(utc)) return utc;
        if (interval.Months != 0 || interval.Days != 0) utc = settings.ToUtc(AddTo(settings.ToLocal(utc), new Interval(0, interval.Days, interval.Months)));
        return AddTo(utc, new Interval(interval.Microseconds, 0, 0));
    }

    /// <summary>The difference of two timestamps in days and time.</summary>
    public static Interval Difference(long a, long b)
    {
        if (!Calendar.IsFinite(a) || !Calendar.IsFinite(b)) throw new SqlException(SqlState.DatetimeFieldOverflow, "cannot subtract infinite timestamps");
        long micros;
        try
        {
            micros = checked(a - b);
        }
        catch (OverflowException)
        {
            throw OutOfRange();
        }

        return new Interval(micros % Calendar.MicrosPerDay, (int)(micros / Calendar.MicrosPerDay), 0);
    }

    public static SqlException OutOfRange() => new(SqlState.DatetimeFieldOverflow, "interval out of range");
}
