using System.Collections.Immutable;
using System.Globalization;
using DriftDb.Binder;
using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// Queries and expressions as the catalog keeps them: relations, routines and types with their schemas, and stars written out, so that neither another search path nor a column added later changes what they say. And the way back:
/// as they are shown, with the names that the session's search path finds by themselves.
/// </summary>
internal sealed class ResolvedTexts(Session session)
{
    public string Query(Query query)
    {
        string text = SqlPrinter.PrintQuery(query);
        var bound = Bind(text);
        return Qualified(text, bound.ResolvedNames, bound.TypeMentions);
    }

    /// <summary>A statement of a routine's body.</summary>
    public string Statement(string text, DataStatement parsed, BindOptions options)
    {
        var bound = Binder.Binder.Bind(parsed, options);
        return Qualified(text, bound.ResolvedNames, bound.TypeMentions);
    }

    /// <summary>An expression that has been checked already.</summary>
    /// <param name="text">As the printer wrote it.</param>
    /// <param name="row">The columns that it may name.</param>
    /// <param name="target">The type that its value is to have; null for its own.</param>
    public string Expression(string text, ImmutableArray<OutputColumn> row, SqlType? target)
    {
        try
        {
            var names = Bind(text, row, target);
            return Qualified(text, names.ResolvedNames, names.TypeMentions);
        }
        catch (SqlException error) when (error.SqlState == SqlState.UndefinedTable)
        {
            // A sequence that the same statement makes: its name was written with the schema.
            return text;
        }
    }

    /// <summary>A kept query as the session would write it.</summary>
    public string ShownQuery(string text)
    {
        if (!MayHaveSchema(text)) return text;
        try
        {
            var bound = Bind(text);
            return Shortened(text, bound.ResolvedNames, bound.TypeMentions);
        }
        catch (SqlException)
        {
            return text;
        }
    }

    /// <summary>A kept expression as the session would write it.</summary>
    public string ShownExpression(string text, IEnumerable<ColumnObject> columns)
    {
        if (!MayHaveSchema(text)) return text;
        try
        {
            var names = Bind(text, Row(columns), null);
            return Shortened(text, names.ResolvedNames, names.TypeMentions);
        }
        catch (SqlException)
        {
            return text;
        }
    }

    /// <summary>0A000 for routines and domains of users: an index computes its keys where there is no session that knows them.</summary>
    public void RejectOwnNames(Expr expression, ImmutableArray<OutputColumn> row, string where)
    {
        ExpressionNames names;
        try
        {
            names = Binder.Binder.NamesOf(expression, session.Environment.BindOptions([]), row, null!);
        }
        catch (SqlException)
        {
            // Who binds it for the index says what is wrong.
            return;
        }

        if (names.ResolvedNames.FirstOrDefault(name => !name.IsLiteral) is { } own) throw TableBuilder.Unsupported($"\"{own.Names[0][^1]}\", a function or domain of a user, in {where}", own.Span);
    }

    /// <summary>Whether a kept expression calls the routine, or names the sequence in a literal.</summary>
    public bool IsUsedIn(string? text, IEnumerable<ColumnObject> columns, int oid)
    {
        if (text is null) return false;
        try
        {
            var names = Bind(text, Row(columns), null);
            return names.Routines.Contains(oid) || names.ResolvedNames.Any(name => name.IsLiteral && RelationIn(text[name.Span.Start..name.Span.End])?.Oid == oid);
        }
        catch (SqlException)
        {
            // What it names is gone already.
            return false;
        }
    }

    /// <summary>Whether a statement of a routine's body uses the routine or domain.</summary>
    public bool IsUsedIn(DataStatement statement, BindOptions options, int oid)
    {
        try
        {
            return Binder.Binder.Bind(statement, options).Routines.Contains(oid);
        }
        catch (SqlException)
        {
            return false;
        }
    }

    private bool MayHaveSchema(string text) =>
        session.Catalog.Snapshot.Schemas.Keys.Append("public").Any(schema => text.Contains(ObjectNames.QuoteIfNeeded(schema) + ".", StringComparison.Ordinal));

    private BoundStatement Bind(string query) =>
        session.Planner.Bind(DataStatement.NewQuery(((StatementNode.Query)SqlParser.ParseOne(query).Node).Item), []);

    private ExpressionNames Bind(string expression, ImmutableArray<OutputColumn> row, SqlType? target) =>
        Binder.Binder.NamesOf(SqlParser.ParseExpression(expression), session.Environment.BindOptions([]), row, target!);

    /// <summary>The columns that are there, as an expression over a row sees them.</summary>
    public static ImmutableArray<OutputColumn> Row(IEnumerable<ColumnObject> columns)
    {
        var ids = new ColumnIds();
        return [.. columns.Where(column => !column.IsDropped).Select(column => ids.New(column.Name, column.Type.ToSqlType(), true))];
    }

    private string Qualified(string text, ImmutableArray<ResolvedName> names, ImmutableArray<TypeMention> types)
    {
        // A name that stands elsewhere than its place says came from another text: the default of a parameter that a call leaves out.
        var places = names.Where(name => name.IsLiteral || StandsAt(text, name)).Select(name => (name.Span, Text: name.IsLiteral
            ? QualifiedLiteral(text, name.Span)
            : string.Join(", ", name.Names.Select(parts => string.Join('.', parts.Select(ObjectNames.QuoteIfNeeded))))));
        return Replaced(text, places.Concat(NamesOf(types).Select(mention => (mention.Span, Text: QualifiedType(TypeNames.Oid(mention.Type))))));
    }

    private string Shortened(string text, ImmutableArray<ResolvedName> names, ImmutableArray<TypeMention> types)
    {
        var places = names.Where(name => !name.IsLiteral && name.Names is [[var schema, var own]] && IsVisible(text, name.Span, schema, own)).Select(name => (name.Span, Text: ObjectNames.QuoteIfNeeded(name.Names[0][1])));
        var literals = names.Where(name => name.IsLiteral).Select(name => (name.Span, Text: ShownLiteral(text[name.Span.Start..name.Span.End])));
        return Replaced(text, places.Concat(literals).Concat(NamesOf(types).Select(mention => (mention.Span, Text: ShownType(TypeNames.Oid(mention.Type))))));
    }

    private static bool StandsAt(string text, ResolvedName name) =>
        name.Span.End <= text.Length && text.AsSpan(name.Span.Start, name.Span.Length) is var slice && (slice.EndsWith("*") || name.Names is [[.., var own]] && slice.EndsWith(ObjectNames.QuoteIfNeeded(own)));

    private static IEnumerable<TypeMention> NamesOf(ImmutableArray<TypeMention> types) => types.Where(mention => mention.IsName && !mention.Span.IsNone).DistinctBy(mention => mention.Span.Start);

    private static string Replaced(string text, IEnumerable<(SourceSpan Span, string Text)> places)
    {
        foreach (var (span, other) in places.OrderByDescending(place => place.Span.Start).ToList())
            text = string.Concat(text.AsSpan(0, span.Start), other, text.AsSpan(span.End));
        return text;
    }

    /// <summary>'s' as 'schema.s'::regclass; the system's relations and numbers stay as they are.</summary>
    private string QualifiedLiteral(string text, SourceSpan span)
    {
        string literal = text[span.Start..span.End], cast = text.AsSpan(span.End).StartsWith("::regclass", StringComparison.Ordinal) ? "" : "::regclass";
        return RelationIn(literal) is not { } relation || SystemCatalog.Schemas.ContainsKey(relation.Schema) && relation.Schema != "public"
            ? literal
            : Literal(ObjectNames.Qualify(relation.Schema, relation.Name)) + cast;
    }

    private string ShownLiteral(string literal) => RelationIn(literal) is { } relation ? Literal(Names.NameOf(TypeId.RegClass, relation.Oid)!) : literal;

    private static string Literal(string name) => $"'{name.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>The relation that a literal names; null for a number, and where it is no plain literal.</summary>
    private CatalogRelation? RelationIn(string literal)
    {
        if (literal is not ['\'', .., '\'']) return null;
        string name = literal[1..^1].Replace("''", "'", StringComparison.Ordinal);
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _)) return null;
        var (schema, own) = ObjectNames.Split(name);
        return session.Catalog.Find(schema, own);
    }

    /// <summary>Whether the name without its schema means the same: what stands around it tells what kind of name it is.</summary>
    private bool IsVisible(string text, SourceSpan span, string schema, string name)
    {
        var catalog = session.Catalog;
        if (span.End < text.Length && text[span.End] == '(') return catalog.FindRoutines(null, name) is [var first, ..] && first.Schema == schema;
        if (text.AsSpan(0, span.Start).EndsWith("::", StringComparison.Ordinal)) return catalog.DomainOf(null, name)?.Schema == schema;
        return catalog.Find(null, name)?.Schema == schema;
    }

    /// <summary>The type's name with its schema.</summary>
    private string QualifiedType(int oid)
    {
        var snapshot = session.Catalog.Snapshot;
        if (snapshot.Types.Enum(oid) is { } labels) return ObjectNames.Qualify(labels.Schema, labels.Name);
        if (snapshot.Types.Composite(oid) is { } composite) return ObjectNames.Qualify(composite.Schema, composite.Name);
        return snapshot.Find(CatalogOids.RelationOfRowType(oid)) is { } relation ? ObjectNames.Qualify(relation.Schema, relation.Name) : ShownType(oid);
    }

    private string ShownType(int oid) => Names.UserTypeName(oid) ?? "???";

    private ObjectNames Names => (ObjectNames)session.Services.ObjectNames;
}
