using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>
/// Groups rows by key columns and aggregates each group. Without keys there is one group, even of no rows. NULL keys form one group.
/// Keys are columns of the input (a projection below computes expressions). DISTINCT is an aggregate without calls.
/// </summary>
/// <param name="Input">The rows.</param>
/// <param name="Keys">Grouping columns, put out under their own ids.</param>
/// <param name="Aggregates">What is computed for each group.</param>
/// <param name="GroupingSets">For GROUPING SETS: each set as indexes into <paramref name="Keys"/>; default for one set of all keys. Keys that a set leaves out are NULL.</param>
public sealed record LogicalAggregate(
    LogicalPlan Input, ImmutableArray<OutputColumn> Keys, ImmutableArray<AggregateCall> Aggregates, ImmutableArray<ImmutableArray<int>> GroupingSets = default)
    : LogicalUnary(Input)
{
    public override ImmutableArray<OutputColumn> Output => [.. Keys, .. Aggregates.Select(call => call.Column)];

    public override ImmutableArray<ScalarExpr> Expressions => [.. Aggregates.SelectMany(call => call.Expressions)];

    public override LogicalPlan WithExpressions(ImmutableArray<ScalarExpr> expressions) => this with { Aggregates = AggregateCall.WithExpressions(Aggregates, expressions) };
}

/// <summary>A call of an aggregate function.</summary>
/// <param name="Column">The result's column.</param>
/// <param name="Function">The overload; its <see cref="FunctionSignature.Implementation"/> knows how to accumulate.</param>
/// <param name="Arguments">Expressions over the input; empty for count(*).</param>
/// <param name="Distinct">Each different value counts once.</param>
/// <param name="Filter">FILTER (WHERE …): rows that count; null for all.</param>
/// <param name="OrderBy">The order in which rows are accumulated (array_agg, string_agg); empty for any.</param>
public sealed record AggregateCall(
    OutputColumn Column, FunctionSignature Function, ImmutableArray<ScalarExpr> Arguments, bool Distinct, ScalarExpr? Filter, ImmutableArray<SortExpr> OrderBy)
{
    public ImmutableArray<ScalarExpr> Expressions => [.. Arguments, .. Filter is null ? ReadOnlySpan<ScalarExpr>.Empty : [Filter], .. OrderBy.Select(key => key.Value)];

    /// <summary>The calls with other expressions, consumed in the order in which <see cref="Expressions"/> gives them.</summary>
    public static ImmutableArray<AggregateCall> WithExpressions(ImmutableArray<AggregateCall> calls, ImmutableArray<ScalarExpr> expressions)
    {
        int next = 0;
        return [.. calls.Select(call => call with
        {
            Arguments = [.. call.Arguments.Select(_ => expressions[next++])],
            Filter = call.Filter is null ? null : expressions[next++],
            OrderBy = [.. call.OrderBy.Select(key => key with { Value = expressions[next++] })],
        })];
    }
}

/// <summary>A sort key that is an expression.</summary>
public sealed record SortExpr(ScalarExpr Value, bool Descending, bool NullsFirst);
