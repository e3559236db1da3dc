using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary><c>ARRAY[a, b, …]</c>; elements have the element type, or are arrays for more dimensions.</summary>
public sealed record ScalarArray(ImmutableArray<ScalarExpr> Elements, SqlType ArrayType) : ScalarExpr(ArrayType, false)
{
    public override ImmutableArray<ScalarExpr> Children => Elements;

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Elements = children };
}

/// <summary><c>a[i]…</c>: an element, NULL out of bounds.</summary>
public sealed record ScalarSubscript(ScalarExpr Array, ImmutableArray<ScalarExpr> Indexes) : ScalarExpr(Array.Type.Element ?? SqlType.Text, true)
{
    public override ImmutableArray<ScalarExpr> Children => [Array, .. Indexes];

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Array = children[0], Indexes = children.RemoveAt(0) };
}

/// <summary><c>x op ANY|ALL (array)</c>.</summary>
public sealed record ScalarQuantifiedArray(ComparisonOperator Operator, bool IsAll, ScalarExpr Operand, ScalarExpr Array) : ScalarExpr(SqlType.Bool, true)
{
    public override ImmutableArray<ScalarExpr> Children => [Operand, Array];

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Operand = children[0], Array = children[1] };
}
