using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// Files for rows that outgrow memory, below <c>tmp/</c> of the data directory. Each belongs to one running statement and goes with it; what a crash leaves behind is deleted at the next start. They are never synced.
/// </summary>
public sealed class TemporaryFiles
{
    public const string Directory = "tmp";

    private readonly IFileSystem _files;
    private long _last, _liveBytes;
    private int _isReady;

    internal TemporaryFiles(IFileSystem files) => _files = files;

    /// <summary>Bytes in the files that are there now.</summary>
    public long LiveBytes => Volatile.Read(ref _liveBytes);

    /// <summary>How many files there have been since the start.</summary>
    public long Created => Volatile.Read(ref _last);

    public TemporaryFile Create()
    {
        if (Interlocked.Exchange(ref _isReady, 1) == 0) _files.CreateDirectory(Directory);
        string path = $"{Directory}/{Interlocked.Increment(ref _last):D8}.run";
        try
        {
            return new TemporaryFile(this, path, _files.Open(path, create: true));
        }
        catch (IOException exception)
        {
            throw TemporaryFile.Failed("create", path, exception);
        }
    }

    internal void Delete(string path, long lengthBytes)
    {
        Interlocked.Add(ref _liveBytes, -lengthBytes);
        _files.Delete(path);
    }

    internal void Count(long lengthBytes) => Interlocked.Add(ref _liveBytes, lengthBytes);

    /// <summary>Deletes what a process that died has left.</summary>
    internal static void Clear(IFileSystem files)
    {
        if (!files.Exists(Directory)) return;
        foreach (string name in files.List(Directory)) files.Delete($"{Directory}/{name}");
    }
}

/// <summary>A file that is written from its beginning to its end and read anywhere. Errors of the disk are the statement's: 53100 when it is full, 58030 otherwise.</summary>
public sealed class TemporaryFile : IDisposable
{
    /// <summary>ENOSPC and EDQUOT, as .NET passes them on.</summary>
    private const int NoSpace = 28, QuotaExceeded = 122;

    private readonly TemporaryFiles _owner;
    private readonly string _path;
    private readonly IFile _file;
    private bool _isDisposed;

    internal TemporaryFile(TemporaryFiles owner, string path, IFile file) => (_owner, _path, _file) = (owner, path, file);

    /// <summary>A statement that was dropped without its end: the file goes all the same.</summary>
    ~TemporaryFile()
    {
        try
        {
            Remove();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Nobody is left to tell, and the next start deletes it.
        }
    }

    public long LengthBytes { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _file.Write(LengthBytes, bytes);
        }
        catch (IOException exception)
        {
            throw Failed("write to", _path, exception);
        }

        LengthBytes += bytes.Length;
        _owner.Count(bytes.Length);
    }

    /// <summary>Reads as many bytes as there are, up to the buffer's length.</summary>
    public int Read(long offset, Span<byte> buffer)
    {
        try
        {
            int wanted = (int)Math.Min(buffer.Length, LengthBytes - offset);
            int read = wanted <= 0 ? 0 : _file.Read(offset, buffer[..wanted]);
            return read == Math.Max(0, wanted) ? read : throw new SqlException(SqlState.IoError, $"could not read from temporary file \"{_path}\": read only {read} of {wanted} bytes");
        }
        catch (IOException exception)
        {
            throw Failed("read from", _path, exception);
        }
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Remove();
    }

    internal static SqlException Failed(string what, string path, IOException exception)
    {
        bool isFull = exception.HResult is NoSpace or QuotaExceeded || exception.Message.Contains("No space left", StringComparison.OrdinalIgnoreCase);
        return new SqlException(isFull ? SqlState.DiskFull : SqlState.IoError, $"could not {what} temporary file \"{path}\": {(isFull ? "No space left on device" : exception.Message)}");
    }

    private void Remove()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _file.Dispose();
        _owner.Delete(_path, LengthBytes);
    }
}
