using System.Collections.Immutable;

namespace DriftDb.Plan;

public enum SystemTimeKind
{
    /// <summary>One moment.</summary>
    AsOf,
    /// <summary>Both ends included; nothing when reversed.</summary>
    BetweenAsymmetric,
    /// <summary>Both ends included; exchanged when reversed.</summary>
    BetweenSymmetric,
    /// <summary>The end excluded.</summary>
    FromTo,
    /// <summary>Every version.</summary>
    All,
}

/// <summary>FOR SYSTEM_TIME of one table reference.</summary>
/// <param name="Kind">The form.</param>
/// <param name="Bounds">One or two points: expressions without columns of the query, evaluated when execution starts. A timestamptz is a time,
/// a bigint a sequence number. NULL gives no rows; a point in the future is an error (22023).</param>
public sealed record SystemTimePeriod(SystemTimeKind Kind, ImmutableArray<ScalarExpr> Bounds);
