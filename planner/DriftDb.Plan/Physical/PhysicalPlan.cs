using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>
/// A node of the physical plan: how it is computed. What the optimizer hands to the runtime; it has no <see cref="ScalarSubquery"/> and no free
/// columns (what a nested plan needs of an outer row comes as <see cref="ScalarOuter"/>).
/// </summary>
public abstract record PhysicalPlan
{
    public abstract ImmutableArray<OutputColumn> Output { get; }

    public abstract ImmutableArray<PhysicalPlan> Inputs { get; }

    /// <summary>Scalar expressions of this node, for printing and inspection.</summary>
    public virtual ImmutableArray<ScalarExpr> Expressions => [];

    /// <summary>Estimated rows put out in one run.</summary>
    public double EstimatedRows { get; init; } = 1;

    /// <summary>Estimated cost until the first row, and until the last, in PostgreSQL's unit (a sequential page read).</summary>
    public double StartupCost { get; init; }

    public double TotalCost { get; init; }

    public sealed override string ToString() => PhysicalPrinter.Print(this);
}

/// <summary>A node with one input.</summary>
public abstract record PhysicalUnary(PhysicalPlan Input) : PhysicalPlan
{
    public sealed override ImmutableArray<PhysicalPlan> Inputs => [Input];

    public override ImmutableArray<OutputColumn> Output => Input.Output;
}
