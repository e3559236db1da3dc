namespace DriftDb.Binder

open System.Collections.Immutable
open DriftDb.Types
open DriftDb.Plan
open DriftDb.Frontend

/// Calls of routines that return rows: the body's query takes the place of the call.
module internal RoutineRows =
    /// Binds a call. The body's query reaches the arguments as columns of a row beside it.
    let bind (services: Services) (signature: FunctionSignature) (given: ScalarExpr list) alias (definitions: (string * SqlType) list) span : CalledRows =
        let context = services.Context
        let routine = signature.Routine
        let values, returnType = RoutineCalls.arguments services signature given span
        let arguments = List.map2 (fun (p: RoutineParameter) (v: ScalarExpr) -> DriftDb.Plan.Assignment(context.NewColumn(p.Name, v.Type, v.Nullable), v)) (List.ofSeq routine.Parameters) values
        let parameters = arguments |> List.map (fun c -> c.Column.Name, (c.Column.Reference() :> ScalarExpr))

        RoutineCalls.within context routine span (fun query ->
            let body = services.BindQuery { Scope.empty with Routine = Some { Of = routine; Parameters = parameters; Variables = null } } query
            let body = RowResults.fieldsOf context routine body
            let wanted = RowResults.columns routine returnType alias definitions span

            if body.Output.Length <> wanted.Length then
                Errors.failWithDetail SqlState.InvalidFunctionDefinition span $"return type mismatch in function declared to return {routine.ReturnType}" $"Final statement must return {wanted.Length} columns."

            let results =
                List.map2
                    (fun (name, t) (c: OutputColumn) -> DriftDb.Plan.Assignment(context.NewColumn(name, t, true), Coercion.coerce context (c.Reference()) t CoercionContext.Assignment))
                    wanted
                    (List.ofSeq body.Output)

            let limited: LogicalPlan =
                if routine.ReturnsSet then body
                else LogicalLimit(body, ScalarConstant(box 1L, SqlType.Int8), null, ImmutableArray<SortKey>.Empty)

            // A strict routine gives no rows for a NULL.
            let called: LogicalPlan =
                match arguments |> List.filter (fun a -> routine.IsStrict && a.Column.Nullable) with
                | [] -> limited
                | nullable -> LogicalFilter(limited, ScalarAnd(nullable |> List.map (fun a -> ScalarIsNull(a.Column.Reference(), true) :> ScalarExpr) |> Sequences.array))

            { Arguments = arguments
              Body = LogicalProject(called, Sequences.array results)
              Columns = results |> List.map (fun r -> r.Column)
              Span = span })

    /// The rows as a plan that stands alone, as in FROM.
    let asSource (rows: CalledRows) : LogicalPlan =
        if rows.Arguments.IsEmpty then rows.Body
        else
            let joined = LogicalApply(DriftDb.Plan.JoinKind.Inner, LogicalProject(LogicalValues.OneRow, Sequences.array rows.Arguments), rows.Body, ScalarConstant.True)
            LogicalProject(joined, rows.Columns |> List.map DriftDb.Plan.Assignment.PassThrough |> Sequences.array)

    /// Each row of a plan with the rows of the call, whose arguments may use the plan's columns.
    let beside (rows: CalledRows) (fix: ScalarExpr -> ScalarExpr) (plan: LogicalPlan) : LogicalPlan =
        let withArguments: LogicalPlan =
            if rows.Arguments.IsEmpty then plan
            else
                let own = rows.Arguments |> List.map (fun a -> DriftDb.Plan.Assignment(a.Column, fix a.Value))
                LogicalProject(plan, Sequences.array ((plan.Output |> Seq.map DriftDb.Plan.Assignment.PassThrough |> List.ofSeq) @ own))

        LogicalApply(DriftDb.Plan.JoinKind.Inner, withArguments, rows.Body, ScalarConstant.True)
