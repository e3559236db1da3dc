using System.Buffers.Binary;
using System.IO.Hashing;

namespace DriftDb.Storage;

/// <summary>
/// The frame of WAL and segments (decision 0001): <c>[u32 length][u32 crc32][varint seq][u64 unix_ms][u8 event_type][payload]</c>, little-endian. Length counts what follows the CRC.
/// The CRC covers the file's identity (8 bytes), the length and the body, so that a frame of another file, or of this file's earlier life, is never taken for one of this.
/// </summary>
internal readonly ref struct Frame
{
    /// <summary>Bytes before the body.</summary>
    public const int PrefixBytes = 8;

    /// <summary>Shortest body: one byte of sequence, the time, the type.</summary>
    public const int ShortestBodyBytes = 10;

    [ThreadStatic]
    private static Crc32? _crc;

    public long Sequence { get; private init; }

    public long UnixMs { get; private init; }

    public EventType Type { get; private init; }

    public ReadOnlySpan<byte> Payload { get; private init; }

    /// <summary>Bytes of the whole frame.</summary>
    public int LengthBytes { get; private init; }

    /// <summary>All its bytes, length and CRC included.</summary>
    public ReadOnlySpan<byte> Whole { get; private init; }

    /// <summary>Where the payload begins in the frame.</summary>
    public int PayloadOffset => LengthBytes - Payload.Length;

    /// <summary>Reads the frame at the beginning of the bytes; false when there is none, or it is cut or damaged.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ulong identity, out Frame frame, bool checkCrc = true)
    {
        frame = default;
        if (bytes.Length < PrefixBytes + ShortestBodyBytes) return false;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length < ShortestBodyBytes || length > bytes.Length - PrefixBytes) return false;
        ReadOnlySpan<byte> whole = bytes[..(PrefixBytes + (int)length)];
        if (checkCrc && !Faults.IgnoreChecksums && BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) != Checksum(whole, identity)) return false;
        int position = PrefixBytes;
        if (!TryReadVarint(whole, ref position, out ulong sequence) || whole.Length - position < 9) return false;
        frame = new Frame
        {
            Sequence = (long)sequence,
            UnixMs = BinaryPrimitives.ReadInt64LittleEndian(whole[position..]),
            Type = (EventType)whole[position + 8],
            Payload = whole[(position + 9)..],
            Whole = whole,
            LengthBytes = whole.Length,
        };
        return true;
    }

    /// <summary>Fills in the CRC of every frame in the bytes, for the file with this identity.</summary>
    public static void Seal(Span<byte> frames, ulong identity)
    {
        while (frames.Length > 0)
        {
            int length = PrefixBytes + (int)BinaryPrimitives.ReadUInt32LittleEndian(frames);
            BinaryPrimitives.WriteUInt32LittleEndian(frames[4..], Checksum(frames[..length], identity));
            frames = frames[length..];
        }
    }

    /// <summary>CRC-32 (IEEE 802.3, reflected) of identity ‖ length ‖ body.</summary>
    public static uint Checksum(ReadOnlySpan<byte> frame, ulong identity)
    {
        Crc32 crc = _crc ??= new Crc32();
        crc.Reset();
        Span<byte> seed = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(seed, identity);
        frame[..4].CopyTo(seed[8..]);
        crc.Append(seed);
        crc.Append(frame[PrefixBytes..]);
        return crc.GetCurrentHashAsUInt32();
    }

    /// <summary>LEB128, unsigned; at most 10 bytes.</summary>
    public static int WriteVarint(Span<byte> target, ulong value)
    {
        int length = 0;
        while (value >= 0x80)
        {
            target[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[length++] = (byte)value;
        return length;
    }

    private static bool TryReadVarint(ReadOnlySpan<byte> bytes, ref int position, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 64 && position < bytes.Length; shift += 7)
        {
            byte next = bytes[position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return true;
        }

        return false;
    }
}
