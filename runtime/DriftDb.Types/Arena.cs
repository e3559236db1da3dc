namespace DriftDb.Types;

/// <summary>
/// Memory that is given out by bumping a pointer and taken back all at once. Blocks are pinned managed arrays: their addresses stay, the
/// garbage collector frees them, and no finaliser or leak can go wrong. Not thread-safe: an arena belongs to one pipeline worker.
/// </summary>
public sealed unsafe class Arena
{
    private const int FirstBlockBytes = 4 * 1024, LargestBlockBytes = 1024 * 1024;

    private readonly List<byte[]> _blocks = [];
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
            // Oversized blocks are for one value: they are given back to the collector, so that one large value doesn't stay for ever.
            _blocks.RemoveAll(block => block.Length > LargestBlockBytes);
            CapacityBytes = _blocks.Sum(block => (long)block.Length);
            _hasOversized = false;
        }

        _current = -1;
        _next = _end = null;
        if (_blocks.Count > 0) Enter(0);
    }

    private void NextBlock(int lengthBytes)
    {
        while (_current + 1 < _blocks.Count)
        {
            Enter(_current + 1);
            if (_end - _next >= lengthBytes) return;
        }

        long size = Math.Max(lengthBytes, Math.Min(LargestBlockBytes, FirstBlockBytes << Math.Min(_blocks.Count, 8)));
        _blocks.Add(GC.AllocateUninitializedArray<byte>((int)size, pinned: true));
        CapacityBytes += size;
        _hasOversized |= size > LargestBlockBytes;
        Enter(_blocks.Count - 1);
    }

    private void Enter(int block)
    {
        _current = block;
        _next = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _blocks[block][0]);
        _end = _next + _blocks[block].Length;
    }
}
