using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>Adds the results of window functions that share one window definition to the input's columns.</summary>
public sealed record LogicalWindow(LogicalPlan Input, ImmutableArray<OutputColumn> PartitionBy, ImmutableArray<SortKey> OrderBy, ImmutableArray<WindowCall> Calls)
    : LogicalUnary(Input)
{
    public override ImmutableArray<OutputColumn> Output => [.. Input.Output, .. Calls.Select(call => call.Column)];

    public override ImmutableArray<ScalarExpr> Expressions => [.. Calls.SelectMany(call => call.Expressions)];

    public override LogicalPlan WithExpressions(ImmutableArray<ScalarExpr> expressions)
    {
        int next = 0;
        return this with { Calls = [.. Calls.Select(call => call.WithExpressions(() => expressions[next++]))] };
    }
}

public enum FrameMode
{
    Range,
    Rows,
    Groups,
}

public enum FrameBoundKind
{
    UnboundedPreceding,
    Preceding,
    CurrentRow,
    Following,
    UnboundedFollowing,
}

/// <summary>A frame's end: <see cref="Offset"/> only for PRECEDING and FOLLOWING (constant or parameter).</summary>
public sealed record FrameBound(FrameBoundKind Kind, ScalarExpr? Offset);

/// <summary>EXCLUDE of a frame: rows near the current one that don't count.</summary>
public enum FrameExclusion
{
    NoOthers,
    CurrentRow,
    /// <summary>The current row and its peers.</summary>
    Group,
    /// <summary>The current row's peers, but not itself.</summary>
    Ties,
}

public sealed record WindowFrame(FrameMode Mode, FrameBound Start, FrameBound End)
{
    public FrameExclusion Exclusion { get; init; }
}

/// <summary>A call of a window function, or of an aggregate over a frame.</summary>
public sealed record WindowCall(OutputColumn Column, FunctionSignature Function, ImmutableArray<ScalarExpr> Arguments, WindowFrame Frame, ScalarExpr? Filter)
{
    /// <summary>IGNORE NULLS: rows whose first argument is NULL don't count for lag, lead, first_value, last_value and nth_value.</summary>
    public bool IgnoresNulls { get; init; }

    /// <summary>All its expressions: the arguments, the filter, the frame's offsets.</summary>
    public IEnumerable<ScalarExpr> Expressions => [.. Arguments, .. new[] { Filter, Frame.Start.Offset, Frame.End.Offset }.OfType<ScalarExpr>()];

    /// <summary>The call with other expressions, taken in <see cref="Expressions"/>' order.</summary>
    public WindowCall WithExpressions(Func<ScalarExpr> next) => this with
    {
        Arguments = [.. Arguments.Select(_ => next())],
        Filter = Filter is null ? null : next(),
        Frame = Frame with { Start = Renewed(Frame.Start, next), End = Renewed(Frame.End, next) },
    };

    private static FrameBound Renewed(FrameBound bound, Func<ScalarExpr> next) => bound.Offset is null ? bound : bound with { Offset = next() };
}
