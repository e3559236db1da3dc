using System.Globalization;
using System.Text;

namespace DriftDb.Types;

/// <summary>Text of intervals: PostgreSQL's own, verbose, SQL-standard and ISO 8601 styles out; all of their forms in.</summary>
public static class IntervalText
{
    public static void Write(ByteWriter writer, Interval value, IntervalStyle style)
    {
        switch (style)
        {
            case IntervalStyle.Iso8601: WriteIso(writer, value); break;
            case IntervalStyle.PostgresVerbose: WriteVerbose(writer, value); break;
            case IntervalStyle.SqlStandard: WriteSqlStandard(writer, value); break;
            default: WritePostgres(writer, value); break;
        }
    }

    private static void WritePostgres(ByteWriter writer, Interval value)
    {
        bool any = false, negativeBefore = false;
        Part(value.Months / 12, "year");
        Part(value.Months % 12, "mon");
        Part(value.Days, "day");
        if (value.Microseconds == 0 && any) return;
        if (any) writer.Write((byte)' ');
        if (value.Microseconds < 0) writer.Write((byte)'-');
        else if (negativeBefore) writer.Write((byte)'+');
        WriteClock(writer, value.Microseconds, 2);

        void Part(int number, string unit)
        {
            if (number == 0) return;
            if (any) writer.Write((byte)' ');
            if (negativeBefore && number > 0) writer.Write((byte)'+');
            writer.WriteNumber(number);
            writer.Write((byte)' ');
            writer.Write(unit);
            if (number != 1) writer.Write((byte)'s');
            negativeBefore = number < 0;
            any = true;
        }
    }

    private static void WriteVerbose(ByteWriter writer, Interval value)
    {
        bool any = false;
        bool ago = value.Months != 0 ? value.Months < 0 : value.Days != 0 ? value.Days < 0 : value.Microseconds < 0;
        int sign = ago ? -1 : 1;
        writer.Write((byte)'@');
        long micros = value.Microseconds * sign;
        Part(value.Months / 12 * sign, "year");
        Part(value.Months % 12 * sign, "mon");
        Part(value.Days * sign, "day");
        Part(micros / Calendar.MicrosPerHour, "hour");
        Part(micros / Calendar.MicrosPerMinute % 60, "min");
        long seconds = micros % Calendar.MicrosPerMinute;
        if (seconds != 0)
        {
            writer.Write((byte)' ');
            if (seconds < 0) writer.Write((byte)'-');
            writer.WriteNumber(Math.Abs(seconds) / 1_000_000);
            DateTimeFormat.WriteFraction(writer, (int)(Math.Abs(seconds) % 1_000_000));
            writer.Write(Math.Abs(seconds) == 1_000_000 ? " sec"u8 : " secs"u8);
            any = true;
        }

        if (!any) writer.Write(" 0"u8);
        if (ago && any) writer.Write(" ago"u8);

        void Part(long number, string unit)
        {
            if (number == 0) return;
            writer.Write((byte)' ');
            writer.WriteNumber(number);
            writer.Write((byte)' ');
            writer.Write(unit);
            if (number != 1) writer.Write((byte)'s');
            any = true;
        }
    }

    private static void WriteSqlStandard(ByteWriter writer, Interval value)
    {
        bool hasMonths = value.Months != 0, hasDays = value.Days != 0, hasTime = value.Microseconds != 0;
        bool anyNegative = value.Months < 0 || value.Days < 0 || value.Microseconds < 0, anyPositive = value.Months > 0 || value.Days > 0 || value.Microseconds > 0;
        if (!hasMonths && !hasDays && !hasTime)
        {
            writer.Write((byte)'0');
            return;
        }

        if ((anyNegative && anyPositive) || (hasMonths && (hasDays || hasTime)))
        {
            // Every field with its sign, so that it reads back as it is.
            writer.Write((byte)(value.Months < 0 ? '-' : '+'));
            WriteYearMonth();
            writer.Write(value.Days < 0 ? " -"u8 : " +"u8);
            writer.WriteNumber(Math.Abs((long)value.Days));
            writer.Write(value.Microseconds < 0 ? " -"u8 : " +"u8);
            WriteClock(writer, value.Microseconds, 1);
            return;
        }

        if (anyNegative) writer.Write((byte)'-');
        if (hasMonths) WriteYearMonth();
        else
        {
            if (hasDays)
            {
                writer.WriteNumber(Math.Abs((long)value.Days));
                writer.Write((byte)' ');
            }

            WriteClock(writer, value.Microseconds, 1);
        }

        void WriteYearMonth()
        {
            writer.WriteNumber(Math.Abs(value.Months / 12));
            writer.Write((byte)'-');
            writer.WriteNumber(Math.Abs(value.Months % 12));
        }
    }

    private static void WriteIso(ByteWriter writer, Interval value)
    {
        if (value == default)
        {
            writer.Write("PT0S"u8);
            return;
        }

        writer.Write((byte)'P');
        Part(value.Months / 12, 'Y');
        Part(value.Months % 12, 'M');
        Part(value.Days, 'D');
        if (value.Microseconds == 0) return;
        writer.Write((byte)'T');
        Part(value.Microseconds / Calendar.MicrosPerHour, 'H');
        Part(value.Microseconds / Calendar.MicrosPerMinute % 60, 'M');
        long seconds = value.Microseconds % Calendar.MicrosPerMinute;
        if (seconds == 0) return;
        if (seconds < 0) writer.Write((byte)'-');
        writer.WriteNumber(Math.Abs(seconds) / 1_000_000);
        DateTimeFormat.WriteFraction(writer, (int)(Math.Abs(seconds) % 1_000_000));
        writer.Write((byte)'S');

        void Part(long number, char unit)
        {
            if (number == 0) return;
            writer.WriteNumber(number);
            writer.Write((byte)unit);
        }
    }

    /// <summary>H…:MM:SS[.f] of the magnitude.</summary>
    private static void WriteClock(ByteWriter writer, long micros, int hourDigits)
    {
        UInt128 magnitude = (UInt128)Int128.Abs(micros);
        writer.WriteNumber((long)(magnitude / (ulong)Calendar.MicrosPerHour), hourDigits);
        writer.Write((byte)':');
        DateTimeFormat.TwoDigits(writer, (int)(magnitude / (ulong)Calendar.MicrosPerMinute % 60));
        writer.Write((byte)':');
        DateTimeFormat.TwoDigits(writer, (int)(magnitude / 1_000_000 % 60));
        DateTimeFormat.WriteFraction(writer, (int)(magnitude % 1_000_000));
    }

    /// <summary>Reads an interval; <paramref name="typmod"/> names the fields that a bare number means and the digits to keep.</summary>
    public static Interval Parse(ReadOnlySpan<byte> source, int typmod)
    {
        string text = Encoding.UTF8.GetString(TextErrors.Trim(source));
        if (text.Length is 0 or > 256) throw Invalid(source);
        try
        {
            var sum = new IntervalSum();
            if (text[0] == 'P' || (text.Length > 1 && text[0] == '-' && text[1] == 'P')) ParseIso(text, ref sum, source);
            else ParseWords(text.ToLowerInvariant(), ref sum, source, DefaultUnit(typmod));
            Interval value = sum.ToInterval();
            return typmod < 0 ? value : ApplyTypmod(value, typmod);
        }
        catch (OverflowException)
        {
            throw new SqlException(SqlState.DatetimeFieldOverflow, $"interval field value out of range: \"{Encoding.UTF8.GetString(source)}\"");
        }
    }

    /// <summary>Cuts an interval to the fields and digits of its modifier.</summary>
    public static Interval ApplyTypmod(Interval value, int typmod)
    {
        int precision = typmod & 0xFFFF, range = (typmod >> 16) & 0x7FFF;
        long micros = value.Microseconds;
        int days = value.Days, months = value.Months;
        if (range != 0x7FFF && range != 0)
        {
            // Bits as PostgreSQL's INTERVAL_MASK: month 1, year 2, day 3, hour 10, minute 11, second 12.
            bool Has(int bit) => (range & (1 << bit)) != 0;
            if (!Has(12)) micros = Has(11) ? micros / Calendar.MicrosPerMinute * Calendar.MicrosPerMinute : Has(10) ? micros / Calendar.MicrosPerHour * Calendar.MicrosPerHour : 0;
            if (!Has(12) && !Has(11) && !Has(10) && !Has(3)) days = 0;
            if (Has(2) && !Has(1)) months = months / 12 * 12;
        }

        return new Interval(precision < 6 ? DateTimeText.RoundMicros(micros, precision) : micros, days, months);
    }

    private static char DefaultUnit(int typmod)
    {
        if (typmod < 0) return 's';
        int range = (typmod >> 16) & 0x7FFF;
        if (range is 0 or 0x7FFF || (range & (1 << 12)) != 0) return 's';
        if ((range & (1 << 11)) != 0) return 'm';
        if ((range & (1 << 10)) != 0) return 'h';
        if ((range & (1 << 3)) != 0) return 'd';
        return (range & (1 << 1)) != 0 ? 'M' : 'y';
    }

    private static void ParseIso(string text, ref IntervalSum sum, ReadOnlySpan<byte> source)
    {
        int at = 1, sign = 1;
        if (text[0] == '-') (at, sign) = (2, -1);
        bool time = false, any = false;
        while (at < text.Length)
        {
            if (text[at] == 'T' && !time)
            {
                time = true;
                at++;
                continue;
            }

            int start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] is '.' or '-' or '+')) at++;
            if (at == start || at == text.Length || !decimal.TryParse(text.AsSpan(start, at - start), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)) throw Invalid(source);
            char unit = text[at++];
            number *= sign;
            any = true;
            switch (unit)
            {
                case 'Y' when !time: sum.AddMonths(number * 12); break;
                case 'M' when !time: sum.AddMonths(number); break;
                case 'W' when !time: sum.AddDays(number * 7); break;
                case 'D' when !time: sum.AddDays(number); break;
                case 'H' when time: sum.AddMicros(number * Calendar.MicrosPerHour); break;
                case 'M' when time: sum.AddMicros(number * Calendar.MicrosPerMinute); break;
                case 'S' when time: sum.AddMicros(number * 1_000_000); break;
                default: throw Invalid(source);
            }
        }

        if (!any) throw Invalid(source);
    }

    private static void ParseWords(string text, ref IntervalSum sum, ReadOnlySpan<byte> source, char defaultUnit)
    {
        int at = 0;
        bool any = false, ago = false;
        while (at < text.Length)
        {
            char c = text[at];
            if (char.IsWhiteSpace(c) || c == '@' || c == ',')
            {
                at++;
                continue;
            }

            if (char.IsAsciiLetter(c))
            {
                int word = at;
                while (at < text.Length && char.IsAsciiLetter(text[at])) at++;
                if (text[word..at] != "ago" || ago) throw Invalid(source);
                ago = true;
                continue;
            }

            int sign = 1;
            if (c is '+' or '-')
            {
                if (c == '-') sign = -1;
                at++;
            }

            int start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.')) at++;
            if (at == start) throw Invalid(source);
            if (at < text.Length && text[at] == ':')
            {
                sum.AddMicros(sign * ReadClock(text, start, ref at, source, defaultUnit));
                any = true;
                continue;
            }

            if (!decimal.TryParse(text.AsSpan(start, at - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)) throw Invalid(source);
            number *= sign;
            any = true;
            if (at < text.Length && text[at] == '-' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]))
            {
                // SQL standard's year-month
                int monthStart = ++at;
                while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
                sum.AddMonths(number * 12 + sign * int.Parse(text.AsSpan(monthStart, at - monthStart), CultureInfo.InvariantCulture));
                continue;
            }

            int next = at;
            while (next < text.Length && char.IsWhiteSpace(text[next])) next++;
            int unitStart = next;
            while (next < text.Length && char.IsAsciiLetter(text[next])) next++;
            string unit = text[unitStart..next];
            if (unit.Length == 0 || unit == "ago")
            {
                // A number before a clock time is days ("1 04:05:06"); a last bare number has the modifier's unit.
                bool clockFollows = unit.Length == 0 && unitStart < text.Length && LooksLikeClock(text, unitStart);
                Add(ref sum, number, clockFollows ? "d" : defaultUnit switch { 'M' => "mon", 'm' => "min", var u => u.ToString() }, source);
                continue;
            }

            at = next;
            Add(ref sum, number, unit, source);
        }

        if (!any) throw Invalid(source);
        if (ago) sum.Negate();
    }

    private static bool LooksLikeClock(string text, int at)
    {
        if (text[at] is '+' or '-') at++;
        int start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        return at > start && at < text.Length && text[at] == ':';
    }

    private static decimal ReadClock(string text, int start, ref int at, ReadOnlySpan<byte> source, char defaultUnit)
    {
        while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] is ':' or '.')) at++;
        string[] parts = text[start..at].Split(':');
        if (parts.Length > 3) throw Invalid(source);
        var numbers = new decimal[parts.Length];
        for (int i = 0; i < parts.Length; i++)
            if (!decimal.TryParse(parts[i], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out numbers[i])) throw Invalid(source);
        _ = defaultUnit;
        bool minutesAndSeconds = parts.Length == 2 && parts[1].Contains('.', StringComparison.Ordinal);
        if ((parts.Length == 3 && (numbers[1] >= 60 || numbers[2] >= 61)) || (parts.Length == 2 && numbers[1] >= 60)) throw new SqlException(SqlState.DatetimeFieldOverflow, $"interval field value out of range: \"{Encoding.UTF8.GetString(source)}\"");
        if (minutesAndSeconds) return numbers[0] * Calendar.MicrosPerMinute + numbers[1] * 1_000_000;
        return numbers[0] * Calendar.MicrosPerHour + numbers[1] * Calendar.MicrosPerMinute + (parts.Length == 3 ? numbers[2] * 1_000_000 : 0);
    }

    private static void Add(ref IntervalSum sum, decimal number, string unit, ReadOnlySpan<byte> source)
    {
        switch (unit)
        {
            case "y" or "yr" or "yrs" or "year" or "years": sum.AddMonths(number * 12, wholeMonths: true); break;
            case "mon" or "mons" or "month" or "months": sum.AddMonths(number); break;
            case "w" or "week" or "weeks": sum.AddDays(number * 7); break;
            case "d" or "day" or "days": sum.AddDays(number); break;
            case "h" or "hr" or "hrs" or "hour" or "hours": sum.AddMicros(number * Calendar.MicrosPerHour); break;
            case "m" or "min" or "mins" or "minute" or "minutes": sum.AddMicros(number * Calendar.MicrosPerMinute); break;
            case "s" or "sec" or "secs" or "second" or "seconds": sum.AddMicros(number * 1_000_000); break;
            case "ms" or "msec" or "msecs" or "millisecond" or "milliseconds": sum.AddMicros(number * 1_000); break;
            case "us" or "usec" or "usecs" or "microsecond" or "microseconds": sum.AddMicros(number); break;
            case "dec" or "decade" or "decades" or "decs": sum.AddMonths(number * 120, wholeMonths: true); break;
            case "c" or "cent" or "century" or "centuries": sum.AddMonths(number * 1200, wholeMonths: true); break;
            case "mil" or "mils" or "millennium" or "millennia": sum.AddMonths(number * 12000, wholeMonths: true); break;
            default: throw Invalid(source);
        }
    }

    private static SqlException Invalid(ReadOnlySpan<byte> text) => TextErrors.InvalidDatetime("interval", text);

    /// <summary>Adds up fields; a fraction of a month spills into days (30 a month), one of a day into time.</summary>
    private struct IntervalSum
    {
        private decimal _micros;
        private long _days, _months;

        public void AddMonths(decimal months, bool wholeMonths = false)
        {
            if (wholeMonths) months = Math.Round(months, MidpointRounding.AwayFromZero);
            decimal whole = decimal.Truncate(months);
            _months = checked(_months + (long)whole);
            if (months != whole) AddDays((months - whole) * 30);
        }

        public void AddDays(decimal days)
        {
            decimal whole = decimal.Truncate(days);
            _days = checked(_days + (long)whole);
            _micros += (days - whole) * Calendar.MicrosPerDay;
        }

        public void AddMicros(decimal micros) => _micros += micros;

        public void Negate() => (_micros, _days, _months) = (-_micros, -_days, -_months);

        public readonly Interval ToInterval() => new(checked((long)Math.Round(_micros, MidpointRounding.AwayFromZero)), checked((int)_days), checked((int)_months));
    }
}
