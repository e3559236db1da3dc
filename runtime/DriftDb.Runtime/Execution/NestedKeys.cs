using System.Buffers.Binary;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// Arrays and records as bytes that order as they do: part by part, a NULL after every value, what ends first before what goes on; arrays with equal elements by their dimensions. Parts are encoded
/// as index columns of their type are.
/// </summary>
internal static unsafe class NestedKeys
{
    private const byte End = 1, Value = 2, Null = 3;

    public static void EncodeArray(ReadOnlySpan<byte> value, SqlType type, KeyBuilder key)
    {
        SqlType element = ArrayReader.StoredElement(type.Element ?? SqlType.Text);
        var array = new ArrayReader(value);
        var items = array.GetEnumerator();
        while (items.MoveNext()) Append(key, element, items.IsNull, items.Current);
        key.AppendRaw([End, (byte)array.Dimensions]);
        Span<byte> shape = stackalloc byte[8];
        for (int i = 0; i < array.Dimensions; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(shape, (uint)array.Length(i));
            BinaryPrimitives.WriteUInt32BigEndian(shape[4..], (uint)array.LowerBound(i) ^ 0x8000_0000U);
            key.AppendRaw(shape);
        }
    }

    public static void EncodeRecord(ReadOnlySpan<byte> value, SqlType type, KeyBuilder key)
    {
        var fields = new RecordReader(value, type.Row);
        while (fields.MoveNext()) Append(key, fields.Type, fields.IsNull, fields.Current);
        key.AppendRaw([End]);
    }

    private static void Append(KeyBuilder key, SqlType type, bool isNull, ReadOnlySpan<byte> value)
    {
        key.AppendRaw([isNull ? Null : Value]);
        if (isNull) return;
        var column = new KeyColumn(0, type);
        if (type.Kind == PhysicalKind.Bytes)
        {
            key.AppendBytes(column, value);
            return;
        }

        // The value's bytes may lie anywhere: the slot must be aligned for none.
        fixed (byte* slot = value) key.AppendSlot(column, slot);
    }
}
