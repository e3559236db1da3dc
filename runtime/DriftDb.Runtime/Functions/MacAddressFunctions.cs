using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Functions of hardware addresses.</summary>
internal static class MacAddressFunctions
{
    private const int MakerBytes = 3;

    /// <summary>The maker's part of the address, the rest zero.</summary>
    [SqlFunction("trunc", Parameters = "macaddr", Returns = "macaddr")]
    public static ByteSlice Maker(QueryContext context, ByteSlice address) => context.Arena.Copy([.. address.Span[..MakerBytes], .. new byte[MacAddressValue.LengthBytes - MakerBytes]]);

    [SqlOperator("~", "macaddr_not", Parameters = "macaddr", Returns = "macaddr")]
    public static ByteSlice Not(QueryContext context, ByteSlice address) => Each(context, address, address, (x, _) => ~x);

    [SqlOperator("&", "macaddr_and", Parameters = "macaddr, macaddr", Returns = "macaddr")]
    public static ByteSlice And(QueryContext context, ByteSlice a, ByteSlice b) => Each(context, a, b, (x, y) => x & y);

    [SqlOperator("|", "macaddr_or", Parameters = "macaddr, macaddr", Returns = "macaddr")]
    public static ByteSlice Or(QueryContext context, ByteSlice a, ByteSlice b) => Each(context, a, b, (x, y) => x | y);

    private static ByteSlice Each(QueryContext context, ByteSlice a, ByteSlice b, Func<int, int, int> combine)
    {
        byte[] combined = new byte[MacAddressValue.LengthBytes];
        for (int i = 0; i < combined.Length; i++) combined[i] = (byte)combine(a.Span[i], b.Span[i]);
        return context.Arena.Copy(combined);
    }
}
