using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>COPY: makes the step for its direction.</summary>
internal static class CopyStatements
{
    public static Step Make(Session session, CopyStatement copy)
    {
        if (!copy.Endpoint.IsClient)
            throw new SqlException(SqlState.FeatureNotSupported, "COPY to and from files of the server is not supported", copy.Span, hint: "Use psql's \\copy, or COPY … STDIN and STDOUT.");
        var options = CopyOptions.Read(copy.Options);
        return copy.IsFrom ? In(session, copy, options) : Out(session, copy, options);
    }

    private static CopyInStep In(Session session, CopyStatement copy, CopyOptions options)
    {
        if (copy.Where is not null) throw TableBuilder.Unsupported("COPY … WHERE", copy.Span);
        var source = (CopySource.Table)copy.Source;
        var table = Names.Table(session, source.Name);
        int[] columns = Columns(table, source);
        session.Access.RequireOnColumns(table, Rights.Insert, columns);
        return new CopyInStep(session, table, options, columns);
    }

    private static CopyOutStep Out(Session session, CopyStatement copy, CopyOptions options)
    {
        DataStatement data;
        if (copy.Source is CopySource.Table table)
        {
            var relation = Names.Relation(session, table.Name);
            if (relation is ViewRelation)
                throw new SqlException(SqlState.WrongObjectType, $"cannot copy from view \"{relation.Name}\"", table.Name.Span, hint: "Try the COPY (SELECT ...) TO variant.");
            string columns = table.Columns.IsEmpty ? "*" : string.Join(", ", table.Columns.Select(column => ObjectNames.QuoteIfNeeded(column.Name)));
            string sql = $"SELECT {columns} FROM {ObjectNames.QuoteIfNeeded(relation.Schema)}.{ObjectNames.QuoteIfNeeded(relation.Name)}";
            data = Session.AsData(SqlParser.ParseOne(sql).Node)!;
        }
        else
        {
            data = ((CopySource.Query)copy.Source).Query;
        }

        return new CopyOutStep(session, new QueryStep(session, session.Planner.Plan(data, []), null), options);
    }

    /// <summary>The columns that the data have, by ordinal.</summary>
    private static int[] Columns(TableRelation table, CopySource.Table source)
    {
        if (source.Columns.IsEmpty) return [.. table.Columns.Where(column => !column.IsGenerated && column.SystemTime == Plan.SystemTimeColumn.None).Select(column => column.Ordinal)];
        return [.. source.Columns.Select(name => table.Columns.FirstOrDefault(column => column.Name == name.Name)?.Ordinal
            ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{name.Name}\" of relation \"{table.Name}\" does not exist"))];
    }
}
