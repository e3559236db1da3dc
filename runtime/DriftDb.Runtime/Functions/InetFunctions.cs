using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>Functions and operators of addresses and networks (PostgreSQL's documentation, chapter 9.12). A cidr is stored as an inet is, so they share all of them.</summary>
internal static class InetFunctions
{
    [SqlFunction("host", Parameters = "inet")] public static string Host(ByteSlice inet) => InetValue.FormatAddress(inet.Span);
    [SqlFunction("masklen", Parameters = "inet")] public static int MaskLength(ByteSlice inet) => InetValue.Decode(inet.Span).Bits;
    [SqlFunction("family", Parameters = "inet")] public static int Family(ByteSlice inet) => Address(inet).Length == 4 ? 4 : 6;
    [SqlFunction("inet_same_family", Parameters = "inet, inet")] public static bool IsSameFamily(ByteSlice a, ByteSlice b) => Family(a) == Family(b);
    [SqlFunction("abbrev", Parameters = "inet")] public static string Abbreviated(ByteSlice inet) => InetValue.Format(inet.Span);
    [SqlFunction("abbrev", Parameters = "cidr")] public static string AbbreviatedNetwork(ByteSlice cidr) => InetValue.Abbreviate(cidr.Span);

    /// <summary>The address with its netmask, always.</summary>
    [SqlFunction("text", Parameters = "inet")] public static string Text(ByteSlice inet) => $"{Host(inet)}/{MaskLength(inet)}";

    [SqlFunction("network", Parameters = "inet", Returns = "cidr")]
    public static ByteSlice Network(QueryContext context, ByteSlice inet) => With(context, Masked(inet), MaskLength(inet));

    [SqlFunction("netmask", Parameters = "inet", Returns = "inet")] public static ByteSlice Netmask(QueryContext context, ByteSlice inet) => Whole(context, Mask(inet));
    [SqlFunction("hostmask", Parameters = "inet", Returns = "inet")] public static ByteSlice Hostmask(QueryContext context, ByteSlice inet) => Whole(context, [.. Mask(inet).Select(part => (byte)~part)]);

    [SqlFunction("broadcast", Parameters = "inet", Returns = "inet")]
    public static ByteSlice Broadcast(QueryContext context, ByteSlice inet) => With(context, [.. Address(inet).Zip(Mask(inet), (address, mask) => (byte)(address | ~mask))], MaskLength(inet));

    [SqlFunction("set_masklen", Parameters = "inet, integer", Returns = "inet")]
    public static ByteSlice SetMaskLength(QueryContext context, ByteSlice inet, int bits) => With(context, Address(inet), CheckedBits(inet, bits));

    [SqlFunction("set_masklen", Parameters = "cidr, integer", Returns = "cidr")]
    public static ByteSlice SetNetworkLength(QueryContext context, ByteSlice cidr, int bits) => With(context, InetValue.Mask(Address(cidr), CheckedBits(cidr, bits)), bits == -1 ? Address(cidr).Length * 8 : bits);

    /// <summary>The smallest network that has both.</summary>
    [SqlFunction("inet_merge", Parameters = "inet, inet", Returns = "cidr")]
    public static ByteSlice Merge(QueryContext context, ByteSlice a, ByteSlice b)
    {
        if (Family(a) != Family(b)) throw new SqlException(SqlState.InvalidParameterValue, "cannot merge addresses from different families");
        int bits = Math.Min(MaskLength(a), MaskLength(b));
        while (!InetValue.Mask(Address(a), bits).AsSpan().SequenceEqual(InetValue.Mask(Address(b), bits))) bits--;
        return With(context, InetValue.Mask(Address(a), bits), bits);
    }

    // ---- Which network is in which ----

    [SqlOperator("<<", "network_sub", Parameters = "inet, inet")] public static bool IsInside(ByteSlice a, ByteSlice b) => MaskLength(a) > MaskLength(b) && IsInsideOrSame(a, b);
    [SqlOperator("<<=", "network_subeq", Parameters = "inet, inet")] public static bool IsInsideOrSame(ByteSlice a, ByteSlice b) => Family(a) == Family(b) && MaskLength(a) >= MaskLength(b) && SharesBits(a, b, MaskLength(b));
    [SqlOperator(">>", "network_sup", Parameters = "inet, inet")] public static bool HasInside(ByteSlice a, ByteSlice b) => IsInside(b, a);
    [SqlOperator(">>=", "network_supeq", Parameters = "inet, inet")] public static bool HasInsideOrSame(ByteSlice a, ByteSlice b) => IsInsideOrSame(b, a);
    [SqlOperator("&&", "network_overlap", Parameters = "inet, inet")] public static bool Overlap(ByteSlice a, ByteSlice b) => Family(a) == Family(b) && SharesBits(a, b, Math.Min(MaskLength(a), MaskLength(b)));

    private static bool SharesBits(ByteSlice a, ByteSlice b, int bits) => InetValue.Mask(Address(a), bits).AsSpan().SequenceEqual(InetValue.Mask(Address(b), bits));

    // ---- Arithmetic ----

    [SqlOperator("~", "inetnot", Parameters = "inet", Returns = "inet")] public static ByteSlice Not(QueryContext context, ByteSlice inet) => With(context, [.. Address(inet).Select(part => (byte)~part)], MaskLength(inet));
    [SqlOperator("&", "inetand", Parameters = "inet, inet", Returns = "inet")] public static ByteSlice And(QueryContext context, ByteSlice a, ByteSlice b) => Combined(context, a, b, "AND", (x, y) => x & y);
    [SqlOperator("|", "inetor", Parameters = "inet, inet", Returns = "inet")] public static ByteSlice Or(QueryContext context, ByteSlice a, ByteSlice b) => Combined(context, a, b, "OR", (x, y) => x | y);
    [SqlOperator("+", "inetpl", Parameters = "inet, bigint", Returns = "inet")] public static ByteSlice Add(QueryContext context, ByteSlice inet, long distance) => Moved(context, inet, distance);
    [SqlOperator("+", "int8pl_inet", Parameters = "bigint, inet", Returns = "inet")] public static ByteSlice Add(QueryContext context, long distance, ByteSlice inet) => Moved(context, inet, distance);
    [SqlOperator("-", "inetmi_int8", Parameters = "inet, bigint", Returns = "inet")] public static ByteSlice Subtract(QueryContext context, ByteSlice inet, long distance) => Moved(context, inet, -(Int128)distance);

    [SqlOperator("-", "inetmi", Parameters = "inet, inet")]
    public static long Distance(ByteSlice a, ByteSlice b)
    {
        if (Family(a) != Family(b)) throw new SqlException(SqlState.InvalidParameterValue, "cannot subtract inet values of different sizes");
        var distance = Number(a) - Number(b);
        return distance >= long.MinValue && distance <= long.MaxValue ? (long)distance : throw new SqlException(SqlState.NumericValueOutOfRange, "result is out of range");
    }

    private static ByteSlice Moved(QueryContext context, ByteSlice inet, Int128 distance)
    {
        int length = Address(inet).Length;
        var moved = Number(inet) + distance;
        if (moved.Sign < 0 || moved.GetByteCount(isUnsigned: true) > length) throw new SqlException(SqlState.NumericValueOutOfRange, "result is out of range");
        byte[] bytes = moved.ToByteArray(isUnsigned: true, isBigEndian: true);
        return With(context, [.. new byte[length - bytes.Length], .. bytes], MaskLength(inet));
    }

    private static System.Numerics.BigInteger Number(ByteSlice inet) => new(Address(inet), isUnsigned: true, isBigEndian: true);

    private static ByteSlice Combined(QueryContext context, ByteSlice a, ByteSlice b, string name, Func<int, int, int> combine)
    {
        if (Family(a) != Family(b)) throw new SqlException(SqlState.InvalidParameterValue, $"cannot {name} inet values of different sizes");
        return With(context, [.. Address(a).Zip(Address(b), (x, y) => (byte)combine(x, y))], Math.Max(MaskLength(a), MaskLength(b)));
    }

    // ---- Parts ----

    private static byte[] Address(ByteSlice inet) => InetValue.Decode(inet.Span).Address;

    private static byte[] Masked(ByteSlice inet) => InetValue.Mask(Address(inet), MaskLength(inet));

    private static byte[] Mask(ByteSlice inet) => InetValue.Mask([.. Enumerable.Repeat((byte)255, Address(inet).Length)], MaskLength(inet));

    /// <summary>-1 is the whole address.</summary>
    private static int CheckedBits(ByteSlice inet, int bits)
    {
        int most = Address(inet).Length * 8;
        if (bits == -1) return most;
        return bits >= 0 && bits <= most ? bits : throw new SqlException(SqlState.InvalidParameterValue, $"invalid mask length: {bits}");
    }

    private static ByteSlice Whole(QueryContext context, byte[] address) => With(context, address, address.Length * 8);

    private static ByteSlice With(QueryContext context, byte[] address, int bits) => context.Arena.Copy(InetValue.Encode(address, bits));
}
