using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>A single value held apart from any row, for missing-value defaults and statistics: the bytes of a column slot, or the value's own bytes for <see cref="PhysicalKind.Bytes"/>.</summary>
public sealed class StoredValue : IEquatable<StoredValue>
{
    private readonly byte[] _bytes;

    public StoredValue(ReadOnlySpan<byte> bytes)
    {
        // Pinned, because a bytes value is handed out as a slice.
        _bytes = GC.AllocateUninitializedArray<byte>(Math.Max(1, bytes.Length), pinned: true);
        bytes.CopyTo(_bytes);
        _lengthBytes = bytes.Length;
    }

    private readonly int _lengthBytes;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _lengthBytes);

    /// <summary>The bytes by address, valid as long as this value is referenced.</summary>
    public unsafe ByteSlice Slice => new((byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _bytes[0]), _lengthBytes);

    /// <summary>Copies a tuple's slot. The slot must not be NULL.</summary>
    public static unsafe StoredValue FromTuple(byte* tuple, TupleLayout layout, int column)
    {
        byte* slot = tuple + layout.Offset(column);
        PhysicalKind kind = layout.Types[column].Kind;
        return kind == PhysicalKind.Bytes ? new StoredValue((*(ByteSlice*)slot).Span) : new StoredValue(new ReadOnlySpan<byte>(slot, kind.ColumnWidthBytes()));
    }

    public bool Equals(StoredValue? other) => other is not null && Bytes.SequenceEqual(other.Bytes);

    public override bool Equals(object? obj) => Equals(obj as StoredValue);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }
}
