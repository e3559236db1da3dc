namespace DriftDb.Types;

/// <summary>Text of dates, times and timestamps in the ISO style.</summary>
public static class DateTimeFormat
{
    public static void WriteDate(ByteWriter writer, int date)
    {
        if (!Calendar.IsFinite(date))
        {
            writer.Write(date == Calendar.DateInfinity ? "infinity"u8 : "-infinity"u8);
            return;
        }

        (int year, int month, int day) = Calendar.FromDays(date);
        WriteDay(writer, year, month, day);
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

    public static void WriteTimestamp(ByteWriter writer, long timestamp)
    {
        if (WriteInfinity(writer, timestamp)) return;
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

    private static void WriteDay(ByteWriter writer, int year, int month, int day)
    {
        writer.WriteNumber(year > 0 ? year : 1 - year, 4);
        writer.Write((byte)'-');
        TwoDigits(writer, month);
        writer.Write((byte)'-');
        TwoDigits(writer, day);
    }
}
