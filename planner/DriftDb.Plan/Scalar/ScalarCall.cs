using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary>A call of an SQL function, or of the function behind an operator. Arguments have exactly the signature's types, polymorphic ones resolved.</summary>
/// <param name="Function">The overload that was chosen.</param>
/// <param name="Arguments">One for each parameter; a variadic function's surplus arguments follow one by one.</param>
/// <param name="ResultType">The signature's return type, polymorphic types resolved.</param>
public sealed record ScalarCall(FunctionSignature Function, ImmutableArray<ScalarExpr> Arguments, SqlType ResultType)
    : ScalarExpr(ResultType, !Function.NeverNull || Function.IsStrict && Arguments.Any(argument => argument.Nullable))
{
    public override ImmutableArray<ScalarExpr> Children => Arguments;

    public override ScalarExpr WithChildren(ImmutableArray<ScalarExpr> children) => this with { Arguments = children };
}
