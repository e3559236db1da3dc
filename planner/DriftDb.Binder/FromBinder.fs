namespace DriftDb.Binder

open System
open System.Collections.Immutable
open DriftDb.Types
open DriftDb.Plan
open DriftDb.Frontend

/// FROM: table references, joins, and the temporal clause of each.
module internal FromBinder =
    let private array items = Sequences.array items

    let private scopeColumns (columns: seq<OutputColumn>) = columns |> Seq.map (fun c -> { Name = c.Name; Column = c }) |> List.ofSeq

    /// A moment of system time as an expression: bigint for a sequence number, timestamptz for a time; None for @now.
    let bindPoint (services: Services) (scope: Scope) (point: TemporalPoint) : ScalarExpr option =
        let context = services.Context

        // The point may use parameters and outer subqueries but no columns of the query it belongs to.
        let env = { Scope = { Scope.empty with Ctes = scope.Ctes; Routine = scope.Routine }; Clause = "FOR SYSTEM_TIME"; Collector = None; InAggregate = false; CaseOperand = None }

        match point with
        | TemporalPoint.Now _ -> None
        | TemporalPoint.Sequence(number, span) ->
            let bound = ExprBinder.bind services env number
            if not (bound.Type.IsInteger || bound.Type.Id = TypeId.Unknown) then
                Errors.fail SqlState.DatatypeMismatch span $"a sequence number must be of type bigint, not {bound.Type}"
            Some(Coercion.convert context bound SqlType.Int8 false)
        | TemporalPoint.Expression value ->
            let bound = ExprBinder.bind services env value

            match bound.Type.Id with
            | TypeId.Unknown | TypeId.Date | TypeId.Timestamp | TypeId.TimestampTz -> Some((Coercion.convert context bound SqlType.TimestampTz false).With value.Span)
            | _ when bound.Type.IsString -> Some((Coercion.convert context bound SqlType.TimestampTz true).With value.Span)
            | _ ->
                Errors.failWithHint
                    SqlState.DatatypeMismatch
                    value.Span
                    $"a point of system time must be of type timestamp with time zone, not {bound.Type.WithoutTypmod()}"
                    "Write a sequence number as @seq:N."

    let private bindPeriod (services: Services) (scope: Scope) (period: SystemTime) : SystemTimePeriod =
        let context = services.Context

        // Within BETWEEN and FROM … TO, @now is the current time.
        let required point =
            match bindPoint services scope point with
            | Some bound -> bound
            | None -> ExprBinder.bind services { Scope = Scope.empty; Clause = "FOR SYSTEM_TIME"; Collector = None; InAggregate = false; CaseOperand = None } (Expr.TimePoint point)


        match period with
        | SystemTime.AsOf(point, _) ->
            match bindPoint services scope point with
            | Some bound -> SystemTimePeriod(SystemTimeKind.AsOf, array [ bound ])
            | None -> null
        | SystemTime.Between(low, high, symmetric, _) ->
            let kind = if symmetric then SystemTimeKind.BetweenSymmetric else SystemTimeKind.BetweenAsymmetric
            SystemTimePeriod(kind, array [ required low; required high ])
        | SystemTime.FromTo(low, high, _) -> SystemTimePeriod(SystemTimeKind.FromTo, array [ required low; required high ])
        | SystemTime.All _ -> SystemTimePeriod(SystemTimeKind.All, ImmutableArray<ScalarExpr>.Empty)

    let private pseudoColumns =
        [ "__sequence", ScanSource.BeginSequence, SqlType.Int8, false
          "__sequence_end", ScanSource.EndSequence, SqlType.Int8, true
          "system_time_start", ScanSource.SystemTimeStart, SqlType.TimestampTz, false
          "system_time_end", ScanSource.SystemTimeEnd, SqlType.TimestampTz, false ]

    /// The scan of a base table or system view with every column it can put out: what isn't used is pruned later.
    let scan (context: BindContext) (relation: IRelation) alias (period: SystemTimePeriod) : LogicalScan * ScopeTable =
        let visible =
            relation.Columns
            |> Seq.map (fun c ->
                let column = context.NewColumn(c.Name, c.Type, c.IsNullable)
                OutputColumn(column.Id, column.Name, column.Type, column.Nullable, Origin = ColumnOrigin(relation.Oid, c.AttributeNumber)))
            |> List.ofSeq

        let hidden =
            [ if relation.Kind = RelationKind.Table then
                  if relation.IsVersioned then yield! pseudoColumns
                  yield "ctid", ScanSource.Ctid, SqlType.Of TypeId.Tid, false
              yield "tableoid", ScanSource.TableOid, SqlType.Oid, false ]
            |> List.filter (fun (name, _, _, _) -> relation.Columns |> Seq.forall (fun c -> c.Name <> name))
            |> List.map (fun (name, source, sqlType, nullable) -> context.NewColumn(name, sqlType, nullable), source)

        let note = context.Access relation
        visible |> List.iteri (fun i c -> context.ComesFrom(c, note, i))
        let columns = visible @ List.map fst hidden

        // A column declared as row start or end shows the version's life, which the store knows anyway.
        let source (c: RelationColumn) =
            match c.SystemTime with
            | SystemTimeColumn.RowStart -> ScanSource.SystemTimeStart
            | SystemTimeColumn.RowEnd -> ScanSource.SystemTimeEnd
            | _ -> c.Ordinal

        let sources = (relation.Columns |> Seq.map source |> List.ofSeq) @ List.map snd hidden
        context.Uses relation

        let table =
            { Scope.tableOf alias (scopeColumns visible) with
                Schema = Some relation.Schema
                Hidden = scopeColumns (List.map fst hidden)
                Relation = Some relation }

        LogicalScan(relation, alias, array columns, array sources, period), table

    /// The versions of a period, with columns that had another type converted as ALTER TABLE converted the rows of its day.
    let private scanHistory (services: Services) (relation: IRelation) alias (period: SystemTimePeriod) : LogicalPlan * ScopeTable =
        let context = services.Context
        let history = relation.History
        let scanned, table = scan context history alias period
        let sequence = context.NewColumn("sequence", SqlType.Int8, false)
        let scanned = LogicalScan(history, alias, scanned.Columns.Add sequence, scanned.Sources.Add ScanSource.BeginSequence, period)
        let own = List.take relation.Columns.Length table.Columns

        /// The value that a conversion makes of the old one.
        let convert (column: RelationColumn) (nextType: SqlType) (old: ScalarExpr) (text: string) : ScalarExpr =
            let stand = context.NewColumn(column.Name, old.Type, true)
            let columns = own |> List.map (fun c -> if c.Name = column.Name then { c with Column = stand } else c)
            let scope = Scope.ofTable { table with Columns = columns; Hidden = [] } Scope.empty
            let env = { Scope = scope; Clause = "column conversions"; Collector = None; InAggregate = false; CaseOperand = None }
            let bound =
                try
                    Coercion.coerce context (context.Aside(fun () -> ExprBinder.bind services env (SqlParser.ParseExpression text))) nextType CoercionContext.Assignment
                with :? SqlException as error ->
                    raise (
                        SqlException(
                            SqlState.FeatureNotSupported,
                            $"column \"{column.Name}\" of relation \"{relation.Name}\" had another type, and its older values can't be converted any more",
                            SourceSpan.None,
                            error.Message,
                            "Ask for single moments with AS OF: they show the column as it was.",
                            error
                        )
                    )

            bound.Rewrite(fun node ->
                match node with
                | :? ScalarColumn as c when c.Id = stand.Id -> old
                | _ -> if node.Span.IsNone then node else node.With SourceSpan.None)

        let value (column: RelationColumn) (current: OutputColumn) : DriftDb.Plan.Assignment =
            if column.Former.IsEmpty then
                DriftDb.Plan.Assignment.PassThrough current
            else
                let former = List.ofSeq column.Former
                let typeOf i = if i < former.Length then history.Columns[former[i].Ordinal].Type else column.Type

                let rec through i (value: ScalarExpr) =
                    if i = former.Length then value else through (i + 1) (convert column (typeOf (i + 1)) value former[i].Conversion)

                let conditions, results =
                    former
                    |> List.mapi (fun i f ->
                        let isOld = ScalarComparison(ComparisonOperator.LessOrEqual, sequence.Reference(), ScalarConstant(f.Through, SqlType.Int8)) :> ScalarExpr
                        isOld, through i (table.Columns[f.Ordinal].Column.Reference()))
                    |> List.unzip

                let fresh = context.NewColumn(column.Name, column.Type, true)
                let output = OutputColumn(fresh.Id, column.Name, column.Type, true, Origin = current.Origin)
                DriftDb.Plan.Assignment(output, ScalarCase(array conditions, array results, current.Reference()))

        let assignments = List.map2 value (history.Columns |> Seq.take relation.Columns.Length |> List.ofSeq) (own |> List.map (fun c -> c.Column))
        let hidden = table.Hidden |> List.map (fun c -> DriftDb.Plan.Assignment.PassThrough c.Column)
        let columns = List.map2 (fun (c: ScopeColumn) (a: DriftDb.Plan.Assignment) -> { c with Column = a.Column }) own assignments
        LogicalProject(scanned, array (assignments @ hidden)), { table with Columns = columns; Relation = Some relation }

    /// Renames columns by an alias's list; more names than columns is 42P10.
    let private renamed (alias: TableAlias option) (columns: ScopeColumn list) (tableName: string) =
        match alias with
        | Some a when not a.Columns.IsEmpty ->
            if a.Columns.Length > columns.Length then
                Errors.fail SqlState.InvalidColumnReference a.Span $"table \"{tableName}\" has {columns.Length} columns available but {a.Columns.Length} columns specified"

            columns |> List.mapi (fun i c -> if i < a.Columns.Length then { c with Name = a.Columns[i].Name } else c)
        | _ -> columns

    let private aliasName (alias: TableAlias option) fallback =
        match alias with
        | Some { Name = Some name } -> name.Name
        | _ -> fallback

    let private schemaOf (name: QualifiedName) =
        match name.Texts with
        | [ _ ] -> null
        | parts -> parts[parts.Length - 2]

    /// The relation behind a name, at the moment that the period says where that is known already.
    let findRelation (services: Services) (name: QualifiedName) (period: SystemTimePeriod) : IRelation =
        let context = services.Context
        let schema = schemaOf name
        let current = context.Catalog.FindRelation(schema, name.Last)

        let atPast =
            if isNull period || period.Kind <> SystemTimeKind.AsOf then
                null
            else
                let version = context.Options.ResolvePoint.Invoke period.Bounds[0]

                if version.HasValue then
                    context.Catalog.FindRelationAt(schema, name.Last, version.Value)
                else
                    context.HasOpenPeriod <- true
                    null

        // Before its first event a table is empty: it is then read with today's columns.
        let found = if isNull atPast then current else atPast

        if isNull found then
            match schema with
            | null -> Errors.undefinedTable name.Span name.Last
            | schema when context.Catalog.SchemaExists schema -> Errors.undefinedTable name.Span $"{schema}.{name.Last}"
            | schema -> Errors.undefinedTable name.Span $"{schema}.{name.Last}"

        found

    let private cteReference (context: BindContext) (cte: ScopeCte) (alias: string) =
        cte.References <- cte.References + 1
        let columns = cte.CteColumns |> List.map (fun c -> context.NewColumn(c.Name, c.Type, c.Nullable))
        let plan = LogicalCteScan(cte.CteId, cte.CteName, array columns) :> LogicalPlan
        let hidden, visible = scopeColumns columns |> List.partition (fun c -> SearchAndCycle.isOwn c.Name)
        plan, { Scope.tableOf alias visible with Hidden = hidden }

    let private bindView (services: Services) (scope: Scope) (relation: IRelation) (period: SystemTimePeriod) alias =
        let context = services.Context
        context.Uses relation
        let note = context.Access relation
        note.Reads <- true
        let around = context.View
        context.View <- relation

        let query =
            match SqlParser.ParseOne(relation.ViewText).Node with
            | StatementNode.Query query -> query
            | _ -> Errors.fail SqlState.InternalError SourceSpan.None $"view \"{relation.Name}\" has no query"

        // A view's text sees no names of the query around it; a temporal clause on the view reaches the tables inside.
        let plan =
            try
                context.InView(relation, (fun () -> services.BindQuery { Scope.empty with AsOf = Option.ofObj period |> Option.orElse scope.AsOf } query))
            with :? SqlException as error ->
                // Positions in the view's text mean nothing in the statement's.
                raise (SqlException(error.SqlState, error.Message, SourceSpan.None, error.Detail, error.Hint, error))

        context.View <- around

        let assignments =
            Seq.zip plan.Output relation.Columns
            |> Seq.map (fun (inner, c) ->
                let fresh = context.NewColumn(c.Name, inner.Type, inner.Nullable)
                let column = OutputColumn(fresh.Id, c.Name, inner.Type, inner.Nullable, Origin = ColumnOrigin(relation.Oid, c.AttributeNumber))
                DriftDb.Plan.Assignment(column, inner.Reference()))
            |> List.ofSeq

        assignments |> List.iteri (fun i a -> context.ComesFrom(a.Column, note, i))
        let project = LogicalProject(plan, array assignments) :> LogicalPlan
        project, { Scope.tableOf alias (scopeColumns project.Output) with Schema = Some relation.Schema; Relation = Some relation }

    /// TABLESAMPLE: each row is drawn for itself, by both methods. With REPEATABLE the draw follows from the row's place and the seed.
    let private sample (services: Services) (scope: Scope) (table: ScopeTable) (plan: LogicalPlan) (clause: TableSample) : LogicalPlan =
        let context = services.Context

        match clause.Method.Texts with
        | [ "bernoulli" ] | [ "system" ] -> ()
        | _ -> Errors.fail SqlState.UndefinedObject clause.Method.Span $"tablesample method {clause.Method.Last} does not exist"

        let rowId =
            match table.Hidden |> List.tryFind (fun c -> c.Name = "ctid"), table.Relation with
            | Some ctid, Some relation when relation.Kind = RelationKind.Table -> ctid.Column
            | _ -> Errors.fail SqlState.FeatureNotSupported clause.Span "TABLESAMPLE clause can only be applied to tables and materialized views"

        let env = { Scope = { Scope.empty with Ctes = scope.Ctes; Routine = scope.Routine }; Clause = "TABLESAMPLE"; Collector = None; InAggregate = false; CaseOperand = None }
        let number expression = Coercion.coerce context (ExprBinder.bind services env expression) SqlType.Float8 CoercionContext.Assignment

        let percentage =
            match clause.Arguments with
            | [ one ] -> number one
            | arguments -> Errors.fail SqlState.InvalidTablesampleArgument clause.Span $"tablesample method {clause.Method.Last} requires 1 argument, not {arguments.Length}"

        let drawn =
            match clause.Seed with
            | None -> ExprBinder.callByName context "sample_row" [ percentage ] clause.Span
            | Some seed -> ExprBinder.callByName context "sample_row" [ percentage; number seed; rowId.Reference() ] clause.Span

        LogicalFilter(plan, drawn)

    /// Where a name in FROM is a relation's: the relation, and whose columns the alias gives names.
    let private noteRelation (context: BindContext) (relation: IRelation) (source: TableSource) =
        if context.Names.IsWanted then
            match source.Alias with
            | Some alias ->
                let columnsPlace = if alias.Columns.IsEmpty then SourceSpan(alias.Span.End, 0) else SourceSpan.None
                context.Names.Add(source.Name.Span, NameUse.Relation(relation, SourceSpan.None, columnsPlace))

                alias.Columns
                |> List.iteri (fun i name ->
                    if i < relation.Columns.Length then context.Names.Add(name.Span, NameUse.ColumnAlias(ColumnSource(relation, int relation.Columns[i].AttributeNumber, true))))
            | None ->
                let place = SourceSpan((match source.SystemTime with Some time -> time.Span.End | None -> source.Name.Span.End), 0)
                context.Names.Add(source.Name.Span, NameUse.Relation(relation, place, place))

    let private bindTable (services: Services) (scope: Scope) (source: TableSource) : LogicalPlan * Scope =
        let context = services.Context
        let isBare = source.Name.Parts.Length = 1

        let cte = if isBare && source.SystemTime.IsNone then Scope.findCte scope source.Name.Last else None
        let plan, table =
            match cte with
            | Some cte ->
                if cte.IsSilent then
                    Errors.fail SqlState.FeatureNotSupported source.Span $"WITH query \"{cte.CteName}\" does not have a RETURNING clause"

                let alias = aliasName source.Alias source.Name.Last
                cteReference context cte alias
            | None ->
                let period =
                    match source.SystemTime with
                    | Some clause -> bindPeriod services scope clause
                    | None -> scope.AsOf |> Option.defaultValue context.Options.SessionPeriod

                let relation = findRelation services source.Name period
                noteRelation context relation source
                let alias = aliasName source.Alias source.Name.Last

                if not relation.IsPopulated then
                    Errors.failWithHint
                        SqlState.ObjectNotInPrerequisiteState
                        SourceSpan.None
                        $"materialized view \"{relation.Name}\" has not been populated"
                        "Use the REFRESH MATERIALIZED VIEW command."

                match relation.Kind with
                | RelationKind.View -> bindView services scope relation period alias
                | kind ->
                    (context.Access relation).Reads <- true
                    let hasClause = source.SystemTime.IsSome

                    if hasClause && not relation.IsVersioned then
                        Errors.fail SqlState.WrongObjectType source.Span $"table \"{relation.Name}\" is not system-versioned"

                    let period = if relation.IsVersioned && kind = RelationKind.Table then period else null

                    if isNull period || period.Kind = SystemTimeKind.AsOf || isNull relation.History then
                        let plan, table = scan context relation alias period
                        plan :> LogicalPlan, table
                    else
                        scanHistory services relation alias period

        let columns = renamed source.Alias table.Columns table.Alias
        // A table that was given an alias is no longer reached by its schema.
        let schema = if source.Alias.IsSome then None else table.Schema
        let plan = match source.Sample with Some clause -> sample services scope table plan clause | None -> plan
        let named = match source.Alias with Some alias -> alias.Columns.Length | None -> 0
        plan, Scope.ofTable { table with Columns = columns; Schema = schema; Renamed = named } scope

    /// A routine that returns rows is its body's query, joined with a row of its arguments.
    let private bindRoutineSource (services: Services) (env: ExprEnv) (call: FunctionCall) alias (definitions: (string * SqlType) list) (ordinality: OutputColumn) : LogicalPlan * OutputColumn list =
        let context = services.Context
        let candidates = context.Catalog.FindRoutines(schemaOf call.Name, call.Name.Last) |> Seq.filter (fun r -> not r.IsProcedure) |> Seq.map (fun r -> r.Signature) |> List.ofSeq
        let inOrder = RoutineCalls.inOrder candidates call
        let given = inOrder |> List.map (fun a -> ExprBinder.bind services env a.Value)

        match FunctionResolution.choose (candidates |> FunctionResolution.ofCall (inOrder |> List.exists (fun a -> a.Variadic))) (given |> List.map (fun a -> a.Type)) with
        | FunctionResolution.Ambiguous -> FunctionResolution.ambiguous call.Name.Last given call.Span
        | FunctionResolution.Missing -> FunctionResolution.notFound call.Name.Last given call.Span
        | FunctionResolution.Found signature when not (RoutineCalls.isInlined context signature) ->
            let routine = signature.Routine
            context.Names.Add(call.Name.Span, NameUse.Routine routine)
            let values, returnType = RoutineCalls.arguments services signature given call.Span
            let columns = RowResults.columns routine returnType alias definitions call.Span |> List.map (fun (name, t) -> context.NewColumn(name, t, true))
            let function', arguments = RoutineCalls.procedural context routine FunctionKind.Table returnType values
            LogicalTableFunction(function', arguments, array columns, ordinality) :> LogicalPlan, columns
        | FunctionResolution.Found signature ->
            context.Names.Add(call.Name.Span, NameUse.Routine signature.Routine)
            if not (isNull ordinality) then Errors.unsupported call.Span "WITH ORDINALITY of a function with a body of SQL"
            let rows = RoutineRows.bind services signature given alias definitions call.Span
            RoutineRows.asSource rows, rows.Columns

    /// One function in FROM; its columns without the ordinality.
    let rec private bindTableFunction (services: Services) (env: ExprEnv) (call: Expr) alias (definitions: (string * SqlType) list) (ordinality: OutputColumn) : LogicalPlan * OutputColumn list =
        let context = services.Context

        match call with
        | Expr.Call call when (context.Catalog.FindRoutines(schemaOf call.Name, call.Name.Last) |> Seq.exists (fun r -> not r.IsProcedure && RowResults.isSource r)) ->
            bindRoutineSource services env call alias definitions ordinality
        | Expr.Call call when RowResults.takesDefinitions call ->
            if definitions.IsEmpty then RowResults.needsDefinitions call.Span
            // The row type goes in front, as a NULL of it.
            let row = RowType.Anonymous(definitions |> List.map RowField)
            let signature = context.Catalog.Functions.FindFunctions call.Name.Last |> Seq.filter (fun f -> f.ParameterTypes.Length = 2) |> Seq.head
            let json = call.Arguments |> List.map (fun a -> ExprBinder.bind services env a.Value)

            match json with
            | [ value ] when value.Type.Id = TypeId.Unknown || Coercion.canCoerce value.Type signature.ParameterTypes[1] CoercionContext.Implicit ->
                let arguments, result = FunctionResolution.call context signature [ ScalarConstant.Null(SqlType.RowOf row); value ] call.Span
                let column = context.NewColumn(alias, result, true)

                let plan: LogicalPlan =
                    if signature.Kind = FunctionKind.Table then LogicalTableFunction(signature, array arguments, array [ column ], ordinality)
                    else oneRow column (ScalarCall(signature, array arguments, result).With call.Span) ordinality

                RowResults.expand context plan column ordinality
            | _ -> FunctionResolution.notFound call.Name.Last json call.Span
        | call when not definitions.IsEmpty ->
            Errors.fail SqlState.SyntaxError call.Span "a column definition list is only allowed for functions returning \"record\""
        | Expr.Call call when (context.Catalog.Functions.FindFunctions call.Name.Last |> Seq.exists (fun f -> f.Kind = FunctionKind.Table)) ->
            let arguments = call.Arguments |> List.map (fun a -> ExprBinder.bind services env a.Value)
            let candidates = context.Catalog.Functions.FindFunctions call.Name.Last |> Seq.filter (fun f -> f.Kind = FunctionKind.Table)

            match FunctionResolution.choose candidates (arguments |> List.map (fun a -> a.Type)) with
            | FunctionResolution.Found signature ->
                let converted, result = FunctionResolution.call context signature arguments call.Span

                let columns =
                    if signature.ReturnColumns.IsDefaultOrEmpty then
                        // The one column of a scalar set has the alias's name.
                        [ context.NewColumn(alias, result, true) ]
                    else
                        [ for struct (name, t) in signature.ReturnColumns ->
                              let t = if t.Id = TypeId.AnyElement then result else t
                              context.NewColumn(name, t, true) ]

                let plan = LogicalTableFunction(signature, array converted, array columns, ordinality) :> LogicalPlan

                match columns with
                | [ one ] when RowConversion.isRecord one.Type -> RowResults.expand context plan one ordinality
                | _ -> plan, columns
            | FunctionResolution.Ambiguous -> FunctionResolution.ambiguous call.Name.Last arguments call.Span
            | FunctionResolution.Missing -> FunctionResolution.notFound call.Name.Last arguments call.Span
        | call ->
            // A scalar function in FROM is a row of one column.
            let value = Coercion.settle context (ExprBinder.bind services env call)
            let column = context.NewColumn(alias, value.Type, value.Nullable)
            let plan = oneRow column value ordinality
            if RowConversion.isRecord value.Type then RowResults.expand context plan column ordinality else plan, [ column ]

    /// A value as the only row.
    and private oneRow (column: OutputColumn) (value: ScalarExpr) (ordinality: OutputColumn) : LogicalPlan =
        let assignments = [ DriftDb.Plan.Assignment(column, value) ]
        let assignments = if isNull ordinality then assignments else assignments @ [ DriftDb.Plan.Assignment(ordinality, ScalarConstant(box 1L, SqlType.Int8)) ]
        LogicalProject(LogicalValues.OneRow, array assignments)

    /// ROWS FROM with several functions: side by side, row by row; the shorter ones are filled up with NULLs. The last column is the row's number.
    let private sideBySide (services: Services) (env: ExprEnv) (calls: (Expr * (string * SqlType) list) list) : LogicalPlan * OutputColumn list * OutputColumn =
        let context = services.Context

        let one (call, definitions) =
            let number = context.NewColumn("ordinality", SqlType.Int8, true)
            let plan, columns = bindTableFunction services env call (ColumnNames.ofExpr call) definitions number
            plan, columns, number

        let add (left: LogicalPlan, leftColumns: OutputColumn list, leftNumber: OutputColumn) call =
            let right, rightColumns, rightNumber = one call
            let condition = ScalarComparison(ComparisonOperator.Equal, leftNumber.Reference(), rightNumber.Reference())
            let join = LogicalJoin(DriftDb.Plan.JoinKind.Full, left, right, condition)
            let number = context.NewColumn("ordinality", SqlType.Int8, true)
            let either = ScalarCoalesce(array [ leftNumber.Reference() :> ScalarExpr; rightNumber.Reference() ])
            let output id = join.Output |> Seq.find (fun c -> c.Id = id)
            let columns = leftColumns @ rightColumns |> List.map (fun c -> output c.Id)
            let passed = columns |> List.map DriftDb.Plan.Assignment.PassThrough
            LogicalProject(join, array (passed @ [ DriftDb.Plan.Assignment(number, either) ])) :> LogicalPlan, columns, number

        let plan, columns, number = List.fold add (one calls.Head) calls.Tail
        LogicalSort(plan, array [ SortKey(number.Id, false, false) ]), columns, number

    let private bindFunctionSource (services: Services) (scope: Scope) (lateral: Scope) (source: FunctionSource) : LogicalPlan * Scope =
        let context = services.Context
        let env = { Scope = lateral; Clause = "functions in FROM"; Collector = None; InAggregate = false; CaseOperand = None }

        /// The columns that AS (a int, …) gives a function that returns records.
        let definitionsOf (f: TableFunction) =
            let written = match source.Alias with Some alias when f.ColumnDefinitions.IsEmpty -> alias.ColumnDefinitions | _ -> f.ColumnDefinitions
            written |> List.map (fun column -> column.Name.Name, TypeResolution.resolve context.Catalog column.Type)

        // unnest of several arrays is ROWS FROM of one each.
        let calls =
            source.Functions
            |> List.collect (fun f ->
                match f.Call with
                | Expr.Call call when call.Name.Last = "unnest" && call.Arguments.Length > 1 -> call.Arguments |> List.map (fun a -> Expr.Call { call with Arguments = [ a ] }, [])
                | call -> [ call, definitionsOf f ])

        let alias = aliasName source.Alias (ColumnNames.ofExpr source.Functions.Head.Call)

        let plan, all =
            match calls with
            | [ call, definitions ] ->
                let ordinality = if source.WithOrdinality then context.NewColumn("ordinality", SqlType.Int8, false) else null
                let plan, columns = bindTableFunction services env call alias definitions ordinality
                plan, (if isNull ordinality then columns else columns @ [ ordinality ])
            | several ->
                let plan, columns, number = sideBySide services env several
                plan, (if source.WithOrdinality then columns @ [ number ] else columns)

        let table = Scope.tableOf alias (renamed source.Alias (scopeColumns all) alias)
        plan, Scope.ofTable table scope

    /// A reference to a column under a new id, for USING's merged columns.
    let private joinKind kind =
        match kind with
        | JoinKind.Inner | JoinKind.Cross -> DriftDb.Plan.JoinKind.Inner
        | JoinKind.Left -> DriftDb.Plan.JoinKind.Left
        | JoinKind.Right -> DriftDb.Plan.JoinKind.Left
        | JoinKind.Full -> DriftDb.Plan.JoinKind.Full

    let rec private isLateral (reference: TableReference) =
        match reference with
        | TableReference.Subquery(_, lateral, _, _) -> lateral
        | TableReference.Function _ -> true
        | TableReference.Table _ -> false
        | TableReference.Join join -> isLateral join.Left || isLateral join.Right

    /// Joins two plans; the right one is a dependent join's when it uses columns of the left.
    let private join kind (left: LogicalPlan) (right: LogicalPlan) (condition: ScalarExpr) : LogicalPlan =
        let leftIds = left.Output |> Seq.map (fun c -> c.Id) |> Set.ofSeq
        let dependent = FreeColumns.Of right |> Seq.exists leftIds.Contains

        if dependent then
            if kind = DriftDb.Plan.JoinKind.Full then
                Errors.fail SqlState.InvalidColumnReference SourceSpan.None "The combining JOIN type must be INNER or LEFT for a LATERAL reference."

            LogicalApply(kind, left, right, condition)
        else
            LogicalJoin(kind, left, right, condition)

    /// Columns as they are after a join that may pad them with NULLs.
    let private padded (plan: LogicalPlan) (scope: Scope) =
        let byId = plan.Output |> Seq.map (fun c -> c.Id, c) |> dict
        let fix (c: ScopeColumn) = match byId.TryGetValue c.Column.Id with | true, column -> { c with Column = column } | _ -> c

        { scope with
            Visible = scope.Visible |> List.map fix
            Tables = scope.Tables |> List.map (fun t -> { t with Columns = List.map fix t.Columns; Hidden = List.map fix t.Hidden }) }

    /// The tables of a side that an outer join may pad with NULLs.
    let private mayBeAbsent (isAbsent: bool) (scope: Scope) =
        if isAbsent then { scope with Tables = scope.Tables |> List.map (fun t -> { t with IsPadded = true }) } else scope

    let rec bindReference (services: Services) (scope: Scope) (lateral: Scope) (reference: TableReference) : LogicalPlan * Scope =
        services.Context.Enter SourceSpan.None
        let bound = bindSource services scope lateral reference
        services.Context.Leave()
        bound

    and private bindSource (services: Services) (scope: Scope) (lateral: Scope) (reference: TableReference) : LogicalPlan * Scope =
        let context = services.Context

        match reference with
        | TableReference.Table source -> bindTable services scope source
        | TableReference.Function source -> bindFunctionSource services scope lateral source
        | TableReference.Subquery(query, isLateralQuery, alias, span) ->
            let inner =
                if isLateralQuery then { Scope.nested lateral with AsOf = scope.AsOf }
                else { Scope.empty with Outer = scope.Outer; Ctes = scope.Ctes; Routine = scope.Routine; AsOf = scope.AsOf }

            let plan = services.BindQuery inner query

            // Its columns get ids of their own: the query inside may put one column out twice.
            let name = aliasName alias ""
            let distinct = plan.Output |> Seq.map (fun c -> c.Id) |> Seq.distinct |> Seq.length

            let plan =
                if distinct = plan.Output.Length then plan
                else
                    LogicalProject(
                        plan,
                        plan.Output
                        |> Seq.map (fun c ->
                            let fresh = context.NewColumn(c.Name, c.Type, c.Nullable)
                            DriftDb.Plan.Assignment(OutputColumn(fresh.Id, c.Name, c.Type, c.Nullable, Origin = c.Origin), c.Reference()))
                        |> array)
                    :> LogicalPlan

            let columns = renamed alias (scopeColumns plan.Output) name
            plan, Scope.ofTable (Scope.tableOf name columns) scope
        | TableReference.Join source -> bindJoin services scope lateral source

    and private bindJoin (services: Services) scope lateral (source: JoinSource) : LogicalPlan * Scope =
        let context = services.Context
        let leftPlan, leftScope = bindReference services scope lateral source.Left

        let rightLateral =
            if isLateral source.Right then { Scope.combine lateral leftScope source.Span with Outer = lateral.Outer } else lateral

        let rightPlan, rightScope = bindReference services scope rightLateral source.Right
        let leftScope = mayBeAbsent (source.Kind = JoinKind.Right || source.Kind = JoinKind.Full) leftScope
        let rightScope = mayBeAbsent (source.Kind = JoinKind.Left || source.Kind = JoinKind.Full) rightScope
        let combined = Scope.combine leftScope rightScope source.Span
        let kind = joinKind source.Kind
        let swapped = (source.Kind = JoinKind.Right)

        let connect condition =
            if swapped then join kind rightPlan leftPlan condition else join kind leftPlan rightPlan condition

        let usingNames =
            match source.Condition with
            | JoinCondition.Using(columns, _) -> columns |> List.map (fun c -> c.Name, c.Span)
            | JoinCondition.Natural ->
                leftScope.Visible
                |> List.filter (fun l -> rightScope.Visible |> List.exists (fun r -> r.Name = l.Name))
                |> List.map (fun l -> l.Name, source.Span)
            | _ -> []

        let plan, result =
            match source.Condition with
            | JoinCondition.None ->
                let plan = connect ScalarConstant.True
                plan, padded plan combined
            | JoinCondition.On condition ->
                let env = { Scope = { combined with Outer = (if isLateral source.Right then lateral.Outer else scope.Outer) }; Clause = "JOIN conditions"; Collector = None; InAggregate = false; CaseOperand = None }
                let plan = connect (Coercion.toBoolean context "JOIN/ON" (ExprBinder.bind services env condition))
                plan, padded plan combined
            | JoinCondition.Using _ | JoinCondition.Natural ->
                let find (side: Scope) word name span =
                    match side.Visible |> List.filter (fun c -> c.Name = name) with
                    | [ one ] ->
                        context.Reads one.Column
                        one.Column
                    | [] -> Errors.fail SqlState.UndefinedColumn span $"column \"{name}\" specified in USING clause does not exist in {word} table"
                    | _ -> Errors.fail SqlState.AmbiguousColumn span $"common column name \"{name}\" appears more than once in {word} table"

                let pairs = usingNames |> List.map (fun (name, span) -> name, span, find leftScope "left" name span, find rightScope "right" name span)

                if context.Names.IsWanted then
                    match source.Condition with
                    | JoinCondition.Natural -> 
                        let left = source.Left.Span.End
                        context.Names.Add(SourceSpan(left, source.Right.Span.End - left), NameUse.CommonColumns(usingNames |> Seq.map fst |> Sequences.array))
                    | _ ->
                        for name, span, left, right in pairs do
                            let sources =
                                [ leftScope, left; rightScope, right ]
                                |> List.choose (fun (side, column) -> Scope.tableWith side name column |> Option.map (fun table -> Scope.sourceIn table name column))
                                |> List.filter (isNull >> not)

                            context.Names.Add(span, NameUse.SharedColumn(Sequences.array sources))

                let condition: ScalarExpr =
                    match pairs |> List.map (fun (_, span, l, r) -> Operators.compare context ComparisonOperator.Equal (l.Reference()) (r.Reference()) span) with
                    | [] -> ScalarConstant.True
                    | [ one ] -> one
                    | several -> ScalarAnd(array several)

                let plan = connect condition
                let after = padded plan combined
                let current (c: OutputColumn) = plan.Output |> Seq.find (fun o -> o.Id = c.Id)

                let merged =
                    pairs
                    |> List.map (fun (name, _, l, r) ->
                        match source.Kind with
                        | JoinKind.Full ->
                            match Coercion.unify context "JOIN/USING" [ (current l).Reference(); (current r).Reference() ] with
                            | [ a; b ] ->
                                let column = context.NewColumn(name, a.Type, a.Nullable && b.Nullable)
                                { Name = name; Column = column }, Some(DriftDb.Plan.Assignment(column, ScalarCoalesce(array [ a; b ])))
                            | _ -> failwith "unify keeps the number"
                        | JoinKind.Right -> { Name = name; Column = current r }, None
                        | _ -> { Name = name; Column = current l }, None)

                let computed = merged |> List.choose snd

                let plan: LogicalPlan =
                    if computed.IsEmpty then plan
                    else LogicalProject(plan, array ((plan.Output |> Seq.map DriftDb.Plan.Assignment.PassThrough |> List.ofSeq) @ computed))

                let names = usingNames |> List.map fst |> Set.ofList
                let rest (side: Scope) = side.Visible |> List.filter (fun c -> not (names.Contains c.Name))
                let keep = (rest leftScope @ rest rightScope) |> List.map (fun c -> c.Column.Id) |> Set.ofList

                let named =
                    match source.Condition with
                    | JoinCondition.Using(_, Some alias) ->
                        // `USING (a) AS x`: x has the merged columns only; the tables keep their own names.
                        let table = Scope.tableOf alias.Name (List.map fst merged)
                        Scope.combine after { Scope.empty with Tables = [ table ] } alias.Span
                    | _ -> after

                plan, { named with Visible = (List.map fst merged) @ (after.Visible |> List.filter (fun c -> keep.Contains c.Column.Id && not (names.Contains c.Name))) }

        match source.Alias with
        | None -> plan, result
        | Some alias ->
            // It stands in parentheses.
            if context.Names.IsWanted then
                context.Names.Add(SourceSpan(source.Span.Start + 1, 0), NameUse.JoinColumns(Scope.pathsToAll result))

            let name = aliasName (Some alias) ""
            let columns = renamed (Some alias) result.Visible name
            plan, { result with Tables = [ Scope.tableOf name columns ]; Visible = columns }

    /// The whole FROM list: commas are cross joins; no FROM is one row without columns.
    let bindFrom (services: Services) (scope: Scope) (references: TableReference list) : LogicalPlan * Scope =
        let start = { scope with Tables = []; Visible = [] }

        match references with
        | [] -> LogicalValues.OneRow :> LogicalPlan, start
        | first :: rest ->
            let plan, firstScope = bindReference services start start first

            rest
            |> List.fold
                (fun (plan, left) reference ->
                    let lateral = if isLateral reference then left else start
                    let right, rightScope = bindReference services start lateral reference
                    join DriftDb.Plan.JoinKind.Inner plan right ScalarConstant.True, Scope.combine left rightScope reference.Span)
                (plan, firstScope)
