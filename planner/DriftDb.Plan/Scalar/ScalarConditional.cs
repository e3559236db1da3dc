using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary>Searched CASE: the result of the first condition that is true, else <see cref="Else"/>. Later branches aren't evaluated.</summary>
/// <param name="Conditions">The WHEN conditions, boolean.</param>
/// <param name="Results">One for each condition, all of the result's type.</param>
/// <param name="Else">The result when no condition is true (a NULL constant when the text has no ELSE).</param>
public sealed record ScalarCase(ImmutableArray<ScalarExpr> Conditions, ImmutableArray<ScalarExpr> Results, ScalarExpr Else)
    : ScalarExpr(Else.Type, Else.Nullable || Results.Any(result => result.Nullable))
{
    public override ImmutableArray<ScalarExpr> Children => [.. Conditions, .. Results, Else];

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with
    {
        Conditions = [.. children.AsSpan(0, Conditions.Length)],
        Results = [.. children.AsSpan(Conditions.Length, Results.Length)],
        Else = children[^1],
    };
}

/// <summary>COALESCE: the first value that isn't NULL; later ones aren't evaluated.</summary>
public sealed record ScalarCoalesce(ImmutableArray<ScalarExpr> Arguments) : ScalarExpr(Arguments[0].Type, Arguments.All(argument => argument.Nullable))
{
    public override ImmutableArray<ScalarExpr> Children => Arguments;

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Arguments = children };
}

/// <summary>GREATEST or LEAST: the largest or smallest of the values that aren't NULL; NULL when all are.</summary>
public sealed record ScalarExtreme(ImmutableArray<ScalarExpr> Arguments, bool Greatest)
    : ScalarExpr(Arguments[0].Type, Arguments.All(argument => argument.Nullable))
{
    public override ImmutableArray<ScalarExpr> Children => Arguments;

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Arguments = children };
}

/// <summary>Names a value that the body uses more than once (through <see cref="ScalarColumn"/>s with <see cref="VariableId"/>), so that it is computed once.</summary>
public sealed record ScalarLet(int VariableId, ScalarExpr Value, ScalarExpr Body) : ScalarExpr(Body.Type, Body.Nullable)
{
    public override ImmutableArray<ScalarExpr> Children => [Value, Body];

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Value = children[0], Body = children[1] };
}
