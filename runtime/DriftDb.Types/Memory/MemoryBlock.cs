using System.Runtime.CompilerServices;

namespace DriftDb.Types;

/// <summary>
/// A stretch of memory that doesn't move, for rows and bytes. Small ones are pinned managed arrays; from <see cref="SmallestNativeBytes"/> on they are native memory, which goes back to the system the moment it is freed
/// (<see cref="NativeMemoryPool"/>). A block that nobody frees is freed by its finaliser: forgetting costs time, never memory for good.
/// </summary>
/// <remarks>An address keeps nothing alive: whoever has one keeps the block referenced until its last use.</remarks>
public unsafe class MemoryBlock
{
    /// <summary>Below this a native block isn't worth its pages and its finaliser.</summary>
    public const int SmallestNativeBytes = 64 * 1024;

    private readonly byte[]? _managed;

    private protected MemoryBlock(byte* address, long lengthBytes)
    {
        Address = address;
        LengthBytes = lengthBytes;
    }

    private MemoryBlock(byte[] managed)
    {
        _managed = managed;
        Address = (byte*)Unsafe.AsPointer(ref managed[0]);
        LengthBytes = managed.Length;
    }

    public byte* Address { get; private protected set; }

    public long LengthBytes { get; private protected set; }

    /// <summary>Uninitialised memory of that many bytes, or somewhat more.</summary>
    public static MemoryBlock Allocate(long lengthBytes) =>
        lengthBytes >= SmallestNativeBytes ? NativeBlock.Rent(lengthBytes) : new MemoryBlock(GC.AllocateUninitializedArray<byte>(Math.Max(8, (int)lengthBytes), pinned: true));

    /// <summary>The same for rows that are many and seldom looked at, such as those that a transaction writes: they lie in swap space sooner (<see cref="SwapSpace"/>).</summary>
    public static MemoryBlock AllocatePageable(long lengthBytes) =>
        lengthBytes >= SmallestNativeBytes ? NativeBlock.Rent(lengthBytes, isPageable: true) : Allocate(lengthBytes);

    /// <summary>A block of swap space leaves memory until it is touched again; others stay.</summary>
    public virtual void PageOut()
    {
    }

    /// <summary>Gives native memory back; every address into it is void from now on. A managed block is the collector's.</summary>
    public virtual void Free()
    {
    }

    private sealed class NativeBlock : MemoryBlock
    {
        private readonly SwapSpace? _swap;

        private NativeBlock(byte* address, long lengthBytes, SwapSpace? swap) : base(address, lengthBytes) => _swap = swap;

        ~NativeBlock() => Release();

        public static NativeBlock Rent(long lengthBytes, bool isPageable = false)
        {
            if (NativeMemoryPool.SwapFor(lengthBytes, isPageable) is { } swap)
            {
                long lengthInSwap = NativeMemoryPool.RoundUp(lengthBytes);
                return new NativeBlock(swap.Map(lengthInSwap), lengthInSwap, swap);
            }

            byte* address = NativeMemoryPool.Rent(lengthBytes, out long rounded);
            return new NativeBlock(address, rounded, null);
        }

        public override void PageOut()
        {
            if (_swap is not null && Address != null) SwapSpace.PageOut(Address, LengthBytes);
        }

        public override void Free()
        {
            GC.SuppressFinalize(this);
            Release();
        }

        private void Release()
        {
            byte* address = Address;
            if (address == null) return;
            Address = null;
            if (_swap is null) NativeMemoryPool.Return(address, LengthBytes);
            else _swap.Unmap(address, LengthBytes);
        }
    }
}
