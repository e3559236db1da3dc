using DriftDb.Compiler;
using DriftDb.Protocol;
using DriftDb.Types;

namespace DriftDb.Server;

/// <summary>The run's results as messages: the connection is its own sink.</summary>
internal sealed partial class Connection
{
    private short[] _formats = RowEncoder.AllText;

    void IResultSink.Describe(ResultShape shape) => DescribeShape(shape, RowEncoder.AllText);

    unsafe bool IResultSink.Rows(TupleBuffer rows, int first, int count, ResultShape shape)
    {
        var settings = _session!.Format;
        var recoder = Recoder;
        if (recoder is not null) RecodeOutput();
        for (int i = first; i < first + count; i++)
        {
            int start = _output.Length;
            RowEncoder.DataRow(_output, rows.Row(i), shape.Layout, shape.Columns.Length, _formats, settings);
            if (recoder is null) continue;
            recoder.DataRow(_output, start, _formats, shape.Layout.Types);
            _recodedBytes = _output.Length;
        }

        return _output.Length < SendBytes;
    }

    void IResultSink.Complete(string commandTag)
    {
        SendNotices();
        BackendMessages.CommandComplete(_output, commandTag);
        if (Recoder is not null) RecodeOutput();
    }

    void IResultSink.Empty()
    {
        SendNotices();
        BackendMessages.EmptyQueryResponse(_output);
    }

    void IResultSink.CopyOutBegin(int columns, bool isBinary) => BackendMessages.CopyOutResponse(_output, columns, isBinary);

    bool IResultSink.CopyOutData(ReadOnlySpan<byte> data)
    {
        if (Recoder is not null) RecodeOutput();
        BackendMessages.CopyData(_output, data);
        if (_recoder is not null) _recodedBytes = _output.Length;
        return _output.Length < SendBytes;
    }

    void IResultSink.CopyOutEnd() => BackendMessages.CopyDone(_output);

    private void SendNotices()
    {
        while (_session!.TryTakeNotice(out var notice))
            ErrorMessages.NoticeResponse(_output, notice.Severity, notice.SqlState, notice.Message, notice.Detail, notice.Hint);
    }

    /// <summary>Ends a cycle: what changed in the settings, what others notified, and that the next query may come.</summary>
    private void ReadyForQuery()
    {
        var session = _session!;
        SendNotices();
        while (session.TryTakeSettingChange(out string name, out string value)) BackendMessages.ParameterStatus(_output, name, value);
        char status = session.TransactionStatus;
        if (status == 'I') TakeNotifications(session);
        BackendMessages.ReadyForQuery(_output, status);
    }

    /// <summary>Notifications that come while the client is idle are sent at once; else they wait for the end of the cycle.</summary>
    private void SendNotifications()
    {
        if (_phase != Phase.Idle || _blockedOn != Blocked.No || !Unread.IsEmpty || _session is not { TransactionStatus: 'I' } session) return;
        TakeNotifications(session);
        Flush();
    }

    private void TakeNotifications(Session session)
    {
        while (session.TryTakeNotification(out var notification))
            BackendMessages.NotificationResponse(_output, notification.ProcessId, notification.Channel, notification.Payload);
    }
}
