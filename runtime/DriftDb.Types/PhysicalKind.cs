namespace DriftDb.Types;

/// <summary>How a value lies in a column chunk, in a tuple and on the evaluation stack of compiled code.</summary>
public enum PhysicalKind : byte
{
    /// <summary>1 byte, 0 or 1. Stack: <see cref="bool"/>.</summary>
    Bool,
    /// <summary>2 bytes. Stack: <see cref="short"/>.</summary>
    Int16,
    /// <summary>4 bytes. Stack: <see cref="int"/>. Also date (days since 2000-01-01) and oid (its bits).</summary>
    Int32,
    /// <summary>8 bytes. Stack: <see cref="long"/>. Also time and timestamps (µs; since 2000-01-01), money, and numeric of precision up to 18 (scaled).</summary>
    Int64,
    /// <summary>16 bytes. Stack: <see cref="System.Int128"/>. Numeric of precision 19 to 38 (scaled).</summary>
    Int128,
    /// <summary>4 bytes. Stack: <see cref="float"/>.</summary>
    Float32,
    /// <summary>8 bytes. Stack: <see cref="double"/>.</summary>
    Float64,
    /// <summary>16 bytes. Stack: <see cref="Types.Interval"/>.</summary>
    Interval,
    /// <summary>16 bytes in big-endian (RFC 9562) order; stack: <see cref="Types.Uuid"/>.</summary>
    Uuid,
    /// <summary>
    /// Bytes of any length. In a chunk: 8 bytes (u32 offset, u32 length) into the chunk's heap; in a tuple and on the stack: <see cref="ByteSlice"/>, address and length.
    /// Text types are UTF-8; numeric without bounds is <see cref="SqlNumeric"/>'s encoding; timetz, arrays, records, json(b), bit strings have encodings of their own.
    /// </summary>
    Bytes,
}

/// <summary>Facts about <see cref="PhysicalKind"/>.</summary>
public static class PhysicalKinds
{
    /// <summary>Bytes that a value of this kind takes in a column chunk (for <see cref="PhysicalKind.Bytes"/>, its entry of offset and length).</summary>
    public static int ColumnWidthBytes(this PhysicalKind kind) => kind switch
    {
        PhysicalKind.Bool => 1,
        PhysicalKind.Int16 => 2,
        PhysicalKind.Int32 or PhysicalKind.Float32 => 4,
        PhysicalKind.Int64 or PhysicalKind.Float64 or PhysicalKind.Bytes => 8,
        PhysicalKind.Int128 or PhysicalKind.Interval or PhysicalKind.Uuid => 16,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>Bytes that a value of this kind takes in a materialised tuple (for <see cref="PhysicalKind.Bytes"/>, a whole <see cref="ByteSlice"/>).</summary>
    public static int TupleWidthBytes(this PhysicalKind kind) => kind == PhysicalKind.Bytes ? 16 : kind.ColumnWidthBytes();

    /// <summary>The CLR type of a value on the evaluation stack of compiled code.</summary>
    public static Type StackType(this PhysicalKind kind) => kind switch
    {
        PhysicalKind.Bool => typeof(bool),
        PhysicalKind.Int16 => typeof(short),
        PhysicalKind.Int32 => typeof(int),
        PhysicalKind.Int64 => typeof(long),
        PhysicalKind.Int128 => typeof(Int128),
        PhysicalKind.Float32 => typeof(float),
        PhysicalKind.Float64 => typeof(double),
        PhysicalKind.Interval => typeof(Interval),
        PhysicalKind.Uuid => typeof(Uuid),
        PhysicalKind.Bytes => typeof(ByteSlice),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
