namespace DriftDb.Storage;

/// <summary>The file system of a store that must not touch the disk: every call is a bug.</summary>
internal sealed class NoFiles : IFileSystem
{
    public static readonly NoFiles Instance = new();

    private NoFiles()
    {
    }

    public IFile Open(string path, bool create) => throw Bug();

    public bool Exists(string path) => throw Bug();

    public void Rename(string from, string to) => throw Bug();

    public void Delete(string path) => throw Bug();

    public void CreateDirectory(string path) => throw Bug();

    public IReadOnlyList<string> List(string path) => throw Bug();

    public void SyncDirectory(string path) => throw Bug();

    public IDisposable? TryLock(string path) => throw Bug();

    private static InvalidOperationException Bug() => new("A volatile store has no files.");
}
