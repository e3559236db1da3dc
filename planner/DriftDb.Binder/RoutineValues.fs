namespace DriftDb.Binder

open DriftDb.Types
open DriftDb.Plan
open DriftDb.Frontend

/// Calls of routines as values: a body of SQL takes the place of its call, one in a procedural language is a call of the runtime.
module internal RoutineValues =
    let private array items = Sequences.array items

    /// The body of a routine of SQL in the place of its call.
    let inlined (services: Services) (bind: ExprEnv -> Expr -> ScalarExpr) (signature: FunctionSignature) (isRow: bool) (arguments: ScalarExpr list) span : ScalarExpr =
        let context = services.Context
        let routine = signature.Routine
        let values, returnType = RoutineCalls.arguments services signature arguments span
        let scope = { Scope.empty with Routine = None }

        let bindBody (parameters: (string * ScalarExpr) list) (query: Query) : ScalarExpr =
            let around = { scope with Routine = Some { Of = routine; Parameters = parameters; Variables = null } }

            match RoutineCalls.asExpression query with
            | Some expression -> bind { Scope = around; Clause = "a function's body"; Collector = None; InAggregate = false; CaseOperand = None } expression
            | None ->
                let plan = services.BindQuery around query
                let plan = if isRow then RowResults.asRow context routine plan span else plan

                if plan.Output.Length <> 1 && routine.ReturnType.Id <> TypeId.Void then
                    Errors.failWithDetail SqlState.InvalidFunctionDefinition span $"return type mismatch in function declared to return {routine.ReturnType}" "Final statement must return exactly one column."

                let first = LogicalLimit(plan, ScalarConstant(box 1L, SqlType.Int8), null, array [])
                ScalarSubquery(SubqueryKind.Scalar, first, array [], ComparisonOperator.Equal, plan.Output[0].Type)

        let result =
            RoutineCalls.within context routine span (fun query ->
                let isExpression = (RoutineCalls.asExpression query).IsSome
                let names = routine.Parameters |> Seq.map (fun p -> p.Name) |> List.ofSeq

                if isExpression || values |> List.forall (fun (v: ScalarExpr) -> v :? ScalarLeaf) then
                    // Each argument is computed once, however often the body uses it.
                    let variables = values |> List.map (fun value -> if isExpression then context.Named value else id, value)
                    let body = bindBody (List.zip names (variables |> List.map snd)) query
                    let typed = RoutineCalls.result context returnType body
                    List.foldBack (fun (wrap, _) inner -> wrap inner) variables typed
                else
                    // The arguments become a row that the body's query is joined with.
                    let columns = List.map2 (fun n (v: ScalarExpr) -> DriftDb.Plan.Assignment(context.NewColumn(n, v.Type, v.Nullable), v)) names values
                    let row = LogicalProject(LogicalValues.OneRow, array columns)

                    match bindBody (List.zip names (columns |> List.map (fun c -> c.Column.Reference() :> ScalarExpr))) query with
                    | :? ScalarSubquery as subquery ->
                        let joined = LogicalApply(DriftDb.Plan.JoinKind.Inner, row, subquery.Plan, ScalarConstant.True)
                        let output = LogicalProject(joined, array [ DriftDb.Plan.Assignment.PassThrough subquery.Plan.Output[0] ])
                        RoutineCalls.result context returnType (ScalarSubquery(SubqueryKind.Scalar, output, array [], ComparisonOperator.Equal, subquery.Type))
                    | other -> RoutineCalls.result context returnType other)

        let guarded: ScalarExpr =
            match values |> List.filter (fun v -> v.Nullable) with
            | nullable when routine.IsStrict && not nullable.IsEmpty ->
                let anyNull = nullable |> List.map (fun v -> ScalarIsNull(v, false) :> ScalarExpr) |> Operators.disjunction
                ScalarCase(array [ anyNull ], array [ ScalarConstant.Null result.Type :> ScalarExpr ], result)
            | _ -> result

        guarded.With span

    /// A call of a routine in a procedural language.
    let procedural (services: Services) (env: ExprEnv) (signature: FunctionSignature) (isRow: bool) (arguments: ScalarExpr list) span : ScalarExpr =
        let context = services.Context
        let routine = signature.Routine
        let values, returnType = RoutineCalls.arguments services signature arguments span

        if not routine.ReturnsSet then
            let result = if isRow then RowResults.rowType routine else returnType
            let function', given = RoutineCalls.procedural context routine FunctionKind.Scalar result values
            ScalarCall(function', given, result).With span
        else
            match env.Collector with
            | Some collector when not env.InAggregate ->
                let columns = RowResults.columns routine returnType routine.Name [] span |> List.map (fun (name, t) -> context.NewColumn(name, t, true))
                let function', given = RoutineCalls.procedural context routine FunctionKind.Table returnType values
                collector.SetFunctions.Add(LogicalTableFunction(function', given, array columns, null))

                match columns with
                | [ one ] when not isRow && routine.ReturnColumns.Length < 2 && not returnType.IsComposite -> one.Reference().With span
                | several ->
                    let fields = several |> List.map (fun c -> c.Reference() :> ScalarExpr)
                    let row = if returnType.IsComposite then ScalarRow(array fields, returnType) :> ScalarExpr else RowConversion.rowWith (several |> List.map (fun c -> c.Name)) fields
                    row.With span
            | _ -> Errors.fail SqlState.FeatureNotSupported span $"set-returning functions are not allowed in {env.Clause}"

    /// A routine that returns rows, in a select list: each row of the query is joined with the rows of its call.
    let rows (services: Services) (env: ExprEnv) (signature: FunctionSignature) (arguments: ScalarExpr list) span : ScalarExpr =
        match env.Collector with
        | Some collector when not env.InAggregate ->
            let routine = signature.Routine
            let rows = RoutineRows.bind services signature arguments routine.Name [] span

            // `(f(x)).*` is one call, however many fields it becomes.
            let isSame (other: CalledRows) =
                not span.IsNone && other.Span = span
                && other.Arguments.Length = rows.Arguments.Length
                && Seq.forall2 (fun (a: DriftDb.Plan.Assignment) (b: DriftDb.Plan.Assignment) -> ScalarEquality.Same(a.Value, b.Value)) other.Arguments rows.Arguments

            let rows =
                match collector.RoutineRows |> Seq.tryFind isSame with
                | Some same -> same
                | None ->
                    collector.RoutineRows.Add rows
                    rows

            match rows.Columns with
            | [ one ] when routine.ReturnColumns.IsEmpty && not (RowConversion.isRecord routine.ReturnType) -> one.Reference().With span
            | several when routine.ReturnType.IsComposite && routine.ReturnColumns.IsEmpty -> ScalarRow(several |> List.map (fun c -> c.Reference() :> ScalarExpr) |> array, routine.ReturnType).With span
            | several -> (RowConversion.rowWith (several |> List.map (fun c -> c.Name)) (several |> List.map (fun c -> c.Reference() :> ScalarExpr))).With span
        | _ -> Errors.fail SqlState.FeatureNotSupported span $"set-returning functions are not allowed in {env.Clause}"
