using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// The entries of a write set in order. They are packed without references, so that those of a transaction that changes more rows than there is memory for can lie in swap space.
/// </summary>
internal sealed unsafe class WriteEntries
{
    private readonly PageableList<Packed> _entries = new();
    private readonly List<(TableWrites Writes, TableDefinition Definition)> _targets = [];
    private List<TupleBuffer>? _bulks;

    private struct Packed
    {
        /// <summary>For a bulk insert the number of its buffer.</summary>
        public long Tuple;
        public long RowId;
        public int Previous;
        public int Target;
        public WriteKind Kind;
        public bool IsRecheck, IsNewRow;
    }

    public int Count => _entries.Count;

    public WriteEntry this[int number]
    {
        get
        {
            Packed packed = _entries[number];
            (TableWrites writes, TableDefinition definition) = _targets[packed.Target];
            bool isBulk = packed.Kind == WriteKind.Bulk;
            return new WriteEntry
            {
                Writes = writes,
                Definition = definition,
                Tuple = isBulk ? null : (byte*)packed.Tuple,
                Rows = isBulk ? _bulks![(int)packed.Tuple] : null,
                RowId = packed.RowId,
                Previous = packed.Previous,
                Kind = packed.Kind,
                IsRecheck = packed.IsRecheck,
                IsNewRow = packed.IsNewRow,
            };
        }
    }

    public int PreviousOf(int number) => _entries[number].Previous;

    public WriteKind KindOf(int number) => _entries[number].Kind;

    public void Add(in WriteEntry entry)
    {
        long tuple = (long)entry.Tuple;
        if (entry.Rows is not null)
        {
            _bulks ??= [];
            tuple = _bulks.Count;
            _bulks.Add(entry.Rows);
        }

        _entries.Add(new Packed
        {
            Tuple = tuple,
            RowId = entry.RowId,
            Previous = entry.Previous,
            Target = TargetOf(entry.Writes, entry.Definition),
            Kind = entry.Kind,
            IsRecheck = entry.IsRecheck,
            IsNewRow = entry.IsNewRow,
        });
    }

    public void RemoveLast()
    {
        if (_entries[_entries.Count - 1].Kind == WriteKind.Bulk) _bulks!.RemoveAt(_bulks!.Count - 1);
        _entries.RemoveLast();
    }

    /// <summary>Gives everything back; it isn't used any more.</summary>
    public void Clear() => _entries.Clear();

    /// <summary>A transaction writes to few tables, and most often to the one it wrote to last.</summary>
    private int TargetOf(TableWrites writes, TableDefinition definition)
    {
        for (int i = _targets.Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(_targets[i].Writes, writes) && ReferenceEquals(_targets[i].Definition, definition)) return i;
        }

        _targets.Add((writes, definition));
        return _targets.Count - 1;
    }
}
