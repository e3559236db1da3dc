using DriftDb.Binder;
using DriftDb.Frontend;
using DriftDb.Plan;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>Something gets another name: how a text that names it is to say it. A text without <paramref name="OldName"/> says nothing of it.</summary>
internal abstract record Renaming(string OldName)
{
    public abstract IEnumerable<TextEdit> In(NamedText text);

    /// <summary>Whether what a text names is the relation as it is now. A moment of the past goes on having the names that it had.</summary>
    protected static bool IsNow(IRelation named, CatalogRelation relation) =>
        named.Oid == relation.Oid && named.Name == relation.Name && named.Columns.Select(column => column.Name).SequenceEqual(relation.Columns.Select(column => column.Name));
}

/// <summary>Another name or schema of a table, view or sequence.</summary>
internal sealed record RelationRenaming(CatalogRelation Relation, string Schema, string Name) : Renaming(Relation.Name)
{
    private readonly string _qualified = ObjectNames.Qualify(Schema, Name);

    public override IEnumerable<TextEdit> In(NamedText text)
    {
        foreach (var place in text.Places)
        {
            if (place.Use is NameUse.Relation use && IsNow(use.Relation, Relation))
            {
                yield return new TextEdit(place.Span, _qualified);
                // Columns go on being reached by the old name.
                if (!use.AliasPlace.IsNone && Name != OldName) yield return new TextEdit(use.AliasPlace, $" AS {ObjectNames.QuoteIfNeeded(OldName)}");
            }
            else if (place.Use is NameUse.RelationLiteral literal && ObjectNames.Split(literal.Value) is var (schema, name) && name == OldName && (schema is null || schema == Relation.Schema) && text.At(place.Span) == ResolvedTexts.Literal(literal.Value))
            {
                yield return new TextEdit(place.Span, ResolvedTexts.Literal(_qualified));
            }
        }

        foreach (var mention in text.TypeNames.Where(mention => Relation.RowTypeOid != 0 && TypeNames.Oid(mention.Type) == Relation.RowTypeOid)) yield return new TextEdit(mention.Span, _qualified);
    }
}

/// <summary>Another name or schema of a function or procedure.</summary>
internal sealed record RoutineRenaming(RoutineObject Routine, string Schema, string Name) : Renaming(Routine.Name)
{
    public override IEnumerable<TextEdit> In(NamedText text)
    {
        foreach (var place in text.Places)
        {
            if (place.Use is NameUse.Routine { Called: var called } && called.Oid == Routine.Oid) yield return new TextEdit(place.Span, ObjectNames.Qualify(Schema, Name));
            // Its own parameters, after its name.
            else if (place.Use is NameUse.Parameter own && own.Routine.Oid == Routine.Oid && text.At(place.Span).Contains('.')) yield return new TextEdit(place.Span, $"{ObjectNames.QuoteIfNeeded(Name)}.{ObjectNames.QuoteIfNeeded(own.Name)}");
        }
    }
}

/// <summary>Another name or schema of a domain.</summary>
internal sealed record DomainRenaming(DomainObject Domain, string Schema, string Name) : Renaming(Domain.Name)
{
    public override IEnumerable<TextEdit> In(NamedText text) =>
        text.Places.Where(place => place.Use is NameUse.Domain { Type: var domain } && domain.Oid == Domain.Oid).Select(place => new TextEdit(place.Span, ObjectNames.Qualify(Schema, Name)));
}

/// <summary>Another name or schema of an enum or composite type.</summary>
internal sealed record TypeRenaming(int TypeOid, string Old, string Schema, string Name) : Renaming(Old)
{
    public override IEnumerable<TextEdit> In(NamedText text) =>
        text.TypeNames.Where(mention => TypeNames.Oid(mention.Type) == TypeOid).Select(mention => new TextEdit(mention.Span, ObjectNames.Qualify(Schema, Name)));
}

/// <summary>Another text of an enum's label.</summary>
internal sealed record LabelRenaming(int TypeOid, string Old, string New) : Renaming(Old.Replace("'", "''", StringComparison.Ordinal))
{
    public override IEnumerable<TextEdit> In(NamedText text) =>
        text.TypeMentions.Where(mention => !mention.IsName && !mention.Span.IsNone && TypeNames.Oid(mention.Type) == TypeOid && text.At(mention.Span) == ResolvedTexts.Literal(Old))
            .DistinctBy(mention => mention.Span.Start).Select(mention => new TextEdit(mention.Span, ResolvedTexts.Literal(New)));
}

/// <summary>Another name of a column of a table or view.</summary>
internal sealed record ColumnRenaming(CatalogRelation Relation, short Number, string Old, string New) : Renaming(Old)
{
    public override IEnumerable<TextEdit> In(NamedText text) => text.Places.Any(place => place.Use is NameUse.SharedColumn shared && shared.Sources.Any(IsNamed)) ? AliasesIn(text) : NamesIn(text);

    private IEnumerable<TextEdit> NamesIn(NamedText text)
    {
        string old = ObjectNames.QuoteIfNeeded(Old), name = ObjectNames.QuoteIfNeeded(New);
        foreach (var place in text.Places)
        {
            bool isReference = place.Use is NameUse.Column { Source: { } source } && IsNamed(source), isTarget = place.Use is NameUse.TargetColumn target && IsNamed(target.Source);
            if (!isReference && !isTarget || text.LastName(place.Span, Old) is not { } written) continue;
            // What is around goes on knowing the item by the old name.
            string item = isReference && text.Places.Any(other => other.Use is NameUse.ItemName && other.Span.Start == place.Span.End) ? $" AS {old}" : "";
            yield return new TextEdit(written, name + item);
        }
    }

    /// <summary>Both sides of a join by USING must go on having the name: the table's columns get their old names as an alias.</summary>
    private IEnumerable<TextEdit> AliasesIn(NamedText text)
    {
        foreach (var place in text.Places)
        {
            if (place.Use is not NameUse.Relation use || !IsNow(use.Relation, Relation)) continue;
            if (use.ColumnsPlace.IsNone) throw new SqlException(SqlState.FeatureNotSupported, $"cannot rename column \"{Old}\" of \"{Relation.Name}\": a join with USING needs its name", detail: text.Text);
            string alias = use.AliasPlace.IsNone ? "" : $" AS {ObjectNames.QuoteIfNeeded(Relation.Name)}";
            yield return new TextEdit(use.ColumnsPlace, $"{alias}({string.Join(", ", Relation.Columns.Select(column => ObjectNames.QuoteIfNeeded(column.Name)))})");
        }
    }

    private bool IsNamed(ColumnSource source) => source.Is(Relation.Oid, Number) && !source.IsAlias && IsNow(source.Relation, Relation);
}

/// <summary>Another name of a schema: what is in it is named with it in all kept texts.</summary>
internal sealed record SchemaRenaming(string Old, string New) : Renaming(Old)
{
    public override IEnumerable<TextEdit> In(NamedText text)
    {
        string old = ObjectNames.QuoteIfNeeded(Old) + ".", name = ObjectNames.QuoteIfNeeded(New) + ".";
        var named = text.Places.Where(place => place.Use is NameUse.Relation or NameUse.Routine or NameUse.Domain).Select(place => place.Span).Concat(text.TypeNames.Select(mention => mention.Span));
        foreach (var span in named.Where(span => text.At(span).StartsWith(old, StringComparison.Ordinal))) yield return new TextEdit(new SourceSpan(span.Start, old.Length), name);
        foreach (var place in text.Places)
        {
            if (place.Use is NameUse.RelationLiteral literal && ObjectNames.Split(literal.Value) is var (schema, relation) && schema == Old && text.At(place.Span) == ResolvedTexts.Literal(literal.Value))
                yield return new TextEdit(place.Span, ResolvedTexts.Literal(ObjectNames.Qualify(New, relation)));
        }
    }
}

/// <summary>A column of a table goes: lists of names that aliases give the table's columns lose its place.</summary>
internal sealed record ColumnRemoval(int RelationOid, short Number) : Renaming("")
{
    public override IEnumerable<TextEdit> In(NamedText text)
    {
        foreach (var place in text.Places.Where(place => place.Use is NameUse.ColumnAlias alias && alias.Source.Is(RelationOid, Number)))
        {
            var (start, end) = (place.Span.Start, place.Span.End);
            if (text.Text.AsSpan(end).StartsWith(", ", StringComparison.Ordinal)) end += 2;
            else if (text.Text.AsSpan(0, start).EndsWith(", ", StringComparison.Ordinal)) start -= 2;
            else (start, end) = (start - 1, end + 1);
            yield return new TextEdit(new SourceSpan(start, end - start), "");
        }
    }
}
