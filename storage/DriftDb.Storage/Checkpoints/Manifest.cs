namespace DriftDb.Storage;

/// <summary>What the last checkpoint left: which files hold what. Written whole under a temporary name, synced, renamed.</summary>
internal sealed record Manifest(long FirstLogFile)
{
    public static readonly Manifest Empty = new(0);
}
