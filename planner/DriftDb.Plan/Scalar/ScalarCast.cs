using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary>
/// Conversion to another type, or to the same one with another modifier (varchar(3), numeric(5,2), timestamp(0), fixed numeric to unbounded and back).
/// </summary>
/// <param name="Operand">What is converted; an untyped literal has been made a constant of the target type already.</param>
/// <param name="TargetType">The result's type.</param>
/// <param name="IsExplicit">True for CAST and <c>::</c>: varchar(n) truncates silently; false for assignment, where too long a value is 22001.</param>
public sealed record ScalarCast(ScalarExpr Operand, SqlType TargetType, bool IsExplicit) : ScalarExpr(TargetType, Operand.Nullable)
{
    public override ImmutableArray<ScalarExpr> Children => [Operand];

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Operand = children[0] };
}
