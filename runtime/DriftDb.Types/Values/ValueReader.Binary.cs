using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DriftDb.Types;

/// <summary>The binary forms of PostgreSQL's receive functions; 22P03 on bytes that don't fit.</summary>
public static unsafe partial class ValueReader
{
    public static void ReadBinary(ReadOnlySpan<byte> bytes, SqlType type, byte* slot, Arena arena, FormatSettings settings)
    {
        switch (type.Kind)
        {
            case PhysicalKind.Bool:
                Expect(bytes, 1, type);
                *slot = bytes[0] != 0 ? (byte)1 : (byte)0;
                return;
            case PhysicalKind.Int16:
                Expect(bytes, 2, type);
                *(short*)slot = BinaryPrimitives.ReadInt16BigEndian(bytes);
                return;
            case PhysicalKind.Int32 or PhysicalKind.Float32:
                Expect(bytes, 4, type);
                *(int*)slot = BinaryPrimitives.ReadInt32BigEndian(bytes);
                return;
            case PhysicalKind.Int64 or PhysicalKind.Float64 when type.Id != TypeId.Numeric:
                Expect(bytes, 8, type);
                Unsafe.WriteUnaligned(slot, BinaryPrimitives.ReadInt64BigEndian(bytes));
                return;
            case PhysicalKind.Interval:
                Expect(bytes, 16, type);
                Unsafe.WriteUnaligned(slot, new Interval(BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt32BigEndian(bytes[8..]), BinaryPrimitives.ReadInt32BigEndian(bytes[12..])));
                return;
            case PhysicalKind.Uuid:
                Expect(bytes, 16, type);
                Unsafe.WriteUnaligned(slot, Uuid.ReadBigEndian(bytes));
                return;
        }

        switch (type.Id)
        {
            case TypeId.Numeric: StoreNumeric(ReadNumeric(bytes).WithTypmod(type.Typmod), type, slot, arena); break;
            case TypeId.TimeTz:
                Expect(bytes, 12, type);
                StoreTimeTz(new TimeTz(BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt32BigEndian(bytes[8..])), slot, arena);
                break;
            case TypeId.Bytea: *(ByteSlice*)slot = arena.Copy(bytes); break;
            case TypeId.Jsonb:
                if (bytes.IsEmpty || bytes[0] != 1) throw new SqlException(SqlState.InvalidBinaryRepresentation, $"unsupported jsonb version number {(bytes.IsEmpty ? 0 : bytes[0])}");
                *(ByteSlice*)slot = ParseBytesType(bytes[1..], type, arena);
                break;
            case TypeId.Array or TypeId.Int2Vector or TypeId.OidVector: *(ByteSlice*)slot = ReadArray(bytes, type, arena, settings); break;
            case TypeId.Cidr: *(ByteSlice*)slot = arena.Copy(InetValue.NetworkFromBinary(bytes)); break;
            case TypeId.MacAddr: *(ByteSlice*)slot = arena.Copy(MacAddressValue.FromBinary(bytes)); break;
            case TypeId.Inet: *(ByteSlice*)slot = arena.Copy(InetValue.FromBinary(bytes)); break;
            case TypeId.Bit or TypeId.VarBit: *(ByteSlice*)slot = ParseBits(BitStringBinary.Read(bytes), type, arena); break;
            case TypeId.Record: *(ByteSlice*)slot = ReadRecord(bytes, type, arena, settings); break;
            case TypeId.Enum: *(ByteSlice*)slot = ParseEnum(bytes, type, arena); break;
            default: *(ByteSlice*)slot = ParseBytesType(bytes, type, arena); break;
        }
    }

    private static SqlNumeric ReadNumeric(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8) throw TextErrors.BinaryFormat("numeric");
        int count = BinaryPrimitives.ReadUInt16BigEndian(bytes), weight = BinaryPrimitives.ReadInt16BigEndian(bytes[2..]), sign = BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        int scale = BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]);
        if (bytes.Length != 8 + 2 * count) throw TextErrors.BinaryFormat("numeric");
        switch (sign)
        {
            case 0xC000: return SqlNumeric.NaN;
            case 0xD000: return SqlNumeric.PositiveInfinity;
            case 0xF000: return SqlNumeric.NegativeInfinity;
            case 0 or 0x4000: break;
            default: throw new SqlException(SqlState.InvalidBinaryRepresentation, "invalid sign in external \"numeric\" value");
        }

        if (scale > SqlNumeric.MaxScale) throw new SqlException(SqlState.InvalidBinaryRepresentation, "invalid scale in external \"numeric\" value");
        BigInteger value = BigInteger.Zero;
        Int128 small = 0;
        for (int i = 0; i < count; i++)
        {
            int digit = BinaryPrimitives.ReadUInt16BigEndian(bytes[(8 + 2 * i)..]);
            if (digit >= 10_000) throw new SqlException(SqlState.InvalidBinaryRepresentation, "invalid digit in external \"numeric\" value");
            if (i < 9) small = small * 10_000 + digit;
            if (i == 9) value = small;
            if (i >= 9) value = value * 10_000 + digit;
        }

        // The digits so far mean value × 10000^(weight - count + 1).
        int exponent = 4 * (weight - count + 1);
        BigInteger unscaled = count > 9 ? value : small;
        if (sign != 0) unscaled = -unscaled;
        int wanted = scale + exponent;
        return wanted >= 0
            ? new SqlNumeric(unscaled * PowersOfTen.Big(wanted), scale)
            : new SqlNumeric(BigInteger.Divide(unscaled, PowersOfTen.Big(-wanted)), scale);
    }

    private static ByteSlice ReadArray(ReadOnlySpan<byte> bytes, SqlType type, Arena arena, FormatSettings settings)
    {
        if (bytes.Length < 12) throw TextErrors.BinaryFormat(type.ToString());
        int dimensions = BinaryPrimitives.ReadInt32BigEndian(bytes), elementOid = BinaryPrimitives.ReadInt32BigEndian(bytes[8..]);
        if (dimensions is < 0 or > 6) throw new SqlException(SqlState.ProgramLimitExceeded, $"number of array dimensions ({dimensions}) exceeds the maximum allowed (6)");
        SqlType element = type.Element ?? (type.Id == TypeId.Int2Vector ? SqlType.Int2 : SqlType.Oid);
        if (elementOid != TypeNames.Oid(element) && !(element.IsString && TypeNames.FromOid(elementOid) is { IsString: true }))
            throw new SqlException(SqlState.DatatypeMismatch, $"binary data has array element type {elementOid} ({TypeNames.FromOid(elementOid)}) instead of expected {TypeNames.Oid(element)} ({element.WithoutTypmod()})");
        if (bytes.Length < 12 + 8 * dimensions) throw TextErrors.BinaryFormat(type.ToString());
        Span<int> lengths = stackalloc int[dimensions], lowerBounds = stackalloc int[dimensions];
        long count = dimensions == 0 ? 0 : 1;
        for (int i = 0; i < dimensions; i++)
        {
            lengths[i] = BinaryPrimitives.ReadInt32BigEndian(bytes[(12 + 8 * i)..]);
            lowerBounds[i] = BinaryPrimitives.ReadInt32BigEndian(bytes[(16 + 8 * i)..]);
            if (lengths[i] < 0) throw TextErrors.BinaryFormat(type.ToString());
            count *= lengths[i];
            if (count > bytes.Length) throw TextErrors.BinaryFormat(type.ToString());
        }

        var builder = new ArrayBuilder();
        if (dimensions == 0) builder.Begin();
        else builder.Begin(lengths, lowerBounds);
        ReadOnlySpan<byte> rest = bytes[(12 + 8 * dimensions)..];
        byte* slot = stackalloc byte[16];
        for (long i = 0; i < count; i++)
        {
            if (rest.Length < 4) throw TextErrors.BinaryFormat(type.ToString());
            int length = BinaryPrimitives.ReadInt32BigEndian(rest);
            rest = rest[4..];
            if (length < 0)
            {
                builder.AddNull();
                continue;
            }

            if (length > rest.Length) throw TextErrors.BinaryFormat(type.ToString());
            ReadBinary(rest[..length], element, slot, arena, settings);
            builder.AddSlot(element, slot);
            rest = rest[length..];
        }

        return arena.Copy(builder.Finish());
    }

    private static ByteSlice ReadRecord(ReadOnlySpan<byte> bytes, SqlType type, Arena arena, FormatSettings settings)
    {
        if (type.Row is not { IsNamed: true } row) throw RecordText.NoInput();
        if (bytes.Length < 4) throw TextErrors.BinaryFormat(row.Name);
        int count = BinaryPrimitives.ReadInt32BigEndian(bytes);
        if (count != row.Fields.Length) throw new SqlException(SqlState.DatatypeMismatch, $"wrong number of columns: {count}, expected {row.Fields.Length}");
        var builder = new RecordBuilder();
        builder.Begin(count);
        ReadOnlySpan<byte> rest = bytes[4..];
        byte* slot = stackalloc byte[16];
        for (int i = 0; i < count; i++)
        {
            SqlType field = row.Fields[i].Type;
            if (rest.Length < 8) throw TextErrors.BinaryFormat(row.Name);
            int oid = BinaryPrimitives.ReadInt32BigEndian(rest), length = BinaryPrimitives.ReadInt32BigEndian(rest[4..]);
            if (oid != TypeNames.Oid(field) && !(field.IsString && TypeNames.FromOid(oid) is { IsString: true }))
                throw new SqlException(SqlState.DatatypeMismatch, $"binary data has type {oid} ({TypeNames.FromOid(oid)}) instead of expected {TypeNames.Oid(field)} ({field}) in record column {i + 1}");
            rest = rest[8..];
            if (length < 0)
            {
                builder.AddNull(field);
                continue;
            }

            if (length > rest.Length) throw TextErrors.BinaryFormat(row.Name);
            ReadBinary(rest[..length], field, slot, arena, settings);
            builder.AddSlot(field, slot);
            rest = rest[length..];
        }

        return arena.Copy(builder.Finish());
    }

    private static void Expect(ReadOnlySpan<byte> bytes, int length, SqlType type)
    {
        if (bytes.Length != length) throw TextErrors.BinaryFormat(TypeNames.Display(type.Id));
    }
}
