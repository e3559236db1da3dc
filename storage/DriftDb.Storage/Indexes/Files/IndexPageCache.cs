namespace DriftDb.Storage;

/// <summary>
/// Pages of index files in memory, under the budget's part for them. A file has its own table of pages, so that finding one takes no lock; when the account is over its limit the oldest pages that nobody used since are
/// let go (CLOCK). Whoever reads a page keeps it by reference.
/// </summary>
internal sealed class IndexPageCache(MemoryAccount account)
{
    private readonly Lock _latch = new();
    private readonly Queue<(WeakReference<IndexFile> File, uint Page, int LengthBytes)> _pages = new();
    private long _reads;

    /// <summary>Pages that were read from files.</summary>
    public long Reads => Volatile.Read(ref _reads);

    public MemoryAccount Account => account;

    /// <summary>A page came into memory.</summary>
    public void Note(IndexFile file, uint page, int lengthBytes)
    {
        account.Add(lengthBytes);
        Interlocked.Increment(ref _reads);
        lock (_latch)
        {
            _pages.Enqueue((file.Self, page, lengthBytes));
            for (int chances = _pages.Count; account.IsOver && _pages.Count > 1; chances--)
            {
                (WeakReference<IndexFile> File, uint Page, int LengthBytes) oldest = _pages.Dequeue();
                if (oldest.File.TryGetTarget(out IndexFile? owner))
                {
                    if (chances > 0 && owner.TakeChance(oldest.Page))
                    {
                        _pages.Enqueue(oldest);
                        continue;
                    }

                    owner.Evict(oldest.Page);
                }

                account.Add(-oldest.LengthBytes);
            }
        }
    }
}
