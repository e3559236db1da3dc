namespace DriftDb.Storage;

/// <summary>
/// What a scan may see: the state after event <paramref name="AsOf"/>, by a reader that knows commits up to <paramref name="Visible"/> (which decides only what
/// <see cref="SystemColumn.EndSequence"/> says: an end after it hasn't happened yet). Obtained from <see cref="StoreTransaction.View"/> or <see cref="DriftStore.LatestView"/>.
/// </summary>
public readonly record struct ReadView(long AsOf, long Visible)
{
    /// <summary>The same reader looking at the past. <paramref name="sequence"/> beyond the visible one is refused above (a time in the future).</summary>
    public ReadView At(long sequence) => new(Math.Min(sequence, Visible), Visible);
}

/// <summary>Which versions a period scan yields: ends are tested as in the standard (a version lives in [begin, end)).</summary>
public enum PeriodKind : byte
{
    /// <summary>begin ≤ to and end > from.</summary>
    Between,
    /// <summary>begin &lt; to and end > from.</summary>
    FromTo,
    /// <summary>All versions.</summary>
    All,
}

/// <summary>
/// A necessary condition on an integer-like column (bool, int, date, time, timestamp, fixed numeric up to 18 digits) that lets a scan skip chunks; rows of the chunks that remain are not tested.
/// </summary>
public readonly record struct ZoneBound(int ColumnId, long Minimum, long Maximum);
