using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using DriftDb.Types;

namespace DriftDb.Protocol;

/// <summary>The server's messages (documentation, 55.7), written into the connection's output one behind the other.</summary>
public static class BackendMessages
{
    public static void AuthenticationOk(ByteWriter output) => Authentication(output, 0, []);

    public static void AuthenticationCleartextPassword(ByteWriter output) => Authentication(output, 3, []);

    public static void AuthenticationMd5Password(ByteWriter output, ReadOnlySpan<byte> salt) => Authentication(output, 5, salt);

    /// <summary>The one mechanism without TLS; the list ends with an empty name.</summary>
    public static void AuthenticationSasl(ByteWriter output) => Authentication(output, 10, "SCRAM-SHA-256\0\0"u8);

    public static void AuthenticationSaslContinue(ByteWriter output, ReadOnlySpan<byte> data) => Authentication(output, 11, data);

    public static void AuthenticationSaslFinal(ByteWriter output, ReadOnlySpan<byte> data) => Authentication(output, 12, data);

    public static void NegotiateProtocolVersion(ByteWriter output, ImmutableArray<string> unknownOptions)
    {
        int start = Begin(output, (byte)'v');
        Int32(output, StartupPacket.SupportedVersion);
        Int32(output, unknownOptions.Length);
        foreach (string option in unknownOptions) CString(output, option);
        End(output, start);
    }

    public static void BackendKeyData(ByteWriter output, int processId, int secretKey)
    {
        int start = Begin(output, (byte)'K');
        Int32(output, processId);
        Int32(output, secretKey);
        End(output, start);
    }

    public static void ParameterStatus(ByteWriter output, string name, string value)
    {
        int start = Begin(output, (byte)'S');
        CString(output, name);
        CString(output, value);
        End(output, start);
    }

    /// <param name="output">Where to.</param>
    /// <param name="transactionStatus"><c>I</c> idle, <c>T</c> in a transaction, <c>E</c> in a failed one.</param>
    public static void ReadyForQuery(ByteWriter output, char transactionStatus)
    {
        Span<byte> span = output.GetSpan(6);
        span[0] = (byte)'Z';
        BinaryPrimitives.WriteInt32BigEndian(span[1..], 5);
        span[5] = (byte)transactionStatus;
        output.Advance(6);
    }

    public static void ParseComplete(ByteWriter output) => Bare(output, (byte)'1');

    public static void BindComplete(ByteWriter output) => Bare(output, (byte)'2');

    public static void CloseComplete(ByteWriter output) => Bare(output, (byte)'3');

    public static void NoData(ByteWriter output) => Bare(output, (byte)'n');

    public static void PortalSuspended(ByteWriter output) => Bare(output, (byte)'s');

    public static void EmptyQueryResponse(ByteWriter output) => Bare(output, (byte)'I');

    public static void CopyDone(ByteWriter output) => Bare(output, (byte)'c');

    public static void CommandComplete(ByteWriter output, string tag)
    {
        int start = Begin(output, (byte)'C');
        CString(output, tag);
        End(output, start);
    }

    public static void ParameterDescription(ByteWriter output, ImmutableArray<SqlType> types)
    {
        int start = Begin(output, (byte)'t');
        Int16(output, types.Length);
        foreach (var type in types) Int32(output, TypeNames.Oid(type));
        End(output, start);
    }

    public static void NotificationResponse(ByteWriter output, int processId, string channel, string payload)
    {
        int start = Begin(output, (byte)'A');
        Int32(output, processId);
        CString(output, channel);
        CString(output, payload);
        End(output, start);
    }

    public static void CopyInResponse(ByteWriter output, int columns, bool isBinary) => CopyResponse(output, (byte)'G', columns, isBinary);

    public static void CopyOutResponse(ByteWriter output, int columns, bool isBinary) => CopyResponse(output, (byte)'H', columns, isBinary);

    public static void CopyData(ByteWriter output, ReadOnlySpan<byte> data)
    {
        Span<byte> header = output.GetSpan(5);
        header[0] = (byte)'d';
        BinaryPrimitives.WriteInt32BigEndian(header[1..], data.Length + 4);
        output.Advance(5);
        output.Write(data);
    }

    /// <summary>Starts a message; its length is filled in by <see cref="End"/>, which wants the position that this returns.</summary>
    internal static int Begin(ByteWriter output, byte type)
    {
        output.GetSpan(5)[0] = type;
        output.Advance(5);
        return output.Length - 4;
    }

    internal static void End(ByteWriter output, int start) => BinaryPrimitives.WriteInt32BigEndian(output.WrittenSpan[start..], output.Length - start);

    internal static void Int16(ByteWriter output, int value)
    {
        BinaryPrimitives.WriteInt16BigEndian(output.GetSpan(2), unchecked((short)value));
        output.Advance(2);
    }

    internal static void Int32(ByteWriter output, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    /// <summary>Text and a NUL. A NUL inside would end it early and shift all that follows: it becomes a space.</summary>
    internal static void CString(ByteWriter output, string text)
    {
        int start = output.Length;
        Span<byte> span = output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length) + 1);
        int length = Encoding.UTF8.GetBytes(text, span);
        span[..length].Replace((byte)0, (byte)' ');
        span[length] = 0;
        output.Advance(length + 1);
        System.Diagnostics.Debug.Assert(output.Length == start + length + 1);
    }

    private static void Bare(ByteWriter output, byte type)
    {
        Span<byte> span = output.GetSpan(5);
        span[0] = type;
        BinaryPrimitives.WriteInt32BigEndian(span[1..], 4);
        output.Advance(5);
    }

    private static void Authentication(ByteWriter output, int code, ReadOnlySpan<byte> data)
    {
        int start = Begin(output, (byte)'R');
        Int32(output, code);
        output.Write(data);
        End(output, start);
    }

    private static void CopyResponse(ByteWriter output, byte type, int columns, bool isBinary)
    {
        int start = Begin(output, type);
        output.Write(isBinary ? (byte)1 : (byte)0);
        Int16(output, columns);
        for (int i = 0; i < columns; i++) Int16(output, isBinary ? 1 : 0);
        End(output, start);
    }
}
