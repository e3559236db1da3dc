namespace DriftDb.Binder

open System.Collections.Generic
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
    { RoutineName: string
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
        { Alias = alias; Schema = None; Columns = columns; Hidden = []; Relation = None; IsPadded = false }

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

    let missingTable alias span : 'a = Errors.fail SqlState.UndefinedTable span $"missing FROM-clause entry for table \"{alias}\""

    /// The column that a name alone means. One in double quotes may have been meant as a string: DriftQL writes them so.
    let column (scope: Scope) (identifier: Identifier) span : OutputColumn =
        let name = identifier.Name

        match tryFind scope name span with
        | Some column -> column
        | None when identifier.Quoted ->
            let literal = name.Replace("'", "''")
            Errors.failWithHint SqlState.UndefinedColumn span $"column \"{name}\" does not exist" $"A string is written in single quotes: '{literal}'."
        | None -> Errors.fail SqlState.UndefinedColumn span $"column \"{name}\" does not exist"

    let rec findCte (scope: Scope) name : ScopeCte option =
        match scope.Ctes |> List.tryFind (fun c -> c.CteName = name) with
        | Some cte -> Some cte
        | None -> scope.Outer |> Option.bind (fun outer -> findCte outer name)
