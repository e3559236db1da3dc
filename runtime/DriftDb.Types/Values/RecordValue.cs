using System.Buffers.Binary;

namespace DriftDb.Types;

/// <summary>
/// A record as bytes: count of fields (i32), then for each the oid of its kind of type (i32; see <see cref="TypeNames.PlainOid"/>), a length (i32; -1 for NULL) and the value's bytes as in an
/// array. Field names, enums and composite types are the <see cref="RowType"/>'s to know.
/// </summary>
public ref struct RecordReader
{
    private readonly RowType? _row;
    private ReadOnlySpan<byte> _rest;
    private int _index;

    /// <param name="bytes">The record.</param>
    /// <param name="row">What the fields are, where that is known.</param>
    public RecordReader(ReadOnlySpan<byte> bytes, RowType? row = null)
    {
        Count = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        _rest = bytes[4..];
        _row = row is not null && row.Fields.Length == Count ? row : null;
        Type = SqlType.Unknown;
    }

    public int Count { get; }

    public SqlType Type { get; private set; }

    public bool IsNull { get; private set; }

    public ReadOnlySpan<byte> Current { get; private set; }

    public bool MoveNext()
    {
        if (_rest.IsEmpty) return false;
        Type = _row is not null ? ArrayReader.StoredElement(_row.Fields[_index].Type) : TypeNames.FromOid(BinaryPrimitives.ReadInt32LittleEndian(_rest)) ?? SqlType.Text;
        _index++;
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
        WriteInt(TypeNames.PlainOid(type));
        WriteInt(-1);
    }

    public unsafe void AddSlot(SqlType type, byte* slot)
    {
        WriteInt(TypeNames.PlainOid(type));
        if (type.IsFixedNumeric)
        {
            var number = new SqlNumeric(type.Kind == PhysicalKind.Int64 ? *(long*)slot : *(Int128*)slot, type.Scale);
            Span<byte> bytes = stackalloc byte[32];
            Add(bytes[..number.Encode(bytes)]);
        }
        else if (type.Kind == PhysicalKind.Bytes) Add((*(ByteSlice*)slot).Span);
        else Add(new ReadOnlySpan<byte>(slot, type.Kind.TupleWidthBytes()));
    }

    /// <summary>Adds a value as it lies in another record.</summary>
    public void AddStored(SqlType type, ReadOnlySpan<byte> value)
    {
        WriteInt(TypeNames.PlainOid(type));
        Add(value);
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
