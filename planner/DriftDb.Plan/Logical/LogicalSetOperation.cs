using System.Collections.Immutable;

namespace DriftDb.Plan;

public enum SetOperationKind
{
    Union,
    Intersect,
    Except,
}

/// <summary>UNION, INTERSECT, EXCEPT. Both sides put out columns of the result's types, matched by position; the result has columns of its own.</summary>
public sealed record LogicalSetOperation(SetOperationKind Kind, bool All, LogicalPlan Left, LogicalPlan Right, ImmutableArray<OutputColumn> Columns) : LogicalPlan
{
    public override ImmutableArray<OutputColumn> Output => Columns;

    public override ImmutableArray<LogicalPlan> Inputs => [Left, Right];

    public override LogicalPlan WithInputs(ImmutableArray<LogicalPlan> inputs) => this with { Left = inputs[0], Right = inputs[1] };
}
