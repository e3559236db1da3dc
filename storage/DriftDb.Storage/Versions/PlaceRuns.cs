namespace DriftDb.Storage;

/// <summary>
/// Places of neighbouring rows that follow each other, as in a table that is filled: a segment of a row directory is a few runs then, some hundred bytes instead of 128 KB. Rows are added at the end only; the directory makes an
/// array of places out of it when one changes, or when there are too many runs.
/// </summary>
/// <remarks>
/// An array of longs as the places themselves are, so that readers find either by the same reference, and tell them apart by the length. The first long has the number of runs, and above it the index behind the last row; two
/// longs for each run have the index of its first row and that row's place (+ 1; 0 for rows without a place, and the same for all of them). What readers have seen of it never changes.
/// </remarks>
internal static class PlaceRuns
{
    /// <summary>No other array of a directory is of this length.</summary>
    public const int ArrayLength = 1 + 2 * MostRuns;

    private const int MostRuns = 16, CountBits = 8;

    public static bool Is(long[] segment) => segment.Length == ArrayLength;

    public static long[] Create() => new long[ArrayLength];

    /// <summary>The index behind the last row.</summary>
    public static int RowsOf(long[] runs) => (int)(Volatile.Read(ref runs[0]) >> CountBits);

    /// <summary>The row's place + 1; 0 when it has none.</summary>
    public static long Get(long[] runs, int index)
    {
        long header = Volatile.Read(ref runs[0]);
        if (index >= header >> CountBits) return 0;
        int run = (int)(header & ((1 << CountBits) - 1)) - 1;
        while (runs[1 + 2 * run] > index) run--;
        long place = runs[2 + 2 * run];
        return place == 0 ? 0 : place + index - runs[1 + 2 * run];
    }

    /// <summary>Adds a row behind the last; false when it isn't behind it, or there is no room.</summary>
    /// <param name="runs">What <see cref="Create"/> made.</param>
    /// <param name="index">The row's number in the segment.</param>
    /// <param name="place">Its place + 1.</param>
    public static bool TryAppend(long[] runs, int index, long place)
    {
        long header = runs[0], end = header >> CountBits;
        int count = (int)(header & ((1 << CountBits) - 1));
        if (index < end || place == 0) return false;
        bool goesOn = count > 0 && index == end && place == runs[2 * count] + index - runs[2 * count - 1];
        if (!goesOn)
        {
            int needed = index > end ? 2 : 1;
            if (count + needed > MostRuns) return false;
            if (index > end) Put(end, 0);
            Put(index, place);
        }

        Volatile.Write(ref runs[0], ((index + 1L) << CountBits) | (uint)count);
        return true;

        void Put(long first, long firstPlace)
        {
            runs[1 + 2 * count] = first;
            runs[2 + 2 * count] = firstPlace;
            count++;
        }
    }

    /// <summary>All places + 1, as an array has them.</summary>
    public static void CopyTo(long[] runs, Span<long> places)
    {
        int end = RowsOf(runs);
        for (int i = 0; i < end; i++) places[i] = Get(runs, i);
    }
}
