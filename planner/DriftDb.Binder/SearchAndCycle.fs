namespace DriftDb.Binder

open System.Collections.Immutable
open DriftDb.Types
open DriftDb.Frontend

/// SEARCH and CYCLE of a recursive WITH query, in terms of what there is without them: rows carry the way on which they were reached.
///
///     r (n) AS (seed UNION ALL step) SEARCH DEPTH FIRST BY n SET o CYCLE n SET c USING p
///
/// is
///
///     r AS (WITH RECURSIVE r (n, sought, cyclic, path) AS (
///               SELECT x.n, ARRAY[ROW(x.n)], false, ARRAY[ROW(x.n)] FROM (seed) AS x (n)
///               UNION ALL
///               SELECT x.n, x.sought || ROW(x.n), ROW(x.n) = ANY (x.path), x.path || ROW(x.n) FROM (step, with r's sought and path, of rows that aren't cyclic) AS x (n, sought, path))
///           SELECT n, sought AS o, cyclic AS c, path AS p FROM r)
module internal SearchAndCycle =
    let private nowhere = SourceSpan.None
    let private name (text: string) : Identifier = { Name = text; Quoted = true; Span = nowhere }

    // Names that no statement has: only this rewriting reaches the columns behind them.
    let private own text = name ("\u0001" + text)
    let private depth, sought, cyclic, path = own "depth", own "sought", own "cyclic", own "path"
    let private part = name "x"

    /// Whether a column was added here: `*` leaves it out.
    let isOwn (column: string) = column.StartsWith '\u0001'

    let private columnOf (table: Identifier) (column: Identifier) = Expr.Column { Parts = [ table; column ]; Span = nowhere }
    let private row (table: Identifier) (columns: Identifier list) = Expr.Row(columns |> List.map (columnOf table), true, nowhere)
    let private binary symbol left right = Expr.Binary({ Schema = []; Symbol = symbol; Span = nowhere }, left, right, nowhere)
    /// The name by which the table reads itself in FROM.
    let rec private selfIn (table: Identifier) (reference: TableReference) : Identifier option =
        match reference with
        | TableReference.Table source when source.Name.Texts = [ table.Name ] ->
            match source.Alias with
            | Some { Name = Some alias } -> Some alias
            | _ -> Some table
        | TableReference.Join join -> selfIn table join.Left |> Option.orElse (selfIn table join.Right)
        | _ -> None

    let private check (what: string) (known: string list) (columns: Identifier list) (added: Identifier list) : unit =
        for column in columns do
            if not (List.contains column.Name known) then
                Errors.fail SqlState.SyntaxError column.Span $"{what} column \"{column.Name}\" not in WITH query column list"

            if columns |> List.filter (fun other -> other.Name = column.Name) |> List.length > 1 then
                Errors.fail SqlState.DuplicateColumn column.Span $"{what} column \"{column.Name}\" specified more than once"

        for column in added do
            if List.contains column.Name known then
                Errors.fail SqlState.SyntaxError column.Span $"{what} column name \"{column.Name}\" already used in WITH query column list"

    /// The table's query without the clauses, given the names of its columns.
    let rewrite (table: CommonTable) (union: Query) (columns: string list) : Query =
        let span = table.Span
        let names = columns |> List.map name
        let search, cycle = table.Search, table.Cycle
        search |> Option.iter (fun s -> check "search" columns s.Columns [ s.Sequence ])
        cycle |> Option.iter (fun c -> check "cycle" columns c.Columns [ c.Mark; c.Path ])

        let left, right, all =
            match union with
            | { Body = QueryBody.SetOperation(SetOperator.Union, all, None, left, QueryBody.Select right, _); With = None; OrderBy = []; Limit = None } -> left, right, all
            | _ -> Errors.fail SqlState.SyntaxError span "with a SEARCH or CYCLE clause, the right side of the UNION must be a SELECT"

        let self =
            match right.From |> List.tryPick (selfIn table.Name) with
            | Some self -> self
            | None -> Errors.fail SqlState.SyntaxError span "with a SEARCH or CYCLE clause, the recursive reference to WITH query must be at the top level of its right-hand SELECT"

        // What each clause adds: a hidden column, its value in the first rows, and its value in the rows that come from others.
        let array columns = Expr.Array([ row part columns ], nowhere)
        let append column columns = binary "||" (columnOf part column) (row part columns)
        let integer value = Expr.Literal(LiteralValue.Integer value, nowhere)

        let hidden =
            [ match search with
              | Some { DepthFirst = true; Columns = by } -> sought, array by, append sought by
              | Some _ -> depth, integer 0L, binary "+" (columnOf part depth) (integer 1L)
              | None -> ()

              match cycle with
              | Some { Columns = by } ->
                  let repeated = Expr.QuantifiedArray(row part by, { Schema = []; Symbol = "="; Span = nowhere }, Quantifier.Any, columnOf part path, nowhere)
                  cyclic, Expr.Literal(LiteralValue.Boolean false, nowhere), repeated
                  path, array by, append path by
              | None -> () ]

        let wrap (body: QueryBody) (carried: Identifier list) value =
            let alias = { Name = Some part; Columns = names @ carried; ColumnDefinitions = []; Span = nowhere }
            let source = TableReference.Subquery(MadeNodes.query body span, false, Some alias, span)
            QueryBody.Select(MadeNodes.select ((names |> List.map (fun n -> MadeNodes.item (columnOf part n) None)) @ (hidden |> List.map (fun h -> MadeNodes.item (value h) None))) [ source ] span)

        let carried = hidden |> List.map (fun (column, _, _) -> column) |> List.filter (fun column -> column.Name <> cyclic.Name)

        let step =
            let goesOn = cycle |> Option.map (fun _ -> Expr.Not(columnOf self cyclic, nowhere))

            let where =
                match right.Where, goesOn with
                | Some condition, Some wanted -> Some(Expr.And([ condition; wanted ], nowhere))
                | condition, wanted -> condition |> Option.orElse wanted

            QueryBody.Select { right with Items = right.Items @ (carried |> List.map (fun column -> MadeNodes.item (columnOf self column) None)); Where = where }

        let body = QueryBody.SetOperation(SetOperator.Union, all, None, wrap left [] (fun (_, first, _) -> first), wrap step carried (fun (_, _, later) -> later), span)

        let inner =
            { Name = table.Name
              Columns = names @ (hidden |> List.map (fun (column, _, _) -> column))
              Materialized = None
              Body = DataStatement.Query(MadeNodes.query body span)
              Search = None
              Cycle = None
              Span = span }

        let results =
            [ for n in names do
                  MadeNodes.item (columnOf table.Name n) (Some n)

              match search with
              | Some({ DepthFirst = true } as s) -> MadeNodes.item (columnOf table.Name sought) (Some s.Sequence)
              | Some s -> MadeNodes.item (Expr.Row(columnOf table.Name depth :: (s.Columns |> List.map (columnOf table.Name)), true, nowhere)) (Some s.Sequence)
              | None -> ()

              match cycle with
              | Some c ->
                  let mark = columnOf table.Name cyclic

                  let mark =
                      match c.Values with
                      | None -> mark
                      | Some values -> Expr.Case(None, [ { When = [ mark ]; Then = values.Cyclic; Span = nowhere } ], Some values.Otherwise, nowhere)

                  MadeNodes.item mark (Some c.Mark)
                  MadeNodes.item (columnOf table.Name path) (Some c.Path)
              | None -> () ]

        { MadeNodes.query (QueryBody.Select(MadeNodes.select results [ MadeNodes.table table.Name ] span)) span with With = Some { Recursive = true; Tables = [ inner ]; Span = span } }
