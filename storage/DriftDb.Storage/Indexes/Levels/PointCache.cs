using System.Numerics;

namespace DriftDb.Storage;

/// <summary>
/// Integer keys that were looked up lately, each with the row that has it now and since when: a hit costs one cache line where the files cost a descent (0.1 µs against 1 µs). Direct-mapped, of bounded size, and only a cache:
/// an entry may vanish at any time.
/// </summary>
/// <remarks>
/// A slot's version is odd while it is written. Whoever looks a key up takes the version first and may enter what was found only if it is still the same; the committer, when it ends a key, changes the version of the key's
/// slot whether the key is in it or not. So an entry that is there has not ended.
/// </remarks>
internal sealed class PointCache(MemoryAccount account)
{
    private const int SmallestSlots = 1 << 10, LargestSlots = 1 << 21, SlotBytes = 32;

    private Slot[] _slots = new Slot[SmallestSlots];
    private int _entered;

    /// <summary>The row that has the key at the moment, if the cache knows; otherwise a ticket for <see cref="Enter"/>.</summary>
    public bool TryGet(long key, long sequence, out long rowId, out Ticket ticket)
    {
        Slot[] slots = Volatile.Read(ref _slots);
        ref Slot slot = ref slots[SlotOf(key, slots.Length)];
        long version = Volatile.Read(ref slot.Version);
        ticket = new Ticket(slots, version);
        long foundKey = slot.Key, begin = slot.Begin;
        rowId = slot.RowId - 1;
        Thread.MemoryBarrier();
        return foundKey == key && rowId >= 0 && begin <= sequence && (version & 1) == 0 && Volatile.Read(ref slot.Version) == version;
    }

    /// <summary>Notes what a look at the index's parts, begun after the ticket was given, found to be the key's row as of the newest change.</summary>
    public void Enter(long key, long rowId, long begin, Ticket ticket)
    {
        if ((ticket.Version & 1) != 0) return;
        ref Slot slot = ref ticket.Slots[SlotOf(key, ticket.Slots.Length)];
        if (Interlocked.CompareExchange(ref slot.Version, ticket.Version + 1, ticket.Version) != ticket.Version) return;
        (slot.Key, slot.RowId, slot.Begin) = (key, rowId + 1, begin);
        Volatile.Write(ref slot.Version, ticket.Version + 2);
        if (Interlocked.Increment(ref _entered) > ticket.Slots.Length * 2 && ReferenceEquals(ticket.Slots, _slots)) Grow(ticket.Slots);
    }

    /// <summary>The committer's: the key's row gives it up.</summary>
    public void End(long key)
    {
        Slot[] slots = _slots;
        ref Slot slot = ref slots[SlotOf(key, slots.Length)];
        long version;
        var wait = new SpinWait();
        while (((version = Volatile.Read(ref slot.Version)) & 1) != 0 || Interlocked.CompareExchange(ref slot.Version, version + 1, version) != version) wait.SpinOnce();
        slot.RowId = 0;
        Volatile.Write(ref slot.Version, version + 2);
        // Replaced by larger ones while we were at it: those began empty, but may have the key by now.
        if (!ReferenceEquals(slots, Volatile.Read(ref _slots))) End(key);
    }

    /// <summary>Every row gives its key up.</summary>
    public void Clear()
    {
        _entered = 0;
        Volatile.Write(ref _slots, new Slot[_slots.Length]);
    }

    private static int SlotOf(long key, int slots) => (int)((ulong)(key * -0x61C8864680B583EBL) >> (64 - BitOperations.Log2((uint)slots)));

    private void Grow(Slot[] slots)
    {
        Interlocked.Exchange(ref _entered, 0);
        long bytes = slots.Length * 3L * SlotBytes;
        if (slots.Length >= LargestSlots || account.UsedBytes + bytes > account.LimitBytes / 2) return;
        if (ReferenceEquals(Interlocked.CompareExchange(ref _slots, new Slot[slots.Length * 4], slots), slots)) account.Add(bytes);
    }

    /// <summary>The slots and the version that a key's slot had before the look-up.</summary>
    public readonly record struct Ticket(Slot[] Slots, long Version);

    public struct Slot
    {
        /// <summary>The row + 1; 0 for none.</summary>
        public long Key, RowId, Begin, Version;
    }
}
