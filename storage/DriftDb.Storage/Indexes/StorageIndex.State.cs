using System.Collections.Immutable;
using System.Runtime.CompilerServices;
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

    internal StorageIndex(StorageTable table, IndexDefinition definition, KeyExtractor? extractor)
    {
        _table = table;
        _definition = definition;
        _points = new PointCache(table.Store.Memory.IndexPages);
        Extractor = extractor;
        _hasBytes = definition.Key.Any(column => column.Type.Kind == PhysicalKind.Bytes);
        IsInteger = extractor is null && !definition.NeedsExtractor && definition.Key.Length == 1
            && definition.Key[0].Type.Kind is PhysicalKind.Int16 or PhysicalKind.Int32 or PhysicalKind.Int64 && definition.Key[0].Type.Id != TypeId.Oid && !definition.NullsNotDistinct && definition.IsUnique;
    }

    public partial IndexDefinition Definition => _definition;

    public partial StorageTable Table => _table;

    public partial bool IsUsable => !_definition.NeedsExtractor || Extractor is not null;

    /// <summary>Whether computing a row's key can fail (an expression, a long key): then it is computed when the row is written, so that the error is the statement's and not the commit's.</summary>
    internal bool CanRefuse => Extractor is not null || _hasBytes;

    internal KeyExtractor? Extractor { get; set; }

    /// <summary>A unique index of one plain integer column: points are asked for by the column's value.</summary>
    internal bool IsInteger { get; }

    public partial VectorSource Scan(ReadView view, KeyRange range, ReadOnlySpan<int> columnIds, StoreTransaction? transaction, bool backward)
    {
        if (!IsUsable) throw new InvalidOperationException($"The extractor of index {_definition.Name} isn't attached.");
        return new IndexScan(this, view, range, columnIds.ToArray(), transaction, backward);
    }

    /// <summary>The integer behind a normalized key of one integer column.</summary>
    internal long DecodeInteger(ReadOnlySpan<byte> key)
    {
        ulong bits = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(key[1..]);
        return (long)((_definition.Key[0].Descending ? ~bits : bits) ^ 0x8000_0000_0000_0000UL);
    }

    /// <summary>The normalized key of an integer, in nine bytes.</summary>
    internal ReadOnlySpan<byte> EncodeInteger(long value, Span<byte> key)
    {
        key[0] = 1;
        ulong bits = (ulong)value ^ 0x8000_0000_0000_0000UL;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(key[1..], _definition.Key[0].Descending ? ~bits : bits);
        return key[..9];
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
    internal bool IsConstrained(KeyBuilder key) => (_definition.IsUnique || _definition.WithoutOverlaps) && (!key.HasNull || _definition.NullsNotDistinct);

    /// <summary>The row's single integer key; false for NULL.</summary>
    internal bool IntegerKeyOf(byte* tuple, TableDefinition definition, out long key)
    {
        int ordinal = definition.OrdinalOf(_definition.Key[0].ColumnId);
        key = 0;
        if (ordinal < 0 || TupleLayout.IsNull(tuple, ordinal)) return false;
        byte* slot = tuple + definition.Layout.Offset(ordinal);
        key = definition.Layout.Types[ordinal].Kind switch { PhysicalKind.Int16 => *(short*)slot, PhysicalKind.Int32 => *(int*)slot, _ => Unsafe.ReadUnaligned<long>(slot) };
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
}
