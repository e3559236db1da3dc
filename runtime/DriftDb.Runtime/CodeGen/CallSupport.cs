using System.Text;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Between column forms and the CLR types of functions.</summary>
internal static unsafe class CallSupport
{
    public static byte[] ToArray(ByteSlice value) => value.Span.ToArray();

    public static TimeTz ToTimeTz(ByteSlice value) => TimeTz.Decode(value.Span);

    public static ByteSlice FromString(string value, Arena arena)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        byte* address = arena.Allocate(length);
        Encoding.UTF8.GetBytes(value, new Span<byte>(address, length));
        return new ByteSlice(address, length);
    }

    public static ByteSlice FromArray(byte[] value, Arena arena) => arena.Copy(value);

    public static ByteSlice FromTimeTz(TimeTz value, Arena arena)
    {
        byte* address = arena.Allocate(TimeTz.EncodedBytes);
        value.Encode(new Span<byte>(address, TimeTz.EncodedBytes));
        return new ByteSlice(address, TimeTz.EncodedBytes);
    }

    public static ByteSlice BuildRow(QueryContext context, Datum[] fields)
    {
        var builder = new RecordBuilder();
        builder.Begin(fields.Length);
        byte* slot = stackalloc byte[16];
        foreach (Datum field in fields)
        {
            if (field.IsNull)
            {
                builder.AddNull(field.Type!);
                continue;
            }

            field.WriteTo(slot);
            builder.AddSlot(field.Type!, slot);
        }

        return context.Arena.Copy(builder.Finish());
    }

    /// <summary>A record's field as a datum that points into the record.</summary>
    public static Datum Field(ByteSlice record, RowType row, int index)
    {
        var fields = new RecordReader(record.Span, row);
        for (int i = 0; i <= index; i++)
            if (!fields.MoveNext()) return Datum.Null(row.Fields[index].Type);
        return fields.IsNull ? Datum.Null(fields.Type) : ArrayFunctions.Element(fields.Type, fields.Current);
    }
}
