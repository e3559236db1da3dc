using System.Text;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>The array functions that SQL calls.</summary>
internal static unsafe partial class ArrayFunctions
{
    [SqlFunction("array_length", Parameters = "anyarray, integer")]
    public static int? Length(Datum array, int dimension) => new ArrayReader(array.Bytes) is var reader && dimension >= 1 && dimension <= reader.Dimensions ? reader.Length(dimension - 1) : null;

    [SqlFunction("array_lower", Parameters = "anyarray, integer")]
    public static int? Lower(Datum array, int dimension) => new ArrayReader(array.Bytes) is var reader && dimension >= 1 && dimension <= reader.Dimensions ? reader.LowerBound(dimension - 1) : null;

    [SqlFunction("array_upper", Parameters = "anyarray, integer")]
    public static int? Upper(Datum array, int dimension) =>
        new ArrayReader(array.Bytes) is var reader && dimension >= 1 && dimension <= reader.Dimensions ? reader.LowerBound(dimension - 1) + reader.Length(dimension - 1) - 1 : null;

    [SqlFunction("array_ndims", Parameters = "anyarray")]
    public static int? Dimensions(Datum array) => new ArrayReader(array.Bytes).Dimensions is > 0 and var n ? n : null;

    [SqlFunction("cardinality", Parameters = "anyarray")]
    public static int Cardinality(Datum array) => new ArrayReader(array.Bytes).Count;

    [SqlFunction("array_dims", Parameters = "anyarray")]
    public static string? Dims(Datum array)
    {
        var reader = new ArrayReader(array.Bytes);
        if (reader.Dimensions == 0) return null;
        var text = new StringBuilder();
        for (int i = 0; i < reader.Dimensions; i++) text.Append('[').Append(reader.LowerBound(i)).Append(':').Append(reader.LowerBound(i) + reader.Length(i) - 1).Append(']');
        return text.ToString();
    }

    private static Datum Finish(QueryContext context, SqlType type, ArrayBuilder builder) => Datum.OfBytes(type, builder.Finish(), context.Arena);

    [SqlFunction("array_append", Parameters = "anyarray, anyelement", Returns = "anyarray", Strict = false), SqlOperator("||", "array_append", Parameters = "anyarray, anyelement", Returns = "anyarray", Strict = false)]
    public static Datum Append(QueryContext context, Datum array, Datum element)
    {
        var builder = new ArrayBuilder();
        builder.Begin();
        if (!array.IsNull) Copy(builder, array);
        Add(builder, element);
        return Finish(context, array.IsNull ? SqlType.ArrayOf(element.Type!) : array.Type!, builder);
    }

    [SqlFunction("array_prepend", Parameters = "anyelement, anyarray", Returns = "anyarray", Strict = false), SqlOperator("||", "array_prepend", Parameters = "anyelement, anyarray", Returns = "anyarray", Strict = false)]
    public static Datum Prepend(QueryContext context, Datum element, Datum array)
    {
        var builder = new ArrayBuilder();
        builder.Begin();
        Add(builder, element);
        if (!array.IsNull) Copy(builder, array);
        return Finish(context, array.IsNull ? SqlType.ArrayOf(element.Type!) : array.Type!, builder);
    }

    [SqlFunction("array_cat", Parameters = "anyarray, anyarray", Returns = "anyarray", Strict = false), SqlOperator("||", "array_cat", Parameters = "anyarray, anyarray", Returns = "anyarray", Strict = false)]
    public static Datum Concat(QueryContext context, Datum a, Datum b)
    {
        if (a.IsNull) return b;
        if (b.IsNull) return a;
        var left = new ArrayReader(a.Bytes);
        var right = new ArrayReader(b.Bytes);
        if (left.Count == 0) return b;
        if (right.Count == 0) return a;
        var builder = new ArrayBuilder();
        int dimensions = Math.Max(left.Dimensions, right.Dimensions);
        if (dimensions == 1) builder.Begin();
        else
        {
            ArrayReader shape = left.Dimensions == dimensions ? left : right;
            int[] lengths = new int[dimensions], bounds = new int[dimensions];
            for (int i = 0; i < dimensions; i++) (lengths[i], bounds[i]) = (shape.Length(i), shape.LowerBound(i));
            lengths[0] = (left.Dimensions == dimensions ? left.Length(0) : 1) + (right.Dimensions == dimensions ? right.Length(0) : 1);
            builder.Begin(lengths, bounds);
        }

        Copy(builder, a);
        Copy(builder, b);
        return Finish(context, a.Type!, builder);
    }

    private static void Copy(ArrayBuilder builder, Datum array)
    {
        var items = new ArrayReader(array.Bytes).GetEnumerator();
        while (items.MoveNext()) builder.AddElement(items);
    }

    private static SqlType Stored(Datum array) => ArrayReader.StoredElement(array.Type!.Element!);

    [SqlFunction("array_position", Parameters = "anyarray, anyelement", Strict = false)]
    public static int? Position(Datum array, Datum element)
    {
        if (array.IsNull) return null;
        var reader = new ArrayReader(array.Bytes);
        int at = reader.Dimensions > 0 ? reader.LowerBound(0) : 1;
        var items = reader.GetEnumerator();
        for (; items.MoveNext(); at++)
            if (items.IsNull ? element.IsNull : !element.IsNull && DatumComparer.Compare(Element(Stored(array), items.Current), element) == 0) return at;
        return null;
    }

    [SqlFunction("array_positions", Parameters = "anyarray, anyelement", Returns = "integer[]", Strict = false)]
    public static Datum Positions(QueryContext context, Datum array, Datum element)
    {
        SqlType type = SqlType.ArrayOf(SqlType.Int4);
        if (array.IsNull) return Datum.Null(type);
        var builder = new ArrayBuilder();
        builder.Begin();
        int at = 1;
        var items = new ArrayReader(array.Bytes).GetEnumerator();
        for (; items.MoveNext(); at++)
            if (items.IsNull ? element.IsNull : !element.IsNull && DatumComparer.Compare(Element(Stored(array), items.Current), element) == 0) Add(builder, Datum.Of(SqlType.Int4, at));
        return Finish(context, type, builder);
    }

    [SqlFunction("trim_array", Parameters = "anyarray, integer", Returns = "anyarray")]
    public static Datum Trim(QueryContext context, Datum array, int count)
    {
        var reader = new ArrayReader(array.Bytes);
        int length = reader.Dimensions == 0 ? 0 : reader.Length(0);
        if (count < 0 || count > length) throw new SqlException(SqlState.ArraySubscriptError, $"number of elements to trim must be between 0 and {length}");
        if (length == 0) return array;
        SqlType bounds = SqlType.ArrayOf(SqlType.Int4);
        Datum Bound(int value) => Build(context, bounds, [Datum.Of(SqlType.Int4, value)]) is var bytes ? Datum.Of(bounds, bytes) : default;
        return ArraySlices.Slice(context, array, Bound(reader.LowerBound(0)), Bound(reader.LowerBound(0) + length - 1 - count), given: 3);
    }

    [SqlFunction("array_remove", Parameters = "anyarray, anyelement", Returns = "anyarray", Strict = false)]
    public static Datum Remove(QueryContext context, Datum array, Datum element) => Mapped(context, array, (builder, item) =>
    {
        if (!Same(item, element)) Add(builder, item);
    });

    [SqlFunction("array_replace", Parameters = "anyarray, anyelement, anyelement", Returns = "anyarray", Strict = false)]
    public static Datum Replace(QueryContext context, Datum array, Datum from, Datum to) => Mapped(context, array, (builder, item) => Add(builder, Same(item, from) ? to : item));

    private static bool Same(Datum a, Datum b) => a.IsNull || b.IsNull ? a.IsNull && b.IsNull : DatumComparer.Compare(a, b) == 0;

    private static Datum Mapped(QueryContext context, Datum array, Action<ArrayBuilder, Datum> map)
    {
        if (array.IsNull) return array;
        var builder = new ArrayBuilder();
        builder.Begin();
        var items = new ArrayReader(array.Bytes).GetEnumerator();
        while (items.MoveNext()) map(builder, items.IsNull ? Datum.Null(Stored(array)) : Element(Stored(array), items.Current));
        return Finish(context, array.Type!, builder);
    }

    [SqlOperator("@>", "arraycontains", Parameters = "anyarray, anyarray")]
    public static bool Contains(Datum a, Datum b)
    {
        var items = new ArrayReader(b.Bytes).GetEnumerator();
        while (items.MoveNext())
            if (items.IsNull || Position(a, Element(Stored(b), items.Current)) is null) return false;
        return true;
    }

    [SqlOperator("<@", "arraycontained", Parameters = "anyarray, anyarray")]
    public static bool ContainedIn(Datum a, Datum b) => Contains(b, a);

    [SqlOperator("&&", "arrayoverlap", Parameters = "anyarray, anyarray")]
    public static bool Overlaps(Datum a, Datum b)
    {
        var items = new ArrayReader(b.Bytes).GetEnumerator();
        while (items.MoveNext())
            if (!items.IsNull && Position(a, Element(Stored(b), items.Current)) is not null) return true;
        return false;
    }

    [SqlFunction("string_to_array", Parameters = "text, text", Returns = "text[]", Strict = false)]
    public static Datum FromString(QueryContext context, string? text, string? delimiter) => FromString(context, text, delimiter, null);

    [SqlFunction("string_to_array", Parameters = "text, text, text", Returns = "text[]", Strict = false)]
    public static Datum FromString(QueryContext context, string? text, string? delimiter, string? nullText)
    {
        SqlType type = SqlType.ArrayOf(SqlType.Text);
        if (text is null) return Datum.Null(type);
        var builder = new ArrayBuilder();
        builder.Begin();
        IEnumerable<string> parts = text.Length == 0 ? [] : delimiter is null ? text.EnumerateRunes().Select(rune => rune.ToString()) : delimiter.Length == 0 ? [text] : text.Split(delimiter);
        foreach (string part in parts)
        {
            if (part == nullText) builder.AddNull();
            else builder.Add(Encoding.UTF8.GetBytes(part));
        }

        return Finish(context, type, builder);
    }

    [SqlFunction("array_to_string", Parameters = "anyarray, text", Volatility = Plan.Volatility.Stable)]
    public static string ToText(QueryContext context, Datum array, string delimiter) => ToText(context, array, delimiter, null)!;

    [SqlFunction("array_to_string", Parameters = "anyarray, text, text", Strict = false, Volatility = Plan.Volatility.Stable)]
    public static string? ToText(QueryContext context, Datum array, string? delimiter, string? nullText)
    {
        if (array.IsNull || delimiter is null) return null;
        var text = new ByteWriter();
        bool first = true;
        var items = new ArrayReader(array.Bytes).GetEnumerator();
        while (items.MoveNext())
        {
            if (items.IsNull && nullText is null) continue;
            if (!first) text.Write(delimiter);
            first = false;
            if (items.IsNull) text.Write(nullText!);
            else ValueWriter.WriteBytesForm(text, Stored(array), items.Current, context.Settings);
        }

        return text.ToString();
    }

    [SqlFunction("array_fill", Parameters = "anyelement, integer[]", Returns = "anyarray", Strict = false)]
    public static Datum Fill(QueryContext context, Datum element, Datum lengths) =>
        Filled(context, element, Sizes(lengths), null);

    [SqlFunction("array_fill", Parameters = "anyelement, integer[], integer[]", Returns = "anyarray", Strict = false)]
    public static Datum Fill(QueryContext context, Datum element, Datum lengths, Datum lowerBounds) =>
        Filled(context, element, Sizes(lengths), Sizes(lowerBounds));

    private static Datum Filled(QueryContext context, Datum element, int[] lengths, int[]? bounds)
    {
        bounds ??= [.. lengths.Select(_ => 1)];
        if (bounds.Length != lengths.Length) throw new SqlException(SqlState.ArraySubscriptError, "wrong number of array subscripts", detail: "Low bound array has different size than dimensions array.");
        var builder = new ArrayBuilder();
        if (lengths.Contains(0) || lengths.Length == 0) return Finish(context, SqlType.ArrayOf(element.Type!), Begun(builder));
        builder.Begin(lengths, bounds);
        long total = 1;
        foreach (int length in lengths)
        {
            total *= length;
            if (length < 0 || total > MaxElements) throw new SqlException(SqlState.ProgramLimitExceeded, $"array size exceeds the maximum allowed ({MaxElements})");
        }

        for (int i = 0; i < total; i++) Add(builder, element);
        return Finish(context, SqlType.ArrayOf(element.Type!), builder);
    }

    /// <summary>PostgreSQL's bound: what fits into a gigabyte.</summary>
    private const int MaxElements = 134_217_727;

    private static ArrayBuilder Begun(ArrayBuilder builder)
    {
        builder.Begin();
        return builder;
    }

    private static int[] Sizes(Datum array)
    {
        if (array.IsNull) throw new SqlException(SqlState.NullValueNotAllowed, "dimension array or low bound array cannot be null");
        if (new ArrayReader(array.Bytes).Dimensions > 1) throw new SqlException(SqlState.ArraySubscriptError, "wrong number of array subscripts", detail: "Dimension array must be one dimensional.");
        var sizes = new List<int>();
        var items = new ArrayReader(array.Bytes).GetEnumerator();
        while (items.MoveNext()) sizes.Add(items.IsNull ? throw new SqlException(SqlState.NullValueNotAllowed, "dimension values cannot be null") : Element(SqlType.Int4, items.Current).As<int>());
        return [.. sizes];
    }

    // ---- Rows from arrays, and series ----

    [SqlTableFunction("unnest", Parameters = "anyarray", Returns = "anyelement")]
    public static void Unnest(Datum array, RowWriter rows)
    {
        SqlType stored = Stored(array), column = rows.Layout.Types[0];
        byte* slot = stackalloc byte[16];
        var items = new ArrayReader(array.Bytes).GetEnumerator();
        while (items.MoveNext())
        {
            rows.BeginRow();
            if (items.IsNull) continue;
            Datum item = Element(stored, items.Current);
            if (column.IsFixedNumeric)
            {
                ValueReader.StoreNumeric(item.Numeric, column, slot, rows.Arena);
                rows.Set(0, Datum.FromSlot(column, slot));
            }
            else rows.Set(0, item);
        }
    }

    [SqlTableFunction("generate_subscripts", Parameters = "anyarray, integer", Returns = "integer")]
    public static void Subscripts(Datum array, int dimension, RowWriter rows)
    {
        var reader = new ArrayReader(array.Bytes);
        if (dimension < 1 || dimension > reader.Dimensions) return;
        for (int i = 0; i < reader.Length(dimension - 1); i++)
        {
            rows.BeginRow();
            rows.Set(0, reader.LowerBound(dimension - 1) + i);
        }
    }

    [SqlTableFunction("generate_series", Returns = "integer")]
    public static void Series(int start, int stop, RowWriter rows) => Series(start, stop, 1, rows);

    [SqlTableFunction("generate_series", Returns = "integer")]
    public static void Series(int start, int stop, int step, RowWriter rows)
    {
        CheckStep(step == 0);
        for (long value = start; step > 0 ? value <= stop : value >= stop; value += step)
        {
            rows.BeginRow();
            rows.Set(0, (int)value);
        }
    }

    [SqlTableFunction("generate_series", Returns = "bigint")]
    public static void Series(long start, long stop, RowWriter rows) => Series(start, stop, 1L, rows);

    [SqlTableFunction("generate_series", Returns = "bigint")]
    public static void Series(long start, long stop, long step, RowWriter rows)
    {
        CheckStep(step == 0);
        for (Int128 value = start; step > 0 ? value <= stop : value >= stop; value += step)
        {
            rows.BeginRow();
            rows.Set(0, (long)value);
        }
    }

    [SqlTableFunction("generate_series", Returns = "numeric")]
    public static void Series(SqlNumeric start, SqlNumeric stop, RowWriter rows) => Series(start, stop, SqlNumeric.One, rows);

    [SqlTableFunction("generate_series", Returns = "numeric")]
    public static void Series(SqlNumeric start, SqlNumeric stop, SqlNumeric step, RowWriter rows)
    {
        CheckStep(step.IsZero);
        int scale = Math.Max(start.Scale, step.Scale);
        for (SqlNumeric value = start.WithScale(scale); step.Sign > 0 ? value.CompareTo(stop) <= 0 : value.CompareTo(stop) >= 0; value = SqlNumeric.Add(value, step))
        {
            rows.BeginRow();
            rows.Set(0, Datum.OfNumeric(value, rows.Arena));
        }
    }

    [SqlTableFunction("generate_series", Parameters = "timestamp without time zone, timestamp without time zone, interval", Returns = "timestamp without time zone")]
    public static void SeriesOfTimestamps(long start, long stop, Interval step, RowWriter rows)
    {
        int sign = step.Comparable.CompareTo(Int128.Zero);
        CheckStep(sign == 0);
        for (long value = start; sign > 0 ? value <= stop : value >= stop; value = IntervalMath.AddTo(value, step))
        {
            rows.BeginRow();
            rows.Set(0, value);
        }
    }

    [SqlTableFunction("generate_series", Parameters = "timestamp with time zone, timestamp with time zone, interval", Returns = "timestamp with time zone", Volatility = Plan.Volatility.Stable)]
    public static void SeriesOfTimestampTz(QueryContext context, long start, long stop, Interval step, RowWriter rows)
    {
        int sign = step.Comparable.CompareTo(Int128.Zero);
        CheckStep(sign == 0);
        for (long value = start; sign > 0 ? value <= stop : value >= stop; value = IntervalMath.AddToUtc(value, step, context.Settings))
        {
            rows.BeginRow();
            rows.Set(0, value);
        }
    }

    private static void CheckStep(bool isZero)
    {
        if (isZero) throw new SqlException(SqlState.InvalidParameterValue, "step size cannot equal zero");
    }

    [SqlTableFunction("string_to_table", Returns = "text")]
    public static void StringToTable(string text, string delimiter, RowWriter rows)
    {
        foreach (string part in text.Length == 0 ? [] : delimiter.Length == 0 ? [text] : text.Split(delimiter))
        {
            rows.BeginRow();
            rows.SetBytes(0, Encoding.UTF8.GetBytes(part));
        }
    }
}
