using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace DriftDb.Types;

/// <summary>
/// Bytes at an address that something else keeps alive: a chunk's heap (pinned), a query's arena, a parameter's buffer. 16 bytes, no reference,
/// so that compiled code copies it freely. Whoever stores a slice beyond its owner's life copies the bytes first.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly unsafe struct ByteSlice : IEquatable<ByteSlice>, IComparable<ByteSlice>
{
    private readonly byte* _address;
    private readonly long _lengthBytes;

    public ByteSlice(byte* address, int lengthBytes)
    {
        _address = address;
        _lengthBytes = lengthBytes;
    }

    public ByteSlice(nint address, int lengthBytes) : this((byte*)address, lengthBytes)
    {
    }

    public byte* Address => _address;

    public int Length => (int)_lengthBytes;

    public ReadOnlySpan<byte> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_address, (int)_lengthBytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Equals(ByteSlice other) => _lengthBytes == other._lengthBytes && Span.SequenceEqual(other.Span);

    /// <summary>Order of the bytes, as memcmp; a prefix comes first. This is the C collation's order for UTF-8 text.</summary>
    public int CompareTo(ByteSlice other) => Span.SequenceCompareTo(other.Span);

    public override bool Equals(object? obj) => obj is ByteSlice other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <summary>The bytes decoded as UTF-8; for messages and the embedded API, never on a hot path.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Span);
}
