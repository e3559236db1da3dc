using System.Collections.Immutable;

namespace DriftDb.Plan;

public enum JoinKind
{
    Inner,
    Left,
    Full,
    /// <summary>Left rows that have a match; only the left columns.</summary>
    Semi,
    /// <summary>Left rows without a match (the condition is true for no right row); only the left columns.</summary>
    Anti,
    /// <summary>NOT IN: like Anti, but a condition that is NULL counts as a match.</summary>
    AntiNullAware,
    /// <summary>Like Left, but a second match is the error 21000: a scalar subquery.</summary>
    Single,
    /// <summary>All left rows with a boolean column more (<see cref="LogicalJoin.Mark"/>): TRUE where some right row makes the condition true, else NULL where
    /// one makes it NULL, else FALSE.</summary>
    Mark,
}

/// <summary>A join. RIGHT joins are LEFT joins with their sides exchanged. A cross join's condition is TRUE.</summary>
public sealed record LogicalJoin(JoinKind Kind, LogicalPlan Left, LogicalPlan Right, ScalarExpr Condition, OutputColumn? Mark = null) : LogicalPlan
{
    public override ImmutableArray<OutputColumn> Output => OutputOf(Kind, Left.Output, Right.Output, Mark);

    public override ImmutableArray<LogicalPlan> Inputs => [Left, Right];

    public override LogicalPlan WithInputs(ImmutableArray<LogicalPlan> inputs) => this with { Left = inputs[0], Right = inputs[1] };

    public override ImmutableArray<ScalarExpr> Expressions => [Condition];

    public override LogicalPlan WithExpressions(ImmutableArray<ScalarExpr> expressions) => this with { Condition = expressions[0] };

    /// <summary>A join's columns: sides that may be padded with NULLs become nullable.</summary>
    public static ImmutableArray<OutputColumn> OutputOf(JoinKind kind, ImmutableArray<OutputColumn> left, ImmutableArray<OutputColumn> right, OutputColumn? mark) => kind switch
    {
        JoinKind.Inner => [.. left, .. right],
        JoinKind.Left or JoinKind.Single => [.. left, .. right.Select(Padded)],
        JoinKind.Full => [.. left.Select(Padded), .. right.Select(Padded)],
        JoinKind.Mark => [.. left, mark!],
        _ => left,
    };

    private static OutputColumn Padded(OutputColumn column) => column.Nullable ? column : column with { Nullable = true };
}
