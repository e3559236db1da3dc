namespace DriftDb.Binder

open System
open System.Text
open DriftDb.Types
open DriftDb.Plan

/// How strongly a conversion was asked for, weakest first: each kind allows what the ones before it allow (pg_cast.castcontext).
type internal CoercionContext =
    | Implicit = 0
    | Assignment = 1
    | Explicit = 2

/// Conversions between types: which are allowed, and the expressions that do them (PostgreSQL's parse_coerce.c).
module internal Coercion =
    /// pg_type.typcategory.
    let category (sqlType: SqlType) =
        match sqlType.Id with
        | TypeId.Bool -> 'B'
        | TypeId.Int2 | TypeId.Int4 | TypeId.Int8 | TypeId.Float4 | TypeId.Float8 | TypeId.Numeric | TypeId.Oid | TypeId.Money
        | TypeId.RegClass | TypeId.RegType | TypeId.RegProc | TypeId.RegProcedure | TypeId.RegOper | TypeId.RegOperator | TypeId.RegRole
        | TypeId.RegNamespace | TypeId.RegCollation | TypeId.RegConfig | TypeId.RegDictionary -> 'N'
        | TypeId.Text | TypeId.VarChar | TypeId.BpChar | TypeId.Name -> 'S'
        | TypeId.Char -> 'Z'
        | TypeId.Date | TypeId.Time | TypeId.TimeTz | TypeId.Timestamp | TypeId.TimestampTz -> 'D'
        | TypeId.Interval -> 'T'
        | TypeId.Bit | TypeId.VarBit -> 'V'
        | TypeId.Array -> 'A'
        | TypeId.Unknown -> 'X'
        | TypeId.Inet | TypeId.Cidr -> 'I'
        | TypeId.Enum when not (isNull sqlType.Enum) -> 'E'
        | TypeId.Record when sqlType.IsComposite -> 'C'
        | TypeId.Any | TypeId.AnyElement | TypeId.AnyNonArray | TypeId.AnyCompatible | TypeId.Enum | TypeId.Record -> 'P'
        | _ -> 'U'

    /// pg_type.typispreferred.
    let isPreferred (sqlType: SqlType) =
        match sqlType.Id with
        | TypeId.Bool | TypeId.Float8 | TypeId.Oid | TypeId.Text | TypeId.TimestampTz | TypeId.Interval | TypeId.VarBit | TypeId.Inet -> true
        | _ -> false

    let private isReg (id: TypeId) =
        match id with
        | TypeId.RegClass | TypeId.RegType | TypeId.RegProc | TypeId.RegProcedure | TypeId.RegOper | TypeId.RegOperator | TypeId.RegRole
        | TypeId.RegNamespace | TypeId.RegCollation | TypeId.RegConfig | TypeId.RegDictionary -> true
        | _ -> false

    let private isText (id: TypeId) =
        match id with
        | TypeId.Text | TypeId.VarChar | TypeId.BpChar | TypeId.Name -> true
        | _ -> false

    let isDistinct (sqlType: SqlType) = not (isNull (box sqlType.Distinct))

    /// The weakest context in which there is a conversion; None where there is none at all. A distinct type converts from and to its source type on assignment (ISO/IEC 9075-2, 11.51), by CAST also from
    /// and to what that converts to by itself.
    let rec private contextOf (source: SqlType) (target: SqlType) : CoercionContext option =
        if source.Distinct = target.Distinct then contextOfPredefined source target
        elif source.Id = TypeId.Unknown || target.Id = TypeId.Any || target.Id = TypeId.AnyElement || target.Id = TypeId.AnyCompatible then Some CoercionContext.Implicit
        elif isDistinct source && isDistinct target then None
        elif source.Id = target.Id then Some CoercionContext.Assignment
        else
            match contextOfPredefined source.Source target.Source with
            | Some CoercionContext.Implicit when isDistinct target -> Some CoercionContext.Assignment
            | Some CoercionContext.Implicit -> Some CoercionContext.Explicit
            | _ -> None

    /// What PostgreSQL converts (pg_cast).
    and private contextOfPredefined (source: SqlType) (target: SqlType) : CoercionContext option =
        let implicit, assignment, explicitly = Some CoercionContext.Implicit, Some CoercionContext.Assignment, Some CoercionContext.Explicit

        match source.Id, target.Id with
        // A record becomes a composite type field by field, which is seen when it is done; one composite type never becomes another.
        | TypeId.Record, TypeId.Record when source.IsComposite && target.IsComposite && not (source.SameTypeAs target) -> None
        | TypeId.Enum, TypeId.Enum when not (isNull target.Enum) && not (source.SameTypeAs target) -> None
        | s, t when s = t && s <> TypeId.Array -> implicit
        | TypeId.Unknown, _ -> implicit
        | _, (TypeId.Any | TypeId.AnyElement | TypeId.AnyCompatible) -> implicit
        | s, TypeId.AnyNonArray when s <> TypeId.Array -> implicit
        | TypeId.Array, TypeId.Array when isNull target.Element -> implicit
        | TypeId.Array, TypeId.Array -> contextOf source.Element target.Element
        | (TypeId.Int2Vector | TypeId.OidVector), TypeId.Array -> implicit
        | TypeId.Array, (TypeId.Int2Vector | TypeId.OidVector) -> assignment
        | TypeId.Int2, (TypeId.Int4 | TypeId.Int8 | TypeId.Float4 | TypeId.Float8 | TypeId.Numeric | TypeId.Oid) -> implicit
        | TypeId.Int4, (TypeId.Int8 | TypeId.Float4 | TypeId.Float8 | TypeId.Numeric | TypeId.Oid) -> implicit
        | TypeId.Int8, (TypeId.Float4 | TypeId.Float8 | TypeId.Numeric | TypeId.Oid) -> implicit
        | (TypeId.Int2 | TypeId.Int4 | TypeId.Int8), t when isReg t -> implicit
        | TypeId.Float4, TypeId.Float8 -> implicit
        | TypeId.Numeric, (TypeId.Float4 | TypeId.Float8) -> implicit
        | (TypeId.Int8 | TypeId.Int4 | TypeId.Numeric | TypeId.Float4 | TypeId.Float8), (TypeId.Int2 | TypeId.Int4 | TypeId.Int8 | TypeId.Float4 | TypeId.Numeric) -> assignment
        | TypeId.Oid, t when isReg t -> implicit
        | s, TypeId.Oid when isReg s -> implicit
        | s, (TypeId.Int4 | TypeId.Int8) when s = TypeId.Oid || isReg s -> assignment
        | s, TypeId.RegClass when isText s -> implicit
        | TypeId.RegProcedure, TypeId.RegProc | TypeId.RegProc, TypeId.RegProcedure | TypeId.RegOper, TypeId.RegOperator -> implicit
        | s, (TypeId.Text | TypeId.VarChar | TypeId.BpChar) when isText s -> (if s = TypeId.Name && target.Id <> TypeId.Text then assignment else implicit)
        | s, TypeId.Name when isText s -> implicit
        | TypeId.Char, TypeId.Text -> implicit
        | TypeId.Char, (TypeId.VarChar | TypeId.BpChar) -> assignment
        | s, TypeId.Char when isText s -> assignment
        | TypeId.Char, TypeId.Int4 | TypeId.Int4, TypeId.Char -> explicitly
        | TypeId.Date, (TypeId.Timestamp | TypeId.TimestampTz) -> implicit
        | TypeId.Timestamp, TypeId.TimestampTz -> implicit
        | TypeId.Time, (TypeId.TimeTz | TypeId.Interval) -> implicit
        | (TypeId.Timestamp | TypeId.TimestampTz), (TypeId.Date | TypeId.Time | TypeId.Timestamp) -> assignment
        | TypeId.TimestampTz, TypeId.TimeTz | TypeId.TimeTz, TypeId.Time | TypeId.Interval, TypeId.Time -> assignment
        | TypeId.Bool, TypeId.Int4 | TypeId.Int4, TypeId.Bool -> explicitly
        | TypeId.Json, TypeId.Jsonb | TypeId.Jsonb, TypeId.Json -> assignment
        | TypeId.Jsonb, (TypeId.Bool | TypeId.Int2 | TypeId.Int4 | TypeId.Int8 | TypeId.Numeric | TypeId.Float4 | TypeId.Float8) -> explicitly
        | (TypeId.Bit | TypeId.VarBit), (TypeId.Bit | TypeId.VarBit) -> implicit
        | (TypeId.Bit, (TypeId.Int4 | TypeId.Int8)) | ((TypeId.Int4 | TypeId.Int8), TypeId.Bit) -> explicitly
        | TypeId.PgNodeTree, TypeId.Text -> implicit
        | TypeId.Cidr, TypeId.Inet -> implicit
        | TypeId.Inet, TypeId.Cidr -> assignment
        | (TypeId.Money, TypeId.Numeric) | ((TypeId.Numeric | TypeId.Int4 | TypeId.Int8), TypeId.Money) -> assignment
        | TypeId.Record, TypeId.Text -> assignment
        // Every type converts to text by its output function on assignment, and from text by its input function when asked explicitly.
        | s, t when isText t && s <> TypeId.Void -> assignment
        | s, _ when isText s -> explicitly
        | _ -> None

    let canCoerce (source: SqlType) (target: SqlType) (context: CoercionContext) =
        match contextOf source target with
        | Some needed -> needed <= context
        | None -> false

    /// An integer constant as numeric: as many digits as it has, so that proven precisions stay small.
    let private integerAsNumeric (value: int64) =
        let digits = (if value = Int64.MinValue then "9223372036854775808" else string (abs value)).Length

        if digits <= 18 then ScalarConstant(box value, SqlType.FixedNumeric(digits, 0))
        else ScalarConstant(box (Int128.op_Implicit value), SqlType.FixedNumeric(digits, 0))

    let private integerValue (value: obj) =
        match value with
        | :? int16 as v -> Some(int64 v)
        | :? int32 as v -> Some(int64 v)
        | :? int64 as v -> Some v
        | _ -> None

    /// Converts a constant at once where that is simple; what isn't stays a cast for the runtime.
    let private foldConstant (constant: ScalarConstant) (target: SqlType) : ScalarExpr option =
        if isNull constant.Value then
            Some(ScalarConstant.Null target)
        else
            match constant.ConstantType.Id, target.Id, integerValue constant.Value with
            | (TypeId.Int2 | TypeId.Int4 | TypeId.Int8), TypeId.Int8, Some value -> Some(ScalarConstant(box value, target))
            | (TypeId.Int2 | TypeId.Int4 | TypeId.Int8), TypeId.Int4, Some value when value >= int64 Int32.MinValue && value <= int64 Int32.MaxValue ->
                Some(ScalarConstant(box (int32 value), target))
            | (TypeId.Int2 | TypeId.Int4 | TypeId.Int8), TypeId.Int2, Some value when value >= int64 Int16.MinValue && value <= int64 Int16.MaxValue ->
                Some(ScalarConstant(box (int16 value), target))
            | (TypeId.Int2 | TypeId.Int4 | TypeId.Int8), TypeId.Float8, Some value -> Some(ScalarConstant(box (float value), target))
            | (TypeId.Int2 | TypeId.Int4 | TypeId.Int8), TypeId.Oid, Some value when value >= 0L && value <= int64 UInt32.MaxValue ->
                Some(ScalarConstant(box (int32 (uint32 value)), target))
            | _ -> None

    let private sameRepresentation (source: SqlType) (target: SqlType) =
        // The text types differ in nothing but their name, as long as no length has to be enforced. bpchar is padded, so it is converted.
        (source.IsString && target.IsString && source.Id <> TypeId.BpChar && target.Id <> TypeId.BpChar
         && source.Id <> TypeId.Unknown && target.Id <> TypeId.Name && target.Typmod < 0)

    /// The literal's or parameter's expression once its type is known; None for expressions that have a type already.
    let private resolveUnknown (context: BindContext) (expr: ScalarExpr) (target: SqlType) : ScalarExpr option =
        match expr with
        | :? ScalarConstant as constant when constant.ConstantType.Id = TypeId.Unknown ->
            if isNull constant.Value then
                Some(ScalarConstant.Null target)
            else
                let text = Encoding.UTF8.GetString(constant.Value :?> byte[])
                context.Names.Mention(target, expr.Span, false)
                if target.Id = TypeId.RegClass then context.Names.Add(expr.Span, NameUse.RelationLiteral text)

                let value =
                    try
                        context.Options.ParseLiteral.Invoke(target, text)
                    with :? SqlException as error when error.Span.IsNone ->
                        // The value's parser knows no positions: the literal's place is the error's.
                        raise (SqlException(error.SqlState, error.Message, expr.Span, error.Detail, error.Hint, error))

                // An unbounded numeric literal has a proven precision as soon as it is written out.
                Some(ScalarConstant(value, target))
        | :? ScalarParameter as parameter when parameter.ParameterType.Id = TypeId.Unknown ->
            let known = context.ParameterType parameter.Number

            if known.Id = TypeId.Unknown then
                context.ResolveParameter(parameter.Number, target)
                Some(ScalarParameter(parameter.Number, (if target.IsFixedNumeric then SqlType.Numeric else target.WithoutTypmod())))
            else
                Some(ScalarParameter(parameter.Number, known))
        | _ -> None

    /// Adds the conversion without asking whether it is allowed.
    let rec convert (context: BindContext) (expr: ScalarExpr) (target: SqlType) (isExplicit: bool) : ScalarExpr =
        match resolveUnknown context expr target with
        | Some resolved when resolved.Type.Equals target -> resolved
        | Some resolved -> convert context resolved target isExplicit
        | None when expr.Type.Equals target -> expr
        // Records say by themselves what their fields are.
        | None when RowConversion.isRecord expr.Type && RowConversion.isAnyRecord target -> expr
        | None when RowConversion.isRecord expr.Type && target.IsComposite && not expr.Type.IsComposite ->
            let how = if isExplicit then CoercionContext.Explicit else CoercionContext.Assignment

            let field (value: ScalarExpr) (fieldType: SqlType) =
                if value.Type.Id = TypeId.Unknown || canCoerce value.Type fieldType how then Some(convert context value fieldType isExplicit) else None

            RowConversion.toComposite context field expr target
        | None ->
            match expr with
            | :? ScalarConstant as constant ->
                match foldConstant constant target with
                | Some folded -> folded.With(expr.Span)
                | None -> cast expr target isExplicit
            | _ -> cast expr target isExplicit

    and private cast (expr: ScalarExpr) (target: SqlType) isExplicit : ScalarExpr =
        if sameRepresentation expr.Type target then
            match expr with
            | :? ScalarConstant as constant -> ScalarConstant(constant.Value, target)
            | _ -> ScalarCast(expr, target, isExplicit).With(expr.Span)
        else
            ScalarCast(expr, target, isExplicit).With(expr.Span)

    /// Converts, or fails: 42804 for an implicit or assignment conversion that isn't there, 42846 for an explicit one.
    let coerce (context: BindContext) (expr: ScalarExpr) (target: SqlType) (how: CoercionContext) : ScalarExpr =
        if expr.Type.Id <> TypeId.Unknown && not (canCoerce expr.Type target how) then
            if how = CoercionContext.Explicit then
                Errors.fail SqlState.CannotCoerce expr.Span $"cannot cast type {expr.Type.WithoutTypmod()} to {target.WithoutTypmod()}"
            else
                Errors.fail SqlState.DatatypeMismatch expr.Span $"cannot convert type {expr.Type.WithoutTypmod()} to {target.WithoutTypmod()}"

        convert context expr target (how = CoercionContext.Explicit)

    /// Gives an untyped literal or parameter its default type: text.
    let settle (context: BindContext) (expr: ScalarExpr) : ScalarExpr =
        if expr.Type.Id = TypeId.Unknown then convert context expr SqlType.Text false else expr

    /// The same for literals only: what is asked of a parameter here tells nothing of its type.
    let settleConstant (context: BindContext) (expr: ScalarExpr) : ScalarExpr =
        if expr :? ScalarParameter then
            if expr.Type.Id = TypeId.Unknown then context.HasUntypedParameter <- true
            expr
        else
            settle context expr

    /// An integer expression as fixed numeric.
    let toNumeric (context: BindContext) (expr: ScalarExpr) : ScalarExpr =
        if expr.Type.Id = TypeId.Numeric then
            expr
        else
            match expr with
            | :? ScalarConstant as constant when expr.Type.IsInteger && not (isNull constant.Value) ->
                (integerAsNumeric (integerValue constant.Value).Value).With(expr.Span)
            | _ when expr.Type.IsInteger -> convert context expr (NumericTyping.OfInteger expr.Type.Id) false
            | _ -> convert context expr SqlType.Numeric false

    /// The type that all of these become (UNION, CASE, COALESCE, VALUES, ARRAY; PostgreSQL's select_common_type), None where there is none.
    let commonType (types: SqlType list) : SqlType option =
        match types |> List.filter (fun t -> t.Id <> TypeId.Unknown) with
        | [] -> Some SqlType.Text
        | first :: rest ->
            let merge (a: SqlType) (b: SqlType) =
                if a.Equals b then Some a
                elif a.Distinct <> b.Distinct then None
                elif RowConversion.isRecord a && a.SameTypeAs b then Some(RowConversion.common a b)
                elif a.Id = TypeId.Numeric && b.Id = TypeId.Numeric then
                    Some(NumericTyping.Common(a, b))
                elif a.SameTypeAs b then Some(a.WithoutTypmod())
                elif a.IsNumber && b.IsNumber && (a.Id = TypeId.Numeric && b.IsInteger || b.Id = TypeId.Numeric && a.IsInteger) then
                    Some SqlType.Numeric
                elif category a <> category b then None
                else
                    // The later type wins only where it takes in the earlier one and not the other way round.
                    match canCoerce a b CoercionContext.Implicit, canCoerce b a CoercionContext.Implicit with
                    | true, false when not (isPreferred a) -> Some(b.WithoutTypmod())
                    | _, true -> Some(a.WithoutTypmod())
                    | true, false -> Some(b.WithoutTypmod())
                    | false, false -> None

            rest |> List.fold (fun found next -> found |> Option.bind (fun t -> merge t next)) (Some first)

    /// Converts each to the common type; 42804 in PostgreSQL's words where there is none.
    let unify (context: BindContext) (construct: string) (items: ScalarExpr list) : ScalarExpr list =
        match commonType (items |> List.map (fun item -> item.Type)) with
        | Some target -> items |> List.map (fun item -> convert context item target false)
        | None ->
            let known = items |> List.filter (fun item -> item.Type.Id <> TypeId.Unknown)
            let first = known.Head
            let other = known |> List.find (fun item -> (commonType [ first.Type; item.Type ]).IsNone)
            Errors.fail SqlState.DatatypeMismatch other.Span $"{construct} types {first.Type.WithoutTypmod()} and {other.Type.WithoutTypmod()} cannot be matched"

    /// A condition: boolean, or 42804 `argument of WHERE must be type boolean, not type integer`.
    let toBoolean (context: BindContext) (clause: string) (expr: ScalarExpr) : ScalarExpr =
        if expr.Type.Id = TypeId.Bool then expr
        elif expr.Type.Id = TypeId.Unknown then convert context expr SqlType.Bool false
        else Errors.fail SqlState.DatatypeMismatch expr.Span $"argument of {clause} must be type boolean, not type {expr.Type.WithoutTypmod()}"

/// Which conversions exist, for those outside who have to know (ALTER COLUMN TYPE, COPY, EXECUTE).
module Conversions =
    /// True when a value of the source type may be assigned to a column of the target type without an explicit cast.
    let canAssign (source: SqlType) (target: SqlType) = Coercion.canCoerce source target CoercionContext.Assignment
