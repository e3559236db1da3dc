using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>One change of a definition or object within a transaction.</summary>
/// <param name="Payload">Null for a deletion.</param>
/// <param name="Live">What the payload stands for: a table's definition, an index, a sequence's definition.</param>
internal sealed record ObjectChange(int Kind, long Id, byte[]? Payload, object? Live = null);

/// <summary>Schema changes: a list, from which what the transaction sees is derived. Rare and small, so looking through the list is enough.</summary>
public sealed unsafe partial class StoreTransaction
{
    private readonly List<ObjectChange> _objects = [];
    private Dictionary<long, StorageTable>? _createdTables;

    internal IReadOnlyList<ObjectChange> ObjectChanges => _objects;

    public partial StorageTable? FindTable(long tableId)
    {
        if (LastChange(ObjectKind.Table, tableId) is { } change) return change.Payload is null ? null : _createdTables?.GetValueOrDefault(tableId) ?? _store.FindTable(tableId);
        return _store.FindTable(tableId) is { IsDropped: false } table ? table : null;
    }

    public partial TableDefinition DefinitionOf(StorageTable table) =>
        _objects.Count > 0 && LastChange(ObjectKind.Table, table.Id) is { Live: TableDefinition definition } ? definition : table.Definition;

    public partial IReadOnlyList<StorageIndex> IndexesOf(StorageTable table) => IndexListOf(table);

    public partial StorageTable CreateTable(TableDefinition definition)
    {
        CheckActive();
        if (_store.FindTable(definition.Id) is not null || _createdTables?.ContainsKey(definition.Id) == true) throw new InvalidOperationException($"Table id {definition.Id} has been used.");
        var table = new StorageTable(_store, definition);
        (_createdTables ??= []).Add(definition.Id, table);
        _objects.Add(new ObjectChange(ObjectKind.Table, definition.Id, ObjectCodec.Encode(definition), definition));
        return table;
    }

    public partial void AlterTable(TableDefinition definition)
    {
        CheckActive();
        TableDefinition old = DefinitionOf(FindTable(definition.Id) ?? throw new InvalidOperationException($"There is no table {definition.Id}."));
        foreach (ColumnDefinition column in definition.Columns)
        {
            if (old.OrdinalOf(column.Id) is >= 0 and var ordinal && old.Columns[ordinal].Type.Kind != column.Type.Kind)
                throw new InvalidOperationException($"Column {column.Id} can't change its representation; add another column.");
        }

        _objects.Add(new ObjectChange(ObjectKind.Table, definition.Id, ObjectCodec.Encode(definition), definition));
    }

    public partial void DropTable(StorageTable table)
    {
        CheckActive();
        foreach (StorageIndex index in IndexesOf(table)) DropIndex(index);
        _objects.Add(new ObjectChange(ObjectKind.Table, table.Id, null));
    }

    public partial StorageIndex CreateIndex(IndexDefinition definition, KeyExtractor? extractor)
    {
        CheckActive();
        StorageTable table = FindTable(definition.TableId) ?? throw new InvalidOperationException($"There is no table {definition.TableId}.");
        var index = new StorageIndex(table, definition, extractor);
        TableDefinition tableDefinition = DefinitionOf(table);
        if (index.IsUsable) index.Build(tableDefinition, ignoreDuplicates: WritesTo(table) is { TruncatedAt: >= 0 }, PassSafePoint);

        _objects.Add(new ObjectChange(ObjectKind.Index, definition.Id, ObjectCodec.Encode(definition), index));
        CheckOwnRows(table, index);
        return index;
    }

    public partial void DropIndex(StorageIndex index)
    {
        CheckActive();
        _objects.Add(new ObjectChange(ObjectKind.Index, index.Definition.Id, null, index));
    }

    public partial void PutSequence(SequenceDefinition definition)
    {
        CheckActive();
        _objects.Add(new ObjectChange(ObjectKind.Sequence, definition.Id, ObjectCodec.Encode(definition), definition));
        _store.Sequences.Define(definition);
    }

    public partial void DropSequence(long sequenceId)
    {
        CheckActive();
        _objects.Add(new ObjectChange(ObjectKind.Sequence, sequenceId, null));
    }

    /// <summary>The table's history goes up to the floor when this commits.</summary>
    internal void RaiseFloor(StorageTable table, HistoryFloor floor)
    {
        CheckActive();
        _objects.Add(new ObjectChange(ObjectKind.HistoryFloor, table.Id, floor.Encode(), floor));
    }

    /// <summary>The rows go when this commits; the chunks without them are ready.</summary>
    internal void Erase(Erasure erasure, List<StorageTable.Replacement> replacements)
    {
        CheckActive();
        _objects.Add(new ObjectChange(ObjectKind.Erasure, erasure.Number, erasure.Encode(), replacements));
    }

    public partial void PutObject(int kind, long id, ReadOnlyMemory<byte> payload)
    {
        CheckActive();
        ArgumentOutOfRangeException.ThrowIfLessThan(kind, ObjectKind.FirstForeign);
        _objects.Add(new ObjectChange(kind, id, payload.ToArray()));
    }

    public partial void DeleteObject(int kind, long id)
    {
        CheckActive();
        ArgumentOutOfRangeException.ThrowIfLessThan(kind, ObjectKind.FirstForeign);
        _objects.Add(new ObjectChange(kind, id, null));
    }

    public partial IReadOnlyList<StoredObject> Objects()
    {
        IReadOnlyList<StoredObject> committed = _store.Objects();
        if (_objects.Count == 0) return committed;
        var merged = new SortedDictionary<(int Kind, long Id), StoredObject>();
        foreach (StoredObject stored in committed) merged[(stored.Kind, stored.Id)] = stored;
        foreach (ObjectChange change in _objects)
        {
            if (change.Kind < ObjectKind.FirstForeign) continue;
            if (change.Payload is null) merged.Remove((change.Kind, change.Id));
            else merged[(change.Kind, change.Id)] = new StoredObject(change.Kind, change.Id, change.Payload, long.MaxValue, View.AsOf);
        }

        return [.. merged.Values];
    }

    internal StorageTable? CreatedTable(long id) => _createdTables?.GetValueOrDefault(id);

    private ImmutableArray<StorageIndex> IndexListOf(StorageTable table)
    {
        ImmutableArray<StorageIndex> indexes = table.IndexArray;
        if (_objects.Count == 0) return indexes;
        foreach (ObjectChange change in _objects)
        {
            if (change.Kind != ObjectKind.Index || change.Live is not StorageIndex index || !ReferenceEquals(index.Table, table)) continue;
            indexes = change.Payload is null ? indexes.Remove(index) : indexes.Add(index);
        }

        return indexes;
    }

    private ObjectChange? LastChange(int kind, long id)
    {
        for (int i = _objects.Count - 1; i >= 0; i--)
        {
            if (_objects[i].Kind == kind && _objects[i].Id == id) return _objects[i];
        }

        return null;
    }

    private void RollBackObjects(int count)
    {
        if (_objects.Count == count) return;
        for (int i = _objects.Count - 1; i >= count; i--)
        {
            // A table created here can't be created again: its id is used up, and its writes are gone with the entries.
            if (_objects[i].Kind == ObjectKind.Sequence && _objects[i].Payload is not null) _store.Sequences.Undefine(_objects[i].Id, PreviousSequence(i));
        }

        _objects.RemoveRange(count, _objects.Count - count);
    }

    private SequenceDefinition? PreviousSequence(int change)
    {
        for (int i = change - 1; i >= 0; i--)
        {
            if (_objects[i].Kind == ObjectKind.Sequence && _objects[i].Id == _objects[change].Id) return _objects[i].Live as SequenceDefinition;
        }

        return _store.CommittedSequence(_objects[change].Id);
    }

    /// <summary>A new unique index must hold for the transaction's own rows too.</summary>
    private void CheckOwnRows(StorageTable table, StorageIndex index)
    {
        bool withoutOverlaps = index.Definition.WithoutOverlaps;
        if ((!index.Definition.IsUnique && !withoutOverlaps) || !index.IsUsable || WritesTo(table) is not { } writes) return;
        foreach ((int entry, int bulkRow) in OwnRows(writes, int.MaxValue))
        {
            WriteEntry written = _entries![entry];
            byte* tuple = TupleOf(entry, bulkRow);
            long rowId = written.RowId + bulkRow;
            WriteOutcome? outcome = withoutOverlaps ? CheckOverlaps(table, written.Definition, index, tuple, null, rowId, isAlone: true) : CheckUnique(table, written.Definition, index, tuple, null, rowId, isAlone: true);
            if (outcome is not { Status: WriteStatus.UniqueViolation }) continue;
            _objects.RemoveAt(_objects.Count - 1);
            if (withoutOverlaps) throw new SqlException(SqlState.ExclusionViolation, $"could not create exclusion constraint \"{index.Definition.Name}\"") { ConstraintName = index.Definition.Name };
            throw new SqlException(SqlState.UniqueViolation, $"could not create unique index \"{index.Definition.Name}\"") { ConstraintName = index.Definition.Name };
        }
    }
}
