namespace DriftDb.Binder

open DriftDb.Types
open DriftDb.Plan
open DriftDb.Frontend

/// Assignment to a part of a column: `SET c.a = 1`, `SET a[2].b = 1`, `INSERT INTO t (c.a, c.b)`. The column gets its old value with the part replaced; what was NULL becomes a row of NULLs around it.
module internal PartAssignment =
    /// The value for a field, as an assignment converts it.
    let private storeField (context: BindContext) (field: RowField) (value: ScalarExpr) : ScalarExpr =
        if value.Type.Id <> TypeId.Unknown && not (Coercion.canCoerce value.Type field.Type CoercionContext.Assignment) then
            Errors.failWithHint
                SqlState.DatatypeMismatch
                value.Span
                $"subfield \"{field.Name}\" is of type {field.Type.WithoutTypmod()} but expression is of type {value.Type.WithoutTypmod()}"
                "You will need to rewrite or cast the expression."

        Coercion.convert context value field.Type false

    /// The whole that the part's assignment makes of the old one.
    let rec assign (services: Services) (env: ExprEnv) (columnName: string) (before: ScalarExpr) (path: TargetStep list) (value: ScalarExpr) span : ScalarExpr =
        let context = services.Context

        match path with
        | [] -> Coercion.coerce context value before.Type CoercionContext.Assignment
        | TargetStep.Field name :: rest ->
            if isNull before.Type.Row then
                Errors.fail
                    SqlState.DatatypeMismatch
                    span
                    $"cannot assign to field \"{name.Name}\" of column \"{columnName}\" because its type {before.Type.WithoutTypmod()} is not a composite type"

            let row = before.Type.Row

            match row.IndexOf name.Name with
            | -1 ->
                Errors.fail
                    SqlState.UndefinedColumn
                    span
                    $"cannot assign to field \"{name.Name}\" of column \"{columnName}\" because there is no such column in data type {row.Name}"
            | index ->
                let field i : ScalarExpr =
                    let old = RowConversion.fieldAt before i

                    if i <> index then old
                    elif rest.IsEmpty then storeField context row.Fields[i] value
                    else assign services env columnName old rest value span

                ScalarRow(Sequences.array [ for i in 0 .. row.Fields.Length - 1 -> field i ], before.Type)
        | TargetStep.Subscript _ :: _ ->
            let subscripts = path |> List.takeWhile (fun step -> step.IsSubscript) |> List.choose (fun step -> match step with TargetStep.Subscript s -> Some s | TargetStep.Field _ -> None)
            let rest = path |> List.skip subscripts.Length

            ExprBinder.assignSubscripts
                services
                env
                before
                subscripts
                (fun indexes target ->
                    if rest.IsEmpty then Coercion.coerce context value target CoercionContext.Assignment
                    else assign services env columnName (ScalarSubscript(before, indexes)) rest value span)
                span
