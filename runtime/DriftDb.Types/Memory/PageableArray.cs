using System.Runtime.CompilerServices;

namespace DriftDb.Types;

/// <summary>
/// Room for values without references, which may be more than memory: where it is large, and memory short, it lies in swap space (<see cref="MemoryBlock.AllocatePageable"/>). Used again and again, its values are what was
/// written since.
/// </summary>
public sealed unsafe class PageableArray<T> where T : unmanaged
{
    private const int SmallestLength = 64, LargestKeptLength = 1_024;

    private MemoryBlock? _block;
    private int _length;

    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((uint)index >= (uint)_length) throw new IndexOutOfRangeException();
            // The array keeps the block, and whoever has a reference into it keeps the array.
            return ref ((T*)_block!.Address)[index];
        }
    }

    /// <summary>Room for that many values; what was there is void when it grows. The array keeps what is given.</summary>
    public Span<T> Reserve(int length)
    {
        if (length > _length)
        {
            Release();
            int capacity = Math.Max(SmallestLength, length + length / 8);
            _block = MemoryBlock.AllocatePageable((long)capacity * sizeof(T));
            _length = capacity;
        }

        return _length == 0 ? [] : new Span<T>((T*)_block!.Address, _length);
    }

    /// <summary>Gives back what is more than a small array, which the next use finds.</summary>
    public void Free()
    {
        if (_length > LargestKeptLength) Release();
    }

    private void Release()
    {
        _block?.Free();
        _block = null;
        _length = 0;
    }
}
