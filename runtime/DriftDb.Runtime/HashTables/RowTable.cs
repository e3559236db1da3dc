using System.Numerics;
using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>
/// A hash table over rows of a <see cref="TupleBuffer"/>. Each row begins with two hidden columns: the address of the next row of its bucket, and its hash. A bucket is the address of its first
/// row with 16 bits of a Bloom filter of the chain's hashes on top (addresses have 48 bits), so that most misses cost one access.
/// </summary>
internal unsafe class RowTable : BufferState
{
    /// <summary>Hidden columns at a row's start.</summary>
    public const int HiddenColumns = 2;

    /// <summary>The hash of rows outside of the buckets; a key with this very hash would only be found while the table doesn't grow, so <see cref="Insert"/> avoids it.</summary>
    protected const ulong Unlinked = ulong.MaxValue;

    private const long AddressMask = 0x0000_FFFF_FFFF_FFFF;

    private readonly int _nextOffset, _hashOffset;
    private MemoryBlock? _block;
    private long* _buckets;
    private int _count;
    private int _shift;
    private int _limit;

    public RowTable(TupleLayout layout) : base(layout)
    {
        _nextOffset = layout.Offset(0);
        _hashOffset = layout.Offset(1);
        Resize(FirstBits);
        int width = layout.StrideBytes;
        byte[] nothing = GC.AllocateArray<byte>(width, pinned: true);
        nothing.AsSpan(0, layout.NullBitmapBytes).Fill(0xFF);
        _nullRow = nothing;
        NullRow = (long)Unsafe.AsPointer(ref nothing[0]);
    }

    private readonly byte[] _nullRow;

    /// <summary>A row in which every column is NULL, for outer joins.</summary>
    public readonly long NullRow;

    /// <summary>A row was seen whose key is NULL (NOT IN and its like must know).</summary>
    public bool HasNullKey;

    /// <summary>The first row of the hash's chain that may have it; 0 for none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long First(ulong hash)
    {
        long bucket = _buckets[hash >> _shift];
        return (bucket & Tag(hash)) == 0 ? 0 : bucket & AddressMask;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Tag(ulong hash) => 1L << (48 + (int)(hash & 15));

    /// <summary>Appends a row and links it; its columns are the caller's to fill.</summary>
    public long Insert(ulong hash)
    {
        if (Rows.Count >= _limit) Resize(64 - _shift + 1);
        byte* row = Rows.Append();
        long* bucket = _buckets + (hash >> _shift);
        *(long*)(row + _nextOffset) = *bucket & AddressMask;
        *(ulong*)(row + _hashOffset) = hash == Unlinked ? hash - 1 : hash;
        *bucket = (long)row | (*bucket & ~AddressMask) | Tag(hash);
        return (long)row;
    }

    /// <summary>Appends a row that no probe finds (its key is NULL, but an outer join must put it out).</summary>
    public long InsertUnlinked()
    {
        byte* row = Rows.Append();
        *(long*)(row + _nextOffset) = 0;
        *(ulong*)(row + _hashOffset) = Unlinked;
        return (long)row;
    }

    public int Buckets => _count;

    public override long MemoryBytes => base.MemoryBytes + (long)_count * sizeof(long);

    public override void Reset()
    {
        base.Reset();
        // A large array isn't kept: what comes next may be small.
        if (_count > 1 << FirstBits) Resize(FirstBits);
        else new Span<long>(_buckets, _count).Clear();
        HasNullKey = false;
    }

    public override void Free()
    {
        base.Free();
        if (_count > 1 << FirstBits) Resize(FirstBits);
    }

    private const int FirstBits = 10;

    private void Resize(int bits)
    {
        _block?.Free();
        _count = 1 << bits;
        _block = MemoryBlock.Allocate((long)_count * sizeof(long));
        _buckets = (long*)_block.Address;
        new Span<long>(_buckets, _count).Clear();
        _shift = 64 - bits;
        _limit = (int)(_count * 3L / 4);
        GC.KeepAlive(_nullRow);
        for (int block = 0; block < Rows.BlockCount; block++)
        {
            byte* row = Rows.Block(block, out int rows);
            for (int i = 0; i < rows; i++, row += Layout.StrideBytes)
            {
                ulong hash = *(ulong*)(row + _hashOffset);
                if (hash == Unlinked) continue;
                long* bucket = _buckets + (hash >> _shift);
                *(long*)(row + _nextOffset) = *bucket & AddressMask;
                *bucket = (long)row | (*bucket & ~AddressMask) | Tag(hash);
            }
        }
    }
}
