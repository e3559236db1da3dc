using System.Collections.Immutable;
using DriftDb.Binder;
using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// Which stored texts (checks, defaults, index expressions, views) name a type or one of its labels: found by binding them, never by looking for words.
/// </summary>
internal sealed class TypeTexts(Session session, int typeOid)
{
    /// <summary>True when the expression over the table's row names the type.</summary>
    public bool IsIn(TableObject table, string? text, SqlType? target = null) => text is not null && MentionsIn(table.Columns, text, target).Any();

    /// <summary>True when the query names the type, or one of its columns is of it.</summary>
    public bool IsIn(IDefinedByQuery view) => MentionsIn(view).Any();

    private IEnumerable<TypeMention> MentionsIn(IDefinedByQuery view) => view.QueryText is { } text ? MentionsIn(text) : [];

    private IEnumerable<TypeMention> MentionsIn(string query) => NamedText.OfQuery(session, query).TypeMentions.Where(IsOfType);

    private IEnumerable<TypeMention> MentionsIn(IReadOnlyList<ColumnObject> columns, string expression, SqlType? target) =>
        NamedText.OfExpression(session, expression, NamedText.Row(columns), target).TypeMentions.Where(IsOfType);

    private bool IsOfType(TypeMention mention) => TypeNames.Oid(mention.Type) == typeOid;
}
