namespace DriftDb.Protocol;

/// <summary>FunctionCall: a function by its object id, with values in place; the fast path of old, which large objects still take.</summary>
public readonly ref struct FunctionCallMessage
{
    public FunctionCallMessage(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(body);
        FunctionOid = reader.ReadInt32();
        reader.ReadBytes(reader.ReadUInt16() * 2);
        ArgumentCount = reader.ReadUInt16();
        for (int i = 0; i < ArgumentCount; i++)
        {
            int length = reader.ReadInt32();
            if (length != -1) reader.ReadBytes(length);
        }

        reader.ReadInt16();
        reader.End();
    }

    public int FunctionOid { get; }

    public int ArgumentCount { get; }
}
