using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace DriftDb.Types;

/// <summary>A UUID as two big-endian halves, so that comparing the halves compares the bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Uuid(ulong High, ulong Low) : IComparable<Uuid>
{
    public int CompareTo(Uuid other)
    {
        int order = High.CompareTo(other.High);
        return order != 0 ? order : Low.CompareTo(other.Low);
    }

    public static Uuid FromGuid(Guid guid)
    {
        Span<byte> bytes = stackalloc byte[16];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        return ReadBigEndian(bytes);
    }

    public Guid ToGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        WriteBigEndian(bytes);
        return new Guid(bytes, bigEndian: true);
    }

    public static Uuid ReadBigEndian(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    public void WriteBigEndian(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
    }

    public override string ToString() => ToGuid().ToString("D", CultureInfo.InvariantCulture);
}
