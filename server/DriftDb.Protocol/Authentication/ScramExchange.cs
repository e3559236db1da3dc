using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DriftDb.Types;

namespace DriftDb.Protocol;

/// <summary>The server's side of one SCRAM-SHA-256 exchange (RFC 5802; documentation, 55.3): client first, server first, client final, server final.</summary>
public sealed class ScramExchange
{
    private readonly ScramVerifier _verifier;
    private readonly string _serverNonce;
    private string _clientFirstBare = "", _serverFirst = "", _nonce = "", _gs2Header = "";

    /// <param name="verifier">What is kept of the password.</param>
    /// <param name="serverNonce">Printable, no comma; made here when null.</param>
    public ScramExchange(ScramVerifier verifier, string? serverNonce = null)
    {
        _verifier = verifier;
        _serverNonce = serverNonce ?? Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
    }

    /// <summary>Takes the client's first message and gives the server's.</summary>
    public string First(string clientFirst)
    {
        // gs2 header: channel binding flag, authorisation name; the user's name inside is ignored, the start-up packet's counts.
        int flagEnd = clientFirst.IndexOf(',', StringComparison.Ordinal);
        int headerEnd = flagEnd < 0 ? -1 : clientFirst.IndexOf(',', flagEnd + 1);
        if (headerEnd < 0) throw Malformed("The message has no GS2 header.");
        string flag = clientFirst[..flagEnd];
        if (flag.StartsWith("p=", StringComparison.Ordinal))
            throw Malformed("The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel binding data.");
        if (flag is not ("n" or "y")) throw Malformed($"Unexpected channel-binding flag \"{Sanitized(flag)}\".");
        if (headerEnd != flagEnd + 1) throw new SqlException(SqlState.FeatureNotSupported, "client uses authorization identity, but it is not supported") { IsFatal = true };
        _gs2Header = clientFirst[..(headerEnd + 1)];
        _clientFirstBare = clientFirst[(headerEnd + 1)..];
        string[] attributes = _clientFirstBare.Split(',');
        if (attributes[0].StartsWith("m=", StringComparison.Ordinal)) throw new SqlException(SqlState.FeatureNotSupported, "client requires an unsupported SCRAM extension") { IsFatal = true };
        if (attributes.Length < 2 || !attributes[0].StartsWith("n=", StringComparison.Ordinal) || !attributes[1].StartsWith("r=", StringComparison.Ordinal))
            throw Malformed("The client's first message has no user name or no nonce.");
        string clientNonce = attributes[1][2..];
        if (clientNonce.Length == 0 || clientNonce.Any(c => c is < '!' or > '~')) throw new SqlException(SqlState.ProtocolViolation, "non-printable characters in SCRAM nonce") { IsFatal = true };
        _nonce = clientNonce + _serverNonce;
        _serverFirst = string.Create(CultureInfo.InvariantCulture, $"r={_nonce},s={Convert.ToBase64String(_verifier.Salt)},i={_verifier.Iterations}");
        return _serverFirst;
    }

    /// <summary>Takes the client's final message; gives the server's when the password was right, null when it wasn't.</summary>
    public string? Final(string clientFinal)
    {
        int proofAt = clientFinal.LastIndexOf(",p=", StringComparison.Ordinal);
        if (proofAt < 0) throw Malformed("The client's final message has no proof.");
        string withoutProof = clientFinal[..proofAt];
        string[] attributes = withoutProof.Split(',');
        string expectedBinding = "c=" + Convert.ToBase64String(Encoding.UTF8.GetBytes(_gs2Header));
        if (attributes[0] != expectedBinding) throw Malformed("Unexpected SCRAM channel-binding attribute in client-final-message.");
        if (attributes.Length < 2 || attributes[1] != "r=" + _nonce) throw Malformed("Nonce does not match.");
        Span<byte> proof = stackalloc byte[32];
        if (!Convert.TryFromBase64String(clientFinal[(proofAt + 3)..], proof, out int proofLength) || proofLength != 32) throw Malformed("Malformed proof in client-final-message.");

        byte[] message = Encoding.UTF8.GetBytes($"{_clientFirstBare},{_serverFirst},{withoutProof}");
        byte[] signature = HMACSHA256.HashData(_verifier.StoredKey, message);
        for (int i = 0; i < 32; i++) proof[i] ^= signature[i]; // now the client's key
        if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(proof), _verifier.StoredKey)) return null;
        return "v=" + Convert.ToBase64String(HMACSHA256.HashData(_verifier.ServerKey, message));
    }

    private static SqlException Malformed(string detail) => new(SqlState.ProtocolViolation, "malformed SCRAM message", detail: detail) { IsFatal = true };

    private static string Sanitized(string text) => new([.. text.Take(30).Select(c => c is >= ' ' and <= '~' ? c : '?')]);
}
