using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DriftDb.Compiler;

/// <summary>A password as the catalog keeps it: PostgreSQL's text of a SCRAM-SHA-256 verifier (RFC 5802), from which the password can't be found again.</summary>
internal static class PasswordVerifier
{
    private const string Prefix = "SCRAM-SHA-256$";
    private const int Iterations = 4096, SaltBytes = 16;

    /// <summary>The verifier of a password; a text that is one already stays as it is.</summary>
    public static string Of(string password)
    {
        if (password.StartsWith(Prefix, StringComparison.Ordinal)) return password;
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, Iterations, HashAlgorithmName.SHA256, 32);
        byte[] stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        byte[] server = HMACSHA256.HashData(salted, "Server Key"u8);
        return string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}");
    }
}
