using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>A value of any type, or NULL: for functions whose arguments vary in type or may be NULL. 16 bytes of slot and a type.</summary>
public readonly unsafe struct Datum
{
    private readonly ulong _low, _high;

    private Datum(SqlType type, ulong low, ulong high)
    {
        Type = type;
        _low = low;
        _high = high;
    }

    /// <summary>The type of the value; for NULL the type that it would have.</summary>
    public SqlType? Type { get; }

    public bool IsNull { get; private init; }

    public static Datum Null(SqlType? type = null) => new(type ?? SqlType.Unknown, 0, 0) { IsNull = true };

    /// <summary>Reads a tuple's slot.</summary>
    public static Datum FromSlot(SqlType type, byte* slot)
    {
        ulong low = 0, high = 0;
        switch (type.Kind.TupleWidthBytes())
        {
            case 1: low = *slot; break;
            case 2: low = *(ushort*)slot; break;
            case 4: low = *(uint*)slot; break;
            case 8: low = Unsafe.ReadUnaligned<ulong>(slot); break;
            default:
                low = Unsafe.ReadUnaligned<ulong>(slot);
                high = Unsafe.ReadUnaligned<ulong>(slot + 8);
                break;
        }

        return new Datum(type, low, high);
    }

    /// <summary>A value by its stack form.</summary>
    public static Datum Of<T>(SqlType type, T value) where T : unmanaged
    {
        ulong* words = stackalloc ulong[2];
        words[0] = words[1] = 0;
        Unsafe.WriteUnaligned(words, value);
        return new Datum(type, words[0], words[1]);
    }

    public static Datum OfBytes(SqlType type, ReadOnlySpan<byte> value, Arena arena) => Of(type, arena.Copy(value));

    public static Datum OfNumeric(SqlNumeric value, Arena arena) => Of(SqlType.Numeric, value.ToSlice(arena));

    /// <summary>The value in its kind's stack form.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T As<T>() where T : unmanaged
    {
        ulong* words = stackalloc ulong[2];
        words[0] = _low;
        words[1] = _high;
        return Unsafe.ReadUnaligned<T>(words);
    }

    public ByteSlice Bytes => As<ByteSlice>();

    public SqlNumeric Numeric => Type!.IsFixedNumeric ? new SqlNumeric(Type.Kind == PhysicalKind.Int64 ? As<long>() : As<Int128>(), Type.Scale) : SqlNumeric.Decode(Bytes);

    /// <summary>Writes the value into a tuple's slot of the same kind.</summary>
    public void WriteTo(byte* slot)
    {
        switch (Type!.Kind.TupleWidthBytes())
        {
            case 1: *slot = (byte)_low; break;
            case 2: *(ushort*)slot = (ushort)_low; break;
            case 4: *(uint*)slot = (uint)_low; break;
            case 8: Unsafe.WriteUnaligned(slot, _low); break;
            default:
                Unsafe.WriteUnaligned(slot, _low);
                Unsafe.WriteUnaligned(slot + 8, _high);
                break;
        }
    }

    /// <summary>Appends the value's text; nothing for NULL.</summary>
    public void WriteText(ByteWriter writer, FormatSettings settings)
    {
        if (IsNull) return;
        ulong* words = stackalloc ulong[2];
        WriteTo((byte*)words);
        ValueWriter.WriteText(writer, Type!, (byte*)words, settings);
    }
}
