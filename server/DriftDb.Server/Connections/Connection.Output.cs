using System.Net.Sockets;
using System.Runtime.InteropServices;
using DriftDb.Types;

namespace DriftDb.Server;

/// <summary>
/// Sending: messages collect in one buffer, which goes out when input runs out, at Flush, or when it is large. While one buffer is on its way the next one fills;
/// when a client doesn't read and too much is pending, nothing further is read or run for it.
/// </summary>
internal sealed partial class Connection
{
    /// <summary>Output of one kind goes out when it has this size.</summary>
    private const int SendBytes = 64 * 1024;

    /// <summary>More than this pending, and the connection waits for its client.</summary>
    private const int PendingBytesLimit = 256 * 1024;

    private readonly SocketAsyncEventArgs _sendArgs = new(true);
    private ByteWriter _output = new(SmallBufferBytes);
    private ByteWriter? _inFlight;
    private int _sentBytes;
    private bool _isSending;

    private int PendingBytes => _output.Length + (_isSending ? _inFlight!.Length - _sentBytes : 0);

    /// <summary>Room for more output; if not, the connection is blocked until the client has read.</summary>
    private bool HasRoom()
    {
        if (_output.Length < SendBytes) return true;
        Flush();
        if (_phase >= Phase.Closing) return false;
        if (PendingBytes < PendingBytesLimit) return true;
        _blockedOn = Blocked.OnOutput;
        return false;
    }

    /// <summary>Sends what there is, unless a send is under way: its end sends the rest.</summary>
    private void Flush()
    {
        if (_isSending || _output.Length == 0 || _phase == Phase.Closed) return;
        if (Recoder is not null) RecodeOutput();
        _recodedBytes = 0;
        var next = _inFlight ?? new ByteWriter(SmallBufferBytes);
        _inFlight = _output;
        _output = next;
        _sentBytes = 0;
        Send();
    }

    private void Send()
    {
        while (true)
        {
            _sendArgs.SetBuffer(MemoryMarshal.AsMemory(_inFlight!.WrittenMemory[_sentBytes..]));
            try
            {
                if (_socket.SendAsync(_sendArgs))
                {
                    _isSending = true;
                    return;
                }
            }
            catch (ObjectDisposedException)
            {
                Abort();
                return;
            }

            if (TakeSent()) return;
        }
    }

    /// <summary>Notes what was sent. True when the buffer is done with, or the connection.</summary>
    private bool TakeSent()
    {
        if (_sendArgs.SocketError != SocketError.Success)
        {
            Abort();
            return true;
        }

        _sentBytes += _sendArgs.BytesTransferred;
        if (_sentBytes < _inFlight!.Length) return false;
        // A buffer that a large result blew up isn't kept.
        if (_inFlight.CapacityBytes > 2 * SendBytes) _inFlight = null;
        else _inFlight.Clear();
        return true;
    }

    private void EndSend()
    {
        if (!_isSending) return; // the signal that starts the connection
        _isSending = false;
        if (_phase == Phase.Closed) return;
        if (!TakeSent()) Send();
        else if (_phase != Phase.Closed) Flush();
        if (_blockedOn == Blocked.OnOutput && PendingBytes < PendingBytesLimit) _blockedOn = Blocked.No;
    }
}
