namespace DriftDb.Protocol;

/// <summary>Bind: a prepared statement with values for its parameters. All lengths have been checked once one has been made.</summary>
public readonly ref struct BindMessage
{
    private readonly ReadOnlySpan<byte> _parameterFormats;
    private readonly ReadOnlySpan<byte> _resultFormats;

    public BindMessage(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(body);
        Portal = reader.ReadCString();
        Statement = reader.ReadCString();
        _parameterFormats = reader.ReadBytes(reader.ReadUInt16() * 2);
        ParameterCount = reader.ReadUInt16();
        var values = reader.Rest;
        for (int i = 0; i < ParameterCount; i++)
        {
            int length = reader.ReadInt32();
            if (length >= 0) reader.ReadBytes(length);
            else if (length != -1) throw ProtocolErrors.BadMessage("insufficient data left in message");
        }

        Values = values[..(values.Length - reader.Rest.Length)];
        _resultFormats = reader.ReadBytes(reader.ReadUInt16() * 2);
        reader.End();
    }

    public ReadOnlySpan<byte> Portal { get; }

    public ReadOnlySpan<byte> Statement { get; }

    public int ParameterCount { get; }

    /// <summary>For each parameter its length (Int32, -1 for NULL) and its bytes.</summary>
    public ReadOnlySpan<byte> Values { get; }

    public int ParameterFormatCount => _parameterFormats.Length / 2;

    public int ResultFormatCount => _resultFormats.Length / 2;

    public void CopyParameterFormats(Span<short> destination) => new MessageReader(_parameterFormats).ReadInt16s(destination);

    public void CopyResultFormats(Span<short> destination) => new MessageReader(_resultFormats).ReadInt16s(destination);
}
