using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// A growing buffer of frames. <see cref="HeadroomBytes"/> stay free in front, where the log writer puts its batch frame, so that a group commit is one write.
/// CRCs are left 0: they depend on the file, which the log writer chooses (<see cref="Frame.Seal"/>).
/// </summary>
internal sealed class LogBuffer : IBufferWriter<byte>
{
    public const int HeadroomBytes = 48;

    private const int LargestBytes = 0x7FFF_FFC7 - 16;

    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);
    private int _end = HeadroomBytes;

    public int Length => _end - HeadroomBytes;

    public Span<byte> Frames => _bytes.AsSpan(HeadroomBytes, Length);

    /// <summary>Headroom and frames.</summary>
    public byte[] Bytes => _bytes;

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
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        _end += bytes.Length;
    }

    /// <summary>Forgets the frames; gives an outsized buffer back to the collector.</summary>
    public void Clear()
    {
        _end = HeadroomBytes;
        if (_bytes.Length > 16 << 20) _bytes = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);
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

    private void Grow(int sizeHint)
    {
        long wanted = Math.Max((long)_bytes.Length * 2, (long)_end + sizeHint + 64);
        if (wanted > LargestBytes) wanted = LargestBytes;
        if (wanted < (long)_end + sizeHint) throw new SqlException(SqlState.ProgramLimitExceeded, "transaction is too large for the log", hint: "Load in several transactions.");
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)wanted, pinned: true);
        _bytes.AsSpan(0, _end).CopyTo(bytes);
        _bytes = bytes;
    }
}
