namespace DriftDb.Storage;

/// <summary>
/// The file system as maintenance in the background sees it: reads and writes keep to a pace, and what is written is synced every few MB. One sync of hundreds of MB at the end would hold up the log's own sync, and with it
/// every commit, for as long as the disk needs.
/// </summary>
internal sealed class ThrottledFiles(IFileSystem files, Throttle throttle) : IFileSystem
{
    private const long SyncEveryBytes = 4 << 20;

    public IFile Open(string path, bool create) => new ThrottledFile(files.Open(path, create), throttle);

    public bool Exists(string path) => files.Exists(path);

    public void Rename(string from, string to) => files.Rename(from, to);

    public void Delete(string path) => files.Delete(path);

    public void CreateDirectory(string path) => files.CreateDirectory(path);

    public IReadOnlyList<string> List(string path) => files.List(path);

    public void SyncDirectory(string path) => files.SyncDirectory(path);

    public IDisposable? TryLock(string path) => files.TryLock(path);

    private sealed class ThrottledFile(IFile file, Throttle throttle) : IFile
    {
        private long _unsynced;

        public long LengthBytes => file.LengthBytes;

        public int Read(long offset, Span<byte> buffer)
        {
            throttle.Take(buffer.Length);
            return file.Read(offset, buffer);
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            throttle.Take(bytes.Length);
            file.Write(offset, bytes);
            _unsynced += bytes.Length;
            if (_unsynced < SyncEveryBytes) return;
            file.Sync(dataOnly: true);
            _unsynced = 0;
        }

        public void SetLength(long lengthBytes) => file.SetLength(lengthBytes);

        public void Preallocate(long lengthBytes) => file.Preallocate(lengthBytes);

        public void Sync(bool dataOnly = false)
        {
            file.Sync(dataOnly);
            _unsynced = 0;
        }

        public void Dispose() => file.Dispose();
    }
}
