using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace DriftDb.Types;

/// <summary>Order, equality and hash of values in tuple slots, as SQL's operators and index orders see them. Neither value is NULL.</summary>
public static unsafe class ValueComparer
{
    public static int Compare(SqlType type, byte* left, byte* right) => type.Kind switch
    {
        PhysicalKind.Bool => left->CompareTo(*right),
        PhysicalKind.Int16 => (*(short*)left).CompareTo(*(short*)right),
        PhysicalKind.Int32 => IsUnsigned(type.Id) ? (*(uint*)left).CompareTo(*(uint*)right) : (*(int*)left).CompareTo(*(int*)right),
        PhysicalKind.Int64 => Unsafe.ReadUnaligned<long>(left).CompareTo(Unsafe.ReadUnaligned<long>(right)),
        PhysicalKind.Int128 => Unsafe.ReadUnaligned<Int128>(left).CompareTo(Unsafe.ReadUnaligned<Int128>(right)),
        PhysicalKind.Float32 => CompareFloats(*(float*)left, *(float*)right),
        PhysicalKind.Float64 => CompareFloats(Unsafe.ReadUnaligned<double>(left), Unsafe.ReadUnaligned<double>(right)),
        PhysicalKind.Interval => Unsafe.ReadUnaligned<Interval>(left).CompareTo(Unsafe.ReadUnaligned<Interval>(right)),
        PhysicalKind.Uuid => Unsafe.ReadUnaligned<Uuid>(left).CompareTo(Unsafe.ReadUnaligned<Uuid>(right)),
        _ => CompareBytes(type, Unsafe.ReadUnaligned<ByteSlice>(left).Span, Unsafe.ReadUnaligned<ByteSlice>(right).Span),
    };

    /// <summary>Object identifiers order as unsigned numbers.</summary>
    public static bool IsUnsigned(TypeId id) => id is not (TypeId.Int4 or TypeId.Date);

    /// <summary>PostgreSQL's order of floats: NaN is equal to itself and greater than all; -0 equals 0.</summary>
    public static int CompareFloats(double left, double right)
    {
        if (left < right) return -1;
        if (left > right) return 1;
        if (left == right) return 0;
        return double.IsNaN(left) ? double.IsNaN(right) ? 0 : 1 : -1;
    }

    /// <summary>Order of two values of a <see cref="PhysicalKind.Bytes"/> type.</summary>
    public static int CompareBytes(SqlType type, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        switch (type.Id)
        {
            case TypeId.BpChar: return left.TrimEnd((byte)' ').SequenceCompareTo(right.TrimEnd((byte)' '));
            case TypeId.Numeric: return SqlNumeric.Decode(left).CompareTo(SqlNumeric.Decode(right));
            case TypeId.TimeTz: return TimeTz.Decode(left).CompareTo(TimeTz.Decode(right));
            case TypeId.Array: return CompareArrays(ArrayReader.StoredElement(type.Element!), left, right);
            case TypeId.Int2Vector: return CompareArrays(SqlType.Int2, left, right);
            case TypeId.OidVector: return CompareArrays(SqlType.Oid, left, right);
            case TypeId.Record: return CompareRecords(left, right);
            case TypeId.Jsonb: return left.SequenceEqual(right) ? 0 : JsonbComparer.Compare(left, right);
            default: return left.SequenceCompareTo(right);
        }
    }

    /// <summary>Order of two values given as in an array.</summary>
    public static int CompareBytesForm(SqlType type, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (type.Kind == PhysicalKind.Bytes) return CompareBytes(type, left, right);
        fixed (byte* a = left, b = right) return Compare(type, a, b);
    }

    private static int CompareArrays(SqlType element, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var a = new ArrayReader(left);
        var b = new ArrayReader(right);
        var x = a.GetEnumerator();
        var y = b.GetEnumerator();
        while (true)
        {
            bool more = x.MoveNext(), moreRight = y.MoveNext();
            if (!more || !moreRight) break;
            if (x.IsNull || y.IsNull)
            {
                if (x.IsNull && y.IsNull) continue;
                return x.IsNull ? 1 : -1;
            }

            int order = CompareBytesForm(element, x.Current, y.Current);
            if (order != 0) return order;
        }

        if (a.Count != b.Count) return a.Count.CompareTo(b.Count);
        if (a.Dimensions != b.Dimensions) return a.Dimensions.CompareTo(b.Dimensions);
        for (int i = 0; i < a.Dimensions; i++)
        {
            if (a.Length(i) != b.Length(i)) return a.Length(i).CompareTo(b.Length(i));
            if (a.LowerBound(i) != b.LowerBound(i)) return a.LowerBound(i).CompareTo(b.LowerBound(i));
        }

        return 0;
    }

    private static int CompareRecords(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var a = new RecordReader(left);
        var b = new RecordReader(right);
        for (int column = 1; ; column++)
        {
            bool more = a.MoveNext(), moreRight = b.MoveNext();
            if (!more || !moreRight)
            {
                if (more != moreRight) throw new SqlException(SqlState.DatatypeMismatch, "cannot compare record types with different numbers of columns");
                return 0;
            }

            if (a.IsNull || b.IsNull)
            {
                if (a.IsNull && b.IsNull) continue;
                return a.IsNull ? 1 : -1;
            }

            if (!a.Type.SameTypeAs(b.Type)) throw new SqlException(SqlState.DatatypeMismatch, $"cannot compare dissimilar column types {a.Type} and {b.Type} at record column {column}");
            int order = CompareBytesForm(a.Type, a.Current, b.Current);
            if (order != 0) return order;
        }
    }

    /// <summary>A hash that is equal for equal values, well mixed in all bits.</summary>
    public static ulong Hash(SqlType type, byte* slot) => type.Kind switch
    {
        PhysicalKind.Bool => Mix(*slot),
        PhysicalKind.Int16 => Mix((ulong)*(short*)slot),
        PhysicalKind.Int32 => Mix((ulong)*(int*)slot),
        PhysicalKind.Int64 => Mix(Unsafe.ReadUnaligned<ulong>(slot)),
        PhysicalKind.Int128 or PhysicalKind.Uuid => Mix(Unsafe.ReadUnaligned<ulong>(slot) ^ Mix(Unsafe.ReadUnaligned<ulong>(slot + 8))),
        PhysicalKind.Float32 => HashFloat(*(float*)slot),
        PhysicalKind.Float64 => HashFloat(Unsafe.ReadUnaligned<double>(slot)),
        PhysicalKind.Interval => HashInterval(Unsafe.ReadUnaligned<Interval>(slot)),
        _ => HashBytes(type, Unsafe.ReadUnaligned<ByteSlice>(slot).Span),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong value)
    {
        value *= 0x9E37_79B9_7F4A_7C15UL;
        value ^= value >> 32;
        return value * 0xD6E8_FEB8_6659_FD93UL;
    }

    public static ulong HashFloat(double value) => Mix(value == 0 ? 0 : double.IsNaN(value) ? 0x7FF8_0000_0000_0000UL : BitConverter.DoubleToUInt64Bits(value));

    public static ulong HashInterval(Interval value) => Mix((ulong)value.Comparable ^ Mix((ulong)(value.Comparable >> 64)));

    public static ulong HashBytes(SqlType type, ReadOnlySpan<byte> value)
    {
        switch (type.Id)
        {
            case TypeId.BpChar: return HashSpan(value.TrimEnd((byte)' '));
            case TypeId.Numeric:
                SqlNumeric bare = SqlNumeric.Decode(value).WithoutTrailingZeros();
                Span<byte> bytes = stackalloc byte[32];
                return bare.EncodedBytes <= 32 ? HashSpan(bytes[..bare.Encode(bytes)]) : HashSpan(bare.ToBytes());
            case TypeId.TimeTz: return Mix((ulong)TimeTz.Decode(value).UtcMicros);
            case TypeId.Array:
                SqlType element = ArrayReader.StoredElement(type.Element!);
                ulong hash = 17;
                var elements = new ArrayReader(value).GetEnumerator();
                while (elements.MoveNext()) hash = Mix(hash ^ (elements.IsNull ? 1 : HashBytesForm(element, elements.Current)));
                return hash;
            case TypeId.Record:
                hash = 19;
                var record = new RecordReader(value);
                while (record.MoveNext()) hash = Mix(hash ^ (record.IsNull ? 1 : HashBytesForm(record.Type, record.Current)));
                return hash;
            case TypeId.Jsonb: return JsonbComparer.Hash(value);
            default: return HashSpan(value);
        }
    }

    private static ulong HashBytesForm(SqlType type, ReadOnlySpan<byte> value)
    {
        if (type.Kind == PhysicalKind.Bytes) return HashBytes(type, value);
        fixed (byte* slot = value) return Hash(type, slot);
    }

    /// <summary>The hash of one byte, as <see cref="HashSpan"/> gives it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong HashByte(byte value) => Mix(0xA076_1D64_78BD_642FUL ^ value);

    /// <summary>Hash of bytes, eight at a time.</summary>
    public static ulong HashSpan(ReadOnlySpan<byte> bytes)
    {
        ulong hash = (ulong)bytes.Length * 0xA076_1D64_78BD_642FUL;
        while (bytes.Length >= 8)
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        if (bytes.IsEmpty) return hash;
        ulong tail = 0;
        for (int i = 0; i < bytes.Length; i++) tail |= (ulong)bytes[i] << (8 * i);
        return Mix(hash ^ tail);
    }
}
