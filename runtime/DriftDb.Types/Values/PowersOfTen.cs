using System.Numerics;

namespace DriftDb.Types;

/// <summary>Powers of ten in the widths that scaled arithmetic needs.</summary>
public static class PowersOfTen
{
    private static readonly long[] Longs = [.. Enumerable.Range(0, 19).Select(n => (long)BigInteger.Pow(10, n))];
    private static readonly Int128[] Wides = [.. Enumerable.Range(0, 39).Select(n => (Int128)BigInteger.Pow(10, n))];
    private static readonly BigInteger[] Bigs = [.. Enumerable.Range(0, 128).Select(n => BigInteger.Pow(10, n))];

    /// <summary>10^<paramref name="exponent"/>, up to 18.</summary>
    public static long Long(int exponent) => Longs[exponent];

    /// <summary>10^<paramref name="exponent"/>, up to 38.</summary>
    public static Int128 Wide(int exponent) => Wides[exponent];

    public static BigInteger Big(int exponent) => exponent < Bigs.Length ? Bigs[exponent] : BigInteger.Pow(10, exponent);

    /// <summary>An upper bound of the bits of 10^<paramref name="exponent"/>.</summary>
    public static int BitLength(int exponent) => exponent * 3322 / 1000 + 1;

    /// <summary>Decimal digits of a number; 1 for 0.</summary>
    public static int DigitCount(Int128 value)
    {
        UInt128 magnitude = value < 0 ? (UInt128)(-value) : (UInt128)value;
        int digits = 1;
        while (digits < 39 && magnitude >= (UInt128)Wides[digits]) digits++;
        return digits;
    }
}
