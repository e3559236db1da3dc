using System.Buffers;
using System.Net.Sockets;

namespace DriftDb.Server;

/// <summary>Receiving: bytes into a small buffer of the connection's own, or a rented large one while large messages or many come.</summary>
internal sealed partial class Connection
{
    private const int LargeBufferBytes = 64 * 1024;

    private readonly SocketAsyncEventArgs _receiveArgs = new(true);
    private byte[] _input = new byte[SmallBufferBytes];

    /// <summary>Received and not yet consumed: from here to <see cref="_inputEnd"/>.</summary>
    private int _inputStart, _inputEnd;

    /// <summary>How many bytes the message at hand has; the buffer grows towards it as they come, never ahead of them.</summary>
    private int _messageBytes;

    private bool _isReceiving, _filledLast;

    private ReadOnlySpan<byte> Unread => _input.AsSpan(_inputStart, _inputEnd - _inputStart);

    private void Consume(int count) => _inputStart += count;

    /// <summary>Asks for more bytes. True when they are there at once; else <see cref="Signals.Received"/> will tell.</summary>
    private bool Receive()
    {
        if (_isReceiving) return false;
        MakeRoom();
        _receiveArgs.SetBuffer(_input, _inputEnd, _input.Length - _inputEnd);
        try
        {
            if (_socket.ReceiveAsync(_receiveArgs))
            {
                _isReceiving = true;
                return false;
            }
        }
        catch (ObjectDisposedException)
        {
            Abort();
            return false;
        }

        return TakeReceived();
    }

    private void EndReceive()
    {
        _isReceiving = false;
        if (_phase == Phase.Closed) ReleaseBuffers();
        else if (_phase < Phase.Closing) TakeReceived();
    }

    private bool TakeReceived()
    {
        int count = _receiveArgs.BytesTransferred;
        if (_receiveArgs.SocketError != SocketError.Success || count == 0)
        {
            Abort();
            return false;
        }

        _filledLast = count == _receiveArgs.Count;
        _inputEnd += count;
        return true;
    }

    private void MakeRoom()
    {
        int unread = _inputEnd - _inputStart;
        if (unread == 0)
        {
            _inputStart = _inputEnd = 0;
            // A rented buffer goes back as soon as little comes: an idle connection keeps its few KB only.
            if (_filledLast && _input.Length < LargeBufferBytes) Replace(LargeBufferBytes);
            else if (!_filledLast && _input.Length > SmallBufferBytes) Replace(SmallBufferBytes);
            return;
        }

        if (_inputStart > 0)
        {
            Unread.CopyTo(_input);
            _inputStart = 0;
            _inputEnd = unread;
        }

        if (_inputEnd < _input.Length) return;
        Replace((int)Math.Min(Math.Max(_input.Length * 2L, LargeBufferBytes), Math.Max(_messageBytes, LargeBufferBytes)));
    }

    private void Replace(int size)
    {
        byte[] next = size == SmallBufferBytes ? new byte[size] : ArrayPool<byte>.Shared.Rent(size);
        Unread.CopyTo(next);
        if (_input.Length > SmallBufferBytes) ArrayPool<byte>.Shared.Return(_input);
        _input = next;
    }

    private void ReleaseBuffers()
    {
        if (_isReceiving || _input.Length <= SmallBufferBytes) return;
        ArrayPool<byte>.Shared.Return(_input);
        _input = [];
    }
}
