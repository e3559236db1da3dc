namespace DriftDb.Types;

/// <summary>
/// Memory that is given out by bumping a pointer and taken back all at once. Blocks stay where they are (<see cref="MemoryBlock"/>); large ones are
/// native and can be given back at once by <see cref="Free"/>. Not thread-safe: an arena belongs to one pipeline worker.
/// </summary>
public sealed unsafe class Arena(bool isPageable = false)
{
    private const int FirstBlockBytes = 4 * 1024, LargestBlockBytes = 1024 * 1024;

    private readonly List<MemoryBlock> _blocks = [];
    private int _current = -1;
    private bool _hasOversized;
    private byte* _next, _end;

    /// <summary>Bytes held, used or not.</summary>
    public long CapacityBytes { get; private set; }

    /// <summary>Uninitialised memory, 8-byte aligned, valid until <see cref="Reset"/> or as long as the arena lives.</summary>
    public byte* Allocate(int lengthBytes)
    {
        int rounded = (lengthBytes + 7) & ~7;
        if (_end - _next < rounded) NextBlock(rounded);
        byte* address = _next;
        _next += rounded;
        return address;
    }

    /// <summary>A copy of the bytes that lives as long as this arena.</summary>
    public ByteSlice Copy(ReadOnlySpan<byte> bytes)
    {
        byte* address = Allocate(bytes.Length);
        bytes.CopyTo(new Span<byte>(address, bytes.Length));
        return new ByteSlice(address, bytes.Length);
    }

    public ByteSlice Copy(ByteSlice bytes) => Copy(bytes.Span);

    /// <summary>Takes all memory back for reuse; everything given out before is void.</summary>
    public void Reset()
    {
        if (_blocks.Count == 0) return;
        if (_hasOversized)
        {
            // Oversized blocks are for one value: they are given back, so that one large value doesn't stay for ever.
            foreach (MemoryBlock block in _blocks)
                if (block.LengthBytes > LargestBlockBytes) block.Free();
            _blocks.RemoveAll(block => block.LengthBytes > LargestBlockBytes);
            CapacityBytes = _blocks.Sum(block => block.LengthBytes);
            _hasOversized = false;
        }

        _current = -1;
        _next = _end = null;
        if (_blocks.Count > 0) Enter(0);
    }

    /// <summary>Gives all blocks but the first back; everything given out before is void, as after <see cref="Reset"/>.</summary>
    public void Free()
    {
        for (int i = 1; i < _blocks.Count; i++) _blocks[i].Free();
        if (_blocks.Count > 1) _blocks.RemoveRange(1, _blocks.Count - 1);
        if (_blocks.Count == 1 && _blocks[0].LengthBytes > LargestBlockBytes)
        {
            _blocks[0].Free();
            _blocks.Clear();
        }

        _hasOversized = false;
        CapacityBytes = _blocks.Count == 0 ? 0 : _blocks[0].LengthBytes;
        Reset();
        if (_blocks.Count > 0) return;
        _current = -1;
        _next = _end = null;
    }

    internal void PageOut()
    {
        foreach (MemoryBlock block in _blocks) block.PageOut();
    }

    private void NextBlock(int lengthBytes)
    {
        while (_current + 1 < _blocks.Count)
        {
            Enter(_current + 1);
            if (_end - _next >= lengthBytes) return;
        }

        long size = Math.Max(lengthBytes, Math.Min(LargestBlockBytes, FirstBlockBytes << Math.Min(_blocks.Count, 8)));
        MemoryBlock block = isPageable ? MemoryBlock.AllocatePageable(size) : MemoryBlock.Allocate(size);
        _blocks.Add(block);
        CapacityBytes += block.LengthBytes;
        _hasOversized |= block.LengthBytes > LargestBlockBytes;
        Enter(_blocks.Count - 1);
    }

    private void Enter(int block)
    {
        _current = block;
        _next = _blocks[block].Address;
        _end = _next + _blocks[block].LengthBytes;
    }
}
