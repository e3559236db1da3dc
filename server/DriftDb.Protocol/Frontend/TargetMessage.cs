namespace DriftDb.Protocol;

/// <summary>Describe and Close: a prepared statement (<c>S</c>) or a portal (<c>P</c>) by name.</summary>
public readonly ref struct TargetMessage
{
    /// <param name="body">The message's body.</param>
    /// <param name="messageName">CLOSE or DESCRIBE, for the error.</param>
    public TargetMessage(ReadOnlySpan<byte> body, string messageName)
    {
        var reader = new MessageReader(body);
        byte kind = reader.ReadByte();
        Name = reader.ReadCString();
        reader.End();
        if (kind is not ((byte)'S' or (byte)'P')) throw ProtocolErrors.BadMessage($"invalid {messageName} message subtype {kind}");
        IsStatement = kind == (byte)'S';
    }

    public bool IsStatement { get; }

    public ReadOnlySpan<byte> Name { get; }
}
