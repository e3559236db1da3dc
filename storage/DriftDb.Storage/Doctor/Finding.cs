namespace DriftDb.Storage;

/// <summary>What kind of thing the doctor found.</summary>
public enum FindingKind
{
    /// <summary>The log ends in a write that never finished, as after a crash. Nothing acknowledged is in it; the next start cuts it off.</summary>
    TornTail,
    /// <summary>A snapshot is damaged or missing. It is derived data: <c>--rebuild</c>, or simply the next start, makes do with the segments.</summary>
    DamagedSnapshot,
    /// <summary>An index file is damaged or missing, or disagrees with the table. It is derived data: <c>--rebuild</c>, or simply the next use of the index, makes it again.</summary>
    DamagedIndex,
    /// <summary>A file that the manifest or the log names isn't there.</summary>
    MissingFile,
    /// <summary>Bytes that had been synced aren't what was written.</summary>
    DamagedFrame,
    /// <summary>A sealed segment was changed after it had been sealed.</summary>
    BrokenSeal,
    /// <summary>Everything can be read, but an invariant doesn't hold.</summary>
    Inconsistent,
}

/// <summary>Something that the doctor found.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Message">Where and what.</param>
public sealed record Finding(FindingKind Kind, string Message)
{
    /// <summary>Whether acknowledged data is at stake.</summary>
    public bool IsLoss => Kind is not (FindingKind.TornTail or FindingKind.DamagedSnapshot or FindingKind.DamagedIndex);

    public override string ToString() => Kind switch
    {
        FindingKind.TornTail => $"torn tail: {Message}",
        FindingKind.DamagedSnapshot => $"damaged snapshot: {Message}",
        FindingKind.DamagedIndex => $"damaged index: {Message}",
        FindingKind.MissingFile => $"missing file: {Message}",
        FindingKind.DamagedFrame => $"damaged: {Message}",
        FindingKind.BrokenSeal => $"broken seal: {Message}",
        _ => $"inconsistent: {Message}",
    };
}
