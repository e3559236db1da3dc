using System.Collections.Immutable;

namespace DriftDb.Plan;

/// <summary>Inserts the input's rows: one input column for each of the table's columns, in order, defaults and generated columns computed already.</summary>
/// <param name="Target">The table.</param>
/// <param name="Input">The new rows.</param>
/// <param name="NewColumns">Ids under which <paramref name="Returning"/> and the checks see the new row, one for each table column.</param>
/// <param name="Checks">Conditions that a new row must not make false.</param>
/// <param name="OnConflict">ON CONFLICT; null for none.</param>
/// <param name="Returning">RETURNING over <paramref name="NewColumns"/>; default for none.</param>
public sealed record LogicalInsert(
    IRelation Target, LogicalPlan Input, ImmutableArray<OutputColumn> NewColumns, ImmutableArray<CheckCondition> Checks, ConflictClause? OnConflict, ImmutableArray<Assignment> Returning)
    : LogicalUnary(Input)
{
    public override ImmutableArray<OutputColumn> Output => Returning.IsDefault ? [] : [.. Returning.Select(assignment => assignment.Column)];
}

/// <summary>A CHECK or NOT NULL condition over a new row's columns; NULL passes. A violation is 23514 (23502 for NOT NULL).</summary>
/// <param name="NotNullColumn">For NOT NULL: the column's ordinal; -1 for a CHECK.</param>
public sealed record CheckCondition(string Name, ScalarExpr Condition, int NotNullColumn = -1)
{
    /// <summary>True for a view's WITH CHECK OPTION: its violation is 44000, and <see cref="Name"/> is the view's.</summary>
    public bool IsOfView { get; init; }
}

/// <summary>ON CONFLICT.</summary>
/// <param name="Arbiter">The index whose conflicts count; null for any.</param>
/// <param name="ExistingColumns">Ids under which the update sees the row in the table, one for each table column.</param>
/// <param name="Update">New values over existing and new columns by table column ordinal; default for DO NOTHING.</param>
/// <param name="Where">Which existing rows are updated; null for all.</param>
public sealed record ConflictClause(
    IndexInfo? Arbiter, ImmutableArray<OutputColumn> ExistingColumns, ImmutableArray<(int Ordinal, ScalarExpr Value)> Update, ScalarExpr? Where);
