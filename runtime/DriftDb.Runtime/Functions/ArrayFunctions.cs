using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>What array expressions are compiled to, and the array functions.</summary>
internal static unsafe partial class ArrayFunctions
{
    /// <summary>ARRAY[…]: elements, or arrays of one shape for one dimension more.</summary>
    public static ByteSlice Build(QueryContext context, SqlType type, Datum[] elements)
    {
        var builder = new ArrayBuilder();
        bool nested = elements.Length > 0 && elements[0].Type!.IsArray && type.Element is { IsArray: false };
        if (!nested)
        {
            builder.Begin();
            foreach (Datum element in elements) Add(builder, element);
            return context.Arena.Copy(builder.Finish());
        }

        int dimensions = -1;
        int[] lengths = [], bounds = [];
        foreach (Datum element in elements)
        {
            if (element.IsNull) throw NotSameShape();
            var inner = new ArrayReader(element.Bytes);
            if (dimensions < 0)
            {
                dimensions = inner.Dimensions;
                lengths = new int[dimensions + 1];
                bounds = new int[dimensions + 1];
                lengths[0] = elements.Length;
                bounds[0] = 1;
                for (int i = 0; i < dimensions; i++) (lengths[i + 1], bounds[i + 1]) = (inner.Length(i), inner.LowerBound(i));
            }

            if (inner.Dimensions != dimensions) throw NotSameShape();
            for (int i = 0; i < dimensions; i++)
                if (inner.Length(i) != lengths[i + 1]) throw NotSameShape();
        }

        if (dimensions == 0) builder.Begin();
        else
        {
            builder.Begin(lengths, bounds);
            foreach (Datum element in elements)
            {
                var items = new ArrayReader(element.Bytes).GetEnumerator();
                while (items.MoveNext()) builder.AddElement(items);
            }
        }

        return context.Arena.Copy(builder.Finish());

        static SqlException NotSameShape() => new(SqlState.ArraySubscriptError, "multidimensional arrays must have array expressions with matching dimensions");
    }

    public static void Add(ArrayBuilder builder, Datum element)
    {
        if (element.IsNull)
        {
            builder.AddNull();
            return;
        }

        byte* slot = stackalloc byte[16];
        element.WriteTo(slot);
        builder.AddSlot(element.Type!, slot);
    }

    /// <summary>All elements in order, whatever the array's dimensions; none of NULL.</summary>
    public static Datum[] Elements(Datum array)
    {
        if (array.IsNull) return [];
        SqlType element = ElementType(array.Type!);
        var elements = new List<Datum>();
        var items = new ArrayReader(array.Bytes).GetEnumerator();
        while (items.MoveNext()) elements.Add(items.IsNull ? Datum.Null(element) : Element(element, items.Current));
        return [.. elements];
    }

    public static SqlType ElementType(SqlType array) => array.Element ?? (array.Id == TypeId.Int2Vector ? SqlType.Int2 : SqlType.Oid);

    /// <summary>An element of an array as a datum that points into the array.</summary>
    public static Datum Element(SqlType element, ReadOnlySpan<byte> value)
    {
        SqlType stored = ArrayReader.StoredElement(element);
        fixed (byte* address = value)
        {
            // The array's bytes are pinned memory of an arena or a chunk: the address stays.
            if (stored.Kind == PhysicalKind.Bytes) return Datum.Of(stored, new ByteSlice(address, value.Length));
            return Datum.FromSlot(stored, address);
        }
    }

    public static Datum Subscript(SqlType arrayType, ByteSlice array, int[] indexes)
    {
        var reader = new ArrayReader(array);
        SqlType element = ElementType(arrayType);
        if (reader.Dimensions != indexes.Length) return Datum.Null(element);
        int place = 0;
        for (int i = 0; i < indexes.Length; i++)
        {
            int at = indexes[i] - reader.LowerBound(i);
            if (at < 0 || at >= reader.Length(i)) return Datum.Null(element);
            place = place * reader.Length(i) + at;
        }

        return reader.TryGet(place, ArrayReader.StoredElement(element).Kind, out ReadOnlySpan<byte> value) ? Element(element, value) : Datum.Null(element);
    }

    /// <summary><c>x op ANY|ALL (array)</c>: 1, 0, or -1 for NULL.</summary>
    public static int Quantified(Datum operand, Datum array, ComparisonOperator op, bool isAll)
    {
        if (array.IsNull) return -1;
        SqlType element = ElementType(array.Type!);
        SqlType stored = ArrayReader.StoredElement(element);
        bool unknown = false;
        var items = new ArrayReader(array.Bytes).GetEnumerator();
        while (items.MoveNext())
        {
            if (items.IsNull || operand.IsNull)
            {
                unknown = true;
                continue;
            }

            bool holds = Holds(op, DatumComparer.Compare(operand, Element(stored, items.Current)));
            if (holds != isAll) return isAll ? 0 : 1;
        }

        return unknown ? -1 : isAll ? 1 : 0;
    }

    private static bool Holds(ComparisonOperator op, int order) => op switch
    {
        ComparisonOperator.Equal => order == 0,
        ComparisonOperator.NotEqual => order != 0,
        ComparisonOperator.Less => order < 0,
        ComparisonOperator.LessOrEqual => order <= 0,
        ComparisonOperator.Greater => order > 0,
        _ => order >= 0,
    };
}

internal static unsafe class DatumComparer
{
    /// <summary>Order of two values of one type (numerics in any form, integers of any width).</summary>
    public static int Compare(Datum left, Datum right)
    {
        if (left.Type!.Id == TypeId.Numeric) return left.Numeric.CompareTo(right.Numeric);
        if (left.Type.Kind != right.Type!.Kind && left.Type.IsInteger && right.Type.IsInteger) return Whole(left).CompareTo(Whole(right));
        byte* slots = stackalloc byte[32];
        left.WriteTo(slots);
        right.WriteTo(slots + 16);
        return ValueComparer.Compare(left.Type, slots, slots + 16);
    }

    private static long Whole(Datum value) => value.Type!.Kind switch { PhysicalKind.Int16 => value.As<short>(), PhysicalKind.Int32 => value.As<int>(), _ => value.As<long>() };
}
