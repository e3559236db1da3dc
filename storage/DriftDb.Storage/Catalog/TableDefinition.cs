using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>A column as the store sees it. <paramref name="Id"/> is stable within the table for ever: a dropped column's id isn't used again.</summary>
/// <param name="Id">Stable number within the table, from 1; below 1,000,000.</param>
/// <param name="Name">For schema.yaml and messages only.</param>
/// <param name="Type">Its type; another type is another column.</param>
/// <param name="MissingValue">
/// What rows older than the column have, in tuple form (see <see cref="StoredValue"/>); null for NULL. This makes ADD COLUMN … DEFAULT instant.
/// </param>
public sealed record ColumnDefinition(int Id, string Name, SqlType Type, StoredValue? MissingValue = null);

/// <summary>A table as the store sees it. Immutable; an ALTER TABLE makes another one of the same id.</summary>
public sealed record TableDefinition(long Id, string SchemaName, string Name, ImmutableArray<ColumnDefinition> Columns)
{
    private TupleLayout? _layout;
    private Dictionary<int, int>? _ordinals;

    /// <summary>The columns in table order.</summary>
    public ImmutableArray<ColumnDefinition> Columns
    {
        get;
        init
        {
            // A with expression copies what was derived from the old columns.
            field = value;
            _layout = null;
            _ordinals = null;
        }
    } = Columns;

    /// <summary>False for WITHOUT SYSTEM VERSIONING: AS OF is refused above; the store keeps the history anyway until retention drops it.</summary>
    public bool IsVersioned { get; init; } = true;

    /// <summary>How long a version is kept after its end; null for ever. A retention run drops what is older.</summary>
    public Interval? HistoryRetention { get; init; }

    /// <summary>How rows given to and read from the store as tuples lie: the columns in table order.</summary>
    public TupleLayout Layout => _layout ??= new TupleLayout([.. Columns.Select(column => column.Type)]);

    /// <summary>The column's place in table order; -1 when the table has no such column.</summary>
    public int OrdinalOf(int columnId)
    {
        _ordinals ??= Columns.Select((column, ordinal) => (column.Id, ordinal)).ToDictionary(pair => pair.Id, pair => pair.ordinal);
        return _ordinals.GetValueOrDefault(columnId, -1);
    }
}

/// <summary>One column of an index's key.</summary>
/// <param name="ColumnId">The table's column; 0 when the key part is an expression's value, which only the index's <see cref="KeyExtractor"/> knows.</param>
/// <param name="Type">The key part's type.</param>
public sealed record KeyColumn(int ColumnId, SqlType Type, bool Descending = false, bool NullsFirst = false);

/// <summary>An index as the store sees it.</summary>
public sealed record IndexDefinition(long Id, long TableId, string Name, ImmutableArray<KeyColumn> Key, bool IsUnique)
{
    /// <summary>Answers ranges and order (a B+tree). A unique index answers points by a hash in either case; a plain index must be ordered.</summary>
    public bool IsOrdered { get; init; } = true;

    /// <summary>Rows enter only where the extractor says so (partial index), or the key holds expressions: <see cref="DriftStore.AttachExtractor"/> after every start.</summary>
    public bool NeedsExtractor { get; init; }

    /// <summary>UNIQUE NULLS NOT DISTINCT.</summary>
    public bool NullsNotDistinct { get; init; }

    /// <summary>The last two parts of the key are the ends of a period, and no two living rows that agree in the parts before may have periods that overlap. Not unique besides.</summary>
    public bool WithoutOverlaps { get; init; }
}
