using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>Writes a value's order-preserving bytes: memcmp of two encodings orders as the type does; no encoding is a prefix of another.</summary>
public delegate void KeyBytesEncoder(ReadOnlySpan<byte> value, SqlType type, KeyBuilder key);

/// <summary>
/// Builds normalized keys: byte strings whose order under memcmp is the index's order. Each part is a marker byte (1 for a value; NULL is 0 when NULLs come first, else 2) and the value's
/// bytes: integers big-endian with the sign bit flipped, floats by the IEEE trick (-0 as 0, NaN greatest), strings with 0 escaped as 0 FF and ended by 0 0; inverted for DESC.
/// </summary>
/// <remarks>Not thread-safe; keep one and <see cref="Reset"/> it.</remarks>
public sealed unsafe class KeyBuilder
{
    private static readonly ConcurrentDictionary<TypeId, KeyBytesEncoder> Encoders = new();

    private byte[] _bytes = new byte[64];
    private int _length;

    /// <summary>The key so far.</summary>
    public ReadOnlySpan<byte> Key => _bytes.AsSpan(0, _length);

    /// <summary>Whether any part so far was NULL: such a key violates no unique constraint.</summary>
    public bool HasNull { get; private set; }

    /// <summary>
    /// Registers the encoder of a type whose values are bytes but don't order as bytes (numeric without precision, timetz, jsonb, arrays). Without one such a type is encoded as its raw bytes:
    /// right for equality where equal values have equal bytes, not for order.
    /// </summary>
    public static void RegisterEncoder(TypeId type, KeyBytesEncoder encoder) => Encoders[type] = encoder;

    public void Reset()
    {
        _length = 0;
        HasNull = false;
    }

    public KeyBuilder AppendNull(KeyColumn column)
    {
        HasNull = true;
        Reserve(1)[0] = column.NullsFirst ? (byte)0 : (byte)2;
        return this;
    }

    /// <summary>Appends a tuple's column as the key's next part.</summary>
    public KeyBuilder Append(KeyColumn column, byte* tuple, TupleLayout layout, int ordinal) =>
        TupleLayout.IsNull(tuple, ordinal) ? AppendNull(column) : AppendSlot(column, tuple + layout.Offset(ordinal));

    /// <summary>Appends a value that isn't NULL, given as a tuple's slot of the column's kind (<see cref="ByteSlice"/> for bytes).</summary>
    public KeyBuilder AppendSlot(KeyColumn column, byte* slot) => column.Type.Kind switch
    {
        PhysicalKind.Bool => AppendInt64(column, *slot == 0 ? 0 : 1),
        PhysicalKind.Int16 => AppendInt64(column, *(short*)slot),
        PhysicalKind.Int32 => AppendInt64(column, column.Type.Id == TypeId.Oid ? *(uint*)slot : *(int*)slot),
        PhysicalKind.Int64 => AppendInt64(column, Unsafe.ReadUnaligned<long>(slot)),
        PhysicalKind.Int128 => AppendInt128(column, Unsafe.ReadUnaligned<Int128>(slot)),
        PhysicalKind.Float32 => AppendFloat64(column, Unsafe.ReadUnaligned<float>(slot)),
        PhysicalKind.Float64 => AppendFloat64(column, Unsafe.ReadUnaligned<double>(slot)),
        PhysicalKind.Interval => AppendInt128(column, Unsafe.ReadUnaligned<Interval>(slot).Comparable),
        PhysicalKind.Uuid => AppendUuid(column, Unsafe.ReadUnaligned<Uuid>(slot)),
        _ => AppendBytes(column, Unsafe.ReadUnaligned<ByteSlice>(slot).Span),
    };

    /// <summary>All integer-like kinds up to 8 bytes, and bool as 0 or 1, share one encoding.</summary>
    public KeyBuilder AppendInt64(KeyColumn column, long value)
    {
        Span<byte> target = Reserve(9);
        target[0] = 1;
        BinaryPrimitives.WriteUInt64BigEndian(target[1..], (ulong)value ^ 0x8000_0000_0000_0000UL ^ (column.Descending ? ulong.MaxValue : 0));
        return this;
    }

    public KeyBuilder AppendInt128(KeyColumn column, Int128 value)
    {
        Span<byte> target = Reserve(17);
        target[0] = 1;
        BinaryPrimitives.WriteUInt128BigEndian(target[1..], (UInt128)value ^ (UInt128.One << 127) ^ (column.Descending ? UInt128.MaxValue : UInt128.Zero));
        return this;
    }

    /// <summary>Both float kinds; a float4 as the double of the same value.</summary>
    public KeyBuilder AppendFloat64(KeyColumn column, double value)
    {
        if (value == 0) value = 0; // -0 = 0
        long bits = double.IsNaN(value) ? 0x7FF8_0000_0000_0000L : BitConverter.DoubleToInt64Bits(value);
        return AppendInt64(column, bits < 0 ? bits ^ long.MaxValue : bits);
    }

    public KeyBuilder AppendUuid(KeyColumn column, Uuid value)
    {
        Span<byte> target = Reserve(17);
        target[0] = 1;
        value.WriteBigEndian(target[1..]);
        if (column.Descending) Invert(target[1..]);
        return this;
    }

    public KeyBuilder AppendBytes(KeyColumn column, ReadOnlySpan<byte> value)
    {
        Reserve(1)[0] = 1;
        int start = _length;
        if (Encoders.TryGetValue(column.Type.Id, out KeyBytesEncoder? encoder)) encoder(value, column.Type, this);
        else AppendEscaped(column.Type.Id == TypeId.BpChar ? value.TrimEnd((byte)' ') : value);
        if (column.Descending) Invert(_bytes.AsSpan(start, _length - start));
        return this;
    }

    /// <summary>For encoders: bytes as they are.</summary>
    public void AppendRaw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>For encoders: bytes escaped and terminated, so that a prefix sorts first and nothing runs into the next part.</summary>
    public void AppendEscaped(ReadOnlySpan<byte> value)
    {
        while (true)
        {
            int zero = value.IndexOf((byte)0);
            AppendRaw(zero < 0 ? value : value[..zero]);
            Span<byte> tail = Reserve(2);
            tail[0] = 0;
            tail[1] = zero < 0 ? (byte)0 : (byte)0xFF;
            if (zero < 0) return;
            value = value[(zero + 1)..];
        }
    }

    private static void Invert(Span<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)~bytes[i];
    }

    private Span<byte> Reserve(int lengthBytes)
    {
        if (_length + lengthBytes > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + lengthBytes));
        Span<byte> target = _bytes.AsSpan(_length, lengthBytes);
        _length += lengthBytes;
        return target;
    }
}
