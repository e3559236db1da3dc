using DriftDb.Types;

namespace DriftDb.Storage;

internal enum WriteKind : byte
{
    Insert,
    Update,
    Delete,
    Truncate,
    Bulk,
}

/// <summary>One thing a transaction has done. Entries are only appended; a rollback to a savepoint cuts them off.</summary>
internal unsafe struct WriteEntry
{
    public TableWrites Writes;

    /// <summary>The row's new values (null for a delete), in <see cref="Definition"/>'s layout.</summary>
    public byte* Tuple;

    public TableDefinition Definition;

    /// <summary>The rows of a bulk insert, numbered from <see cref="RowId"/>.</summary>
    public TupleBuffer? Rows;

    public long RowId;

    /// <summary>The row's entry before this one (-1: none); for a truncate, where the table was truncated before.</summary>
    public int Previous;

    public WriteKind Kind;

    /// <summary>Nothing that the transaction has done: the row's newest committed state, which this statement sees in place of its snapshot's (see <see cref="StoreTransaction.RetryStatement"/>).</summary>
    public bool IsRecheck;

    /// <summary>The row was born in this transaction: if it ends in it as well, nothing of it is left.</summary>
    public bool IsNewRow;
}

/// <summary>What a transaction has done to one table.</summary>
internal sealed class TableWrites(StorageTable table)
{
    private const long LargestKeptBytes = 256 * 1024;

    private Dictionary<StorageIndex, OwnKeys>? _keys;
    private Dictionary<StorageIndex, OwnPeriods>? _periods;

    public StorageTable Table { get; } = table;

    /// <summary>Row id → its newest entry. Rows of bulk inserts are here only once they are touched again.</summary>
    public RowMap Latest { get; } = new();

    /// <summary>The transaction's entries that belong to this table, in order.</summary>
    public PageableList<int> Entries { get; } = new();

    /// <summary>Those of them that are bulk inserts.</summary>
    public List<int> Bulks { get; } = [];

    /// <summary>The newest truncate's entry; -1 for none. Everything before it is void.</summary>
    public int TruncatedAt { get; set; } = -1;

    /// <summary>Counts rollbacks to savepoints, which void what was derived from the entries.</summary>
    public int Generation { get; set; }

    /// <summary>Where tuples are copied to; a new one after the definition has changed.</summary>
    public TupleBuffer? Buffer { get; set; }

    /// <summary>What is kept of changed rows in memory that can't be paged out.</summary>
    public long ManagedBytes => Latest.ManagedBytes + (_keys?.Values.Sum(keys => keys.ManagedBytes) ?? 0);

    /// <summary>The tuples' memory when it is more than should be kept for another transaction.</summary>
    public TupleBuffer? TakeLargeBuffer()
    {
        if (Buffer is not { CapacityBytes: > LargestKeptBytes } large) return null;
        Buffer = null;
        return large;
    }

    /// <summary>Empties it for another transaction. Tuple memory is pinned and dear to allocate, so small buffers are kept.</summary>
    public void Reset()
    {
        _keys = null;
        _periods = null;
        Latest.Clear();
        Entries.Clear();
        Bulks.Clear();
        TruncatedAt = -1;
        Generation = 0;
        Buffer?.Clear();
    }

    public OwnKeys KeysOf(StorageIndex index)
    {
        _keys ??= [];
        if (!_keys.TryGetValue(index, out OwnKeys? keys)) _keys.Add(index, keys = new OwnKeys(index, this));
        return keys;
    }

    public OwnPeriods PeriodsOf(StorageIndex index)
    {
        _periods ??= [];
        if (!_periods.TryGetValue(index, out OwnPeriods? periods)) _periods.Add(index, periods = new OwnPeriods(index, this));
        return periods;
    }
}
