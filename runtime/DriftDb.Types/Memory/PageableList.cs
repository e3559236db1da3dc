using System.Numerics;
using System.Runtime.CompilerServices;

namespace DriftDb.Types;

/// <summary>
/// A list of values without references that can grow beyond memory: its first values are a managed array, those behind them lie in blocks that may be swap space (<see cref="MemoryBlock.AllocatePageable"/>). Values are appended and
/// removed at the end. Many may read while nobody writes.
/// </summary>
public sealed unsafe class PageableList<T> where T : unmanaged
{
    private const int FirstCapacity = 4, LargestKeptCapacity = 1_024;

    /// <summary>Values of a block: a power of two, so that a block is large enough to be native memory.</summary>
    private static readonly int s_shift = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)(MemoryBlock.SmallestNativeBytes / sizeof(T))));

    private List<MemoryBlock>? _blocks;
    private T[] _first = [];

    public int Count { get; private set; }

    public T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return At(index);
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            At(index) = value;
        }
    }

    public void Add(T value)
    {
        int index = Count;
        if (index >> s_shift == 0)
        {
            if (index == _first.Length) Array.Resize(ref _first, Math.Max(FirstCapacity, index * 2));
        }
        else if ((index >> s_shift) > BlockCount) AddBlock();
        Count++;
        At(index) = value;
    }

    public void AddRange(ReadOnlySpan<T> values)
    {
        while (!values.IsEmpty)
        {
            int block = Count >> s_shift, offset = Count & ((1 << s_shift) - 1), count = Math.Min(values.Length, (1 << s_shift) - offset);
            if (block == 0 && offset + count > _first.Length) Array.Resize(ref _first, Math.Min(1 << s_shift, Math.Max(FirstCapacity, Math.Max(offset * 2, offset + count))));
            else if (block > BlockCount) AddBlock();
            values[..count].CopyTo(Part(block)[offset..]);
            values = values[count..];
            Count += count;
        }
    }

    /// <summary>All values, to where there is room for <see cref="Count"/> of them.</summary>
    public void CopyTo(Span<T> target)
    {
        for (int block = 0; block << s_shift < Count; block++)
        {
            int first = block << s_shift;
            Part(block)[..Math.Min(1 << s_shift, Count - first)].CopyTo(target[first..]);
        }
    }

    public void RemoveLast()
    {
        ArgumentOutOfRangeException.ThrowIfZero(Count);
        Count--;
        // One empty block stays, for a list that goes back and forth at the edge of one.
        if (BlockCount > (Count >> s_shift) + 1) FreeLastBlock();
    }

    /// <summary>Where the value is in a list that ascends; the complement of where it would be when it isn't there.</summary>
    public int BinarySearch(T value)
    {
        int low = 0, high = Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = Comparer<T>.Default.Compare(At(middle), value);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return ~low;
    }

    /// <summary>Forgets all values and gives back what is more than a small array.</summary>
    public void Clear()
    {
        while (BlockCount > 0) FreeLastBlock();
        if (_first.Length > LargestKeptCapacity) _first = [];
        Count = 0;
    }

    private int BlockCount => _blocks?.Count ?? 0;

    private void AddBlock() => (_blocks ??= []).Add(MemoryBlock.AllocatePageable((long)sizeof(T) << s_shift));

    /// <summary>The room of a block; the first is the managed array. The list keeps it, and outlives every use.</summary>
    private Span<T> Part(int block) => block == 0 ? _first : new Span<T>((T*)_blocks![block - 1].Address, 1 << s_shift);

    private void FreeLastBlock()
    {
        _blocks![^1].Free();
        _blocks.RemoveAt(_blocks.Count - 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref T At(int index)
    {
        int block = index >> s_shift;
        // Nobody outside gets a reference into a block, so the list, which keeps it, outlives every use.
        return ref block == 0 ? ref _first[index] : ref Unsafe.AsRef<T>((T*)_blocks![block - 1].Address + (index & ((1 << s_shift) - 1)));
    }
}
