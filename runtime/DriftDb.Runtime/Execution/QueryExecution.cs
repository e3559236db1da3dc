using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Runtime;

public enum ExecutionStatus
{
    /// <summary>Rows came out (or some work was done); call again.</summary>
    MoreRows,
    /// <summary>There are no more rows.</summary>
    Done,
    /// <summary>A lock is held by another: roll back to the statement's mark, wait for the transaction's PendingWait, start the statement again.</summary>
    MustWait,
    /// <summary>A row was changed after the snapshot: roll back to the mark and start again with a new one.</summary>
    Changed,
}

/// <summary>One run of a query: a cursor that is pulled at the top and pushes inside.</summary>
public abstract class QueryExecution : IDisposable
{
    /// <summary>Rows inserted, updated or deleted so far by the statement's own modification.</summary>
    public long RowsAffected { get; protected set; }

    /// <summary>What each plan node did so far, when <see cref="CompileOptions.Profiling"/> asked for it; else null. Keyed by reference.</summary>
    public virtual IReadOnlyDictionary<PhysicalPlan, NodeCounter>? Counters => null;

    /// <summary>
    /// Appends result rows (the caller clears the buffer) until at least <paramref name="maxRows"/> have come out of this call or there are no more. A morsel is never split, so more may come;
    /// they stay valid as long as the buffer isn't cleared.
    /// </summary>
    public abstract ExecutionStatus Next(TupleBuffer output, int maxRows);

    public abstract void Dispose();
}

/// <summary>What one plan node did, summed over its loops. A nested plan's node loops once for each run; one that never ran has no loops.</summary>
/// <param name="Rows">Rows put out.</param>
/// <param name="Loops">How often it was started.</param>
public readonly record struct NodeCounter(long Rows, long Loops)
{
    /// <summary>Time until the first row and until the last, with the node's inputs; 0 unless times were asked for.</summary>
    public double StartupMs { get; init; }

    public double TotalMs { get; init; }

    /// <summary>The time with that of whoever took the rows: until a hash table over them stands.</summary>
    public double TotalWithConsumerMs { get; init; }

    /// <summary>Rows that a scan looked at, before its own filter.</summary>
    public long RowsRead { get; init; }

    /// <summary>The most memory that the rows took which the node keeps (sort, hash table); null when it keeps none.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Versions, living and dead, that a scan of a table looked at; null for other nodes.</summary>
    public long? VersionsVisited { get; init; }

    /// <summary>What of them left memory.</summary>
    public SpillFigures Spilled { get; init; }

    /// <summary>Buckets of the node's hash table; null when it has none.</summary>
    public int? Buckets { get; init; }
}
