using System.Diagnostics;
using DriftDb.Plan;

namespace DriftDb.Runtime;

/// <summary>
/// Measures one run of a query, node by node, for EXPLAIN ANALYZE.
/// </summary>
/// <remarks>
/// Nodes of a pipeline are fused into one loop, so that none of them has a beginning and an end of its own. What can be taken is the time of each pipeline's calls, and, where a
/// node hands a row on, the time that whoever takes it needs. A node's time is that of the pipelines that produce it less what its consumer took: inclusive of its inputs, as
/// PostgreSQL's. The clock is read twice a row for the first rows, then for one row in <see cref="SampledOneIn"/> unless rows are so expensive that the clock doesn't matter.
/// </remarks>
internal sealed class PlanProfile
{
    private const int FullyTimedRows = 1_024, SampledOneIn = 16;

    private static readonly long s_expensiveTicks = Math.Max(1, Stopwatch.Frequency / 1_000_000), s_outlierTicks = 32 * s_expensiveTicks;

    private readonly ProfileLayout _layout;
    private readonly NodeState[] _nodes;
    private readonly PipelineState[] _pipelines;

    public PlanProfile(ProfileLayout layout)
    {
        _layout = layout;
        _nodes = new NodeState[layout.Nodes.Count];
        _pipelines = new PipelineState[layout.PipelineCount];
        for (int i = 0; i < _pipelines.Length; i++) _pipelines[i].FirstOf = [];
        for (int i = 0; i < _nodes.Length; i++)
            if (layout.Nodes[i].Pipelines is [var first, ..]) _pipelines[first].FirstOf.Add(i);
    }

    private struct NodeState
    {
        public long Rows, Loops, LookupTicks, RowsRead;

        /// <summary>Time that the takers of this node's rows needed.</summary>
        public long ConsumerTicks;

        /// <summary>Time until the first row, summed over the loops; and the node's time when the current loop began.</summary>
        public long StartupTicks, LoopBase;

        public bool AwaitsFirst, IsExpensive;

        public BufferState? Memory;

        /// <summary>The scan of the current loop, and what those of earlier loops visited.</summary>
        public Storage.VectorSource? Scan;

        public long VisitedBefore;
    }

    private struct PipelineState
    {
        public long Ticks, StartedAt, Rows;

        /// <summary>The nodes of which this is the first pipeline.</summary>
        public List<int> FirstOf;
    }

    // ---- Called by generated code, for each row ----

    /// <summary>A node puts a row out, and only that is counted.</summary>
    public void Count(int node) => _nodes[node].Rows++;

    /// <summary>A node puts a row out; the moment when its consumer begins, or 0 when this row isn't timed.</summary>
    public long Enter(int node)
    {
        ref NodeState state = ref _nodes[node];
        long rows = state.Rows++;
        if (state.AwaitsFirst) NoteFirst(node, ref state, Stopwatch.GetTimestamp());
        if (rows >= FullyTimedRows && !state.IsExpensive && rows % SampledOneIn != 0) return 0;
        return Stopwatch.GetTimestamp();
    }

    /// <summary>The consumer is done with the row.</summary>
    public void Leave(int node, long started)
    {
        if (started == 0) return;
        long ticks = Stopwatch.GetTimestamp() - started;
        ref NodeState state = ref _nodes[node];
        // A rare long one (a hash table that grows) stands for itself, not for its neighbours.
        bool standsForMany = state.Rows > FullyTimedRows && !state.IsExpensive && ticks < s_outlierTicks;
        state.ConsumerTicks += standsForMany ? ticks * SampledOneIn : ticks;
        if (state.Rows == FullyTimedRows) state.IsExpensive = state.ConsumerTicks > FullyTimedRows * s_expensiveTicks;
    }

    /// <summary>Rows that a scan was given but never looked at, since nobody wanted more.</summary>
    public void NotReached(int node, int rows)
    {
        if (rows > 0) _nodes[node].RowsRead -= rows;
    }

    // ---- Called by operators that look rows up ----

    public long BeginLookup(int node)
    {
        _nodes[node].Loops++;
        return _layout.HasTimes ? Stopwatch.GetTimestamp() : 0;
    }

    public void EndLookup(int node, long started, int found)
    {
        ref NodeState state = ref _nodes[node];
        state.RowsRead += found;
        if (started != 0) state.LookupTicks += Stopwatch.GetTimestamp() - started;
    }

    // ---- Called by the running plan, for each morsel ----

    /// <summary>A pipeline begins; the nodes that begin with it begin another loop.</summary>
    public void Open(int pipeline)
    {
        foreach (int node in _pipelines[pipeline].FirstOf)
        {
            ref NodeState state = ref _nodes[node];
            long ticks = Inclusive(node, Stopwatch.GetTimestamp());
            if (state.AwaitsFirst) state.StartupTicks += ticks - state.LoopBase;
            state.Loops++;
            state.LoopBase = ticks;
            state.AwaitsFirst = true;
        }
    }

    public void BeginMorsel(int pipeline)
    {
        if (_layout.HasTimes) _pipelines[pipeline].StartedAt = Stopwatch.GetTimestamp();
    }

    public void EndMorsel(int pipeline, int rows)
    {
        ref PipelineState state = ref _pipelines[pipeline];
        state.Rows += rows;
        if (!_layout.HasTimes) return;
        state.Ticks += Stopwatch.GetTimestamp() - state.StartedAt;
        state.StartedAt = 0;
    }

    /// <summary>The buffer whose size is shown with the node; the last one of several loops.</summary>
    public void Watch(int node, BufferState buffer) => _nodes[node].Memory = buffer;

    /// <summary>A scan begins, whose visited versions are shown with the node.</summary>
    public void Watch(int node, Storage.VectorSource scan)
    {
        ref NodeState state = ref _nodes[node];
        state.VisitedBefore += state.Scan?.VisitedVersions ?? 0;
        state.Scan = scan;
    }

    // ---- The result ----

    public Dictionary<PhysicalPlan, NodeCounter> Read()
    {
        var counters = new Dictionary<PhysicalPlan, NodeCounter>(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < _nodes.Length; i++)
        {
            ref readonly NodeState state = ref _nodes[i];
            ProfileLayout.Node node = _layout.Nodes[i];
            long own = Math.Max(0, Inclusive(i, 0));
            long startup = state.StartupTicks + (state.AwaitsFirst ? own - state.LoopBase : 0);
            long read = state.RowsRead + (node.InputPipeline < 0 ? 0 : _pipelines[node.InputPipeline].Rows);
            counters[node.Plan] = new NodeCounter(state.Rows, state.Loops)
            {
                StartupMs = Milliseconds(Math.Clamp(startup, 0, own)),
                TotalMs = Milliseconds(own),
                TotalWithConsumerMs = Milliseconds(own + state.ConsumerTicks),
                RowsRead = read,
                MemoryBytes = state.Memory?.PeakBytes,
                Spilled = state.Memory?.Spilled ?? default,
                VersionsVisited = state.Scan is null ? null : state.VisitedBefore + state.Scan.VisitedVersions,
                Buckets = (state.Memory as RowTable)?.Buckets,
            };
        }

        return counters;
    }

    private void NoteFirst(int node, ref NodeState state, long now)
    {
        state.AwaitsFirst = false;
        state.StartupTicks += Inclusive(node, now) - state.LoopBase;
    }

    /// <summary>The node's time so far, with its inputs'.</summary>
    private long Inclusive(int node, long now)
    {
        ref readonly NodeState state = ref _nodes[node];
        long ticks = state.LookupTicks - state.ConsumerTicks;
        foreach (int pipeline in _layout.Nodes[node].Pipelines)
        {
            ref readonly PipelineState running = ref _pipelines[pipeline];
            ticks += running.Ticks + (running.StartedAt == 0 ? 0 : now - running.StartedAt);
        }

        return ticks;
    }

    private static double Milliseconds(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;
}
