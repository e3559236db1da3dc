using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Aggregates that code generation knows.</summary>
internal enum BuiltinAggregate
{
    CountStar,
    Count,
    Sum,
    Avg,
    Min,
    Max,
    BoolAnd,
    BoolOr,
    AnyValue,
}

/// <summary>Window functions that aren't aggregates.</summary>
internal enum BuiltinWindow
{
    RowNumber,
    Rank,
    DenseRank,
    PercentRank,
    CumeDist,
    Ntile,
    Lag,
    Lead,
    FirstValue,
    LastValue,
    NthValue,
}

/// <summary>
/// Signatures of the aggregates and window functions that are compiled rather than called. sum and avg of numeric say numeric; a call's result column may have a proven precision
/// (<see cref="NumericTyping.Sum"/>), which the runtime honours.
/// </summary>
internal static class BuiltinAggregates
{
    public static IEnumerable<FunctionSignature> Signatures()
    {
        int oid = 2_800;
        yield return Make("count", BuiltinAggregate.CountStar, SqlType.Int8, neverNull: true);
        yield return Make("count", BuiltinAggregate.Count, SqlType.Int8, neverNull: true, SqlType.Of(TypeId.Any));
        foreach ((SqlType argument, SqlType result) in new[]
                 {
                     (SqlType.Int2, SqlType.Int8), (SqlType.Int4, SqlType.Int8), (SqlType.Int8, SqlType.Numeric), (SqlType.Numeric, SqlType.Numeric), (SqlType.Float4, SqlType.Float4),
                     (SqlType.Float8, SqlType.Float8), (SqlType.Interval, SqlType.Interval), (SqlType.Of(TypeId.Money), SqlType.Of(TypeId.Money)),
                 })
            yield return Make("sum", BuiltinAggregate.Sum, result, false, argument);
        foreach ((SqlType argument, SqlType result) in new[]
                 {
                     (SqlType.Int2, SqlType.Numeric), (SqlType.Int4, SqlType.Numeric), (SqlType.Int8, SqlType.Numeric), (SqlType.Numeric, SqlType.Numeric), (SqlType.Float4, SqlType.Float8),
                     (SqlType.Float8, SqlType.Float8), (SqlType.Interval, SqlType.Interval),
                 })
            yield return Make("avg", BuiltinAggregate.Avg, result, false, argument);
        foreach (TypeId id in new[]
                 {
                     TypeId.Int2, TypeId.Int4, TypeId.Int8, TypeId.Numeric, TypeId.Float4, TypeId.Float8, TypeId.Text, TypeId.BpChar, TypeId.Date, TypeId.Time, TypeId.TimeTz, TypeId.Timestamp,
                     TypeId.TimestampTz, TypeId.Interval, TypeId.Oid, TypeId.Uuid, TypeId.Money, TypeId.Bytea, TypeId.Jsonb, TypeId.Name, TypeId.Enum,
                 })
        {
            SqlType type = SqlType.Of(id);
            yield return Make("min", BuiltinAggregate.Min, type, false, type);
            yield return Make("max", BuiltinAggregate.Max, type, false, type);
        }

        SqlType array = SqlType.ArrayOf(SqlType.Of(TypeId.AnyElement));
        yield return Make("min", BuiltinAggregate.Min, array, false, array);
        yield return Make("max", BuiltinAggregate.Max, array, false, array);
        yield return Make("bool_and", BuiltinAggregate.BoolAnd, SqlType.Bool, false, SqlType.Bool);
        yield return Make("every", BuiltinAggregate.BoolAnd, SqlType.Bool, false, SqlType.Bool);
        yield return Make("bool_or", BuiltinAggregate.BoolOr, SqlType.Bool, false, SqlType.Bool);
        yield return Make("any_value", BuiltinAggregate.AnyValue, SqlType.Of(TypeId.AnyElement), false, SqlType.Of(TypeId.AnyElement));

        SqlType element = SqlType.Of(TypeId.AnyElement);
        yield return Window("row_number", BuiltinWindow.RowNumber, SqlType.Int8, true);
        yield return Window("rank", BuiltinWindow.Rank, SqlType.Int8, true);
        yield return Window("dense_rank", BuiltinWindow.DenseRank, SqlType.Int8, true);
        yield return Window("percent_rank", BuiltinWindow.PercentRank, SqlType.Float8, true);
        yield return Window("cume_dist", BuiltinWindow.CumeDist, SqlType.Float8, true);
        yield return Window("ntile", BuiltinWindow.Ntile, SqlType.Int4, false, SqlType.Int4);
        foreach ((string name, BuiltinWindow kind) in new[] { ("lag", BuiltinWindow.Lag), ("lead", BuiltinWindow.Lead) })
        {
            yield return Window(name, kind, element, false, element);
            yield return Window(name, kind, element, false, element, SqlType.Int4);
            yield return Window(name, kind, element, false, element, SqlType.Int4, element);
        }

        yield return Window("first_value", BuiltinWindow.FirstValue, element, false, element);
        yield return Window("last_value", BuiltinWindow.LastValue, element, false, element);
        yield return Window("nth_value", BuiltinWindow.NthValue, element, false, element, SqlType.Int4);

        FunctionSignature Make(string name, BuiltinAggregate implementation, SqlType result, bool neverNull, params SqlType[] parameters) => new()
        {
            Name = name, ParameterTypes = [.. parameters], ReturnType = result, Kind = FunctionKind.Aggregate, IsStrict = false, NeverNull = neverNull, Oid = oid++, Implementation = implementation,
        };

        FunctionSignature Window(string name, BuiltinWindow implementation, SqlType result, bool neverNull, params SqlType[] parameters) => new()
        {
            Name = name, ParameterTypes = [.. parameters], ReturnType = result, Kind = FunctionKind.Window, IsStrict = false, NeverNull = neverNull, Oid = oid++, Implementation = implementation,
        };
    }
}
