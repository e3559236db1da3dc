using DriftDb.Types;

namespace DriftDb.Storage;

/// <summary>
/// Rows that are committed and not yet in a snapshot can't leave memory, so there is a limit to them: at half of it a checkpoint begins, and behind it those who bring many rows wait for the checkpoint.
/// </summary>
public sealed partial class DriftStore
{
    private const int PressurePollMs = 5, LongestWaitMs = 60_000;

    /// <summary>Log since the last checkpoint, which is about what its rows take in memory.</summary>
    private long UnsavedBytes => _log!.WrittenBytes - Volatile.Read(ref _checkpointedBytes);

    /// <summary>Changed ends and places are large pieces for small changes, so they are saved only together with some log.</summary>
    private bool IsCheckpointDue => UnsavedBytes >= CheckpointThresholdBytes || (Memory.Changed.IsOver && UnsavedBytes >= Math.Min(SmallestCheckpointBytes, CheckpointThresholdBytes));

    private const long SmallestCheckpointBytes = 4 << 20;

    /// <summary>Log after which a checkpoint begins in the background.</summary>
    private long CheckpointThresholdBytes => Math.Min(_options.CheckpointBytes, Memory.Unsaved.LimitBytes / 2);

    private const int SmallestHeapBytes = 1 << 20, LargestHeapBytes = 16 << 20, PiecesInBudget = 192;

    /// <summary>What a column of a chunk may take in bytes of values: pieces come and go as wholes, so the smaller the budget, the smaller they are.</summary>
    internal int ChunkHeapBytes { get; }

    private int _spilledFiles;
    private long _spillAgainBytes;

    /// <summary>
    /// Called under the commit lock (and in recovery) while events are applied: where a transaction brings more than may be unsaved, or commits outrun the checkpoint, sealed chunks go to temporary files. A disk that refuses
    /// doesn't end the commit, which is in the log already: the chunks stay, and it is tried again when as much has come again.
    /// </summary>
    private void SpillChunks()
    {
        long used = Memory.Unsaved.UsedBytes, limit = Memory.Unsaved.LimitBytes;
        if (used <= limit / 2 || used < _spillAgainBytes || !CanSpill) return;
        try
        {
            foreach (StorageTable table in _tables.Values) table.Spill(_files, _options.Random, ref _spilledFiles);
            _spillAgainBytes = 0;
        }
        catch (Exception exception) when (exception is IOException or SqlException or UnauthorizedAccessException)
        {
            _spillAgainBytes = used + limit;
        }
    }

    private const int LongestIndexWaitMs = 2_000;

    private long _waitForIndexesAgainBytes;

    /// <summary>Under the commit lock, while a transaction is applied that outruns the thread that writes indexes' deltas. That thread needs the lock when a file is damaged, so the wait has an end.</summary>
    private void WaitForIndexes()
    {
        MemoryAccount account = Memory.IndexPages;
        if (account.UsedBytes <= account.LimitBytes + account.LimitBytes / 4 || account.UsedBytes < _waitForIndexesAgainBytes || !HasFrozenDeltas) return;
        _waitForIndexesAgainBytes = SpinWait.SpinUntil(() => account.UsedBytes <= account.LimitBytes || !HasFrozenDeltas, LongestIndexWaitMs) ? 0 : account.UsedBytes + account.LimitBytes;
    }

    private bool HasFrozenDeltas
    {
        get
        {
            lock (_spillLatch) return _isSpilling || _indexesToSpill.Count > 0;
        }
    }

    /// <summary>Whether those who write many rows may go on.</summary>
    internal bool HasRoom => IsVolatile || _maintenanceThread is null || UnsavedBytes <= Memory.Unsaved.LimitBytes;

    /// <summary>Called while many rows are written, on a thread that may wait.</summary>
    internal void WaitForRoom()
    {
        Interlocked.Increment(ref _waitingForCheckpoint);
        using IDisposable? hurry = _throttle?.Hurry();
        for (int waitedMs = 0; waitedMs < LongestWaitMs && !HasRoom; waitedMs += PressurePollMs)
        {
            if (_stopMaintenance.Wait(PressurePollMs)) break;
        }

        Interlocked.Decrement(ref _waitingForCheckpoint);
    }
}
