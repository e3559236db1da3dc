using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>
/// Skips <see cref="Offset"/> rows and passes at most <see cref="Count"/> (bigint expressions without columns, evaluated when execution starts; null or NULL: none).
/// With ties: further rows equal to the last in <see cref="TieKeys"/> pass as well. Where <see cref="IsPercent"/>, Count is numeric: hundredths of the input's rows, rounded up.
/// </summary>
public sealed record LogicalLimit(LogicalPlan Input, ScalarExpr? Count, ScalarExpr? Offset, ImmutableArray<SortKey> TieKeys) : LogicalUnary(Input)
{
    /// <summary>FETCH FIRST n PERCENT: a share of all rows of the input, those that Offset skips as well.</summary>
    public bool IsPercent { get; init; }

    public override ImmutableArray<OutputColumn> Output => Input.Output;

    public override ImmutableArray<ScalarExpr> Expressions => (Count, Offset) switch
    {
        ({ } count, { } offset) => [count, offset],
        ({ } count, null) => [count],
        (null, { } offset) => [offset],
        _ => [],
    };

    public override LogicalPlan WithExpressions(ImmutableArray<ScalarExpr> expressions) =>
        this with { Count = Count is null ? null : expressions[0], Offset = Offset is null ? null : expressions[^1] };
}
