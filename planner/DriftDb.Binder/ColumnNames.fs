namespace DriftDb.Binder

open DriftDb.Frontend

/// The name that PostgreSQL gives a select item without an alias (FigureColname in parse_target.c).
module internal ColumnNames =
    /// Name and strength: a cast's type name gives way to the name of what is cast.
    let rec private figure (expr: Expr) : (string * int) option =
        match expr with
        | Expr.Column name -> Some(name.Last, 2)
        | Expr.Field(_, name, _) -> Some(name.Name, 2)
        | Expr.Subscript(operand, _, _) -> figure operand
        | Expr.Call call -> Some(call.Name.Last, 2)
        | Expr.Cast(operand, typeName, _, _) ->
            match figure operand with
            | Some(_, 2) as found -> found
            | _ -> Some(typeName.Name.Last, 1)
        | Expr.Collate(operand, _, _) -> figure operand
        | Expr.AtTimeZone _ -> Some("timezone", 2)
        | Expr.Case(_, _, otherwise, _) ->
            match otherwise |> Option.bind figure with
            | Some(_, 2) as found -> found
            | _ -> Some("case", 1)
        | Expr.Coalesce _ -> Some("coalesce", 2)
        | Expr.NullIf _ -> Some("nullif", 2)
        | Expr.Greatest _ -> Some("greatest", 2)
        | Expr.Least _ -> Some("least", 2)
        | Expr.Grouping _ -> Some("grouping", 2)
        | Expr.Exists _ -> Some("exists", 2)
        | Expr.Unique _ -> Some("unique", 2)
        | Expr.Array _ | Expr.ArrayQuery _ -> Some("array", 2)
        | Expr.Row _ -> Some("row", 2)
        | Expr.Subquery(query, _) ->
            match query.Body with
            | QueryBody.Select { Items = [ item ] } ->
                match item.Alias with
                | Some alias -> Some(alias.Name, 2)
                | None -> figure item.Expression
            | _ -> None
        | Expr.SessionValue(kind, _, _) ->
            let name =
                match kind with
                | SessionValue.CurrentDate -> "current_date"
                | SessionValue.CurrentTime -> "current_time"
                | SessionValue.CurrentTimestamp -> "current_timestamp"
                | SessionValue.LocalTime -> "localtime"
                | SessionValue.LocalTimestamp -> "localtimestamp"
                | SessionValue.CurrentRole -> "current_role"
                | SessionValue.CurrentUser -> "current_user"
                | SessionValue.SessionUser -> "session_user"
                | SessionValue.User -> "user"
                | SessionValue.CurrentCatalog -> "current_catalog"
                | SessionValue.CurrentSchema -> "current_schema"

            Some(name, 2)
        | Expr.Literal(LiteralValue.Boolean _, _) -> Some("bool", 1)
        | _ -> None

    let ofExpr (expr: Expr) =
        match figure expr with
        | Some(name, _) -> name
        | None -> "?column?"

    let ofItem (item: SelectItem) =
        match item.Alias with
        | Some alias -> alias.Name
        | None -> ofExpr item.Expression
