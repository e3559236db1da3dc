using DriftDb.Frontend;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// DriftQL's statements about documents, each said as SQL over the same tables. A document that brings a new field brings the table a column; a value
/// that a column can't hold widens it. Both are schema changes of the document's own transaction.
/// </summary>
internal static class DriftStatements
{
    /// <summary>Every version of a row, oldest first, with its life.</summary>
    public static Step ShowDrift(Session session, StatementNode.ShowDrift statement)
    {
        var table = Names.Table(session, statement.Table);
        string sql = $"SELECT __sequence, __sequence_end, system_time_start, system_time_end, {Columns(table)} FROM {Name(table)} FOR SYSTEM_TIME ALL WHERE {KeyCondition(table, statement.Key)} ORDER BY __sequence";
        return new QueryStep(session, session.Planner.Plan(Session.AsData(SqlParser.ParseOne(sql).Node)!, []), null);
    }

    public static Step Insert(Session session, StatementNode.DriftInsert statement)
    {
        var fields = DriftDocument.Read(statement.Document);
        return new DefinitionStep(session, executor =>
        {
            var table = Fit(session, executor, statement.Table, fields);
            session.Access.Require(table, Rights.Insert);
            string names = string.Join(", ", fields.Select(field => ObjectNames.QuoteIfNeeded(field.Name))), values = string.Join(", ", fields.Select(field => field.Literal));
            long rows = fields.Count == 0 ? InternalSql.Execute(session, $"INSERT INTO {Name(table)} DEFAULT VALUES") : InternalSql.Execute(session, $"INSERT INTO {Name(table)} ({names}) VALUES ({values})");
            return $"INSERT 0 {rows}";
        });
    }

    public static Step Patch(Session session, StatementNode.Patch statement)
    {
        var fields = DriftDocument.Read(statement.Document);
        return new DefinitionStep(session, executor =>
        {
            var table = Fit(session, executor, statement.Table, fields);
            session.Access.Require(table, Rights.Select | Rights.Update);
            if (fields.Count == 0) return "UPDATE 0";
            string assignments = string.Join(", ", fields.Select(field => $"{ObjectNames.QuoteIfNeeded(field.Name)} = {field.Literal}"));
            return $"UPDATE {InternalSql.Execute(session, $"UPDATE {Name(table)} SET {assignments} WHERE {KeyCondition(table, statement.Key)}")}";
        });
    }

    public static Step SoftDelete(Session session, StatementNode.SoftDelete statement)
    {
        var table = Names.Table(session, statement.Table);
        string sql = $"DELETE FROM {Name(table)} WHERE {KeyCondition(table, statement.Key)}";
        return new QueryStep(session, session.Planner.Plan(Session.AsData(SqlParser.ParseOne(sql).Node)!, []), null);
    }

    /// <summary>The table with a fitting column for every field; only a document table is changed for it.</summary>
    private static TableRelation Fit(Session session, DefinitionExecutor executor, QualifiedName name, IReadOnlyList<DriftDocument.Field> fields)
    {
        var table = Names.Table(session, name);
        if (!table.Definition.IsDocument) return table;
        foreach (var field in fields)
        {
            var column = table.Definition.LiveColumns().FirstOrDefault(candidate => candidate.Name == field.Name);
            if (column is { IsUntyped: true } && field.Type is not null)
            {
                // The first value says what the column is. What SQL may have put there is text.
                if (field.Type.Id != TypeId.Text && !executor.HasValues(table, column)) Retype(executor, table, field, field.Type);
                executor.MarkTyped(Names.Table(session, name).Oid, field.Name);
            }
            else if (column is null)
            {
                executor.Execute(SqlParser.ParseOne($"ALTER TABLE {Name(table)} ADD COLUMN {ObjectNames.QuoteIfNeeded(field.Name)} {field.ColumnType}").Node);
                if (field.Type is null) executor.MarkTyped(table.Oid, field.Name, isTyped: false);
            }
            else if (Widened(column.Type.ToSqlType(), field.Type) is { } wider) Retype(executor, table, field, wider);
            else continue;
            table = Names.Table(session, name);
        }

        return table;
    }

    private static void Retype(DefinitionExecutor executor, TableRelation table, DriftDocument.Field field, SqlType type)
    {
        string column = ObjectNames.QuoteIfNeeded(field.Name);
        executor.Execute(SqlParser.ParseOne($"ALTER TABLE {Name(table)} ALTER COLUMN {column} TYPE {type} USING {column}::{type}").Node);
    }

    /// <summary>The type that holds both the column's values and the field's; null where the column's does already.</summary>
    private static SqlType? Widened(SqlType column, SqlType? field)
    {
        if (field is null || column.Id == field.Id || column.Id == TypeId.Text) return null;
        return (column.Id, field.Id) switch
        {
            (TypeId.Numeric, TypeId.Int8) => null,
            (TypeId.Int8, TypeId.Numeric) => SqlType.Numeric,
            _ => SqlType.Text,
        };
    }

    /// <summary><c>key columns = key</c>; the key's text is read as the columns' types.</summary>
    private static string KeyCondition(TableRelation table, Expr key)
    {
        var primary = table.Definition.Constraints.FirstOrDefault(constraint => constraint.Kind == 'p')
            ?? throw new SqlException(SqlState.UndefinedObject, $"table \"{table.Name}\" has no primary key", key.Span, hint: "KEY names a row by its primary key; use SQL with a WHERE clause instead.");
        var columns = primary.Columns.Select(number => ObjectNames.QuoteIfNeeded(table.Definition.Columns.First(column => column.Number == number).Name)).ToList();
        var values = key is Expr.Row row ? row.Items.ToList() : [key];
        if (values.Count != columns.Count) throw new SqlException(SqlState.SyntaxError, $"the key of table \"{table.Name}\" has {columns.Count} columns, not {values.Count}", key.Span);
        return string.Join(" AND ", columns.Zip(values, (column, value) => $"{column} = {SqlPrinter.PrintExpr(value)}"));
    }

    private static string Columns(TableRelation table) => string.Join(", ", table.Columns.Select(column => ObjectNames.QuoteIfNeeded(column.Name)));

    private static string Name(TableRelation table) => $"{ObjectNames.QuoteIfNeeded(table.Schema)}.{ObjectNames.QuoteIfNeeded(table.Name)}";
}
