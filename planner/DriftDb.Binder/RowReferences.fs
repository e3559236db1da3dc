namespace DriftDb.Binder

open DriftDb.Types
open DriftDb.Plan
open DriftDb.Frontend

/// What names and stars say about whole rows: `t`, `t.*`, `(t).a`, `(t).*`, and whether a row is NULL.
module internal RowReferences =
    /// The table's row as a value: of the relation's row type, or of a type of its own with the columns' names.
    let wholeRow (services: Services) (table: ScopeTable) : ScalarExpr =
        let context = services.Context

        for c in table.Columns do
            context.Reads c.Column

        let fields = table.Columns |> List.map (fun c -> RowField(c.Name, c.Column.Type)) |> Sequences.array

        let row =
            match table.Relation with
            | Some relation when relation.RowTypeOid <> 0 -> RowType(relation.RowTypeOid, relation.RowArrayOid, relation.Name, fields)
            | _ -> RowType.Anonymous fields

        let values = table.Columns |> List.map (fun c -> c.Column.Reference() :> ScalarExpr)
        let made: ScalarExpr = ScalarRow(Sequences.array values, SqlType.RowOf row)

        // An outer join has no row for the table where it pads with NULLs: then there is no whole row either.
        let isAbsent: ScalarExpr option =
            match table.Hidden |> List.tryFind (fun c -> c.Name = "tableoid") with
            | _ when not table.IsPadded || values.IsEmpty -> None
            | Some id -> Some(ScalarIsNull(id.Column.Reference(), false))
            | None -> Some(ScalarAnd(values |> List.map (fun v -> ScalarIsNull(v, false) :> ScalarExpr) |> Sequences.array))

        match isAbsent with
        | Some condition -> ScalarCase(Sequences.array [ condition ], Sequences.array [ ScalarConstant.Null made.Type :> ScalarExpr ], made)
        | None -> made

    /// `(row).name`.
    let field (row: ScalarExpr) (name: string) span : ScalarExpr =
        if not (RowConversion.isRecord row.Type) then
            Errors.fail SqlState.WrongObjectType span $"column notation .{name} applied to type {row.Type.WithoutTypmod()}, which is not a composite type"

        match RowConversion.rowOf row.Type with
        | null -> Errors.fail SqlState.UndefinedColumn span $"could not identify column \"{name}\" in record data type"
        | known ->
            match known.IndexOf name with
            | -1 when known.IsNamed -> Errors.fail SqlState.UndefinedColumn span $"column \"{name}\" not found in data type {known.Name}"
            | -1 -> Errors.fail SqlState.UndefinedColumn span $"could not identify column \"{name}\" in record data type"
            | index -> (RowConversion.fieldAt row index).With span

    /// The fields' names of what `(row).*` is applied to.
    let private fieldNames (row: ScalarExpr) span : string list =
        if not (RowConversion.isRecord row.Type) then
            Errors.fail SqlState.WrongObjectType span $"type {row.Type.WithoutTypmod()} is not composite"

        match RowConversion.rowOf row.Type with
        | null -> Errors.fail SqlState.FeatureNotSupported span "record type has not been registered"
        | known -> [ for f in known.Fields -> f.Name ]

    /// `(row).*` as the list of its fields, each `(row).name`.
    let expandStar (bind: Expr -> ScalarExpr) (operand: Expr) span : (string * Expr) list =
        fieldNames (bind operand) span
        |> List.map (fun name -> name, Expr.Field(operand, { Name = name; Quoted = true; Span = span }, span))

    /// A select list with each `(row).*` replaced by its fields.
    let expandItems (bind: Expr -> ScalarExpr) (items: SelectItem list) : SelectItem list =
        items
        |> List.collect (fun item ->
            match item.Expression with
            | Expr.FieldStar(operand, span) -> expandStar bind operand span |> List.map (fun (_, expression) -> { item with Expression = expression; Alias = None; Columns = [] })
            | _ -> [ item ])

    /// `row IS [NOT] NULL`: all fields are NULL, or none is; the two aren't opposites.
    let isNull (call: string -> ScalarExpr list -> ScalarExpr) (row: ScalarExpr) (negated: bool) : ScalarExpr =
        match row with
        | :? ScalarRow as made when not made.Fields.IsEmpty ->
            match [ for f in made.Fields -> ScalarIsNull(f, negated) :> ScalarExpr ] with
            | [ one ] -> one
            | tests -> ScalarAnd(Sequences.array tests)
        | _ -> call (if negated then "record_is_not_null" else "record_is_null") [ row ]
