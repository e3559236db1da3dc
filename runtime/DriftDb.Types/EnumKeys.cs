namespace DriftDb.Types;

/// <summary>
/// Keys for the labels of an enum: byte strings, compared byte by byte, between any two of which there is another. So ALTER TYPE … ADD VALUE BEFORE gives the new label a key and leaves all
/// others as they are: no stored value, no index and no version of the past has to be written anew. A key is one byte for the labels of CREATE TYPE (two above
/// <see cref="OneByteLabels"/>), and grows by a byte for about seven labels put one after another into the same gap. No key ends with a zero byte: below such a one there might be no room.
/// </summary>
public static class EnumKeys
{
    /// <summary>So many labels get keys of one byte, with room for others before and behind.</summary>
    public const int OneByteLabels = 128;

    private const byte First = 0x40;
    private const int PerHighByte = 254;

    /// <summary>The keys of the labels that a type is created with.</summary>
    public static byte[][] Initial(int count)
    {
        if (count > OneByteLabels * PerHighByte) throw new SqlException(SqlState.ProgramLimitExceeded, $"an enum cannot have more than {OneByteLabels * PerHighByte} values");
        return [.. Enumerable.Range(0, count).Select(i => count <= OneByteLabels ? new[] { (byte)(First + i) } : [(byte)(First + i / PerHighByte), (byte)(1 + i % PerHighByte)])];
    }

    /// <summary>A key between two; null stands for no neighbour on that side.</summary>
    public static byte[] Between(byte[]? before, byte[]? after)
    {
        var key = new List<byte>();
        bool bounded = after is not null;
        for (int i = 0; ; i++)
        {
            int low = before is not null && i < before.Length ? before[i] : 0;
            int high = bounded ? i < after!.Length ? after[i] : throw new ArgumentException("the keys are in the wrong order") : 256;
            if (high - low > 1)
            {
                // At either end by one step, so that labels added there one after another keep short keys; within, in the middle.
                key.Add((byte)(before is null && bounded ? high - 1 : after is null && i < before!.Length ? low + 1 : (low + high) / 2));
                return [.. key];
            }

            key.Add((byte)low);
            // One byte lower than the upper bound: whatever follows is below it.
            bounded &= low == high;
        }
    }
}
