using System.Buffers.Binary;
using System.IO.Hashing;

namespace DriftDb.Storage;

/// <summary>
/// The first 64 bytes of a WAL file or segment: <c>[8 magic][u32 version][u32 0][u64 identity][u64 number][u64 previous identity][u64 previous length][12 zeros][u32 crc32]</c>.
/// Number is the WAL file's number or the segment's table; the previous file's end lets recovery notice a file that is missing or short.
/// </summary>
internal readonly record struct FileHeader(ulong Magic, ulong Identity, long Number, ulong PreviousIdentity, long PreviousLength)
{
    public const int LengthBytes = 64;

    /// <summary>"DRIFTWAL", read little-endian.</summary>
    public const ulong WalMagic = 0x4C41_5754_4649_5244;

    /// <summary>"DRIFTSEG".</summary>
    public const ulong SegmentMagic = 0x4745_5354_4649_5244;

    /// <summary>"DRIFTSNP".</summary>
    public const ulong SnapshotMagic = 0x504E_5354_4649_5244;

    private const uint Version = 1;

    public void Write(Span<byte> target)
    {
        target[..LengthBytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(target, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(target[16..], Identity);
        BinaryPrimitives.WriteInt64LittleEndian(target[24..], Number);
        BinaryPrimitives.WriteUInt64LittleEndian(target[32..], PreviousIdentity);
        BinaryPrimitives.WriteInt64LittleEndian(target[40..], PreviousLength);
        BinaryPrimitives.WriteUInt32LittleEndian(target[60..], Crc32.HashToUInt32(target[..60]));
    }

    public static bool TryRead(ReadOnlySpan<byte> bytes, ulong magic, out FileHeader header)
    {
        header = default;
        if (bytes.Length < LengthBytes || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != magic) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) != Version) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[60..]) != Crc32.HashToUInt32(bytes[..60])) return false;
        header = new FileHeader(
            magic, BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]));
        return true;
    }
}
