using System.Collections.Immutable;
using DriftDb.Binder;
using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>What stands at a place of a text instead; at an empty place, what comes in there.</summary>
internal readonly record struct TextEdit(SourceSpan Span, string Text);

/// <summary>A text, and what its names stand for: found by binding it, never by looking for words.</summary>
internal sealed record NamedText(string Text, ImmutableArray<NamedPlace> Places, ImmutableArray<TypeMention> TypeMentions, ImmutableArray<int> Routines)
{
    public static NamedText OfQuery(Session session, string text) => Of(text, Bound(session, DataStatement.NewQuery(((StatementNode.Query)SqlParser.ParseOne(text).Node).Item), null));

    /// <summary>A statement of a routine's body.</summary>
    public static NamedText OfStatement(Session session, string text, DataStatement parsed, Routine routine) => Of(text, Bound(session, parsed, routine));

    /// <summary>An expression over a row.</summary>
    /// <param name="session">Whose search path finds the names.</param>
    /// <param name="text">The expression.</param>
    /// <param name="row">The columns that it may name.</param>
    /// <param name="target">The type that its value is to have; null for its own.</param>
    public static NamedText OfExpression(Session session, string text, ImmutableArray<OutputColumn> row, SqlType? target)
    {
        var names = Binder.Binder.NamesOf(SqlParser.ParseExpression(text), (session.Environment with { WantsNames = true }).BindOptions([]), row, target!);
        return new NamedText(text, names.Names, names.TypeMentions, names.Routines);
    }

    /// <summary>The columns that are there, as an expression over a row sees them.</summary>
    public static ImmutableArray<OutputColumn> Row(IEnumerable<ColumnObject> columns)
    {
        var ids = new ColumnIds();
        return [.. columns.Where(column => !column.IsDropped).Select(column => ids.New(column.Name, column.Type.ToSqlType(), true))];
    }

    /// <summary>Oids of the relations that the text names itself, and of the routines and domains that it uses.</summary>
    public IEnumerable<int> Uses => Places.Select(place => place.Use).OfType<NameUse.Relation>().Select(use => use.Relation.Oid).Concat(Routines).Distinct();

    /// <summary>The place of the last of the names that stand there, when it is this one; words after a dot need no quotes.</summary>
    public SourceSpan? LastName(SourceSpan span, string name)
    {
        string written = At(span), quoted = $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        string? found = written.EndsWith(quoted, StringComparison.Ordinal) ? quoted : written.EndsWith(name, StringComparison.Ordinal) ? name : null;
        return found is null ? null : new SourceSpan(span.End - found.Length, found.Length);
    }

    /// <summary>Whether the text uses the column by its name, or by the name that USING gives both sides.</summary>
    public bool UsesColumn(int relationOid, short number) => Places.Any(place => place.Use switch
    {
        NameUse.Column { Source: { } source } => source.Is(relationOid, number),
        NameUse.TargetColumn { Source: var source } => source.Is(relationOid, number),
        NameUse.SharedColumn { Sources: var sources } => sources.Any(source => source.Is(relationOid, number)),
        _ => false,
    });

    public string At(SourceSpan span) => span.End <= Text.Length ? Text[span.Start..span.End] : "";

    /// <summary>Where the text writes types' names.</summary>
    public IEnumerable<TypeMention> TypeNames => TypeMentions.Where(mention => mention.IsName && !mention.Span.IsNone).DistinctBy(mention => mention.Span.Start);

    public string With(IEnumerable<TextEdit> edits)
    {
        string text = Text;
        foreach (var edit in edits.OrderByDescending(edit => edit.Span.Start).ThenByDescending(edit => edit.Span.Length).ToList())
            text = string.Concat(text.AsSpan(0, edit.Span.Start), edit.Text, text.AsSpan(edit.Span.End));
        return text;
    }

    private static BoundStatement Bound(Session session, DataStatement statement, Routine? routine)
    {
        var options = (session.Environment with { WantsNames = true, Routine = routine }).BindOptions(routine is null ? [] : [.. routine.Parameters.Select(parameter => parameter.Type)]);
        return DeepStack.Run(() => Binder.Binder.Bind(statement, options));
    }

    private static NamedText Of(string text, BoundStatement bound) => new(text, bound.Names, bound.TypeMentions, bound.Routines);
}
