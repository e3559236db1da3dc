using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// The elements of an array that is the same for all rows of a run, by their hash: for <c>x = ANY (array)</c> and <c>x &lt;&gt; ALL (array)</c>. Made at the first row; the array must
/// stay where it is.
/// </summary>
internal sealed unsafe class ArrayMembers
{
    /// <summary>Fewer are compared one after the other in the same time.</summary>
    private const int FewElements = 4;

    private Datum[]? _elements;
    private int[] _buckets = [], _next = [];
    private bool _hasNull;

    /// <summary>True when values of the two types are equal exactly where their hashes and their forms in a slot say so.</summary>
    public static bool CanHash(SqlType operand, SqlType element)
    {
        if (operand.Id == TypeId.Numeric || element.Id == TypeId.Numeric) return !operand.IsFixedNumeric && operand.Id == element.Id;
        return operand.Kind == element.Kind || (operand.IsInteger && element.IsInteger);
    }

    /// <summary><c>operand = ANY (array)</c>: 1, 0, or -1 for NULL.</summary>
    public int Any(Datum operand, Datum array)
    {
        if (array.IsNull) return -1;
        _elements ??= Read(array);
        if (operand.IsNull) return _elements.Length == 0 && !_hasNull ? 0 : -1;
        if (_elements.Length <= FewElements)
        {
            foreach (Datum element in _elements)
            {
                if (DatumComparer.Compare(operand, element) == 0) return 1;
            }
        }
        else
        {
            for (int at = _buckets[Bucket(operand)]; at >= 0; at = _next[at])
            {
                if (DatumComparer.Compare(operand, _elements[at]) == 0) return 1;
            }
        }

        return _hasNull ? -1 : 0;
    }

    /// <summary><c>operand &lt;&gt; ALL (array)</c>: 1, 0, or -1 for NULL.</summary>
    public int None(Datum operand, Datum array) => Any(operand, array) switch { 1 => 0, 0 => 1, _ => -1 };

    private Datum[] Read(Datum array)
    {
        SqlType element = ArrayFunctions.ElementType(array.Type!);
        var elements = new List<Datum>();
        var items = new ArrayReader(array.Bytes).GetEnumerator();
        while (items.MoveNext())
        {
            if (items.IsNull) _hasNull = true;
            else elements.Add(ArrayFunctions.Element(element, items.Current));
        }

        if (elements.Count > FewElements)
        {
            _buckets = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)elements.Count * 2)];
            _next = new int[elements.Count];
            Array.Fill(_buckets, -1);
            for (int i = 0; i < elements.Count; i++)
            {
                int bucket = Bucket(elements[i]);
                _next[i] = _buckets[bucket];
                _buckets[bucket] = i;
            }
        }

        return [.. elements];
    }

    private int Bucket(Datum value)
    {
        byte* slot = stackalloc byte[16];
        value.WriteTo(slot);
        return (int)(ValueComparer.Hash(value.Type!, slot) >> 32) & (_buckets.Length - 1);
    }
}
