using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>Grouping by hash table; see <see cref="LogicalAggregate"/>. Without keys: one group.</summary>
/// <param name="GroupingSets">Default for one set of all keys.</param>
public sealed record PhysicalHashAggregate(
    PhysicalPlan Input, ImmutableArray<OutputColumn> Keys, ImmutableArray<AggregateCall> Aggregates, ImmutableArray<ImmutableArray<int>> GroupingSets = default)
    : PhysicalUnary(Input)
{
    public override ImmutableArray<OutputColumn> Output => [.. Keys, .. Aggregates.Select(call => call.Column)];

    public override ImmutableArray<ScalarExpr> Expressions => [.. Aggregates.SelectMany(call => call.Expressions)];
}

/// <summary>Grouping of an input that is sorted by its keys: one group at a time, in order.</summary>
public sealed record PhysicalStreamAggregate(PhysicalPlan Input, ImmutableArray<OutputColumn> Keys, ImmutableArray<AggregateCall> Aggregates) : PhysicalUnary(Input)
{
    public override ImmutableArray<OutputColumn> Output => [.. Keys, .. Aggregates.Select(call => call.Column)];

    public override ImmutableArray<ScalarExpr> Expressions => [.. Aggregates.SelectMany(call => call.Expressions)];
}
