using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>The keys of all versions of a table, chunk by chunk: only the columns that the key needs are read, each piece once.</summary>
internal sealed unsafe class VersionKeys : IDisposable
{
    private const int RowSlot = 0, BeginSlot = 1, EndSlot = 2, FirstColumn = 3;

    private readonly StorageIndex _index;
    private readonly TableDefinition _definition;
    private readonly VectorSource _source;
    private readonly ScanVector _vector;
    private readonly TupleBuffer _buffer;
    private readonly byte* _tuple;
    private readonly int[] _ordinals;
    private readonly KeyBuilder _key = new();
    private int _at = -1;

    /// <summary>Versions that began by the view's moment, with their ends as of then.</summary>
    public VersionKeys(StorageIndex index, TableDefinition definition, ReadView view)
    {
        _index = index;
        _definition = definition;
        _buffer = new TupleBuffer(definition.Layout);
        _tuple = _buffer.Append();
        bool needsAll = index.Extractor is not null;
        var ordinals = new List<int>();
        for (int i = 0; i < definition.Columns.Length; i++)
        {
            ColumnDefinition column = definition.Columns[i];
            if (!needsAll && !index.Definition.Key.Any(key => key.ColumnId == column.Id)) continue;
            // A column that the asking transaction itself has added is the same in all rows.
            if (index.Table.ColumnEver(column.Id) is null) SetMissing(i, column);
            else ordinals.Add(i);
        }

        _ordinals = [.. ordinals];
        int[] columns = [SystemColumn.RowId, SystemColumn.BeginSequence, SystemColumn.EndSequence, .. ordinals.Select(ordinal => definition.Columns[ordinal].Id)];
        _vector = new ScanVector(columns.Length);
        _source = index.Table.ScanPeriod(view, PeriodKind.All, 0, 0, columns);
    }

    public ReadOnlySpan<byte> Key => _key.Key;

    public IndexRecord Life { get; private set; }

    /// <summary>Whether nothing is pointed at but by the scan itself.</summary>
    public bool IsFirstOfVector => _at == 0;

    /// <summary>To the next version that is in the index.</summary>
    public bool Next()
    {
        while (true)
        {
            if (++_at >= _vector.Count)
            {
                if (!_source.Next(_vector)) return false;
                _at = 0;
            }

            int row = _vector.Selection[_at];
            Fill(row);
            if (!_index.KeyOf(_tuple, _definition, _key)) continue;
            Life = new IndexRecord(((long*)_vector.Data[RowSlot])[row], ((long*)_vector.Data[BeginSlot])[row], ((long*)_vector.Data[EndSlot])[row]);
            return true;
        }
    }

    public void Dispose()
    {
        _vector.Dispose();
        GC.KeepAlive(_buffer);
    }

    private void Fill(int row)
    {
        for (int i = 0; i < _ordinals.Length; i++)
        {
            int ordinal = _ordinals[i], slot = FirstColumn + i;
            byte* target = _tuple + _definition.Layout.Offset(ordinal);
            byte* validity = (byte*)_vector.Validity[slot];
            PhysicalKind kind = _definition.Layout.Types[ordinal].Kind;
            if (validity != null && (validity[row >> 3] & (1 << (row & 7))) == 0)
            {
                TupleLayout.SetNull(_tuple, ordinal);
                Unsafe.InitBlockUnaligned(target, 0, (uint)kind.TupleWidthBytes());
                continue;
            }

            _tuple[ordinal >> 3] &= (byte)~(1 << (ordinal & 7));
            int width = kind.ColumnWidthBytes();
            byte* value = (byte*)_vector.Data[slot] + (long)row * width;
            if (kind != PhysicalKind.Bytes) Unsafe.CopyBlockUnaligned(target, value, (uint)width);
            else
            {
                ulong entry = Unsafe.ReadUnaligned<ulong>(value);
                int length = (int)(entry >> 32);
                Unsafe.WriteUnaligned(target, length == 0 ? new ByteSlice((byte*)null, 0) : new ByteSlice((byte*)_vector.Heap[slot] + (uint)entry, length));
            }
        }
    }

    private void SetMissing(int ordinal, ColumnDefinition column)
    {
        byte* target = _tuple + _definition.Layout.Offset(ordinal);
        PhysicalKind kind = column.Type.Kind;
        if (column.MissingValue is not { } missing)
        {
            TupleLayout.SetNull(_tuple, ordinal);
            Unsafe.InitBlockUnaligned(target, 0, (uint)kind.TupleWidthBytes());
        }
        else if (kind == PhysicalKind.Bytes) Unsafe.WriteUnaligned(target, missing.Slice);
        else missing.Bytes.CopyTo(new Span<byte>(target, kind.ColumnWidthBytes()));
    }
}
