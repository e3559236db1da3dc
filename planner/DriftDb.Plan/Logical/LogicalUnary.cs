using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>A node with one input.</summary>
public abstract record LogicalUnary(LogicalPlan Input) : LogicalPlan
{
    public sealed override ImmutableArray<LogicalPlan> Inputs => [Input];

    public sealed override LogicalPlan WithInputs(ImmutableArray<LogicalPlan> inputs) => this with { Input = inputs[0] };
}
