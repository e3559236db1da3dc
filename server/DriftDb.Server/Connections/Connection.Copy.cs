using DriftDb.Protocol;
using DriftDb.Types;

namespace DriftDb.Server;

/// <summary>COPY FROM STDIN (documentation, 55.2.6): data goes to the run as it comes.</summary>
internal sealed partial class Connection
{
    /// <summary>Passes on what there is of a CopyData's body; outside of a copy it is the rest of one that failed, and dropped.</summary>
    private bool TakeCopyData()
    {
        var data = Unread[..Math.Min(_copyDataBytes, Unread.Length)];
        Consume(data.Length);
        _copyDataBytes -= data.Length;
        if (_phase != Phase.CopyIn) return true;
        try
        {
            _run!.CopyIn!.Write(data);
        }
        catch (SqlException error)
        {
            _session!.Failed(error);
            RunFailed(error);
        }

        return true;
    }

    private void CopyMessage(byte type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case FrontendMessageType.CopyDone:
                new MessageReader(body).End();
                _phase = Phase.Running;
                _run!.CopyIn!.Finish();
                break;
            case FrontendMessageType.CopyFail:
                var reason = new MessageReader(body).ReadCString();
                _phase = Phase.Running;
                _run!.CopyIn!.Fail(NameCache.Decode(reason));
                break;
            case FrontendMessageType.Flush or FrontendMessageType.Sync:
                break; // sent ahead by clients that didn't know it would be a copy
            default:
                var error = new SqlException(SqlState.ProtocolViolation, $"unexpected message type 0x{type:X2} during COPY from stdin") { Where = _run!.CopyIn!.Where };
                _session!.Failed(error);
                EndRun();
                SendError(error);
                throw ProtocolErrors.Fatal("terminating connection because protocol synchronization was lost");
        }
    }
}
