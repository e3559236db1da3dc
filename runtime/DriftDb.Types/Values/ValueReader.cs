using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace DriftDb.Types;

/// <summary>
/// Reads values in PostgreSQL's text and binary forms into a tuple slot. What the modifier demands is done as an assignment does it: numeric is rounded, too long a string is 22001,
/// char(n) is padded. Bytes go into the arena.
/// </summary>
public static unsafe partial class ValueReader
{
    public static void ParseText(ReadOnlySpan<byte> text, SqlType type, byte* slot, Arena arena, FormatSettings settings)
    {
        switch (type.Id)
        {
            case TypeId.Bool: *slot = ParseBool(text) ? (byte)1 : (byte)0; break;
            case TypeId.Int2: *(short*)slot = (short)ParseInteger(text, short.MinValue, short.MaxValue, "smallint"); break;
            case TypeId.Int4: *(int*)slot = (int)ParseInteger(text, int.MinValue, int.MaxValue, "integer"); break;
            case TypeId.Int8: Unsafe.WriteUnaligned(slot, ParseInteger(text, long.MinValue, long.MaxValue, "bigint")); break;
            case TypeId.Oid or TypeId.Xid or TypeId.Cid: *(int*)slot = (int)ParseInteger(text, int.MinValue, uint.MaxValue, TypeNames.TypName(type.Id)); break;
            case TypeId.Float4: *(float*)slot = FloatText.ParseSingle(text); break;
            case TypeId.Float8: Unsafe.WriteUnaligned(slot, FloatText.ParseDouble(text)); break;
            case TypeId.Numeric: StoreNumeric(SqlNumeric.Parse(text).WithTypmod(type.Typmod), type, slot, arena); break;
            case TypeId.Date: *(int*)slot = DateTimeText.ParseDate(text, settings); break;
            case TypeId.Time: Unsafe.WriteUnaligned(slot, DateTimeText.ParseTime(text, type.Typmod, settings)); break;
            case TypeId.Timestamp: Unsafe.WriteUnaligned(slot, DateTimeText.ParseTimestamp(text, type.Typmod, settings)); break;
            case TypeId.TimestampTz: Unsafe.WriteUnaligned(slot, DateTimeText.ParseTimestampTz(text, type.Typmod, settings)); break;
            case TypeId.TimeTz: StoreTimeTz(DateTimeText.ParseTimeTz(text, type.Typmod, settings), slot, arena); break;
            case TypeId.Interval: Unsafe.WriteUnaligned(slot, IntervalText.Parse(text, type.Typmod)); break;
            case TypeId.Uuid: Unsafe.WriteUnaligned(slot, ParseUuid(text)); break;
            case TypeId.Money: Unsafe.WriteUnaligned(slot, ParseMoney(text)); break;
            case TypeId.PgLsn: Unsafe.WriteUnaligned(slot, ParseLsn(text)); break;
            case TypeId.Array: *(ByteSlice*)slot = ArrayText.Parse(text, type, arena, settings); break;
            case TypeId.Int2Vector or TypeId.OidVector: *(ByteSlice*)slot = ParseVector(text, type, arena, settings); break;
            case TypeId.Record: *(ByteSlice*)slot = RecordText.Parse(text, type, arena, settings); break;
            case TypeId.Enum: *(ByteSlice*)slot = ParseEnum(text, type, arena); break;
            default:
                if (type.Kind == PhysicalKind.Int32) *(int*)slot = RegNames.Parse(type.Id, text, settings);
                else *(ByteSlice*)slot = ParseBytesType(text, type, arena);
                break;
        }
    }

    private static ByteSlice ParseEnum(ReadOnlySpan<byte> text, SqlType type, Arena arena) =>
        type.Enum is { } labels ? arena.Copy(labels.KeyOf(text)) : throw new SqlException(SqlState.FeatureNotSupported, "cannot accept a value of type anyenum");

    private static ByteSlice ParseBytesType(ReadOnlySpan<byte> text, SqlType type, Arena arena)
    {
        switch (type.Id)
        {
            case TypeId.Bytea: return ParseBytea(text, arena);
            case TypeId.Json:
                JsonParser.Validate(text);
                return arena.Copy(text);
            case TypeId.Jsonb:
                var canonical = new ByteWriter(text.Length + 16);
                JsonParser.Canonicalize(text, canonical);
                return arena.Copy(canonical.Written);
            case TypeId.VarChar when type.Typmod >= 4: return arena.Copy(LimitLength(text, type));
            case TypeId.BpChar when type.Typmod >= 4: return PadBlank(text, type, arena);
            case TypeId.Name: return arena.Copy(TruncateName(text));
            case TypeId.Char: return arena.Copy(text.Length > 1 ? text[..1] : text);
            case TypeId.Bit or TypeId.VarBit: return ParseBits(text, type, arena);
            case TypeId.Cidr: return arena.Copy(InetValue.ParseNetwork(text));
            case TypeId.MacAddr: return arena.Copy(MacAddressValue.Parse(text));
            case TypeId.Inet: return arena.Copy(InetValue.Parse(text));
            default:
                CheckText(text);
                return arena.Copy(text);
        }
    }

    /// <summary>Stores a numeric in the form its type has: scaled integer or encoded bytes.</summary>
    public static void StoreNumeric(SqlNumeric value, SqlType type, byte* slot, Arena arena)
    {
        if (!type.IsFixedNumeric)
        {
            *(ByteSlice*)slot = value.ToSlice(arena);
            return;
        }

        if (!value.TryToFixed(type.Scale, out Int128 unscaled)) throw NotHeld(value, type);
        if (type.Kind == PhysicalKind.Int64)
        {
            if (unscaled != (long)unscaled) throw NotHeld(value, type);
            Unsafe.WriteUnaligned(slot, (long)unscaled);
        }
        else Unsafe.WriteUnaligned(slot, unscaled);
    }

    private static SqlException NotHeld(SqlNumeric value, SqlType type) => value.IsNaN
        ? new SqlException(SqlState.FeatureNotSupported, $"numeric({type.Precision},{type.Scale}) cannot hold NaN; use numeric without precision")
        : SqlNumeric.FieldOverflow(type.Precision, type.Scale);

    private static void StoreTimeTz(TimeTz value, byte* slot, Arena arena)
    {
        byte* bytes = arena.Allocate(TimeTz.EncodedBytes);
        value.Encode(new Span<byte>(bytes, TimeTz.EncodedBytes));
        *(ByteSlice*)slot = new ByteSlice(bytes, TimeTz.EncodedBytes);
    }

    public static bool ParseBool(ReadOnlySpan<byte> source)
    {
        ReadOnlySpan<byte> text = TextErrors.Trim(source);
        if (text.Length is > 0 and <= 5)
        {
            Span<byte> lower = stackalloc byte[5];
            Ascii.ToLower(text, lower, out int length);
            ReadOnlySpan<byte> word = lower[..length];
            if ("true"u8.StartsWith(word) || "yes"u8.StartsWith(word) || word.SequenceEqual("1"u8) || word.SequenceEqual("on"u8)) return true;
            if ("false"u8.StartsWith(word) || "no"u8.StartsWith(word) || word.SequenceEqual("0"u8) || (word.Length > 1 && "off"u8.StartsWith(word))) return false;
        }

        throw TextErrors.InvalidSyntax("boolean", source);
    }

    public static long ParseInteger(ReadOnlySpan<byte> source, long minimum, long maximum, string typeName)
    {
        ReadOnlySpan<byte> text = TextErrors.Trim(source);
        bool negative = !text.IsEmpty && text[0] == '-';
        ReadOnlySpan<byte> digits = !text.IsEmpty && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        if (digits.IsEmpty) throw TextErrors.InvalidSyntax(typeName, source);
        int radix = 10;
        if (digits.Length > 2 && digits[0] == '0' && (digits[1] | 0x20) is 'x' or 'o' or 'b')
        {
            radix = (digits[1] | 0x20) switch { 'x' => 16, 'o' => 8, _ => 2 };
            digits = digits[2..];
        }

        ulong value = 0;
        bool overflow = false;
        for (int i = 0; i < digits.Length; i++)
        {
            byte c = digits[i];
            if (c == '_' && i + 1 < digits.Length && (i > 0 || radix != 10)) continue;
            int digit = c is >= (byte)'0' and <= (byte)'9' ? c - '0' : radix == 16 && (c | 0x20) is >= 'a' and <= 'f' ? (c | 0x20) - 'a' + 10 : 99;
            if (digit >= radix) throw TextErrors.InvalidSyntax(typeName, source);
            if (value > (ulong.MaxValue - (uint)digit) / (uint)radix) overflow = true;
            else value = value * (uint)radix + (uint)digit;
        }

        ulong limit = negative ? (ulong)-(minimum + 1) + 1 : (ulong)maximum;
        if (overflow || value > limit) throw TextErrors.OutOfRange(typeName, source);
        return negative ? (long)(0 - value) : (long)value;
    }

    private static Uuid ParseUuid(ReadOnlySpan<byte> source)
    {
        ReadOnlySpan<byte> text = TextErrors.Trim(source);
        if (text.Length > 1 && text[0] == '{' && text[^1] == '}') text = text[1..^1];
        ulong high = 0, low = 0;
        int digits = 0;
        for (int i = 0; i < text.Length; i++)
        {
            byte c = text[i];
            if (c == '-' && digits > 0 && digits % 4 == 0 && text[i - 1] != '-') continue;
            int digit = c is >= (byte)'0' and <= (byte)'9' ? c - '0' : (c | 0x20) is >= 'a' and <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
            if (digit < 0 || digits == 32) throw TextErrors.InvalidSyntax("uuid", source);
            if (digits < 16) high = high << 4 | (uint)digit;
            else low = low << 4 | (uint)digit;
            digits++;
        }

        return digits == 32 && text[^1] != '-' ? new Uuid(high, low) : throw TextErrors.InvalidSyntax("uuid", source);
    }

    private static ByteSlice ParseBytea(ReadOnlySpan<byte> text, Arena arena)
    {
        if (text.StartsWith("\\x"u8))
        {
            var bytes = new ByteWriter(text.Length / 2 + 1);
            int half = -1;
            foreach (byte c in text[2..])
            {
                if (TextErrors.IsSpace(c) && half < 0) continue;
                int digit = c is >= (byte)'0' and <= (byte)'9' ? c - '0' : (c | 0x20) is >= 'a' and <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
                if (digit < 0) throw new SqlException(SqlState.InvalidParameterValue, $"invalid hexadecimal digit: \"{(char)c}\"");
                if (half < 0) half = digit;
                else
                {
                    bytes.Write((byte)(half << 4 | digit));
                    half = -1;
                }
            }

            if (half >= 0) throw new SqlException(SqlState.InvalidParameterValue, "invalid hexadecimal data: odd number of digits");
            return arena.Copy(bytes.Written);
        }

        var plain = new ByteWriter(text.Length + 1);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                plain.Write(text[i]);
                continue;
            }

            if (i + 1 < text.Length && text[i + 1] == '\\')
            {
                plain.Write((byte)'\\');
                i++;
            }
            else if (i + 3 < text.Length && text[i + 1] is >= (byte)'0' and <= (byte)'3' && text[i + 2] is >= (byte)'0' and <= (byte)'7' && text[i + 3] is >= (byte)'0' and <= (byte)'7')
            {
                plain.Write((byte)((text[i + 1] - '0') << 6 | (text[i + 2] - '0') << 3 | (text[i + 3] - '0')));
                i += 3;
            }
            else throw new SqlException(SqlState.InvalidTextRepresentation, "invalid input syntax for type bytea");
        }

        return arena.Copy(plain.Written);
    }

    private static byte[] FromHexadecimal(ReadOnlySpan<byte> digits)
    {
        var bits = new byte[digits.Length * 4];
        for (int i = 0; i < digits.Length; i++)
        {
            if (!char.IsAsciiHexDigit((char)digits[i])) throw new SqlException(SqlState.InvalidTextRepresentation, $"\"{(char)digits[i]}\" is not a valid hexadecimal digit");
            int value = Convert.ToInt32(((char)digits[i]).ToString(), 16);
            for (int bit = 0; bit < 4; bit++) bits[i * 4 + bit] = (byte)('0' + (value >> (3 - bit) & 1));
        }

        return bits;
    }

    /// <summary>Binary digits; also with b before them, or x and hexadecimal ones.</summary>
    private static ByteSlice ParseBits(ReadOnlySpan<byte> text, SqlType type, Arena arena)
    {
        if (text.Length > 0 && (text[0] | 0x20) == 'b') text = text[1..];
        else if (text.Length > 0 && (text[0] | 0x20) == 'x') text = FromHexadecimal(text[1..]);
        foreach (byte c in text)
            if (c is not ((byte)'0' or (byte)'1')) throw new SqlException(SqlState.InvalidTextRepresentation, $"\"{(char)c}\" is not a valid binary digit");
        if (type.Id == TypeId.Bit && type.Typmod > 0 && text.Length != type.Typmod)
            throw new SqlException(SqlState.StringDataLengthMismatch, $"bit string length {text.Length} does not match type bit({type.Typmod})");
        if (type.Id == TypeId.VarBit && type.Typmod > 0 && text.Length > type.Typmod)
            throw new SqlException(SqlState.StringDataRightTruncation, $"bit string too long for type bit varying({type.Typmod})");
        return arena.Copy(text);
    }

    private static ByteSlice ParseVector(ReadOnlySpan<byte> text, SqlType type, Arena arena, FormatSettings settings)
    {
        SqlType element = type.Id == TypeId.Int2Vector ? SqlType.Int2 : SqlType.Oid;
        var values = new List<byte[]>();
        byte* slot = stackalloc byte[8];
        foreach (Range range in text.Split((byte)' '))
        {
            if (text[range].IsEmpty) continue;
            ParseText(text[range], element, slot, arena, settings);
            values.Add(new ReadOnlySpan<byte>(slot, element.Kind.TupleWidthBytes()).ToArray());
        }

        var builder = new ArrayBuilder();
        builder.Begin([values.Count], [0]);
        foreach (byte[] value in values) builder.Add(value);
        return arena.Copy(builder.Finish());
    }

    private static long ParseMoney(ReadOnlySpan<byte> source)
    {
        string text = Encoding.UTF8.GetString(TextErrors.Trim(source)).Replace("$", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal);
        if (text.StartsWith('(') && text.EndsWith(')')) text = "-" + text[1..^1];
        if (!SqlNumeric.TryParse(Encoding.UTF8.GetBytes(text), out SqlNumeric number) || !number.TryToFixed(2, out Int128 cents)) throw TextErrors.InvalidSyntax("money", source);
        return cents == (long)cents ? (long)cents : throw TextErrors.OutOfRange("money", source);
    }

    private static long ParseLsn(ReadOnlySpan<byte> source)
    {
        string[] parts = Encoding.ASCII.GetString(TextErrors.Trim(source)).Split('/');
        if (parts.Length != 2 || !uint.TryParse(parts[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint high) || !uint.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint low))
            throw TextErrors.InvalidSyntax("pg_lsn", source);
        return (long)((ulong)high << 32 | low);
    }

    /// <summary>varchar(n): cuts blanks beyond n characters, 22001 for anything else there.</summary>
    public static ReadOnlySpan<byte> LimitLength(ReadOnlySpan<byte> text, SqlType type)
    {
        CheckText(text);
        if (text.Length <= type.Length) return text;
        int end = OffsetOf(type, text);
        if (end == text.Length) return text;
        if (text[end..].IndexOfAnyExcept((byte)' ') >= 0) throw TooLong(type);
        return text[..end];
    }

    /// <summary>char(n): cut like varchar(n), then padded with blanks to n characters.</summary>
    public static ByteSlice PadBlank(ReadOnlySpan<byte> text, SqlType type, Arena arena)
    {
        ReadOnlySpan<byte> kept = LimitLength(text, type);
        int missing = type.Length - (type.CountsOctets ? kept.Length : CountCharacters(kept));
        if (missing <= 0) return arena.Copy(kept);
        byte* bytes = arena.Allocate(kept.Length + missing);
        kept.CopyTo(new Span<byte>(bytes, kept.Length));
        new Span<byte>(bytes + kept.Length, missing).Fill((byte)' ');
        return new ByteSlice(bytes, kept.Length + missing);
    }

    public static SqlException TooLong(SqlType type) => new(SqlState.StringDataRightTruncation, $"value too long for type {type}");

    /// <summary>The byte offset behind as much as a string type has room for: never within a character.</summary>
    public static int OffsetOf(SqlType type, ReadOnlySpan<byte> utf8)
    {
        if (!type.CountsOctets) return CharacterOffset(utf8, type.Length);
        int at = Math.Min(type.Length, utf8.Length);
        while (at > 0 && at < utf8.Length && (utf8[at] & 0xC0) == 0x80) at--;
        return at;
    }

    /// <summary>The byte offset behind so many characters; the length when there are fewer.</summary>
    public static int CharacterOffset(ReadOnlySpan<byte> utf8, int characters)
    {
        int at = 0;
        while (at < utf8.Length)
        {
            if ((utf8[at] & 0xC0) != 0x80 && characters-- == 0) return at;
            at++;
        }

        return utf8.Length;
    }

    public static int CountCharacters(ReadOnlySpan<byte> utf8)
    {
        int count = 0;
        foreach (byte b in utf8) count += (b & 0xC0) != 0x80 ? 1 : 0;
        return count;
    }

    private static ReadOnlySpan<byte> TruncateName(ReadOnlySpan<byte> text)
    {
        if (text.Length <= Limits.IdentifierBytes) return text;
        int end = Limits.IdentifierBytes;
        while ((text[end] & 0xC0) == 0x80) end--;
        return text[..end];
    }

    /// <summary>Text must be valid UTF-8 without zero bytes (22021).</summary>
    private static void CheckText(ReadOnlySpan<byte> text)
    {
        if (text.Contains((byte)0)) throw new SqlException(SqlState.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": 0x00");
        if (Utf8.IsValid(text)) return;
        int at = 0;
        while (Rune.DecodeFromUtf8(text[at..], out _, out int consumed) == System.Buffers.OperationStatus.Done) at += consumed;
        throw new SqlException(SqlState.CharacterNotInRepertoire, $"invalid byte sequence for encoding \"UTF8\": 0x{text[at]:x2}");
    }
}
