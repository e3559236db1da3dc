namespace DriftDb.Runtime;

/// <summary>Row ids, neighbours together: a bit a row where a statement writes to all of a table, and no more than a hash set takes where it doesn't.</summary>
internal sealed class RowIdSet
{
    private const int PageBits = 6;

    private readonly Dictionary<long, ulong> _pages = [];

    /// <summary>False when the row was there already.</summary>
    public bool Add(long rowId)
    {
        ref ulong page = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_pages, rowId >> PageBits, out _);
        ulong bit = 1UL << (int)(rowId & ((1 << PageBits) - 1));
        if ((page & bit) != 0) return false;
        page |= bit;
        return true;
    }

    public bool Contains(long rowId) => _pages.TryGetValue(rowId >> PageBits, out ulong page) && (page & 1UL << (int)(rowId & ((1 << PageBits) - 1))) != 0;

    public void Clear() => _pages.Clear();
}
