namespace DriftDb.Server;

/// <summary>
/// Threads for work that isn't short, with stacks deep enough for deep expressions. A few stay; more come while all are busy, for a thread here may wait
/// for what another session does, and go again after some idle seconds.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    private const int StackBytes = 16 * 1024 * 1024;
    private const int IdleMs = 10_000;

    [ThreadStatic]
    private static bool t_isWorker;

    private readonly Queue<Connection> _queue = new();
    private readonly object _gate = new();
    private readonly int _keep;
    private readonly int _most;
    private int _threads, _idle, _count;
    private bool _isDisposed;

    /// <param name="keep">Threads that stay when there is nothing to do.</param>
    /// <param name="most">Threads at most.</param>
    public WorkerPool(int keep, int most) => (_keep, _most) = (keep, Math.Max(keep, most));

    /// <summary>Whether the present thread is one of these, which may be used for long.</summary>
    public static bool IsWorkerThread => t_isWorker;

    /// <summary>Whether someone waits for a thread: a run whose time slice is over makes room then.</summary>
    public bool HasWaiting
    {
        get { lock (_gate) return _queue.Count > 0; }
    }

    /// <summary>Has the connection go on on a worker.</summary>
    public void Queue(Connection connection)
    {
        lock (_gate)
        {
            _queue.Enqueue(connection);
            if (_idle >= _queue.Count || _threads >= _most)
            {
                Monitor.Pulse(_gate);
                return;
            }

            _threads++;
        }

        new Thread(Run, StackBytes) { IsBackground = true, Name = $"driftdb worker {Interlocked.Increment(ref _count)}" }.Start();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Run()
    {
        t_isWorker = true;
        while (Next() is { } connection) connection.Signal(Signals.Worker);
    }

    /// <summary>The next connection to serve; null when the thread should end.</summary>
    private Connection? Next()
    {
        lock (_gate)
        {
            while (true)
            {
                if (_queue.TryDequeue(out var connection)) return connection;
                if (_isDisposed) break;
                _idle++;
                bool signalled = Monitor.Wait(_gate, IdleMs);
                _idle--;
                if (!signalled && _queue.Count == 0 && _threads > _keep) break;
            }

            _threads--;
            return null;
        }
    }
}
