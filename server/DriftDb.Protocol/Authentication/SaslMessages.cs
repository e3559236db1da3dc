using System.Text;

namespace DriftDb.Protocol;

/// <summary>SASLInitialResponse: the mechanism that the client chose and its first message.</summary>
public readonly ref struct SaslInitialResponse
{
    public SaslInitialResponse(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(body);
        Mechanism = Encoding.ASCII.GetString(reader.ReadCString());
        int length = reader.ReadInt32();
        Data = length == -1 ? default : reader.ReadBytes(length);
        reader.End();
    }

    public string Mechanism { get; }

    public ReadOnlySpan<byte> Data { get; }
}
