namespace DriftDb.Storage;

/// <summary>
/// The only way to the disk: the same storage code runs on the real file system and on a simulated disk that loses what was not synced.
/// Paths are relative to the file system's root, with '/' between their parts.
/// </summary>
public interface IFileSystem
{
    /// <summary>Opens a file for reading and writing. <paramref name="create"/> makes it when it is missing (durable only after <see cref="SyncDirectory"/>).</summary>
    IFile Open(string path, bool create);

    bool Exists(string path);

    /// <summary>Renames atomically, replacing <paramref name="to"/>; durable only after <see cref="SyncDirectory"/> of the directory.</summary>
    void Rename(string from, string to);

    void Delete(string path);

    /// <summary>Makes the directory and its parents.</summary>
    void CreateDirectory(string path);

    /// <summary>Names (not paths) of files and directories directly inside; empty when the directory is missing. In ordinal order.</summary>
    IReadOnlyList<string> List(string path);

    /// <summary>Makes creations, renames and deletions inside the directory durable.</summary>
    void SyncDirectory(string path);

    /// <summary>Takes the lock that keeps a second process out; null when another one holds it. Disposing it releases it.</summary>
    IDisposable? TryLock(string path);
}

/// <summary>An open file. Writes are durable only after <see cref="Sync"/>.</summary>
public interface IFile : IDisposable
{
    long LengthBytes { get; }

    /// <summary>Reads up to the buffer's length at <paramref name="offset"/>; fewer bytes only at the end of the file.</summary>
    int Read(long offset, Span<byte> buffer);

    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Cuts or extends (with zeros) to this length.</summary>
    void SetLength(long lengthBytes);

    /// <summary>Reserves disk space up to this length, extending the file with zeros, so that later syncs needn't write metadata.</summary>
    void Preallocate(long lengthBytes);

    /// <summary>
    /// Returns only when data is on the disk. <paramref name="dataOnly"/> is fdatasync (the length is synced too when it changed). A failure means that nobody
    /// knows what is on the disk; the caller must not try again (the kernel forgets the dirty pages).
    /// </summary>
    void Sync(bool dataOnly = false);
}
