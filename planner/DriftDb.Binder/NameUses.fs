namespace DriftDb.Binder

open System.Collections.Immutable
open DriftDb.Types
open DriftDb.Plan

/// A column of a relation that a name finds. IsAlias: the name is one that an alias gave it.
[<AllowNullLiteral; Sealed>]
type ColumnSource(relation: IRelation, number: int, isAlias: bool) =
    member _.Relation = relation
    member _.Number = number
    member _.IsAlias = isAlias
    member _.Is(relationOid: int, column: int16) = relation.Oid = relationOid && number = int column

/// What a place in a statement's own text stands for (not in the views and routines that it uses). A text that the catalog keeps is written out by these, so that neither another
/// search path nor a column added later changes what it says; and it is written anew by them when something that it names gets another name.
[<NoComparison; ReferenceEquality>]
type NameUse =
    /// A relation. AliasPlace: where a name of its own would stand; none where it has one. ColumnsPlace: where names for its columns would; none where it has some, or can't.
    | Relation of Relation: IRelation * AliasPlace: SourceSpan * ColumnsPlace: SourceSpan
    /// A literal whose value is a relation's name, as in nextval('s').
    | RelationLiteral of Value: string
    | Routine of Called: Routine
    | Domain of Type: Domain
    /// A column in an expression. Table: the name in FROM that reaches it, "" where only a name alone does. Source: null for the column of a derived table.
    | Column of Table: string * Name: string * Source: ColumnSource
    /// A name that columns of both sides of a join have: USING (a).
    | SharedColumn of Sources: ImmutableArray<ColumnSource>
    /// A column that is written to: INSERT (a), SET a.
    | TargetColumn of Source: ColumnSource
    /// The name that an alias gives a relation's column: t AS x(a, b).
    | ColumnAlias of Source: ColumnSource
    /// A parameter of the routine whose body the text is. InQuery: a column could come to have the name.
    | Parameter of Routine: Routine * Name: string * InQuery: bool
    /// A star, and the names that it stands for, each in parts.
    | Star of Names: ImmutableArray<ImmutableArray<string>>
    /// At the beginning of a join that has a name: all its columns, each in parts.
    | JoinColumns of Names: ImmutableArray<ImmutableArray<string>>
    /// A natural join's right side with the words before it, and the columns that it joins by.
    | CommonColumns of Names: ImmutableArray<string>
    /// After an INSERT's table: the columns that it doesn't name.
    | AllColumns of Names: ImmutableArray<string>
    /// After an item of a select list: the name that it has without AS. IsColumn: because it is a column of that name.
    | ItemName of Name: string * IsColumn: bool

/// A place in the text and what is there. Places that a text only implies are empty spans.
[<NoComparison; ReferenceEquality>]
type NamedPlace = { Span: SourceSpan; Use: NameUse }

/// A place in the statement's text that depends on an enum or composite type: the type's name, or a literal that is one of the enum's labels.
[<NoComparison>]
type TypeMention =
    { Span: SourceSpan
      Type: SqlType
      IsName: bool }

/// Where the statement's own text names something, as far as anybody wants to know it.
type NameUses(isWanted: bool) =
    let places = System.Collections.Generic.Dictionary<struct (int * int), NamedPlace>()
    let mentions = System.Collections.Generic.List<TypeMention>()

    /// Texts of others around what is being bound (views, routines, defaults): places in them are no places in the statement.
    member val Depth = 0 with get, set

    member this.IsWanted = isWanted && this.Depth = 0

    /// In the text's order.
    member _.Places = places.Values |> Seq.sortBy (fun place -> place.Span.Start) |> ImmutableArray.CreateRange

    member _.TypeMentions = ImmutableArray.CreateRange mentions

    member this.Add(span: SourceSpan, name: NameUse) =
        if this.IsWanted && not span.IsNone then
            let key = struct (span.Start, span.End)

            match name with
            // What a star stands for is bound as columns at the star's place.
            | Column _ -> places.TryAdd(key, { Span = span; Use = name }) |> ignore
            | _ -> places[key] <- { Span = span; Use = name }

    member this.Mention(sqlType: SqlType, span: SourceSpan, isName: bool) =
        let item = if sqlType.IsArray then sqlType.Element else sqlType

        if this.IsWanted && (not (isNull item.Enum) || item.IsComposite) then
            mentions.Add { Span = span; Type = item; IsName = isName }
