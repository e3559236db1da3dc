using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace DriftDb.Types;

/// <summary>
/// Writes values as they lie in a tuple slot (see <see cref="TupleLayout"/>) in PostgreSQL's text and binary forms, without allocating for the everyday types.
/// The caller has dealt with NULL.
/// </summary>
public static unsafe partial class ValueWriter
{
    [ThreadStatic]
    private static ByteWriter? t_scratch;

    /// <summary>Writes text to any buffer; see the overload for a <see cref="ByteWriter"/>, which needs no copy.</summary>
    public static void WriteText(IBufferWriter<byte> writer, SqlType type, byte* slot, FormatSettings settings)
    {
        if (writer is ByteWriter own)
        {
            WriteText(own, type, slot, settings);
            return;
        }

        // The everyday types go straight into the caller's buffer.
        switch (type.Kind)
        {
            case PhysicalKind.Int32 when type.Id == TypeId.Int4:
                (*(int*)slot).TryFormat(writer.GetSpan(16), out int length);
                writer.Advance(length);
                return;
            case PhysicalKind.Int64 when type.Id == TypeId.Int8:
                Unsafe.ReadUnaligned<long>(slot).TryFormat(writer.GetSpan(24), out length);
                writer.Advance(length);
                return;
            case PhysicalKind.Bytes when type.IsString || type.Id is TypeId.Json or TypeId.Jsonb:
                writer.Write(Unsafe.ReadUnaligned<ByteSlice>(slot).Span);
                return;
        }

        ByteWriter scratch = t_scratch ?? new ByteWriter(256);
        t_scratch = null; // a nested call must not find it in use
        scratch.Clear();
        WriteText(scratch, type, slot, settings);
        writer.Write(scratch.Written);
        t_scratch = scratch;
    }

    public static void WriteText(ByteWriter writer, SqlType type, byte* slot, FormatSettings settings)
    {
        switch (type.Kind)
        {
            case PhysicalKind.Bool:
                writer.Write(*slot != 0 ? (byte)'t' : (byte)'f');
                break;
            case PhysicalKind.Int16:
                writer.WriteNumber(*(short*)slot);
                break;
            case PhysicalKind.Int32:
                WriteInt32(writer, type, *(int*)slot, settings);
                break;
            case PhysicalKind.Int64:
                WriteInt64(writer, type, Unsafe.ReadUnaligned<long>(slot), settings);
                break;
            case PhysicalKind.Int128:
                SqlNumeric.WriteFixed(writer, Unsafe.ReadUnaligned<Int128>(slot), type.Scale);
                break;
            case PhysicalKind.Float32:
                FloatText.Write(writer, *(float*)slot, settings.ExtraFloatDigits);
                break;
            case PhysicalKind.Float64:
                FloatText.Write(writer, Unsafe.ReadUnaligned<double>(slot), settings.ExtraFloatDigits);
                break;
            case PhysicalKind.Interval:
                IntervalText.Write(writer, Unsafe.ReadUnaligned<Interval>(slot), settings.IntervalStyle);
                break;
            case PhysicalKind.Uuid:
                Unsafe.ReadUnaligned<Uuid>(slot).ToGuid().TryFormat(writer.GetSpan(36), out int length, "D");
                writer.Advance(length);
                break;
            default:
                WriteBytesForm(writer, type, Unsafe.ReadUnaligned<ByteSlice>(slot).Span, settings);
                break;
        }
    }

    /// <summary>Writes a value given as the bytes it has in an array or record: the slot's bytes, or for <see cref="PhysicalKind.Bytes"/> its own.</summary>
    public static void WriteBytesForm(ByteWriter writer, SqlType type, ReadOnlySpan<byte> value, FormatSettings settings)
    {
        if (type.Kind != PhysicalKind.Bytes)
        {
            fixed (byte* slot = value) WriteText(writer, type, slot, settings);
            return;
        }

        switch (type.Id)
        {
            case TypeId.Numeric: SqlNumeric.Decode(value).WriteText(writer); break;
            case TypeId.Bytea: WriteBytea(writer, value, settings); break;
            case TypeId.TimeTz:
                var time = TimeTz.Decode(value);
                DateTimeFormat.WriteTime(writer, time.Micros);
                DateTimeFormat.WriteOffset(writer, -time.ZoneSeconds);
                break;
            case TypeId.Array: ArrayText.Write(writer, type, value, settings); break;
            case TypeId.Int2Vector or TypeId.OidVector: WriteVector(writer, type, value); break;
            case TypeId.Record: RecordText.Write(writer, type, value, settings); break;
            case TypeId.Enum: writer.Write(Labels(type).LabelOf(value)); break;
            case TypeId.Cidr: writer.Write(Encoding.ASCII.GetBytes(InetValue.FormatNetwork(value))); break;
            case TypeId.MacAddr: writer.Write(Encoding.ASCII.GetBytes(MacAddressValue.Format(value))); break;
            case TypeId.Inet: writer.Write(Encoding.ASCII.GetBytes(InetValue.Format(value))); break;
            case TypeId.Void: break;
            default: writer.Write(value); break;
        }
    }

    /// <summary>The enum that the type is; a value whose enum isn't known has no text.</summary>
    private static EnumType Labels(SqlType type) => type.Enum ?? throw new SqlException(SqlState.FeatureNotSupported, "an enum within a record whose columns are not known has no text");

    private static void WriteInt32(ByteWriter writer, SqlType type, int value, FormatSettings settings)
    {
        switch (type.Id)
        {
            case TypeId.Int4: writer.WriteNumber(value); break;
            case TypeId.Date: DateTimeFormat.WriteDate(writer, value, settings); break;
            case TypeId.Oid or TypeId.Xid or TypeId.Cid: writer.WriteNumber((uint)value); break;
            default:
                if (value == 0) writer.Write((byte)'-');
                else if (RegNames.NameOf(type.Id, value, settings) is { } name) writer.Write(name);
                else writer.WriteNumber((uint)value);
                break;
        }
    }

    private static void WriteInt64(ByteWriter writer, SqlType type, long value, FormatSettings settings)
    {
        switch (type.Id)
        {
            case TypeId.Int8: writer.WriteNumber(value); break;
            case TypeId.Numeric: SqlNumeric.WriteFixed(writer, value, type.Scale); break;
            case TypeId.Timestamp: DateTimeFormat.WriteTimestamp(writer, value, settings); break;
            case TypeId.TimestampTz: DateTimeFormat.WriteTimestampTz(writer, value, settings); break;
            case TypeId.Time: DateTimeFormat.WriteTime(writer, value); break;
            case TypeId.Money:
                writer.Write(value < 0 ? "-$" : "$");
                UInt128 cents = (UInt128)Int128.Abs(value);
                writer.Write(((ulong)(cents / 100)).ToString("N0", CultureInfo.InvariantCulture));
                writer.Write((byte)'.');
                DateTimeFormat.TwoDigits(writer, (int)(cents % 100));
                break;
            case TypeId.PgLsn:
                writer.Write(string.Create(CultureInfo.InvariantCulture, $"{(uint)((ulong)value >> 32):X}/{(uint)value:X}"));
                break;
            default: writer.WriteNumber(value); break;
        }
    }

    private static void WriteBytea(ByteWriter writer, ReadOnlySpan<byte> value, FormatSettings settings)
    {
        if (settings.ByteaOutput == ByteaOutput.Hex)
        {
            writer.Write("\\x"u8);
            Span<byte> hex = writer.GetSpan(value.Length * 2);
            for (int i = 0; i < value.Length; i++)
            {
                hex[2 * i] = HexDigit(value[i] >> 4);
                hex[2 * i + 1] = HexDigit(value[i] & 15);
            }

            writer.Advance(value.Length * 2);
            return;
        }

        foreach (byte b in value)
        {
            if (b == '\\') writer.Write("\\\\"u8);
            else if (b is < 0x20 or > 0x7E)
            {
                writer.Write((byte)'\\');
                writer.Write((byte)('0' + (b >> 6)));
                writer.Write((byte)('0' + (b >> 3 & 7)));
                writer.Write((byte)('0' + (b & 7)));
            }
            else writer.Write(b);
        }
    }

    private static byte HexDigit(int digit) => (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);

    private static void WriteVector(ByteWriter writer, SqlType type, ReadOnlySpan<byte> value)
    {
        bool first = true;
        foreach (var _ in Elements(value))
        {
            if (!first) writer.Write((byte)' ');
            first = false;
            writer.WriteNumber(_);
        }

        List<long> Elements(ReadOnlySpan<byte> bytes)
        {
            var numbers = new List<long>();
            var elements = new ArrayReader(bytes).GetEnumerator();
            while (elements.MoveNext())
                numbers.Add(type.Id == TypeId.Int2Vector ? Unsafe.ReadUnaligned<short>(ref Unsafe.AsRef(in elements.Current[0])) : Unsafe.ReadUnaligned<uint>(ref Unsafe.AsRef(in elements.Current[0])));
            return numbers;
        }
    }
}

/// <summary>Names of the object identifier types; types are known here, the rest by <see cref="FormatSettings.ObjectNames"/>.</summary>
internal static class RegNames
{
    public static string? NameOf(TypeId type, int oid, FormatSettings settings) =>
        settings.ObjectNames?.NameOf(type, oid) ?? (type == TypeId.RegType ? TypeNames.FromOid(oid)?.ToString() : null);

    public static int Parse(TypeId type, ReadOnlySpan<byte> text, FormatSettings settings)
    {
        ReadOnlySpan<byte> trimmed = TextErrors.Trim(text);
        if (trimmed.SequenceEqual("-"u8)) return 0;
        if (!trimmed.IsEmpty && char.IsAsciiDigit((char)trimmed[0])) return uint.TryParse(trimmed, NumberStyles.None, CultureInfo.InvariantCulture, out uint oid) ? (int)oid : throw TextErrors.InvalidSyntax("oid", text);
        string name = Encoding.UTF8.GetString(trimmed);
        if (settings.ObjectNames is { } names) return names.OidOf(type, name);
        if (type == TypeId.RegType && TypeNames.Find(name.ToLowerInvariant()) is { } known) return TypeNames.Oid(known);
        throw new SqlException(SqlState.UndefinedObject, $"{TypeNames.Display(type)[3..]} \"{name}\" does not exist");
    }
}
