using System.Runtime.InteropServices;

namespace DriftDb.Types;

/// <summary>
/// Room on disk for rows that can't be spilled by those who hold them, because others have their addresses: write sets, partitions of windows, cursors. Blocks are shared mappings of a file without a name, so the addresses stay
/// valid while the pages are out; a page that is touched again comes back by itself. The operating system's own swap does the same, but not within a budget, and servers often have none.
/// </summary>
/// <remarks>Linux only; elsewhere there is none, and what can't be spilled stays in memory.</remarks>
public sealed unsafe partial class SwapSpace : IDisposable
{
    private const int NoSpace = 28, QuotaExceeded = 122;

    private readonly Lock _latch = new();
    private readonly string _directory;
    private readonly Dictionary<nint, (long Offset, long LengthBytes)> _blocks = [];
    private readonly Dictionary<long, Stack<long>> _free = [];
    private int _file = -1;
    private long _end, _usedBytes;
    private bool _isDisposed;

    /// <param name="directory">Where the file lies; it is made when first needed.</param>
    /// <param name="memoryLimitBytes">Native memory for rows, beyond which new blocks are the file's.</param>
    public SwapSpace(string directory, long memoryLimitBytes)
    {
        _directory = directory;
        MemoryLimitBytes = memoryLimitBytes;
    }

    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>What all statements may have in memory.</summary>
    public long MemoryLimitBytes { get; }

    /// <summary>Bytes of blocks handed out and not given back.</summary>
    public long UsedBytes => Volatile.Read(ref _usedBytes);

    /// <summary>Takes all blocks' pages out of the process; their content stays.</summary>
    public void PageOutAll()
    {
        lock (_latch)
        {
            foreach ((nint address, (_, long lengthBytes)) in _blocks) PageOut((byte*)address, lengthBytes);
        }
    }

    /// <summary>The space on disk comes back at once; blocks that are still held stay usable until they are given back.</summary>
    public void Dispose()
    {
        lock (_latch)
        {
            _isDisposed = true;
            CloseWhenUnused();
        }
    }

    internal static void PageOut(byte* address, long lengthBytes)
    {
        const int DontNeed = 4;
        _ = MAdvise(address, (nuint)lengthBytes, DontNeed);
    }

    /// <summary>A block of a multiple of 4 KiB. Throws 53100 when the disk is full.</summary>
    internal byte* Map(long lengthBytes)
    {
        lock (_latch)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_file < 0) _file = CreateFile();
            if (!_free.TryGetValue(lengthBytes, out Stack<long>? free) || !free.TryPop(out long offset))
            {
                offset = _end;
                // A store to a page that has no room on disk would end the process.
                int error = PosixFallocate(_file, offset, lengthBytes);
                if (error != 0) throw Failed("extend", error);
                _end += lengthBytes;
            }

            const int ReadWrite = 3, Shared = 1;
            byte* address = MMap(null, (nuint)lengthBytes, ReadWrite, Shared, _file, (nint)offset);
            if (address == (byte*)-1)
            {
                GiveBack(offset, lengthBytes);
                throw new SqlException(SqlState.OutOfMemory, "out of memory", detail: $"Failed on request of size {lengthBytes}.");
            }

            _blocks.Add((nint)address, (offset, lengthBytes));
            _usedBytes += lengthBytes;
            return address;
        }
    }

    internal void Unmap(byte* address, long lengthBytes)
    {
        lock (_latch)
        {
            _ = MUnmap(address, (nuint)lengthBytes);
            if (!_blocks.Remove((nint)address, out (long Offset, long LengthBytes) block)) throw new InvalidOperationException("not a block of this space");
            _usedBytes -= lengthBytes;
            GiveBack(block.Offset, block.LengthBytes);
            CloseWhenUnused();
        }
    }

    private void GiveBack(long offset, long lengthBytes)
    {
        if (!_free.TryGetValue(lengthBytes, out Stack<long>? free)) _free.Add(lengthBytes, free = new());
        free.Push(offset);
    }

    /// <summary>The last block gone, the file goes: its pages were never worth writing.</summary>
    private void CloseWhenUnused()
    {
        if (_blocks.Count > 0 || _file < 0) return;
        _ = Close(_file);
        _file = -1;
        _end = 0;
        _free.Clear();
    }

    private int CreateFile()
    {
        const int ReadWriteCreateExclusiveCloseOnExec = 0x2 | 0x40 | 0x80 | 0x80000, OwnerOnly = 0x180;
        _ = MkDir(_directory, 0x1C0);
        string path = $"{_directory}/{Environment.ProcessId}-{GetHashCode()}.swap";
        int file = Open(path, ReadWriteCreateExclusiveCloseOnExec, OwnerOnly);
        if (file < 0) throw Failed("create", Marshal.GetLastPInvokeError());
        // Without a name nobody else finds it, and it goes with the process.
        _ = Unlink(path);
        return file;
    }

    private SqlException Failed(string what, int error) => new(
        error is NoSpace or QuotaExceeded ? SqlState.DiskFull : SqlState.IoError,
        $"could not {what} temporary file in \"{Path.GetFileName(_directory)}\": {(error is NoSpace or QuotaExceeded ? "No space left on device" : Marshal.GetPInvokeErrorMessage(error))}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "mkdir", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MkDir(string path, int mode);

    [LibraryImport("libc", EntryPoint = "unlink", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unlink(string path);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int PosixFallocate(int file, long offset, long lengthBytes);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial byte* MMap(void* address, nuint lengthBytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int MUnmap(void* address, nuint lengthBytes);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MAdvise(void* address, nuint lengthBytes, int advice);
}
