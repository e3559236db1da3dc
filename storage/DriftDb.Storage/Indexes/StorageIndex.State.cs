using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Storage;

public sealed unsafe partial class StorageIndex
{
    /// <summary>Longest normalized key.</summary>
    private const int LongestKeyBytes = 0xFFFF;

    [ThreadStatic] private static KeyBuilder? _oldKey;
    [ThreadStatic] private static KeyBuilder? _newKey;

    private readonly IndexDefinition _definition;
    private readonly StorageTable _table;
    private readonly bool _hasBytes;
    private HashIndex? _hash;
    private OrderedIndex? _tree;

    internal StorageIndex(StorageTable table, IndexDefinition definition, KeyExtractor? extractor)
    {
        _table = table;
        _definition = definition;
        Extractor = extractor;
        _hasBytes = definition.Key.Any(column => column.Type.Kind == PhysicalKind.Bytes);
        IsInteger = extractor is null && !definition.NeedsExtractor && definition.Key.Length == 1
            && definition.Key[0].Type.Kind is PhysicalKind.Int16 or PhysicalKind.Int32 or PhysicalKind.Int64 && definition.Key[0].Type.Id != TypeId.Oid && !definition.NullsNotDistinct;
        if (!definition.NeedsExtractor || extractor is not null) CreateEmpty();
    }

    public partial IndexDefinition Definition => _definition;

    public partial StorageTable Table => _table;

    public partial bool IsUsable => _isStale || _hash is not null || _tree is not null;

    /// <summary>Whether computing a row's key can fail (an expression, a long key): then it is computed when the row is written, so that the error is the statement's and not the commit's.</summary>
    internal bool CanRefuse => Extractor is not null || _hasBytes;

    internal KeyExtractor? Extractor { get; set; }

    /// <summary>A unique index of one plain integer column: keys are the column's values, nothing is encoded.</summary>
    internal bool IsInteger { get; }

    internal HashIndex? Hash => Built()._hash;

    internal OrderedIndex? Tree => Built()._tree;

    public partial VectorSource Scan(ReadView view, KeyRange range, ReadOnlySpan<int> columnIds, StoreTransaction? transaction, bool backward)
    {
        if (Built()._tree is null) throw new InvalidOperationException($"Index {_definition.Name} isn't ordered, or its extractor isn't attached.");
        return new IndexScan(this, view, range, columnIds.ToArray(), transaction, backward);
    }

    public partial IReadOnlyList<long> RowIdsEver(ReadOnlySpan<byte> key)
    {
        var rows = new List<long>();
        Built();
        if (_tree is not null) _tree.RowsEver(key, rows);
        else if (_hash is { IsInteger: true }) _hash.RowsEver(DecodeInteger(key), key, rows);
        else _hash?.RowsEver(HashIndex.HashOf(key), key, rows);
        rows.Sort();
        return rows;
    }

    /// <summary>The integer behind a normalized key of one integer column.</summary>
    internal long DecodeInteger(ReadOnlySpan<byte> key)
    {
        ulong bits = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(key[1..]);
        return (long)((_definition.Key[0].Descending ? ~bits : bits) ^ 0x8000_0000_0000_0000UL);
    }

    /// <summary>Normalizes a row's key; false when the row isn't in the index.</summary>
    internal bool KeyOf(byte* tuple, TableDefinition definition, KeyBuilder key)
    {
        key.Reset();
        if (Extractor is not null)
        {
            if (!Extractor(tuple, definition, key)) return false;
        }
        else
        {
            foreach (KeyColumn column in _definition.Key)
            {
                int ordinal = definition.OrdinalOf(column.ColumnId);
                if (ordinal < 0) key.AppendNull(column); // a row of a time before the column
                else key.Append(column, tuple, definition.Layout, ordinal);
            }
        }

        if (key.Key.Length > LongestKeyBytes)
        {
            throw new SqlException(SqlState.ProgramLimitExceeded, $"index row size {key.Key.Length} exceeds maximum {LongestKeyBytes} for index \"{_definition.Name}\"");
        }

        return true;
    }

    /// <summary>Whether a key with this NULL-ness must be unique: NULLs are distinct unless the index says otherwise.</summary>
    internal bool IsConstrained(KeyBuilder key) => _definition.IsUnique && (!key.HasNull || _definition.NullsNotDistinct);

    /// <summary>The row's single integer key; false for NULL.</summary>
    internal bool IntegerKeyOf(byte* tuple, TableDefinition definition, out long key)
    {
        int ordinal = definition.OrdinalOf(_definition.Key[0].ColumnId);
        key = 0;
        if (ordinal < 0 || TupleLayout.IsNull(tuple, ordinal)) return false;
        byte* slot = tuple + definition.Layout.Offset(ordinal);
        key = definition.Layout.Types[ordinal].Kind switch { PhysicalKind.Int16 => *(short*)slot, PhysicalKind.Int32 => *(int*)slot, _ => System.Runtime.CompilerServices.Unsafe.ReadUnaligned<long>(slot) };
        return true;
    }

    /// <summary>Whether both versions of a row have the same key for sure. Without an extractor: its columns are the same.</summary>
    internal bool SameKey(byte* oldTuple, byte* newTuple, TableDefinition definition)
    {
        if (Extractor is not null)
        {
            KeyBuilder oldKey = _oldKey ??= new KeyBuilder(), newKey = _newKey ??= new KeyBuilder();
            bool wasIn = KeyOf(oldTuple, definition, oldKey), isIn = KeyOf(newTuple, definition, newKey);
            return wasIn == isIn && (!isIn || oldKey.Key.SequenceEqual(newKey.Key));
        }

        foreach (KeyColumn column in _definition.Key)
        {
            int ordinal = definition.OrdinalOf(column.ColumnId);
            if (ordinal >= 0 && !TupleComparison.SameValue(oldTuple, newTuple, definition.Layout, ordinal)) return false;
        }

        return true;
    }

    // ---- The committer's side ----

    internal void ApplyInsert(byte* tuple, TableDefinition definition, long rowId, long sequence)
    {
        if (!IsUsable || (Faults.MissIndexEntry && rowId % 10 == 9)) return;
        if (_isStale) Postpone(ChangeKind.Insert, tuple, definition, rowId, sequence);
        else InsertKeys(tuple, definition, rowId, sequence);
    }

    private void InsertKeys(byte* tuple, TableDefinition definition, long rowId, long sequence)
    {
        if (IsInteger && IntegerKeyOf(tuple, definition, out long integer)) _hash?.Add(integer, default, rowId, sequence);
        if (IsInteger && _tree is null) return;
        KeyBuilder key = _newKey ??= new KeyBuilder();
        if (!KeyOf(tuple, definition, key)) return;
        if (!IsInteger && IsConstrained(key)) _hash!.Add(HashIndex.HashOf(key.Key), key.Key, rowId, sequence);
        _tree?.Add(key.Key, rowId, sequence);
    }

    internal void ApplyDelete(byte* tuple, TableDefinition definition, long rowId, long sequence)
    {
        if (!IsUsable) return;
        if (_isStale) Postpone(ChangeKind.Delete, tuple, definition, rowId, sequence);
        else EndKeys(tuple, definition, rowId, sequence);
    }

    private void EndKeys(byte* tuple, TableDefinition definition, long rowId, long sequence)
    {
        if (IsInteger && IntegerKeyOf(tuple, definition, out long integer)) _hash?.End(integer, default, rowId, sequence);
        if (IsInteger && _tree is null) return;
        KeyBuilder key = _oldKey ??= new KeyBuilder();
        if (!KeyOf(tuple, definition, key)) return;
        if (!IsInteger && IsConstrained(key)) _hash!.End(HashIndex.HashOf(key.Key), key.Key, rowId, sequence);
        _tree?.End(key.Key, rowId, sequence);
    }

    internal void ApplyUpdate(byte* oldTuple, byte* newTuple, TableDefinition definition, long rowId, long sequence)
    {
        if (!IsUsable || SameKey(oldTuple, newTuple, definition)) return;
        ApplyDelete(oldTuple, definition, rowId, sequence);
        ApplyInsert(newTuple, definition, rowId, sequence);
    }

    internal void ApplyTruncate(long sequence)
    {
        if (_isStale) Postpone(ChangeKind.Truncate, null, null, 0, sequence);
        else EndAllKeys(sequence);
    }

    private void EndAllKeys(long sequence)
    {
        _hash?.EndAll(sequence);
        _tree?.EndAll(sequence);
    }

    private void CreateEmpty()
    {
        if (_definition.IsUnique) _hash = new HashIndex(IsInteger);
        // Without uniqueness there is nothing to hash: such an index is a tree in any case.
        if (_definition.IsOrdered || !_definition.IsUnique) _tree = new OrderedIndex();
    }
}
