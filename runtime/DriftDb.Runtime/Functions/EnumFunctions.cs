using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>enum_first, enum_last and enum_range: they ask for the type of their argument, whose value may be NULL.</summary>
internal static class EnumFunctions
{
    [SqlFunction("enum_first", Parameters = "anyenum", Returns = "anyenum", Strict = false, Volatility = Volatility.Stable)]
    public static Datum First(QueryContext context, Datum value) => Label(context, value.Type!, Labels(value.Type!)[0]);

    [SqlFunction("enum_last", Parameters = "anyenum", Returns = "anyenum", Strict = false, Volatility = Volatility.Stable)]
    public static Datum Last(QueryContext context, Datum value) => Label(context, value.Type!, Labels(value.Type!)[^1]);

    [SqlFunction("enum_range", Parameters = "anyenum", Returns = "anyarray", Strict = false, Volatility = Volatility.Stable)]
    public static Datum Range(QueryContext context, Datum value) => Between(context, value.Type!, null, null);

    /// <summary>From the first to the second label; NULL stands for the first or last of all.</summary>
    [SqlFunction("enum_range", Parameters = "anyenum, anyenum", Returns = "anyarray", Strict = false, Volatility = Volatility.Stable)]
    public static Datum Range(QueryContext context, Datum from, Datum to) =>
        Between(context, from.Type!.Enum is null ? to.Type! : from.Type!, from.IsNull ? null : from.Bytes.Span.ToArray(), to.IsNull ? null : to.Bytes.Span.ToArray());

    private static Datum Between(QueryContext context, SqlType type, byte[]? from, byte[]? to)
    {
        var array = new ArrayBuilder();
        array.Begin();
        foreach (var label in EnumOf(type).Labels)
            if ((from is null || label.Key.AsSpan().SequenceCompareTo(from) >= 0) && (to is null || label.Key.AsSpan().SequenceCompareTo(to) <= 0)) array.Add(label.Key);
        return Datum.OfBytes(SqlType.ArrayOf(type), array.Finish(), context.Arena);
    }

    private static EnumLabel[] Labels(SqlType type)
    {
        var labels = EnumOf(type).Labels;
        return labels.IsEmpty ? throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"enum {type} contains no values") : [.. labels];
    }

    private static EnumType EnumOf(SqlType type) => type.Enum ?? throw new SqlException(SqlState.FeatureNotSupported, "could not determine actual enum type");

    private static Datum Label(QueryContext context, SqlType type, EnumLabel label) => Datum.OfBytes(type, label.Key, context.Arena);
}
