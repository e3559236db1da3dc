using System.Collections.Immutable;

namespace DriftDb.Storage;

public sealed partial class StorageTable
{
    private readonly RowDirectory _rows;
    private readonly System.Collections.Concurrent.ConcurrentStack<TableWrites> _writeSets = new();
    private ColumnChunk[] _chunks = new ColumnChunk[4];
    private int _chunkCount;
    private long _liveRows, _nextRowId, _storedVersions;
    private ImmutableArray<(long CatalogVersion, TableDefinition? Definition)> _definitions = [];
    private ImmutableDictionary<int, ColumnDefinition> _columnsEver = ImmutableDictionary<int, ColumnDefinition>.Empty;
    private ImmutableArray<StorageIndex> _indexes = [];

    internal StorageTable(DriftStore store, TableDefinition definition)
    {
        Store = store;
        _rows = new RowDirectory(store.Memory.IndexPages, store.IsVolatile ? new MemoryAccount("never saved", long.MaxValue) : store.Memory.Changed);
        Id = definition.Id;
        Pending = definition;
        _openLayout = new ChunkLayout(definition.Columns);
    }

    /// <summary>The definition given at creation, until the creating transaction commits.</summary>
    internal TableDefinition Pending { get; }

    public partial TableDefinition Definition
    {
        get
        {
            ImmutableArray<(long CatalogVersion, TableDefinition? Definition)> definitions = _definitions;
            for (int i = definitions.Length - 1; i >= 0; i--)
            {
                if (definitions[i].Definition is { } definition) return definition;
            }

            return Pending;
        }
    }

    public partial TableDefinition? DefinitionAt(long catalogVersion)
    {
        ImmutableArray<(long CatalogVersion, TableDefinition? Definition)> definitions = _definitions;
        for (int i = definitions.Length - 1; i >= 0; i--)
        {
            if (definitions[i].CatalogVersion <= catalogVersion) return definitions[i].Definition;
        }

        return null;
    }

    internal bool IsDropped => _definitions.Length > 0 && _definitions[^1].Definition is null;

    internal bool IsCommitted => _definitions.Length > 0;

    /// <summary>Sequences of definitions, for schema.yaml.</summary>
    internal ImmutableArray<(long CatalogVersion, TableDefinition? Definition)> DefinitionHistory => _definitions;

    public partial IReadOnlyList<StorageIndex> Indexes => _indexes;

    internal ImmutableArray<StorageIndex> IndexArray => _indexes;

    public partial long LiveRowCount => Volatile.Read(ref _liveRows);

    public partial long StoredVersionCount => Volatile.Read(ref _storedVersions);

    /// <summary>Gives out row ids. A rolled-back insert leaves a hole, which costs 8 bytes.</summary>
    internal long TakeRowIds(int count) => Interlocked.Add(ref _nextRowId, count) - count;

    /// <summary>Recovery: ids up to this one are used.</summary>
    internal void ReserveRowIds(long through) => _nextRowId = Math.Max(_nextRowId, through + 1);

    /// <summary>Any column the table ever had; null when it had none of that id.</summary>
    internal ColumnDefinition? ColumnEver(int columnId) => _columnsEver.GetValueOrDefault(columnId) ?? Pending.Columns.FirstOrDefault(column => column.Id == columnId);

    /// <summary>A committed CREATE, ALTER or DROP (null). Under the commit lock.</summary>
    internal void ApplyDefinition(long catalogVersion, TableDefinition? definition)
    {
        if (definition is not null)
        {
            foreach (ColumnDefinition column in definition.Columns) _columnsEver = _columnsEver.SetItem(column.Id, column);
            bool sameColumns = _openLayout.Columns.SequenceEqual(definition.Columns);
            if (!sameColumns)
            {
                // New versions have the new columns, so they go to a new chunk; copies keep dropped columns, for versions that are read by key as of then.
                _openLayout = new ChunkLayout(definition.Columns);
                SealOpenChunk();
                if (_copy is not null) SealCopyChunk();
            }

            _copyLayout = null;
        }

        _definitions = _definitions.Add((catalogVersion, definition));
    }

    internal void AddIndex(StorageIndex index) => _indexes = _indexes.Add(index);

    internal void RemoveIndex(StorageIndex index) => _indexes = _indexes.Remove(index);

    /// <summary>Write sets are used again: a transaction of one row must not allocate pinned buffers.</summary>
    internal TableWrites RentWrites() => _writeSets.TryPop(out TableWrites? writes) ? writes : new TableWrites(this);

    internal void ReturnWrites(TableWrites writes)
    {
        writes.Reset();
        if (_writeSets.Count < 64) _writeSets.Push(writes);
    }

    /// <summary>The last sequence at which a commit changed its rows or columns; a snapshot taken later has everything.</summary>
    internal long ChangedAt { get; private set; }

    internal ColumnChunk ChunkAt(int number) => Volatile.Read(ref _chunks)[number];

    /// <summary>The chunk directory as it is now: entries below the count don't change.</summary>
    internal ColumnChunk[] Chunks(out int count)
    {
        count = Volatile.Read(ref _chunkCount);
        return Volatile.Read(ref _chunks);
    }
}
