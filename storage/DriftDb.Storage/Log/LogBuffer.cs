using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// A growing buffer of frames. <see cref="HeadroomBytes"/> stay free in front, where the log writer puts its batch frame, so that a group commit is one write.
/// CRCs are left 0: they depend on the file, which the log writer chooses (<see cref="Frame.Seal"/>).
/// </summary>
/// <remarks>A large transaction's frames are cut into parts of whole frames, which may lie in swap space until they are written.</remarks>
internal sealed class LogBuffer : IBufferWriter<byte>
{
    public const int HeadroomBytes = 48;

    /// <summary>What the log's own buffers cut their parts at: a few frames of a bulk load.</summary>
    public const int PartBytes = 512 * 1024;

    private const int LargestBytes = 0x7FFF_FFC7 - 16, FirstBytes = 64 * 1024, LargestKeptBytes = 16 << 20;

    /// <summary>From this size on finished frames go to a part of their own.</summary>
    private readonly int _partBytes;
    private readonly List<Part> _parts = [];
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(FirstBytes, pinned: true);
    private long _lengthOfParts;
    private int _end = HeadroomBytes;

    /// <summary>Frames in memory of their own.</summary>
    public readonly unsafe record struct Part(MemoryBlock Memory, int LengthBytes)
    {
        public Span<byte> Frames => new(Memory.Address, LengthBytes);
    }

    /// <param name="partBytes">Where to cut large transactions; without it all frames lie behind each other.</param>
    public LogBuffer(int partBytes = int.MaxValue) => _partBytes = partBytes;

    public long Length => _lengthOfParts + LengthOfLast;

    /// <summary>All frames but the last ones, in order.</summary>
    public IReadOnlyList<Part> Parts => _parts;

    /// <summary>The frames behind the parts.</summary>
    public Span<byte> Frames => _bytes.AsSpan(HeadroomBytes, LengthOfLast);

    /// <summary>Headroom and the frames behind the parts.</summary>
    public byte[] Bytes => _bytes;

    private int LengthOfLast => _end - HeadroomBytes;

    /// <summary>Starts a frame; finish it with <see cref="EndFrame"/>.</summary>
    public int BeginFrame(long sequence, long unixMs, EventType type)
    {
        int start = _end;
        Span<byte> span = GetSpan(32);
        int position = 8 + Frame.WriteVarint(span[8..], (ulong)sequence);
        BinaryPrimitives.WriteInt64LittleEndian(span[position..], unixMs);
        span[position + 8] = (byte)type;
        _end += position + 9;
        return start;
    }

    public void EndFrame(int start)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(start), (uint)(_end - start - 8));
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(start + 4), 0);
        if (LengthOfLast >= _partBytes) CutPart();
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        _end += bytes.Length;
    }

    /// <summary>Appends another buffer's frames, which leave that one.</summary>
    public void TakeOver(LogBuffer other)
    {
        // First what can fail, for want of memory: nothing has changed then.
        if (other._parts.Count > 0 || LengthOfLast >= _partBytes) CutPart();
        if (other._parts.Count > 0)
        {
            _parts.AddRange(other._parts);
            _lengthOfParts += other._lengthOfParts;
            other._parts.Clear();
            other._lengthOfParts = 0;
        }

        Append(other.Frames);
        other.Clear();
    }

    /// <summary>Forgets the frames; gives outsized memory back.</summary>
    public void Clear()
    {
        foreach (Part part in _parts) part.Memory.Free();
        _parts.Clear();
        _lengthOfParts = 0;
        _end = HeadroomBytes;
        if (_bytes.Length > LargestKeptBytes) _bytes = GC.AllocateUninitializedArray<byte>(FirstBytes, pinned: true);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        if (_bytes.Length - _end < Math.Max(sizeHint, 64)) Grow(sizeHint);
        return _bytes.AsSpan(_end);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_bytes.Length - _end < Math.Max(sizeHint, 64)) Grow(sizeHint);
        return _bytes.AsMemory(_end);
    }

    public void Advance(int count) => _end += count;

    private void CutPart()
    {
        if (LengthOfLast == 0) return;
        MemoryBlock memory = MemoryBlock.AllocatePageable(LengthOfLast);
        var part = new Part(memory, LengthOfLast);
        Frames.CopyTo(part.Frames);
        memory.PageOut();
        _parts.Add(part);
        _lengthOfParts += part.LengthBytes;
        _end = HeadroomBytes;
    }

    private void Grow(int sizeHint)
    {
        long wanted = Math.Max((long)_bytes.Length * 2, (long)_end + sizeHint + 64);
        if (wanted > LargestBytes) wanted = LargestBytes;
        if (wanted < (long)_end + sizeHint) throw new SqlException(SqlState.ProgramLimitExceeded, "a value is too large for the log");
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)wanted, pinned: true);
        _bytes.AsSpan(0, _end).CopyTo(bytes);
        _bytes = bytes;
    }
}
