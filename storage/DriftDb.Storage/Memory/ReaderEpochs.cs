namespace DriftDb.Storage;

/// <summary>
/// Keeps memory that slices may point into until every reader that could have an address in it has moved on (epoch-based reclamation, Fraser 2004). An address keeps nothing alive (decision 0004), and rows on their way
/// through a query carry slices into chunks' heaps; so a heap that leaves a chunk waits here for two changes of epoch, each of which waits for the readers of the epoch before. Scans hold the arrays that they point into by reference, and operators copy what they keep, so a
/// running query enters anew between morsels.
/// </summary>
internal sealed class ReaderEpochs
{
    private readonly Lock _latch = new();
    private readonly Queue<(long Epoch, object Memory)> _retired = new();
    private long _epoch;
    private Counters _active;

    /// <summary>A transaction begins; give what this returns to <see cref="Exit"/>.</summary>
    public int Enter()
    {
        int slot = (int)(Volatile.Read(ref _epoch) & 1);
        Interlocked.Increment(ref slot == 0 ? ref _active.Even : ref _active.Odd);
        return slot;
    }

    public void Exit(int slot)
    {
        long left = Interlocked.Decrement(ref slot == 0 ? ref _active.Even : ref _active.Odd);
        if (left == 0 && _retired.Count > 0) Advance();
    }

    /// <summary>A reader that has no addresses at this moment, but what it holds by reference, goes over to the newest epoch: a long statement would keep everything otherwise.</summary>
    public void Refresh(ref int slot)
    {
        if (_retired.Count == 0) return;
        Exit(slot);
        slot = Enter();
    }

    /// <summary>Keeps it until the transactions of now have ended; what can be disposed of is, then.</summary>
    public void Retire(object memory)
    {
        lock (_latch) _retired.Enqueue((_epoch, memory));
        Advance();
    }

    private void Advance()
    {
        lock (_latch)
        {
            for (int turns = 0; turns < 2 && _retired.Count > 0; turns++)
            {
                // The other slot belongs to the epoch before this one, and will to the next.
                if (Volatile.Read(ref (_epoch & 1) == 0 ? ref _active.Odd : ref _active.Even) != 0) break;
                Volatile.Write(ref _epoch, _epoch + 1);
            }

            while (_retired.Count > 0 && _retired.Peek().Epoch + 2 <= _epoch) (_retired.Dequeue().Memory as IDisposable)?.Dispose();
        }
    }

    /// <summary>Each on a cache line of its own.</summary>
    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit, Size = 192)]
    private struct Counters
    {
        [System.Runtime.InteropServices.FieldOffset(0)] public long Even;
        [System.Runtime.InteropServices.FieldOffset(128)] public long Odd;
    }
}
