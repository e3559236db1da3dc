namespace DriftDb.Storage;

/// <summary>
/// What an index keeps of a key and a row: either a <i>life</i>, a stretch of time [<see cref="Time"/>, <see cref="End"/>) in which the row had the key, or a <i>tombstone</i>, which says that the life an older part of
/// the index still shows as living ended at <see cref="Time"/>. Records are sorted by key, row and time; then what ends a life stands right behind it, wherever the two come from.
/// </summary>
internal readonly record struct IndexRecord(long RowId, long Time, long End)
{
    /// <summary>The end of a life that goes on.</summary>
    public const long Living = long.MaxValue;

    /// <summary>In place of an end: the record is a tombstone.</summary>
    public const long Tombstone = 0;

    public bool IsTombstone => End == Tombstone;

    /// <summary>Whether somebody who looks at this moment needs the record: to see the life, or to see that it is over. <see cref="long.MaxValue"/> stands for whoever wants all.</summary>
    public bool Concerns(long sequence) => sequence == long.MaxValue || (Time <= sequence && (End > sequence || IsTombstone));
}

/// <summary>A file or a part of memory in which records lie sorted, as far as it can be walked through: forward or backward, for one moment or for all.</summary>
internal abstract class IndexCursor
{
    protected byte[] KeyBytes = new byte[64];
    protected int KeyLength;

    /// <summary>Whether there is a record here; false behind the last one.</summary>
    public bool IsValid { get; protected set; }

    public ReadOnlySpan<byte> Key => KeyBytes.AsSpan(0, KeyLength);

    public IndexRecord Record { get; protected set; }

    /// <summary>Forward: to the first record at or behind the key and row; backward: to the last one before them.</summary>
    public abstract void Seek(ReadOnlySpan<byte> key, long rowId);

    /// <summary>Backward only: to the last record of all.</summary>
    public abstract void SeekLast();

    /// <summary>To the next record in the cursor's direction. Records that don't concern the moment may be passed over.</summary>
    public abstract void Next();

    public static int Compare(ReadOnlySpan<byte> key, long rowId, ReadOnlySpan<byte> otherKey, long otherRowId)
    {
        int order = key.SequenceCompareTo(otherKey);
        return order != 0 ? order : rowId.CompareTo(otherRowId);
    }
}
