using System.Numerics;

namespace DriftDb.Types;

/// <summary>
/// Bytes that are appended until they are copied out as a whole: a small managed array first, as there may be one for each of many groups, then blocks that may be swap space (<see cref="MemoryBlock.AllocatePageable"/>).
/// Nothing is copied when it grows.
/// </summary>
public sealed unsafe class PageableBytes
{
    private const int FirstCapacity = 64, LargestBlockBytes = 1 << 20;

    private List<MemoryBlock>? _blocks;
    private byte[] _first = [];
    private int _firstLength, _lastLength;

    public int Length { get; private set; }

    /// <summary>Throws 54000 beyond the largest value that there may be.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Limits.ValueBytes - Length) throw new SqlException(SqlState.ProgramLimitExceeded, "out of memory", detail: $"Cannot enlarge a value beyond {Limits.ValueBytes} bytes.");
        Length += bytes.Length;
        while (!bytes.IsEmpty)
        {
            Span<byte> room = Room(bytes.Length);
            int count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            bytes = bytes[count..];
            if (_blocks is null) _firstLength += count;
            else _lastLength += count;
        }
    }

    /// <summary>All that was written, to where there is room for <see cref="Length"/> bytes.</summary>
    public void CopyTo(Span<byte> target)
    {
        _first.AsSpan(0, _firstLength).CopyTo(target);
        target = target[_firstLength..];
        for (int i = 0; i < (_blocks?.Count ?? 0); i++)
        {
            MemoryBlock block = _blocks![i];
            int length = i == _blocks.Count - 1 ? _lastLength : (int)block.LengthBytes;
            new ReadOnlySpan<byte>(block.Address, length).CopyTo(target);
            target = target[length..];
            GC.KeepAlive(block);
        }
    }

    /// <summary>Forgets all and gives the blocks back.</summary>
    public void Free()
    {
        if (_blocks is not null)
        {
            foreach (MemoryBlock block in _blocks) block.Free();
        }

        _blocks = null;
        _first = [];
        Length = _firstLength = _lastLength = 0;
    }

    private Span<byte> Room(int wanted)
    {
        if (_blocks is null)
        {
            if (_firstLength < _first.Length) return _first.AsSpan(_firstLength);
            if (_firstLength < MemoryBlock.SmallestNativeBytes)
            {
                int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(FirstCapacity, Math.Min(MemoryBlock.SmallestNativeBytes, Math.Max(2 * _firstLength, _firstLength + wanted))));
                Array.Resize(ref _first, capacity);
                return _first.AsSpan(_firstLength);
            }

            _blocks = [];
        }

        if (_blocks.Count == 0 || _lastLength == _blocks[^1].LengthBytes)
        {
            _blocks.Add(MemoryBlock.AllocatePageable(Math.Min(LargestBlockBytes, (long)MemoryBlock.SmallestNativeBytes << Math.Min(_blocks.Count, 4))));
            _lastLength = 0;
        }

        MemoryBlock last = _blocks[^1];
        return new Span<byte>(last.Address + _lastLength, (int)(last.LengthBytes - _lastLength));
    }
}
