using System.Runtime.InteropServices;

namespace DriftDb.Types;

/// <summary>
/// The process's native memory for rows, counted. On Linux it comes from mmap rather than malloc: what is unmapped leaves the process at once, where malloc would keep it for fragments. Blocks up to 1 MB come in powers of two,
/// and a few freed ones are kept, since a fresh page costs a fault.
/// </summary>
public static unsafe partial class NativeMemoryPool
{
    private const long LargestPooledBytes = 1 << 20;

    private const long MostKeptBytes = 16 << 20;

    private const int SmallestShift = 16, Classes = 5;

    private static readonly Lock s_latch = new();
    private static readonly Stack<nint>[] s_free = [.. Enumerable.Range(0, Classes).Select(_ => new Stack<nint>())];
    private static long s_usedBytes, s_keptBytes;

    /// <summary>Bytes handed out and not given back.</summary>
    public static long UsedBytes => Volatile.Read(ref s_usedBytes);

    /// <summary>Bytes of freed blocks that are kept for the next.</summary>
    public static long KeptBytes => Volatile.Read(ref s_keptBytes);

    /// <summary>Where blocks come from once memory is short; null for none.</summary>
    public static SwapSpace? Swap { get; set; }

    /// <summary>Overwrites freed memory, so that tests find readers who come too late.</summary>
    public static bool PoisonsFreed { get; set; }

    /// <summary>Gives the freed blocks that were kept back to the system, and what the C library keeps of freed memory: the just-in-time compiler's above all.</summary>
    public static void Trim()
    {
        lock (s_latch)
        {
            for (int i = 0; i < Classes; i++)
                while (s_free[i].TryPop(out nint address)) Unmap((byte*)address, 1L << (SmallestShift + i));
            s_keptBytes = 0;
        }

        if (OperatingSystem.IsLinux()) _ = MallocTrim(0);
    }

    /// <summary>
    /// Whether a block of that size should be swap space. Operators that spill have done so when memory is above its limit; who comes then has nowhere else to go. What grows with what a transaction writes goes there earlier.
    /// </summary>
    internal static SwapSpace? SwapFor(long lengthBytes, bool isPageable) =>
        Swap is { } swap && UsedBytes + lengthBytes > (isPageable ? swap.MemoryLimitBytes / 4 : swap.MemoryLimitBytes + swap.MemoryLimitBytes / 8) ? swap : null;

    internal static long RoundUp(long lengthBytes) => lengthBytes > LargestPooledBytes ? (lengthBytes + 4095) & ~4095L : 1L << ShiftOf(lengthBytes);

    private static int ShiftOf(long lengthBytes) => Math.Max(SmallestShift, 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)(lengthBytes - 1)));

    internal static byte* Rent(long lengthBytes, out long rounded)
    {
        if (lengthBytes > LargestPooledBytes)
        {
            rounded = RoundUp(lengthBytes);
            Interlocked.Add(ref s_usedBytes, rounded);
            return Map(rounded);
        }

        int shift = ShiftOf(lengthBytes);
        rounded = 1L << shift;
        Interlocked.Add(ref s_usedBytes, rounded);
        lock (s_latch)
        {
            if (s_free[shift - SmallestShift].TryPop(out nint kept))
            {
                s_keptBytes -= rounded;
                return (byte*)kept;
            }
        }

        return Map(rounded);
    }

    internal static void Return(byte* address, long lengthBytes)
    {
        Interlocked.Add(ref s_usedBytes, -lengthBytes);
        if (PoisonsFreed) NativeMemory.Fill(address, (nuint)lengthBytes, 0xDD);
        if (lengthBytes <= LargestPooledBytes)
        {
            lock (s_latch)
            {
                if (s_keptBytes + lengthBytes <= MostKeptBytes)
                {
                    s_keptBytes += lengthBytes;
                    s_free[System.Numerics.BitOperations.TrailingZeroCount(lengthBytes) - SmallestShift].Push((nint)address);
                    return;
                }
            }
        }

        Unmap(address, lengthBytes);
    }

    private static byte* Map(long lengthBytes)
    {
        byte* address;
        if (OperatingSystem.IsLinux())
        {
            const int ReadWrite = 3, PrivateAnonymous = 0x22;
            address = MMap(null, (nuint)lengthBytes, ReadWrite, PrivateAnonymous, -1, 0);
            if (address == (byte*)-1) address = null;
        }
        else address = (byte*)NativeMemory.AlignedAlloc((nuint)lengthBytes, 64);

        if (address != null) return address;
        Interlocked.Add(ref s_usedBytes, -lengthBytes);
        throw new SqlException(SqlState.OutOfMemory, "out of memory", detail: $"Failed on request of size {lengthBytes}.");
    }

    private static void Unmap(byte* address, long lengthBytes)
    {
        if (OperatingSystem.IsLinux()) _ = MUnmap(address, (nuint)lengthBytes);
        else NativeMemory.AlignedFree(address);
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial byte* MMap(void* address, nuint lengthBytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint padding);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int MUnmap(void* address, nuint lengthBytes);
}
