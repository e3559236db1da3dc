using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>TABLESAMPLE's draw of a row.</summary>
internal static class SampleFunctions
{
    [SqlFunction("sample_row", Volatility = Volatility.Volatile, Strict = false)]
    public static bool Draw(double? percentage) => Checked(percentage) > RandomSource.NextDouble() * 100;

    /// <summary>With a seed the same rows are drawn each time: the draw is a hash of the row's place and the seed.</summary>
    [SqlFunction("sample_row", Parameters = "double precision, double precision, tid", Volatility = Volatility.Volatile, Strict = false)]
    public static bool Draw(double? percentage, double? seed, Datum row)
    {
        double limit = Checked(percentage);
        if (seed is null) throw new SqlException(SqlState.InvalidTablesampleRepeat, "TABLESAMPLE REPEATABLE parameter cannot be null");
        ulong hash = Mix((ulong)row.As<long>() ^ Mix((ulong)BitConverter.DoubleToInt64Bits(seed.Value)));
        return limit > (hash >> 11) * (100.0 / (1UL << 53));
    }

    private static double Checked(double? percentage) => percentage switch
    {
        null => throw new SqlException(SqlState.InvalidTablesampleArgument, "TABLESAMPLE parameter cannot be null"),
        >= 0 and <= 100 and var p => p,
        _ => throw new SqlException(SqlState.InvalidTablesampleArgument, "sample percentage must be between 0 and 100"),
    };

    /// <summary>SplitMix64's finalizer.</summary>
    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
