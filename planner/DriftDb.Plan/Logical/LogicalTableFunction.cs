using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>Rows of a set-returning function. Arguments may use outer columns (it is then the right side of an apply).</summary>
/// <param name="Ordinality">The bigint column of WITH ORDINALITY; null for none.</param>
public sealed record LogicalTableFunction(FunctionSignature Function, ImmutableArray<ScalarExpr> Arguments, ImmutableArray<OutputColumn> Columns, OutputColumn? Ordinality)
    : LogicalPlan
{
    public override ImmutableArray<OutputColumn> Output => Ordinality is null ? Columns : [.. Columns, Ordinality];

    public override ImmutableArray<LogicalPlan> Inputs => [];

    public override LogicalPlan WithInputs(ImmutableArray<LogicalPlan> inputs) => this;

    public override ImmutableArray<ScalarExpr> Expressions => Arguments;

    public override LogicalPlan WithExpressions(ImmutableArray<ScalarExpr> expressions) => this with { Arguments = expressions };
}
