using System.Runtime.CompilerServices;
using System.Text;

namespace DriftDb.Types;

/// <summary>Values as objects, boxed as constants are: the kind's stack type, <c>byte[]</c> for <see cref="PhysicalKind.Bytes"/>. For plans, messages and the embedded API.</summary>
public static unsafe class BoxedValue
{
    /// <summary>The object for a slot's value, which isn't NULL.</summary>
    public static object Load(SqlType type, byte* slot) => type.Kind switch
    {
        PhysicalKind.Bool => *slot != 0,
        PhysicalKind.Int16 => *(short*)slot,
        PhysicalKind.Int32 => *(int*)slot,
        PhysicalKind.Int64 => Unsafe.ReadUnaligned<long>(slot),
        PhysicalKind.Int128 => Unsafe.ReadUnaligned<Int128>(slot),
        PhysicalKind.Float32 => *(float*)slot,
        PhysicalKind.Float64 => Unsafe.ReadUnaligned<double>(slot),
        PhysicalKind.Interval => Unsafe.ReadUnaligned<Interval>(slot),
        PhysicalKind.Uuid => Unsafe.ReadUnaligned<Uuid>(slot),
        _ => Unsafe.ReadUnaligned<ByteSlice>(slot).Span.ToArray(),
    };

    /// <summary>Writes the object into a slot of the type; its bytes go into the arena.</summary>
    public static void Store(object value, SqlType type, byte* slot, Arena arena)
    {
        switch (type.Kind)
        {
            case PhysicalKind.Bool: *slot = (bool)value ? (byte)1 : (byte)0; break;
            case PhysicalKind.Int16: *(short*)slot = (short)value; break;
            case PhysicalKind.Int32: *(int*)slot = (int)value; break;
            case PhysicalKind.Int64: Unsafe.WriteUnaligned(slot, (long)value); break;
            case PhysicalKind.Int128: Unsafe.WriteUnaligned(slot, (Int128)value); break;
            case PhysicalKind.Float32: *(float*)slot = (float)value; break;
            case PhysicalKind.Float64: Unsafe.WriteUnaligned(slot, (double)value); break;
            case PhysicalKind.Interval: Unsafe.WriteUnaligned(slot, (Interval)value); break;
            case PhysicalKind.Uuid: Unsafe.WriteUnaligned(slot, (Uuid)value); break;
            default: Unsafe.WriteUnaligned(slot, arena.Copy((byte[])value)); break;
        }
    }
}

/// <summary>Text to boxed values and back; see <see cref="ValueReader"/> and <see cref="ValueWriter"/> for the forms without objects.</summary>
public static unsafe class ValueText
{
    public static object Parse(SqlType type, string text, FormatSettings? settings = null) => Parse(type, Encoding.UTF8.GetBytes(text), settings);

    public static object Parse(SqlType type, ReadOnlySpan<byte> text, FormatSettings? settings = null)
    {
        byte* slot = stackalloc byte[16];
        var arena = new Arena();
        ValueReader.ParseText(text, type, slot, arena, settings ?? FormatSettings.Default);
        object value = BoxedValue.Load(type, slot);
        GC.KeepAlive(arena); // the slot points into it
        return value;
    }

    public static string Format(SqlType type, object value, FormatSettings? settings = null)
    {
        byte* slot = stackalloc byte[16];
        var arena = new Arena();
        BoxedValue.Store(value, type, slot, arena);
        string text = Format(type, slot, settings);
        GC.KeepAlive(arena); // the slot points into it
        return text;
    }

    /// <summary>The text of a slot's value, which isn't NULL.</summary>
    public static string Format(SqlType type, byte* slot, FormatSettings? settings = null)
    {
        var writer = new ByteWriter();
        ValueWriter.WriteText(writer, type, slot, settings ?? FormatSettings.Default);
        return writer.ToString();
    }
}
