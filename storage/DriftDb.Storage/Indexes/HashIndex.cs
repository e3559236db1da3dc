using System.IO.Hashing;
using System.Runtime.CompilerServices;
using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// Unique key → row, for every moment: open addressing from a key to its newest entry, entries (row, begin, end) chained to the key's earlier ones with jump pointers. One writer (the committer), readers without locks:
/// an entry is complete before its slot is published, slots never lose an entry, and a table that was replaced by a larger one lacks only entries that are younger than whoever still reads it.
/// </summary>
/// <remarks>A single integer column is its own key: exact, nothing to encode. Other keys are found by a 64-bit hash and compared as bytes.</remarks>
internal sealed class HashIndex(bool isInteger)
{
    private const int SegmentBits = 12, SegmentEntries = 1 << SegmentBits;

    private readonly KeyHeap? _heap = isInteger ? null : new KeyHeap();
    private int[] _slots = new int[16];
    private Segment[] _segments = [new Segment(16, !isInteger)];
    private int _count, _keys;

    /// <summary>Whether keys are integers given as long.</summary>
    public bool IsInteger => isInteger;

    public int EntryCount => _count;

    public static long HashOf(ReadOnlySpan<byte> key) => (long)XxHash3.HashToUInt64(key);

    /// <summary>The row that had the key at s; -1 when none had.</summary>
    public long RowAt(long key, long sequence) => RowAt(Newest(key, default), sequence);

    public long RowAt(ReadOnlySpan<byte> key, long sequence) => RowAt(Newest(HashOf(key), key), sequence);

    /// <summary>The row that has the key now; -1 when none has.</summary>
    public long LiveRow(long key, ReadOnlySpan<byte> bytes)
    {
        for (int entry = Newest(key, bytes); entry >= 0; entry = PreviousOf(entry))
        {
            Segment segment = At(entry, out int i);
            if (segment.Entries[i].End == long.MaxValue) return segment.Entries[i].RowId;
        }

        return -1;
    }

    /// <summary>All rows that ever had the key, newest first.</summary>
    public void RowsEver(long key, ReadOnlySpan<byte> bytes, List<long> rows)
    {
        for (int entry = Newest(key, bytes); entry >= 0; entry = PreviousOf(entry))
        {
            Segment segment = At(entry, out int i);
            if (!rows.Contains(segment.Entries[i].RowId)) rows.Add(segment.Entries[i].RowId);
        }
    }

    /// <summary>The row takes the key. Entries of one key come in order of begin.</summary>
    public void Add(long key, ReadOnlySpan<byte> bytes, long rowId, long begin, long end = long.MaxValue)
    {
        if (_keys * 10 >= _slots.Length * 6) Grow();
        int entry = _count;
        int segmentNumber = entry >> SegmentBits, index = entry & (SegmentEntries - 1);
        Segment segment = SegmentFor(segmentNumber, index);
        segment.Entries[index].Key = key;
        segment.Entries[index].RowId = rowId;
        segment.Entries[index].Begin = begin;
        segment.Entries[index].End = end;
        if (_heap is not null) segment.KeyPlace![index] = _heap.Add(bytes);
        int mask = _slots.Length - 1;
        var probe = new Probe(key, mask);
        int previous = -1;
        while (_slots[probe.Slot] != 0)
        {
            int candidate = _slots[probe.Slot] - 1;
            if (Matches(candidate, key, bytes))
            {
                previous = candidate;
                break;
            }

            probe.Next(mask);
        }

        if (previous >= 0) Link(segment, index, previous);
        else _keys++;
        _count++;
        Volatile.Write(ref _slots[probe.Slot], entry + 1);
    }

    /// <summary>The row gives the key up.</summary>
    public void End(long key, ReadOnlySpan<byte> bytes, long rowId, long end)
    {
        for (int entry = Newest(key, bytes); entry >= 0; entry = PreviousOf(entry))
        {
            Segment segment = At(entry, out int i);
            if (segment.Entries[i].RowId != rowId || segment.Entries[i].End != long.MaxValue) continue;
            Volatile.Write(ref segment.Entries[i].End, end);
            return;
        }

        throw new SqlException(SqlState.DataCorrupted, $"a hash index has no entry for row {rowId}");
    }

    /// <summary>TRUNCATE: every row gives its key up.</summary>
    public void EndAll(long end)
    {
        for (int entry = 0; entry < _count; entry++)
        {
            Segment segment = At(entry, out int i);
            if (segment.Entries[i].End == long.MaxValue) Volatile.Write(ref segment.Entries[i].End, end);
        }
    }

    /// <summary>
    /// Keys go to the slot of their own low bits, so that dense keys lie side by side and never collide; the probes after it bring in the high bits, so that strides don't pile up (the scheme of Python's dict). A scattering hash
    /// made loading growing keys twice as slow.
    /// </summary>
    private struct Probe(long key, int mask)
    {
        private ulong _perturbation = (ulong)key;

        public int Slot = (int)key & mask;

        public void Next(int mask)
        {
            _perturbation >>= 5;
            Slot = (int)((uint)Slot * 5 + 1 + (uint)_perturbation) & mask;
        }
    }

    private long RowAt(int entry, long sequence)
    {
        while (entry >= 0)
        {
            Segment segment = At(entry, out int i);
            if (segment.Entries[i].Begin <= sequence) return Volatile.Read(ref segment.Entries[i].End) > sequence ? segment.Entries[i].RowId : -1;
            Chain? chain = segment.Chain;
            if (chain is null || chain.Previous[i] == 0) return -1;
            int jump = chain.Jump[i] - 1;
            entry = At(jump, out int j).Entries[j].Begin > sequence ? jump : chain.Previous[i] - 1;
        }

        return -1;
    }

    private int Newest(long key, ReadOnlySpan<byte> bytes)
    {
        int[] slots = Volatile.Read(ref _slots);
        int mask = slots.Length - 1;
        for (var probe = new Probe(key, mask); ; probe.Next(mask))
        {
            int entry = Volatile.Read(ref slots[probe.Slot]) - 1;
            if (entry < 0 || Matches(entry, key, bytes)) return entry;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Matches(int entry, long key, ReadOnlySpan<byte> bytes)
    {
        Segment segment = At(entry, out int i);
        return segment.Entries[i].Key == key && (_heap is null || _heap.Get(segment.KeyPlace![i]).SequenceEqual(bytes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Segment At(int entry, out int index)
    {
        index = entry & (SegmentEntries - 1);
        return Volatile.Read(ref _segments)[entry >> SegmentBits];
    }

    private int PreviousOf(int entry)
    {
        Segment segment = At(entry, out int i);
        return segment.Chain is { } chain ? chain.Previous[i] - 1 : -1;
    }

    private int DepthOf(int entry)
    {
        Segment segment = At(entry, out int i);
        return segment.Chain is { } chain && chain.Previous[i] != 0 ? chain.Depth[i] : 0;
    }

    private int JumpOf(int entry)
    {
        Segment segment = At(entry, out int i);
        return segment.Chain!.Jump[i] - 1;
    }

    private void Link(Segment segment, int index, int previous)
    {
        int depth = DepthOf(previous), jump = previous;
        if (depth > 0)
        {
            int via = JumpOf(previous), viaDepth = DepthOf(via);
            if (viaDepth > 0 && JumpOf(via) is var far && depth - viaDepth == viaDepth - DepthOf(far)) jump = far;
        }

        Chain chain = segment.Chain ??= new Chain(segment.Entries.Length);
        chain.Jump[index] = jump + 1;
        chain.Depth[index] = depth + 1;
        chain.Previous[index] = previous + 1;
    }

    private Segment SegmentFor(int number, int index)
    {
        if (number == _segments.Length)
        {
            var segments = new Segment[number + 1];
            _segments.CopyTo(segments, 0);
            segments[number] = new Segment(SegmentEntries, !isInteger);
            Volatile.Write(ref _segments, segments);
        }
        else if (index == _segments[number].Entries.Length)
        {
            var segments = (Segment[])_segments.Clone();
            segments[number] = _segments[number].Enlarged(Math.Min(SegmentEntries, index * 4));
            // Ends written from now on go to the copy only; readers of the old one are at moments before those.
            Volatile.Write(ref _segments, segments);
        }

        return _segments[number];
    }

    private void Grow()
    {
        int[] slots = new int[_slots.Length * 2];
        int mask = slots.Length - 1;
        foreach (int value in _slots)
        {
            if (value == 0) continue;
            Segment segment = At(value - 1, out int i);
            var probe = new Probe(segment.Entries[i].Key, mask);
            while (slots[probe.Slot] != 0) probe.Next(mask);
            slots[probe.Slot] = value;
        }

        Volatile.Write(ref _slots, slots);
    }

    /// <summary>Half a cache line: a lookup touches the slot and this.</summary>
    private struct Entry
    {
        public long Key, RowId, Begin, End;
    }

    private sealed class Segment(int capacity, bool hasBytes)
    {
        public readonly Entry[] Entries = new Entry[capacity];
        public long[]? KeyPlace = hasBytes ? new long[capacity] : null;
        public Chain? Chain;

        public Segment Enlarged(int larger)
        {
            var copy = new Segment(larger, KeyPlace is not null);
            Entries.CopyTo(copy.Entries, 0);
            KeyPlace?.CopyTo(copy.KeyPlace!, 0);
            if (Chain is not null)
            {
                copy.Chain = new Chain(larger);
                Chain.Previous.CopyTo(copy.Chain.Previous, 0);
                Chain.Jump.CopyTo(copy.Chain.Jump, 0);
                Chain.Depth.CopyTo(copy.Chain.Depth, 0);
            }

            return copy;
        }
    }

    private sealed class Chain(int capacity)
    {
        public readonly int[] Previous = new int[capacity], Jump = new int[capacity], Depth = new int[capacity];
    }
}

/// <summary>Keys' bytes in blocks that never move. A place is block ‖ offset ‖ length.</summary>
internal sealed class KeyHeap
{
    private const int BlockBytes = 1 << 20, LongestInline = 0xFFFF;

    private byte[][] _blocks = [];
    private int _used;

    public long Add(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > LongestInline)
            throw new SqlException(SqlState.ProgramLimitExceeded, $"index row size {bytes.Length} exceeds maximum {LongestInline}");
        if (_blocks.Length == 0 || _blocks[^1].Length - _used < bytes.Length) AddBlock();
        bytes.CopyTo(_blocks[^1].AsSpan(_used));
        long place = ((long)(_blocks.Length - 1) << 37) | ((long)_used << 16) | (uint)bytes.Length;
        _used += bytes.Length;
        return place;
    }

    public ReadOnlySpan<byte> Get(long place) => Volatile.Read(ref _blocks)[place >> 37].AsSpan((int)(place >> 16) & (BlockBytes * 2 - 1), (int)(place & LongestInline));

    private void AddBlock()
    {
        var blocks = new byte[_blocks.Length + 1][];
        _blocks.CopyTo(blocks, 0);
        blocks[^1] = new byte[_blocks.Length == 0 ? LongestInline + 1 : BlockBytes];
        Volatile.Write(ref _blocks, blocks);
        _used = 0;
    }
}
