using System.Buffers.Binary;

namespace DriftDb.Protocol;

/// <summary>Parse: a statement to prepare.</summary>
public readonly ref struct ParseMessage
{
    private readonly ReadOnlySpan<byte> _oids;

    public ParseMessage(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(body);
        Name = reader.ReadCString();
        Sql = reader.ReadCString();
        _oids = reader.ReadBytes(reader.ReadUInt16() * 4);
        reader.End();
    }

    public ReadOnlySpan<byte> Name { get; }

    public ReadOnlySpan<byte> Sql { get; }

    public int ParameterCount => _oids.Length / 4;

    /// <summary>The declared types' object ids, 0 for an undeclared one.</summary>
    public void CopyParameterOids(Span<int> destination)
    {
        for (int i = 0; i < destination.Length; i++) destination[i] = BinaryPrimitives.ReadInt32BigEndian(_oids[(4 * i)..]);
    }
}
