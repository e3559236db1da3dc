using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>Computes a common table expression once and lets the body read it, any number of times, by <see cref="LogicalCteScan"/>.</summary>
/// <param name="CteId">Unique within the statement.</param>
/// <param name="Name">Its name, for people.</param>
/// <param name="Definition">The query.</param>
/// <param name="Body">What reads it.</param>
/// <param name="Materialized">True when it must not be merged into the body (MATERIALIZED, volatile functions, data-modifying).</param>
public sealed record LogicalWith(int CteId, string Name, LogicalPlan Definition, LogicalPlan Body, bool Materialized) : LogicalPlan
{
    public override ImmutableArray<OutputColumn> Output => Body.Output;

    public override ImmutableArray<LogicalPlan> Inputs => [Definition, Body];

    public override LogicalPlan WithInputs(ImmutableArray<LogicalPlan> inputs) => this with { Definition = inputs[0], Body = inputs[1] };
}

/// <summary>Reads a common table expression; its columns match the definition's by position.</summary>
public sealed record LogicalCteScan(int CteId, string Name, ImmutableArray<OutputColumn> Columns) : LogicalPlan
{
    public override ImmutableArray<OutputColumn> Output => Columns;

    public override ImmutableArray<LogicalPlan> Inputs => [];

    public override LogicalPlan WithInputs(ImmutableArray<LogicalPlan> inputs) => this;
}

/// <summary>WITH RECURSIVE: the seed's rows, then the step again and again over the rows of the last round (read by a <see cref="LogicalCteScan"/>) until there are none.</summary>
/// <param name="Distinct">UNION: a row that came before doesn't come again.</param>
public sealed record LogicalRecursiveUnion(int CteId, LogicalPlan Seed, LogicalPlan Step, bool Distinct, ImmutableArray<OutputColumn> Columns) : LogicalPlan
{
    public override ImmutableArray<OutputColumn> Output => Columns;

    public override ImmutableArray<LogicalPlan> Inputs => [Seed, Step];

    public override LogicalPlan WithInputs(ImmutableArray<LogicalPlan> inputs) => this with { Seed = inputs[0], Step = inputs[1] };
}
