using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DriftDb.Runtime;

/// <summary>
/// Range filters over a column, in place on a selection: keeps the rows r with low ≤ column[r] ≤ high that aren't NULL. A dense selection (every row of a run) is compared eight or four at a
/// time; a sparse one row by row without branches.
/// </summary>
internal static unsafe class ScanKernels
{
    public static long Larger(long a, long b) => Math.Max(a, b);

    public static long Smaller(long a, long b) => Math.Min(a, b);

    /// <summary>The next larger number; the largest stands for itself and the range is then tested exactly by its other end. (No column value exceeds it.)</summary>
    public static long Above(long value) => value == long.MaxValue ? long.MaxValue : value + 1;

    public static long Below(long value) => value == long.MinValue ? long.MinValue : value - 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // called a few hundred times a query: too few to be tiered up
    public static int RangeInt16(long data, long validity, long selection, int count, long low, long high)
    {
        short* column = (short*)data;
        ushort* rows = (ushort*)selection;
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            ushort row = rows[i];
            long value = column[row];
            rows[kept] = row;
            kept += value >= low && value <= high && !Memory.VectorIsNull(validity, row) ? 1 : 0;
        }

        return kept;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // called a few hundred times a query: too few to be tiered up
    public static int RangeInt32(long data, long validity, long selection, int count, long low, long high)
    {
        if (low > int.MaxValue || high < int.MinValue || low > high) return 0;
        int min = (int)Math.Max(low, int.MinValue), max = (int)Math.Min(high, int.MaxValue);
        int* column = (int*)data;
        ushort* rows = (ushort*)selection;
        int kept = 0, i = 0;
        if (Vector256.IsHardwareAccelerated && count >= 8 && rows[count - 1] - rows[0] == count - 1)
        {
            Vector256<int> lows = Vector256.Create(min), highs = Vector256.Create(max);
            int first = rows[0];
            for (; i + 8 <= count; i += 8)
            {
                Vector256<int> values = Vector256.Load(column + first + i);
                uint mask = (Vector256.GreaterThanOrEqual(values, lows) & Vector256.LessThanOrEqual(values, highs)).ExtractMostSignificantBits();
                kept = Keep(rows, kept, first + i, mask);
            }
        }

        for (; i < count; i++)
        {
            ushort row = rows[i];
            int value = column[row];
            rows[kept] = row;
            kept += value >= min && value <= max ? 1 : 0;
        }

        return validity == 0 ? kept : DropNulls(rows, kept, validity);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // called a few hundred times a query: too few to be tiered up
    public static int RangeInt64(long data, long validity, long selection, int count, long low, long high)
    {
        if (low > high) return 0;
        long* column = (long*)data;
        ushort* rows = (ushort*)selection;
        int kept = 0, i = 0;
        if (Vector256.IsHardwareAccelerated && count >= 4 && rows[count - 1] - rows[0] == count - 1)
        {
            Vector256<long> lows = Vector256.Create(low), highs = Vector256.Create(high);
            int first = rows[0];
            for (; i + 4 <= count; i += 4)
            {
                Vector256<long> values = Vector256.Load(column + first + i);
                uint mask = (Vector256.GreaterThanOrEqual(values, lows) & Vector256.LessThanOrEqual(values, highs)).ExtractMostSignificantBits();
                kept = Keep(rows, kept, first + i, mask);
            }
        }

        for (; i < count; i++)
        {
            ushort row = rows[i];
            long value = column[row];
            rows[kept] = row;
            kept += value >= low && value <= high ? 1 : 0;
        }

        return validity == 0 ? kept : DropNulls(rows, kept, validity);
    }

    /// <summary>Appends the rows of the mask's bits; safe in place because no more are kept than were read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Keep(ushort* rows, int kept, int first, uint mask)
    {
        while (mask != 0)
        {
            rows[kept++] = (ushort)(first + BitOperations.TrailingZeroCount(mask));
            mask &= mask - 1;
        }

        return kept;
    }

    private static int DropNulls(ushort* rows, int count, long validity)
    {
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            ushort row = rows[i];
            rows[kept] = row;
            kept += Memory.VectorIsNull(validity, row) ? 0 : 1;
        }

        return kept;
    }
}
