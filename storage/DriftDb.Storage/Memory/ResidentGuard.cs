namespace DriftDb.Storage;

/// <summary>
/// Keeps the process's resident memory near its budget. What is counted is bounded by the counters; what isn't (garbage that the collector has no reason to look for, heaps that it keeps for later) shows in the resident size
/// alone, so a thread looks at that, and has memory given back when it comes close to the budget.
/// </summary>
/// <remarks>
/// A hard limit of the collector's (GCHeapHardLimit) would keep the size, too, but by an OutOfMemoryException wherever the next allocation happens to be: in the middle of a commit, that is the end of the process.
/// </remarks>
public sealed class ResidentGuard : IDisposable
{
    private const int PollMs = 10;

    private const long FirstIdleMs = 1_000, LongestIdleMs = 60_000;

    /// <summary>A collection is worth its pause only when so much has been allocated since the last.</summary>
    private const long SmallestAllocatedBytes = 8L << 20;

    private readonly MemoryBudget _budget;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;

    public ResidentGuard(MemoryBudget budget)
    {
        _budget = budget;
        _thread = new Thread(Watch) { Name = "DriftDB memory guard", IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Watch()
    {
        long near = _budget.LengthBytes / 100 * 85;
        long closest = Math.Max(SmallestAllocatedBytes, _budget.LengthBytes / 32), spacing = closest, allocated = 0, last = 0, idleMs = FirstIdleMs;
        while (!_stop.Wait(PollMs))
        {
            if (Environment.WorkingSet < near) continue;
            // What lies on disk anyway goes first: it costs no pause, and what is still needed comes back.
            Types.NativeMemoryPool.Swap?.PageOutAll();
            if (Environment.WorkingSet < near) continue;
            long now = GC.GetTotalAllocatedBytes();
            bool isIdle = Environment.TickCount64 - last > idleMs;
            if (now - allocated < spacing && !isIdle) continue;
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Types.NativeMemoryPool.Trim();
            allocated = GC.GetTotalAllocatedBytes();
            // What is left is in use: looking again soon would cost time and give nothing. Above the budget time doesn't count.
            long resident = Environment.WorkingSet;
            bool hasHelped = resident < near;
            spacing = hasHelped || resident > _budget.LengthBytes ? closest : Math.Min(2 * spacing, Math.Max(closest, _budget.LengthBytes / 8));
            // Readers that have gone since may have left something even where nothing is allocated any more.
            idleMs = hasHelped || !isIdle ? FirstIdleMs : Math.Min(2 * idleMs, LongestIdleMs);
            last = Environment.TickCount64;
        }
    }
}
