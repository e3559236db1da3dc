using System.Runtime.InteropServices;
using DriftDb.Types;
using Microsoft.Win32.SafeHandles;

namespace DriftDb.Storage;

#pragma warning disable RS0030 // This is the seam: the one place that may touch System.IO.File and Directory.

/// <summary>The machine's file system below a root directory. Syncs by P/Invoke, because the framework's flush swallows some errors.</summary>
public sealed class RealFileSystem(string root) : IFileSystem
{
    private readonly string _root = Path.GetFullPath(root);

    public IFile Open(string path, bool create)
    {
        string full = Full(path);
        try
        {
            return new RealFile(full, File.OpenHandle(full, create ? FileMode.OpenOrCreate : FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (FileNotFoundException exception)
        {
            throw new SqlException(SqlState.UndefinedFile, $"could not open file \"{path}\": No such file or directory", inner: exception);
        }
    }

    public bool Exists(string path) => File.Exists(Full(path)) || Directory.Exists(Full(path));

    public void Rename(string from, string to) => File.Move(Full(from), Full(to), overwrite: true);

    public void Delete(string path) => File.Delete(Full(path));

    public void CreateDirectory(string path) => Directory.CreateDirectory(Full(path));

    public IReadOnlyList<string> List(string path)
    {
        string full = Full(path);
        if (!Directory.Exists(full)) return [];
        return [.. Directory.EnumerateFileSystemEntries(full).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];
    }

    public void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows()) return; // NTFS journals its directories
        int descriptor = Native.Open(Full(path), 0);
        if (descriptor < 0) throw Native.Error("open directory", path);
        try
        {
            if (Native.Fsync(descriptor) != 0) throw Native.Error("fsync directory", path);
        }
        finally
        {
            _ = Native.Close(descriptor);
        }
    }

    public IDisposable? TryLock(string path)
    {
        try
        {
            return File.OpenHandle(Full(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private string Full(string path) => path.Length == 0 ? _root : Path.Combine(_root, path);

    private sealed class RealFile(string path, SafeFileHandle handle) : IFile
    {
        public long LengthBytes => RandomAccess.GetLength(handle);

        public int Read(long offset, Span<byte> buffer)
        {
            int total = 0;
            while (total < buffer.Length)
            {
                int read = RandomAccess.Read(handle, buffer[total..], offset + total);
                if (read == 0) break;
                total += read;
            }

            return total;
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(handle, bytes, offset);

        public void SetLength(long lengthBytes) => RandomAccess.SetLength(handle, lengthBytes);

        public void Preallocate(long lengthBytes)
        {
            if (lengthBytes <= LengthBytes) return;
            // File systems that can't reserve space (EOPNOTSUPP) still get the length; only speed is lost.
            if (!OperatingSystem.IsLinux() || Native.PosixFallocate((int)handle.DangerousGetHandle(), 0, lengthBytes) != 0) SetLength(lengthBytes);
        }

        public void Sync(bool dataOnly)
        {
            if (OperatingSystem.IsWindows())
            {
                RandomAccess.FlushToDisk(handle);
                return;
            }

            int descriptor = (int)handle.DangerousGetHandle();
            int result = dataOnly && OperatingSystem.IsLinux() ? Native.Fdatasync(descriptor) : Native.Fsync(descriptor);
            if (result != 0) throw Native.Error("fsync", path);
            GC.KeepAlive(handle);
        }

        public void Dispose() => handle.Dispose();
    }
}

/// <summary>The C library's calls that the framework doesn't offer.</summary>
internal static partial class Native
{
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    internal static partial int Fdatasync(int descriptor);

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    internal static partial int PosixFallocate(int descriptor, long offset, long length);

    internal static IOException Error(string call, string path) =>
        new($"{call} of \"{path}\" failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
}
