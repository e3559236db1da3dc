namespace DriftDb.Binder

open DriftDb.Types
open DriftDb.Plan

/// Binds operators: arithmetic and comparison are nodes of the scalar IR, everything else a call of the function behind the operator.
module internal Operators =
    let conjunction (terms: ScalarExpr list) : ScalarExpr =
        match terms with
        | [ one ] -> one
        | _ -> ScalarAnd(Sequences.array terms)

    let disjunction (terms: ScalarExpr list) : ScalarExpr =
        match terms with
        | [ one ] -> one
        | _ -> ScalarOr(Sequences.array terms)

    let private arithmetic symbol =
        match symbol with
        | "+" -> Some ArithmeticOperator.Add
        | "-" -> Some ArithmeticOperator.Subtract
        | "*" -> Some ArithmeticOperator.Multiply
        | "/" -> Some ArithmeticOperator.Divide
        | "%" -> Some ArithmeticOperator.Modulo
        | _ -> None

    let comparison symbol =
        match symbol with
        | "=" -> Some ComparisonOperator.Equal
        | "<>" | "!=" -> Some ComparisonOperator.NotEqual
        | "<" -> Some ComparisonOperator.Less
        | "<=" -> Some ComparisonOperator.LessOrEqual
        | ">" -> Some ComparisonOperator.Greater
        | ">=" -> Some ComparisonOperator.GreaterOrEqual
        | _ -> None

    let private notFound symbol (left: SqlType) (right: SqlType) span : 'a =
        Errors.failWithHint
            SqlState.UndefinedFunction
            span
            $"operator does not exist: {left.WithoutTypmod()} {symbol} {right.WithoutTypmod()}"
            Errors.castHint

    let private rank (t: SqlType) =
        match t.Id with
        | TypeId.Int2 -> 1
        | TypeId.Int4 -> 2
        | TypeId.Int8 -> 3
        | TypeId.Numeric -> 4
        | TypeId.Float4 -> 5
        | _ -> 6

    /// Converts two numbers to the type in which PostgreSQL computes with them. Numerics keep their own precision.
    let private numberPair (context: BindContext) (left: ScalarExpr) (right: ScalarExpr) : ScalarExpr * ScalarExpr =
        let higher = if rank left.Type >= rank right.Type then left.Type else right.Type

        match higher.Id with
        | TypeId.Numeric -> Coercion.toNumeric context left, Coercion.toNumeric context right
        | TypeId.Float4 when left.Type.Id <> right.Type.Id ->
            Coercion.convert context left SqlType.Float8 false, Coercion.convert context right SqlType.Float8 false
        | _ ->
            let target = higher.WithoutTypmod()
            Coercion.convert context left target false, Coercion.convert context right target false

    let private isUnknown (e: ScalarExpr) = e.Type.Id = TypeId.Unknown

    /// A number of the same type for the side that the text leaves open.
    let private numberLike (t: SqlType) = if t.IsFixedNumeric then SqlType.Numeric else t.WithoutTypmod()

    /// A fixed numeric constant written with fewer decimals than the column it is compared with takes the column's scale, so that both
    /// sides are plain integers. The value is the same.
    let private alignScale (left: ScalarExpr) (right: ScalarExpr) =
        let rescaled (constant: ScalarConstant) (scale: byte) : ScalarExpr option =
            match constant.Value with
            | :? int64 as value when constant.ConstantType.Scale < scale && int constant.ConstantType.Precision + int scale - int constant.ConstantType.Scale <= 18 ->
                let factor = pown 10L (int scale - int constant.ConstantType.Scale)
                Some(ScalarConstant(box (value * factor), SqlType.FixedNumeric(int constant.ConstantType.Precision + int scale - int constant.ConstantType.Scale, int scale)))
            | _ -> None

        match left, right with
        | _, (:? ScalarConstant as c) when left.Type.IsFixedNumeric && c.ConstantType.IsFixedNumeric && not (isNull c.Value) ->
            left, (rescaled c left.Type.Scale |> Option.map (fun e -> e.With right.Span) |> Option.defaultValue right)
        | (:? ScalarConstant as c), _ when right.Type.IsFixedNumeric && c.ConstantType.IsFixedNumeric && not (isNull c.Value) ->
            (rescaled c right.Type.Scale |> Option.map (fun e -> e.With left.Span) |> Option.defaultValue left), right
        | _ -> left, right

    /// Brings both sides of a comparison to one type; None where PostgreSQL has no such operator.
    let comparable (context: BindContext) (left: ScalarExpr) (right: ScalarExpr) : (ScalarExpr * ScalarExpr) option =
        let convertTo target = Some(Coercion.convert context left target false, Coercion.convert context right target false)
        let l, r = left.Type, right.Type

        if isUnknown left && isUnknown right then convertTo SqlType.Text
        elif Coercion.isDistinct l && isUnknown right then Some(left, Coercion.convert context right l false)
        elif Coercion.isDistinct r && isUnknown left then Some(Coercion.convert context left r false, right)
        elif l.Distinct <> r.Distinct then None
        elif isUnknown left then Some(Coercion.convert context left (if r.Id = TypeId.Numeric then SqlType.Numeric else (if r.IsArray then r else r.WithoutTypmod())) false, right)
        elif isUnknown right then Some(left, Coercion.convert context right (if l.Id = TypeId.Numeric then SqlType.Numeric else (if l.IsArray then l else l.WithoutTypmod())) false)
        elif l.IsNumber && r.IsNumber then Some(numberPair context left right ||> alignScale)
        elif RowConversion.isRecord l && RowConversion.isRecord r then Some(left, right)
        elif l.SameTypeAs r then
            match l.Id with
            | TypeId.Json | TypeId.Xml -> None
            | _ -> Some(left, right)
        elif l.IsString && r.IsString then
            // bpchar compares without its padding when both are bpchar; otherwise it becomes text and loses it as well.
            convertTo SqlType.Text
        else
            match l.Id, r.Id with
            | TypeId.Char, _ when r.IsString -> convertTo SqlType.Text
            | _, TypeId.Char when l.IsString -> convertTo SqlType.Text
            | (TypeId.Int2Vector | TypeId.OidVector), TypeId.Array -> convertTo r
            | TypeId.Array, (TypeId.Int2Vector | TypeId.OidVector) -> convertTo l
            | _ when l.Kind = PhysicalKind.Int32 && r.Kind = PhysicalKind.Int32 && Coercion.category l = 'N' && Coercion.category r = 'N' -> convertTo SqlType.Oid
            | _ when (l.Id = TypeId.Oid && r.IsInteger) || (r.Id = TypeId.Oid && l.IsInteger) -> convertTo SqlType.Oid
            | _ when Coercion.category l = 'N' && Coercion.category r = 'N' -> convertTo SqlType.Oid
            | _ when Coercion.category l = Coercion.category r || l.IsArray && r.IsArray ->
                match Coercion.commonType [ l; r ] with
                | Some target -> convertTo target
                | None -> None
            | _ -> None

    let compare (context: BindContext) (op: ComparisonOperator) (left: ScalarExpr) (right: ScalarExpr) (span: SourceSpan) : ScalarExpr =
        match comparable context left right with
        | Some(l, r) -> ScalarComparison(op, l, r).With(span)
        | None -> notFound (ScalarPrinter.Symbol op) left.Type right.Type span

    /// LIKE and ILIKE, which are also operators: `~~`, `!~~`, `~~*`, `!~~*`.
    let like (context: BindContext) isInsensitive negated (value: ScalarExpr) (pattern: ScalarExpr) (escape: ScalarExpr option) (span: SourceSpan) : ScalarExpr =
        let text (expr: ScalarExpr) = if expr.Type.IsString || expr.Type.Id = TypeId.Char then Coercion.convert context expr SqlType.Text false else expr
        let value, pattern = text value, text pattern
        let symbol = (if negated then "!" else "") + "~~" + (if isInsensitive then "*" else "")

        if value.Type.Id = TypeId.Bytea then Errors.unsupported span "LIKE on bytea"
        if not value.Type.IsString || not pattern.Type.IsString then notFound symbol value.Type pattern.Type span
        ScalarLike(value, pattern, escape |> Option.map text |> Option.toObj, isInsensitive, negated).With span

    let private viaCatalog (context: BindContext) symbol (arguments: ScalarExpr list) (span: SourceSpan) : ScalarExpr option =
        let candidates =
            context.Catalog.Functions.FindOperators symbol |> Seq.filter (fun c -> c.ParameterTypes.Length = arguments.Length)

        // An untyped operand is first tried as the other operand's type (chapter 10.2, rule 2a).
        let types =
            match arguments |> List.map (fun a -> a.Type) with
            | [ l; r ] when l.Id = TypeId.Unknown && r.Id <> TypeId.Unknown -> [ r; r ], [ l; r ]
            | [ l; r ] when r.Id = TypeId.Unknown && l.Id <> TypeId.Unknown -> [ l; l ], [ l; r ]
            | other -> other, other

        let exact =
            match fst types with
            | [ _; _ ] as pair ->
                candidates |> Seq.tryFind (fun c -> List.forall2 (fun (t: SqlType) p -> t.SameTypeAs p) pair (List.ofSeq c.ParameterTypes))
            | _ -> None

        let resolution =
            match exact with
            | Some signature -> FunctionResolution.Found signature
            | None -> FunctionResolution.choose candidates (snd types)

        match resolution with
        | FunctionResolution.Found signature ->
            let converted, result = FunctionResolution.call context signature arguments span
            Some(ScalarCall(signature, Sequences.array converted, result).With(span))
        | FunctionResolution.Ambiguous ->
            Errors.failWithHint
                SqlState.AmbiguousFunction
                span
                (match arguments with
                 | [ l; r ] -> $"operator is not unique: {l.Type} {symbol} {r.Type}"
                 | _ -> $"operator is not unique: {symbol} {arguments.Head.Type}")
                "Could not choose a best candidate operator. You might need to add explicit type casts."
        | FunctionResolution.Missing -> None

    let binary (context: BindContext) (symbol: string) (left: ScalarExpr) (right: ScalarExpr) (span: SourceSpan) : ScalarExpr =
        let numeric op (l: ScalarExpr) (r: ScalarExpr) : ScalarExpr =
            let l, r = numberPair context l r
            let result = if l.Type.Id = TypeId.Numeric then NumericTyping.Result(op, l.Type, r.Type) else l.Type.WithoutTypmod()
            ScalarArithmetic(op, l, r, result).With(span)

        match comparison symbol, arithmetic symbol with
        | Some op, _ -> compare context op left right span
        | _ when symbol = "~~" || symbol = "!~~" || symbol = "~~*" || symbol = "!~~*" -> like context (symbol.EndsWith '*') (symbol.StartsWith '!') left right None span
        | _, Some _ when Coercion.isDistinct left.Type || Coercion.isDistinct right.Type -> notFound symbol left.Type right.Type span
        | _, Some op when left.Type.IsNumber && right.Type.IsNumber ->
            if op = ArithmeticOperator.Modulo && (rank left.Type >= 5 || rank right.Type >= 5) then
                notFound symbol left.Type right.Type span
            else
                numeric op left right
        | _, Some op when left.Type.IsNumber && isUnknown right -> numeric op left (Coercion.convert context right (numberLike left.Type) false)
        | _, Some op when isUnknown left && right.Type.IsNumber -> numeric op (Coercion.convert context left (numberLike right.Type) false) right
        | _ ->
            match viaCatalog context symbol [ left; right ] span with
            | Some call -> call
            | None -> notFound symbol left.Type right.Type span

    let prefix (context: BindContext) (symbol: string) (operand: ScalarExpr) (span: SourceSpan) : ScalarExpr =
        match symbol, operand with
        | _ when Coercion.isDistinct operand.Type -> Errors.failWithHint SqlState.UndefinedFunction span $"operator does not exist: {symbol} {operand.Type}" Errors.castHint
        | "-", (:? ScalarConstant as constant) when operand.Type.IsNumber && not (isNull constant.Value) ->
            match constant.Value with
            | :? int32 as v when v <> System.Int32.MinValue -> ScalarConstant(box -v, constant.ConstantType).With(span)
            | :? int64 as v when constant.ConstantType.Id = TypeId.Int8 && v = 2147483648L -> ScalarConstant(box System.Int32.MinValue, SqlType.Int4).With(span)
            | :? int64 as v when v <> System.Int64.MinValue -> ScalarConstant(box -v, constant.ConstantType).With(span)
            | :? float as v -> ScalarConstant(box -v, constant.ConstantType).With(span)
            | _ -> ScalarNegate(operand).With(span)
        | "-", _ when operand.Type.IsNumber -> ScalarNegate(operand).With(span)
        | "+", _ when operand.Type.IsNumber -> operand
        | ("-" | "+"), _ when isUnknown operand ->
            Errors.failWithHint
                SqlState.AmbiguousFunction
                span
                $"operator is not unique: {symbol} unknown"
                "Could not choose a best candidate operator. You might need to add explicit type casts."
        | _ ->
            match viaCatalog context symbol [ operand ] span with
            | Some call -> call
            | None -> Errors.failWithHint SqlState.UndefinedFunction span $"operator does not exist: {symbol} {operand.Type.WithoutTypmod()}" Errors.castHint
