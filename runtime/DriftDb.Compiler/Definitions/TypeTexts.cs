using System.Collections.Immutable;
using DriftDb.Binder;
using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// Which stored texts (checks, defaults, index expressions, views) name a type or one of its labels: found by binding them, never by looking for words. So a label or a type can get another name, and
/// what says the old one goes on meaning the same.
/// </summary>
internal sealed class TypeTexts(Session session, int typeOid)
{
    /// <summary>What stands at a place of a text instead; null leaves it.</summary>
    public delegate string? Replacement(TypeMention mention, string text);

    /// <summary>True when the expression over the table's row names the type.</summary>
    public bool IsIn(TableObject table, string? text, SqlType? target = null) => text is not null && MentionsIn(table.Columns, text, target).Any();

    /// <summary>True when the query names the type, or one of its columns is of it.</summary>
    public bool IsIn(IDefinedByQuery view) => MentionsIn(view).Any();

    public TableObject Renamed(TableObject table, Replacement replacement) => table with
    {
        Constraints = [.. table.Constraints.Select(constraint => constraint.CheckText is null ? constraint : constraint with { CheckText = Renamed(table.Columns, constraint.CheckText, null, replacement) })],
        Columns = [.. table.Columns.Select(column => column.DefaultText is null ? column : column with { DefaultText = Renamed(table.Columns, column.DefaultText, column.Type.ToSqlType(), replacement) })],
        Query = table.Query is null ? null : RenamedQuery(table.Query, replacement),
    };

    public IndexObject Renamed(TableObject table, IndexObject index, Replacement replacement) => index with
    {
        PredicateText = index.PredicateText is null ? null : Renamed(table.Columns, index.PredicateText, null, replacement),
        Keys = [.. index.Keys.Select(key => key.ExpressionText is null ? key : key with { ExpressionText = Renamed(table.Columns, key.ExpressionText, null, replacement) })],
    };

    public ViewObject Renamed(ViewObject view, Replacement replacement) => view with { Text = RenamedQuery(view.Text, replacement) };

    public DomainObject Renamed(DomainObject domain, Replacement replacement)
    {
        ColumnObject[] value = [new ColumnObject { Number = 1, Name = "value", Type = domain.BaseType }];
        return domain with
        {
            DefaultText = domain.DefaultText is null ? null : Renamed([], domain.DefaultText, domain.BaseType.ToSqlType(), replacement),
            Checks = [.. domain.Checks.Select(check => check with { Text = Renamed(value, check.Text, null, replacement) })],
        };
    }

    public RoutineObject Renamed(RoutineObject routine, Replacement replacement) => routine with
    {
        Parameters = [.. routine.Parameters.Select(parameter => parameter.DefaultText is null ? parameter : parameter with { DefaultText = Renamed([], parameter.DefaultText, parameter.Type.ToSqlType(), replacement) })],
    };

    private string Renamed(IReadOnlyList<ColumnObject> columns, string text, SqlType? target, Replacement replacement) => Replace(text, MentionsIn(columns, text, target), replacement);

    private string RenamedQuery(string text, Replacement replacement) => Replace(text, MentionsIn(text), replacement);

    private static string Replace(string text, IEnumerable<TypeMention> mentions, Replacement replacement)
    {
        foreach (var mention in mentions.Where(mention => !mention.Span.IsNone).DistinctBy(mention => mention.Span.Start).OrderByDescending(mention => mention.Span.Start).ToList())
            if (replacement(mention, text[mention.Span.Start..mention.Span.End]) is { } other) text = string.Concat(text.AsSpan(0, mention.Span.Start), other, text.AsSpan(mention.Span.End));
        return text;
    }

    private IEnumerable<TypeMention> MentionsIn(IDefinedByQuery view) => view.QueryText is { } text ? MentionsIn(text) : [];

    private IEnumerable<TypeMention> MentionsIn(string query)
    {
        var parsed = ((StatementNode.Query)SqlParser.ParseOne(query).Node).Item;
        return session.Planner.Bind(DataStatement.NewQuery(parsed), []).TypeMentions.Where(IsOfType);
    }

    private IEnumerable<TypeMention> MentionsIn(IReadOnlyList<ColumnObject> columns, string expression, SqlType? target)
    {
        return Binder.Binder.NamesOf(SqlParser.ParseExpression(expression), session.Environment.BindOptions([]), ResolvedTexts.Row(columns), target!).TypeMentions.Where(IsOfType);
    }

    private bool IsOfType(TypeMention mention) => TypeNames.Oid(mention.Type) == typeOid;
}
