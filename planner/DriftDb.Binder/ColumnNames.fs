namespace DriftDb.Binder

open DriftDb.Frontend

/// The name that PostgreSQL gives a select item without an alias (FigureColname in parse_target.c).
module internal ColumnNames =
    /// The name, and the one to fall back on where there is none: a cast's type name and "case" give way to the name of what is inside, the outermost of them to none.
    let rec private figure (fallback: string option) (expr: Expr) : string option =
        let weak name = Option.orElse (Some name) fallback

        match expr with
        | Expr.Column name -> Some name.Last
        | Expr.Field(_, name, _) -> Some name.Name
        | Expr.Star(Some table, _) -> Some table.Last
        | Expr.Subscript(operand, _, _) -> figure fallback operand
        | Expr.Call call -> Some call.Name.Last
        | Expr.Cast(operand, typeName, _, _) -> figure (weak typeName.Name.Last) operand
        | Expr.Collate(operand, _, _) -> figure fallback operand
        | Expr.Case(_, _, Some otherwise, _) -> figure (weak "case") otherwise
        | Expr.Case _ -> weak "case"
        | Expr.AtTimeZone _ -> Some "timezone"
        | Expr.Coalesce _ -> Some "coalesce"
        | Expr.NullIf _ -> Some "nullif"
        | Expr.Greatest _ -> Some "greatest"
        | Expr.Least _ -> Some "least"
        | Expr.Grouping _ -> Some "grouping"
        | Expr.Exists _ -> Some "exists"
        | Expr.Unique _ -> Some "unique"
        | Expr.Array _ | Expr.ArrayQuery _ -> Some "array"
        | Expr.Row _ -> Some "row"
        | Expr.Subquery(query, _) ->
            match query.Body with
            | QueryBody.Select { Items = [ item ] } ->
                match item.Alias with
                | Some alias -> Some alias.Name
                | None -> figure fallback item.Expression
            | _ -> fallback
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

            Some name
        | Expr.Literal(LiteralValue.Boolean _, _) -> weak "bool"
        | _ -> fallback

    let ofExpr (expr: Expr) =
        figure None expr |> Option.defaultValue "?column?"

    let ofItem (item: SelectItem) =
        match item.Alias with
        | Some alias -> alias.Name
        | None -> ofExpr item.Expression
