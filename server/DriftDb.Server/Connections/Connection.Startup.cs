using System.Net;
using DriftDb.Compiler;
using DriftDb.Protocol;
using DriftDb.Types;

namespace DriftDb.Server;

/// <summary>From the first byte to the first ReadyForQuery (documentation, 55.2.1).</summary>
internal sealed partial class Connection
{
    private bool _askedForSsl, _askedForGss;
    private StartupPacket? _startup;

    private bool TryStartup()
    {
        if (!Framing.TryReadStartupLength(Unread, out int length) || Unread.Length < length) return false;
        var packet = StartupPacket.Read(Unread[4..length]);
        Consume(length);
        switch (packet.Request)
        {
            case StartupRequest.Ssl:
                RefuseEncryption(ref _askedForSsl);
                break;
            case StartupRequest.GssEncryption:
                RefuseEncryption(ref _askedForGss);
                break;
            case StartupRequest.Cancel:
                _server.Instance.Cancel(packet.ProcessId, packet.SecretKey);
                Close();
                break;
            default:
                _startup = packet;
                if (packet.NeedsNegotiation) BackendMessages.NegotiateProtocolVersion(_output, packet.UnknownOptions);
                BeginAuthentication(packet);
                break;
        }

        return true;
    }

    private void RefuseEncryption(ref bool asked)
    {
        // Bytes behind the request, sent before the answer, could only come from someone in the middle (CVE-2021-23214).
        if (asked || !Unread.IsEmpty) throw ProtocolErrors.Fatal("received unencrypted data after SSL or GSSAPI encryption request");
        asked = true;
        _output.Write((byte)'N');
    }

    /// <summary>The client is who it says: begins the session and tells all that a client needs to know.</summary>
    private void BeginSession()
    {
        var packet = _startup!;
        BackendMessages.AuthenticationOk(_output);
        _session = _server.Instance.Connect(new SessionOptions
        {
            User = packet.User,
            Database = packet.Database,
            ApplicationName = packet.ApplicationName,
            Settings = packet.Settings,
            ClientAddress = (_remote as IPEndPoint)?.Address.ToString(),
        });
        _session.NotificationArrived += () => Signal(Signals.Notified);
        foreach (var (name, value) in _session.ReportedSettings) BackendMessages.ParameterStatus(_output, name, value);
        while (_session.TryTakeSettingChange(out _, out _))
        {
            // Told already.
        }

        BackendMessages.BackendKeyData(_output, _session.ProcessId, _session.SecretKey);
        _startup = null;
        _phase = Phase.Idle;
        ReadyForQuery();
    }
}
