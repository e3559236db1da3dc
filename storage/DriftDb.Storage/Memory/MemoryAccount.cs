namespace DriftDb.Storage;

/// <summary>One consumer's part of the budget: it counts what it holds, and lets go (or makes others wait) while <see cref="IsOver"/>.</summary>
public sealed class MemoryAccount(string name, long limitBytes)
{
    private long _usedBytes;

    public string Name => name;

    public long LimitBytes => limitBytes;

    public long UsedBytes => Volatile.Read(ref _usedBytes);

    public bool IsOver => UsedBytes > limitBytes;

    /// <summary>Counts memory that was taken, or given back when negative.</summary>
    public void Add(long lengthBytes) => Interlocked.Add(ref _usedBytes, lengthBytes);
}
