using System.Collections.Immutable;
using System.Text;
using DriftDb.Plan;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Runtime;

/// <summary>The errors of constraints, in PostgreSQL's words.</summary>
internal static unsafe class WriteErrors
{
    public static SqlException NotNull(IRelation table, int ordinal, byte* row, TupleLayout layout, FormatSettings settings) =>
        new(SqlState.NotNullViolation, $"null value in column \"{table.Columns[ordinal].Name}\" of relation \"{table.Name}\" violates not-null constraint", detail: FailingRow(row, layout, settings))
        {
            SchemaName = table.Schema, TableName = table.Name, ColumnName = table.Columns[ordinal].Name,
        };

    public static SqlException Check(IRelation table, string constraint, byte* row, TupleLayout layout, FormatSettings settings) =>
        new(SqlState.CheckViolation, $"new row for relation \"{table.Name}\" violates check constraint \"{constraint}\"", detail: FailingRow(row, layout, settings))
        {
            SchemaName = table.Schema, TableName = table.Name, ConstraintName = constraint,
        };

    public static SqlException View(string view, byte* row, TupleLayout layout, FormatSettings settings) =>
        new(SqlState.WithCheckOptionViolation, $"new row violates check option for view \"{view}\"", detail: FailingRow(row, layout, settings));

    public static SqlException Unique(IRelation table, StorageIndex? index, byte* row, TupleLayout layout, FormatSettings settings)
    {
        IndexInfo? info = table.Indexes.FirstOrDefault(candidate => ReferenceEquals(candidate.Source, index));
        string name = info?.Name ?? index?.Definition.Name ?? "";
        string? detail = null;
        if (info is { WithoutOverlaps: true }) return Overlap(table, info, row, layout, settings);
        if (info is not null)
        {
            string values = string.Join(", ", info.Keys.Select(key => key.Expression is null ? Text(row, layout, key.Ordinal, settings) : Computed(table, index!, key.Expression, row, layout, settings)));
            string names = string.Join(", ", info.Keys.Select(key => key.Expression is null ? table.Columns[key.Ordinal].Name : key.Expression is ScalarCall ? key.ExpressionText : $"({key.ExpressionText})"));
            detail = $"Key ({names})=({values}) already exists.";
        }

        return new SqlException(SqlState.UniqueViolation, $"duplicate key value violates unique constraint \"{name}\"", detail: detail)
        {
            SchemaName = table.Schema, TableName = table.Name, ConstraintName = name,
        };
    }

    private static SqlException Overlap(IRelation table, IndexInfo index, byte* row, TupleLayout layout, FormatSettings settings)
    {
        ImmutableArray<IndexKey> owner = index.Keys[..^2];
        (int start, int end) = (index.Keys[^2].Ordinal, index.Keys[^1].Ordinal);
        string period = table.Periods.FirstOrDefault(candidate => candidate.Start == start && candidate.End == end)?.Name ?? "";
        string names = string.Join(", ", owner.Select(key => table.Columns[key.Ordinal].Name).Append(period));
        string values = string.Join(", ", owner.Select(key => Text(row, layout, key.Ordinal, settings)).Append($"[{Text(row, layout, start, settings)},{Text(row, layout, end, settings)})"));
        return new SqlException(SqlState.ExclusionViolation, $"conflicting key value violates exclusion constraint \"{index.Name}\"", detail: $"Key ({names})=({values}) overlaps an existing key.")
        {
            SchemaName = table.Schema, TableName = table.Name, ConstraintName = index.Name,
        };
    }

    /// <summary>An index expression's value for the row.</summary>
    private static string Computed(IRelation table, StorageIndex index, ScalarExpr expression, byte* row, TupleLayout layout, FormatSettings settings)
    {
        var computed = new RowExpressions(index.Table.Store, [expression], layout, id => table.Columns.FirstOrDefault(column => column.AttributeNumber == id)?.Ordinal ?? -1);
        string text = Text(computed.Evaluate(row), computed.Layout, 0, settings);
        GC.KeepAlive(computed);
        return text;
    }

    private static string FailingRow(byte* row, TupleLayout layout, FormatSettings settings)
    {
        var text = new StringBuilder("Failing row contains (");
        for (int i = 0; i < layout.ColumnCount; i++)
        {
            if (i > 0) text.Append(", ");
            string value = Text(row, layout, i, settings);
            text.Append(value.Length <= 64 ? value : value[..64] + "...");
        }

        return text.Append(").").ToString();
    }

    private static string Text(byte* row, TupleLayout layout, int column, FormatSettings settings) =>
        TupleLayout.IsNull(row, column) ? "null" : ValueText.Format(layout.Types[column], row + layout.Offset(column), settings);
}
