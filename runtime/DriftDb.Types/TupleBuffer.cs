using System.Runtime.CompilerServices;

namespace DriftDb.Types;

/// <summary>
/// Rows of one <see cref="TupleLayout"/>, appended in order and never moved: an address stays valid until <see cref="Clear"/>. Rows lie in pinned
/// blocks; their variable-length bytes in <see cref="Arena"/> when the writer copied them there.
/// </summary>
public sealed unsafe class TupleBuffer
{
    private const int LargestBlockBytes = 1024 * 1024;

    private readonly List<byte[]> _blocks = [];
    private readonly List<int> _firstRow = [];
    private int _rowsInLast, _capacityOfLast;
    private long _blockBytes;
    private byte* _last;

    public TupleBuffer(TupleLayout layout) => Layout = layout;

    public TupleLayout Layout { get; }

    /// <summary>Owner of the rows' variable-length bytes.</summary>
    public Arena Arena { get; } = new();

    public int Count { get; private set; }

    public long CapacityBytes => Arena.CapacityBytes + _blockBytes;

    public int BlockCount => _blocks.Count;

    /// <summary>A new row with a cleared NULL bitmap; its slots are not initialised.</summary>
    public byte* Append()
    {
        if (_rowsInLast == _capacityOfLast) AddBlock();
        byte* tuple = _last + (long)_rowsInLast * Layout.StrideBytes;
        Unsafe.InitBlockUnaligned(tuple, 0, (uint)Layout.NullBitmapBytes);
        _rowsInLast++;
        Count++;
        return tuple;
    }

    /// <summary>The rows of one block, in order: first address and count.</summary>
    public byte* Block(int index, out int rows)
    {
        rows = (index + 1 < _blocks.Count ? _firstRow[index + 1] : Count) - _firstRow[index];
        return (byte*)Unsafe.AsPointer(ref _blocks[index][0]);
    }

    /// <summary>The row with this number. Blocks double in size, so the search is short.</summary>
    public byte* Row(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        int block = _firstRow.Count - 1;
        while (_firstRow[block] > index) block--;
        return (byte*)Unsafe.AsPointer(ref _blocks[block][0]) + (long)(index - _firstRow[block]) * Layout.StrideBytes;
    }

    /// <summary>Forgets all rows and their bytes, and keeps the first block for reuse.</summary>
    public void Clear()
    {
        if (_blocks.Count > 1)
        {
            _blocks.RemoveRange(1, _blocks.Count - 1);
            _firstRow.RemoveRange(1, _firstRow.Count - 1);
            _blockBytes = _blocks[0].Length;
        }

        Count = _rowsInLast = 0;
        if (_blocks.Count == 1) Enter(_blocks[0]);
        Arena.Reset();
    }

    private void AddBlock()
    {
        long wanted = Math.Max(8, Math.Min(LargestBlockBytes / Layout.StrideBytes, Math.Max(16, Count)));
        byte[] block = GC.AllocateUninitializedArray<byte>(checked((int)wanted * Layout.StrideBytes), pinned: true);
        _blocks.Add(block);
        _blockBytes += block.Length;
        _firstRow.Add(Count);
        _rowsInLast = 0;
        Enter(block);
    }

    private void Enter(byte[] block)
    {
        _last = (byte*)Unsafe.AsPointer(ref block[0]);
        _capacityOfLast = block.Length / Layout.StrideBytes;
    }
}
