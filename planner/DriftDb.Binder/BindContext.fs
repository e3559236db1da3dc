namespace DriftDb.Binder

open System
open System.Collections.Generic
open System.Collections.Immutable
open DriftDb.Types
open DriftDb.Plan

/// What the binder is told about the statement's surroundings.
type BindOptions =
    { Catalog: ICatalog
      /// Makes a constant of a literal's text: boxed as ScalarConstant.Value wants it. Settings such as the time zone count.
      ParseLiteral: Func<SqlType, string, obj>
      /// Evaluates a time-travel point whose value is known before execution; null when it isn't. Gives the catalog's
      /// version then, which says which schema the past had.
      ResolvePoint: Func<ScalarExpr, Nullable<int64>>
      /// The session's own moment (SET drift.as_of): the period of table references without a temporal clause; null for now.
      SessionPeriod: SystemTimePeriod
      /// Types of the parameters that the client declared; Unknown where it left them to us. Longer than the statement needs is fine.
      DeclaredParameters: IReadOnlyList<SqlType>
      /// The routine whose body the statement belongs to, with the types of its parameters, which are $1 and so on; null for none.
      Routine: Routine
      /// Levels of expressions and queries within each other at which binding stops: later passes recurse over what is bound, so the stack decides.
      MostLevels: int
      /// Whether to find out what each name in the text stands for (NameUse): for texts that are kept.
      WantsNames: bool }

/// What the statement has been found to do with a relation so far (see RelationAccess).
[<NoComparison; ReferenceEquality>]
type internal AccessNote =
    { Relation: IRelation
      Through: IRelation
      Selected: HashSet<int>
      Inserted: HashSet<int>
      Updated: HashSet<int>
      mutable Reads: bool
      mutable Inserts: bool
      mutable Deletes: bool
      mutable Locks: bool }

/// The mutable state of binding one statement.
type internal BindContext(options: BindOptions) =
    let parameters = List<SqlType>(options.DeclaredParameters)
    let relations = Dictionary<int, IRelation>()
    let accesses = Dictionary<struct (int * int), AccessNote>()
    let origins = Dictionary<int, struct (AccessNote * int)>()

    member val Ids = ColumnIds()
    member val NextCteId = 0 with get, set

    /// Levels from the statement down to what is being bound.
    member val Level = 0 with get, set

    /// Before something is bound that may have something of its kind in it; <see cref="Leave"/> must follow unless binding fails.
    member this.Enter(span: SourceSpan) =
        this.Level <- this.Level + 1
        this.RequireLevels(0, span)

    member this.Leave() = this.Level <- this.Level - 1

    /// Fails when what is being bound can't go so many levels deeper.
    member this.RequireLevels(count: int, span: SourceSpan) =
        if this.Level + count > options.MostLevels then
            Errors.failWithHint SqlState.StatementTooComplex span "stack depth limit exceeded" "Split the statement into smaller parts."

    /// True once a function was called whose result depends on more than its arguments.
    member val HasVolatile = false with get, set

    /// True once a table is read at a moment that only execution knows.
    member val HasOpenPeriod = false with get, set

    /// Columns whose value is a literal without a type: text where they stand alone, but a set operation's other side may decide otherwise.
    member val UntypedColumns = HashSet<int>()

    member _.Options = options
    member _.Catalog = options.Catalog

    member _.ParameterType(number: int) =
        while parameters.Count < number do
            parameters.Add SqlType.Unknown

        parameters[number - 1]

    /// Decides the type of a parameter by its first use.
    member this.ResolveParameter(number: int, sqlType: SqlType) =
        this.ParameterType number |> ignore
        parameters[number - 1] <- sqlType.WithoutTypmod()

    /// True when a parameter stands where its type can't be told, before another use may tell it.
    member val HasUntypedParameter = false with get, set

    member _.ParameterTypes = ImmutableArray.CreateRange parameters

    /// What the names in the statement's own text stand for.
    member val Names = NameUses options.WantsNames

    /// Binds a text that isn't the statement's own.
    member this.Aside(work: unit -> 'a) : 'a =
        this.Names.Depth <- this.Names.Depth + 1

        try
            work ()
        finally
            this.Names.Depth <- this.Names.Depth - 1

    /// Binds the text of a view, which may be one of views.
    member this.InView(view: IRelation, work: unit -> 'a) : 'a =
        if this.Names.Depth >= 100 then Errors.fail SqlState.StatementTooComplex SourceSpan.None $"view \"{view.Name}\" is nested too deeply"
        this.Aside work

    /// Binds a value that is used more than once to a variable, unless it is a leaf already.
    member this.Named(value: ScalarExpr) : (ScalarExpr -> ScalarExpr) * ScalarExpr =
        match value with
        | :? ScalarLeaf -> id, value
        | _ ->
            let variable = this.Ids.Next()
            (fun body -> ScalarLet(variable, value, body)), ScalarColumn(variable, "let", value.Type, value.Nullable)

    /// The routines whose bodies stand within each other in the place of their calls here: the innermost first.
    member val Inlined: int list = [] with get, set

    /// True once a routine is called that runs statements of its own.
    member val CallsPrograms = false with get, set

    /// Routines that the statement calls.
    member val Routines = HashSet<int>()

    /// The view whose query is being bound; null in the statement's own text.
    member val View: IRelation = null with get, set

    /// What the statement does with a relation: one note for all places that name it at the same level.
    member this.Access(relation: IRelation) : AccessNote =
        let key = struct (relation.Oid, (if isNull this.View then 0 else this.View.Oid))

        match accesses.TryGetValue key with
        | true, note -> note
        | _ ->
            let note =
                { Relation = relation
                  Through = this.View
                  Selected = HashSet()
                  Inserted = HashSet()
                  Updated = HashSet()
                  Reads = false
                  Inserts = false
                  Deletes = false
                  Locks = false }

            accesses[key] <- note
            note

    /// Says that a column of the plan is the relation's column with this ordinal, so that its use counts as a use of that.
    member _.ComesFrom(column: OutputColumn, note: AccessNote, ordinal: int) = origins[column.Id] <- struct (note, ordinal)

    /// True while an expression of the table's own definition is bound (a check, a generated column): nobody needs rights for that.
    member val IsDefinition = false with get, set

    /// Notes that the statement's text uses a column.
    member this.Reads(column: OutputColumn) =
        match origins.TryGetValue column.Id with
        | true, struct (note, ordinal) when not this.IsDefinition -> note.Selected.Add ordinal |> ignore
        | _ -> ()

    member _.Accesses: ImmutableArray<RelationAccess> =
        accesses.Values
        |> Seq.map (fun note ->
            RelationAccess(
                note.Relation,
                note.Through,
                Reads = note.Reads,
                Selected = ImmutableArray.CreateRange note.Selected,
                Inserts = note.Inserts,
                Inserted = ImmutableArray.CreateRange note.Inserted,
                Updated = ImmutableArray.CreateRange note.Updated,
                Deletes = note.Deletes,
                Locks = note.Locks
            ))
        |> ImmutableArray.CreateRange

    /// Notes a relation that the plan depends on.
    member _.Uses(relation: IRelation) = relations[relation.Oid] <- relation

    member _.UsedRelations = ImmutableArray.CreateRange relations.Values

    member this.NewCteId() =
        this.NextCteId <- this.NextCteId + 1
        this.NextCteId

    member this.NewColumn(name, sqlType, nullable) = this.Ids.New(name, sqlType, nullable)

module internal Sequences =
    let array (items: seq<'T>) = ImmutableArray.CreateRange items
