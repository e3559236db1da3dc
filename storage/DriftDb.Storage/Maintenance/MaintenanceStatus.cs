namespace DriftDb.Storage;

/// <summary>What the store does by itself.</summary>
public enum MaintenanceTask
{
    /// <summary>Log to segments and snapshots.</summary>
    Checkpoint,
    /// <summary>Old versions out of tables with <c>history_retention</c>.</summary>
    Retention,
    /// <summary>Many small segments to few large ones; erasures that a crash interrupted.</summary>
    Compaction,
}

/// <summary>How a task has gone, as <c>drift.maintenance</c> shows it. Times are µs since 2000; 0 for never.</summary>
public sealed record MaintenanceStatus(MaintenanceTask Task)
{
    public long Runs { get; init; }

    public long Failures { get; init; }

    public long LastStarted { get; init; }

    public long LastFinished { get; init; }

    /// <summary>The last failure's message; null after a success.</summary>
    public string? Error { get; init; }

    /// <summary>When a task that failed is tried again.</summary>
    public long RetryAt { get; init; }
}
