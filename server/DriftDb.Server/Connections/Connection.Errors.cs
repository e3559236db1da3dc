using System.Net.Sockets;
using DriftDb.Protocol;
using DriftDb.Types;

namespace DriftDb.Server;

/// <summary>Errors on the wire, and the connection's end.</summary>
internal sealed partial class Connection
{
    /// <summary>Bytes of a refused client's input that are read and dropped before the close: unread input would reset the connection and take our last message with it.</summary>
    private const int DrainBytesLimit = 1024 * 1024;

    /// <summary>The statement that errors point into; null where positions need no text.</summary>
    private string? _text;

    /// <summary>The message at hand is one after whose error everything up to Sync is skipped.</summary>
    private bool _isExtended;

    /// <summary>A message couldn't be done.</summary>
    private void Failed(SqlException error)
    {
        if (_session is null || error.IsFatal)
        {
            Fatal(error.IsFatal ? error : new SqlException(error.SqlState, error.Message, error.Span, error.Detail, error.Hint) { IsFatal = true });
            return;
        }

        _session.Failed(error);
        SendError(error);
        AfterError(_isExtended);
    }

    /// <summary>The run ended with an error; the session knows.</summary>
    private void RunFailed(SqlException error)
    {
        bool isPortal = _runKind == RunKind.Portal;
        EndRun();
        if (error.IsFatal || _isStopping)
        {
            if (error.IsFatal) Fatal(error); // else the pump tells the client about the shutdown
            return;
        }

        SendError(error);
        AfterError(isPortal);
    }

    private void AfterError(bool isExtended)
    {
        if (isExtended) _isSkipping = true;
        else ReadyForQuery();
    }

    private void SendError(SqlException error)
    {
        if (_session is not null) SendNotices();
        ErrorMessages.ErrorResponse(_output, error, _text);
    }

    /// <summary>Something that isn't the client's fault: logged here, a short word there.</summary>
    private SqlException Bug(Exception error)
    {
        _server.Log.Error("internal error", error);
        return new SqlException(SqlState.InternalError, $"internal error: {error.GetType().Name}: {error.Message}", inner: error);
    }

    /// <summary>Tells the client why, and ends the connection.</summary>
    private void Fatal(SqlException error)
    {
        SendError(error);
        Close();
    }

    /// <summary>Ends the connection once what is in the output has been sent.</summary>
    private void Close()
    {
        if (_phase >= Phase.Closing) return;
        _phase = Phase.Closing;
        Flush();
    }

    private void FinishClosing()
    {
        if (_isSending) return;
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
            for (int drained = 0; !_isReceiving && drained < DrainBytesLimit && _socket.Available is > 0 and var available; drained += available)
                _socket.Receive(_input, 0, Math.Min(available, _input.Length), SocketFlags.None, out _);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The client went first.
        }

        Abort();
    }

    /// <summary>Ends the connection now.</summary>
    private void Abort()
    {
        if (_phase == Phase.Closed) return;
        _phase = Phase.Closed;
        if (_runKind != RunKind.Portal) _run?.Dispose();
        _run = null;
        _socket.Dispose();
        _server.Left(this);
        try
        {
            _session?.Dispose();
        }
        catch (Exception error)
        {
            _server.Log.Error("a session's end failed", error);
        }

        ReleaseBuffers();
    }
}
