using System.Text;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>json_object and jsonb_object: objects of text arrays, by pairs or by keys and values.</summary>
internal static class JsonObjects
{
    private const string ArraySubscriptError = "2202E";

    [SqlFunction("json_object", Parameters = "text[]", Returns = "json")] public static ByteSlice Of(QueryContext context, Datum pairs) => context.Arena.Copy(Text(Pairs(pairs)).Written);
    [SqlFunction("jsonb_object", Parameters = "text[]", Returns = "jsonb")] public static ByteSlice BinaryOf(QueryContext context, Datum pairs) => JsonFunctions.Canonical(context, Text(Pairs(pairs)));
    [SqlFunction("json_object", Parameters = "text[], text[]", Returns = "json")] public static ByteSlice Of(QueryContext context, Datum keys, Datum values) => context.Arena.Copy(Text(Pairs(keys, values)).Written);
    [SqlFunction("jsonb_object", Parameters = "text[], text[]", Returns = "jsonb")] public static ByteSlice BinaryOf(QueryContext context, Datum keys, Datum values) => JsonFunctions.Canonical(context, Text(Pairs(keys, values)));

    private static IEnumerable<(byte[]? Key, byte[]? Value)> Pairs(Datum array)
    {
        var reader = new ArrayReader(array.Bytes);
        if (reader.Dimensions == 1 && reader.Count % 2 != 0) throw new SqlException(ArraySubscriptError, "array must have even number of elements");
        if (reader.Dimensions == 2 && reader.Length(1) != 2) throw new SqlException(ArraySubscriptError, "array must have two columns");
        if (reader.Dimensions > 2) throw new SqlException(ArraySubscriptError, "wrong number of array subscripts");
        return Items(array).Chunk(2).Select(pair => (pair[0], pair[1]));
    }

    private static IEnumerable<(byte[]? Key, byte[]? Value)> Pairs(Datum keys, Datum values)
    {
        ArrayReader left = new(keys.Bytes), right = new(values.Bytes);
        if (left.Dimensions > 1 || left.Dimensions != right.Dimensions) throw new SqlException(ArraySubscriptError, "wrong number of array subscripts");
        if (left.Count != right.Count) throw new SqlException(ArraySubscriptError, "mismatched array dimensions");
        return Items(keys).Zip(Items(values));
    }

    private static List<byte[]?> Items(Datum array)
    {
        var all = new List<byte[]?>();
        var items = new ArrayReader(array.Bytes).GetEnumerator();
        while (items.MoveNext()) all.Add(items.IsNull ? null : items.Current.ToArray());
        return all;
    }

    private static ByteWriter Text(IEnumerable<(byte[]? Key, byte[]? Value)> pairs)
    {
        var output = new ByteWriter();
        output.Write((byte)'{');
        foreach (var (key, value) in pairs)
        {
            if (output.Length > 1) output.Write(", "u8);
            JsonParser.WriteString(output, key ?? throw new SqlException(SqlState.NullValueNotAllowed, "null value not allowed for object key"));
            output.Write(" : "u8);
            if (value is null) output.Write("null"u8);
            else JsonParser.WriteString(output, value);
        }

        output.Write((byte)'}');
        return output;
    }
}
