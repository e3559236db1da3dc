using System.Reflection;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Casts that have a method of their own, by the names of their types; all others go through text.</summary>
internal static unsafe partial class CastFunctions
{
    private static readonly Dictionary<(TypeId, TypeId), MethodInfo> Methods = Collect();

    public static MethodInfo? Find(SqlType from, SqlType to)
    {
        if (from.IsArray || to.IsArray) return null;
        if (from.IsString && to.IsString) return to.Typmod >= 4 || from.Id == TypeId.BpChar || to.Id == TypeId.Name ? typeof(CastFunctions).GetMethod(nameof(TextToText), BindingFlags.Static | BindingFlags.NonPublic) : null;
        return Methods.GetValueOrDefault((from.Id, to.Id));
    }

    private static Dictionary<(TypeId, TypeId), MethodInfo> Collect()
    {
        var methods = new Dictionary<(TypeId, TypeId), MethodInfo>();
        foreach (MethodInfo method in typeof(CastFunctions).GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public))
            foreach (CastAttribute cast in method.GetCustomAttributes<CastAttribute>())
                methods[(cast.From, cast.To)] = method;
        return methods;
    }

    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    private sealed class CastAttribute(TypeId from, TypeId to) : Attribute
    {
        public TypeId From => from;

        public TypeId To => to;
    }

    /// <summary>Writes the value's text and reads it as the other type.</summary>
    public static Datum ThroughText(QueryContext context, Datum value, SqlType to, bool isExplicit)
    {
        var writer = new ByteWriter(64);
        value.WriteText(writer, context.Settings);
        ReadOnlySpan<byte> text = writer.Written;
        byte* slot = stackalloc byte[16];
        if (value.Type!.Id == TypeId.Bool && to.IsString) text = text[0] == 't' ? "true"u8 : "false"u8;
        if (isExplicit && to.Typmod >= 4 && to.Id is TypeId.VarChar or TypeId.BpChar) text = text[..ValueReader.OffsetOf(to, text)];
        ValueReader.ParseText(text, to, slot, context.Arena, context.Settings);
        return Datum.FromSlot(to, slot);
    }

    private static ByteSlice TextToText(QueryContext context, ByteSlice value, SqlType from, SqlType to, bool isExplicit)
    {
        ReadOnlySpan<byte> text = value.Span;
        if (from.Id == TypeId.BpChar && to.Id != TypeId.BpChar) text = text.TrimEnd((byte)' ');
        if (to.Id == TypeId.Name) return text.Length > Limits.IdentifierBytes ? context.Arena.Copy(text[..Limits.IdentifierBytes]) : context.Arena.Copy(text);
        if (to.Typmod < 4) return text.Length == value.Length ? value : context.Arena.Copy(text);
        if (isExplicit) text = text[..ValueReader.OffsetOf(to, text)];
        return to.Id == TypeId.BpChar ? ValueReader.PadBlank(text, to, context.Arena) : context.Arena.Copy(ValueReader.LimitLength(text, to));
    }

    public static short NumericToInt16(SqlNumeric value) => Whole(value, "smallint") is var whole && whole == (short)whole ? (short)whole : throw OutOfRange("smallint");

    public static int NumericToInt32(SqlNumeric value) => Whole(value, "integer") is var whole && whole == (int)whole ? (int)whole : throw OutOfRange("integer");

    public static long NumericToInt64(SqlNumeric value) => Whole(value, "bigint");

    private static long Whole(SqlNumeric value, string type)
    {
        if (!value.IsFinite) throw new SqlException(SqlState.FeatureNotSupported, $"cannot convert {(value.IsNaN ? "NaN" : "infinity")} to {type}");
        return value.TryToInt64(out long whole) ? whole : throw OutOfRange(type);
    }

    private static SqlException OutOfRange(string type) => new(SqlState.NumericValueOutOfRange, $"{type} out of range");

    public static SqlNumeric JsonbToNumeric(ByteSlice value) =>
        value.Length > 0 && (value.Span[0] == '-' || char.IsAsciiDigit((char)value.Span[0])) ? SqlNumeric.Parse(value.Span) : throw new SqlException(SqlState.InvalidParameterValue, $"cannot cast jsonb {JsonKind(value)} to type numeric");

    private static string JsonKind(ByteSlice value) => value.Span[0] switch { (byte)'"' => "string", (byte)'{' => "object", (byte)'[' => "array", (byte)'n' => "null", _ => "boolean" };

    [Cast(TypeId.Jsonb, TypeId.Bool)]
    private static bool JsonbToBool(ByteSlice value) => value.Span[0] switch
    {
        (byte)'t' => true,
        (byte)'f' => false,
        _ => throw new SqlException(SqlState.InvalidParameterValue, $"cannot cast jsonb {(JsonKind(value) == "boolean" ? "numeric" : JsonKind(value))} to type boolean"),
    };

    [Cast(TypeId.Jsonb, TypeId.Int4)]
    private static int JsonbToInt32(ByteSlice value) => NumericToInt32(JsonbToNumeric(value));

    [Cast(TypeId.Jsonb, TypeId.Int8)]
    private static long JsonbToInt64(ByteSlice value) => NumericToInt64(JsonbToNumeric(value));

    [Cast(TypeId.Jsonb, TypeId.Float8)]
    private static double JsonbToDouble(ByteSlice value) => JsonbToNumeric(value).ToDouble();

    [Cast(TypeId.Jsonb, TypeId.Json)]
    private static ByteSlice JsonbToJson(ByteSlice value) => value;

    [Cast(TypeId.Cidr, TypeId.Inet)]
    private static ByteSlice NetworkToAddress(ByteSlice value) => value;

    [Cast(TypeId.Inet, TypeId.Cidr)]
    private static ByteSlice AddressToNetwork(QueryContext context, ByteSlice value) => context.Arena.Copy(InetValue.ToNetwork(value.Span));

    /// <summary>As text an address has its netmask, always: its output leaves that of a single host out.</summary>
    [Cast(TypeId.Inet, TypeId.Text)]
    private static ByteSlice AddressToText(QueryContext context, ByteSlice value) => context.Arena.Copy(System.Text.Encoding.ASCII.GetBytes(InetValue.FormatNetwork(value.Span)));

    [Cast(TypeId.Bool, TypeId.Int4)]
    private static int BoolToInt32(bool value) => value ? 1 : 0;

    [Cast(TypeId.Int4, TypeId.Bool)]
    private static bool Int32ToBool(int value) => value != 0;

    [Cast(TypeId.Int8, TypeId.Oid), Cast(TypeId.Int8, TypeId.RegClass), Cast(TypeId.Int8, TypeId.RegType), Cast(TypeId.Int8, TypeId.RegProc)]
    private static int Int64ToOid(long value) => IntegerMath.Int64ToOid(value);

    [Cast(TypeId.Oid, TypeId.Int8), Cast(TypeId.RegClass, TypeId.Int8), Cast(TypeId.RegType, TypeId.Int8), Cast(TypeId.RegProc, TypeId.Int8)]
    private static long OidToInt64(int value) => (uint)value;

    [Cast(TypeId.Float8, TypeId.Float4)]
    private static float DoubleToSingle(double value)
    {
        float narrow = (float)value;
        if (float.IsInfinity(narrow) && !double.IsInfinity(value)) FloatMath.ThrowOverflow();
        if (narrow == 0 && value != 0) FloatMath.ThrowUnderflow();
        return narrow;
    }

    [Cast(TypeId.Float8, TypeId.Int2)]
    private static short DoubleToInt16(double value) => Rounded(value) is >= short.MinValue and <= short.MaxValue and var whole ? (short)whole : throw OutOfRange("smallint");

    [Cast(TypeId.Float8, TypeId.Int4)]
    private static int DoubleToInt32(double value) => Rounded(value) is >= int.MinValue and <= int.MaxValue and var whole ? (int)whole : throw OutOfRange("integer");

    [Cast(TypeId.Float8, TypeId.Int8)]
    private static long DoubleToInt64(double value) => Rounded(value) is >= -9223372036854775808.0 and < 9223372036854775808.0 and var whole ? (long)whole : throw OutOfRange("bigint");

    [Cast(TypeId.Float4, TypeId.Int2)]
    private static short SingleToInt16(float value) => DoubleToInt16(value);

    [Cast(TypeId.Float4, TypeId.Int4)]
    private static int SingleToInt32(float value) => DoubleToInt32(value);

    [Cast(TypeId.Float4, TypeId.Int8)]
    private static long SingleToInt64(float value) => DoubleToInt64(value);

    /// <summary>Floats round half to even on their way to integers (rint).</summary>
    private static double Rounded(double value) => Math.Round(value, MidpointRounding.ToEven);

    [Cast(TypeId.Date, TypeId.Timestamp)]
    private static long DateToTimestamp(int date) => date switch
    {
        Calendar.DateInfinity => Calendar.TimestampInfinity,
        Calendar.DateNegativeInfinity => Calendar.TimestampNegativeInfinity,
        > 106_751_990 => throw new SqlException(SqlState.DatetimeFieldOverflow, "date out of range for timestamp"),
        _ => date * Calendar.MicrosPerDay,
    };

    [Cast(TypeId.Date, TypeId.TimestampTz)]
    private static long DateToTimestampTz(QueryContext context, int date) => Calendar.IsFinite(date) ? context.Settings.ToUtc(DateToTimestamp(date)) : DateToTimestamp(date);

    [Cast(TypeId.Timestamp, TypeId.Date)]
    private static int TimestampToDate(long timestamp) => timestamp switch
    {
        Calendar.TimestampInfinity => Calendar.DateInfinity,
        Calendar.TimestampNegativeInfinity => Calendar.DateNegativeInfinity,
        _ => Calendar.Split(timestamp).Days,
    };

    [Cast(TypeId.TimestampTz, TypeId.Date)]
    private static int TimestampTzToDate(QueryContext context, long timestamp) => TimestampToDate(TimestampTzToTimestamp(context, timestamp, SqlType.Timestamp));

    [Cast(TypeId.Timestamp, TypeId.Timestamp), Cast(TypeId.TimestampTz, TypeId.TimestampTz), Cast(TypeId.Time, TypeId.Time)]
    private static long RoundTime(long value, SqlType to) => DateTimeText.RoundMicros(value, to.Typmod);

    [Cast(TypeId.Interval, TypeId.Interval)]
    private static Interval RoundInterval(Interval value, SqlType to) => to.Typmod < 0 ? value : IntervalText.ApplyTypmod(value, to.Typmod);

    [Cast(TypeId.Timestamp, TypeId.TimestampTz)]
    private static long TimestampToTimestampTz(QueryContext context, long timestamp, SqlType to) => Calendar.IsFinite(timestamp) ? DateTimeText.RoundMicros(context.Settings.ToUtc(timestamp), to.Typmod) : timestamp;

    [Cast(TypeId.TimestampTz, TypeId.Timestamp)]
    private static long TimestampTzToTimestamp(QueryContext context, long timestamp, SqlType to) => Calendar.IsFinite(timestamp) ? DateTimeText.RoundMicros(context.Settings.ToLocal(timestamp), to.Typmod) : timestamp;

    [Cast(TypeId.Timestamp, TypeId.Time)]
    private static long TimestampToTime(long timestamp) => Calendar.Split(timestamp).Micros;

    [Cast(TypeId.TimestampTz, TypeId.Time)]
    private static long TimestampTzToTime(QueryContext context, long timestamp) => Calendar.Split(context.Settings.ToLocal(timestamp)).Micros;

    [Cast(TypeId.Interval, TypeId.Time)]
    private static long IntervalToTime(Interval value) => ((value.Microseconds % Calendar.MicrosPerDay) + Calendar.MicrosPerDay) % Calendar.MicrosPerDay;

    [Cast(TypeId.Time, TypeId.Interval)]
    private static Interval TimeToInterval(long time) => new(time, 0, 0);

    [Cast(TypeId.Bool, TypeId.Text), Cast(TypeId.Bool, TypeId.VarChar)]
    private static ByteSlice BoolToText(QueryContext context, bool value, SqlType to, bool isExplicit) => TextToText(context, context.Arena.Copy(value ? "true"u8 : "false"u8), SqlType.Text, to, isExplicit);

    [Cast(TypeId.Json, TypeId.Text), Cast(TypeId.Jsonb, TypeId.Text), Cast(TypeId.Name, TypeId.Text), Cast(TypeId.Char, TypeId.Text)]
    private static ByteSlice SameBytes(ByteSlice value) => value;
}
