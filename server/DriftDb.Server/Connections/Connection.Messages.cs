using DriftDb.Protocol;
using DriftDb.Types;

namespace DriftDb.Server;

/// <summary>Takes messages off the input and sees to each.</summary>
internal sealed partial class Connection
{
    /// <summary>Bytes of a CopyData that are still to come or to be taken: its data is passed on as it arrives, however long the message is.</summary>
    private int _copyDataBytes;

    /// <summary>After an error in the extended protocol: everything up to Sync is dropped.</summary>
    private bool _isSkipping;

    /// <summary>Deals with the next message. False when it isn't all there, or when the connection is blocked.</summary>
    private bool TryNextMessage()
    {
        try
        {
            switch (_phase)
            {
                case Phase.Startup: return TryStartup();
                case Phase.Authentication: return TryAuthentication();
            }

            if (Unread.IsEmpty) return false;
            // New work isn't begun on someone else's thread (a Sync is no work: it ends the cycle that has just waited), and COPY's data is for workers.
            if (_isBorrowedThread && Unread[0] != FrontendMessageType.Sync || _phase == Phase.CopyIn && !WorkerPool.IsWorkerThread)
            {
                WaitForWorker();
                return false;
            }

            if (_copyDataBytes > 0) return TakeCopyData();
            if (!Framing.TryReadHeader(Unread, out byte type, out int length)) return false;
            if (type == FrontendMessageType.CopyData)
            {
                Consume(Framing.HeaderBytes);
                _copyDataBytes = length;
                return true;
            }

            _messageBytes = Framing.HeaderBytes + length;
            if (Unread.Length < _messageBytes) return false;
            var body = Unread.Slice(Framing.HeaderBytes, length);
            Consume(_messageBytes);
            Dispatch(type, body);
            return true;
        }
        catch (SqlException error)
        {
            Failed(error);
            return _phase < Phase.Closing;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Failed(Bug(error));
            return _phase < Phase.Closing;
        }
    }

    private void Dispatch(byte type, ReadOnlySpan<byte> body)
    {
        if (type == FrontendMessageType.Terminate)
        {
            Close();
            return;
        }

        bool isSkipped = _isSkipping && type != FrontendMessageType.Sync;
        _isExtended = type is not (FrontendMessageType.Query or FrontendMessageType.FunctionCall or FrontendMessageType.Sync);
        if (!isSkipped && Recoder is { } recoder) body = recoder.FromClient(type, body);
        if (_phase == Phase.CopyIn)
        {
            CopyMessage(type, body);
            return;
        }

        if (isSkipped) return;
        switch (type)
        {
            case FrontendMessageType.Query: Query(body); break;
            case FrontendMessageType.Parse: Parse(body); break;
            case FrontendMessageType.Bind: Bind(body); break;
            case FrontendMessageType.Describe: Describe(body); break;
            case FrontendMessageType.Execute: Execute(body); break;
            case FrontendMessageType.Close: CloseTarget(body); break;
            case FrontendMessageType.Sync: Sync(); break;
            case FrontendMessageType.Flush: Flush(); break;
            case FrontendMessageType.FunctionCall: FunctionCall(body); break;
            case FrontendMessageType.CopyDone or FrontendMessageType.CopyFail:
                break; // the rest of a copy that failed
        }
    }

    private void Query(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(body);
        var sql = reader.ReadCString();
        reader.End();
        KeepText(sql);
        Begin(RunKind.Simple, _session!.StartSimple(sql), 0);
        _formats = RowEncoder.AllText;
    }

    private void FunctionCall(ReadOnlySpan<byte> body)
    {
        var call = new FunctionCallMessage(body);
        throw new SqlException(SqlState.FeatureNotSupported, $"function {call.FunctionOid} can't be called by a FunctionCall message", hint: "Call it with SELECT.");
    }

    /// <summary>Keeps a statement's text where an error's position couldn't be told without it: spans count UTF-16 units, the wire counts characters.</summary>
    private void KeepText(ReadOnlySpan<byte> sql) => _text = sql.ContainsAnyInRange((byte)0xF0, (byte)0xFF) ? System.Text.Encoding.UTF8.GetString(sql) : null;
}
