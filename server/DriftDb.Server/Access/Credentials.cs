using System.Security.Cryptography;
using DriftDb.Protocol;

namespace DriftDb.Server;

/// <summary>The users' passwords, in the forms that the authentication methods need. The passwords themselves aren't kept.</summary>
public sealed class Credentials
{
    private readonly Dictionary<string, (ScramVerifier Scram, string Md5)> _users = [];
    /// <summary>Passwords of roles, as the catalog keeps them (SCRAM-SHA-256 verifiers): asked for users that nothing else is known of.</summary>
    internal Func<string, string?> RoleVerifier { get; set; } = _ => null;

    private readonly byte[] _mockSecret = RandomNumberGenerator.GetBytes(32);

    public Credentials(IEnumerable<(string User, string Password)> passwords)
    {
        foreach (var (user, password) in passwords) _users[user] = (ScramVerifier.Create(password), Md5Password.Hash(password, user));
    }

    /// <summary>The user that exists from the start, with its password.</summary>
    public static Credentials Default() => new([(Compiler.Instance.DefaultName, Compiler.Instance.DefaultName)]);

    /// <summary>Reads lines <c>user:password</c>; a line without a colon is the password of the default user. Empty lines and those that begin with # count for nothing.</summary>
    public static Credentials Read(TextReader lines)
    {
        var passwords = new List<(string, string)>();
        while (lines.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#') continue;
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            passwords.Add(colon < 0 ? (Compiler.Instance.DefaultName, line) : (line[..colon], line[(colon + 1)..]));
        }

        return new Credentials(passwords);
    }

    /// <summary>What SCRAM is checked against; for an unknown user something that nothing fits.</summary>
    public ScramVerifier ScramVerifierOf(string user) => _users.TryGetValue(user, out var entry) ? entry.Scram : RoleVerifier(user) is { } verifier ? ScramVerifier.Parse(verifier) : ScramVerifier.Mock(user, _mockSecret);

    public string? Md5HashOf(string user) => _users.TryGetValue(user, out var entry) ? entry.Md5 : null;

    public bool Fits(string user, string password) => ScramVerifierOf(user).Fits(password);
}
