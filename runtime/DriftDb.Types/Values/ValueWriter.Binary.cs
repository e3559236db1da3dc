using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DriftDb.Types;

/// <summary>The binary forms of PostgreSQL's send functions: big-endian, dates since 2000, numeric in base 10,000.</summary>
public static unsafe partial class ValueWriter
{
    public static void WriteBinary(IBufferWriter<byte> writer, SqlType type, byte* slot)
    {
        switch (type.Kind)
        {
            case PhysicalKind.Bool:
                writer.GetSpan(1)[0] = *slot;
                writer.Advance(1);
                break;
            case PhysicalKind.Int16:
                BinaryPrimitives.WriteInt16BigEndian(writer.GetSpan(2), *(short*)slot);
                writer.Advance(2);
                break;
            case PhysicalKind.Int32 or PhysicalKind.Float32:
                BinaryPrimitives.WriteInt32BigEndian(writer.GetSpan(4), *(int*)slot);
                writer.Advance(4);
                break;
            case PhysicalKind.Int64 when type.IsFixedNumeric:
                WriteNumeric(writer, new SqlNumeric(Unsafe.ReadUnaligned<long>(slot), type.Scale));
                break;
            case PhysicalKind.Int64 or PhysicalKind.Float64:
                BinaryPrimitives.WriteInt64BigEndian(writer.GetSpan(8), Unsafe.ReadUnaligned<long>(slot));
                writer.Advance(8);
                break;
            case PhysicalKind.Int128:
                WriteNumeric(writer, new SqlNumeric(Unsafe.ReadUnaligned<Int128>(slot), type.Scale));
                break;
            case PhysicalKind.Interval:
                Interval interval = Unsafe.ReadUnaligned<Interval>(slot);
                Span<byte> span = writer.GetSpan(16);
                BinaryPrimitives.WriteInt64BigEndian(span, interval.Microseconds);
                BinaryPrimitives.WriteInt32BigEndian(span[8..], interval.Days);
                BinaryPrimitives.WriteInt32BigEndian(span[12..], interval.Months);
                writer.Advance(16);
                break;
            case PhysicalKind.Uuid:
                Unsafe.ReadUnaligned<Uuid>(slot).WriteBigEndian(writer.GetSpan(16));
                writer.Advance(16);
                break;
            default:
                WriteBinaryBytesForm(writer, type, Unsafe.ReadUnaligned<ByteSlice>(slot).Span);
                break;
        }
    }

    private static void WriteBinaryBytesForm(IBufferWriter<byte> writer, SqlType type, ReadOnlySpan<byte> value)
    {
        if (type.Kind != PhysicalKind.Bytes)
        {
            fixed (byte* slot = value) WriteBinary(writer, type, slot);
            return;
        }

        switch (type.Id)
        {
            case TypeId.Numeric: WriteNumeric(writer, SqlNumeric.Decode(value)); break;
            case TypeId.TimeTz:
                var time = TimeTz.Decode(value);
                Span<byte> span = writer.GetSpan(12);
                BinaryPrimitives.WriteInt64BigEndian(span, time.Micros);
                BinaryPrimitives.WriteInt32BigEndian(span[8..], time.ZoneSeconds);
                writer.Advance(12);
                break;
            case TypeId.Jsonb:
                writer.GetSpan(1)[0] = 1;
                writer.Advance(1);
                writer.Write(value);
                break;
            case TypeId.Array: WriteArray(writer, ArrayReader.StoredElement(type.Element!), new ArrayReader(value)); break;
            case TypeId.Int2Vector: WriteArray(writer, SqlType.Int2, new ArrayReader(value)); break;
            case TypeId.OidVector: WriteArray(writer, SqlType.Oid, new ArrayReader(value)); break;
            case TypeId.Record: WriteRecord(writer, type, value); break;
            case TypeId.Enum: writer.Write(Labels(type).LabelOf(value)); break;
            case TypeId.Cidr: writer.Write((ReadOnlySpan<byte>)InetValue.ToBinary(value, isNetwork: true)); break;
            case TypeId.Inet: writer.Write((ReadOnlySpan<byte>)InetValue.ToBinary(value)); break;
            case TypeId.Bit or TypeId.VarBit: BitStringBinary.Write(writer, value); break;
            case TypeId.Void: break;
            default: writer.Write(value); break;
        }
    }

    private static void WriteNumeric(IBufferWriter<byte> writer, SqlNumeric value)
    {
        if (!value.IsFinite)
        {
            Span<byte> special = writer.GetSpan(8)[..8];
            special.Clear();
            BinaryPrimitives.WriteUInt16BigEndian(special[4..], value.Kind switch { NumericKind.NaN => 0xC000, NumericKind.PositiveInfinity => 0xD000, _ => 0xF000 });
            writer.Advance(8);
            return;
        }

        // Align the decimal point to a base-10,000 digit, then peel digits off from the right.
        int pad = (4 - value.Scale % 4) % 4;
        int fractionDigits = (value.Scale + pad) / 4;
        Span<ushort> digits = stackalloc ushort[16];
        ushort[]? rented = null;
        int count = 0;
        if (value.TryGetSmall(out Int128 small) && Int128.Abs(small) < PowersOfTen.Wide(34))
        {
            UInt128 rest = (UInt128)Int128.Abs(small) * (UInt128)PowersOfTen.Wide(pad);
            while (rest > ulong.MaxValue)
            {
                (rest, UInt128 digit) = UInt128.DivRem(rest, 10_000);
                digits[count++] = (ushort)digit;
            }

            for (ulong low = (ulong)rest; low > 0; low /= 10_000) digits[count++] = (ushort)(low % 10_000);
        }
        else
        {
            BigInteger rest = BigInteger.Abs(value.Unscaled) * PowersOfTen.Big(pad);
            rented = new ushort[SqlNumeric.DecimalDigits(rest) / 4 + 2];
            digits = rented;
            while (!rest.IsZero)
            {
                rest = BigInteger.DivRem(rest, 10_000, out BigInteger digit);
                digits[count++] = (ushort)digit;
            }
        }

        int weight = count - fractionDigits - 1;
        int trailing = 0;
        while (trailing < count && digits[trailing] == 0) trailing++;
        int sent = count - trailing;
        Span<byte> span = writer.GetSpan(8 + 2 * sent);
        BinaryPrimitives.WriteInt16BigEndian(span, (short)sent);
        BinaryPrimitives.WriteInt16BigEndian(span[2..], (short)(sent == 0 ? 0 : weight));
        BinaryPrimitives.WriteUInt16BigEndian(span[4..], value.Sign < 0 ? (ushort)0x4000 : (ushort)0);
        BinaryPrimitives.WriteUInt16BigEndian(span[6..], (ushort)value.Scale);
        for (int i = 0; i < sent; i++) BinaryPrimitives.WriteUInt16BigEndian(span[(8 + 2 * i)..], digits[count - 1 - i]);
        writer.Advance(8 + 2 * sent);
    }

    private static void WriteArray(IBufferWriter<byte> writer, SqlType element, ArrayReader array)
    {
        int header = 12 + 8 * array.Dimensions;
        Span<byte> span = writer.GetSpan(header);
        BinaryPrimitives.WriteInt32BigEndian(span, array.Dimensions);
        BinaryPrimitives.WriteInt32BigEndian(span[4..], array.HasNulls ? 1 : 0);
        BinaryPrimitives.WriteInt32BigEndian(span[8..], TypeNames.Oid(element));
        for (int i = 0; i < array.Dimensions; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(span[(12 + 8 * i)..], array.Length(i));
            BinaryPrimitives.WriteInt32BigEndian(span[(16 + 8 * i)..], array.LowerBound(i));
        }

        writer.Advance(header);
        var scratch = new ByteWriter();
        var elements = array.GetEnumerator();
        while (elements.MoveNext()) WriteField(writer, scratch, element, elements.IsNull, elements.Current);
    }

    private static void WriteRecord(IBufferWriter<byte> writer, SqlType type, ReadOnlySpan<byte> value)
    {
        var record = new RecordReader(value, type.Row);
        BinaryPrimitives.WriteInt32BigEndian(writer.GetSpan(4), record.Count);
        writer.Advance(4);
        var scratch = new ByteWriter();
        while (record.MoveNext())
        {
            BinaryPrimitives.WriteInt32BigEndian(writer.GetSpan(4), TypeNames.Oid(record.Type));
            writer.Advance(4);
            WriteField(writer, scratch, record.Type, record.IsNull, record.Current);
        }
    }

    private static void WriteField(IBufferWriter<byte> writer, ByteWriter scratch, SqlType type, bool isNull, ReadOnlySpan<byte> value)
    {
        scratch.Clear();
        if (!isNull) WriteBinaryBytesForm(scratch, type, value);
        BinaryPrimitives.WriteInt32BigEndian(writer.GetSpan(4), isNull ? -1 : scratch.Length);
        writer.Advance(4);
        if (!isNull) writer.Write(scratch.Written);
    }
}
