using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>COPY: makes the step for its direction.</summary>
internal static class CopyStatements
{
    public static Step Make(Session session, CopyStatement copy)
    {
        var options = CopyOptions.Read(copy);
        if (!copy.IsFrom && copy.Where is { } where) throw new SqlException(SqlState.SyntaxError, "WHERE clause not allowed with COPY TO", where.Value.Span);
        string? path = copy.Endpoint.IsClient ? null : CopyFiles.Path(session, copy);
        return copy.IsFrom ? In(session, copy, options, path) : Out(session, copy, options, path);
    }

    private static CopyInStep In(Session session, CopyStatement copy, CopyOptions options, string? path)
    {
        var source = (CopySource.Table)copy.Source;
        var table = Names.Table(session, source.Name);
        int[] columns = Columns(table, source);
        session.Access.RequireOnColumns(table, Rights.Insert, columns);
        return new CopyInStep(session, table, options, columns, copy.Where is { } where ? Condition(session, table, columns, where.Value) : null, path);
    }

    /// <summary>WHERE's text, once it is known to be a condition over the columns that the data have and nothing else.</summary>
    private static string Condition(Session session, TableRelation table, int[] columns, Expr where)
    {
        var row = columns.Select((ordinal, i) => new Plan.OutputColumn(i + 1, table.Columns[ordinal].Name, table.Columns[ordinal].Type, true));
        var bound = Binder.Binder.BindExpression(where, session.Environment.BindOptions([]), [.. row], "COPY FROM WHERE conditions", SqlType.Bool);
        if (bound.DescendantsAndSelf().Any(part => part is Plan.ScalarSubquery)) throw new SqlException(SqlState.FeatureNotSupported, "cannot use subquery in COPY FROM WHERE condition", where.Span);
        return SqlPrinter.PrintExpr(where);
    }

    private static CopyOutStep Out(Session session, CopyStatement copy, CopyOptions options, string? path)
    {
        DataStatement data;
        if (copy.Source is CopySource.Table table)
        {
            var relation = Names.Relation(session, table.Name);
            if (relation is ViewRelation)
                throw new SqlException(SqlState.WrongObjectType, $"cannot copy from view \"{relation.Name}\"", table.Name.Span, hint: "Try the COPY (SELECT ...) TO variant.");
            if (table.Columns.GroupBy(column => column.Name).FirstOrDefault(group => group.Count() > 1) is { } twice) throw Twice(twice.Key);
            string columns = table.Columns.IsEmpty ? "*" : string.Join(", ", table.Columns.Select(column => ObjectNames.QuoteIfNeeded(column.Name)));
            string sql = $"SELECT {columns} FROM {ObjectNames.QuoteIfNeeded(relation.Schema)}.{ObjectNames.QuoteIfNeeded(relation.Name)}";
            data = Session.AsData(SqlParser.ParseOne(sql).Node)!;
        }
        else
        {
            data = ((CopySource.Query)copy.Source).Query;
        }

        return new CopyOutStep(session, new QueryStep(session, session.Planner.Plan(data, []), null), options, path is null ? null : new CopyFileSink(path));
    }

    private static SqlException Twice(string column) => new(SqlState.DuplicateColumn, $"column \"{column}\" specified more than once");

    /// <summary>The columns that the data have, by ordinal.</summary>
    private static int[] Columns(TableRelation table, CopySource.Table source)
    {
        if (source.Columns.IsEmpty) return [.. table.Columns.Where(column => !column.IsGenerated && column.SystemTime == Plan.SystemTimeColumn.None).Select(column => column.Ordinal)];
        if (source.Columns.GroupBy(name => name.Name).FirstOrDefault(group => group.Count() > 1) is { } twice) throw Twice(twice.Key);
        return [.. source.Columns.Select(name => table.Columns.FirstOrDefault(column => column.Name == name.Name)?.Ordinal
            ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{name.Name}\" of relation \"{table.Name}\" does not exist"))];
    }
}
