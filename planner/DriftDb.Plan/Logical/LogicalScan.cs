using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>Reads a base table or a system view, at one moment or over a period of its history.</summary>
/// <param name="Relation">What is read.</param>
/// <param name="Alias">The name that the query gives it.</param>
/// <param name="Columns">The columns read.</param>
/// <param name="Sources">For each of <paramref name="Columns"/>: the relation column's ordinal, or one of the negative <see cref="ScanSource"/> numbers.</param>
/// <param name="Period">Which moment of history; null for the statement's own snapshot.</param>
public sealed record LogicalScan(IRelation Relation, string Alias, ImmutableArray<OutputColumn> Columns, ImmutableArray<int> Sources, SystemTimePeriod? Period)
    : LogicalPlan
{
    public override ImmutableArray<OutputColumn> Output => Columns;

    public override ImmutableArray<LogicalPlan> Inputs => [];

    public override LogicalPlan WithInputs(ImmutableArray<LogicalPlan> inputs) => this;

    public override ImmutableArray<ScalarExpr> Expressions => Period?.Bounds ?? [];

    public override LogicalPlan WithExpressions(ImmutableArray<ScalarExpr> expressions) => Period is null ? this : this with { Period = Period with { Bounds = expressions } };
}

/// <summary>What a scan can put out beside the relation's columns. The first three are Int64; the times are timestamptz.</summary>
public static class ScanSource
{
    /// <summary>The store's row id: how UPDATE and DELETE name their rows.</summary>
    public const int RowId = -1;

    /// <summary><c>__sequence</c>: the event that made the version.</summary>
    public const int BeginSequence = -2;

    /// <summary><c>__sequence_end</c>: the event that ended it; NULL while current.</summary>
    public const int EndSequence = -3;

    /// <summary><c>system_time_start</c>: commit time of the version's beginning.</summary>
    public const int SystemTimeStart = -4;

    /// <summary><c>system_time_end</c>: commit time of its end; infinity while current.</summary>
    public const int SystemTimeEnd = -5;

    /// <summary><c>tableoid</c>.</summary>
    public const int TableOid = -6;

    /// <summary><c>ctid</c>-like text for clients that ask for it.</summary>
    public const int Ctid = -7;
}
