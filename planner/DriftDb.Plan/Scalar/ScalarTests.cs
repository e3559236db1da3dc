using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary><c>x IS [NOT] NULL</c>; never NULL.</summary>
public sealed record ScalarIsNull(ScalarExpr Operand, bool Negated) : ScalarExpr(SqlType.Bool, false)
{
    public override ImmutableArray<ScalarExpr> Children => [Operand];

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Operand = children[0] };
}

/// <summary><c>x IS [NOT] TRUE|FALSE</c>; never NULL. (IS UNKNOWN is IS NULL.)</summary>
public sealed record ScalarIsBool(ScalarExpr Operand, bool Value, bool Negated) : ScalarExpr(SqlType.Bool, false)
{
    public override ImmutableArray<ScalarExpr> Children => [Operand];

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Operand = children[0] };
}

/// <summary><c>a IS [NOT] DISTINCT FROM b</c>: comparison in which NULL equals NULL; never NULL.</summary>
public sealed record ScalarIsDistinct(ScalarExpr Left, ScalarExpr Right, bool Negated) : ScalarExpr(SqlType.Bool, false)
{
    public override ImmutableArray<ScalarExpr> Children => [Left, Right];

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Left = children[0], Right = children[1] };
}

/// <summary><c>x [NOT] IN (a, b, …)</c> with values of x's type: TRUE when one is equal, else NULL when x or one of them is NULL.</summary>
public sealed record ScalarIn(ScalarExpr Operand, ImmutableArray<ScalarExpr> Items, bool Negated)
    : ScalarExpr(SqlType.Bool, Operand.Nullable || Items.Any(item => item.Nullable))
{
    public override ImmutableArray<ScalarExpr> Children => [Operand, .. Items];

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Operand = children[0], Items = children.RemoveAt(0) };
}

/// <summary><c>x [NOT] LIKE|ILIKE pattern</c>. <see cref="Escape"/> is a text value, null for the backslash; an empty one means no escape.</summary>
public sealed record ScalarLike(ScalarExpr Operand, ScalarExpr Pattern, ScalarExpr? Escape, bool IgnoreCase, bool Negated)
    : ScalarExpr(SqlType.Bool, Operand.Nullable || Pattern.Nullable || Escape is { Nullable: true })
{
    public override ImmutableArray<ScalarExpr> Children => Escape is null ? [Operand, Pattern] : [Operand, Pattern, Escape];

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) =>
        this with { Operand = children[0], Pattern = children[1], Escape = children.Length > 2 ? children[2] : null };
}
