using System.Globalization;
using System.Text;
using System.Text.Json;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>What takes a part of a JSON value away, puts one in or another in its place.</summary>
internal static class JsonEdits
{
    private enum PathEdit { Replace, SetOrCreate, InsertBefore, InsertAfter, Delete }

    [SqlOperator("-", "jsonb_delete", Parameters = "jsonb, text", Returns = "jsonb")]
    public static ByteSlice Delete(QueryContext context, Datum json, string key) => DeleteKeys(context, json, [key]);

    [SqlOperator("-", "jsonb_delete", Parameters = "jsonb, text[]", Returns = "jsonb")]
    public static ByteSlice Delete(QueryContext context, Datum json, Datum keys) => DeleteKeys(context, json, [.. Steps(keys).OfType<string>()]);

    [SqlOperator("-", "jsonb_delete", Parameters = "jsonb, integer", Returns = "jsonb")]
    public static ByteSlice Delete(QueryContext context, Datum json, int index)
    {
        JsonElement element = JsonFunctions.Parse(json);
        if (element.ValueKind == JsonValueKind.Object) throw new SqlException(SqlState.InvalidParameterValue, "cannot delete from object using integer index");
        if (element.ValueKind != JsonValueKind.Array) throw new SqlException(SqlState.InvalidParameterValue, "cannot delete from scalar");
        int place = index < 0 ? index + element.GetArrayLength() : index;
        return Written(context, output => WriteList(output, element.EnumerateArray().Where((_, i) => i != place), item => output.Write(item.GetRawText())));
    }

    private static ByteSlice DeleteKeys(QueryContext context, Datum json, HashSet<string> keys)
    {
        JsonElement element = JsonFunctions.Parse(json);
        return Written(context, output =>
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object: WriteMembers(output, element.EnumerateObject().Where(member => !keys.Contains(member.Name)), value => output.Write(value.GetRawText())); break;
                case JsonValueKind.Array: WriteList(output, element.EnumerateArray().Where(item => item.ValueKind != JsonValueKind.String || !keys.Contains(item.GetString()!)), item => output.Write(item.GetRawText())); break;
                default: throw new SqlException(SqlState.InvalidParameterValue, "cannot delete from scalar");
            }
        });
    }

    [SqlOperator("#-", "jsonb_delete_path", Parameters = "jsonb, text[]", Returns = "jsonb")]
    public static ByteSlice DeletePath(QueryContext context, Datum json, Datum path) => Edit(context, json, path, default, PathEdit.Delete);

    [SqlFunction("jsonb_set", Parameters = "jsonb, text[], jsonb", Returns = "jsonb")]
    public static ByteSlice Set(QueryContext context, Datum json, Datum path, Datum value) => Set(context, json, path, value, true);

    [SqlFunction("jsonb_set", Parameters = "jsonb, text[], jsonb, boolean", Returns = "jsonb")]
    public static ByteSlice Set(QueryContext context, Datum json, Datum path, Datum value, bool create) => Edit(context, json, path, value.Bytes, create ? PathEdit.SetOrCreate : PathEdit.Replace);

    [SqlFunction("jsonb_insert", Parameters = "jsonb, text[], jsonb", Returns = "jsonb")]
    public static ByteSlice Insert(QueryContext context, Datum json, Datum path, Datum value) => Insert(context, json, path, value, false);

    [SqlFunction("jsonb_insert", Parameters = "jsonb, text[], jsonb, boolean", Returns = "jsonb")]
    public static ByteSlice Insert(QueryContext context, Datum json, Datum path, Datum value, bool after) => Edit(context, json, path, value.Bytes, after ? PathEdit.InsertAfter : PathEdit.InsertBefore);

    [SqlFunction("jsonb_set_lax", Parameters = "jsonb, text[], jsonb", Returns = "jsonb", Strict = false)]
    public static Datum SetLax(QueryContext context, Datum json, Datum path, Datum value) => SetLax(context, json, path, value, true, "use_json_null");

    [SqlFunction("jsonb_set_lax", Parameters = "jsonb, text[], jsonb, boolean", Returns = "jsonb", Strict = false)]
    public static Datum SetLax(QueryContext context, Datum json, Datum path, Datum value, bool? create) => SetLax(context, json, path, value, create, "use_json_null");

    [SqlFunction("jsonb_set_lax", Parameters = "jsonb, text[], jsonb, boolean, text", Returns = "jsonb", Strict = false)]
    public static Datum SetLax(QueryContext context, Datum json, Datum path, Datum value, bool? create, string? nullValueTreatment)
    {
        if (json.IsNull || path.IsNull || create is not { } mayCreate) return Datum.Null(SqlType.Jsonb);
        if (nullValueTreatment is not ("raise_exception" or "use_json_null" or "delete_key" or "return_target"))
            throw new SqlException(SqlState.InvalidParameterValue, "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"");
        if (!value.IsNull) return Datum.Of(SqlType.Jsonb, Set(context, json, path, value, mayCreate));
        return nullValueTreatment switch
        {
            "raise_exception" => throw new SqlException(SqlState.NullValueNotAllowed, "JSON value must not be null", detail: "Exception was raised because null_value_treatment is \"raise_exception\".", hint: "To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed."),
            "use_json_null" => Datum.Of(SqlType.Jsonb, Edit(context, json, path, context.Arena.Copy("null"u8), mayCreate ? PathEdit.SetOrCreate : PathEdit.Replace)),
            "delete_key" => Datum.Of(SqlType.Jsonb, DeletePath(context, json, path)),
            _ => json,
        };
    }

    private static ByteSlice Edit(QueryContext context, Datum json, Datum path, ByteSlice value, PathEdit edit)
    {
        JsonElement root = JsonFunctions.Parse(json);
        if (root.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)) throw new SqlException(SqlState.InvalidParameterValue, edit == PathEdit.Delete ? "cannot delete path in scalar" : "cannot set path in scalar");
        List<string?> steps = Steps(path);
        return steps.Count == 0 ? json.Bytes : Written(context, output => Edit(output, root, steps, 0, value, edit));
    }

    private static void Edit(ByteWriter output, JsonElement element, List<string?> steps, int depth, ByteSlice value, PathEdit edit)
    {
        if (element.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
        {
            output.Write(element.GetRawText());
            return;
        }

        string step = steps[depth] ?? throw new SqlException(SqlState.NullValueNotAllowed, $"path element at position {depth + 1} is null");
        bool isLast = depth == steps.Count - 1;
        if (element.ValueKind == JsonValueKind.Object) EditObject();
        else EditArray();

        void EditObject()
        {
            bool isThere = element.TryGetProperty(step, out _);
            if (isThere && isLast && edit is PathEdit.InsertBefore or PathEdit.InsertAfter)
                throw new SqlException(SqlState.InvalidParameterValue, "cannot replace existing key", hint: "Try using the function jsonb_set to replace key value.");
            var members = element.EnumerateObject().Where(member => !(isLast && edit == PathEdit.Delete && member.Name == step)).Select(member => (member.Name, (JsonElement?)member.Value));
            if (!isThere && isLast && edit is not (PathEdit.Replace or PathEdit.Delete)) members = members.Append((step, null));
            bool isFirst = true;
            output.Write((byte)'{');
            foreach (var (name, old) in members)
            {
                if (!isFirst) output.Write((byte)',');
                isFirst = false;
                JsonParser.WriteString(output, Encoding.UTF8.GetBytes(name));
                output.Write((byte)':');
                if (old is not { } member || name == step && isLast) output.Write(value.Span);
                else if (name == step) Edit(output, member, steps, depth + 1, value, edit);
                else output.Write(member.GetRawText());
            }

            output.Write((byte)'}');
        }

        void EditArray()
        {
            if (!int.TryParse(step, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out int index))
                throw new SqlException(SqlState.InvalidTextRepresentation, $"path element at position {depth + 1} is not an integer: \"{step}\"");
            int length = element.GetArrayLength();
            // An index in front of the first element or behind the last one makes a new element there.
            int place = index < 0 ? Math.Max(index + length, -1) : Math.Min(index, length);
            bool creates = isLast && edit is not (PathEdit.Replace or PathEdit.Delete);
            var items = new List<Action>();
            if (creates && place < 0) items.Add(WriteValue);
            for (int i = 0; i < length; i++)
            {
                JsonElement item = element[i];
                void WriteOld() => output.Write(item.GetRawText());
                if (i != place) items.Add(WriteOld);
                else if (!isLast) items.Add(() => Edit(output, item, steps, depth + 1, value, edit));
                else
                {
                    if (edit is PathEdit.InsertAfter) items.Add(WriteOld);
                    if (edit is not PathEdit.Delete) items.Add(WriteValue);
                    if (edit is PathEdit.InsertBefore) items.Add(WriteOld);
                }
            }

            if (creates && place == length) items.Add(WriteValue);
            WriteList(output, items, write => write());
        }

        void WriteValue() => output.Write(value.Span);
    }

    [SqlFunction("jsonb_strip_nulls", Parameters = "jsonb", Returns = "jsonb")]
    public static ByteSlice StripNulls(QueryContext context, Datum json) => Written(context, output => Strip(output, JsonFunctions.Parse(json)));

    [SqlFunction("json_strip_nulls", Parameters = "json", Returns = "json")]
    public static ByteSlice StripNullsOfText(QueryContext context, Datum json)
    {
        var output = new ByteWriter();
        Strip(output, JsonFunctions.Parse(json));
        return context.Arena.Copy(output.Written);
    }

    private static void Strip(ByteWriter output, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object: WriteMembers(output, element.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null), value => Strip(output, value)); break;
            case JsonValueKind.Array: WriteList(output, element.EnumerateArray(), item => Strip(output, item)); break;
            case JsonValueKind.String: JsonParser.WriteString(output, Encoding.UTF8.GetBytes(element.GetString()!)); break;
            default: output.Write(element.GetRawText()); break;
        }
    }

    private static void WriteMembers(ByteWriter output, IEnumerable<JsonProperty> members, Action<JsonElement> writeValue)
    {
        bool isFirst = true;
        output.Write((byte)'{');
        foreach (JsonProperty member in members)
        {
            if (!isFirst) output.Write((byte)',');
            isFirst = false;
            JsonParser.WriteString(output, Encoding.UTF8.GetBytes(member.Name));
            output.Write((byte)':');
            writeValue(member.Value);
        }

        output.Write((byte)'}');
    }

    private static void WriteList<T>(ByteWriter output, IEnumerable<T> items, Action<T> write)
    {
        bool isFirst = true;
        output.Write((byte)'[');
        foreach (T item in items)
        {
            if (!isFirst) output.Write((byte)',');
            isFirst = false;
            write(item);
        }

        output.Write((byte)']');
    }

    /// <summary>A jsonb of what is written.</summary>
    private static ByteSlice Written(QueryContext context, Action<ByteWriter> write)
    {
        var output = new ByteWriter();
        write(output);
        return JsonFunctions.Canonical(context, output);
    }

    private static List<string?> Steps(Datum array)
    {
        var steps = new List<string?>();
        var items = new ArrayReader(array.Bytes).GetEnumerator();
        while (items.MoveNext()) steps.Add(items.IsNull ? null : Encoding.UTF8.GetString(items.Current));
        return steps;
    }
}
