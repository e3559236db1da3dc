using DriftDb.Types;

namespace DriftDb.Plan;

/// <summary>The value of a column of the input, or of an outer query when the id isn't among the input's columns (a correlation).</summary>
public sealed record ScalarColumn(int Id, string Name, SqlType ColumnType, bool ColumnNullable) : ScalarLeaf(ColumnType, ColumnNullable);
