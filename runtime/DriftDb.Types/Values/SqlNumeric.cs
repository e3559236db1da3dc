using System.Buffers.Binary;
using System.Numerics;

namespace DriftDb.Types;

public enum NumericKind : byte
{
    Finite,
    NaN,
    PositiveInfinity,
    NegativeInfinity,
}

/// <summary>
/// PostgreSQL's numeric: an exact decimal of any size with a display scale, NaN or an infinity. The value is <c>unscaled × 10^-Scale</c>; the unscaled integer is
/// an <see cref="Int128"/> while it fits (nearly always), else a <see cref="BigInteger"/>.
/// </summary>
/// <remarks>
/// As bytes (<see cref="PhysicalKind.Bytes"/>): kind (1 byte), scale (u16, little-endian), the unscaled integer in two's complement, little-endian, as short as it can be.
/// Equal numbers of different scales have different bytes: compare and hash through this type.
/// </remarks>
public readonly partial struct SqlNumeric : IComparable<SqlNumeric>, IEquatable<SqlNumeric>
{
    /// <summary>Digits after the point that PostgreSQL can hold and show.</summary>
    public const int MaxScale = 16_383;

    /// <summary>Digits before the point that PostgreSQL can hold.</summary>
    public const int MaxWholeDigits = 131_072;

    private const int HeaderBytes = 3;

    private readonly Int128 _small;
    private readonly BigInteger _big;
    private readonly bool _isBig;
    private readonly ushort _scale;
    private readonly NumericKind _kind;

    public SqlNumeric(Int128 unscaled, int scale)
    {
        _small = unscaled;
        _scale = (ushort)scale;
    }

    public SqlNumeric(BigInteger unscaled, int scale)
    {
        if (unscaled.GetBitLength() <= 126)
        {
            _small = (Int128)unscaled;
        }
        else
        {
            _big = unscaled;
            _isBig = true;
        }

        _scale = (ushort)scale;
    }

    private SqlNumeric(NumericKind kind) => _kind = kind;

    public static readonly SqlNumeric Zero;
    public static readonly SqlNumeric One = new(Int128.One, 0);
    public static readonly SqlNumeric NaN = new(NumericKind.NaN);
    public static readonly SqlNumeric PositiveInfinity = new(NumericKind.PositiveInfinity);
    public static readonly SqlNumeric NegativeInfinity = new(NumericKind.NegativeInfinity);

    public NumericKind Kind => _kind;

    public bool IsFinite => _kind == NumericKind.Finite;

    public bool IsNaN => _kind == NumericKind.NaN;

    /// <summary>Digits shown after the point.</summary>
    public int Scale => _scale;

    public BigInteger Unscaled => _isBig ? _big : (BigInteger)_small;

    /// <summary>True when the unscaled integer is at hand as an <see cref="Int128"/>.</summary>
    public bool TryGetSmall(out Int128 unscaled)
    {
        unscaled = _small;
        return !_isBig && _kind == NumericKind.Finite;
    }

    public int Sign => _kind switch
    {
        NumericKind.Finite => _isBig ? _big.Sign : Int128.Sign(_small),
        NumericKind.NegativeInfinity => -1,
        _ => 1,
    };

    public bool IsZero => _kind == NumericKind.Finite && !_isBig && _small == 0;

    public static SqlNumeric FromInt64(long value) => new(value, 0);

    /// <summary>Bytes of the encoding.</summary>
    public int EncodedBytes => _kind != NumericKind.Finite ? HeaderBytes : HeaderBytes + (_isBig ? _big.GetByteCount() : SmallBytes(_small));

    /// <summary>Writes the encoding and returns its length.</summary>
    public int Encode(Span<byte> destination)
    {
        destination[0] = (byte)_kind;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[1..], _scale);
        if (_kind != NumericKind.Finite) return HeaderBytes;
        if (_isBig)
        {
            _big.TryWriteBytes(destination[HeaderBytes..], out int written);
            return HeaderBytes + written;
        }

        int length = SmallBytes(_small);
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt128LittleEndian(bytes, _small);
        bytes[..length].CopyTo(destination[HeaderBytes..]);
        return HeaderBytes + length;
    }

    public static SqlNumeric Decode(ReadOnlySpan<byte> encoded)
    {
        var kind = (NumericKind)encoded[0];
        if (kind != NumericKind.Finite) return new SqlNumeric(kind);
        int scale = BinaryPrimitives.ReadUInt16LittleEndian(encoded[1..]);
        ReadOnlySpan<byte> digits = encoded[HeaderBytes..];
        if (digits.Length > 16) return new SqlNumeric(new BigInteger(digits), scale);
        if (digits.Length <= 8)
        {
            long value = 0;
            for (int i = 0; i < digits.Length; i++) value |= (long)digits[i] << (8 * i);
            int unused = 64 - 8 * digits.Length;
            return new SqlNumeric((Int128)(value << unused >> unused), scale);
        }

        Span<byte> wide = stackalloc byte[16];
        wide.Fill((sbyte)digits[^1] < 0 ? (byte)0xFF : (byte)0);
        digits.CopyTo(wide);
        return new SqlNumeric(BinaryPrimitives.ReadInt128LittleEndian(wide), scale);
    }

    public static SqlNumeric Decode(ByteSlice encoded) => Decode(encoded.Span);

    /// <summary>The encoding as an array: what a constant of this type is boxed as.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[EncodedBytes];
        Encode(bytes);
        return bytes;
    }

    public unsafe ByteSlice ToSlice(Arena arena)
    {
        int length = EncodedBytes;
        byte* address = arena.Allocate(length);
        Encode(new Span<byte>(address, length));
        return new ByteSlice(address, length);
    }

    private static int SmallBytes(Int128 value)
    {
        if (value == (sbyte)value) return 1;
        if (value == (long)value)
        {
            long narrow = (long)value;
            return (64 - BitOperations.LeadingZeroCount((ulong)(narrow ^ (narrow >> 63))) + 8) / 8;
        }

        UInt128 magnitude = (UInt128)(value ^ (value >> 127));
        return (128 - (int)UInt128.LeadingZeroCount(magnitude) + 8) / 8;
    }

    /// <summary>SQL's order: -Infinity, numbers, Infinity, NaN; NaN equals NaN.</summary>
    public int CompareTo(SqlNumeric other)
    {
        if (_kind != NumericKind.Finite || other._kind != NumericKind.Finite) return Rank(_kind).CompareTo(Rank(other._kind));
        if (!_isBig && !other._isBig)
        {
            if (_scale == other._scale) return _small.CompareTo(other._small);
            int signs = Int128.Sign(_small).CompareTo(Int128.Sign(other._small));
            if (signs != 0) return signs;
            if (TryScaleUp(_small, other._scale - _scale, out Int128 left) && TryScaleUp(other._small, _scale - other._scale, out Int128 right)) return left.CompareTo(right);
        }

        int scale = Math.Max(_scale, other._scale);
        return ScaledTo(scale).CompareTo(other.ScaledTo(scale));

        static int Rank(NumericKind kind) => kind switch { NumericKind.NegativeInfinity => 0, NumericKind.Finite => 1, NumericKind.PositiveInfinity => 2, _ => 3 };
    }

    public bool Equals(SqlNumeric other) => CompareTo(other) == 0;

    public override bool Equals(object? obj) => obj is SqlNumeric other && Equals(other);

    /// <summary>Equal for equal numbers, whatever their scales.</summary>
    public override int GetHashCode()
    {
        if (_kind != NumericKind.Finite) return (int)_kind;
        SqlNumeric bare = WithoutTrailingZeros();
        return bare._isBig ? HashCode.Combine(bare._big, bare._scale) : HashCode.Combine(bare._small, bare._scale);
    }

    /// <summary>The same number with the smallest scale that holds it (not below 0).</summary>
    public SqlNumeric WithoutTrailingZeros()
    {
        if (_kind != NumericKind.Finite || _scale == 0) return this;
        if (!_isBig && _small == (long)_small)
        {
            long value = (long)_small;
            int scale = _scale;
            if (value == 0) return Zero;
            while (scale > 0 && value % 10 == 0)
            {
                value /= 10;
                scale--;
            }

            return new SqlNumeric(value, scale);
        }

        BigInteger big = Unscaled;
        int digits = _scale;
        while (digits > 0)
        {
            BigInteger quotient = BigInteger.DivRem(big, 10, out BigInteger remainder);
            if (!remainder.IsZero) break;
            big = quotient;
            digits--;
        }

        return new SqlNumeric(big, digits);
    }

    public override string ToString()
    {
        var writer = new ByteWriter();
        WriteText(writer);
        return writer.ToString();
    }

    /// <summary>The unscaled integer at another scale that is not smaller.</summary>
    private BigInteger ScaledTo(int scale) => scale == _scale ? Unscaled : Unscaled * PowersOfTen.Big(scale - _scale);

    private static bool TryScaleUp(Int128 value, int digits, out Int128 scaled)
    {
        scaled = value;
        if (digits <= 0) return true;
        if (digits > 37 || BitLength(value) + PowersOfTen.BitLength(digits) > 126) return false;
        scaled = value * PowersOfTen.Wide(digits);
        return true;
    }

    private static int BitLength(Int128 value) => 128 - (int)UInt128.LeadingZeroCount((UInt128)(value ^ (value >> 127)));
}
