using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>Computes columns. A column passed through keeps its id: its expression is a reference to itself.</summary>
public sealed record LogicalProject(LogicalPlan Input, ImmutableArray<Assignment> Assignments) : LogicalUnary(Input)
{
    public override ImmutableArray<OutputColumn> Output => [.. Assignments.Select(assignment => assignment.Column)];

    public override ImmutableArray<ScalarExpr> Expressions => [.. Assignments.Select(assignment => assignment.Value)];

    public override LogicalPlan WithExpressions(ImmutableArray<ScalarExpr> expressions) =>
        this with { Assignments = [.. Assignments.Select((assignment, i) => assignment with { Value = expressions[i] })] };
}

/// <summary>A column and the expression that computes it.</summary>
public sealed record Assignment(OutputColumn Column, ScalarExpr Value)
{
    public static Assignment PassThrough(OutputColumn column) => new(column, column.Reference());

    /// <summary>True when the column is the input's own, unchanged.</summary>
    public bool IsPassThrough => Value is ScalarColumn column && column.Id == Column.Id;
}
