using System.Collections.Immutable;
using System.Globalization;
using DriftDb.Binder;
using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>
/// Queries and expressions as the catalog keeps them: relations, routines and types with their schemas, columns with the tables that they are from, and what stars and natural joins stand for written out,
/// so that neither another search path nor a column added later changes what they say. And the way back: as they are shown, with the names that the session's search path finds by themselves.
/// </summary>
internal sealed class ResolvedTexts(Session session)
{
    /// <summary>A query as it is kept, and what it depends on (<see cref="NamedText.Uses"/>).</summary>
    public (string Text, int[] DependsOn) Query(Query query)
    {
        var named = NamedText.OfQuery(session, SqlPrinter.PrintQuery(query));
        return (Qualified(named), [.. named.Uses]);
    }

    /// <summary>A statement of a routine's body; of a RETURN the query that stands for it.</summary>
    public string Statement(string text, DataStatement parsed, Routine routine, bool isReturn)
    {
        var named = NamedText.OfStatement(session, text, parsed, routine);
        return Qualified(isReturn ? named with { Places = [.. named.Places.Where(place => place.Span.Start < text.Length)] } : named);
    }

    /// <summary>An expression that has been checked already.</summary>
    /// <param name="text">As the printer wrote it.</param>
    /// <param name="row">The columns that it may name.</param>
    /// <param name="target">The type that its value is to have; null for its own.</param>
    public string Expression(string text, ImmutableArray<OutputColumn> row, SqlType? target)
    {
        try
        {
            return Qualified(NamedText.OfExpression(session, text, row, target));
        }
        catch (SqlException error) when (error.SqlState == SqlState.UndefinedTable)
        {
            // A sequence that the same statement makes: its name was written with the schema.
            return text;
        }
    }

    /// <summary>A kept query as the session would write it.</summary>
    public string ShownQuery(string text) => Shown(text, () => NamedText.OfQuery(session, text));

    /// <summary>A kept expression as the session would write it.</summary>
    public string ShownExpression(string text, IEnumerable<ColumnObject> columns) => Shown(text, () => NamedText.OfExpression(session, text, NamedText.Row(columns), null));

    /// <summary>0A000 for routines and domains of users: an index computes its keys where there is no session that knows them.</summary>
    public void RejectOwnNames(Expr expression, ImmutableArray<OutputColumn> row, string where)
    {
        ImmutableArray<NamedPlace> places;
        try
        {
            places = NamedText.OfExpression(session, SqlPrinter.PrintExpr(expression), row, null).Places;
        }
        catch (SqlException)
        {
            // Who binds it for the index says what is wrong.
            return;
        }

        if (places.Select(place => place.Use switch { NameUse.Routine use => use.Called.Name, NameUse.Domain use => use.Type.Name, _ => null }).FirstOrDefault(name => name is not null) is { } own)
            throw TableBuilder.Unsupported($"\"{own}\", a function or domain of a user, in {where}", expression.Span);
    }

    /// <summary>Whether a kept expression calls the routine, casts to the domain, or names the sequence in a literal.</summary>
    public bool IsUsedIn(string? text, IEnumerable<ColumnObject> columns, int oid)
    {
        if (text is null) return false;
        try
        {
            var named = NamedText.OfExpression(session, text, NamedText.Row(columns), null);
            return named.Routines.Contains(oid) || named.Places.Any(place => place.Use is NameUse.RelationLiteral literal && RelationNamed(literal.Value)?.Oid == oid);
        }
        catch (SqlException)
        {
            // What it names is gone already.
            return false;
        }
    }

    /// <summary>Whether a statement of a routine's body that isn't a string is one that is asked for.</summary>
    public bool IsInBody(RoutineObject routine, Func<NamedText, bool> isAskedFor)
    {
        if (!routine.IsStandard) return false;
        var planned = session.Catalog.Snapshot.Planned(routine);
        return RoutineBodies.Statements(routine).Any(statement =>
        {
            try
            {
                return isAskedFor(NamedText.OfStatement(session, statement.Text, statement.Node, planned));
            }
            catch (SqlException)
            {
                return false;
            }
        });
    }

    /// <summary>The relation that a literal names; null for a number.</summary>
    public CatalogRelation? RelationNamed(string literal)
    {
        if (int.TryParse(literal, NumberStyles.None, CultureInfo.InvariantCulture, out _)) return null;
        var (schema, own) = ObjectNames.Split(literal);
        return session.Catalog.Find(schema, own);
    }

    public static string Literal(string name) => $"'{name.Replace("'", "''", StringComparison.Ordinal)}'";

    private string Shown(string text, Func<NamedText> named)
    {
        if (!session.Catalog.Snapshot.Schemas.Keys.Append("public").Any(schema => text.Contains(ObjectNames.QuoteIfNeeded(schema) + ".", StringComparison.Ordinal))) return text;
        try
        {
            var found = named();
            return found.With(found.Places.SelectMany(place => ShownAt(found, place)).Concat(found.TypeNames.Select(mention => new TextEdit(mention.Span, ShownType(TypeNames.Oid(mention.Type))))));
        }
        catch (SqlException)
        {
            return text;
        }
    }

    private string Qualified(NamedText named) =>
        named.With(named.Places.SelectMany(place => QualifiedAt(named, place)).Concat(named.TypeNames.Select(mention => new TextEdit(mention.Span, QualifiedType(TypeNames.Oid(mention.Type))))));

    /// <summary>What a kept text has at a place.</summary>
    private IEnumerable<TextEdit> QualifiedAt(NamedText named, NamedPlace place)
    {
        string written = named.At(place.Span);
        switch (place.Use)
        {
            case NameUse.Relation use when named.LastName(place.Span, use.Relation.Name) is not null:
                yield return new TextEdit(place.Span, ObjectNames.Qualify(use.Relation.Schema, use.Relation.Name));
                break;
            // A name that stands elsewhere than its place says came from another text: the default of a parameter that a call leaves out.
            case NameUse.Routine use when named.LastName(place.Span, use.Called.Name) is not null:
                yield return new TextEdit(place.Span, ObjectNames.Qualify(use.Called.Schema, use.Called.Name));
                break;
            case NameUse.Domain use when named.LastName(place.Span, use.Type.Name) is not null:
                yield return new TextEdit(place.Span, ObjectNames.Qualify(use.Type.Schema, use.Type.Name));
                break;
            // The system's relations and numbers stay as they are.
            case NameUse.RelationLiteral use when written == Literal(use.Value) && RelationNamed(use.Value) is { } relation && (relation.Schema == "public" || !SystemCatalog.Schemas.ContainsKey(relation.Schema)):
                string cast = named.Text.AsSpan(place.Span.End).StartsWith("::regclass", StringComparison.Ordinal) ? "" : "::regclass";
                yield return new TextEdit(place.Span, Literal(ObjectNames.Qualify(relation.Schema, relation.Name)) + cast);
                break;
            case NameUse.Column { Table: not "" } use when named.LastName(place.Span, use.Name) is not null:
                // Of (t).a the part after the parenthesis is the place.
                int before = written.Contains(')') && !written.StartsWith('(') ? 1 : 0;
                yield return new TextEdit(new SourceSpan(place.Span.Start - before, place.Span.Length + before), Dotted([use.Table, use.Name]));
                break;
            case NameUse.Parameter { InQuery: true } use when named.LastName(place.Span, use.Name) is not null:
                yield return new TextEdit(place.Span, Dotted([use.Routine.Name, use.Name]));
                break;
            case NameUse.Star use when written.EndsWith('*'):
                yield return new TextEdit(place.Span, string.Join(", ", use.Names.Select(name => Dotted(name))));
                break;
            case NameUse.JoinColumns use:
                yield return new TextEdit(place.Span, $"SELECT {string.Join(", ", use.Names.Select(name => Dotted(name)))} FROM ");
                break;
            case NameUse.CommonColumns use:
                var word = new SourceSpan(named.Text.IndexOf("NATURAL ", place.Span.Start, StringComparison.Ordinal), "NATURAL ".Length);
                yield return new TextEdit(word, "");
                yield return new TextEdit(new SourceSpan(place.Span.End, 0), use.Names.IsEmpty ? " ON true" : $" USING {List(use.Names)}");
                break;
            case NameUse.AllColumns use:
                yield return new TextEdit(place.Span, $" {List(use.Names)}");
                break;
            case NameUse.ItemName { IsColumn: false } use:
                yield return new TextEdit(place.Span, $" AS {ObjectNames.QuoteIfNeeded(use.Name)}");
                break;
        }
    }

    /// <summary>What a kept text shows at a place.</summary>
    private IEnumerable<TextEdit> ShownAt(NamedText named, NamedPlace place)
    {
        var catalog = session.Catalog;
        string? own = place.Use switch
        {
            NameUse.Relation { Relation: var relation } when catalog.Find(null, relation.Name)?.Schema == relation.Schema => relation.Name,
            NameUse.Routine { Called: var routine } when catalog.FindRoutines(null, routine.Name) is [var first, ..] && first.Schema == routine.Schema => routine.Name,
            NameUse.Domain { Type: var domain } when catalog.DomainOf(null, domain.Name)?.Schema == domain.Schema => domain.Name,
            _ => null,
        };
        if (own is not null) yield return new TextEdit(place.Span, ObjectNames.QuoteIfNeeded(own));
        else if (place.Use is NameUse.RelationLiteral literal && named.At(place.Span) == Literal(literal.Value) && RelationNamed(literal.Value) is { } found) yield return new TextEdit(place.Span, Literal(Names.NameOf(TypeId.RegClass, found.Oid)!));
    }

    private static string Dotted(IEnumerable<string> parts) => string.Join('.', parts.Select(ObjectNames.QuoteIfNeeded));

    private static string List(IEnumerable<string> names) => $"({string.Join(", ", names.Select(ObjectNames.QuoteIfNeeded))})";

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
