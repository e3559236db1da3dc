using System.Text;
using System.Text.Json;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// json_populate_record and its kin: JSON objects as rows. The row type is that of the first argument, whose fields stand where the object says nothing. json_to_record has no such argument; the
/// binder gives it a NULL of the row type that the call's column definitions make.
/// </summary>
internal static unsafe class JsonRecordFunctions
{
    [SqlFunction("json_populate_record", Parameters = "anyelement, json", Returns = "anyelement", Strict = false, Volatility = Volatility.Stable)]
    [SqlFunction("jsonb_populate_record", Parameters = "anyelement, jsonb", Returns = "anyelement", Strict = false, Volatility = Volatility.Stable)]
    [SqlFunction("json_to_record", Parameters = "anyelement, json", Returns = "anyelement", Strict = false, Volatility = Volatility.Stable)]
    [SqlFunction("jsonb_to_record", Parameters = "anyelement, jsonb", Returns = "anyelement", Strict = false, Volatility = Volatility.Stable)]
    public static Datum Populate(QueryContext context, Datum row, Datum json)
    {
        var type = RowTypeOf(row, json.Type!.Id == TypeId.Jsonb ? "jsonb_populate_record" : "json_populate_record");
        if (json.IsNull) return row;
        JsonElement value = Parse(json);
        if (value.ValueKind == JsonValueKind.Null) return row;
        if (value.ValueKind != JsonValueKind.Object) throw new SqlException(SqlState.InvalidParameterValue, $"cannot call populate_composite on {(value.ValueKind == JsonValueKind.Array ? "an array" : "a scalar")}");
        return Datum.Of(row.Type!, Record(type, row.IsNull ? null : row, value, context.Arena, context.Settings));
    }

    [SqlTableFunction("json_populate_recordset", Parameters = "anyelement, json", Returns = "anyelement", Strict = false, Volatility = Volatility.Stable)]
    public static void PopulateSet(QueryContext context, Datum row, Datum json, RowWriter rows) => PopulateSet(context, "json_populate_recordset", row, json, rows);

    [SqlTableFunction("jsonb_populate_recordset", Parameters = "anyelement, jsonb", Returns = "anyelement", Strict = false, Volatility = Volatility.Stable)]
    public static void PopulateSetB(QueryContext context, Datum row, Datum json, RowWriter rows) => PopulateSet(context, "jsonb_populate_recordset", row, json, rows);

    [SqlTableFunction("json_to_recordset", Parameters = "anyelement, json", Returns = "anyelement", Strict = false, Volatility = Volatility.Stable)]
    public static void ToSet(QueryContext context, Datum row, Datum json, RowWriter rows) => PopulateSet(context, "json_to_recordset", row, json, rows);

    [SqlTableFunction("jsonb_to_recordset", Parameters = "anyelement, jsonb", Returns = "anyelement", Strict = false, Volatility = Volatility.Stable)]
    public static void ToSetB(QueryContext context, Datum row, Datum json, RowWriter rows) => PopulateSet(context, "jsonb_to_recordset", row, json, rows);

    private static void PopulateSet(QueryContext context, string function, Datum row, Datum json, RowWriter rows)
    {
        var type = RowTypeOf(row, function);
        if (json.IsNull) return;
        JsonElement value = Parse(json);
        if (value.ValueKind != JsonValueKind.Array) throw new SqlException(SqlState.InvalidParameterValue, $"cannot call {function} on {(value.ValueKind == JsonValueKind.Object ? "an object" : "a scalar")}");
        foreach (JsonElement item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object) throw new SqlException(SqlState.InvalidParameterValue, $"argument of {function} must be an array of objects");
            rows.BeginRow();
            rows.Set(0, Datum.Of(row.Type!, Record(type, row.IsNull ? null : row, item, rows.Arena, context.Settings)));
        }
    }

    private static RowType RowTypeOf(Datum row, string function) =>
        row.Type?.Row ?? throw new SqlException(SqlState.DatatypeMismatch, $"first argument of {function} must be a row type");

    private static JsonElement Parse(Datum json) => StoredJson.Open(json.Bytes.Span).RootElement;

    private static ByteSlice Record(RowType type, Datum? defaults, JsonElement value, Arena arena, FormatSettings settings)
    {
        var builder = new RecordBuilder();
        builder.Begin(type.Fields.Length);
        var given = defaults is { } row ? new RecordReader(row.Bytes.Span, type) : default;
        byte* slot = stackalloc byte[16];
        foreach (RowField field in type.Fields)
        {
            bool hasDefault = defaults is not null && given.MoveNext();
            if (!value.TryGetProperty(field.Name, out JsonElement member))
            {
                if (hasDefault && !given.IsNull) builder.AddStored(field.Type, given.Current);
                else builder.AddNull(field.Type);
            }
            else if (Store(field.Type, member, slot, arena, settings)) builder.AddSlot(field.Type, slot);
            else builder.AddNull(field.Type);
        }

        return arena.Copy(builder.Finish());
    }

    /// <summary>A JSON value as one of the type; false for null.</summary>
    private static bool Store(SqlType type, JsonElement value, byte* slot, Arena arena, FormatSettings settings)
    {
        if (value.ValueKind == JsonValueKind.Null) return false;
        switch (type.Id)
        {
            case TypeId.Record when type.Row is { } row && value.ValueKind == JsonValueKind.Object:
                *(ByteSlice*)slot = Record(row, null, value, arena, settings);
                return true;
            case TypeId.Array when value.ValueKind == JsonValueKind.Array:
                *(ByteSlice*)slot = Items(type, value, arena, settings);
                return true;
            case TypeId.Array when value.ValueKind != JsonValueKind.String: throw new SqlException(SqlState.InvalidTextRepresentation, "expected JSON array");
        }

        bool isText = value.ValueKind == JsonValueKind.String && type.Id is not (TypeId.Json or TypeId.Jsonb);
        ValueReader.ParseText(Encoding.UTF8.GetBytes(isText ? value.GetString()! : value.GetRawText()), type, slot, arena, settings);
        return true;
    }

    private static ByteSlice Items(SqlType array, JsonElement value, Arena arena, FormatSettings settings)
    {
        var shape = new List<int>();
        for (var inner = value; inner.ValueKind == JsonValueKind.Array; inner = inner[0])
        {
            shape.Add(inner.GetArrayLength());
            if (shape[^1] == 0) break;
        }

        var builder = new ArrayBuilder();
        if (shape.Contains(0)) builder.Begin();
        else
        {
            builder.Begin(shape.ToArray(), Enumerable.Repeat(1, shape.Count).ToArray());
            Fill(value, 0);
        }

        return arena.Copy(builder.Finish());

        void Fill(JsonElement items, int dimension)
        {
            if (items.ValueKind != JsonValueKind.Array || items.GetArrayLength() != shape[dimension])
                throw new SqlException(SqlState.InvalidTextRepresentation, items.ValueKind == JsonValueKind.Array ? "malformed JSON array" : "expected JSON array", detail: items.ValueKind == JsonValueKind.Array ? "Multidimensional arrays must have sub-arrays with matching dimensions." : null);
            byte* slot = stackalloc byte[16];
            foreach (JsonElement item in items.EnumerateArray())
            {
                if (dimension + 1 < shape.Count) Fill(item, dimension + 1);
                else if (Store(array.Element!, item, slot, arena, settings)) builder.AddSlot(array.Element!, slot);
                else builder.AddNull();
            }
        }
    }
}
