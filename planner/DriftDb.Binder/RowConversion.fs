namespace DriftDb.Binder

open DriftDb.Types
open DriftDb.Plan

/// Rows as values: their types, their fields, and what becomes of one when another row type is wanted.
module internal RowConversion =
    /// The row type of a record, null where its fields aren't known.
    let rowOf (sqlType: SqlType) : RowType = sqlType.Row

    let isRecord (sqlType: SqlType) = sqlType.Id = TypeId.Record

    /// A record of any kind: what every row type can stand for.
    let isAnyRecord (sqlType: SqlType) = isRecord sqlType && not sqlType.IsComposite

    /// A row of these values under the names that go with them.
    let rowWith (names: string list) (values: ScalarExpr list) : ScalarExpr =
        let fields = List.map2 (fun name (value: ScalarExpr) -> RowField(name, value.Type)) names values
        ScalarRow(Sequences.array values, SqlType.RowOf(RowType.Anonymous fields))

    /// Two records without a type of their own whose fields have the same types.
    let private sameFields (a: RowType) (b: RowType) =
        a.Fields.Length = b.Fields.Length && Seq.forall2 (fun (x: RowField) (y: RowField) -> x.Type.SameTypeAs y.Type) a.Fields b.Fields

    /// The common type of two records: that of the first where the fields' types are the same, else one of which nothing is known.
    let common (a: SqlType) (b: SqlType) : SqlType =
        if isNull (rowOf a) || isNull (rowOf b) then SqlType.Record
        elif a.IsComposite || sameFields a.Row b.Row then a
        else SqlType.Record

    /// The field with this place of a row: its own expression where the row is made here.
    let fieldAt (row: ScalarExpr) index : ScalarExpr =
        match row with
        | :? ScalarRow as made -> made.Fields[index]
        | _ -> ScalarField(row, index)

    /// The value once, however often the body uses it.
    let private named (context: BindContext) (value: ScalarExpr) : (ScalarExpr -> ScalarExpr) * ScalarExpr =
        match value with
        | :? ScalarRow -> id, value
        | _ -> context.Named value

    /// A literal that became text because nothing else was asked for may still be something else.
    let private untyped (field: ScalarExpr) : ScalarExpr =
        match field with
        | :? ScalarConstant as constant when constant.ConstantType.Equals SqlType.Text -> ScalarConstant(constant.Value, SqlType.Unknown).With field.Span
        | _ -> field

    /// A record as a value of a composite type, field by field (coerce_record_to_complex).
    let toComposite (context: BindContext) (convertField: ScalarExpr -> SqlType -> ScalarExpr option) (value: ScalarExpr) (target: SqlType) : ScalarExpr =
        let cannot detail =
            let message = $"cannot cast type {value.Type} to {target}"
            if isNull detail then Errors.fail SqlState.CannotCoerce value.Span message else Errors.failWithDetail SqlState.CannotCoerce value.Span message detail

        let given = rowOf value.Type
        if isNull given then cannot null
        elif given.Fields.Length < target.Row.Fields.Length then cannot "Input has too few columns."
        elif given.Fields.Length > target.Row.Fields.Length then cannot "Input has too many columns."

        let wrap, reference = named context value

        let fields =
            target.Row.Fields
            |> Seq.mapi (fun i field ->
                match convertField (untyped (fieldAt reference i)) field.Type with
                | Some converted -> converted
                | None -> cannot $"Cannot cast type {given.Fields[i].Type.WithoutTypmod()} to {field.Type.WithoutTypmod()} in column {i + 1}.")
            |> Sequences.array

        let row: ScalarExpr = ScalarRow(fields, target)

        let result: ScalarExpr =
            if reference.Nullable then
                ScalarCase(Sequences.array [ ScalarIsNull(reference, false) :> ScalarExpr ], Sequences.array [ ScalarConstant.Null target :> ScalarExpr ], row)
            else
                row

        (wrap result).With value.Span
