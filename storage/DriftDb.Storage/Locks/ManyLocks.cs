using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// Row and key locks of a transaction that holds very many. Nobody but their holder knows of them, so they need no entry in the lock table: four bits each, neighbours together. Once somebody else asks for one it gets its entry, with
/// this transaction as a holder, and from then on it is a lock like any other. Guarded by the lock table's latch.
/// </summary>
internal sealed class ManyLocks(StoreTransaction transaction)
{
    private const int PageBits = 5, PageLocks = 1 << PageBits, BitsEach = 4;

    private const byte Exposed = 15;

    /// <summary>What a page takes in the dictionary, while that grows.</summary>
    private const long PageBytes = 64;

    private readonly List<Group> _groups = [];

    /// <summary>All of them in order, for those of a savepoint.</summary>
    private readonly PageableList<(int Group, long Item)> _order = new();

    public StoreTransaction Transaction => transaction;

    public int Count => _order.Count;

    /// <summary>Those that have entries in the lock table, because others have asked for them.</summary>
    public HashSet<LockEntry> Entries { get; } = [];

    /// <summary>The tables whose rows, and the indexes whose keys, are locked.</summary>
    public IEnumerable<(LockKind Kind, long Owner)> Owners => _groups.Select(group => (group.Kind, group.Owner));

    /// <summary>What they take of memory that can't be paged out.</summary>
    public long ManagedBytes => _groups.Sum(group => (long)group.Pages.Count) * PageBytes;

    /// <summary>The lock's mode; null when it isn't here, or has an entry.</summary>
    public byte? ModeOf(in LockKey key) =>
        Find(key.Kind, key.Owner) is { } group && group.Pages.TryGetValue(key.Item >> PageBits, out UInt128 page) && Bits(page, key.Item) is not 0 and not Exposed and var bits ? (byte)(bits - 1) : null;

    public void Add(in LockKey key, byte mode)
    {
        Group? group = Find(key.Kind, key.Owner);
        if (group is null)
        {
            group = new Group(key.Kind, key.Owner, _groups.Count, []);
            _groups.Add(group);
        }

        Put(group, key.Item, (byte)(mode + 1));
        _order.Add((group.Number, key.Item));
    }

    /// <summary>A stronger mode for a lock that is here.</summary>
    public void Raise(in LockKey key, byte mode) => Put(Find(key.Kind, key.Owner)!, key.Item, (byte)(mode + 1));

    /// <summary>The lock has an entry now.</summary>
    public void Expose(LockEntry entry)
    {
        Put(Find(entry.Key.Kind, entry.Key.Owner)!, entry.Key.Item, Exposed);
        Entries.Add(entry);
    }

    /// <summary>Removes the last one, and gives its key when it has an entry that its holder must leave.</summary>
    public LockKey? RemoveLast()
    {
        (int number, long item) = _order[_order.Count - 1];
        _order.RemoveLast();
        Group group = _groups[number];
        bool isExposed = group.Pages.TryGetValue(item >> PageBits, out UInt128 page) && Bits(page, item) == Exposed;
        Put(group, item, 0);
        return isExposed ? new LockKey(group.Kind, group.Owner, item) : null;
    }

    /// <summary>Gives its memory back.</summary>
    public void Clear()
    {
        _order.Clear();
        _groups.Clear();
        Entries.Clear();
    }

    private Group? Find(LockKind kind, long owner)
    {
        foreach (Group group in _groups)
        {
            if (group.Owner == owner && group.Kind == kind) return group;
        }

        return null;
    }

    private static byte Bits(UInt128 page, long item) => (byte)((ulong)(page >> ShiftOf(item)) & 15);

    private static int ShiftOf(long item) => (int)(item & (PageLocks - 1)) * BitsEach;

    private static void Put(Group group, long item, byte bits)
    {
        long number = item >> PageBits;
        ref UInt128 page = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(group.Pages, number, out _);
        int shift = ShiftOf(item);
        page = (page & ~((UInt128)15 << shift)) | ((UInt128)bits << shift);
        if (page == UInt128.Zero) group.Pages.Remove(number);
    }

    /// <summary>Locks of one table's rows or one index's keys.</summary>
    private sealed record Group(LockKind Kind, long Owner, int Number, Dictionary<long, UInt128> Pages);
}
