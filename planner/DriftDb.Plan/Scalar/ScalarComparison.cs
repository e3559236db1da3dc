using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Plan;

public enum ComparisonOperator
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// <summary>Comparison of two values of the same type (fixed numerics may differ in scale; text types compare as text). NULL if either is.</summary>
public sealed record ScalarComparison(ComparisonOperator Operator, ScalarExpr Left, ScalarExpr Right)
    : ScalarExpr(SqlType.Bool, Left.Nullable || Right.Nullable)
{
    public override ImmutableArray<ScalarExpr> Children => [Left, Right];

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Left = children[0], Right = children[1] };

    /// <summary>The operator with its operands exchanged: a &lt; b is b &gt; a.</summary>
    public static ComparisonOperator Commute(ComparisonOperator op) => op switch
    {
        ComparisonOperator.Less => ComparisonOperator.Greater,
        ComparisonOperator.LessOrEqual => ComparisonOperator.GreaterOrEqual,
        ComparisonOperator.Greater => ComparisonOperator.Less,
        ComparisonOperator.GreaterOrEqual => ComparisonOperator.LessOrEqual,
        _ => op,
    };

    /// <summary>The operator of the opposite answer: NOT a &lt; b is a &gt;= b (NULL stays NULL).</summary>
    public static ComparisonOperator Negate(ComparisonOperator op) => op switch
    {
        ComparisonOperator.Equal => ComparisonOperator.NotEqual,
        ComparisonOperator.NotEqual => ComparisonOperator.Equal,
        ComparisonOperator.Less => ComparisonOperator.GreaterOrEqual,
        ComparisonOperator.LessOrEqual => ComparisonOperator.Greater,
        ComparisonOperator.Greater => ComparisonOperator.LessOrEqual,
        _ => ComparisonOperator.Less,
    };
}
