using System.Diagnostics;

namespace DriftDb.Storage;

/// <summary>Keeps work in the background to so many bytes a second, so that the disk is free for commits. Off while somebody waits for the work to end.</summary>
internal sealed class Throttle(long bytesPerSecond, WaitHandle stop)
{
    /// <summary>What may be written at once, before the pace is looked at.</summary>
    private const long BurstBytes = 1 << 20;

    private readonly long _started = Stopwatch.GetTimestamp();
    private long _bytes;
    private int _waiting;

    /// <summary>Somebody waits for what the throttle holds back, until this is disposed of.</summary>
    public IDisposable Hurry() => new Hurrying(this);

    /// <summary>Waits until these bytes fit. Throws <see cref="OperationCanceledException"/> when the store closes meanwhile.</summary>
    public void Take(long lengthBytes)
    {
        if (bytesPerSecond <= 0) return;
        _bytes += lengthBytes;
        while (Volatile.Read(ref _waiting) == 0)
        {
            double elapsed = Stopwatch.GetElapsedTime(_started).TotalSeconds;
            double ahead = (_bytes - BurstBytes) / (double)bytesPerSecond - elapsed;
            if (ahead <= 0) break;
            if (stop.WaitOne(TimeSpan.FromSeconds(Math.Min(ahead, 0.1)))) throw new OperationCanceledException("the store is closing");
        }
    }

    private sealed class Hurrying : IDisposable
    {
        private Throttle? _throttle;

        public Hurrying(Throttle throttle)
        {
            _throttle = throttle;
            Interlocked.Increment(ref throttle._waiting);
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _throttle, null) is { } throttle) Interlocked.Decrement(ref throttle._waiting);
        }
    }
}
