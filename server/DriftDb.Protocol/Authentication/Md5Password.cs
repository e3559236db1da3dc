using System.Security.Cryptography;
using System.Text;

namespace DriftDb.Protocol;

/// <summary>MD5 authentication: <c>"md5" + md5(md5(password + user) + salt)</c>. For old clients only.</summary>
public static class Md5Password
{
    /// <summary>What is kept: md5(password + user), in hexadecimal.</summary>
    public static string Hash(string password, string user) => Hex(Encoding.UTF8.GetBytes(password + user));

    /// <summary>Whether the client's answer to a salt fits what is kept.</summary>
    public static bool Verify(string hash, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> answer)
    {
        byte[] salted = [.. Encoding.ASCII.GetBytes(hash), .. salt];
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes("md5" + Hex(salted)), answer);
    }

#pragma warning disable CA5351 // The protocol prescribes it.
    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));
#pragma warning restore CA5351
}
