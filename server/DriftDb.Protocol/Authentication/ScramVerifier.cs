using System.Security.Cryptography;
using System.Text;

namespace DriftDb.Protocol;

/// <summary>What a server keeps of a password for SCRAM-SHA-256 (RFC 5802, 7677): enough to check it, not enough to log in with.</summary>
public sealed record ScramVerifier(byte[] Salt, int Iterations, byte[] StoredKey, byte[] ServerKey)
{
    /// <summary>PostgreSQL's scram_iterations.</summary>
    public const int DefaultIterations = 4096;

    public static ScramVerifier Create(string password) => Create(password, RandomNumberGenerator.GetBytes(16), DefaultIterations);

    public static ScramVerifier Create(string password, byte[] salt, int iterations)
    {
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, 32);
        return new ScramVerifier(salt, iterations, SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8)), HMACSHA256.HashData(salted, "Server Key"u8));
    }

    /// <summary>Reads PostgreSQL's text of a verifier: <c>SCRAM-SHA-256$iterations:salt$storedKey:serverKey</c>.</summary>
    public static ScramVerifier Parse(string text)
    {
        string[] parts = text.Split('$', ':');
        if (parts is not ["SCRAM-SHA-256", var iterations, var salt, var stored, var server]) throw new FormatException("not a SCRAM-SHA-256 verifier");
        return new ScramVerifier(Convert.FromBase64String(salt), int.Parse(iterations, System.Globalization.CultureInfo.InvariantCulture), Convert.FromBase64String(stored), Convert.FromBase64String(server));
    }

    /// <summary>
    /// A verifier that nothing fits, for a user who isn't there: the exchange looks the same, with the same salt each time, so that it doesn't tell who exists.
    /// </summary>
    public static ScramVerifier Mock(string user, byte[] serverSecret)
    {
        byte[] salt = HMACSHA256.HashData(serverSecret, Encoding.UTF8.GetBytes(user))[..16];
        return new ScramVerifier(salt, DefaultIterations, RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
    }

    /// <summary>Whether this is the password, for a client that sends it in clear.</summary>
    public bool Fits(string password) => CryptographicOperations.FixedTimeEquals(Create(password, Salt, Iterations).StoredKey, StoredKey);
}
