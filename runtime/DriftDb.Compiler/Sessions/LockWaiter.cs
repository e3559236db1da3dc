using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>A statement's wait for a lock: ends when the lock is granted, when lock_timeout passes, or when the statement is cancelled.</summary>
internal sealed class LockWaiter
{
    private readonly Lock _gate = new();
    private PendingWait? _wait;
    private Action? _callback;
    private Timer? _timer;
    private SqlException? _failure;
    private bool _granted;

    /// <summary>True from <see cref="Start"/> until the next advance.</summary>
    public bool IsWaiting => _wait is not null;

    public void Start(Session session, PendingWait wait)
    {
        _wait = wait;
        _granted = false;
        _callback = null;
        session.WaitingOn = this;
        long timeoutMs = session.LockTimeoutMs;
        _timer = timeoutMs > 0 ? new Timer(_ => Fail(new SqlException(SqlState.LockNotAvailable, "canceling statement due to lock timeout")), null, timeoutMs, Timeout.Infinite) : null;
        wait.OnGranted(Granted);
    }

    /// <summary>Ends the wait with an error, unless the lock was granted already.</summary>
    public void Fail(SqlException error)
    {
        lock (_gate)
        {
            if (_granted || _wait is null || !_wait.Cancel()) return;
            _failure = error;
        }

        Granted();
    }

    public void OnGranted(Action callback)
    {
        lock (_gate)
        {
            if (!_granted)
            {
                _callback = callback;
                return;
            }
        }

        callback();
    }

    /// <summary>Called when the statement goes on: throws when the wait ended badly.</summary>
    public void ThrowIfFailed()
    {
        if (_wait is null) return;
        _timer?.Dispose();
        _wait = null;
        if (_failure is not { } failure) return;
        _failure = null;
        throw failure;
    }

    private void Granted()
    {
        Action? callback;
        lock (_gate)
        {
            _granted = true;
            callback = _callback;
            _callback = null;
        }

        callback?.Invoke();
    }
}
