using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>Rows of expressions. SELECT without FROM is one row without columns.</summary>
public sealed record LogicalValues(ImmutableArray<OutputColumn> Columns, ImmutableArray<ImmutableArray<ScalarExpr>> Rows) : LogicalPlan
{
    public override ImmutableArray<OutputColumn> Output => Columns;

    public override ImmutableArray<LogicalPlan> Inputs => [];

    public override LogicalPlan WithInputs(ImmutableArray<LogicalPlan> inputs) => this;

    public override ImmutableArray<ScalarExpr> Expressions => [.. Rows.SelectMany(row => row)];

    public override LogicalPlan WithExpressions(ImmutableArray<ScalarExpr> expressions)
    {
        int width = Columns.Length;
        return this with { Rows = [.. Rows.Select((_, i) => expressions.AsSpan(i * width, width).ToImmutableArray())] };
    }

    /// <summary>One row without columns: what SELECT without FROM reads.</summary>
    public static LogicalValues OneRow { get; } = new([], [[]]);
}
