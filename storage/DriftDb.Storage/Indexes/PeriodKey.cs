namespace DriftDb.Storage;

/// <summary>
/// Keys of an index WITHOUT OVERLAPS: the parts that must agree, then the period's start and end, each a marker and eight bytes that order as the moments do (see <see cref="KeyBuilder.AppendInt64"/>; the columns are NOT
/// NULL). A period doesn't contain its end.
/// </summary>
internal static class PeriodKey
{
    private const int MomentBytes = 9;

    /// <summary>The parts that must agree: whose periods they are.</summary>
    public static ReadOnlySpan<byte> Owner(ReadOnlySpan<byte> key) => key[..^(2 * MomentBytes)];

    public static ReadOnlySpan<byte> Start(ReadOnlySpan<byte> key) => key[^(2 * MomentBytes)..^MomentBytes];

    public static ReadOnlySpan<byte> End(ReadOnlySpan<byte> key) => key[^MomentBytes..];

    public static bool HasOwner(ReadOnlySpan<byte> key, ReadOnlySpan<byte> owner) => key.Length == owner.Length + 2 * MomentBytes && key.StartsWith(owner);

    public static bool Overlap(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
        HasOwner(a, Owner(b)) && Start(a).SequenceCompareTo(End(b)) < 0 && Start(b).SequenceCompareTo(End(a)) < 0;

    /// <summary>The first key behind all of the same owner that begin before the period's end: where a search for what overlaps it begins, backwards.</summary>
    public static byte[] Behind(ReadOnlySpan<byte> key) => [.. Owner(key), .. End(key)];
}
