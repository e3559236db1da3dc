using DriftDb.Plan;

namespace DriftDb.Runtime;

/// <summary>
/// The nodes and pipelines of a query that is compiled to be measured (EXPLAIN ANALYZE), numbered over all of its nested plans. Filled while the code is generated; each run
/// measures into a <see cref="PlanProfile"/> of its own.
/// </summary>
internal sealed class ProfileLayout(bool hasTimes)
{
    private readonly Dictionary<PhysicalPlan, int> _numbers = new(ReferenceEqualityComparer.Instance);

    /// <summary>What is known of a node: the pipelines that run to produce it, and the one whose input it reads (-1: none).</summary>
    public sealed record Node(PhysicalPlan Plan, List<int> Pipelines)
    {
        public int InputPipeline { get; set; } = -1;
    }

    public List<Node> Nodes { get; } = [];

    public int PipelineCount { get; private set; }

    /// <summary>False when only rows are counted (TIMING OFF).</summary>
    public bool HasTimes => hasTimes;

    /// <summary>The node's number; a new one when it is met for the first time.</summary>
    public int NumberOf(PhysicalPlan plan)
    {
        if (_numbers.TryGetValue(plan, out int number)) return number;
        _numbers[plan] = number = Nodes.Count;
        Nodes.Add(new Node(plan, []));
        return number;
    }

    public int AddPipeline() => PipelineCount++;
}
