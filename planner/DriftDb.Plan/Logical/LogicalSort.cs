using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>The input's rows in order. Keys are columns of the input.</summary>
public sealed record LogicalSort(LogicalPlan Input, ImmutableArray<SortKey> Keys) : LogicalUnary(Input)
{
    public override ImmutableArray<OutputColumn> Output => Input.Output;
}

/// <summary>A sort key that is a column.</summary>
/// <param name="ColumnId">The column's id.</param>
/// <param name="Descending">Largest first.</param>
/// <param name="NullsFirst">NULLs before all values (PostgreSQL's default: with DESC).</param>
public sealed record SortKey(int ColumnId, bool Descending, bool NullsFirst);
