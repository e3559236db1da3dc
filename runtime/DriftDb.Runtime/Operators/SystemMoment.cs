using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>A point of system time as a value says it: a sequence number, or a time.</summary>
internal static unsafe class SystemMoment
{
    /// <summary>The last sequence number at the point, the time if it is one; 22023 for a point in the future.</summary>
    public static (long Sequence, long Micros, bool IsTime) Resolve(QueryContext context, SqlType type, byte* slot)
    {
        switch (type.Id)
        {
            case TypeId.TimestampTz or TypeId.Timestamp or TypeId.Date:
                long micros = type.Id == TypeId.Date ? *(int*)slot * Calendar.MicrosPerDay : *(long*)slot;
                if (type.Id != TypeId.TimestampTz) micros = context.Settings.ToUtc(micros);
                if (micros > context.Store.LastCommitTime && micros > context.Session.ClockMicros) throw Future("time", ValueText.Format(SqlType.TimestampTz, (byte*)&micros, context.Settings));
                return (Math.Min(context.Store.SequenceAt(micros), context.View.Visible), micros, true);
            case TypeId.Int2 or TypeId.Int4 or TypeId.Int8:
                long sequence = type.Kind switch { PhysicalKind.Int16 => *(short*)slot, PhysicalKind.Int32 => *(int*)slot, _ => *(long*)slot };
                if (sequence > context.View.Visible) throw Future("sequence number", sequence.ToString(System.Globalization.CultureInfo.InvariantCulture));
                return (Math.Max(0, sequence), 0, false);
            default:
                throw new SqlException(SqlState.DatatypeMismatch, $"a point of system time must be a timestamp with time zone or a bigint, not {type}");
        }
    }

    private static SqlException Future(string what, string value) => new(SqlState.InvalidParameterValue, $"system time is in the future: {what} {value}");
}
