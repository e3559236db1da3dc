namespace DriftDb.Protocol;

/// <summary>Execute: run a portal, or go on with it.</summary>
public readonly ref struct ExecuteMessage
{
    public ExecuteMessage(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(body);
        Portal = reader.ReadCString();
        MaxRows = Math.Max(0, reader.ReadInt32());
        reader.End();
    }

    public ReadOnlySpan<byte> Portal { get; }

    /// <summary>Rows after which the portal is suspended; 0 for all.</summary>
    public int MaxRows { get; }
}
