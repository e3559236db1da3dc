namespace DriftDb.Server;

/// <summary>How a client proves who it is; named as in pg_hba.conf.</summary>
public enum AuthenticationMethod
{
    /// <summary>Not at all.</summary>
    Trust,
    /// <summary>By the password in clear.</summary>
    Password,
    Md5,
    ScramSha256,
}
