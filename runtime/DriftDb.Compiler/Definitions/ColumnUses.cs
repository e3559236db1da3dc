using System.Collections.Immutable;
using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Which columns of a table the stored texts of expressions and views use: found by binding them, never by looking for names in the text.</summary>
internal static class ColumnUses
{
    /// <summary>Numbers of the columns that an expression over the table's row uses.</summary>
    public static HashSet<short> Of(Session session, TableObject table, string expression) => [.. Bind(session, table.Columns, expression).Select(use => use.Column)];

    /// <summary>The expression with a column's name replaced by another.</summary>
    public static string Renamed(Session session, TableObject table, string expression, short column, string name)
    {
        string quoted = ObjectNames.QuoteIfNeeded(name);
        foreach (var use in Bind(session, table.Columns, expression).Where(use => use.Column == column && !use.Span.IsNone).DistinctBy(use => use.Span.Start).OrderByDescending(use => use.Span.Start))
            expression = string.Concat(expression.AsSpan(0, use.Span.Start), quoted, expression.AsSpan(use.Span.End));
        return expression;
    }

    /// <summary>Whether a view's query uses the column, by reading the table itself.</summary>
    public static bool InView(Session session, CatalogRelation view, int tableOid, short column) =>
        view is IDefinedByQuery { QueryText: { } text } defined && defined.DependsOn.Contains(tableOid) && NamedText.OfQuery(session, text).UsesColumn(tableOid, column);

    private static List<(short Column, SourceSpan Span)> Bind(Session session, IReadOnlyList<ColumnObject> columns, string expression)
    {
        var ids = new ColumnIds();
        var numbers = new Dictionary<int, short>();
        var row = ImmutableArray.CreateBuilder<OutputColumn>();
        foreach (var column in columns.Where(column => !column.IsDropped))
        {
            var output = ids.New(column.Name, column.Type.ToSqlType(), true);
            numbers.Add(output.Id, column.Number);
            row.Add(output);
        }

        var bound = Binder.Binder.BindExpression(SqlParser.ParseExpression(expression), session.Environment.BindOptions([]), row.ToImmutable(), "check constraints", null);
        return [.. bound.DescendantsAndSelf().OfType<ScalarColumn>().Where(column => numbers.ContainsKey(column.Id)).Select(column => (numbers[column.Id], column.Span))];
    }
}
