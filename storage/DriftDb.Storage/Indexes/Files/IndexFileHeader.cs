using System.Buffers.Binary;
using System.IO.Hashing;

namespace DriftDb.Storage;

/// <summary>Page 0 of an index file.</summary>
/// <param name="Identity">Seeds the checksums of all pages.</param>
/// <param name="TableId">Whose index.</param>
/// <param name="IndexId">Which index.</param>
/// <param name="Units">Length of the file in units of 8 KiB, this page included.</param>
/// <param name="RootPage">0 for a file without records.</param>
/// <param name="Records">Lives and tombstones.</param>
/// <param name="Living">Lives without an end.</param>
/// <param name="Tombstones">Among the records.</param>
/// <param name="TruncatedAt">What older files show as living ended here at the latest; <see cref="long.MaxValue"/> where no TRUNCATE falls into the file's time.</param>
internal sealed record IndexFileHeader(ulong Identity, long TableId, long IndexId, uint Units, uint RootPage, long Records, long Living, long Tombstones, long TruncatedAt)
{
    /// <summary>"DRIFTIDX", read little-endian.</summary>
    private const ulong Magic = 0x5844_4954_4649_5244;

    private const uint Version = 1;

    private const int UsedBytes = 88;

    public void Write(Span<byte> page)
    {
        page[..IndexPage.UnitBytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(page, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(page[8..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(page[16..], Identity);
        BinaryPrimitives.WriteInt64LittleEndian(page[24..], TableId);
        BinaryPrimitives.WriteInt64LittleEndian(page[32..], IndexId);
        BinaryPrimitives.WriteUInt32LittleEndian(page[40..], Units);
        BinaryPrimitives.WriteUInt32LittleEndian(page[44..], RootPage);
        BinaryPrimitives.WriteInt64LittleEndian(page[48..], Records);
        BinaryPrimitives.WriteInt64LittleEndian(page[56..], Living);
        BinaryPrimitives.WriteInt64LittleEndian(page[64..], Tombstones);
        BinaryPrimitives.WriteInt64LittleEndian(page[72..], TruncatedAt);
        BinaryPrimitives.WriteUInt32LittleEndian(page[(UsedBytes - 4)..], Crc32.HashToUInt32(page[..(UsedBytes - 4)]));
    }

    public static IndexFileHeader? TryRead(ReadOnlySpan<byte> page)
    {
        if (page.Length < UsedBytes || BinaryPrimitives.ReadUInt64LittleEndian(page) != Magic || BinaryPrimitives.ReadUInt32LittleEndian(page[8..]) != Version) return null;
        if (BinaryPrimitives.ReadUInt32LittleEndian(page[(UsedBytes - 4)..]) != Crc32.HashToUInt32(page[..(UsedBytes - 4)])) return null;
        return new IndexFileHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(page[16..]), BinaryPrimitives.ReadInt64LittleEndian(page[24..]), BinaryPrimitives.ReadInt64LittleEndian(page[32..]),
            BinaryPrimitives.ReadUInt32LittleEndian(page[40..]), BinaryPrimitives.ReadUInt32LittleEndian(page[44..]),
            BinaryPrimitives.ReadInt64LittleEndian(page[48..]), BinaryPrimitives.ReadInt64LittleEndian(page[56..]), BinaryPrimitives.ReadInt64LittleEndian(page[64..]), BinaryPrimitives.ReadInt64LittleEndian(page[72..]));
    }
}
