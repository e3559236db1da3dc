using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary>An expression without children.</summary>
public abstract record ScalarLeaf(SqlType LeafType, bool LeafNullable) : ScalarExpr(LeafType, LeafNullable)
{
    public sealed override ImmutableArray<ScalarExpr> Children => [];

    public sealed override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this;
}
