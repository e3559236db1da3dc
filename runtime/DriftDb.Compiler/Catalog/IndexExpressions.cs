using System.Collections.Immutable;
using DriftDb.Binder;
using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>An index's expressions and predicate, bound: columns are known by their numbers in the table.</summary>
/// <param name="Keys">One for each key; null where the key is a column.</param>
/// <param name="Predicate">Which rows are in the index; null for all.</param>
internal sealed record IndexExpressions(ImmutableArray<ScalarExpr?> Keys, ScalarExpr? Predicate)
{
    public static bool Has(IndexObject index) => index.PredicateText is not null || index.Keys.Any(key => key.Column == 0);

    /// <summary>Binds the stored texts.</summary>
    public static IndexExpressions Of(Database database, TableObject table, IndexObject index) => new(
        [.. index.Keys.Select(key => key.ExpressionText is null ? null : Bind(database, table, key.ExpressionText, "index expressions", null))],
        index.PredicateText is null ? null : Bind(database, table, index.PredicateText, "index predicates", SqlType.Bool));

    public static SqlType TypeOf(Database database, TableObject table, string expression) => Bind(database, table, expression, "index expressions", null).Type;

    /// <summary>Binds an expression over the table's row and makes sure that its value depends on nothing but the row.</summary>
    public static ScalarExpr BindImmutable(Database database, TableObject table, Expr expression, string clause, SqlType? target)
    {
        string what = clause == "index predicates" ? "index predicate" : "index expression";
        var bound = Bind(database, table, expression, clause, target);
        foreach (var node in bound.DescendantsAndSelf())
        {
            if (node is ScalarSubquery) throw new SqlException(SqlState.FeatureNotSupported, $"cannot use subquery in {what}", node.Span);
            if (node is ScalarCall { Function.Volatility: not Volatility.Immutable } || node is ScalarCast cast && DependsOnSettings(cast.Operand.Type, cast.TargetType))
                throw new SqlException(SqlState.InvalidObjectDefinition, $"functions in {what} must be marked IMMUTABLE");
        }

        return bound;
    }

    /// <summary>Casts that read or write dates, floats and names as the session's settings say.</summary>
    private static bool DependsOnSettings(SqlType from, SqlType to)
    {
        if (from.Id == to.Id || from.Id == TypeId.Unknown) return false;
        bool involvesText = from.IsString || to.IsString;
        var other = from.IsString ? to : from;
        // Labels may be renamed, and the text of a row depends on its fields.
        if (involvesText && other.Id is TypeId.Enum or TypeId.Record) return true;
        if (involvesText) return IsTime(other) || other.Id is TypeId.Interval or TypeId.Float4 or TypeId.Float8 or TypeId.Bytea or TypeId.RegClass or TypeId.RegType;
        return (from.Id == TypeId.TimestampTz && IsTime(to)) || (to.Id == TypeId.TimestampTz && IsTime(from));
    }

    private static bool IsTime(SqlType type) => type.Id is TypeId.Date or TypeId.Time or TypeId.TimeTz or TypeId.Timestamp or TypeId.TimestampTz;

    /// <summary>Binds a stored text. Places in it mean nothing to the statement that is running.</summary>
    private static ScalarExpr Bind(Database database, TableObject table, string text, string clause, SqlType? target)
    {
        try
        {
            return Bind(database, table, SqlParser.ParseExpression(text), clause, target);
        }
        catch (SqlException error)
        {
            throw new SqlException(error.SqlState, error.Message, SourceSpan.None, error.Detail, error.Hint, error);
        }
    }

    private static ScalarExpr Bind(Database database, TableObject table, Expr expression, string clause, SqlType? target)
    {
        var columns = table.LiveColumns().Select(column => new OutputColumn(column.Number, column.Name, column.Type.ToSqlType(), true));
        var options = new BindOptions(new NoRelations(database.Functions, table), (type, literal) => ValueText.Parse(type, literal, FormatSettings.Default), _ => null, null!, [], null!, DeepStack.MostLevels, false);
        var bound = Binder.Binder.BindExpression(expression, options, [.. columns], clause, null!);
        if (target is not null && bound.Type.Id != target.Id) throw new SqlException(SqlState.DatatypeMismatch, $"argument of WHERE must be type {target}, not type {bound.Type.WithoutTypmod()}", expression.Span);
        return bound;
    }

    /// <summary>Expressions over a row know types and functions, and no relations.</summary>
    private sealed class NoRelations(IFunctionCatalog functions, TableObject table) : ICatalog
    {
        public IFunctionCatalog Functions => functions;

        public IReadOnlyList<string> SearchPath => ["pg_catalog"];

        public IRelation? FindRelation(string? schema, string name) => null;

        public IRelation? FindRelationAt(string? schema, string name, long catalogVersion) => null;

        public SqlType? FindType(string? schema, string name) => table.Types?.Find(name, schema is null ? [table.Schema, "public"] : [schema]);

        public bool SchemaExists(string schema) => schema == "pg_catalog";
    }
}
