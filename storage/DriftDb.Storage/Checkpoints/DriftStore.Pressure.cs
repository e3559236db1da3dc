namespace DriftDb.Storage;

/// <summary>
/// Rows that are committed and not yet in a snapshot can't leave memory, so there is a limit to them: at half of it a checkpoint begins, and behind it those who bring many rows wait for the checkpoint.
/// </summary>
public sealed partial class DriftStore
{
    private const int PressurePollMs = 5, LongestWaitMs = 60_000;

    /// <summary>Log since the last checkpoint, which is about what its rows take in memory.</summary>
    private long UnsavedBytes => _log!.WrittenBytes - Volatile.Read(ref _checkpointedBytes);

    /// <summary>Log after which a checkpoint begins in the background.</summary>
    private long CheckpointThresholdBytes => Math.Min(_options.CheckpointBytes, Memory.Unsaved.LimitBytes / 2);

    /// <summary>Called before many rows are written, on a thread that may wait.</summary>
    internal void WaitForRoom()
    {
        if (IsVolatile || _maintenanceThread is null || UnsavedBytes <= Memory.Unsaved.LimitBytes) return;
        Interlocked.Increment(ref _waitingForCheckpoint);
        using IDisposable? hurry = _throttle?.Hurry();
        for (int waitedMs = 0; waitedMs < LongestWaitMs && UnsavedBytes > Memory.Unsaved.LimitBytes; waitedMs += PressurePollMs)
        {
            if (_stopMaintenance.Wait(PressurePollMs)) break;
        }

        Interlocked.Decrement(ref _waitingForCheckpoint);
    }
}
