using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Plan;

public enum ArithmeticOperator
{
    Add,
    Subtract,
    Multiply,
    /// <summary>Truncates for integers; PostgreSQL's choice of scale for numeric; 22012 on zero.</summary>
    Divide,
    Modulo,
}

/// <summary>
/// Arithmetic on numbers. Integers and floats: both operands have the result's type. Numeric: operands are fixed or unbounded, each with its own
/// scale; the result's type says how it is computed (<see cref="NumericTyping"/>). Overflow is 22003.
/// </summary>
public sealed record ScalarArithmetic(ArithmeticOperator Operator, ScalarExpr Left, ScalarExpr Right, SqlType ResultType)
    : ScalarExpr(ResultType, Left.Nullable || Right.Nullable)
{
    public override ImmutableArray<ScalarExpr> Children => [Left, Right];

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Left = children[0], Right = children[1] };
}
