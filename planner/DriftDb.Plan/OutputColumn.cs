using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary>
/// A column of a plan node's output. Plans refer to columns by <see cref="Id"/>, which is unique within a statement: a name is only for people.
/// </summary>
/// <param name="Id">Unique within the statement; given by <see cref="ColumnIds"/>.</param>
/// <param name="Name">What a client sees as the column's name.</param>
/// <param name="Type">Type of its values.</param>
/// <param name="Nullable">False only when it is proven that no value is NULL.</param>
public sealed record OutputColumn(int Id, string Name, SqlType Type, bool Nullable)
{
    /// <summary>The table column that it shows unchanged: a client's RowDescription names it; null for computed columns.</summary>
    public ColumnOrigin? Origin { get; init; }

    public ScalarColumn Reference() => new(Id, Name, Type, Nullable);

    public override string ToString() => $"{Name}#{Id}";
}

/// <summary>A base table's column behind an output column.</summary>
/// <param name="TableOid">pg_class.oid.</param>
/// <param name="AttributeNumber">pg_attribute.attnum, from 1.</param>
public sealed record ColumnOrigin(int TableOid, short AttributeNumber);

/// <summary>Hands out the column ids of one statement.</summary>
public sealed class ColumnIds
{
    private int _last;

    public int Next() => ++_last;

    public OutputColumn New(string name, SqlType type, bool nullable) => new(Next(), name, type, nullable);
}
