namespace DriftDb.Binder

open System.Collections.Generic
open System.Collections.Immutable
open DriftDb.Types
open DriftDb.Plan
open DriftDb.Frontend

/// A column that names can reach.
[<NoComparison; ReferenceEquality>]
type internal ScopeColumn =
    { Name: string
      Column: OutputColumn }

/// An entry of FROM: what `alias.column` looks into.
[<NoComparison; ReferenceEquality>]
type internal ScopeTable =
    { Alias: string
      Schema: string option
      Columns: ScopeColumn list
      /// Pseudo-columns (system_time_start, tableoid …): found by name when no real column has it, never part of `*`.
      Hidden: ScopeColumn list
      Relation: IRelation option
      /// The first so many columns have their names from an alias.
      Renamed: int
      /// True behind an outer join that may have no row of it.
      IsPadded: bool }

/// A common table expression in scope.
[<NoComparison; ReferenceEquality>]
type internal ScopeCte =
    { CteName: string
      CteId: int
      CteColumns: OutputColumn list
      /// True while its own recursive step is bound.
      IsSelf: bool
      /// True for a data-changing statement without RETURNING: it has no rows to read.
      IsSilent: bool
      mutable References: int }

/// The parameters of a routine whose body is being bound: what its names and `$n` stand for.
[<NoComparison; ReferenceEquality>]
type internal RoutineScope =
    { Of: Routine
      /// Empty names for parameters without one.
      Parameters: (string * ScalarExpr) list
      /// In the body of a procedural language, instead of the parameters: its variables. Else null.
      Variables: IVariableScope }

/// The names that one query level offers, and the levels around it.
[<NoComparison; ReferenceEquality>]
type internal Scope =
    { Tables: ScopeTable list
      /// What `*` gives and what bare names look into first: columns merged by USING stand once.
      Visible: ScopeColumn list
      Outer: Scope option
      Ctes: ScopeCte list
      Windows: (string * WindowSpecification) list
      Routine: RoutineScope option
      /// The moment that a trailing AS OF gives to every table reference below.
      AsOf: SystemTimePeriod option }

module internal Scope =
    let empty = { Tables = []; Visible = []; Outer = None; Ctes = []; Windows = []; Routine = None; AsOf = None }

    /// Columns under a name, of no relation that names could reach otherwise.
    let tableOf (alias: string) (columns: ScopeColumn list) : ScopeTable =
        { Alias = alias; Schema = None; Columns = columns; Hidden = []; Relation = None; Renamed = 0; IsPadded = false }

    /// A level inside this one: sees its names as outer names.
    let nested (outer: Scope) = { empty with Outer = Some outer; Ctes = outer.Ctes; Routine = outer.Routine; AsOf = outer.AsOf }

    let ofTable (table: ScopeTable) (like: Scope) = { like with Tables = [ table ]; Visible = table.Columns }

    /// Both sides of a join or a comma. The same alias twice is 42712.
    let combine (left: Scope) (right: Scope) (span: SourceSpan) =
        for table in right.Tables do
            if table.Alias <> "" && left.Tables |> List.exists (fun other -> other.Alias = table.Alias && (other.Schema = table.Schema || other.Schema.IsNone || table.Schema.IsNone)) then
                Errors.fail SqlState.DuplicateAlias span $"table name \"{table.Alias}\" specified more than once"

        { left with Tables = left.Tables @ right.Tables; Visible = left.Visible @ right.Visible }

    let private ambiguous name span : 'a = Errors.fail SqlState.AmbiguousColumn span $"column reference \"{name}\" is ambiguous"

    /// Looks a bare name up in one level. Merged columns and plain ones first, then pseudo-columns.
    let private findHere (scope: Scope) name span : OutputColumn option =
        match scope.Visible |> List.filter (fun c -> c.Name = name) with
        | [ one ] -> Some one.Column
        | _ :: _ :: _ -> ambiguous name span
        | [] ->
            match scope.Tables |> List.collect (fun t -> t.Hidden) |> List.filter (fun c -> c.Name = name) with
            | [ one ] -> Some one.Column
            | [] -> None
            | _ -> ambiguous name span

    let rec tryFind (scope: Scope) name span : OutputColumn option =
        match findHere scope name span with
        | Some column -> Some column
        | None -> scope.Outer |> Option.bind (fun outer -> tryFind outer name span)

    let rec findTable (scope: Scope) (schema: string option) alias : ScopeTable option =
        match scope.Tables |> List.tryFind (fun t -> t.Alias = alias && (schema.IsNone || t.Schema.IsNone || t.Schema = schema)) with
        | Some table -> Some table
        | None -> scope.Outer |> Option.bind (fun outer -> findTable outer schema alias)

    let findIn (table: ScopeTable) name : OutputColumn option =
        table.Columns @ table.Hidden |> List.tryFind (fun c -> c.Name = name) |> Option.map (fun c -> c.Column)

    /// Which column of its relation a column of the table is; null for that of a derived table.
    let sourceIn (table: ScopeTable) name (column: OutputColumn) : ColumnSource =
        match table.Relation, table.Columns |> List.tryFindIndex (fun c -> c.Name = name && c.Column.Id = column.Id) with
        | Some relation, Some i when i < relation.Columns.Length -> ColumnSource(relation, int relation.Columns[i].AttributeNumber, i < table.Renamed)
        | _ -> null

    let private tablesWith (scope: Scope) name (column: OutputColumn) =
        scope.Tables |> List.filter (fun t -> t.Alias <> "" && t.Columns @ t.Hidden |> List.exists (fun c -> c.Name = name && c.Column.Id = column.Id))

    /// The table that a column found by its name alone is from. Nothing for one that several have, and for one of a join.
    let rec tableWith (scope: Scope) name (column: OutputColumn) : ScopeTable option =
        match tablesWith scope name column with
        | [ one ] -> Some one
        | [] -> scope.Outer |> Option.bind (fun outer -> tableWith outer name column)
        | _ -> None

    /// All that `*` gives by the names that reach it for certain: columns of a join's USING by their name alone.
    let pathsToAll (scope: Scope) =
        let met = Dictionary<struct (string * int), int>()

        scope.Visible
        |> Seq.map (fun c ->
            let key = struct (c.Name, c.Column.Id)
            let before = match met.TryGetValue key with | true, count -> count | _ -> 0
            met[key] <- before + 1

            // A lateral subquery may put out the very column of its neighbour.
            match tablesWith scope c.Name c.Column |> List.tryItem before with
            | Some table -> ImmutableArray.Create(table.Alias, c.Name)
            | None -> ImmutableArray.Create c.Name)
        |> ImmutableArray.CreateRange

    /// All that `t.*` gives, likewise.
    let pathsIn (table: ScopeTable) = table.Columns |> Seq.map (fun c -> ImmutableArray.Create(table.Alias, c.Name)) |> ImmutableArray.CreateRange

    /// Whether there is no column that a name could find.
    let rec isEmpty (scope: Scope) = scope.Tables.IsEmpty && (match scope.Outer with Some outer -> isEmpty outer | None -> true)

    let missingTable alias span : 'a = Errors.fail SqlState.UndefinedTable span $"missing FROM-clause entry for table \"{alias}\""

    /// No column has the name. One in double quotes may have been meant as a string: DriftQL writes them so.
    let missingColumn (identifier: Identifier) span : 'a =
        let name = identifier.Name

        if identifier.Quoted then
            let literal = name.Replace("'", "''")
            Errors.failWithHint SqlState.UndefinedColumn span $"column \"{name}\" does not exist" $"A string is written in single quotes: '{literal}'."
        else
            Errors.fail SqlState.UndefinedColumn span $"column \"{name}\" does not exist"

    let rec findCte (scope: Scope) name : ScopeCte option =
        match scope.Ctes |> List.tryFind (fun c -> c.CteName = name) with
        | Some cte -> Some cte
        | None -> scope.Outer |> Option.bind (fun outer -> findCte outer name)
