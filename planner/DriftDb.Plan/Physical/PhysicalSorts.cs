using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>Keeps all rows and hands them out in order of <see cref="Keys"/>; without keys it only keeps them.</summary>
public sealed record PhysicalSort(PhysicalPlan Input, ImmutableArray<SortKey> Keys) : PhysicalUnary(Input);

/// <summary>Sort and limit at once: keeps Offset + Count rows in a heap. Both are as in <see cref="LogicalLimit"/>.</summary>
public sealed record PhysicalTopN(PhysicalPlan Input, ImmutableArray<SortKey> Keys, ScalarExpr Count, ScalarExpr? Offset) : PhysicalUnary(Input)
{
    public override ImmutableArray<ScalarExpr> Expressions => Offset is null ? [Count] : [Count, Offset];
}

/// <summary>Window functions over an input sorted by partition and order; see <see cref="LogicalWindow"/>.</summary>
public sealed record PhysicalWindow(PhysicalPlan Input, ImmutableArray<OutputColumn> PartitionBy, ImmutableArray<SortKey> OrderBy, ImmutableArray<WindowCall> Calls) : PhysicalUnary(Input)
{
    public override ImmutableArray<OutputColumn> Output => [.. Input.Output, .. Calls.Select(call => call.Column)];
}
