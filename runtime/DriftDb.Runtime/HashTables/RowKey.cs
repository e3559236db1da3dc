using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>A row as a dictionary's key, by all of its columns: NULL equals NULL. The row must stay where it is.</summary>
internal readonly unsafe struct RowKey(long address, TupleLayout layout) : IEquatable<RowKey>
{
    private readonly long _address = address;

    public bool Equals(RowKey other)
    {
        byte* a = (byte*)_address, b = (byte*)other._address;
        for (int i = 0; i < layout.ColumnCount; i++)
        {
            bool isNull = TupleLayout.IsNull(a, i);
            if (isNull != TupleLayout.IsNull(b, i)) return false;
            if (!isNull && ValueComparer.Compare(layout.Types[i], a + layout.Offset(i), b + layout.Offset(i)) != 0) return false;
        }

        return true;
    }

    public override bool Equals(object? obj) => obj is RowKey other && Equals(other);

    public override int GetHashCode()
    {
        ulong hash = 0;
        byte* row = (byte*)_address;
        for (int i = 0; i < layout.ColumnCount; i++)
            hash = ValueComparer.Mix(hash ^ (TupleLayout.IsNull(row, i) ? 1 : ValueComparer.Hash(layout.Types[i], row + layout.Offset(i))));
        return (int)(hash >> 32);
    }
}
