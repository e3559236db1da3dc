namespace DriftDb.Storage;

/// <summary>A full scan of a table at one moment; made by <see cref="StorageTable.Scan"/>.</summary>
public abstract class TableScan : VectorSource
{
    /// <summary>
    /// Splits a scan that hasn't begun into up to <paramref name="count"/> scans of disjoint rows, which together yield what it would; each may run on a thread of its own.
    /// This scan must not be used afterwards.
    /// </summary>
    public abstract IReadOnlyList<TableScan> Split(int count);
}
