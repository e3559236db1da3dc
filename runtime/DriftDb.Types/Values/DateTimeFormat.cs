namespace DriftDb.Types;

/// <summary>Text of dates, times and timestamps, in the style that the session asks for.</summary>
public static class DateTimeFormat
{
    public static void WriteDate(ByteWriter writer, int date, FormatSettings settings)
    {
        if (!Calendar.IsFinite(date))
        {
            writer.Write(date == Calendar.DateInfinity ? "infinity"u8 : "-infinity"u8);
            return;
        }

        (int year, int month, int day) = Calendar.FromDays(date);
        if (settings.DateStyle == DateStyle.Iso) WriteDay(writer, year, month, day);
        else WriteOrdered(writer, year, month, day, settings);
        if (year <= 0) writer.Write(" BC"u8);
    }

    /// <summary>HH:MM:SS with the fraction's digits that are needed.</summary>
    public static void WriteTime(ByteWriter writer, long micros)
    {
        long seconds = micros / 1_000_000;
        TwoDigits(writer, (int)(seconds / 3600));
        writer.Write((byte)':');
        TwoDigits(writer, (int)(seconds / 60 % 60));
        writer.Write((byte)':');
        TwoDigits(writer, (int)(seconds % 60));
        WriteFraction(writer, (int)(micros % 1_000_000));
    }

    public static void WriteTimestamp(ByteWriter writer, long timestamp, FormatSettings settings)
    {
        if (WriteInfinity(writer, timestamp)) return;
        if (settings.DateStyle != DateStyle.Iso)
        {
            WriteStyled(writer, timestamp, null, settings);
            return;
        }

        (int days, long micros) = Calendar.Split(timestamp);
        (int year, int month, int day) = Calendar.FromDays(days);
        WriteDay(writer, year, month, day);
        writer.Write((byte)' ');
        WriteTime(writer, micros);
        if (year <= 0) writer.Write(" BC"u8);
    }

    public static void WriteTimestampTz(ByteWriter writer, long utc, FormatSettings settings)
    {
        if (WriteInfinity(writer, utc)) return;
        int offset = settings.OffsetSecondsAtUtc(utc);
        if (settings.DateStyle != DateStyle.Iso)
        {
            WriteStyled(writer, utc + offset * 1_000_000L, offset, settings);
            return;
        }

        (int days, long micros) = Calendar.Split(utc + offset * 1_000_000L);
        (int year, int month, int day) = Calendar.FromDays(days);
        WriteDay(writer, year, month, day);
        writer.Write((byte)' ');
        WriteTime(writer, micros);
        WriteOffset(writer, offset);
        if (year <= 0) writer.Write(" BC"u8);
    }

    /// <summary>+HH[:MM[:SS]]; seconds east.</summary>
    public static void WriteOffset(ByteWriter writer, int offset)
    {
        writer.Write((byte)(offset < 0 ? '-' : '+'));
        offset = Math.Abs(offset);
        TwoDigits(writer, offset / 3600);
        if (offset % 3600 == 0) return;
        writer.Write((byte)':');
        TwoDigits(writer, offset / 60 % 60);
        if (offset % 60 == 0) return;
        writer.Write((byte)':');
        TwoDigits(writer, offset % 60);
    }

    public static void TwoDigits(ByteWriter writer, int value)
    {
        Span<byte> span = writer.GetSpan(12);
        if (value > 99)
        {
            writer.WriteNumber(value);
            return;
        }

        span[0] = (byte)('0' + value / 10);
        span[1] = (byte)('0' + value % 10);
        writer.Advance(2);
    }

    public static void WriteFraction(ByteWriter writer, int micros)
    {
        if (micros == 0) return;
        int digits = 6;
        while (micros % 10 == 0)
        {
            micros /= 10;
            digits--;
        }

        writer.Write((byte)'.');
        writer.WriteNumber(micros, digits);
    }

    private static bool WriteInfinity(ByteWriter writer, long timestamp)
    {
        if (Calendar.IsFinite(timestamp)) return false;
        writer.Write(timestamp == Calendar.TimestampInfinity ? "infinity"u8 : "-infinity"u8);
        return true;
    }

    /// <summary>The styles SQL, Postgres and German (PostgreSQL's datetime.c, EncodeDateTime); <paramref name="offset"/> in seconds east, null without a zone.</summary>
    private static void WriteStyled(ByteWriter writer, long local, int? offset, FormatSettings settings)
    {
        (int days, long micros) = Calendar.Split(local);
        (int year, int month, int day) = Calendar.FromDays(days);
        bool isPostgres = settings.DateStyle == DateStyle.Postgres;
        if (isPostgres)
        {
            writer.Write(DayNames[((days + 6) % 7 + 7) % 7]);
            writer.Write((byte)' ');
            if (settings.DateOrder == DateOrder.Dmy) TwoDigits(writer, day);
            else writer.Write(MonthNames[month - 1]);
            writer.Write((byte)' ');
            if (settings.DateOrder == DateOrder.Dmy) writer.Write(MonthNames[month - 1]);
            else TwoDigits(writer, day);
        }
        else WriteOrdered(writer, year, month, day, settings);

        writer.Write((byte)' ');
        WriteTime(writer, micros);
        if (isPostgres)
        {
            writer.Write((byte)' ');
            writer.WriteNumber(year > 0 ? year : 1 - year, 4);
        }

        if (offset is { } seconds)
        {
            // The abbreviations of other zones aren't known to .NET: their offset says the same.
            if (ReferenceEquals(settings.TimeZone, TimeZoneInfo.Utc)) writer.Write(" UTC"u8);
            else
            {
                if (isPostgres || settings.TimeZone.Id.StartsWith('<')) writer.Write((byte)' ');
                WriteOffset(writer, seconds);
            }
        }

        if (year <= 0) writer.Write(" BC"u8);
    }

    /// <summary>Day, month and year with the style's separator, in its order.</summary>
    private static void WriteOrdered(ByteWriter writer, int year, int month, int day, FormatSettings settings)
    {
        byte separator = settings.DateStyle switch { DateStyle.Sql => (byte)'/', DateStyle.German => (byte)'.', _ => (byte)'-' };
        bool dayFirst = settings.DateStyle == DateStyle.German || settings.DateOrder == DateOrder.Dmy;
        TwoDigits(writer, dayFirst ? day : month);
        writer.Write(separator);
        TwoDigits(writer, dayFirst ? month : day);
        writer.Write(separator);
        writer.WriteNumber(year > 0 ? year : 1 - year, 4);
    }

    private static readonly byte[][] DayNames = ["Sun"u8.ToArray(), "Mon"u8.ToArray(), "Tue"u8.ToArray(), "Wed"u8.ToArray(), "Thu"u8.ToArray(), "Fri"u8.ToArray(), "Sat"u8.ToArray()];

    private static readonly byte[][] MonthNames =
    [
        "Jan"u8.ToArray(), "Feb"u8.ToArray(), "Mar"u8.ToArray(), "Apr"u8.ToArray(), "May"u8.ToArray(), "Jun"u8.ToArray(),
        "Jul"u8.ToArray(), "Aug"u8.ToArray(), "Sep"u8.ToArray(), "Oct"u8.ToArray(), "Nov"u8.ToArray(), "Dec"u8.ToArray(),
    ];

    private static void WriteDay(ByteWriter writer, int year, int month, int day)
    {
        writer.WriteNumber(year > 0 ? year : 1 - year, 4);
        writer.Write((byte)'-');
        TwoDigits(writer, month);
        writer.Write((byte)'-');
        TwoDigits(writer, day);
    }
}
