namespace DriftDb.Binder

open DriftDb.Types
open DriftDb.Plan
open DriftDb.Frontend

/// Functions whose result is a row, or rows: which columns it has in FROM, and the row itself where a value is asked for.
module internal RowResults =
    let needsDefinitions span : 'a = Errors.fail SqlState.SyntaxError span "a column definition list is required for functions returning \"record\""

    /// Functions of the system that return records whose columns the call must say.
    let takesDefinitions (call: FunctionCall) =
        match call.Name.Texts with
        | [ name ] | [ "pg_catalog"; name ] -> List.contains name [ "json_to_record"; "jsonb_to_record"; "json_to_recordset"; "jsonb_to_recordset" ]
        | _ -> false

    /// Routines that are bound as a query in FROM: those of rows, and those of one row.
    let isSource (routine: Routine) = routine.Signature.Kind = FunctionKind.Table || RowConversion.isRecord routine.ReturnType

    /// The column of rows as a column for each field.
    let expand (context: BindContext) (plan: LogicalPlan) (column: OutputColumn) (ordinality: OutputColumn) : LogicalPlan * OutputColumn list =
        match RowConversion.rowOf column.Type with
        | null -> needsDefinitions SourceSpan.None
        | row ->
            let fields =
                row.Fields
                |> Seq.mapi (fun i field -> DriftDb.Plan.Assignment(context.NewColumn(field.Name, field.Type, true), RowConversion.fieldAt (column.Reference()) i))
                |> List.ofSeq

            let kept = if isNull ordinality then [] else [ DriftDb.Plan.Assignment.PassThrough ordinality ]
            LogicalProject(plan, Sequences.array (fields @ kept)), fields |> List.map (fun f -> f.Column)

    /// Names and types of what a routine puts out in FROM.
    let columns (routine: Routine) (returnType: SqlType) alias (definitions: (string * SqlType) list) span : (string * SqlType) list =
        let isRecord = RowConversion.isRecord returnType && routine.ReturnColumns.IsEmpty

        match definitions with
        | _ :: _ when not routine.ReturnColumns.IsEmpty ->
            Errors.fail SqlState.SyntaxError span "a column definition list is redundant for a function with OUT parameters"
        | _ :: _ when returnType.IsComposite ->
            Errors.fail SqlState.SyntaxError span "a column definition list is redundant for a function returning a named composite type"
        | _ :: _ when not isRecord ->
            Errors.fail SqlState.SyntaxError span "a column definition list is only allowed for functions returning \"record\""
        | _ :: _ -> definitions
        | [] when not routine.ReturnColumns.IsEmpty -> [ for struct (name, t) in routine.ReturnColumns -> name, t ]
        | [] when returnType.IsComposite -> [ for field in returnType.Row.Fields -> field.Name, field.Type ]
        | [] when isRecord -> needsDefinitions span
        | [] -> [ alias, returnType ]

    /// A body that gives a row as one value gives its fields: where the routine returns rows both are the same.
    let fieldsOf (context: BindContext) (routine: Routine) (body: LogicalPlan) : LogicalPlan =
        match List.ofSeq body.Output with
        | [ one ] when RowConversion.isRecord routine.ReturnType && RowConversion.isRecord one.Type && not (isNull one.Type.Row) && (not routine.ReturnType.IsComposite || routine.ReturnType.Row.Fields.Length <> 1 || one.Type.SameTypeAs routine.ReturnType) ->
            let plan, _ = expand context body one null
            plan
        | _ -> body

    /// The row that a routine of one row gives as a value: of its composite type, or of its OUT parameters.
    let rowType (routine: Routine) : SqlType =
        if routine.ReturnColumns.IsEmpty then routine.ReturnType
        else SqlType.RowOf(RowType.Anonymous [ for struct (name, t) in routine.ReturnColumns -> RowField(name, t) ])

    /// The body's columns as one column with the row; a body that gives the row itself stays.
    let asRow (context: BindContext) (routine: Routine) (body: LogicalPlan) span : LogicalPlan =
        let target = rowType routine

        match List.ofSeq body.Output with
        | [ one ] when RowConversion.isRecord one.Type -> body
        | output when isNull target.Row ->
            let row = RowConversion.rowWith (output |> List.map (fun c -> c.Name)) (output |> List.map (fun c -> c.Reference() :> ScalarExpr))
            LogicalProject(body, Sequences.array [ DriftDb.Plan.Assignment(context.NewColumn(routine.Name, row.Type, true), row) ])
        | output ->
            if output.Length <> target.Row.Fields.Length then
                Errors.failWithDetail SqlState.InvalidFunctionDefinition span $"return type mismatch in function declared to return {routine.ReturnType}" $"Final statement must return {target.Row.Fields.Length} columns."

            let values = List.mapi (fun i (c: OutputColumn) -> Coercion.coerce context (c.Reference()) target.Row.Fields[i].Type CoercionContext.Assignment) output
            let row: ScalarExpr = ScalarRow(Sequences.array values, target)
            LogicalProject(body, Sequences.array [ DriftDb.Plan.Assignment(context.NewColumn(routine.Name, target, true), row) ])
