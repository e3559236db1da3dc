using System.Collections.Immutable;
using DriftDb.Types;

namespace DriftDb.Plan;

public enum RelationKind
{
    Table,
    View,
    /// <summary>A view of the system: its rows are computed from the live catalog.</summary>
    SystemView,
    Sequence,
}

/// <summary>A table-like object that a query may name.</summary>
public interface IRelation
{
    int Oid { get; }

    string Schema { get; }

    string Name { get; }

    RelationKind Kind { get; }

    /// <summary>Visible columns in order; dropped ones are left out.</summary>
    ImmutableArray<RelationColumn> Columns { get; }

    /// <summary>True when the table keeps its history.</summary>
    bool IsVersioned { get; }

    /// <summary>Indexes of a table, the primary key's first; empty for others.</summary>
    ImmutableArray<IndexInfo> Indexes { get; }

    /// <summary>CHECK constraints that new rows must meet; empty for others than tables.</summary>
    ImmutableArray<CheckText> Checks => [];

    /// <summary>PERIOD FOR of a table; empty for others. SYSTEM_TIME isn't among them.</summary>
    ImmutableArray<RelationPeriod> Periods => [];

    /// <summary>
    /// The table with the columns that some of its own were before ALTER COLUMN TYPE, behind its own ones: what a period of its history is read from. Null when there are none.
    /// </summary>
    IRelation? History => null;

    /// <summary>True for a table that holds the rows of a query and is changed by REFRESH alone.</summary>
    bool IsMaterializedView => false;

    /// <summary>False for a materialized view that was never filled.</summary>
    bool IsPopulated => true;

    /// <summary>A view's query, printed as SQL; null for others.</summary>
    string? ViewText { get; }

    /// <summary>WITH CHECK OPTION of a view: 'l' local, 'c' cascaded, '\0' none.</summary>
    char CheckOption => '\0';

    /// <summary>Statistics at a moment (<see cref="long.MaxValue"/> for now); null where nothing is known.</summary>
    ITableStatistics? Statistics(long sequence);

    /// <summary>pg_type.oid of its row type; 0 for one that has none.</summary>
    int RowTypeOid => 0;

    /// <summary>pg_type.oid of the array of its row type.</summary>
    int RowArrayOid => 0;

    /// <summary>What the runtime scans or calls: the store's table, or the system view's row source.</summary>
    object? Source { get; }
}

/// <summary>A CHECK constraint: its name and its condition's text.</summary>
public sealed record CheckText(string Name, string Condition);

/// <summary>A column of a relation.</summary>
/// <param name="Ordinal">Position among the visible columns, from 0.</param>
/// <param name="ColumnId">The store's stable number of the column.</param>
/// <param name="AttributeNumber">pg_attribute.attnum, from 1.</param>
public sealed record RelationColumn(int Ordinal, int ColumnId, short AttributeNumber, string Name, SqlType Type, bool IsNullable)
{
    /// <summary>Text of the DEFAULT expression (or of a generated column's); null for none.</summary>
    public string? DefaultText { get; init; }

    /// <summary>'a' GENERATED ALWAYS AS IDENTITY, 'd' BY DEFAULT, else '\0'.</summary>
    public char Identity { get; init; }

    /// <summary>True for GENERATED ALWAYS AS (…) STORED: <see cref="DefaultText"/> computes it from the row.</summary>
    public bool IsGenerated { get; init; }

    /// <summary>In <see cref="IRelation.History"/>: what the column was before, oldest first.</summary>
    public ImmutableArray<FormerColumn> Former { get; init; } = [];

    /// <summary>True for a column declared GENERATED ALWAYS AS ROW START or END.</summary>
    public SystemTimeColumn SystemTime { get; init; }
}

/// <summary>A column before its type was changed.</summary>
/// <param name="Ordinal">Its place in <see cref="IRelation.History"/>.</param>
/// <param name="Through">The last sequence number at which a version can begin that has it.</param>
/// <param name="Conversion">Makes the next type's value: an expression over the row, in which the column's name means the old value.</param>
public sealed record FormerColumn(int Ordinal, long Through, string Conversion);

public enum SystemTimeColumn
{
    None,
    RowStart,
    RowEnd,
}

/// <summary>An index as the planner sees it.</summary>
/// <param name="Oid">pg_class.oid of the index.</param>
/// <param name="Name">Its name.</param>
/// <param name="Keys">Key columns in order.</param>
/// <param name="IsUnique">True when no two current rows share a key without NULLs.</param>
/// <param name="IsPrimary">True for the primary key's.</param>
/// <param name="Source">The store's index, for the runtime.</param>
public sealed record IndexInfo(int Oid, string Name, ImmutableArray<IndexKey> Keys, bool IsUnique, bool IsPrimary, object? Source)
{
    /// <summary>A partial index's predicate over the table's row; null for a whole index. Columns have their attribute numbers as ids.</summary>
    public ScalarExpr? Predicate { get; init; }

    /// <summary>True when it answers only for equality on all its keys (a hash index).</summary>
    public bool EqualityOnly { get; init; }

    /// <summary>True when the last two keys are the ends of a period, and rows that agree in the others don't overlap.</summary>
    public bool WithoutOverlaps { get; init; }
}

/// <param name="Ordinal">The relation's column; -1 for an expression.</param>
/// <param name="Expression">The expression when <paramref name="Ordinal"/> is -1; columns have their attribute numbers as ids.</param>
public sealed record IndexKey(int Ordinal, bool Descending, bool NullsFirst, ScalarExpr? Expression = null)
{
    /// <summary>The expression as SQL; null for a column.</summary>
    public string? ExpressionText { get; init; }
}
