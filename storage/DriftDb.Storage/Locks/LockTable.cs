using DriftDb.Types;

namespace DriftDb.Storage;

internal enum LockKind : byte
{
    Row,
    Key,
    Table,
}

/// <summary>What is locked: a row (table, row id), a key of a unique index (index, 64-bit hash), a table.</summary>
internal readonly record struct LockKey(LockKind Kind, long Owner, long Item)
{
    public bool Equals(LockKey other) => Item == other.Item && Owner == other.Owner && Kind == other.Kind;

    public override int GetHashCode() => (int)(((ulong)Item * 0x9E37_79B9_7F4A_7C15UL ^ (ulong)Owner * 0xC2B2_AE3D_27D4_EB4FUL ^ (ulong)Kind) >> 29);
}

/// <summary>
/// All locks of the database. Nothing blocks here: a request that can't be granted is queued, and its transaction is called back. A deadlock is found when the wait that closes the circle is queued, and
/// that request fails. One latch guards everything; it is never held across a callback.
/// </summary>
/// <param name="singleLocks">Row and key locks of a transaction that have entries from the start; those behind them are kept as <see cref="ManyLocks"/>.</param>
internal sealed class LockTable(int singleLocks)
{
    /// <summary>Conflicts of row modes (PostgreSQL documentation, 13.3.2): bit m of entry n = mode m conflicts with n.</summary>
    private static readonly byte[] RowConflicts = [0b1000, 0b1100, 0b1110, 0b1111];

    /// <summary>Conflicts of table modes (PostgreSQL documentation, 13.3.1).</summary>
    private static readonly byte[] TableConflicts =
        [0b1000_0000, 0b1100_0000, 0b1111_0000, 0b1111_1000, 0b1110_1100, 0b1111_1100, 0b1111_1110, 0b1111_1111];

    private readonly Lock _latch = new();
    private readonly Dictionary<LockKey, LockEntry> _entries = [];
    private readonly Stack<LockEntry> _pool = new();

    /// <summary>Who has many locks, by the table or index that they are of. Where a lock has an entry, all who hold it are there.</summary>
    private readonly Dictionary<(LockKind Kind, long Owner), List<ManyLocks>> _many = [];

    /// <summary>Asks for a lock; when it isn't free, queues (<paramref name="wait"/> is then what to wait for) or, if told so, doesn't.</summary>
    public LockOutcome Acquire(StoreTransaction transaction, LockKey key, byte mode, LockWait policy, out LockWaiter? wait)
    {
        wait = null;
        List<LockWaiter>? granted = null;
        LockOutcome outcome;
        lock (_latch)
        {
            // A statement that is run again without having waited gives its place up.
            if (transaction.CurrentWait is { } stale)
            {
                stale.Entry.Waiters.Remove(stale);
                transaction.CurrentWait = null;
                WakeWaiters(stale.Entry, ref granted);
            }

            outcome = AcquireLocked(transaction, key, mode, policy, out wait);
        }

        if (granted is not null)
        {
            foreach (LockWaiter waiter in granted) waiter.Notify();
        }

        return outcome;
    }

    private LockOutcome AcquireLocked(StoreTransaction transaction, LockKey key, byte mode, LockWait policy, out LockWaiter? wait)
    {
        wait = null;
        if (key.Kind != LockKind.Table && (_many.Count > 0 || transaction.HeldLocks.Count >= singleLocks) && !_entries.ContainsKey(key) && TryAcquireAmongMany(transaction, key, mode)) return LockOutcome.Granted;
        ref LockEntry? entry = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_entries, key, out bool exists);
        if (!exists) entry = _pool.TryPop(out LockEntry? pooled) ? pooled : new LockEntry();
        LockEntry found = entry!;
        found.Key = key;
        int held = found.IndexOf(transaction);
        if (held >= 0 && Covers(key.Kind, found.Modes[held], mode)) return LockOutcome.Granted;
        // A new request queues behind earlier waiters it conflicts with, so that they don't starve; a holder that asks for more passes them.
        if (!Conflicts(found, transaction, key.Kind, mode) && (held >= 0 || !ConflictsWithWaiters(found, key.Kind, mode)))
        {
            Grant(found, held, transaction, mode);
            return LockOutcome.Granted;
        }

        if (policy != LockWait.Wait) return LockOutcome.Skipped;
        wait = new LockWaiter(this, transaction, found, mode);
        if (held >= 0) found.Waiters.Insert(0, wait);
        else found.Waiters.Add(wait);
        transaction.CurrentWait = wait;
        if (FindCycle(wait) is { } cycle)
        {
            found.Waiters.Remove(wait);
            transaction.CurrentWait = null;
            throw Deadlock(cycle);
        }

        return LockOutcome.MustWait;
    }

    /// <summary>A lock without an entry: granted at once when nobody else has it. If somebody has, it gets its entry, and false comes back.</summary>
    private bool TryAcquireAmongMany(StoreTransaction transaction, in LockKey key, byte mode)
    {
        byte? own = null;
        if (_many.TryGetValue((key.Kind, key.Owner), out List<ManyLocks>? many))
        {
            bool isShared = false;
            foreach (ManyLocks locks in many)
            {
                if (locks.ModeOf(key) is not { } held) continue;
                if (ReferenceEquals(locks.Transaction, transaction)) own = held;
                else isShared = true;
            }

            if (isShared)
            {
                Expose(many, key);
                return false;
            }
        }

        if (own is { } before)
        {
            if (!Covers(key.Kind, before, mode)) transaction.ManyLocks!.Raise(key, mode);
            return true;
        }

        if (transaction.HeldLocks.Count < singleLocks) return false;
        ManyLocks mine = transaction.ManyLocks ??= new ManyLocks(transaction);
        if (many is null) _many.Add((key.Kind, key.Owner), many = []);
        if (!many.Contains(mine)) many.Add(mine);
        mine.Add(key, mode);
        return true;
    }

    /// <summary>Gives a lock its entry. Its holders leave it with their other many locks, so it isn't among the held ones that stand in order.</summary>
    private void Expose(List<ManyLocks> many, in LockKey key)
    {
        LockEntry entry = _pool.TryPop(out LockEntry? pooled) ? pooled : new LockEntry();
        entry.Key = key;
        foreach (ManyLocks locks in many)
        {
            if (locks.ModeOf(key) is not { } mode) continue;
            entry.Add(locks.Transaction, mode);
            locks.Expose(entry);
        }

        _entries.Add(key, entry);
    }

    /// <summary>Releases many locks but the first <paramref name="kept"/>.</summary>
    private void ReleaseMany(StoreTransaction transaction, int kept, ref List<LockWaiter>? granted)
    {
        if (transaction.ManyLocks is not { } locks) return;
        if (kept > 0)
        {
            while (locks.Count > kept)
            {
                if (locks.RemoveLast() is not { } key) continue;
                LockEntry entry = _entries[key];
                locks.Entries.Remove(entry);
                Release(entry, transaction, ref granted);
            }

            return;
        }

        foreach (LockEntry entry in locks.Entries) Release(entry, transaction, ref granted);
        foreach ((LockKind Kind, long Owner) owner in locks.Owners)
        {
            List<ManyLocks> many = _many[owner];
            many.Remove(locks);
            if (many.Count == 0) _many.Remove(owner);
        }

        locks.Clear();
        transaction.ManyLocks = null;
    }

    /// <summary>Whether someone else holds a conflicting lock; nothing is taken or queued.</summary>
    public bool IsFree(StoreTransaction transaction, LockKey key, byte mode)
    {
        lock (_latch)
        {
            if (_entries.TryGetValue(key, out LockEntry? entry)) return !Conflicts(entry, transaction, key.Kind, mode);
            if (!_many.TryGetValue((key.Kind, key.Owner), out List<ManyLocks>? many)) return true;
            foreach (ManyLocks locks in many)
            {
                if (!ReferenceEquals(locks.Transaction, transaction) && locks.ModeOf(key) is { } held && ConflictsWith(key.Kind, held, mode)) return false;
            }

            return true;
        }
    }

    /// <summary>Releases all locks of a transaction that ends, and wakes whom that lets through.</summary>
    public void ReleaseAll(StoreTransaction transaction)
    {
        List<LockWaiter>? granted = null;
        lock (_latch)
        {
            if (transaction.CurrentWait is { } waiting)
            {
                waiting.Entry.Waiters.Remove(waiting);
                WakeWaiters(waiting.Entry, ref granted);
                transaction.CurrentWait = null;
            }

            foreach (LockEntry entry in transaction.HeldLocks)
            {
                Release(entry, transaction, ref granted);
            }

            transaction.HeldLocks.Clear();
            ReleaseMany(transaction, 0, ref granted);
        }

        if (granted is null) return;
        foreach (LockWaiter waiter in granted) waiter.Notify();
    }

    /// <summary>Releases the locks of rows and keys that a transaction took after it had <paramref name="kept"/>; those of tables stay until its end.</summary>
    public void ReleaseSince(StoreTransaction transaction, int kept, int keptMany)
    {
        List<LockWaiter>? granted = null;
        lock (_latch)
        {
            List<LockEntry> held = transaction.HeldLocks;
            int place = kept;
            for (int i = kept; i < held.Count; i++)
            {
                LockEntry entry = held[i];
                if (entry.Key.Kind == LockKind.Table)
                {
                    held[place++] = entry;
                    continue;
                }

                Release(entry, transaction, ref granted);
            }

            if (place < held.Count) held.RemoveRange(place, held.Count - place);
            ReleaseMany(transaction, keptMany, ref granted);
        }

        if (granted is null) return;
        foreach (LockWaiter waiter in granted) waiter.Notify();
    }

    internal bool Cancel(LockWaiter waiter)
    {
        List<LockWaiter>? granted = null;
        lock (_latch)
        {
            if (waiter.IsGrantedLocked || !waiter.Entry.Waiters.Remove(waiter)) return false;
            waiter.Transaction.CurrentWait = null;
            WakeWaiters(waiter.Entry, ref granted);
            Drop(waiter.Entry);
        }

        if (granted is not null)
        {
            foreach (LockWaiter other in granted) other.Notify();
        }

        return true;
    }

    internal bool AddCallback(LockWaiter waiter, Action callback)
    {
        lock (_latch)
        {
            if (waiter.IsGrantedLocked) return false;
            waiter.Callback = callback;
            return true;
        }
    }

    private static bool Covers(LockKind kind, byte held, byte wanted) => kind switch
    {
        LockKind.Row => held >= wanted,
        // Table modes aren't a ladder (SHARE and ROW EXCLUSIVE conflict crosswise): held bits are a set.
        LockKind.Table => (held & (1 << wanted)) != 0,
        _ => true,
    };

    private static bool Conflicts(LockEntry entry, StoreTransaction transaction, LockKind kind, byte mode)
    {
        for (int i = 0; i < entry.Count; i++)
        {
            if (!ReferenceEquals(entry.Holders[i], transaction) && ConflictsWith(kind, entry.Modes[i], mode)) return true;
        }

        return false;
    }

    /// <summary>Held row modes are a number, held table modes a set of bits.</summary>
    private static bool ConflictsWith(LockKind kind, byte held, byte wanted) => kind switch
    {
        LockKind.Row => (RowConflicts[wanted] & (1 << held)) != 0,
        LockKind.Table => (TableConflicts[wanted] & held) != 0,
        _ => true,
    };

    private static bool ConflictsWithWaiters(LockEntry entry, LockKind kind, byte mode)
    {
        foreach (LockWaiter waiter in entry.Waiters)
        {
            if (ConflictsWith(kind, kind == LockKind.Table ? (byte)(1 << waiter.Mode) : waiter.Mode, mode)) return true;
        }

        return false;
    }

    private static void Grant(LockEntry entry, int held, StoreTransaction transaction, byte mode)
    {
        byte stored = entry.Key.Kind == LockKind.Table ? (byte)(1 << mode) : mode;
        if (held < 0)
        {
            entry.Add(transaction, stored);
            transaction.HeldLocks.Add(entry);
        }
        else if (entry.Key.Kind == LockKind.Table) entry.Modes[held] |= stored;
        else entry.Modes[held] = Math.Max(entry.Modes[held], stored);
    }

    private static void WakeWaiters(LockEntry entry, ref List<LockWaiter>? granted)
    {
        for (int i = 0; i < entry.Waiters.Count; i++)
        {
            LockWaiter waiter = entry.Waiters[i];
            if (Conflicts(entry, waiter.Transaction, entry.Key.Kind, waiter.Mode)) return; // first come, first served
            entry.Waiters.RemoveAt(i--);
            Grant(entry, entry.IndexOf(waiter.Transaction), waiter.Transaction, waiter.Mode);
            waiter.Transaction.CurrentWait = null;
            waiter.IsGrantedLocked = true;
            (granted ??= []).Add(waiter);
        }
    }

    private void Release(LockEntry entry, StoreTransaction transaction, ref List<LockWaiter>? granted)
    {
        entry.Remove(transaction);
        if (entry.Waiters.Count > 0) WakeWaiters(entry, ref granted);
        Drop(entry);
    }

    private void Drop(LockEntry entry)
    {
        if (entry.Count > 0 || entry.Waiters.Count > 0) return;
        _entries.Remove(entry.Key);
        if (_pool.Count < 1024) _pool.Push(entry);
    }

    /// <summary>Follows who waits for whom from a new waiter; returns the waiters of the circle it closes.</summary>
    private static List<LockWaiter>? FindCycle(LockWaiter start)
    {
        var path = new List<LockWaiter>();
        var seen = new HashSet<StoreTransaction>();
        return Visit(start) ? path : null;

        bool Visit(LockWaiter waiter)
        {
            path.Add(waiter);
            foreach (StoreTransaction blocker in BlockersOf(waiter))
            {
                if (ReferenceEquals(blocker, start.Transaction)) return true;
                if (seen.Add(blocker) && blocker.CurrentWait is { } next && Visit(next)) return true;
            }

            path.RemoveAt(path.Count - 1);
            return false;
        }
    }

    private static IEnumerable<StoreTransaction> BlockersOf(LockWaiter waiter)
    {
        LockEntry entry = waiter.Entry;
        for (int i = 0; i < entry.Count; i++)
        {
            if (!ReferenceEquals(entry.Holders[i], waiter.Transaction) && ConflictsWith(entry.Key.Kind, entry.Modes[i], waiter.Mode)) yield return entry.Holders[i]!;
        }

        foreach (LockWaiter earlier in entry.Waiters)
        {
            if (ReferenceEquals(earlier, waiter)) yield break;
            yield return earlier.Transaction;
        }
    }

    private static SqlException Deadlock(List<LockWaiter> cycle)
    {
        var detail = new System.Text.StringBuilder();
        for (int i = 0; i < cycle.Count; i++)
        {
            StoreTransaction blocker = cycle[(i + 1) % cycle.Count].Transaction;
            if (i > 0) detail.Append('\n');
            detail.Append(System.Globalization.CultureInfo.InvariantCulture, $"Process {cycle[i].Transaction.ProcessId} waits for {cycle[i].Description}; blocked by process {blocker.ProcessId}.");
        }

        return new SqlException(SqlState.DeadlockDetected, "deadlock detected", detail: detail.ToString(), hint: "See server log for query details.");
    }
}

/// <summary>One locked thing: who holds it how, and who waits, in order.</summary>
internal sealed class LockEntry
{
    public LockKey Key;
    public StoreTransaction?[] Holders = new StoreTransaction?[1];
    public byte[] Modes = new byte[1];
    public int Count;
    public readonly List<LockWaiter> Waiters = [];

    public int IndexOf(StoreTransaction transaction)
    {
        for (int i = 0; i < Count; i++)
        {
            if (ReferenceEquals(Holders[i], transaction)) return i;
        }

        return -1;
    }

    public void Add(StoreTransaction transaction, byte mode)
    {
        if (Count == Holders.Length)
        {
            Array.Resize(ref Holders, Count * 2);
            Array.Resize(ref Modes, Count * 2);
        }

        Holders[Count] = transaction;
        Modes[Count++] = mode;
    }

    public void Remove(StoreTransaction transaction)
    {
        int i = IndexOf(transaction);
        Count--;
        Holders[i] = Holders[Count];
        Modes[i] = Modes[Count];
        Holders[Count] = null;
    }
}

/// <summary>A request in a lock's queue.</summary>
internal sealed class LockWaiter(LockTable locks, StoreTransaction transaction, LockEntry entry, byte mode) : PendingWait
{
    public StoreTransaction Transaction => transaction;

    public LockEntry Entry => entry;

    public byte Mode => mode;

    /// <summary>Written under the table's latch.</summary>
    public bool IsGrantedLocked { get; set; }

    public Action? Callback { get; set; }

    public override bool IsGranted => IsGrantedLocked;

    /// <summary>PostgreSQL waits for the transaction that holds a row or key, in SHARE mode; for a table it names the mode.</summary>
    public override string Description => entry.Key.Kind switch
    {
        LockKind.Table => $"{(TableLockMode)mode}Lock on relation {entry.Key.Owner} of database 0",
        _ => $"ShareLock on transaction {(entry.Count > 0 ? entry.Holders[0]!.Id : 0)}",
    };

    public override void OnGranted(Action callback)
    {
        if (!locks.AddCallback(this, callback)) callback();
    }

    public override bool Cancel() => locks.Cancel(this);

    public void Notify() => Callback?.Invoke();
}
