using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>DISTINCT ON: the first row of each run of rows with equal keys; the input is sorted by them.</summary>
public sealed record LogicalDistinctOn(LogicalPlan Input, ImmutableArray<int> KeyIds) : LogicalUnary(Input)
{
    public override ImmutableArray<OutputColumn> Output => Input.Output;
}
