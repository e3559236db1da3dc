using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>Reads a whole table, at one moment or over a period, and keeps the rows for which <see cref="Filter"/> is true. See <see cref="LogicalScan"/> for the columns.</summary>
public sealed record PhysicalTableScan(
    IRelation Relation, string Alias, ImmutableArray<OutputColumn> Columns, ImmutableArray<int> Sources, SystemTimePeriod? Period, ScalarExpr? Filter) : PhysicalPlan
{
    public override ImmutableArray<OutputColumn> Output => Columns;

    public override ImmutableArray<PhysicalPlan> Inputs => [];

    public override ImmutableArray<ScalarExpr> Expressions => Filter is null ? [] : [Filter];
}

/// <summary>
/// Reads the rows whose key lies in a range, in the index's order. The range: the leading key columns equal to <see cref="Equal"/>, the next one
/// between the bounds, or one of <see cref="AnyOf"/>. All bounds are expressions without columns of this query (constants, parameters, outer values), of the key columns' types;
/// a NULL among them means no rows.
/// </summary>
/// <param name="Equal">Values of the leading key columns.</param>
/// <param name="Lower">Lower bound of the next key column, as values go; null for none.</param>
/// <param name="Upper">Upper bound of the next key column; null for none.</param>
/// <param name="Backward">True to read in reverse order.</param>
/// <param name="Filter">What must be true of the rows found; null for nothing.</param>
public sealed record PhysicalIndexScan(
    IRelation Relation, string Alias, IndexInfo Index, ImmutableArray<ScalarExpr> Equal, IndexBound? Lower, IndexBound? Upper, bool Backward,
    ImmutableArray<OutputColumn> Columns, ImmutableArray<int> Sources, SystemTimePeriod? Period, ScalarExpr? Filter) : PhysicalPlan
{
    public override ImmutableArray<OutputColumn> Output => Columns;

    public override ImmutableArray<PhysicalPlan> Inputs => [];

    /// <summary>What the key column behind <see cref="Equal"/> may be equal to; null for no such condition. There are no bounds beside it.</summary>
    public IndexKeySet? AnyOf { get; init; }

    public override ImmutableArray<ScalarExpr> Expressions =>
        [.. Equal, .. AnyOf?.Values ?? [], .. Lower is null ? ReadOnlySpan<ScalarExpr>.Empty : [Lower.Value], .. Upper is null ? ReadOnlySpan<ScalarExpr>.Empty : [Upper.Value], .. Filter is null ? ReadOnlySpan<ScalarExpr>.Empty : [Filter]];

    /// <summary>True when at most one row can be found: all keys of a unique index are given.</summary>
    public bool IsPointLookup => Index.IsUnique && Equal.Length == Index.Keys.Length;
}

public sealed record IndexBound(ScalarExpr Value, bool Inclusive);

/// <summary>The values of <c>key IN (…)</c>, or the single array of <c>key = ANY (array)</c>. A NULL among them, or in the array, matches nothing.</summary>
public sealed record IndexKeySet(ImmutableArray<ScalarExpr> Values, bool IsArray);

/// <summary>Rows of a system view: <see cref="IRelation.Source"/> produces them.</summary>
public sealed record PhysicalSystemScan(IRelation Relation, string Alias, ImmutableArray<OutputColumn> Columns, ImmutableArray<int> Sources, ScalarExpr? Filter) : PhysicalPlan
{
    public override ImmutableArray<OutputColumn> Output => Columns;

    public override ImmutableArray<PhysicalPlan> Inputs => [];

    public override ImmutableArray<ScalarExpr> Expressions => Filter is null ? [] : [Filter];
}

public sealed record PhysicalValues(ImmutableArray<OutputColumn> Columns, ImmutableArray<ImmutableArray<ScalarExpr>> Rows) : PhysicalPlan
{
    public override ImmutableArray<OutputColumn> Output => Columns;

    public override ImmutableArray<PhysicalPlan> Inputs => [];

    public override ImmutableArray<ScalarExpr> Expressions => [.. Rows.SelectMany(row => row)];
}

/// <summary>Rows of a set-returning function; see <see cref="LogicalTableFunction"/>.</summary>
public sealed record PhysicalTableFunction(FunctionSignature Function, ImmutableArray<ScalarExpr> Arguments, ImmutableArray<OutputColumn> Columns, OutputColumn? Ordinality)
    : PhysicalPlan
{
    public override ImmutableArray<OutputColumn> Output => Ordinality is null ? Columns : [.. Columns, Ordinality];

    public override ImmutableArray<PhysicalPlan> Inputs => [];

    public override ImmutableArray<ScalarExpr> Expressions => Arguments;
}

/// <summary>Reads the rows of a <see cref="PhysicalWith"/> or the last round of a <see cref="PhysicalRecursiveUnion"/>.</summary>
public sealed record PhysicalCteScan(int CteId, string Name, ImmutableArray<OutputColumn> Columns) : PhysicalPlan
{
    public override ImmutableArray<OutputColumn> Output => Columns;

    public override ImmutableArray<PhysicalPlan> Inputs => [];
}
