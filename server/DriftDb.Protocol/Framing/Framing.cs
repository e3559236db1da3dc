using System.Buffers.Binary;
using DriftDb.Types;

namespace DriftDb.Protocol;

/// <summary>
/// Finds messages in received bytes: <c>type (1 byte), length (Int32, counts itself), body</c>. A wrong type or length means that the two sides no longer agree
/// where messages begin, which nothing can mend: fatal.
/// </summary>
public static class Framing
{
    /// <summary>Bytes before a message's body.</summary>
    public const int HeaderBytes = 5;

    /// <summary>The type and body length of the message at the start of the input.</summary>
    /// <returns>False while the header isn't complete. The body may still be.</returns>
    public static bool TryReadHeader(ReadOnlySpan<byte> input, out byte type, out int bodyLength)
    {
        type = 0;
        bodyLength = 0;
        if (input.IsEmpty) return false;
        type = input[0];
        int maxLength = FrontendMessageType.MaxLengthBytes(type);
        if (maxLength == 0) throw ProtocolErrors.Fatal($"invalid frontend message type {type}");
        if (input.Length < HeaderBytes) return false;
        bodyLength = BodyLength(input[1..], maxLength);
        return true;
    }

    /// <summary>The header of an answer to an authentication request.</summary>
    public static bool TryReadAuthenticationHeader(ReadOnlySpan<byte> input, out int bodyLength)
    {
        bodyLength = 0;
        if (input.IsEmpty) return false;
        if (input[0] != FrontendMessageType.Password) throw ProtocolErrors.Fatal($"expected password response, got message type {input[0]}");
        if (input.Length < HeaderBytes) return false;
        bodyLength = BodyLength(input[1..], ProtocolLimits.AuthenticationMessageBytes);
        return true;
    }

    /// <summary>The length of a start-up packet, its length field included.</summary>
    public static bool TryReadStartupLength(ReadOnlySpan<byte> input, out int packetLength)
    {
        packetLength = 0;
        if (input.Length < 4) return false;
        packetLength = BinaryPrimitives.ReadInt32BigEndian(input);
        if (packetLength is < 8 or > ProtocolLimits.StartupPacketBytes) throw ProtocolErrors.Fatal("invalid length of startup packet");
        return true;
    }

    private static int BodyLength(ReadOnlySpan<byte> lengthField, int maxLength)
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(lengthField);
        return length >= 4 && length <= maxLength ? length - 4 : throw ProtocolErrors.Fatal("invalid message length");
    }
}
