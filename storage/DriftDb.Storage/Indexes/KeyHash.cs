using System.IO.Hashing;

namespace DriftDb.Storage;

/// <summary>A key as one number: what locks of keys and a transaction's own keys go by. An integer key is its own; others may share one by chance, and are compared where it matters.</summary>
internal static class KeyHash
{
    public static long Of(ReadOnlySpan<byte> key) => (long)XxHash3.HashToUInt64(key);
}
