using System.Text;
using System.Text.Json;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>json and jsonb: access, containment, construction. jsonb values are canonical text, so access walks the text.</summary>
internal static class JsonFunctions
{
    // ---- Access ----

    [SqlOperator("->", "jsonb_object_field", Parameters = "jsonb, text", Returns = "jsonb"), SqlOperator("->", "json_object_field", Parameters = "json, text", Returns = "json")]
    public static Datum Field(Datum json, ByteSlice key) => JsonReader.TryField(json.Bytes, key.Span, out ByteSlice value) ? Datum.Of(json.Type!, value) : Datum.Null(json.Type);

    [SqlOperator("->", "jsonb_array_element", Parameters = "jsonb, integer", Returns = "jsonb"), SqlOperator("->", "json_array_element", Parameters = "json, integer", Returns = "json")]
    public static Datum Item(Datum json, int index) => JsonReader.TryItem(json.Bytes, index, out ByteSlice value) ? Datum.Of(json.Type!, value) : Datum.Null(json.Type);

    [SqlOperator("->>", "jsonb_object_field_text", Parameters = "jsonb, text", Returns = "text"), SqlOperator("->>", "json_object_field_text", Parameters = "json, text", Returns = "text")]
    public static Datum FieldText(QueryContext context, Datum json, ByteSlice key) => JsonReader.TryField(json.Bytes, key.Span, out ByteSlice value) ? AsText(context, value) : Datum.Null(SqlType.Text);

    [SqlOperator("->>", "jsonb_array_element_text", Parameters = "jsonb, integer", Returns = "text"), SqlOperator("->>", "json_array_element_text", Parameters = "json, integer", Returns = "text")]
    public static Datum ItemText(QueryContext context, Datum json, int index) => JsonReader.TryItem(json.Bytes, index, out ByteSlice value) ? AsText(context, value) : Datum.Null(SqlType.Text);

    [SqlOperator("#>", "jsonb_extract_path_op", Parameters = "jsonb, text[]", Returns = "jsonb"), SqlOperator("#>", "json_extract_path_op", Parameters = "json, text[]", Returns = "json")]
    public static Datum Path(Datum json, Datum path) => Follow(json.Bytes, Strings(path)) is { } value ? Datum.Of(json.Type!, value) : Datum.Null(json.Type);

    [SqlOperator("#>>", "jsonb_extract_path_text_op", Parameters = "jsonb, text[]", Returns = "text"), SqlOperator("#>>", "json_extract_path_text_op", Parameters = "json, text[]", Returns = "text")]
    public static Datum PathText(QueryContext context, Datum json, Datum path) => Follow(json.Bytes, Strings(path)) is { } value ? AsText(context, value) : Datum.Null(SqlType.Text);

    [SqlFunction("jsonb_extract_path", Parameters = "jsonb, text", Returns = "jsonb", Variadic = true), SqlFunction("json_extract_path", Parameters = "json, text", Returns = "json", Variadic = true)]
    public static Datum Path(Datum json, Datum[] path) => Follow(json.Bytes, Strings(path)) is { } value ? Datum.Of(json.Type!, value) : Datum.Null(json.Type);

    [SqlFunction("jsonb_extract_path_text", Parameters = "jsonb, text", Returns = "text", Variadic = true), SqlFunction("json_extract_path_text", Parameters = "json, text", Returns = "text", Variadic = true)]
    public static Datum PathText(QueryContext context, Datum json, Datum[] path) => Follow(json.Bytes, Strings(path)) is { } value ? AsText(context, value) : Datum.Null(SqlType.Text);

    private static List<string> Strings(Datum[] texts) => [.. texts.Select(text => text.Bytes.ToString())];

    private static List<string> Strings(Datum array)
    {
        var strings = new List<string>();
        var items = new ArrayReader(array.Bytes).GetEnumerator();
        while (items.MoveNext()) strings.Add(Encoding.UTF8.GetString(items.Current));
        return strings;
    }

    private static ByteSlice? Follow(ByteSlice json, List<string> path)
    {
        foreach (string step in path)
        {
            bool found = JsonReader.IsArray(json) ? int.TryParse(step, out int index) && JsonReader.TryItem(json, index, out json) : JsonReader.TryField(json, Encoding.UTF8.GetBytes(step), out json);
            if (!found) return null;
        }

        return json;
    }

    /// <summary>A string without its quotes, other values as they are; null is NULL.</summary>
    private static Datum AsText(QueryContext context, ByteSlice value)
    {
        ReadOnlySpan<byte> text = value.Span;
        if (text.SequenceEqual("null"u8)) return Datum.Null(SqlType.Text);
        if (text[0] != '"') return Datum.Of(SqlType.Text, value);
        if (!text.Contains((byte)'\\')) return Datum.OfBytes(SqlType.Text, text[1..^1], context.Arena);
        return Datum.OfBytes(SqlType.Text, Encoding.UTF8.GetBytes(JsonDocument.Parse(text.ToArray()).RootElement.GetString()!), context.Arena);
    }

    // ---- Tests ----

    [SqlOperator("@>", "jsonb_contains", Parameters = "jsonb, jsonb")] public static bool Contains(Datum a, Datum b) => Contains(Parse(a), Parse(b), true);
    [SqlOperator("<@", "jsonb_contained", Parameters = "jsonb, jsonb")] public static bool ContainedIn(Datum a, Datum b) => Contains(b, a);

    [SqlOperator("?", "jsonb_exists", Parameters = "jsonb, text")]
    public static bool Exists(Datum json, string key)
    {
        JsonElement element = Parse(json);
        return element.ValueKind switch
        {
            JsonValueKind.Object => element.TryGetProperty(key, out _),
            JsonValueKind.Array => element.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.String && item.GetString() == key),
            JsonValueKind.String => element.GetString() == key,
            _ => false,
        };
    }

    [SqlOperator("?|", "jsonb_exists_any", Parameters = "jsonb, text[]")] public static bool ExistsAny(Datum json, Datum keys) => Strings(keys).Any(key => Exists(json, key));
    [SqlOperator("?&", "jsonb_exists_all", Parameters = "jsonb, text[]")] public static bool ExistsAll(Datum json, Datum keys) => Strings(keys).All(key => Exists(json, key));

    internal static JsonElement Parse(Datum json) => StoredJson.Open(json.Bytes.Span).RootElement;

    private static bool Contains(JsonElement a, JsonElement b, bool top)
    {
        if (a.ValueKind == JsonValueKind.Array && b.ValueKind == JsonValueKind.Array) return b.EnumerateArray().All(x => a.EnumerateArray().Any(y => Contains(y, x, false)));
        if (top && a.ValueKind == JsonValueKind.Array && b.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)) return a.EnumerateArray().Any(y => Same(y, b));
        if (a.ValueKind != b.ValueKind) return false;
        if (a.ValueKind == JsonValueKind.Object) return b.EnumerateObject().All(member => a.TryGetProperty(member.Name, out JsonElement own) && Contains(own, member.Value, false));
        return Same(a, b);
    }

    private static bool Same(JsonElement a, JsonElement b) => a.ValueKind == b.ValueKind
        && (a.ValueKind == JsonValueKind.Number ? SqlNumeric.Parse(a.GetRawText()).CompareTo(SqlNumeric.Parse(b.GetRawText())) == 0 : a.GetRawText() == b.GetRawText());

    [SqlFunction("jsonb_typeof", Parameters = "jsonb"), SqlFunction("json_typeof", Parameters = "json")]
    public static string TypeOf(Datum json) => JsonReader.Start(json.Bytes) switch { (byte)'{' => "object", (byte)'[' => "array", (byte)'"' => "string", (byte)'t' or (byte)'f' => "boolean", (byte)'n' => "null", _ => "number" };

    [SqlFunction("jsonb_array_length", Parameters = "jsonb"), SqlFunction("json_array_length", Parameters = "json")]
    public static int ArrayLength(Datum json) => Parse(json) is { ValueKind: JsonValueKind.Array } array ? array.GetArrayLength() : throw new SqlException(SqlState.InvalidParameterValue, TypeOf(json) == "object" ? "cannot get array length of a non-array" : "cannot get array length of a scalar");

    // ---- Construction ----

    /// <summary>Appends a value as JSON: numbers and booleans plain, json as it is, arrays and rows nested, everything else as a string of its text.</summary>
    public static void Append(ByteWriter output, Datum value, QueryContext context)
    {
        if (value.IsNull)
        {
            output.Write("null"u8);
            return;
        }

        SqlType type = value.Type!;
        switch (type.Id)
        {
            case TypeId.Bool: output.Write(value.As<bool>() ? "true"u8 : "false"u8); break;
            case TypeId.Int2 or TypeId.Int4 or TypeId.Int8: value.WriteText(output, context.Settings); break;
            case TypeId.Numeric or TypeId.Float4 or TypeId.Float8:
                int start = output.Length;
                value.WriteText(output, context.Settings);
                if (char.IsAsciiLetter((char)output.Written[^1]))
                {
                    byte[] special = output.Written[start..].ToArray();
                    output.Truncate(start);
                    JsonParser.WriteString(output, special);
                }

                break;
            case TypeId.Json or TypeId.Jsonb: output.Write(value.Bytes.Span); break;
            case TypeId.Array: AppendArray(output, value, context); break;
            case TypeId.Record:
                output.Write((byte)'{');
                var record = new RecordReader(value.Bytes.Span, type.Row);
                for (int i = 0; record.MoveNext(); i++)
                {
                    if (i > 0) output.Write((byte)',');
                    if (type.Row is { } row && i < row.Fields.Length) JsonParser.WriteString(output, Encoding.UTF8.GetBytes(row.Fields[i].Name));
                    else output.Write($"\"f{i + 1}\"");
                    output.Write((byte)':');
                    Append(output, record.IsNull ? Datum.Null(record.Type) : ArrayFunctions.Element(record.Type, record.Current), context);
                }

                output.Write((byte)'}');
                break;
            default:
                var text = new ByteWriter();
                // Dates in JSON are ISO's, whatever the session shows.
                value.WriteText(text, context.Settings.DateStyle == DateStyle.Iso ? context.Settings : context.Settings with { DateStyle = DateStyle.Iso });
                byte[] shown = text.ToArray();
                if (type.Id is TypeId.Timestamp or TypeId.TimestampTz && shown.Length > 10 && shown[10] == ' ') shown[10] = (byte)'T';
                JsonParser.WriteString(output, shown);
                break;
        }
    }

    private static void AppendArray(ByteWriter output, Datum array, QueryContext context)
    {
        var reader = new ArrayReader(array.Bytes);
        var items = reader.GetEnumerator();
        if (reader.Dimensions == 0) output.Write("[]"u8);
        else Dimension(reader, ref items, 0);

        void Dimension(ArrayReader shape, ref ArrayReader.Enumerator elements, int dimension)
        {
            output.Write((byte)'[');
            for (int i = 0; i < shape.Length(dimension); i++)
            {
                if (i > 0) output.Write((byte)',');
                if (dimension + 1 < shape.Dimensions) Dimension(shape, ref elements, dimension + 1);
                else
                {
                    elements.MoveNext();
                    SqlType element = array.Type!.Element!;
                    Append(output, elements.IsNull ? Datum.Null(element) : ArrayFunctions.Element(element, elements.Current), context);
                }
            }

            output.Write((byte)']');
        }
    }

    internal static ByteSlice Canonical(QueryContext context, ByteWriter json) => Canonical(context, json.Written);

    internal static ByteSlice Canonical(QueryContext context, ReadOnlySpan<byte> json)
    {
        var canonical = new ByteWriter(json.Length + 16);
        JsonParser.Canonicalize(json, canonical);
        return context.Arena.Copy(canonical.Written);
    }

    [SqlFunction("to_json", Parameters = "anyelement", Returns = "json", Volatility = Volatility.Stable), SqlFunction("row_to_json", Parameters = "record", Returns = "json", Volatility = Volatility.Stable), SqlFunction("array_to_json", Parameters = "anyarray", Returns = "json", Volatility = Volatility.Stable)]
    public static ByteSlice ToJson(QueryContext context, Datum value)
    {
        var output = new ByteWriter();
        Append(output, value, context);
        return context.Arena.Copy(output.Written);
    }

    [SqlFunction("to_jsonb", Parameters = "anyelement", Returns = "jsonb", Volatility = Volatility.Stable)]
    public static ByteSlice ToJsonb(QueryContext context, Datum value)
    {
        var output = new ByteWriter();
        Append(output, value, context);
        return Canonical(context, output);
    }

    [SqlFunction("json_build_object", Parameters = "any", Returns = "json", Variadic = true, Strict = false, Volatility = Volatility.Stable)]
    public static ByteSlice BuildObject(QueryContext context, Datum[] arguments) => context.Arena.Copy(ObjectText(context, arguments).Written);

    [SqlFunction("jsonb_build_object", Parameters = "any", Returns = "jsonb", Variadic = true, Strict = false, Volatility = Volatility.Stable)]
    public static ByteSlice BuildObjectB(QueryContext context, Datum[] arguments) => Canonical(context, ObjectText(context, arguments));

    private static ByteWriter ObjectText(QueryContext context, Datum[] arguments)
    {
        if (arguments.Length % 2 != 0) throw new SqlException(SqlState.InvalidParameterValue, "argument list must have even number of elements", hint: "The arguments of jsonb_build_object() must consist of alternating keys and values.");
        var output = new ByteWriter();
        output.Write((byte)'{');
        for (int i = 0; i < arguments.Length; i += 2)
        {
            if (i > 0) output.Write(", "u8);
            WriteKey(output, arguments[i], i + 1, context);
            output.Write(" : "u8);
            Append(output, arguments[i + 1], context);
        }

        output.Write((byte)'}');
        return output;
    }

    internal static void WriteKey(ByteWriter output, Datum key, int position, QueryContext context)
    {
        if (key.IsNull) throw new SqlException(SqlState.InvalidParameterValue, position > 0 ? $"argument {position}: key must not be null" : "field name must not be null");
        var text = new ByteWriter();
        key.WriteText(text, context.Settings);
        JsonParser.WriteString(output, text.Written);
    }

    [SqlFunction("json_build_array", Parameters = "any", Returns = "json", Variadic = true, Strict = false, Volatility = Volatility.Stable)]
    public static ByteSlice BuildArray(QueryContext context, Datum[] arguments) => context.Arena.Copy(ArrayText(context, arguments).Written);

    [SqlFunction("jsonb_build_array", Parameters = "any", Returns = "jsonb", Variadic = true, Strict = false, Volatility = Volatility.Stable)]
    public static ByteSlice BuildArrayB(QueryContext context, Datum[] arguments) => Canonical(context, ArrayText(context, arguments));

    private static ByteWriter ArrayText(QueryContext context, Datum[] arguments)
    {
        var output = new ByteWriter();
        output.Write((byte)'[');
        for (int i = 0; i < arguments.Length; i++)
        {
            if (i > 0) output.Write(", "u8);
            Append(output, arguments[i], context);
        }

        output.Write((byte)']');
        return output;
    }

    [SqlOperator("||", "jsonb_concat", Parameters = "jsonb, jsonb", Returns = "jsonb")]
    public static ByteSlice Concat(QueryContext context, Datum a, Datum b)
    {
        JsonElement left = Parse(a), right = Parse(b);
        var output = new ByteWriter();
        if (left.ValueKind == JsonValueKind.Object && right.ValueKind == JsonValueKind.Object)
        {
            output.Write((byte)'{');
            bool first = true;
            foreach (JsonProperty member in left.EnumerateObject().Concat(right.EnumerateObject()))
            {
                if (!first) output.Write((byte)',');
                first = false;
                JsonParser.WriteString(output, Encoding.UTF8.GetBytes(member.Name));
                output.Write((byte)':');
                output.Write(member.Value.GetRawText());
            }

            output.Write((byte)'}');
        }
        else
        {
            var items = Items(left).Concat(Items(right)).ToArray();
            output.Write("[" + string.Join(",", items) + "]");
        }

        return Canonical(context, output);

        static IEnumerable<string> Items(JsonElement element) => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().Select(item => item.GetRawText()) : [element.GetRawText()];
    }

    [SqlFunction("jsonb_pretty", Parameters = "jsonb", Returns = "text")]
    public static string Pretty(Datum json)
    {
        var text = new StringBuilder();
        Write(Parse(json), 0);
        return text.ToString();

        void Write(JsonElement element, int depth)
        {
            string inner = new(' ', (depth + 1) * 4), outer = new(' ', depth * 4);
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    text.Append('{');
                    bool first = true;
                    foreach (JsonProperty member in element.EnumerateObject())
                    {
                        text.Append(first ? "\n" : ",\n").Append(inner).Append(Quoted(member.Name)).Append(": ");
                        first = false;
                        Write(member.Value, depth + 1);
                    }

                    text.Append('\n').Append(outer).Append('}');
                    break;
                case JsonValueKind.Array:
                    text.Append('[');
                    first = true;
                    foreach (JsonElement item in element.EnumerateArray())
                    {
                        text.Append(first ? "\n" : ",\n").Append(inner);
                        first = false;
                        Write(item, depth + 1);
                    }

                    text.Append('\n').Append(outer).Append(']');
                    break;
                default: text.Append(element.GetRawText()); break;
            }
        }
    }

    private static string Quoted(string name)
    {
        var output = new ByteWriter();
        JsonParser.WriteString(output, Encoding.UTF8.GetBytes(name));
        return output.ToString();
    }

    // ---- Rows ----

    [SqlTableFunction("jsonb_each", Parameters = "jsonb", Columns = "key text, value jsonb"), SqlTableFunction("json_each", Parameters = "json", Columns = "key text, value json")]
    public static void Each(Datum json, RowWriter rows) => EachMember(json, rows, asText: false);

    [SqlTableFunction("jsonb_each_text", Parameters = "jsonb", Columns = "key text, value text"), SqlTableFunction("json_each_text", Parameters = "json", Columns = "key text, value text")]
    public static void EachText(Datum json, RowWriter rows) => EachMember(json, rows, asText: true);

    private static void EachMember(Datum json, RowWriter rows, bool asText)
    {
        JsonElement element = Parse(json);
        if (element.ValueKind != JsonValueKind.Object) throw new SqlException(SqlState.InvalidParameterValue, "cannot call jsonb_each on a non-object");
        foreach (JsonProperty member in element.EnumerateObject())
        {
            rows.BeginRow();
            rows.SetBytes(0, Encoding.UTF8.GetBytes(member.Name));
            if (!asText) rows.SetBytes(1, Encoding.UTF8.GetBytes(member.Value.GetRawText()));
            else if (Shown(member.Value) is { } text) rows.SetBytes(1, text);
        }
    }

    private static byte[]? Shown(JsonElement value) => value.ValueKind switch { JsonValueKind.Null => null, JsonValueKind.String => Encoding.UTF8.GetBytes(value.GetString()!), _ => Encoding.UTF8.GetBytes(value.GetRawText()) };

    [SqlTableFunction("jsonb_array_elements", Parameters = "jsonb", Columns = "value jsonb"), SqlTableFunction("json_array_elements", Parameters = "json", Columns = "value json")]
    public static void Elements(Datum json, RowWriter rows)
    {
        foreach (JsonElement item in ArrayOf(json).EnumerateArray())
        {
            rows.BeginRow();
            rows.SetBytes(0, Encoding.UTF8.GetBytes(item.GetRawText()));
        }
    }

    [SqlTableFunction("jsonb_array_elements_text", Parameters = "jsonb", Columns = "value text"), SqlTableFunction("json_array_elements_text", Parameters = "json", Columns = "value text")]
    public static void ElementsText(Datum json, RowWriter rows)
    {
        foreach (JsonElement item in ArrayOf(json).EnumerateArray())
        {
            rows.BeginRow();
            if (Shown(item) is { } text) rows.SetBytes(0, text);
        }
    }

    private static JsonElement ArrayOf(Datum json) => Parse(json) is { ValueKind: JsonValueKind.Array } array ? array : throw new SqlException(SqlState.InvalidParameterValue, "cannot extract elements from a non-array");

    [SqlTableFunction("jsonb_object_keys", Parameters = "jsonb", Returns = "text"), SqlTableFunction("json_object_keys", Parameters = "json", Returns = "text")]
    public static void Keys(Datum json, RowWriter rows)
    {
        JsonElement element = Parse(json);
        if (element.ValueKind != JsonValueKind.Object) throw new SqlException(SqlState.InvalidParameterValue, "cannot call jsonb_object_keys on a non-object");
        foreach (JsonProperty member in element.EnumerateObject())
        {
            rows.BeginRow();
            rows.SetBytes(0, Encoding.UTF8.GetBytes(member.Name));
        }
    }
}
