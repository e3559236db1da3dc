using System.Buffers.Binary;

namespace DriftDb.Protocol;

/// <summary>Reads the fields of one message's body; whatever isn't there is a protocol violation, never an index out of range.</summary>
public ref struct MessageReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte ReadByte() => Take(1)[0];

    public short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(Take(2));

    public int ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    public ReadOnlySpan<byte> ReadBytes(int count) => count >= 0 ? Take(count) : throw ProtocolErrors.BadMessage("insufficient data left in message");

    /// <summary>Bytes up to a NUL, which is consumed.</summary>
    public ReadOnlySpan<byte> ReadCString()
    {
        int length = _rest.IndexOf((byte)0);
        if (length < 0) throw ProtocolErrors.BadMessage("invalid string in message");
        var text = _rest[..length];
        _rest = _rest[(length + 1)..];
        return text;
    }

    /// <summary>Int16 numbers into a destination that is as long as they are many.</summary>
    public void ReadInt16s(Span<short> destination)
    {
        var bytes = Take(destination.Length * 2);
        for (int i = 0; i < destination.Length; i++) destination[i] = BinaryPrimitives.ReadInt16BigEndian(bytes[(2 * i)..]);
    }

    /// <summary>Requires that all of the body was read.</summary>
    public readonly void End()
    {
        if (!_rest.IsEmpty) throw ProtocolErrors.BadMessage("invalid message format");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_rest.Length < count) throw ProtocolErrors.BadMessage("insufficient data left in message");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
