using DriftDb.Protocol;

namespace DriftDb.Server;

/// <summary>Clients of another character set than UTF-8 (client_encoding): what they send is converted as it comes, what goes to them before it is sent.</summary>
internal sealed partial class Connection
{
    private MessageRecoder? _recoder;

    /// <summary>How much of the output is in the client's character set already.</summary>
    private int _recodedBytes;

    /// <summary>How messages are converted at this moment; null for a client that speaks UTF-8.</summary>
    private MessageRecoder? Recoder
    {
        get
        {
            var set = _session?.ClientCharacterSet;
            if (ReferenceEquals(set, _recoder?.Set)) return _recoder;
            // What was said before the change is in the set of then.
            RecodeOutput();
            return _recoder = set is null ? null : new MessageRecoder(set);
        }
    }

    /// <summary>Converts the messages that have come since the last time.</summary>
    private void RecodeOutput()
    {
        _recoder?.Words(_output, _recodedBytes);
        _recodedBytes = _output.Length;
    }
}
