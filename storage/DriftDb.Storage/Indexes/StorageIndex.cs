namespace DriftDb.Storage;

/// <summary>An index of a table: answers by key for every moment.</summary>
public sealed partial class StorageIndex
{
    public partial IndexDefinition Definition { get; }

    public partial StorageTable Table { get; }

    /// <summary>False until the extractor it needs is attached; such an index answers nothing.</summary>
    public partial bool IsUsable { get; }

    /// <summary>Yields rows in the index's order (or against it), gathered into buffers.</summary>
    /// <param name="view">The moment.</param>
    /// <param name="range">Which keys.</param>
    /// <param name="columnIds">Columns wanted; <see cref="SystemColumn"/> numbers too. Slot k of the vector is columnIds[k].</param>
    /// <param name="transaction">Whose own writes are to be seen; null for none. Writes made after the scan was created are not seen.</param>
    /// <param name="backward">From high to low.</param>
    public partial VectorSource Scan(ReadView view, KeyRange range, ReadOnlySpan<int> columnIds, StoreTransaction? transaction = null, bool backward = false);

    /// <summary>Of several ranges that don't overlap, given in the order in which they are to be read.</summary>
    public partial VectorSource Scan(ReadView view, KeyRange[] ranges, ReadOnlySpan<int> columnIds, StoreTransaction? transaction, bool backward);

    /// <summary>All rows that ever had exactly this key, oldest first: for the history of a key.</summary>
    public partial IReadOnlyList<long> RowIdsEver(ReadOnlySpan<byte> key);
}
