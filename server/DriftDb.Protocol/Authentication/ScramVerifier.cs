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
