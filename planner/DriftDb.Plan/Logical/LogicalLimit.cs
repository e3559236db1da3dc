using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>
/// Skips <see cref="Offset"/> rows and passes at most <see cref="Count"/> (bigint expressions without columns, evaluated when execution starts; null or NULL: none).
/// With ties: further rows equal to the last in <see cref="TieKeys"/> pass as well.
/// </summary>
public sealed record LogicalLimit(LogicalPlan Input, ScalarExpr? Count, ScalarExpr? Offset, ImmutableArray<SortKey> TieKeys) : LogicalUnary(Input)
{
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
