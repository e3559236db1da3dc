using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DriftDb.Server.Tests;

/// <summary>A message of the server.</summary>
public sealed record BackendMessage(char Type, byte[] Body)
{
    /// <summary>An error's or notice's field.</summary>
    public string? Field(char code)
    {
        for (int i = 0; i < Body.Length && Body[i] != 0;)
        {
            int end = Array.IndexOf(Body, (byte)0, i);
            if (Body[i] == code) return Encoding.UTF8.GetString(Body, i + 1, end - i - 1);
            i = end + 1;
        }

        return null;
    }

    public string Text => Encoding.UTF8.GetString(Body).TrimEnd('\0');

    /// <summary>A data row's values.</summary>
    public IReadOnlyList<string?> Values
    {
        get
        {
            var values = new List<string?>();
            int position = 2;
            for (int i = BinaryPrimitives.ReadInt16BigEndian(Body); i > 0; i--)
            {
                int length = BinaryPrimitives.ReadInt32BigEndian(Body.AsSpan(position));
                position += 4;
                values.Add(length < 0 ? null : Encoding.UTF8.GetString(Body, position, length));
                position += Math.Max(0, length);
            }

            return values;
        }
    }
}

/// <summary>A client that says exactly what a test wants said.</summary>
public sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly NetworkStream _stream;

    public RawClient(int port)
    {
        _socket.Connect(IPAddress.Loopback, port);
        _stream = new NetworkStream(_socket, ownsSocket: true) { ReadTimeout = 15_000, WriteTimeout = 15_000 };
    }

    public int ProcessId { get; private set; }

    public int SecretKey { get; private set; }

    public Dictionary<string, string> Parameters { get; } = [];

    public static byte[] Int16(int value) => [(byte)(value >> 8), (byte)value];

    public static byte[] Int32(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    public static byte[] CString(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    public static byte[] Message(char type, params byte[][] parts)
    {
        byte[] body = [.. parts.SelectMany(part => part)];
        return [(byte)type, .. Int32(body.Length + 4), .. body];
    }

    public static byte[] Query(string sql) => Message('Q', CString(sql));

    public static byte[] Parse(string sql, string name = "") => Message('P', CString(name), CString(sql), Int16(0));

    public static byte[] Bind(string statement = "", string portal = "", params string?[] values) => Message(
        'B',
        [CString(portal), CString(statement), Int16(0), Int16(values.Length), .. values.Select(v => v is null ? Int32(-1) : (byte[])[.. Int32(Encoding.UTF8.GetByteCount(v)), .. Encoding.UTF8.GetBytes(v)]), Int16(0)]);

    public static byte[] Execute(int maxRows = 0, string portal = "") => Message('E', CString(portal), Int32(maxRows));

    public static byte[] DescribePortal(string portal = "") => Message('D', "P"u8.ToArray(), CString(portal));

    public static byte[] DescribeStatement(string name = "") => Message('D', "S"u8.ToArray(), CString(name));

    public static byte[] Sync() => Message('S');

    public static byte[] FlushMessage() => Message('H');

    public static byte[] Startup(int version, params (string Name, string Value)[] parameters)
    {
        byte[] body = [.. Int32(version), .. parameters.SelectMany(p => (byte[])[.. CString(p.Name), .. CString(p.Value)]), 0];
        return [.. Int32(body.Length + 4), .. body];
    }

    /// <summary>Logs in as driftdb, by trust, and reads to the first ReadyForQuery.</summary>
    public void Login(params (string Name, string Value)[] parameters)
    {
        Send(Startup(3 << 16, [("user", "driftdb"), .. parameters]));
        foreach (var message in ReadCycle())
        {
            if (message.Type == 'E') throw new InvalidOperationException(message.Field('M'));
            if (message.Type == 'K') (ProcessId, SecretKey) = (BinaryPrimitives.ReadInt32BigEndian(message.Body), BinaryPrimitives.ReadInt32BigEndian(message.Body.AsSpan(4)));
            if (message.Type == 'S' && Encoding.UTF8.GetString(message.Body).Split('\0') is [var name, var value, ..]) Parameters[name] = value;
        }
    }

    public void Send(params byte[][] messages) => _stream.Write([.. messages.SelectMany(m => m)]);

    public BackendMessage Read()
    {
        byte[] header = new byte[5];
        _stream.ReadExactly(header);
        byte[] body = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1)) - 4];
        _stream.ReadExactly(body);
        return new BackendMessage((char)header[0], body);
    }

    public byte ReadByte()
    {
        byte[] one = new byte[1];
        _stream.ReadExactly(one);
        return one[0];
    }

    /// <summary>All messages up to ReadyForQuery, or to the end of the connection.</summary>
    public List<BackendMessage> ReadCycle()
    {
        var messages = new List<BackendMessage>();
        try
        {
            do messages.Add(Read());
            while (messages[^1].Type != 'Z');
        }
        catch (IOException)
        {
            // The server has closed: what came before is the answer.
        }

        return messages;
    }

    /// <summary>Sends and reads to ReadyForQuery; the types of the answers.</summary>
    public string TypesOf(params byte[][] messages)
    {
        Send(messages);
        return string.Concat(ReadCycle().Select(m => m.Type));
    }

    public List<BackendMessage> Run(string sql)
    {
        Send(Query(sql));
        return ReadCycle();
    }

    /// <summary>The one value of a query.</summary>
    public string? Scalar(string sql) => Run(sql).First(m => m.Type == 'D').Values[0];

    /// <summary>Whether anything comes within the time.</summary>
    public bool HasData(int waitMs) => _socket.Poll(waitMs * 1000, SelectMode.SelectRead);

    /// <summary>Whether the server closes the connection, whatever it sends before.</summary>
    public bool IsClosed()
    {
        try
        {
            byte[] buffer = new byte[4096];
            while (_stream.Read(buffer) > 0)
            {
            }

            return true;
        }
        catch (IOException error)
        {
            return error.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset };
        }
    }

    public void FinishSending() => _socket.Shutdown(SocketShutdown.Send);

    public void Dispose() => _stream.Dispose();
}
