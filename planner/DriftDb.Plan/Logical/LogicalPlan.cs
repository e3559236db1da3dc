using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>
/// A node of the typed logical plan: what is to be computed, not how. Immutable; columns are known by id. Free column ids (used but not defined
/// below) are correlations with an outer query.
/// </summary>
public abstract record LogicalPlan
{
    /// <summary>The columns that the node puts out, in order.</summary>
    public abstract ImmutableArray<OutputColumn> Output { get; }

    public abstract ImmutableArray<LogicalPlan> Inputs { get; }

    /// <summary>This node over other inputs, in <see cref="Inputs"/>' order.</summary>
    public abstract LogicalPlan WithInputs(ImmutableArray<LogicalPlan> inputs);

    /// <summary>The scalar expressions that stand in this node itself.</summary>
    public virtual ImmutableArray<ScalarExpr> Expressions => [];

    /// <summary>This node with other expressions, in <see cref="Expressions"/>' order.</summary>
    public virtual LogicalPlan WithExpressions(ImmutableArray<ScalarExpr> expressions) => this;

    /// <summary>This node with each input replaced; this very object when all came back unchanged.</summary>
    public LogicalPlan MapInputs(Func<LogicalPlan, LogicalPlan> map)
    {
        var inputs = Inputs;
        var mapped = ImmutableArrays.Map(inputs, map);
        return mapped == inputs ? this : WithInputs(mapped);
    }

    /// <summary>This node with each of its own expressions replaced; this very object when all came back unchanged.</summary>
    public LogicalPlan MapExpressions(Func<ScalarExpr, ScalarExpr> map)
    {
        var expressions = Expressions;
        var mapped = ImmutableArrays.Map(expressions, map);
        return mapped == expressions ? this : WithExpressions(mapped);
    }

    public sealed override string ToString() => LogicalPrinter.Print(this);
}
