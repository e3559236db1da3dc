using System.Net;
using System.Security.Cryptography;
using DriftDb.Protocol;
using DriftDb.Types;

namespace DriftDb.Server;

/// <summary>Who the client is: by trust, by password in clear, by MD5, by SCRAM-SHA-256.</summary>
internal sealed partial class Connection
{
    private AuthenticationMethod _method;
    private byte[] _salt = [];
    private ScramExchange? _scram;
    private bool _isScramStarted;

    private void BeginAuthentication(StartupPacket packet)
    {
        _method = _server.Options.MethodFor((_remote as IPEndPoint)?.Address);
        switch (_method)
        {
            case AuthenticationMethod.Trust:
                BeginSession();
                return;
            case AuthenticationMethod.Password:
                BackendMessages.AuthenticationCleartextPassword(_output);
                break;
            case AuthenticationMethod.Md5:
                _salt = RandomNumberGenerator.GetBytes(4);
                BackendMessages.AuthenticationMd5Password(_output, _salt);
                break;
            default:
                _scram = new ScramExchange(_server.Credentials.ScramVerifierOf(packet.User));
                BackendMessages.AuthenticationSasl(_output);
                break;
        }

        _phase = Phase.Authentication;
    }

    private bool TryAuthentication()
    {
        if (!Framing.TryReadAuthenticationHeader(Unread, out int length)) return false;
        _messageBytes = Framing.HeaderBytes + length;
        if (Unread.Length < _messageBytes) return false;
        var body = Unread.Slice(Framing.HeaderBytes, length);
        Consume(_messageBytes);
        switch (_method)
        {
            case AuthenticationMethod.Password:
                Finish(_server.Credentials.Fits(_startup!.User, NameCache.Decode(new MessageReader(body).ReadCString())));
                break;
            case AuthenticationMethod.Md5:
                Finish(_server.Credentials.Md5HashOf(_startup!.User) is { } hash && Md5Password.Verify(hash, _salt, new MessageReader(body).ReadCString()));
                break;
            case AuthenticationMethod.ScramSha256 when !_isScramStarted:
                var initial = new SaslInitialResponse(body);
                if (initial.Mechanism != "SCRAM-SHA-256") throw ProtocolErrors.Fatal("client selected an invalid SASL authentication mechanism");
                _isScramStarted = true;
                BackendMessages.AuthenticationSaslContinue(_output, System.Text.Encoding.UTF8.GetBytes(_scram!.First(NameCache.Decode(initial.Data))));
                break;
            default:
                string? final = _scram!.Final(NameCache.Decode(body));
                if (final is not null) BackendMessages.AuthenticationSaslFinal(_output, System.Text.Encoding.UTF8.GetBytes(final));
                Finish(final is not null);
                break;
        }

        return true;
    }

    private void Finish(bool isRight)
    {
        _scram = null;
        if (!isRight) throw new SqlException(SqlState.InvalidPassword, $"password authentication failed for user \"{_startup!.User}\"") { IsFatal = true };
        BeginSession();
    }
}
