using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace DriftDb.Storage;

/// <summary>
/// The last 128 bytes of a sealed segment: <c>[8 "DRIFTEND"][u32 version][u32 0][u64 first seq][u64 last seq][u64 frames][u64 length][32 SHA-256][32 SHA-256 of the segment before][12 zeros][u32 crc32]</c>.
/// The hash covers header and frames. Because each footer repeats the hash of the segment before it, nobody can change a sealed segment without changing all that follow, and the manifest.
/// </summary>
internal sealed record SegmentFooter(long FirstSequence, long LastSequence, long FrameCount, long LengthBytes, string Hash, string PreviousHash)
{
    public const int Size = 128;

    /// <summary>The hash before the first segment's.</summary>
    public static readonly string NoHash = new('0', 64);

    private const ulong Magic = 0x444E_4554_4649_5244; // "DRIFTEND", read little-endian

    private const uint Version = 1;

    public void Write(Span<byte> target)
    {
        target[..Size].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(target, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], FirstSequence);
        BinaryPrimitives.WriteInt64LittleEndian(target[24..], LastSequence);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], FrameCount);
        BinaryPrimitives.WriteInt64LittleEndian(target[40..], LengthBytes);
        Convert.FromHexString(Hash).CopyTo(target[48..]);
        Convert.FromHexString(PreviousHash).CopyTo(target[80..]);
        BinaryPrimitives.WriteUInt32LittleEndian(target[124..], Crc32.HashToUInt32(target[..124]));
    }

    /// <summary>Null when the bytes are no whole footer.</summary>
    public static SegmentFooter? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Size || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic || BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) != Version) return null;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[124..]) != Crc32.HashToUInt32(bytes[..124])) return null;
        return new SegmentFooter(
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]), Hex(bytes[48..80]), Hex(bytes[80..112]));
    }

    /// <summary>SHA-256 of a file's first bytes, as lower-case hexadecimal.</summary>
    public static string HashOf(IFile file, long lengthBytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[(int)Math.Min(1 << 20, Math.Max(1, lengthBytes))];
        for (long offset = 0; offset < lengthBytes;)
        {
            int read = file.Read(offset, buffer.AsSpan(0, (int)Math.Min(buffer.Length, lengthBytes - offset)));
            if (read == 0) break;
            hash.AppendData(buffer, 0, read);
            offset += read;
        }

        return Hex(hash.GetHashAndReset());
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
