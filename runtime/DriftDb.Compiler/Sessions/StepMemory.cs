using DriftDb.Runtime;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// The memory that a run of a query needs: its context with two arenas, its result buffer. Pinned blocks are expensive to allocate (they live on a heap
/// of their own), so a session keeps a few of these for its next statements.
/// </summary>
internal sealed class StepMemory(CompiledQuery query, QueryContext context)
{
    /// <summary>What keeps a session's memory small: larger buffers are given to the collector.</summary>
    public const long LargestKeptBytes = 256 * 1024;

    public CompiledQuery Query { get; } = query;

    public QueryContext Context { get; } = context;

    public TupleBuffer Rows { get; } = new(query.OutputLayout);
}
