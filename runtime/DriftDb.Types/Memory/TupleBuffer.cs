using System.Runtime.CompilerServices;

namespace DriftDb.Types;

/// <summary>
/// Rows of one <see cref="TupleLayout"/>, appended in order and never moved: an address stays valid until <see cref="Clear"/>. Rows lie in
/// blocks (<see cref="MemoryBlock"/>); their variable-length bytes in <see cref="Arena"/> when the writer copied them there.
/// </summary>
public sealed unsafe class TupleBuffer
{
    private const int LargestBlockBytes = 1024 * 1024;

    private readonly List<MemoryBlock> _blocks = [];
    private readonly List<int> _firstRow = [];
    private int _rowsInLast, _capacityOfLast;
    private long _blockBytes;
    private byte* _last;

    private readonly bool _isPageable;

    /// <param name="layout">The rows'.</param>
    /// <param name="isPageable">For rows that are many and seldom looked at (<see cref="MemoryBlock.AllocatePageable"/>).</param>
    public TupleBuffer(TupleLayout layout, bool isPageable = false)
    {
        Layout = layout;
        _isPageable = isPageable;
        Arena = new Arena(isPageable);
    }

    public TupleLayout Layout { get; }

    /// <summary>Owner of the rows' variable-length bytes.</summary>
    public Arena Arena { get; }

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
        return _blocks[index].Address;
    }

    /// <summary>The row with this number. Blocks double in size, so the search is short.</summary>
    public byte* Row(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        int block = _firstRow.Count - 1;
        while (_firstRow[block] > index) block--;
        return _blocks[block].Address + (long)(index - _firstRow[block]) * Layout.StrideBytes;
    }

    /// <summary>What lies in swap space leaves memory until it is touched again.</summary>
    public void PageOut()
    {
        foreach (MemoryBlock block in _blocks) block.PageOut();
        Arena.PageOut();
    }

    /// <summary>Asked before another block is taken, with the bytes held so far: whoever keeps rows under a grant makes room here (the buffer may be cleared meanwhile).</summary>
    public Action? Growing { get; set; }

    /// <summary>Forgets all rows and their bytes, and keeps the first block for reuse.</summary>
    public void Clear()
    {
        Trim();
        Arena.Reset();
    }

    /// <summary>The same, and gives back what the bytes took.</summary>
    public void Free()
    {
        Trim();
        Arena.Free();
    }

    private void Trim()
    {
        if (_blocks.Count > 1)
        {
            for (int i = 1; i < _blocks.Count; i++) _blocks[i].Free();
            _blocks.RemoveRange(1, _blocks.Count - 1);
            _firstRow.RemoveRange(1, _firstRow.Count - 1);
            _blockBytes = _blocks[0].LengthBytes;
        }

        Count = _rowsInLast = 0;
        if (_blocks.Count == 1) Enter(_blocks[0]);
    }

    private void AddBlock()
    {
        if (Growing is not null && Count > 0)
        {
            Growing();
            if (_rowsInLast < _capacityOfLast) return;
        }

        long wanted = Math.Max(8, Math.Min(LargestBlockBytes / Layout.StrideBytes, Math.Max(16, Count)));
        MemoryBlock block = _isPageable ? MemoryBlock.AllocatePageable(wanted * Layout.StrideBytes) : MemoryBlock.Allocate(wanted * Layout.StrideBytes);
        _blocks.Add(block);
        _blockBytes += block.LengthBytes;
        _firstRow.Add(Count);
        _rowsInLast = 0;
        Enter(block);
    }

    private void Enter(MemoryBlock block)
    {
        _last = block.Address;
        _capacityOfLast = (int)(block.LengthBytes / Layout.StrideBytes);
    }
}
