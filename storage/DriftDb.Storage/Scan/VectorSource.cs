namespace DriftDb.Storage;

/// <summary>Yields a table's rows, vector by vector: a full scan, an index scan, a scan over all versions of a period.</summary>
public abstract class VectorSource
{
    /// <summary>Fills <paramref name="vector"/> with the next rows; false when there are no more. A vector with Count 0 isn't returned.</summary>
    public abstract bool Next(ScanVector vector);

    /// <summary>Versions that it has looked at so far to find its rows, living and dead: what the past costs. 0 where that isn't counted.</summary>
    public virtual long VisitedVersions => 0;
}

/// <summary>Column numbers that stand for what every version has beside its columns; all are Int64 in a vector.</summary>
public static class SystemColumn
{
    /// <summary>The row's identity, the same over all its versions.</summary>
    public const int RowId = -1;

    /// <summary>Sequence of the event that made this version.</summary>
    public const int BeginSequence = -2;

    /// <summary>Sequence of the event that ended this version; <see cref="long.MaxValue"/> while it is current.</summary>
    public const int EndSequence = -3;
}
