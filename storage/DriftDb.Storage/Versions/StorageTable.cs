namespace DriftDb.Storage;

/// <summary>A table: its versions, its indexes. The same object for the table's whole life.</summary>
public sealed partial class StorageTable
{
    public long Id { get; }

    /// <summary>The store that it is a table of.</summary>
    public DriftStore Store { get; }

    /// <summary>The newest committed definition. A transaction's own pending one: <see cref="StoreTransaction.DefinitionOf"/>.</summary>
    public partial TableDefinition Definition { get; }

    /// <summary>The definition as of a catalog version; null when the table didn't exist then.</summary>
    public partial TableDefinition? DefinitionAt(long catalogVersion);

    /// <summary>Its committed indexes.</summary>
    public partial IReadOnlyList<StorageIndex> Indexes { get; }

    /// <summary>Committed rows alive now.</summary>
    public partial long LiveRowCount { get; }

    /// <summary>Versions stored, copies of time splits included.</summary>
    public partial long StoredVersionCount { get; }

    /// <summary>Yields the rows of a moment, in vectors that point straight into the chunks. Writes that the transaction makes after the scan was created are not seen.</summary>
    /// <param name="view">The moment.</param>
    /// <param name="columnIds">Columns wanted; <see cref="SystemColumn"/> numbers too. Slot k of the vector is columnIds[k].</param>
    /// <param name="transaction">Whose own writes are to be seen; null for none (always for the past).</param>
    /// <param name="bounds">Necessary conditions by which chunks may be skipped.</param>
    public partial TableScan Scan(ReadView view, ReadOnlySpan<int> columnIds, StoreTransaction? transaction = null, ReadOnlySpan<ZoneBound> bounds = default);

    /// <summary>Yields every version of a period, each once, with its true begin and end.</summary>
    public partial VectorSource ScanPeriod(ReadView view, PeriodKind kind, long fromSequence, long toSequence, ReadOnlySpan<int> columnIds);

    /// <summary>The row with this key at this moment. The key is normalized (<see cref="KeyBuilder"/>); the index must be unique.</summary>
    public partial bool TryGet(StorageIndex index, ReadOnlySpan<byte> key, ReadView view, StoreTransaction? transaction, out RowVersion row);

    /// <summary>The same for an index whose key is a single Int16, Int32 or Int64 column: no encoding, no allocation.</summary>
    public partial bool TryGet(StorageIndex index, long key, ReadView view, StoreTransaction? transaction, out RowVersion row);

    /// <summary>The row with this identity at this moment.</summary>
    public partial bool TryGetRow(long rowId, ReadView view, StoreTransaction? transaction, out RowVersion row);

    /// <summary>All versions of a row, newest first: for the history of a key.</summary>
    public partial IReadOnlyList<RowVersion> VersionsOf(long rowId, ReadView view);
}
