using System.Globalization;
using System.Text;
using DriftDb.Plan;
using DriftDb.Types;
using Calendar = DriftDb.Types.Calendar;

namespace DriftDb.Runtime;

/// <summary>to_char, to_date, to_timestamp, to_number: PostgreSQL's format templates.</summary>
internal static class ToCharFunctions
{
    private const string Ts = "timestamp without time zone", Tz = "timestamp with time zone";

    private static readonly string[] Months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
    private static readonly string[] Days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

    /// <summary>Longest first, so that YYYY isn't read as YY twice.</summary>
    private static readonly string[] Keywords =
    [
        "Y,YYY", "MONTH", "Month", "month", "SSSSS", "HH24", "HH12", "YYYY", "IYYY", "SSSS", "A.M.", "P.M.", "a.m.", "p.m.", "B.C.", "A.D.", "DAY", "Day", "day", "MON", "Mon", "mon", "DDD", "YYY",
        "TZH", "TZM", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6", "HH", "MI", "SS", "MS", "US", "YY", "IY", "MM", "DD", "DY", "Dy", "dy", "ID", "WW", "IW", "CC", "RM", "rm", "TZ", "tz", "OF", "AM",
        "PM", "am", "pm", "BC", "AD", "bc", "ad", "FM", "TH", "th", "TM", "Y", "D", "W", "Q", "J",
    ];

    private static List<(string? Keyword, string Literal)> Tokens(string format)
    {
        var tokens = new List<(string?, string)>();
        for (int i = 0; i < format.Length;)
        {
            if (format[i] == '"')
            {
                int end = format.IndexOf('"', i + 1);
                if (end < 0) end = format.Length;
                tokens.Add((null, format[(i + 1)..end]));
                i = Math.Min(format.Length, end + 1);
                continue;
            }

            string? keyword = null;
            foreach (string candidate in Keywords)
                if (string.CompareOrdinal(format, i, candidate, 0, candidate.Length) == 0)
                {
                    keyword = candidate;
                    break;
                }

            // Fields of numbers may be written in lower case.
            if (keyword is null)
                foreach (string candidate in Keywords)
                    if (string.Compare(format, i, candidate, 0, candidate.Length, StringComparison.OrdinalIgnoreCase) == 0)
                    {
                        keyword = candidate;
                        break;
                    }

            if (keyword is null) tokens.Add((null, format[i++].ToString()));
            else
            {
                tokens.Add((keyword, keyword));
                i += keyword.Length;
            }
        }

        return tokens;
    }

    [SqlFunction("to_char", Parameters = Ts + ", text", Volatility = Volatility.Stable)]
    public static string Timestamp(QueryContext context, long timestamp, string format) => Calendar.IsFinite(timestamp) ? Write(timestamp, format, null, context) : "";

    [SqlFunction("to_char", Parameters = Tz + ", text", Volatility = Volatility.Stable)]
    public static string TimestampTz(QueryContext context, long utc, string format) =>
        Calendar.IsFinite(utc) ? Write(context.Settings.ToLocal(utc), format, context.Settings.OffsetSecondsAtUtc(utc), context) : "";

    [SqlFunction("to_char", Parameters = "date, text", Volatility = Volatility.Stable)]
    public static string Date(QueryContext context, int date, string format) => Timestamp(context, date * Calendar.MicrosPerDay, format);

    [SqlFunction("to_char", Parameters = "interval, text")]
    public static string Span(QueryContext context, Interval value, string format)
    {
        long hours = value.Microseconds / Calendar.MicrosPerHour;
        var result = new StringBuilder();
        bool fill = true;
        foreach ((string? keyword, string literal) in Tokens(format))
        {
            string? number = keyword switch
            {
                "YYYY" => N(value.Months / 12, 4), "MM" => N(value.Months % 12, 2), "DD" => N(value.Days, 2), "HH24" => N(hours, 2), "HH12" or "HH" => N(hours % 12 == 0 ? 12 : hours % 12, 2),
                "MI" => N(value.Microseconds / Calendar.MicrosPerMinute % 60, 2), "SS" => N(value.Microseconds / 1_000_000 % 60, 2), "MS" => N(value.Microseconds / 1_000 % 1_000, 3), "US" => N(value.Microseconds % 1_000_000, 6),
                "FM" => "", _ => null,
            };
            if (keyword == "FM") fill = false;
            result.Append(number ?? literal);
        }

        return result.ToString();

        string N(long n, int digits) => n.ToString(fill ? "D" + digits : "D", CultureInfo.InvariantCulture);
    }

    private static string Write(long local, string format, int? offset, QueryContext context)
    {
        (int days, long micros) = Calendar.Split(local);
        (int year, int month, int day) = Calendar.FromDays(days);
        int hour = (int)(micros / Calendar.MicrosPerHour), minute = (int)(micros / Calendar.MicrosPerMinute % 60), second = (int)(micros / 1_000_000 % 60), fraction = (int)(micros % 1_000_000);
        int shownYear = year > 0 ? year : 1 - year, weekday = Calendar.DayOfWeek(days);
        (int isoYear, int isoWeek) = Calendar.IsoWeek(days);
        int dayOfYear = days - Calendar.ToDays(year, 1, 1) + 1;
        var result = new StringBuilder();
        bool fill = true;
        string lastNumber = "";
        foreach ((string? keyword, string literal) in Tokens(format))
        {
            if (keyword is null)
            {
                result.Append(literal);
                continue;
            }

            if (keyword == "FM")
            {
                fill = false;
                continue;
            }

            if (keyword == "TM") continue;
            if (keyword is "TH" or "th")
            {
                string suffix = Ordinal(lastNumber);
                result.Append(keyword == "TH" ? suffix.ToUpperInvariant() : suffix);
                continue;
            }

            string text = keyword switch
            {
                "YYYY" => N(shownYear, 4), "YYY" => N(shownYear % 1000, 3), "YY" => N(shownYear % 100, 2), "Y" => N(shownYear % 10, 1), "IYYY" => N(isoYear, 4), "IY" => N(isoYear % 100, 2),
                "Y,YYY" => N(shownYear / 1000, 1) + "," + (shownYear % 1000).ToString("D3", CultureInfo.InvariantCulture),
                "MM" => N(month, 2), "DD" => N(day, 2), "DDD" => N(dayOfYear, 3), "HH24" => N(hour, 2), "HH12" or "HH" => N(hour % 12 == 0 ? 12 : hour % 12, 2), "MI" => N(minute, 2), "SS" => N(second, 2),
                "MS" or "FF3" => (fraction / 1000).ToString("D3", CultureInfo.InvariantCulture), "US" or "FF6" => fraction.ToString("D6", CultureInfo.InvariantCulture),
                "FF1" => (fraction / 100_000).ToString(CultureInfo.InvariantCulture), "FF2" => (fraction / 10_000).ToString("D2", CultureInfo.InvariantCulture), "FF4" => (fraction / 100).ToString("D4", CultureInfo.InvariantCulture), "FF5" => (fraction / 10).ToString("D5", CultureInfo.InvariantCulture),
                "SSSS" or "SSSSS" => N(hour * 3600 + minute * 60 + second, 1), "Q" => N((month - 1) / 3 + 1, 1), "WW" => N((dayOfYear - 1) / 7 + 1, 2), "W" => N((day - 1) / 7 + 1, 1), "IW" => N(isoWeek, 2),
                "D" => N(weekday + 1, 1), "ID" => N((weekday + 6) % 7 + 1, 1), "J" => N(days + 2_451_545, 1), "CC" => N((shownYear + 99) / 100, 2),
                "MONTH" => P(Months[month - 1].ToUpperInvariant(), 9), "Month" => P(Months[month - 1], 9), "month" => P(Months[month - 1].ToLowerInvariant(), 9),
                "MON" => Months[month - 1][..3].ToUpperInvariant(), "Mon" => Months[month - 1][..3], "mon" => Months[month - 1][..3].ToLowerInvariant(),
                "DAY" => P(Days[weekday].ToUpperInvariant(), 9), "Day" => P(Days[weekday], 9), "day" => P(Days[weekday].ToLowerInvariant(), 9),
                "DY" => Days[weekday][..3].ToUpperInvariant(), "Dy" => Days[weekday][..3], "dy" => Days[weekday][..3].ToLowerInvariant(),
                "AM" or "PM" => hour < 12 ? "AM" : "PM", "am" or "pm" => hour < 12 ? "am" : "pm", "A.M." or "P.M." => hour < 12 ? "A.M." : "P.M.", "a.m." or "p.m." => hour < 12 ? "a.m." : "p.m.",
                "BC" or "AD" => year > 0 ? "AD" : "BC", "bc" or "ad" => year > 0 ? "ad" : "bc", "B.C." or "A.D." => year > 0 ? "A.D." : "B.C.",
                "RM" => P(Roman(month), 4), "rm" => P(Roman(month).ToLowerInvariant(), 4),
                "TZ" => offset is null ? "" : Zone(context), "tz" => offset is null ? "" : Zone(context).ToLowerInvariant(),
                "OF" or "TZH" => Offset(offset ?? 0, keyword == "OF"), "TZM" => Math.Abs((offset ?? 0) / 60 % 60).ToString("D2", CultureInfo.InvariantCulture),
                _ => keyword,
            };
            lastNumber = text;
            result.Append(text);
            fill = true;
        }

        return result.ToString();

        string N(int n, int digits) => n.ToString(fill ? "D" + digits : "D", CultureInfo.InvariantCulture);
        string P(string text, int width) => fill ? text.PadRight(width) : text;
        static string Zone(QueryContext context) => ReferenceEquals(context.Settings.TimeZone, TimeZoneInfo.Utc) ? "UTC" : context.Settings.TimeZone.StandardName;
    }

    private static string Offset(int seconds, bool withMinutes)
    {
        string text = (seconds < 0 ? "-" : "+") + (Math.Abs(seconds) / 3600).ToString("D2", CultureInfo.InvariantCulture);
        int minutes = Math.Abs(seconds) / 60 % 60;
        return withMinutes && minutes != 0 ? text + ":" + minutes.ToString("D2", CultureInfo.InvariantCulture) : text;
    }

    private static string Roman(int month) => new[] { "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII" }[month - 1];

    private static string Ordinal(string number)
    {
        if (number.Length == 0 || !char.IsAsciiDigit(number[^1])) return "";
        if (number.Length > 1 && number[^2] == '1') return "th";
        return number[^1] switch { '1' => "st", '2' => "nd", '3' => "rd", _ => "th" };
    }

    // ---- Numbers ----

    [SqlFunction("to_char", Parameters = "numeric, text")] public static string Number(SqlNumeric value, string format) => NumberFormat.Write(value, format);
    [SqlFunction("to_char", Parameters = "integer, text")] public static string Number(int value, string format) => NumberFormat.Write(SqlNumeric.FromInt64(value), format);
    [SqlFunction("to_char", Parameters = "bigint, text")] public static string Number(long value, string format) => NumberFormat.Write(SqlNumeric.FromInt64(value), format);
    [SqlFunction("to_char", Parameters = "double precision, text")] public static string Number(double value, string format) => NumberFormat.Write(SqlNumeric.FromDouble(value), format);
    [SqlFunction("to_char", Parameters = "real, text")] public static string Number(float value, string format) => NumberFormat.Write(SqlNumeric.FromDouble(value, 6), format);

    [SqlFunction("to_number", Parameters = "text, text")]
    public static SqlNumeric ToNumber(string text, string format)
    {
        string digits = string.Concat(text.Where(c => char.IsAsciiDigit(c) || c is '.' or '-' or '+'));
        bool negative = digits.Contains('-', StringComparison.Ordinal) || format.Contains("PR", StringComparison.OrdinalIgnoreCase) && text.Contains('<', StringComparison.Ordinal);
        digits = digits.Replace("-", "", StringComparison.Ordinal).Replace("+", "", StringComparison.Ordinal);
        SqlNumeric value = SqlNumeric.Parse(digits);
        return negative ? SqlNumeric.Negate(value) : value;
    }

    // ---- Reading ----

    [SqlFunction("to_date", Parameters = "text, text", Returns = "date")]
    public static int ToDate(string text, string format) => Calendar.Split(Read(text, format, out _)).Days;

    [SqlFunction("to_timestamp", Parameters = "text, text", Returns = Tz, Volatility = Volatility.Stable)]
    public static long ToTimestamp(QueryContext context, string text, string format)
    {
        long local = Read(text, format, out int? offset);
        return offset is { } seconds ? local - seconds * 1_000_000L : context.Settings.ToUtc(local);
    }

    private static long Read(string text, string format, out int? offset)
    {
        offset = null;
        int year = 1, month = 1, day = 1, hour = 0, minute = 0, second = 0, dayOfYear = -1;
        long micros = 0;
        bool pm = false, am = false, bc = false, yearSeen = false;
        int at = 0;
        foreach ((string? keyword, string literal) in Tokens(format))
        {
            if (keyword is null)
            {
                if (literal.Trim().Length == 0 || char.IsPunctuation(literal[0]))
                {
                    if (at < text.Length && !char.IsLetterOrDigit(text[at])) at++;
                }
                else at = Math.Min(text.Length, at + literal.Length);
                continue;
            }

            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
            switch (keyword)
            {
                case "FM" or "TM" or "TH" or "th": break;
                case "YYYY" or "IYYY": (year, yearSeen) = (Number(4), true); break;
                case "Y,YYY": (year, yearSeen) = (Number(1) * 1000 + (text[at++] == ',' ? Number(3) : 0), true); break;
                case "YYY": (year, yearSeen) = (2000 + Number(3), true); break;
                case "YY" or "IY":
                    int two = Number(2);
                    (year, yearSeen) = (two < 70 ? 2000 + two : 1900 + two, true);
                    break;
                case "MM": month = Number(2); break;
                case "DD": day = Number(2); break;
                case "DDD": dayOfYear = Number(3); break;
                case "HH24" or "HH12" or "HH": hour = Number(2); break;
                case "MI": minute = Number(2); break;
                case "SS": second = Number(2); break;
                case "MS":
                    int start = at;
                    micros = Number(3) * 1000L;
                    for (int i = at - start; i < 3; i++) micros *= 10;
                    break;
                case "US" or "FF6":
                    start = at;
                    micros = Number(6);
                    for (int i = at - start; i < 6; i++) micros *= 10;
                    break;
                case "MON" or "Mon" or "mon" or "MONTH" or "Month" or "month":
                    int found = Array.FindIndex(Months, name => text[at..].StartsWith(name, StringComparison.OrdinalIgnoreCase));
                    int length = found >= 0 ? Months[found].Length : 3;
                    if (found < 0) found = Array.FindIndex(Months, name => text[at..].StartsWith(name[..3], StringComparison.OrdinalIgnoreCase));
                    if (found < 0) throw new SqlException(SqlState.InvalidDatetimeFormat, $"invalid value \"{text[at..Math.Min(text.Length, at + 3)]}\" for \"{keyword}\"", detail: "The given value did not match any of the allowed values for this field.");
                    month = found + 1;
                    at += length;
                    break;
                case "DAY" or "Day" or "day" or "DY" or "Dy" or "dy":
                    while (at < text.Length && char.IsLetter(text[at])) at++;
                    break;
                case "AM" or "PM" or "am" or "pm" or "A.M." or "P.M." or "a.m." or "p.m.":
                    pm = at < text.Length && text[at] is 'p' or 'P';
                    am = !pm;
                    at = Math.Min(text.Length, at + keyword.Length);
                    break;
                case "BC" or "bc" or "AD" or "ad":
                    bc = at < text.Length && text[at] is 'b' or 'B';
                    at = Math.Min(text.Length, at + 2);
                    break;
                case "TZH":
                    int sign = at < text.Length && text[at] == '-' ? -1 : 1;
                    if (at < text.Length && text[at] is '+' or '-') at++;
                    offset = sign * Number(2) * 3600;
                    break;
                case "TZM": offset = (offset ?? 0) + Math.Sign(offset ?? 1) * Number(2) * 60; break;
                case "OF" or "TZ" or "tz": throw new SqlException(SqlState.FeatureNotSupported, $"formatting field \"{keyword}\" is only supported in to_char");
                default: Number(keyword.Length); break;
            }
        }

        if (pm && hour < 12) hour += 12;
        if (am && hour == 12) hour = 0;
        if (bc && yearSeen) year = 1 - year;
        if (month is < 1 or > 12 || day < 1 || day > Calendar.DaysInMonth(year, Math.Clamp(month, 1, 12)) || hour > 24 || minute > 59 || second > 59)
            throw TextErrors.DatetimeOverflow(Encoding.UTF8.GetBytes(text));
        int date = dayOfYear > 0 ? Calendar.ToDays(year, 1, 1) + dayOfYear - 1 : Calendar.ToDays(year, month, day);
        return date * Calendar.MicrosPerDay + hour * Calendar.MicrosPerHour + minute * Calendar.MicrosPerMinute + second * 1_000_000L + micros;

        int Number(int digits)
        {
            int start = at;
            while (at < text.Length && at - start < digits && char.IsAsciiDigit(text[at])) at++;
            if (at == start) throw new SqlException(SqlState.InvalidDatetimeFormat, $"invalid value \"{text[start..Math.Min(text.Length, start + digits)]}\" for format field", detail: "Value must be an integer.");
            return int.Parse(text.AsSpan(start, at - start), CultureInfo.InvariantCulture);
        }
    }
}

/// <summary>to_char of numbers: 9, 0, ., D, ',', G, S, MI, PL, SG, PR, FM, V, EEEE, RN, L, TH.</summary>
internal static class NumberFormat
{
    public static string Write(SqlNumeric value, string format)
    {
        var literals = new List<string>();
        format = WithoutLiterals(format, literals);
        string upper = format.ToUpperInvariant();
        bool fill = !upper.Contains("FM", StringComparison.Ordinal);
        upper = upper.Replace("FM", "", StringComparison.Ordinal);
        if (upper.Contains("RN", StringComparison.Ordinal)) return Roman(value, fill, format.Contains("rn", StringComparison.Ordinal));
        if (upper.Contains("EEEE", StringComparison.Ordinal)) return Scientific(value, upper);
        int point = upper.IndexOfAny(['.', 'D']);
        int whole = upper.AsSpan(0, point < 0 ? upper.Length : point).Count('9') + upper.AsSpan(0, point < 0 ? upper.Length : point).Count('0');
        int decimals = point < 0 ? 0 : upper.AsSpan(point).Count('9') + upper.AsSpan(point).Count('0');
        int shift = upper.IndexOf('V', StringComparison.Ordinal);
        if (shift >= 0)
        {
            int places = upper.AsSpan(shift).Count('9') + upper.AsSpan(shift).Count('0');
            value = SqlNumeric.Multiply(value, SqlNumeric.Power(SqlNumeric.FromInt64(10), SqlNumeric.FromInt64(places)).Round(0));
        }

        bool negative = value.Sign < 0;
        string digits = SqlNumeric.Abs(value.Round(decimals)).ToString();
        string wholeDigits = digits.Contains('.', StringComparison.Ordinal) ? digits[..digits.IndexOf('.', StringComparison.Ordinal)] : digits;
        string fraction = digits.Contains('.', StringComparison.Ordinal) ? digits[(digits.IndexOf('.', StringComparison.Ordinal) + 1)..] : "";
        if (wholeDigits == "0" && whole > 0 && decimals > 0 && !upper.AsSpan(0, Math.Max(0, point)).Contains('0')) wholeDigits = "";
        bool overflow = wholeDigits.Length > whole && !(wholeDigits == "0" && whole == 0);
        if (!value.IsFinite) (overflow, wholeDigits) = (true, "");
        string padded = overflow ? new string('#', whole) : wholeDigits.PadLeft(whole);
        int firstZero = -1, seen = 0;
        foreach (char c in point < 0 ? upper : upper[..point])
        {
            if (c == '0' && firstZero < 0) firstZero = seen;
            if (c is '9' or '0') seen++;
        }

        var result = new StringBuilder();
        bool explicitSign = upper.Contains('S', StringComparison.Ordinal) || upper.Contains("MI", StringComparison.Ordinal) || upper.Contains("PR", StringComparison.Ordinal);
        // An S before the digits stands right before the first one that is shown.
        int anchored = upper.IndexOf('S', StringComparison.Ordinal);
        bool leadingSign = anchored >= 0 && anchored + 1 < upper.Length && upper[anchored + 1] != 'G' && upper.AsSpan(0, anchored).IndexOfAny('9', '0') < 0;
        int at = 0, fractionAt = 0;
        bool inFraction = false, started = false, signDone = explicitSign && !leadingSign;
        for (int i = 0; i < upper.Length; i++)
        {
            char c = upper[i];
            switch (c)
            {
                case '9' or '0' when inFraction:
                    result.Append(overflow ? '#' : fractionAt < fraction.Length ? fraction[fractionAt] : '0');
                    fractionAt++;
                    break;
                case '9' or '0':
                    char digit = padded[at];
                    if (digit == ' ' && firstZero >= 0 && at >= firstZero) digit = '0';
                    if (digit != ' ' && !started)
                    {
                        started = true;
                        if (!signDone) Sign();
                    }

                    if (digit != ' ' || fill) result.Append(digit);
                    at++;
                    break;
                case '.' or 'D':
                    if (!started && !signDone) Sign();
                    started = inFraction = true;
                    result.Append('.');
                    break;
                case ',' or 'G':
                    if (started) result.Append(',');
                    else if (fill) result.Append(' ');
                    break;
                case 'S' when i + 1 < upper.Length && upper[i + 1] == 'G':
                    result.Append(negative ? '-' : '+');
                    i++;
                    break;
                case 'S' when leadingSign && i == anchored: break;
                case 'S': result.Append(negative ? '-' : '+'); break;
                case 'M' when i + 1 < upper.Length && upper[i + 1] == 'I':
                    if (negative) result.Append('-');
                    else if (fill) result.Append(' ');
                    i++;
                    break;
                case 'P' when i + 1 < upper.Length && upper[i + 1] == 'L':
                    if (!negative) result.Append('+');
                    else if (fill) result.Append(' ');
                    i++;
                    break;
                case 'P' when i + 1 < upper.Length && upper[i + 1] == 'R':
                    result.Insert(result.ToString().TakeWhile(ch => ch == ' ').Count(), negative ? '<' : fill ? ' ' : '\0').Append(negative ? '>' : fill ? ' ' : '\0');
                    result.Replace("\0", "");
                    i++;
                    break;
                case 'V': break;
                // The currency symbol of the C locale is empty, and a blank stands for it.
                case 'L': result.Append(' '); break;
                case 'T' when i + 1 < upper.Length && upper[i + 1] == 'H':
                    result.Append(wholeDigits.Length > 1 && wholeDigits[^2] == '1' ? "th" : wholeDigits[^1] switch { '1' => "st", '2' => "nd", '3' => "rd", _ => "th" });
                    i++;
                    break;
                case >= FirstLiteral when c - FirstLiteral < literals.Count: result.Append(literals[c - FirstLiteral]); break;
                default: result.Append(c); break;
            }
        }

        if (!signDone) Sign();
        string text = result.ToString();
        if (!fill && inFraction && point >= 0 && !upper[point..].Contains('0', StringComparison.Ordinal)) text = text.TrimEnd('0');
        return text;

        // The sign stands before the first digit shown; a positive number leaves its place blank.
        void Sign()
        {
            signDone = true;
            int place = result.Length;
            if (negative) result.Insert(place, '-');
            else if (leadingSign) result.Insert(place, '+');
            else if (fill) result.Insert(place, ' ');
        }
    }

    /// <summary>Stands for the first quoted text of a format.</summary>
    private const char FirstLiteral = '\uE000';

    /// <summary>The format with a stand-in for each "text", so that none of its letters is taken for a pattern.</summary>
    private static string WithoutLiterals(string format, List<string> literals)
    {
        if (!format.Contains('"', StringComparison.Ordinal)) return format;
        var result = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '"')
            {
                result.Append(format[i]);
                continue;
            }

            var text = new StringBuilder();
            for (i++; i < format.Length && format[i] != '"'; i++) text.Append(format[i] == '\\' && i + 1 < format.Length ? format[++i] : format[i]);
            result.Append((char)(FirstLiteral + literals.Count));
            literals.Add(text.ToString());
        }

        return result.ToString();
    }

    private static string Scientific(SqlNumeric value, string format)
    {
        int point = format.IndexOfAny(['.', 'D']);
        int decimals = point < 0 ? 0 : format.AsSpan(point).Count('9') + format.AsSpan(point).Count('0');
        string text = value.ToDouble().ToString((decimals == 0 ? "0" : "0." + new string('0', decimals)) + "e+00", CultureInfo.InvariantCulture);
        return value.Sign < 0 ? text : " " + text;
    }

    private static string Roman(SqlNumeric value, bool fill, bool lower)
    {
        if (!value.TryToInt64(out long number) || number is < 1 or > 3999) return fill ? new string('#', 15) : "###############";
        var result = new StringBuilder();
        foreach ((int n, string r) in new[] { (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I") })
            while (number >= n)
            {
                result.Append(r);
                number -= n;
            }

        string text = lower ? result.ToString().ToLowerInvariant() : result.ToString();
        return fill ? text.PadLeft(15) : text;
    }
}
