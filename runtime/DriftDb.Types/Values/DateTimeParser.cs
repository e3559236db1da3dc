using System.Globalization;
using System.Text;

namespace DriftDb.Types;

/// <summary>
/// Reads dates, times and timestamps in the forms that PostgreSQL takes: ISO 8601, dates with slashes, dots or month names, times with AM and PM,
/// zones by offset or name, BC, and the special words.
/// </summary>
internal ref struct DateTimeParser
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] MonthNames = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "tues", "thur", "thurs"];

    private readonly ReadOnlySpan<byte> _source;
    private readonly string _typeName;
    private readonly FormatSettings _settings;

    public DateTimeParser(ReadOnlySpan<byte> source, string typeName, FormatSettings settings)
    {
        _source = source;
        _typeName = typeName;
        _settings = settings;
    }

    public bool HasDate { get; private set; }

    public bool HasTime { get; private set; }

    /// <summary>Seconds east of Greenwich, or a zone; both absent when the text names none.</summary>
    public int? OffsetSeconds { get; private set; }

    public TimeZoneInfo? Zone { get; private set; }

    /// <summary>1 for infinity, -1 for -infinity.</summary>
    public int Infinity { get; private set; }

    /// <summary>Days since 2000-01-01.</summary>
    public int Date { get; private set; }

    /// <summary>µs since midnight; 24:00:00 is allowed.</summary>
    public long Time { get; private set; }

    /// <summary>The text is a UTC moment already ('now', 'epoch').</summary>
    public bool IsUtc { get; private set; }

    public void Parse()
    {
        if (TryIso()) return;
        string text = Encoding.UTF8.GetString(TextErrors.Trim(_source));
        if (text.Length is 0 or > 128) throw Invalid();
        if (Special(text.ToLowerInvariant())) return;
        ParseTokens(text);
    }

    /// <summary>The usual form, without allocation: YYYY-MM-DD[( |T)HH:MM[:SS[.f]][offset]].</summary>
    private bool TryIso()
    {
        ReadOnlySpan<byte> s = _source;
        if (s.Length < 10 || s[4] != '-' || s[7] != '-') return false;
        if (!Digits(s, 0, 4, out int year) || !Digits(s, 5, 2, out int month) || !Digits(s, 8, 2, out int day)) return false;
        int at = 10;
        long time = 0;
        bool hasTime = false;
        if (s.Length > 10)
        {
            if (s[10] is not ((byte)' ' or (byte)'T') || s.Length < 16 || s[13] != ':') return false;
            if (!Digits(s, 11, 2, out int hour) || !Digits(s, 14, 2, out int minute)) return false;
            int second = 0, micros = 0;
            at = 16;
            if (at < s.Length && s[at] == ':')
            {
                if (!Digits(s, 17, 2, out second)) return false;
                at = 19;
                if (at < s.Length && s[at] == '.')
                {
                    int digits = 0;
                    at++;
                    while (at < s.Length && char.IsAsciiDigit((char)s[at]) && digits < 6)
                    {
                        micros = micros * 10 + (s[at++] - '0');
                        digits++;
                    }

                    if (at < s.Length && char.IsAsciiDigit((char)s[at])) return false; // more digits: rounding, the general way
                    for (; digits < 6; digits++) micros *= 10;
                }
            }

            if (at < s.Length)
            {
                if (s[at] == 'Z' && at + 1 == s.Length) OffsetSeconds = 0;
                else if (s[at] is (byte)'+' or (byte)'-' && s.Length - at == 3 && Digits(s, at + 1, 2, out int hours) && hours <= 15) OffsetSeconds = (s[at] == '-' ? -1 : 1) * hours * 3600;
                else return false;
            }

            if (hour > 23 || minute > 59 || second > 59) return false;
            time = (hour * 3600L + minute * 60 + second) * 1_000_000 + micros;
            hasTime = true;
        }

        SetDate(year, month, day, false);
        HasTime = hasTime;
        Time = time;
        return true;
    }

    private static bool Digits(ReadOnlySpan<byte> s, int start, int count, out int value)
    {
        value = 0;
        if (s.Length < start + count) return false;
        for (int i = start; i < start + count; i++)
        {
            if (!char.IsAsciiDigit((char)s[i])) return false;
            value = value * 10 + (s[i] - '0');
        }

        return true;
    }

    private bool Special(string word)
    {
        long now = _settings.TransactionTimeMicros;
        int today = Calendar.Split(_settings.ToLocal(now)).Days;
        switch (word)
        {
            case "infinity" or "+infinity": Infinity = 1; break;
            case "-infinity": Infinity = -1; break;
            case "epoch": (Date, IsUtc) = (-Calendar.UnixEpochDays, true); break;
            case "now":
                (Date, Time) = Calendar.Split(now);
                IsUtc = HasTime = true;
                break;
            case "today": Date = today; break;
            case "tomorrow": Date = today + 1; break;
            case "yesterday": Date = today - 1; break;
            default: return false;
        }

        HasDate = true;
        return true;
    }

    private void ParseTokens(string text)
    {
        int year = int.MinValue, month = 0, day = 0, at = 0, monthNameAt = -1;
        bool bc = false, pm = false, am = false, yearFirst = false;
        var numbers = new List<(int Value, int Digits)>();
        while (at < text.Length)
        {
            char c = text[at];
            if (char.IsWhiteSpace(c) || c == ',')
            {
                at++;
                continue;
            }

            if (char.IsAsciiDigit(c))
            {
                int start = at;
                while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
                if (at < text.Length && text[at] == ':')
                {
                    at = ReadTime(text, start);
                    continue;
                }

                string digits = text[start..at];
                if (digits.Length > 9) throw Invalid();
                int number = int.Parse(digits, CultureInfo.InvariantCulture);
                if (numbers.Count == 0 && monthNameAt < 0 && digits.Length is 8 or 6 && (at == text.Length || text[at] is ' ' or 'T' or 't'))
                {
                    if (digits.Length == 8) SetParts(number / 10000, number / 100 % 100, number % 100);
                    else SetParts(TwoDigitYear(number / 10000), number / 100 % 100, number % 100);
                    continue;
                }

                if (HasDateParts() && !HasTime && digits.Length is 4 or 6 && start > 0 && text[start - 1] is 'T' or 't')
                {
                    Time = digits.Length == 4 ? (number / 100 * 3600L + number % 100 * 60) * 1_000_000 : (number / 10000 * 3600L + number / 100 % 100 * 60 + number % 100) * 1_000_000;
                    HasTime = true;
                    continue;
                }

                if (at < text.Length && text[at] == '.' && numbers.Count == 0 && digits.Length > 2) throw Invalid();
                numbers.Add((number, digits.Length));
                if (digits.Length >= 3 && numbers.Count == 1 && monthNameAt < 0) yearFirst = true;
                if (at < text.Length && text[at] is '-' or '/' or '.' && at + 1 < text.Length && char.IsAsciiLetterOrDigit(text[at + 1])) at++;
                continue;
            }

            if (char.IsAsciiLetter(c))
            {
                int start = at;
                while (at < text.Length && (char.IsAsciiLetter(text[at]) || (text[at] is '/' or '_' && HasTime))) at++;
                string word = text[start..at].ToLowerInvariant();
                if (at < text.Length && text[at] == '.') at++;
                if (word is "t" && numbers.Count + (year != int.MinValue ? 3 : 0) > 0) continue;
                int named = Array.IndexOf(Months, word.Length >= 3 ? word[..3] : word);
                if (named >= 0 && (word.Length == 3 || word == "sept" || word == MonthNames[named]))
                {
                    month = named + 1;
                    monthNameAt = numbers.Count;
                    if (at < text.Length && text[at] == '-') at++;
                    continue;
                }

                switch (word)
                {
                    case "bc": bc = true; continue;
                    case "ad": continue;
                    case "am": am = true; continue;
                    case "pm": pm = true; continue;
                    case "z" or "zulu": OffsetSeconds = 0; continue;
                    case "allballs": (Time, HasTime) = (0, true); continue;
                    case "at" or "on": continue;
                }

                if (Days.Contains(word)) continue;
                if (TimeZones.Find(text[start..at]) is { } zone)
                {
                    Zone = zone;
                    continue;
                }

                if (HasTime || numbers.Count > 0) throw new SqlException(SqlState.InvalidParameterValue, $"time zone \"{word}\" not recognized");
                throw Invalid();
            }

            if (c is '+' or '-' && (HasTime || HasDateParts()))
            {
                int start = at++;
                while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == ':')) at++;
                if (!TimeZones.TryOffset(text.AsSpan(start, at - start), out int seconds)) throw Invalid();
                OffsetSeconds = seconds;
                continue;
            }

            throw Invalid();
        }

        if (am || pm)
        {
            long hour = Time / Calendar.MicrosPerHour;
            if (hour is > 12) throw TextErrors.DatetimeOverflow(_source);
            if (pm && hour < 12) Time += 12 * Calendar.MicrosPerHour;
            if (am && hour == 12) Time -= 12 * Calendar.MicrosPerHour;
        }

        if (year == int.MinValue && !Resolve(numbers, SettingsOrder())) throw Invalid();
        if (year != int.MinValue || month != 0)
        {
            if (year == int.MinValue || day == 0) throw Invalid();
            SetDate(bc ? 1 - year : year, month, day, true);
        }
        else if (!HasTime) throw Invalid();

        bool HasDateParts() => year != int.MinValue || numbers.Count >= 3 || (month != 0 && numbers.Count >= 2);

        void SetParts(int y, int m, int d) => (year, month, day) = (y, m, d);

        bool Resolve(List<(int Value, int Digits)> parts, DateOrder order)
        {
            if (monthNameAt >= 0)
            {
                if (parts.Count != 2) return false;
                bool firstIsYear = yearFirst || parts[0].Digits > 2;
                (year, day) = firstIsYear ? (Year(parts[0]), parts[1].Value) : (Year(parts[1]), parts[0].Value);
                return true;
            }

            if (parts.Count == 0) return true;
            if (parts.Count == 2 && yearFirst && parts[1].Digits == 3)
            {
                DateFromDayOfYear(parts[0].Value, parts[1].Value);
                return true;
            }

            if (parts.Count != 3) return false;
            if (parts[0].Digits > 2) (year, month, day) = (Year(parts[0]), parts[1].Value, parts[2].Value);
            else
            {
                (year, month, day) = order switch
                {
                    DateOrder.Ymd => (Year(parts[0]), parts[1].Value, parts[2].Value),
                    DateOrder.Dmy => (Year(parts[2]), parts[1].Value, parts[0].Value),
                    _ => (Year(parts[2]), parts[0].Value, parts[1].Value),
                };
            }

            return true;
        }

        void DateFromDayOfYear(int y, int dayOfYear) => (year, month, day) = Calendar.FromDays(Calendar.ToDays(y, 1, 1) + dayOfYear - 1);
    }

    private readonly DateOrder SettingsOrder() => _settings.DateOrder;

    private static int Year((int Value, int Digits) part) => part.Digits <= 2 ? TwoDigitYear(part.Value) : part.Value;

    private static int TwoDigitYear(int year) => year < 70 ? year + 2000 : year + 1900;

    /// <summary>HH:MM[:SS[.fraction]] from <paramref name="start"/>; returns where it ends.</summary>
    private int ReadTime(string text, int start)
    {
        int at = start;
        int hour = Number(text, ref at), minute = 0, second = 0;
        long micros = 0;
        at++; // the colon
        minute = Number(text, ref at);
        if (at < text.Length && text[at] == ':')
        {
            at++;
            second = Number(text, ref at);
        }

        if (at < text.Length && text[at] is '.' or ',')
        {
            int digits = ++at;
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            if (at > digits) micros = (long)Math.Round(double.Parse("0." + text[digits..at], CultureInfo.InvariantCulture) * 1e6, MidpointRounding.AwayFromZero);
        }

        if (hour > 24 || minute > 59 || second > 60 || (hour == 24 && (minute | second) != 0) || (hour == 24 && micros != 0)) throw TextErrors.DatetimeOverflow(_source);
        Time = (hour * 3600L + minute * 60 + second) * 1_000_000 + micros;
        HasTime = true;
        return at;
    }

    private readonly int Number(string text, ref int at)
    {
        int start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        if (at == start || at - start > 7) throw Invalid();
        return int.Parse(text.AsSpan(start, at - start), CultureInfo.InvariantCulture);
    }

    private void SetDate(int year, int month, int day, bool hint)
    {
        _ = hint;
        if (month is < 1 or > 12) throw TextErrors.DatetimeOverflow(_source, hint: true);
        if (day < 1 || day > Calendar.DaysInMonth(year, month)) throw TextErrors.DatetimeOverflow(_source, hint: day > 31);
        if (year is < -4713 or > 5874897) throw new SqlException(SqlState.DatetimeFieldOverflow, $"date out of range: \"{Encoding.UTF8.GetString(_source)}\"");
        Date = Calendar.ToDays(year, month, day);
        HasDate = true;
    }

    private readonly SqlException Invalid() => TextErrors.InvalidDatetime(_typeName, _source);
}
