namespace DriftDb.Storage;

/// <summary>
/// A range of normalized keys: low ≤ key &lt; high, compared as bytes. The factory methods turn bounds on a prefix of the key's columns into such a range.
/// </summary>
/// <param name="Low">First key; empty for the beginning.</param>
/// <param name="High">First key behind the range; empty for the end.</param>
public readonly record struct KeyRange(ReadOnlyMemory<byte> Low, ReadOnlyMemory<byte> High)
{
    /// <summary>All keys.</summary>
    public static KeyRange All => default;

    /// <summary>All keys that begin with these normalized columns (equality on a prefix of the key, or on all of it).</summary>
    public static KeyRange Prefix(ReadOnlySpan<byte> prefix) => Between(prefix, true, prefix, true);

    /// <summary>
    /// Bounds on a prefix of the key's columns each; an empty bound is open. Inclusive means that keys which begin with the bound are in.
    /// </summary>
    public static KeyRange Between(ReadOnlySpan<byte> low, bool lowInclusive, ReadOnlySpan<byte> high, bool highInclusive) => new(
        low.IsEmpty ? default : lowInclusive ? low.ToArray() : Successor(low),
        high.IsEmpty ? default : highInclusive ? Successor(high) : high.ToArray());

    /// <summary>The smallest byte string greater than every string that begins with the prefix; empty (= the end) when there is none.</summary>
    public static byte[] Successor(ReadOnlySpan<byte> prefix)
    {
        int last = prefix.Length - 1;
        while (last >= 0 && prefix[last] == 0xFF) last--;
        if (last < 0) return [];
        byte[] successor = prefix[..(last + 1)].ToArray();
        successor[last]++;
        return successor;
    }
}
