using System.Buffers.Binary;
using System.Text;

namespace DriftDb.Types;

/// <summary>
/// A record as bytes: count of fields (i32), then for each its type's oid (i32), a length (i32; -1 for NULL) and the value's bytes as in an array. Field names are not kept.
/// </summary>
public ref struct RecordReader
{
    private ReadOnlySpan<byte> _rest;

    public RecordReader(ReadOnlySpan<byte> bytes)
    {
        Count = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        _rest = bytes[4..];
        Type = SqlType.Unknown;
    }

    public int Count { get; }

    public SqlType Type { get; private set; }

    public bool IsNull { get; private set; }

    public ReadOnlySpan<byte> Current { get; private set; }

    public bool MoveNext()
    {
        if (_rest.IsEmpty) return false;
        Type = TypeNames.FromOid(BinaryPrimitives.ReadInt32LittleEndian(_rest)) ?? SqlType.Text;
        int length = BinaryPrimitives.ReadInt32LittleEndian(_rest[4..]);
        IsNull = length < 0;
        Current = IsNull ? default : _rest.Slice(8, length);
        _rest = _rest[(8 + Math.Max(0, length))..];
        return true;
    }
}

/// <summary>Builds a record's bytes.</summary>
public sealed class RecordBuilder
{
    private readonly ByteWriter _writer = new(128);

    public void Begin(int fields)
    {
        _writer.Clear();
        WriteInt(fields);
    }

    public void AddNull(SqlType type)
    {
        WriteInt(TypeNames.Oid(type));
        WriteInt(-1);
    }

    public unsafe void AddSlot(SqlType type, byte* slot)
    {
        WriteInt(TypeNames.Oid(type));
        if (type.IsFixedNumeric)
        {
            var number = new SqlNumeric(type.Kind == PhysicalKind.Int64 ? *(long*)slot : *(Int128*)slot, type.Scale);
            Span<byte> bytes = stackalloc byte[32];
            Add(bytes[..number.Encode(bytes)]);
        }
        else if (type.Kind == PhysicalKind.Bytes) Add((*(ByteSlice*)slot).Span);
        else Add(new ReadOnlySpan<byte>(slot, type.Kind.TupleWidthBytes()));
    }

    public ReadOnlySpan<byte> Finish() => _writer.Written;

    private void Add(ReadOnlySpan<byte> value)
    {
        WriteInt(value.Length);
        _writer.Write(value);
    }

    private void WriteInt(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_writer.GetSpan(4), value);
        _writer.Advance(4);
    }
}

/// <summary>Records' text form: <c>(1,"a b",)</c>.</summary>
internal static class RecordText
{
    public static void Write(ByteWriter writer, ReadOnlySpan<byte> value, FormatSettings settings)
    {
        var record = new RecordReader(value);
        var scratch = new ByteWriter();
        writer.Write((byte)'(');
        bool first = true;
        while (record.MoveNext())
        {
            if (!first) writer.Write((byte)',');
            first = false;
            if (record.IsNull) continue;
            scratch.Clear();
            ValueWriter.WriteBytesForm(scratch, record.Type, record.Current, settings);
            ReadOnlySpan<byte> text = scratch.Written;
            if (!text.IsEmpty && text.IndexOfAny("(),\"\\ \t\n\r\v\f"u8) < 0)
            {
                writer.Write(text);
                continue;
            }

            writer.Write((byte)'"');
            foreach (byte c in text)
            {
                if (c is (byte)'"' or (byte)'\\') writer.Write(c);
                writer.Write(c);
            }

            writer.Write((byte)'"');
        }

        writer.Write((byte)')');
    }

    public static SqlException NoInput() => new(SqlState.FeatureNotSupported, "input of anonymous composite types is not implemented");

    public static string Display(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text);
}
