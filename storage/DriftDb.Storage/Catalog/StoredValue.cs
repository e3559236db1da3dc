using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>A single value held apart from any row, for missing-value defaults and statistics: the bytes of a column slot, or the value's own bytes for <see cref="PhysicalKind.Bytes"/>.</summary>
public sealed class StoredValue(ReadOnlySpan<byte> bytes) : IEquatable<StoredValue>
{
    private readonly byte[] _bytes = bytes.ToArray();

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Copies a tuple's slot. The slot must not be NULL.</summary>
    public static unsafe StoredValue FromTuple(byte* tuple, TupleLayout layout, int column)
    {
        byte* slot = tuple + layout.Offset(column);
        PhysicalKind kind = layout.Types[column].Kind;
        return kind == PhysicalKind.Bytes ? new StoredValue((*(ByteSlice*)slot).Span) : new StoredValue(new ReadOnlySpan<byte>(slot, kind.ColumnWidthBytes()));
    }

    public bool Equals(StoredValue? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    public override bool Equals(object? obj) => Equals(obj as StoredValue);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }
}
