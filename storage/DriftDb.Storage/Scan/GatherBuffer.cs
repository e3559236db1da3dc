using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>Rows copied one by one into buffers of a vector's shape: index scans and a transaction's own rows.</summary>
internal sealed unsafe class GatherBuffer
{
    private readonly int[] _columnIds;
    private readonly SqlType?[] _types;
    private readonly byte[]?[] _data, _validity, _heap;
    private readonly int[] _heapUsed;
    private readonly bool[] _hasNull;

    public GatherBuffer(int[] columnIds)
    {
        _columnIds = columnIds;
        _types = new SqlType?[columnIds.Length];
        _data = new byte[]?[columnIds.Length];
        _validity = new byte[]?[columnIds.Length];
        _heap = new byte[]?[columnIds.Length];
        _heapUsed = new int[columnIds.Length];
        _hasNull = new bool[columnIds.Length];
    }

    public int Count { get; private set; }

    public bool IsFull => Count == _capacity;

    private int _capacity;

    /// <summary>Starts over, with room for so many rows.</summary>
    public void Clear(int capacity)
    {
        Count = 0;
        if (capacity > _capacity)
        {
            _capacity = Math.Min(Limits.VectorRows, capacity);
            Array.Clear(_data);
            Array.Clear(_validity);
        }

        Array.Clear(_heapUsed);
        Array.Clear(_hasNull);
        for (int i = 0; i < _heap.Length; i++)
        {
            if (_heap[i]?.Length > 4 << 20) _heap[i] = null;
        }
    }

    public void Add(in RowVersion row, TableDefinition definition)
    {
        int at = Count++;
        for (int i = 0; i < _columnIds.Length; i++)
        {
            int columnId = _columnIds[i];
            if (columnId < 0)
            {
                long value = columnId switch { SystemColumn.RowId => row.RowId, SystemColumn.BeginSequence => row.BeginSequence, _ => row.EndSequence };
                Unsafe.WriteUnaligned(ref Data(i, 8)[at * 8], value);
                continue;
            }

            PhysicalKind kind = (_types[i] ??= TypeOf(columnId, row, definition)).Kind;
            int width = kind.ColumnWidthBytes();
            ref byte target = ref Data(i, width)[at * width];
            bool isNull = row.IsNull(columnId);
            Mark(i, at, isNull);
            switch (width)
            {
                case 1: target = row.GetBool(columnId) ? (byte)1 : (byte)0; break;
                case 2: Unsafe.WriteUnaligned(ref target, row.GetInt16(columnId)); break;
                case 4: Unsafe.WriteUnaligned(ref target, row.GetInt32(columnId)); break;
                case 16: Unsafe.WriteUnaligned(ref target, row.GetInt128(columnId)); break;
                default:
                    if (kind != PhysicalKind.Bytes) Unsafe.WriteUnaligned(ref target, row.GetInt64(columnId));
                    else Unsafe.WriteUnaligned(ref target, isNull ? 0UL : PutBytes(i, row.GetBytes(columnId).Span));
                    break;
            }
        }
    }

    /// <summary>Points the vector at the rows, all selected.</summary>
    public void Give(ScanVector vector)
    {
        for (int i = 0; i < _columnIds.Length; i++)
        {
            vector.Data[i] = _data[i] is { } data ? (nint)Unsafe.AsPointer(ref data[0]) : 0;
            vector.Validity[i] = _hasNull[i] ? (nint)Unsafe.AsPointer(ref _validity[i]![0]) : 0;
            vector.Heap[i] = _heap[i] is { } heap ? (nint)Unsafe.AsPointer(ref heap[0]) : 0;
        }

        Identity.Select(vector.Selection, Count);
        vector.Count = Count;
        vector.Owner = this;
    }

    private static SqlType TypeOf(int columnId, in RowVersion row, TableDefinition definition)
    {
        int ordinal = definition.OrdinalOf(columnId);
        if (ordinal >= 0) return definition.Columns[ordinal].Type;
        return row.Chunk?.Table.ColumnEver(columnId)?.Type ?? throw new InvalidOperationException($"Table {definition.Id} has no column {columnId}.");
    }

    private byte[] Data(int slot, int width) => _data[slot] ??= GC.AllocateUninitializedArray<byte>(_capacity * width, pinned: true);

    private void Mark(int slot, int at, bool isNull)
    {
        if (!_hasNull[slot])
        {
            if (!isNull) return;
            _hasNull[slot] = true;
            (_validity[slot] ??= GC.AllocateUninitializedArray<byte>(Limits.VectorRows / 8, pinned: true)).AsSpan().Fill(0xFF);
        }

        if (isNull) _validity[slot]![at >> 3] &= (byte)~(1 << (at & 7));
    }

    private ulong PutBytes(int slot, ReadOnlySpan<byte> bytes)
    {
        int start = _heapUsed[slot];
        byte[]? heap = _heap[slot];
        if (heap is null || heap.Length - start < bytes.Length)
        {
            byte[] larger = GC.AllocateUninitializedArray<byte>(checked((int)Math.Max((long)start + bytes.Length, Math.Max(1024, Math.Min((heap?.Length ?? 0) * 2L, 0x7FFF_FFC7)))), pinned: true);
            heap?.AsSpan(0, start).CopyTo(larger);
            _heap[slot] = heap = larger;
        }

        bytes.CopyTo(heap.AsSpan(start));
        _heapUsed[slot] = start + bytes.Length;
        return (uint)start | ((ulong)(uint)bytes.Length << 32);
    }
}

/// <summary>Yields a transaction's own rows of a table.</summary>
internal sealed class OwnRowsReader
{
    private readonly StoreTransaction _transaction;
    private readonly IEnumerator<(int Entry, int BulkRow)> _rows;
    private readonly GatherBuffer _buffer;
    private readonly TableDefinition _definition;

    public OwnRowsReader(StoreTransaction transaction, TableWrites writes, int limit, SlotReader[] slots)
    {
        _transaction = transaction;
        _definition = transaction.DefinitionOf(writes.Table);
        _rows = transaction.OwnRows(writes, limit).GetEnumerator();
        _buffer = new GatherBuffer([.. slots.Select(slot => slot.ColumnId)]);
    }

    public bool Next(ScanVector vector)
    {
        _buffer.Clear(Limits.VectorRows);
        while (!_buffer.IsFull && _rows.MoveNext()) _buffer.Add(_transaction.OwnVersion(_rows.Current.Entry, _rows.Current.BulkRow), _definition);
        if (_buffer.Count == 0) return false;
        _buffer.Give(vector);
        return true;
    }
}
