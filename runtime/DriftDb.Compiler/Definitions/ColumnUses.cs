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
    public static bool InView(Session session, CatalogRelation view, int tableOid, short column)
    {
        if (view is not IDefinedByQuery { QueryText: { } text } defined || !defined.DependsOn.Contains(tableOid)) return false;
        var query = ((StatementNode.Query)SqlParser.ParseOne(text).Node).Item;
        var used = new HashSet<int>();
        var scans = new List<LogicalScan>();
        var plan = session.Planner.Bind(DataStatement.NewQuery(query), []).Plan;
        foreach (var output in plan.Output) used.Add(output.Id);
        Collect(plan, used, scans);
        return scans.Where(scan => scan.Relation.Oid == tableOid)
            .Any(scan => scan.Columns.Select((output, i) => (output, Source: scan.Sources[i])).Any(pair => pair.Source >= 0 && scan.Relation.Columns[pair.Source].AttributeNumber == column && used.Contains(pair.output.Id)));
    }

    private static void Collect(LogicalPlan plan, HashSet<int> used, List<LogicalScan> scans)
    {
        if (plan is LogicalScan scan) scans.Add(scan);
        foreach (var expression in plan.Expressions)
        {
            used.UnionWith(FreeColumns.Of(expression));
            foreach (var subquery in expression.DescendantsAndSelf().OfType<ScalarSubquery>())
            {
                foreach (var output in subquery.Plan.Output) used.Add(output.Id);
                Collect(subquery.Plan, used, scans);
            }
        }

        used.UnionWith(FreeColumns.Named(plan));
        foreach (var input in plan.Inputs)
        {
            // These put out what comes in by its place, without naming it.
            if (plan is LogicalSetOperation or LogicalRecursiveUnion or LogicalWith)
                foreach (var output in input.Output) used.Add(output.Id);
            Collect(input, used, scans);
        }
    }

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
