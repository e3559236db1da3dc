using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// Parts of arrays: <c>a[1:2]</c>, and what <c>SET a[1] = …</c> and <c>SET a[1:2] = …</c> make of an array. The binder writes them as calls of these functions. A slice's bounds come as two
/// arrays, with a number that says by two bits a dimension which of them were written (PostgreSQL's arrayfuncs.c: array_get_slice, array_set_element, array_set_slice).
/// </summary>
internal static class ArraySlices
{
    /// <summary>Elements that an array may not exceed: a subscript can ask for any length.</summary>
    private const int MaxElements = 134_217_727;

    [SqlFunction("array_slice", Parameters = "anyarray, integer[], integer[], integer", Returns = "anyarray")]
    public static Datum Slice(QueryContext context, Datum array, Datum lows, Datum highs, int given)
    {
        var reader = new ArrayReader(array.Bytes);
        int?[] low = Bounds(lows), high = Bounds(highs);
        if (low.Contains(null) || high.Contains(null)) return Datum.Null(array.Type!);
        int dimensions = reader.Dimensions;
        if (low.Length > dimensions || dimensions == 0) return Empty(context, array);
        int[] first = new int[dimensions], lengths = new int[dimensions], ones = new int[dimensions], shape = new int[dimensions];
        for (int i = 0; i < dimensions; i++)
        {
            shape[i] = reader.Length(i);
            int start = reader.LowerBound(i), end = start + shape[i] - 1;
            int from = i < low.Length && IsGiven(given, 2 * i) ? Math.Max(start, low[i]!.Value) : start;
            int to = i < high.Length && IsGiven(given, 2 * i + 1) ? Math.Min(end, high[i]!.Value) : end;
            if (from > to) return Empty(context, array);
            (first[i], lengths[i], ones[i]) = (from - start, to - from + 1, 1);
        }

        var items = Items(array);
        var builder = new ArrayBuilder();
        builder.Begin(lengths, ones);
        foreach (int place in Places(shape, first, lengths)) ArrayFunctions.Add(builder, items[place]);
        return Datum.OfBytes(array.Type!, builder.Finish(), context.Arena);
    }

    [SqlFunction("array_set_element", Parameters = "anyarray, integer[], anyelement", Returns = "anyarray", Strict = false)]
    public static Datum SetElement(QueryContext context, Datum array, Datum subscripts, Datum element)
    {
        int[] indexes = Given(Bounds(subscripts));
        SqlType type = array.Type!;
        if (array.IsNull || new ArrayReader(array.Bytes).Dimensions == 0)
            return Build(context, type, [.. indexes.Select(_ => 1)], indexes, [element]);
        (int[] lengths, int[] bounds) = Shape(array);
        if (indexes.Length != lengths.Length) throw Wrong("wrong number of array subscripts");
        var items = Items(array);
        if (indexes.Length == 1)
        {
            Extend(type, items, lengths, bounds, indexes[0], indexes[0]);
            items[indexes[0] - bounds[0]] = element;
        }
        else
        {
            int place = 0;
            for (int i = 0; i < indexes.Length; i++)
            {
                int at = indexes[i] - bounds[i];
                if (at < 0 || at >= lengths[i]) throw Wrong("array subscript out of range");
                place = place * lengths[i] + at;
            }

            items[place] = element;
        }

        return Build(context, type, lengths, bounds, items);
    }

    [SqlFunction("array_set_slice", Parameters = "anyarray, integer[], integer[], integer, anyarray", Returns = "anyarray", Strict = false)]
    public static Datum SetSlice(QueryContext context, Datum array, Datum lows, Datum highs, Datum given, Datum source)
    {
        int[] low = Given(Bounds(lows)), high = Given(Bounds(highs));
        int written = given.As<int>();
        SqlType type = array.Type!;
        if (source.IsNull) return array;
        var values = Items(source);
        if (array.IsNull || new ArrayReader(array.Bytes).Dimensions == 0)
        {
            for (int i = 0; i < 2 * low.Length; i++)
                if (!IsGiven(written, i)) throw new SqlException(SqlState.ArraySubscriptError, "array slice subscript must provide both boundaries", detail: "When assigning to a slice of an empty array value, slice boundaries must be fully specified.");
            int[] sizes = [.. low.Zip(high, (from, to) => Span(from, to))];
            int wanted = sizes.Aggregate(1, (a, b) => checked(a * b));
            if (values.Count < wanted) throw Wrong("source array too small");
            return Build(context, type, sizes, low, values[..wanted]);
        }

        (int[] lengths, int[] bounds) = Shape(array);
        int dimensions = lengths.Length;
        if (low.Length > dimensions) throw Wrong("wrong number of array subscripts");
        int[] from = new int[dimensions], count = new int[dimensions];
        for (int i = 0; i < dimensions; i++)
        {
            int start = i < low.Length && IsGiven(written, 2 * i) ? low[i] : bounds[i];
            int end = i < high.Length && IsGiven(written, 2 * i + 1) ? high[i] : bounds[i] + lengths[i] - 1;
            (from[i], count[i]) = (start, Span(start, end));
            if (dimensions > 1 && (start < bounds[i] || end > bounds[i] + lengths[i] - 1)) throw Wrong("array subscript out of range");
        }

        var items = Items(array);
        if (dimensions == 1) Extend(type, items, lengths, bounds, from[0], from[0] + count[0] - 1);
        if (values.Count < count.Aggregate(1, (a, b) => a * b)) throw Wrong("source array too small");
        int next = 0;
        foreach (int place in Places(lengths, [.. from.Zip(bounds, (start, bound) => start - bound)], count)) items[place] = values[next++];
        return Build(context, type, lengths, bounds, items);
    }

    private static bool IsGiven(int given, int bit) => (given >> bit & 1) != 0;

    private static int Span(int from, int to) => from <= to ? checked(to - from + 1) : throw Wrong("upper bound cannot be less than lower bound");

    private static SqlException Wrong(string message) => new(SqlState.ArraySubscriptError, message);

    private static Datum Empty(QueryContext context, Datum array)
    {
        var builder = new ArrayBuilder();
        builder.Begin([], []);
        return Datum.OfBytes(array.Type!, builder.Finish(), context.Arena);
    }

    /// <summary>Makes room for the places of one dimension; what lies between is NULL.</summary>
    private static void Extend(SqlType type, List<Datum> items, int[] lengths, int[] bounds, int from, int to)
    {
        SqlType element = ArrayReader.StoredElement(type.Element!);
        long length = Math.Max(bounds[0] + (long)lengths[0], to + 1L) - Math.Min(bounds[0], from);
        if (length > MaxElements) throw new SqlException(SqlState.ProgramLimitExceeded, $"array size exceeds the maximum allowed ({MaxElements})");
        if (from < bounds[0])
        {
            items.InsertRange(0, Enumerable.Repeat(Datum.Null(element), bounds[0] - from));
            bounds[0] = from;
        }

        while (items.Count < length) items.Add(Datum.Null(element));
        lengths[0] = items.Count;
    }

    /// <summary>The places of a part of an array, in row-major order.</summary>
    private static IEnumerable<int> Places(int[] shape, int[] first, int[] lengths)
    {
        int[] at = new int[shape.Length];
        int total = lengths.Aggregate(1, (a, b) => a * b);
        for (int n = 0; n < total; n++)
        {
            int place = 0;
            for (int i = 0; i < shape.Length; i++) place = place * shape[i] + first[i] + at[i];
            yield return place;
            for (int i = shape.Length - 1; i >= 0 && ++at[i] == lengths[i]; i--) at[i] = 0;
        }
    }

    private static Datum Build(QueryContext context, SqlType type, int[] lengths, int[] bounds, List<Datum> items)
    {
        var builder = new ArrayBuilder();
        builder.Begin(lengths, bounds);
        foreach (var item in items) ArrayFunctions.Add(builder, item);
        return Datum.OfBytes(type, builder.Finish(), context.Arena);
    }

    private static (int[] Lengths, int[] Bounds) Shape(Datum array)
    {
        var reader = new ArrayReader(array.Bytes);
        int[] lengths = new int[reader.Dimensions], bounds = new int[reader.Dimensions];
        for (int i = 0; i < lengths.Length; i++) (lengths[i], bounds[i]) = (reader.Length(i), reader.LowerBound(i));
        return (lengths, bounds);
    }

    private static List<Datum> Items(Datum array)
    {
        SqlType element = ArrayReader.StoredElement(array.Type!.Element!);
        var result = new List<Datum>();
        var items = new ArrayReader(array.Bytes).GetEnumerator();
        while (items.MoveNext()) result.Add(items.IsNull ? Datum.Null(element) : ArrayFunctions.Element(element, items.Current));
        return result;
    }

    private static int?[] Bounds(Datum array) => [.. Items(array).Select(item => item.IsNull ? (int?)null : item.As<int>())];

    private static int[] Given(int?[] bounds) => [.. bounds.Select(bound => bound ?? throw new SqlException(SqlState.NullValueNotAllowed, "array subscript in assignment must not be null"))];
}
