namespace DriftDb.Binder

open System
open System.Collections.Generic
open System.Collections.Immutable
open DriftDb.Types
open DriftDb.Plan
open DriftDb.Frontend

/// Queries: SELECT, VALUES, set operations, WITH, ORDER BY and LIMIT.
module internal QueryBinder =
    let private array items = Sequences.array items

    let private clause scope name = { Scope = scope; Clause = name; Collector = None; InAggregate = false; CaseOperand = None }

    /// The input's column under the item's name, or a new computed column.
    let private assign (context: BindContext) (input: LogicalPlan) (taken: HashSet<int>) name (value: ScalarExpr) : DriftDb.Plan.Assignment =
        let computed (column: OutputColumn) = DriftDb.Plan.Assignment(column, value)

        match value with
        | :? ScalarColumn as reference ->
            match input.Output |> Seq.tryFind (fun c -> c.Id = reference.Id) with
            | Some column when taken.Add column.Id -> computed (OutputColumn(column.Id, name, column.Type, column.Nullable, Origin = column.Origin))
            | Some column ->
                let fresh = context.NewColumn(name, column.Type, column.Nullable)
                computed (OutputColumn(fresh.Id, name, column.Type, column.Nullable, Origin = column.Origin))
            | None -> computed (context.NewColumn(name, value.Type, value.Nullable))
        | _ -> computed (context.NewColumn(name, value.Type, value.Nullable))

    /// `*` and `t.*` become the columns they stand for.
    let expandItems (scope: Scope) (items: SelectItem list) : (string * Choice<Expr, OutputColumn>) list =
        /// `t.* AS (a, b)`: all columns, each with a new name.
        let renamed (item: SelectItem) span (columns: ScopeColumn list) =
            if item.Columns.IsEmpty then
                columns |> List.map (fun c -> c.Name, Choice2Of2 c.Column)
            else
                if item.Columns.Length <> columns.Length then
                    Errors.fail SqlState.SyntaxError span $"{columns.Length} columns have {item.Columns.Length} names"

                List.map2 (fun (c: ScopeColumn) (name: Identifier) -> name.Name, Choice2Of2 c.Column) columns item.Columns

        items
        |> List.collect (fun item ->
            match item.Expression with
            | Expr.Star(None, span) ->
                if scope.Tables.IsEmpty then Errors.fail SqlState.SyntaxError span "SELECT * with no tables specified is not valid"
                renamed item span scope.Visible
            | Expr.Star(Some qualifier, span) ->
                let schema = match qualifier.Texts with | [ _ ] -> None | parts -> Some parts[parts.Length - 2]

                match Scope.findTable scope schema qualifier.Last with
                | Some table -> renamed item span table.Columns
                | None -> Scope.missingTable qualifier.Last span
            | expression -> [ ColumnNames.ofItem item, Choice1Of2 expression ])

    /// `v.*` of a variable around the statement is the fields of its value.
    let variableStars (scope: Scope) (items: SelectItem list) : SelectItem list =
        match scope.Routine with
        | Some around when not (isNull around.Variables) ->
            items
            |> List.map (fun item ->
                match item.Expression with
                | Expr.Star(Some qualifier, span) when (Scope.findTable scope None qualifier.Last).IsNone && not (isNull (around.Variables.Find(Sequences.array qualifier.Texts))) ->
                    { item with Expression = Expr.FieldStar(Expr.Column qualifier, span) }
                | _ -> item)
        | _ -> items

    /// A row of VALUES with each `v.*` of a variable, and each `(row).*`, replaced by its fields.
    let expandRow (services: Services) (env: ExprEnv) (row: Expr list) : Expr list =
        let hasStar = row |> List.exists (fun item -> match item with Expr.Star _ | Expr.FieldStar _ -> true | _ -> false)

        if not hasStar then row
        else
            row
            |> List.map (fun item -> MadeNodes.item item None)
            |> variableStars env.Scope
            |> RowReferences.expandItems (ExprBinder.bind services env)
            |> List.map (fun item -> item.Expression)

    /// Notes which columns the stars of a select list stand for (those of a join's USING by their name alone), and the names that items have without AS.
    let noteItems (context: BindContext) (scope: Scope) (items: SelectItem list) =
        if context.Names.IsWanted then
            for item in items do
                match item.Expression with
                | Expr.Star(qualifier, span) when item.Columns.IsEmpty ->
                    match qualifier with
                    | None -> context.Names.Add(span, NameUse.Star(Scope.pathsToAll scope))
                    | Some name -> Scope.findTable scope None name.Last |> Option.iter (fun table -> context.Names.Add(span, NameUse.Star(Scope.pathsIn table)))
                | Expr.Star _ | Expr.FieldStar _ -> ()
                | expression when item.Alias.IsSome -> ()
                | expression ->
                    match ColumnNames.ofExpr expression with
                    | "?column?" -> ()
                    | name -> context.Names.Add(SourceSpan(expression.Span.End, 0), NameUse.ItemName(name, expression.IsColumn))

    /// What is grouped by, once bound: expressions, and the grouping sets as indexes into them (None for one set of all).
    type private Grouping =
        { Keys: ScalarExpr list
          Sets: int list list option }

    let private bindGroupBy (services: Services) (env: ExprEnv) (items: (string * Choice<Expr, OutputColumn>) list) (groupBy: GroupByClause option) : Grouping =
        match groupBy with
        | None -> { Keys = []; Sets = None }
        | Some clause ->
            let context = services.Context
            let keys = List<ScalarExpr>()

            let itemExpression index =
                match snd (List.item index items) with
                | Choice1Of2 expression -> ExprBinder.bind services env expression
                | Choice2Of2 column -> column.Reference()

            let bindKey (expression: Expr) =
                let bound =
                    match expression with
                    | Expr.Literal(LiteralValue.Integer n, span) ->
                        if n < 1L || n > int64 items.Length then Errors.fail SqlState.InvalidColumnReference span $"GROUP BY position {n} is not in select list"
                        itemExpression (int n - 1)
                    | Expr.Column { Parts = [ name ] } when (Scope.tryFind { env.Scope with Outer = None } name.Name name.Span).IsNone ->
                        match items |> List.tryFindIndex (fun (alias, _) -> alias = name.Name) with
                        | Some index -> itemExpression index
                        | None -> ExprBinder.bind services env expression
                    | _ -> ExprBinder.bind services env expression

                let bound = Coercion.settle context bound
                Comparability.requireEquality bound.Type expression.Span

                match keys |> Seq.tryFindIndex (fun k -> ScalarEquality.Same(k, bound)) with
                | Some index -> index
                | None ->
                    keys.Add bound
                    keys.Count - 1

            /// An element as a list of grouping sets.
            let rec sets (element: GroupingElement) : int list list =
                match element with
                | GroupingElement.Expression expression -> [ [ bindKey expression ] ]
                | GroupingElement.Empty _ -> [ [] ]
                | GroupingElement.Keys(items, _) -> [ items |> List.map bindKey ]
                | GroupingElement.Rollup(items, _) ->
                    let parts = items |> List.map (fun i -> List.concat (sets i))
                    [ for n in parts.Length .. -1 .. 0 -> parts |> List.take n |> List.concat ]
                | GroupingElement.Cube(items, _) ->
                    let parts = items |> List.map (fun i -> List.concat (sets i))

                    let rec subsets parts =
                        match parts with
                        | [] -> [ [] ]
                        | head :: tail -> let rest = subsets tail in (rest |> List.map (fun s -> head @ s)) @ rest

                    subsets parts
                | GroupingElement.Sets(items, _) -> items |> List.collect sets

            let isPlain element =
                match element with
                | GroupingElement.Expression _ | GroupingElement.Keys _ -> true
                | _ -> false

            let product =
                clause.Elements
                |> List.map sets
                |> List.fold (fun acc next -> [ for a in acc do for b in next -> a @ b ]) [ [] ]
                |> List.map List.distinct

            if clause.Elements |> List.forall isPlain then { Keys = List.ofSeq keys; Sets = None }
            else { Keys = List.ofSeq keys; Sets = Some(if clause.Distinct then List.distinct product else product) }

    /// Replaces grouped expressions by their key columns; any other column of the input is 42803.
    let private overGroups (input: LogicalPlan) (scope: Scope) (keys: (ScalarExpr * OutputColumn) list) (markers: OutputColumn list) (extraKeys: List<OutputColumn>) (expression: ScalarExpr) : ScalarExpr =
        let inputIds = input.Output |> Seq.map (fun c -> c.Id) |> Set.ofSeq
        let isKey id = keys |> List.exists (fun (_, c) -> c.Id = id) || extraKeys |> Seq.exists (fun c -> c.Id = id)

        let tableOf id =
            scope.Tables |> List.tryFind (fun t -> t.Columns |> List.exists (fun c -> c.Column.Id = id))

        /// Grouping by a table's whole primary key determines its other columns.
        let isDetermined id =
            match tableOf id with
            | Some({ Relation = Some relation } as table) ->
                match relation.Indexes |> Seq.tryFind (fun i -> i.IsPrimary) with
                | Some primary ->
                    primary.Keys
                    |> Seq.forall (fun k -> k.Ordinal >= 0 && k.Ordinal < table.Columns.Length && isKey table.Columns[k.Ordinal].Column.Id)
                | None -> false
            | _ -> false

        let check id name (span: SourceSpan) =
            if inputIds.Contains id && not (isKey id) then
                if isDetermined id then
                    extraKeys.Add(input.Output |> Seq.find (fun c -> c.Id = id))
                else
                    let shown = match tableOf id with Some t -> $"{t.Alias}.{name}" | None -> name
                    Errors.fail SqlState.GroupingError span $"column \"{shown}\" must appear in the GROUP BY clause or be used in an aggregate function"

        let marked = keys |> List.mapi (fun i (key, _) -> key, List.tryItem i markers)

        let rec go (e: ScalarExpr) : ScalarExpr =
            match keys |> List.tryFind (fun (k, _) -> ScalarEquality.Same(k, e)) with
            | _ when GroupingNumber.isCall e -> GroupingNumber.ofCall marked (e :?> ScalarCall)
            | Some(_, column) -> (column.Reference() :> ScalarExpr).With e.Span
            | None ->
                match e with
                | :? ScalarColumn as column ->
                    check column.Id column.Name column.Span
                    e
                | :? ScalarSubquery as subquery ->
                    for id in FreeColumns.Of subquery.Plan do
                        if inputIds.Contains id && not (isKey id) && not (isDetermined id) then
                            let column = input.Output |> Seq.find (fun c -> c.Id = id)
                            let shown = match tableOf id with Some t -> $"{t.Alias}.{column.Name}" | None -> column.Name
                            Errors.fail SqlState.GroupingError e.Span $"subquery uses ungrouped column \"{shown}\" from outer query"
                        elif inputIds.Contains id then
                            check id "" e.Span

                    e.MapChildren go
                | _ -> e.MapChildren go

        go expression

    /// Adds the window functions of one select list, a node for each different window.
    let private addWindows (services: Services) (env: ExprEnv) (fix: ScalarExpr -> ScalarExpr) (collector: SelectCollector) (plan: LogicalPlan) : LogicalPlan =
        let context = services.Context
        let mutable current = plan

        let column (value: ScalarExpr) =
            match value with
            | :? ScalarColumn as c when current.Output |> Seq.exists (fun o -> o.Id = c.Id) -> current.Output |> Seq.find (fun o -> o.Id = c.Id)
            | _ ->
                let fresh = context.NewColumn("key", value.Type, value.Nullable)
                current <- LogicalProject(current, array ((current.Output |> Seq.map DriftDb.Plan.Assignment.PassThrough |> List.ofSeq) @ [ DriftDb.Plan.Assignment(fresh, value) ]))
                fresh

        for specification, calls in collector.Windows |> Seq.groupBy fst do
            let inner expression = Coercion.settle context (fix (ExprBinder.bind services env expression))
            let partition = specification.PartitionBy |> List.map (fun e -> column (inner e))

            let order =
                specification.OrderBy
                |> List.map (fun item ->
                    let descending = ExprBinder.isDescending item
                    SortKey((column (inner item.Expression)).Id, descending, ExprBinder.nullsFirst item descending))

            let calls =
                calls
                |> Seq.map (fun (_, call) ->
                    let arguments = call.Arguments |> Seq.map fix |> array
                    WindowCall(call.Column, call.Function, arguments, call.Frame, (if isNull call.Filter then null else fix call.Filter), IgnoresNulls = call.IgnoresNulls))
                |> array

            current <- LogicalWindow(current, array partition, array order, calls)

        current

    /// Set-returning functions of the select list: a dependent join. Several run side by side, row by row; the shorter ones are filled up with NULLs.
    let private addSetFunctions (context: BindContext) (collector: SelectCollector) (fix: ScalarExpr -> ScalarExpr) (plan: LogicalPlan) : LogicalPlan =
        let numbered (f: LogicalTableFunction) =
            let number = context.NewColumn("ordinality", SqlType.Int8, true)
            LogicalTableFunction(f.Function, f.Arguments, f.Columns, number) :> LogicalPlan, number

        let sideBySide (left: LogicalPlan, leftNumber: OutputColumn) (f: LogicalTableFunction) =
            let right, rightNumber = numbered f
            let condition = ScalarComparison(ComparisonOperator.Equal, leftNumber.Reference(), rightNumber.Reference())
            let join = LogicalJoin(DriftDb.Plan.JoinKind.Full, left, right, condition)
            let number = context.NewColumn("ordinality", SqlType.Int8, true)
            let either = ScalarCoalesce(array [ leftNumber.Reference() :> ScalarExpr; rightNumber.Reference() ])
            let passed = join.Output |> Seq.map DriftDb.Plan.Assignment.PassThrough |> List.ofSeq
            LogicalProject(join, array (passed @ [ DriftDb.Plan.Assignment(number, either) ])) :> LogicalPlan, number

        let plan =
            match List.ofSeq collector.RoutineRows, collector.SetFunctions.Count with
            | [], _ -> plan
            | [ one ], 0 -> RoutineRows.beside one fix plan
            | first :: _, _ -> Errors.unsupported first.Span "a function with a body of SQL beside another set-returning function"

        match collector.SetFunctions |> Seq.map (fun f -> f.MapExpressions fix :?> LogicalTableFunction) |> List.ofSeq with
        | [] -> plan
        | [ one ] -> LogicalApply(DriftDb.Plan.JoinKind.Inner, plan, one, ScalarConstant.True)
        | first :: rest ->
            let together, _ = rest |> List.fold sideBySide (numbered first)
            LogicalApply(DriftDb.Plan.JoinKind.Inner, plan, together, ScalarConstant.True)

    let private bindLimit (services: Services) (scope: Scope) (query: Query) (tieKeys: SortKey list) (plan: LogicalPlan) : LogicalPlan =
        let context = services.Context

        let bound name (target: SqlType) (expression: Expr option) : ScalarExpr =
            match expression with
            | None -> null
            | Some expression ->
                let value = ExprBinder.bind services (clause { Scope.empty with Outer = scope.Outer; Ctes = scope.Ctes; Routine = scope.Routine } name) expression

                if value.Type.Id = TypeId.Unknown || value.Type.IsNumber then
                    Coercion.convert context value target false
                else
                    Errors.fail SqlState.DatatypeMismatch expression.Span $"argument of {name} must be type {target}, not type {value.Type.WithoutTypmod()}"

        if query.Limit.IsNone && query.Offset.IsNone then plan
        else
            let count =
                if query.IsPercent then bound "FETCH FIRST" SqlType.Numeric query.Limit
                else bound "LIMIT" SqlType.Int8 query.Limit

            let offset = bound "OFFSET" SqlType.Int8 query.Offset

            if query.WithTies && query.OrderBy.IsEmpty then
                Errors.fail SqlState.SyntaxError query.Span "WITH TIES cannot be specified without ORDER BY clause"

            let ties = if query.WithTies then array tieKeys else ImmutableArray<SortKey>.Empty
            let limited (count: ScalarExpr) (offset: ScalarExpr) = LogicalLimit(plan, count, offset, ties, IsPercent = query.IsPercent)

            let hasSubquery (value: ScalarExpr) =
                not (isNull value) && value.DescendantsAndSelf() |> Seq.exists (fun node -> node :? ScalarSubquery)

            if not (hasSubquery count || hasSubquery offset) then
                limited count offset
            else
                // A limit is computed before the first row: a subquery in it is one of a row of its own, beside which the rows are limited.
                let given = List<DriftDb.Plan.Assignment>()

                let column name (value: ScalarExpr) : ScalarExpr =
                    if isNull value then null
                    else
                        let column = context.NewColumn(name, value.Type, true)
                        given.Add(DriftDb.Plan.Assignment(column, value))
                        ScalarColumn(column.Id, name, column.Type, true)

                let rows = limited (column "limit" count) (column "offset" offset)
                let beside = LogicalApply(DriftDb.Plan.JoinKind.Inner, LogicalProject(LogicalValues.OneRow, Sequences.array given), rows, ScalarConstant.True)
                LogicalProject(beside, plan.Output |> Seq.map DriftDb.Plan.Assignment.PassThrough |> Sequences.array)

    let private strength s =
        match s with
        | LockStrength.Update -> RowLockStrength.Update
        | LockStrength.NoKeyUpdate -> RowLockStrength.NoKeyUpdate
        | LockStrength.Share -> RowLockStrength.Share
        | LockStrength.KeyShare -> RowLockStrength.KeyShare

    /// FOR UPDATE: the scans below put out their row ids, and a lock node over them takes the locks.
    let private addLocking (context: BindContext) (query: Query) (scope: Scope) (plan: LogicalPlan) : LogicalPlan =
        query.Locking
        |> List.fold
            (fun (plan: LogicalPlan) locking ->
                let wanted (scan: LogicalScan) =
                    scan.Relation.Kind = RelationKind.Table
                    && isNull scan.Period
                    && (locking.Of.IsEmpty || locking.Of |> List.exists (fun name -> name.Last = scan.Alias))

                for name in locking.Of do
                    if not (scope.Tables |> List.exists (fun t -> t.Alias = name.Last)) then
                        Errors.fail SqlState.UndefinedTable name.Span $"relation \"{name.Last}\" in FOR UPDATE clause not found in FROM clause"

                let targets = List<struct (IRelation * int)>()

                let rec add (node: LogicalPlan) : LogicalPlan =
                    match node with
                    | :? LogicalScan as scan when wanted scan ->
                        let rowId = context.NewColumn("row id", SqlType.Int8, false)
                        targets.Add(struct (scan.Relation, rowId.Id))
                        (context.Access scan.Relation).Locks <- true
                        LogicalScan(scan.Relation, scan.Alias, scan.Columns.Add rowId, scan.Sources.Add ScanSource.RowId, scan.Period)
                    | :? LogicalScan | :? LogicalFilter | :? LogicalJoin -> node.MapInputs add
                    | _ -> node

                let withIds = add plan

                let policy =
                    match locking.Wait with
                    | LockWait.Wait -> LockWaitPolicy.Block
                    | LockWait.NoWait -> LockWaitPolicy.NoWait
                    | LockWait.SkipLocked -> LockWaitPolicy.SkipLocked

                if targets.Count = 0 then plan
                else LogicalLockRows(withIds, array targets, strength locking.Strength, policy))
            plan

    let rec bindQuery (services: Services) (scope: Scope) (query: Query) : LogicalPlan = bindQueryFor services scope query []

    /// Binds a query whose columns are stored: literals and parameters of its SELECT list become what they are stored as.
    and bindQueryFor (services: Services) (scope: Scope) (query: Query) (stored: SqlType list) : LogicalPlan =
        services.Context.Enter query.Span
        let scope =
            match query.AsOf with
            | Some point ->
                match FromBinder.bindPoint services scope point with
                | Some bound -> { scope with AsOf = Some(SystemTimePeriod(SystemTimeKind.AsOf, array [ bound ])) }
                | None -> { scope with AsOf = Some null }
            | None -> scope

        let plan = withTables services scope query.With (fun inner -> bindBody services inner query stored)
        services.Context.Leave()
        plan

    /// Binds WITH's tables, then the body in a scope that has them.
    and withTables (services: Services) (scope: Scope) (withClause: WithClause option) (body: Scope -> LogicalPlan) : LogicalPlan =
        match withClause with
        | None -> body scope
        | Some clause ->
            let context = services.Context

            for table in clause.Tables do
                if clause.Tables |> List.filter (fun other -> other.Name.Name = table.Name.Name) |> List.length > 1 then
                    Errors.fail SqlState.DuplicateAlias table.Name.Span $"WITH query name \"{table.Name.Name}\" specified more than once"

            let rec go (scope: Scope) (tables: CommonTable list) : LogicalPlan =
                match tables with
                | [] -> body scope
                | table :: rest ->
                    let id = context.NewCteId()

                    let definition =
                        match table.Body with
                        | _ when not clause.Recursive && (table.Search.IsSome || table.Cycle.IsSome) -> Errors.fail SqlState.SyntaxError table.Span "WITH query is not recursive"
                        | DataStatement.Query query when table.Search.IsSome || table.Cycle.IsSome -> bindQuery services (aroundTable scope) (withoutClauses services scope table query)
                        | DataStatement.Query query when clause.Recursive -> bindRecursive services scope table id query
                        | DataStatement.Query query -> bindQuery services (aroundTable scope) query
                        | write ->
                            if not (services.TopLevelWith |> Option.exists (fun top -> obj.ReferenceEquals(top, clause))) then
                                Errors.fail
                                    SqlState.FeatureNotSupported
                                    table.Span
                                    "WITH clause containing a data-modifying statement must be at the top level"

                            services.BindWrite { Scope.empty with Ctes = scope.Ctes; Routine = scope.Routine; AsOf = scope.AsOf } write

                    let writes = not table.Body.IsQuery

                    if table.Columns.Length > definition.Output.Length then
                        Errors.fail
                            SqlState.InvalidColumnReference
                            table.Span
                            $"WITH query \"{table.Name.Name}\" has {definition.Output.Length} columns available but {table.Columns.Length} columns specified"

                    let columns =
                        definition.Output
                        |> Seq.mapi (fun i c ->
                            let name = if i < table.Columns.Length then table.Columns[i].Name else c.Name
                            OutputColumn(c.Id, name, c.Type, c.Nullable))
                        |> List.ofSeq

                    let cte = { CteName = table.Name.Name; CteId = id; CteColumns = columns; IsSelf = false; IsSilent = writes && columns.IsEmpty; References = 0 }
                    let inner = go { scope with Ctes = cte :: scope.Ctes } rest
                    // What changes data is done once, whether anybody reads its rows or not.
                    if cte.References = 0 && not writes then inner
                    else LogicalWith(id, table.Name.Name, definition, inner, (writes || table.Materialized = Some true))

            go scope clause.Tables

    /// What a table of WITH sees around it.
    and private aroundTable (scope: Scope) : Scope = { Scope.empty with Outer = scope.Outer; Ctes = scope.Ctes; Routine = scope.Routine; AsOf = scope.AsOf }

    /// A recursive table's query with SEARCH and CYCLE spelt out. Its columns that have no name in the table's list have those of its first part.
    and private withoutClauses (services: Services) scope (table: CommonTable) (query: Query) : Query =
        match query.Body with
        | QueryBody.SetOperation(SetOperator.Union, _, None, left, _, _) ->
            let seed = bindOperand services (aroundTable scope) left
            let given = table.Columns |> List.map (fun c -> c.Name)
            SearchAndCycle.rewrite table query (given @ (seed.Output |> Seq.map (fun c -> c.Name) |> Seq.skip (min given.Length seed.Output.Length) |> List.ofSeq))
        | _ -> Errors.fail SqlState.SyntaxError table.Span "WITH query is not recursive"

    /// `seed UNION [ALL] step`, the step reading the table itself.
    and private bindRecursive (services: Services) scope (table: CommonTable) id (query: Query) : LogicalPlan =
        let context = services.Context
        let inner = aroundTable scope

        match query.Body with
        | QueryBody.SetOperation(SetOperator.Union, all, None, left, right, span) when query.OrderBy.IsEmpty && query.Limit.IsNone && query.With.IsNone ->
            let seed = bindOperand services inner left

            let columns =
                seed.Output
                |> Seq.mapi (fun i c ->
                    let name = if i < table.Columns.Length then table.Columns[i].Name else c.Name
                    let t = if c.Type.IsFixedNumeric then SqlType.Numeric else c.Type.WithoutTypmod()
                    context.NewColumn(name, t, true))
                |> List.ofSeq

            let self = { CteName = table.Name.Name; CteId = id; CteColumns = columns; IsSelf = true; IsSilent = false; References = 0 }
            let step = bindOperand services { inner with Ctes = self :: inner.Ctes } right

            if self.References = 0 then
                bindQuery services inner query
            else
                if step.Output.Length <> columns.Length then
                    Errors.fail SqlState.SyntaxError span "each UNION query must have the same number of columns"

                let convert (plan: LogicalPlan) what =
                    Seq.zip plan.Output columns
                    |> Seq.map (fun (c, target) ->
                        if not (Coercion.canCoerce c.Type target.Type CoercionContext.Implicit) then
                            Errors.failWithHint
                                SqlState.DatatypeMismatch
                                span
                                $"recursive query \"{table.Name.Name}\" column {1 + Seq.findIndex (fun (o: OutputColumn) -> o.Id = c.Id) plan.Output} has type {target.Type} in non-recursive term but type {c.Type} overall"
                                "Cast the output of the non-recursive term to the correct type."

                        c.Reference() :> ScalarExpr, target.Type)
                    |> List.ofSeq
                    |> project context plan what

                LogicalRecursiveUnion(id, convert seed "seed", convert step "step", not all, array columns)
        | _ -> bindQuery services inner query

    /// The literal that a column without a type was written as: it is read as the type that it gets, not converted from text.
    and private untypedLiteral (plan: LogicalPlan) (column: OutputColumn) (reference: ScalarExpr) : ScalarExpr =
        match plan with
        | :? LogicalProject as project ->
            match project.Assignments |> Seq.tryFind (fun a -> a.Column.Id = column.Id) |> Option.map (fun a -> a.Value) with
            | Some(:? ScalarConstant as literal) -> ScalarConstant(literal.Value, SqlType.Unknown).With literal.Span
            | _ -> reference
        | _ -> reference

    /// A projection that converts columns to the given types.
    and private project (context: BindContext) (plan: LogicalPlan) (_: string) (targets: (ScalarExpr * SqlType) list) : LogicalPlan =
        if targets |> List.forall (fun (e, t) -> e.Type.Equals t) then
            plan
        else
            let assignments =
                List.zip (List.ofSeq plan.Output) targets
                |> List.map (fun (c, (e, t)) ->
                    if e.Type.Equals t then DriftDb.Plan.Assignment.PassThrough c
                    elif context.UntypedColumns.Contains c.Id then
                        DriftDb.Plan.Assignment(context.NewColumn(c.Name, t, c.Nullable), Coercion.coerce context (untypedLiteral plan c e) t CoercionContext.Explicit)
                    else DriftDb.Plan.Assignment(context.NewColumn(c.Name, t, c.Nullable), Coercion.convert context e t false))

            LogicalProject(plan, array assignments)

    /// One side of a set operation.
    and private bindOperand (services: Services) (scope: Scope) (body: QueryBody) : LogicalPlan =
        match body with
        | QueryBody.Nested query -> bindQuery services scope query
        | other -> bindQuery services scope (MadeNodes.query other SourceSpan.None)

    and private bindBody (services: Services) (scope: Scope) (query: Query) (stored: SqlType list) : LogicalPlan =
        match query.Body with
        | QueryBody.Select core -> bindSelect services scope query core stored
        | QueryBody.Nested inner -> bindQuery services scope inner |> orderAndLimit services scope query
        | QueryBody.Values(rows, span) -> bindValues services scope rows span |> orderAndLimit services scope query
        | QueryBody.SetOperation(op, all, corresponding, left, right, span) -> bindSetOperation services scope op all corresponding left right span |> orderAndLimit services scope query

    and bindValues (services: Services) (scope: Scope) (rows: Expr list list) span : LogicalPlan =
        let context = services.Context
        let env = clause { scope with Tables = []; Visible = [] } "VALUES"
        let rows = rows |> List.map (expandRow services env)
        let width = rows.Head.Length

        for row in rows do
            if row.Length <> width then Errors.fail SqlState.SyntaxError span "VALUES lists must all be the same length"

        let bound = rows |> List.map (fun row -> row |> List.map (ExprBinder.bind services env))

        // Column by column, the common type.
        let columns = List.transpose bound |> List.map (fun column -> Coercion.unify context "VALUES" column)
        let output = columns |> List.mapi (fun i column -> context.NewColumn($"column{i + 1}", column.Head.Type, column |> List.exists (fun e -> e.Nullable)))
        LogicalValues(array output, columns |> List.transpose |> List.map array |> array)

    /// CORRESPONDING: the columns of both sides that have the same names, in the left one's order, or those that BY names (ISO/IEC 9075-2, 7.17).
    and private correspondingColumns (names: Identifier list) (l: LogicalPlan) (r: LogicalPlan) span : LogicalPlan * LogicalPlan =
        let has (plan: LogicalPlan) name = plan.Output |> Seq.exists (fun c -> c.Name = name)

        let chosen =
            match names with
            | [] -> l.Output |> Seq.map (fun c -> c.Name) |> Seq.filter (has r) |> List.ofSeq
            | _ -> names |> List.map (fun name -> name.Name)

        if chosen.IsEmpty then Errors.fail SqlState.SyntaxError span "the queries of a set operation with CORRESPONDING have no column in common"

        let only (plan: LogicalPlan) : LogicalPlan =
            let column name =
                match plan.Output |> Seq.filter (fun c -> c.Name = name) |> List.ofSeq with
                | [ one ] -> DriftDb.Plan.Assignment.PassThrough one
                | [] -> Errors.fail SqlState.UndefinedColumn span $"column \"{name}\" named in CORRESPONDING BY does not exist"
                | _ -> Errors.fail SqlState.AmbiguousColumn span $"column reference \"{name}\" is ambiguous"

            LogicalProject(plan, chosen |> List.map column |> array)

        only l, only r

    and private bindSetOperation (services: Services) scope op all corresponding left right span : LogicalPlan =
        let context = services.Context
        let l = bindOperand services scope left
        let r = bindOperand services scope right

        let l, r =
            match corresponding with
            | Some names -> correspondingColumns names l r span
            | None -> l, r

        let word =
            match op with
            | SetOperator.Union -> "UNION"
            | SetOperator.Intersect -> "INTERSECT"
            | SetOperator.Except -> "EXCEPT"

        if l.Output.Length <> r.Output.Length then
            Errors.fail SqlState.SyntaxError span $"each {word} query must have the same number of columns"

        let targets =
            Seq.zip l.Output r.Output
            |> Seq.map (fun (a, b) ->
                let typeOf (c: OutputColumn) = if context.UntypedColumns.Contains c.Id then SqlType.Unknown else c.Type

                match Coercion.commonType [ typeOf a; typeOf b ] with
                | Some t -> t
                | None -> Errors.fail SqlState.DatatypeMismatch span $"{word} types {a.Type.WithoutTypmod()} and {b.Type.WithoutTypmod()} cannot be matched")
            |> List.ofSeq

        let convert (plan: LogicalPlan) =
            List.zip (plan.Output |> Seq.map (fun c -> c.Reference() :> ScalarExpr) |> List.ofSeq) targets |> project context plan ""

        let l, r = convert l, convert r
        if op <> SetOperator.Union || not all then l.Output |> Seq.iter (fun c -> Comparability.requireEquality c.Type span)

        let columns =
            Seq.zip l.Output r.Output
            |> Seq.map (fun (a, b) ->
                let nullable =
                    match op with
                    | SetOperator.Except -> a.Nullable
                    | _ -> a.Nullable || b.Nullable

                context.NewColumn(a.Name, a.Type, nullable))
            |> array

        let kind =
            match op with
            | SetOperator.Union -> SetOperationKind.Union
            | SetOperator.Intersect -> SetOperationKind.Intersect
            | SetOperator.Except -> SetOperationKind.Except

        LogicalSetOperation(kind, all, l, r, columns)

    /// ORDER BY and LIMIT over a body whose columns are all that names can reach (set operations, VALUES).
    and private orderAndLimit (services: Services) scope query (plan: LogicalPlan) : LogicalPlan =
        let context = services.Context

        let keys =
            query.OrderBy
            |> List.map (fun item ->
                let descending = ExprBinder.isDescending item

                let column =
                    match item.Expression with
                    | Expr.Literal(LiteralValue.Integer n, span) ->
                        if n < 1L || n > int64 plan.Output.Length then Errors.fail SqlState.InvalidColumnReference span $"ORDER BY position {n} is not in select list"
                        plan.Output[int n - 1]
                    | Expr.Column { Parts = [ name ] } ->
                        match plan.Output |> Seq.filter (fun c -> c.Name = name.Name) |> List.ofSeq with
                        | [ one ] -> one
                        | [] -> Errors.fail SqlState.UndefinedColumn name.Span $"column \"{name.Name}\" does not exist"
                        | _ -> Errors.fail SqlState.AmbiguousColumn name.Span $"ORDER BY \"{name.Name}\" is ambiguous"
                    | other ->
                        Errors.failWithDetail
                            SqlState.FeatureNotSupported
                            other.Span
                            "invalid UNION/INTERSECT/EXCEPT ORDER BY clause"
                            "Only result column names can be used, not expressions or functions."

                SortKey(column.Id, descending, ExprBinder.nullsFirst item descending))

        if not query.Locking.IsEmpty then
            Errors.fail SqlState.FeatureNotSupported query.Span "FOR UPDATE is not allowed with UNION/INTERSECT/EXCEPT"

        let sorted = if keys.IsEmpty then plan else LogicalSort(plan, array keys) :> LogicalPlan
        bindLimit services scope query keys sorted

    and private bindSelect (services: Services) (scope: Scope) (query: Query) (core: SelectCore) (stored: SqlType list) : LogicalPlan =
        let context = services.Context
        if core.Into.IsSome then Errors.fail SqlState.SyntaxError core.Into.Value.Span "SELECT ... INTO is not allowed here"

        let fromPlan, fromScope = FromBinder.bindFrom services scope core.From
        let fromScope = { fromScope with Windows = core.Windows |> List.map (fun w -> w.Name.Name, w.Window) }

        let filtered: LogicalPlan =
            match core.Where with
            | None -> fromPlan
            | Some condition ->
                let predicate = Coercion.toBoolean context "WHERE" (ExprBinder.bind services (clause fromScope "WHERE") condition)
                LogicalFilter(fromPlan, predicate)

        let written = variableStars fromScope core.Items
        noteItems context fromScope written
        let collector = SelectCollector(fromScope)
        let env = { Scope = fromScope; Clause = "SELECT"; Collector = Some collector; InAggregate = false; CaseOperand = None }
        let items = expandItems fromScope (RowReferences.expandItems (ExprBinder.bind services env) written)
        let grouping = bindGroupBy services (clause fromScope "GROUP BY") items core.GroupBy

        let untyped = HashSet<int>()

        let values =
            items
            |> List.mapi (fun index (name, item) ->
                match item with
                | Choice1Of2 expression ->
                    let bound = ExprBinder.bind services env expression
                    if bound.Type.Id = TypeId.Unknown && bound :? ScalarConstant then untyped.Add index |> ignore
                    let isStored = bound.Type.Id = TypeId.Unknown && index < stored.Length && core.Distinct.IsAll
                    name, (if isStored then Coercion.convert context bound stored[index] false else Coercion.settle context bound)
                | Choice2Of2 column ->
                    context.Reads column
                    name, (column.Reference() :> ScalarExpr))

        let having =
            core.Having
            |> Option.map (fun h -> Coercion.toBoolean context "HAVING" (ExprBinder.bind services { env with Clause = "HAVING" } h))

        // ORDER BY names an output column first, else it is an expression over the input.
        let orderItems =
            query.OrderBy
            |> List.map (fun item ->
                let descending = ExprBinder.isDescending item

                let target =
                    match item.Expression with
                    | Expr.Literal(LiteralValue.Integer n, span) ->
                        if n < 1L || n > int64 values.Length then Errors.fail SqlState.InvalidColumnReference span $"ORDER BY position {n} is not in select list"
                        Choice1Of2(int n - 1)
                    | Expr.Literal(_, span) -> Errors.fail SqlState.SyntaxError span "non-integer constant in ORDER BY"
                    | Expr.Column { Parts = [ name ] } when values |> List.exists (fun (n, _) -> n = name.Name) ->
                        let matches = values |> List.indexed |> List.filter (fun (_, (n, _)) -> n = name.Name)
                        let _, (_, first) = matches.Head

                        if matches |> List.exists (fun (_, (_, v)) -> not (ScalarEquality.Same(v, first))) then
                            Errors.fail SqlState.AmbiguousColumn name.Span $"ORDER BY \"{name.Name}\" is ambiguous"

                        Choice1Of2(fst matches.Head)
                    | expression ->
                        let bound = Coercion.settle context (ExprBinder.bind services { env with Clause = "ORDER BY" } expression)

                        match values |> List.tryFindIndex (fun (_, v) -> ScalarEquality.Same(v, bound)) with
                        | Some index -> Choice1Of2 index
                        | None -> Choice2Of2 bound

                Comparability.requireOrdering (match target with Choice1Of2 index -> snd values[index] | Choice2Of2 value -> value) item.Span
                target, descending, ExprBinder.nullsFirst item descending, item.Span)

        let isGrouped = core.GroupBy.IsSome || having.IsSome || collector.Aggregates.Count > 0 || collector.HasGrouping

        if isGrouped && not query.Locking.IsEmpty then
            Errors.fail SqlState.FeatureNotSupported query.Span "FOR UPDATE is not allowed with GROUP BY clause"

        let locked = if isGrouped then filtered else addLocking context query fromScope filtered

        // ---- grouping
        let grouped, fix =
            if not isGrouped then
                locked, id
            else
                let keyed, keys, markers = groupKeys context filtered grouping collector.HasGrouping
                let extra = List<OutputColumn>()
                let fix = overGroups keyed fromScope keys markers extra
                // Runs over everything once, so that functionally dependent columns are known before the node is made.
                values |> List.iter (fun (_, v) -> fix v |> ignore)
                having |> Option.iter (fun h -> fix h |> ignore)
                orderItems |> List.iter (fun (t, _, _, _) -> match t with Choice2Of2 e -> fix e |> ignore | _ -> ())
                let keyColumns = (keys |> List.map snd) @ markers @ (extra |> Seq.distinctBy (fun c -> c.Id) |> List.ofSeq)

                let sets =
                    match grouping.Sets with
                    | None -> Unchecked.defaultof<ImmutableArray<ImmutableArray<int>>>
                    | Some sets when markers.IsEmpty -> sets |> List.map array |> array
                    | Some sets -> sets |> List.map (fun set -> array (set @ (set |> List.map (fun key -> key + keys.Length)))) |> array

                LogicalAggregate(keyed, array keyColumns, array collector.Aggregates, sets) :> LogicalPlan, fix

        let afterHaving: LogicalPlan =
            match having with
            | None -> grouped
            | Some h -> LogicalFilter(grouped, fix h)

        let windowed = if collector.Windows.Count = 0 then afterHaving else addWindows services { env with Collector = Some collector; Clause = "window definitions" } fix collector afterHaving
        let expanded = addSetFunctions context collector fix windowed

        // ---- the select list, with sort keys that aren't in it behind
        let taken = HashSet<int>()
        let assignments = values |> List.map (fun (name, v) -> assign context expanded taken name (fix v))
        for index in untyped do context.UntypedColumns.Add assignments[index].Column.Id |> ignore

        let sortAssignments, sortKeys =
            orderItems
            |> List.mapFold
                (fun (hidden: DriftDb.Plan.Assignment list) (target, descending, nullsFirst, span) ->
                    match target with
                    | Choice1Of2 index -> SortKey(assignments[index].Column.Id, descending, nullsFirst), hidden
                    | Choice2Of2 expression ->
                        if core.Distinct <> DistinctClause.All && not (core.Distinct.IsOn) then
                            Errors.fail SqlState.InvalidColumnReference span "for SELECT DISTINCT, ORDER BY expressions must appear in select list"

                        let assignment = assign context expanded taken "sort key" (fix expression)
                        SortKey(assignment.Column.Id, descending, nullsFirst), hidden @ [ assignment ])
                []
            |> fun (keys, hidden) -> hidden, keys

        let onKeys, onHidden =
            match core.Distinct with
            | DistinctClause.On expressions ->
                let bound =
                    expressions
                    |> List.map (fun e ->
                        match e with
                        | Expr.Literal(LiteralValue.Integer n, span) ->
                            if n < 1L || n > int64 values.Length then Errors.fail SqlState.InvalidColumnReference span $"SELECT DISTINCT ON position {n} is not in select list"
                            snd values[int n - 1]
                        | Expr.Column { Parts = [ name ] } when values |> List.exists (fun (n, _) -> n = name.Name) -> snd (values |> List.find (fun (n, _) -> n = name.Name))
                        | _ -> ExprBinder.bind services env e)

                bound
                |> List.mapFold
                    (fun hidden expression ->
                        let all = assignments @ sortAssignments @ hidden

                        match all |> List.tryFind (fun a -> ScalarEquality.Same(a.Value, fix expression)) with
                        | Some a -> a.Column.Id, hidden
                        | None ->
                            let a = assign context expanded taken "distinct key" (fix expression)
                            a.Column.Id, hidden @ [ a ])
                    []
            | _ -> [], []

        let visibleColumns = assignments |> List.map (fun a -> a.Column)
        let hiddenAssignments = sortAssignments @ onHidden
        let projected = LogicalProject(expanded, array (assignments @ hiddenAssignments)) :> LogicalPlan

        let distinct: LogicalPlan =
            match core.Distinct with
            | DistinctClause.Distinct ->
                for column in visibleColumns do
                    Comparability.requireEquality column.Type core.Span

                LogicalAggregate(projected, array visibleColumns, ImmutableArray<AggregateCall>.Empty)
            | _ -> projected

        let sorted: LogicalPlan =
            match core.Distinct with
            | DistinctClause.On _ ->
                // The first of each group in ORDER BY's order; the keys lead that order.
                let leading = onKeys |> List.filter (fun id -> not (sortKeys |> List.exists (fun k -> k.ColumnId = id))) |> List.map (fun id -> SortKey(id, false, false))

                let prefix = sortKeys |> List.truncate onKeys.Length |> List.map (fun k -> k.ColumnId)

                if not sortKeys.IsEmpty && prefix |> List.exists (fun id -> not (List.contains id onKeys)) then
                    Errors.fail SqlState.InvalidColumnReference core.Span "SELECT DISTINCT ON expressions must match initial ORDER BY expressions"

                LogicalDistinctOn(LogicalSort(distinct, array (sortKeys @ leading)), array onKeys)
            | _ when sortKeys.IsEmpty -> distinct
            | _ -> LogicalSort(distinct, array sortKeys)

        let limited = bindLimit services scope query sortKeys sorted

        if hiddenAssignments.IsEmpty then limited
        else LogicalProject(limited, visibleColumns |> List.map DriftDb.Plan.Assignment.PassThrough |> array)

    /// Makes a column of every key; keys that are columns already keep their ids (copies where grouping sets make them NULL).
    /// For GROUPING over grouping sets each key gets a marker beside it.
    and private groupKeys (context: BindContext) (input: LogicalPlan) (grouping: Grouping) hasGrouping : LogicalPlan * (ScalarExpr * OutputColumn) list * OutputColumn list =
        let keyed =
            grouping.Keys
            |> List.map (fun key ->
                match key with
                | :? ScalarColumn as column when grouping.Sets.IsNone && input.Output |> Seq.exists (fun c -> c.Id = column.Id) ->
                    key, (input.Output |> Seq.find (fun c -> c.Id = column.Id)), true
                | _ ->
                    let name = match key with :? ScalarColumn as c -> c.Name | _ -> "key"
                    key, context.NewColumn(name, key.Type, key.Nullable || grouping.Sets.IsSome), false)

        let markers = if hasGrouping && grouping.Sets.IsSome then grouping.Keys |> List.map (fun _ -> context.NewColumn("marker", SqlType.Int4, true)) else []
        let computed = keyed |> List.filter (fun (_, _, isColumn) -> not isColumn) |> List.map (fun (key, column, _) -> DriftDb.Plan.Assignment(column, key))
        let computed = computed @ (markers |> List.map (fun marker -> DriftDb.Plan.Assignment(marker, ScalarConstant(box 0, SqlType.Int4))))

        let plan: LogicalPlan =
            if computed.IsEmpty then input
            else
                LogicalProject(
                    input,
                    array ((input.Output |> Seq.map DriftDb.Plan.Assignment.PassThrough |> List.ofSeq) @ computed))

        plan, keyed |> List.map (fun (key, column, _) -> key, column), markers
