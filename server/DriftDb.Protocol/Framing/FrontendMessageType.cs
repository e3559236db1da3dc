namespace DriftDb.Protocol;

/// <summary>First bytes of the client's messages (PostgreSQL documentation, 55.7).</summary>
public static class FrontendMessageType
{
    public const byte Bind = (byte)'B';
    public const byte Close = (byte)'C';
    public const byte CopyData = (byte)'d';
    public const byte CopyDone = (byte)'c';
    public const byte CopyFail = (byte)'f';
    public const byte Describe = (byte)'D';
    public const byte Execute = (byte)'E';
    public const byte Flush = (byte)'H';
    public const byte FunctionCall = (byte)'F';
    public const byte Parse = (byte)'P';

    /// <summary>PasswordMessage, SASLInitialResponse, SASLResponse: which one depends on what was asked.</summary>
    public const byte Password = (byte)'p';
    public const byte Query = (byte)'Q';
    public const byte Sync = (byte)'S';
    public const byte Terminate = (byte)'X';

    /// <summary>The largest body, with its length field, that a message of this type may have; 0 for a byte that begins no message.</summary>
    public static int MaxLengthBytes(byte type) => type switch
    {
        Bind or CopyData or FunctionCall or Parse or Query => ProtocolLimits.LargeMessageBytes,
        Close or CopyDone or CopyFail or Describe or Execute or Flush or Sync or Terminate => ProtocolLimits.SmallMessageBytes,
        _ => 0,
    };
}
