namespace DriftDb.Binder

open DriftDb.Types
open DriftDb.Plan

/// Chooses among overloads as PostgreSQL does (documentation chapter 10.3, parse_func.c).
module internal FunctionResolution =
    /// anyarray: an array of whatever; written without an element, or as an array of anyelement.
    let private isAnyArray (parameter: SqlType) =
        parameter.Id = TypeId.Array
        && (isNull parameter.Element
            || (match parameter.Element.Id with
                | TypeId.AnyElement | TypeId.AnyCompatible -> true
                | _ -> false))

    /// anyenum: an enum, and which one the call's other anyenums are as well.
    let private isAnyEnum (parameter: SqlType) = parameter.Id = TypeId.Enum && isNull parameter.Enum

    let private isPolymorphicType (parameter: SqlType) =
        match parameter.Id with
        | TypeId.Any | TypeId.AnyElement | TypeId.AnyNonArray | TypeId.AnyCompatible -> true
        | _ -> isAnyArray parameter || isAnyEnum parameter

    let isPolymorphic (signature: FunctionSignature) = Seq.exists isPolymorphicType signature.ParameterTypes

    /// The parameter that receives the argument with this number: a variadic function's last one receives all the rest.
    let parameterAt (signature: FunctionSignature) index =
        let last = signature.ParameterTypes.Length - 1
        signature.ParameterTypes[if signature.IsVariadic && index > last then last else index]

    let private acceptsCount (signature: FunctionSignature) count =
        let declared = signature.ParameterTypes.Length

        // Of a routine's array there must be an element.
        if signature.IsVariadic then count >= (if isNull signature.Routine then declared - 1 else declared)
        else count <= declared && count >= declared - signature.DefaultValues.Length

    /// What a call may mean: with VARIADIC in it functions with a variadic parameter, each as a function of an array.
    let ofCall (spreads: bool) (candidates: FunctionSignature seq) : FunctionSignature seq =
        if spreads then candidates |> Seq.choose (fun candidate -> Option.ofObj candidate.Spread) else candidates

    let private exactMatches (arguments: SqlType list) (signature: FunctionSignature) =
        arguments |> Seq.mapi (fun i t -> if t.Id <> TypeId.Unknown && t.SameTypeAs(parameterAt signature i) then 1 else 0) |> Seq.sum

    let private preferredMatches (arguments: SqlType list) (signature: FunctionSignature) =
        arguments
        |> Seq.mapi (fun i t ->
            let parameter = parameterAt signature i
            if t.Id <> TypeId.Unknown && (t.SameTypeAs parameter || Coercion.isPreferred parameter) then 1 else 0)
        |> Seq.sum

    let private keepBest score candidates =
        match candidates with
        | [] | [ _ ] -> candidates
        | _ ->
            let scored = candidates |> List.map (fun candidate -> score candidate, candidate)
            let best = scored |> List.map fst |> List.max
            scored |> List.filter (fun (value, _) -> value = best) |> List.map snd

    /// For each untyped argument: if some candidate takes a string there, strings win; else the category must be the same for all.
    let private resolveUnknowns (arguments: SqlType list) (candidates: FunctionSignature list) =
        let folder (remaining: FunctionSignature list) index =
            match remaining with
            | [] | [ _ ] -> remaining
            | _ ->
                let categories = remaining |> List.map (fun c -> Coercion.category (parameterAt c index)) |> List.distinct
                let chosen = if List.contains 'S' categories then Some 'S' elif categories.Length = 1 then Some categories.Head else None

                match chosen with
                | None -> remaining
                | Some category ->
                    let inCategory = remaining |> List.filter (fun c -> Coercion.category (parameterAt c index) = category)
                    let preferred = inCategory |> List.filter (fun c -> Coercion.isPreferred (parameterAt c index))
                    if preferred.IsEmpty then inCategory else preferred

        arguments
        |> List.indexed
        |> List.filter (fun (_, t) -> t.Id = TypeId.Unknown)
        |> List.map fst
        |> List.fold folder candidates

    /// Whether the arguments of a polymorphic overload can all mean the same element type: an array isn't an element of an array of its own kind.
    let private isConsistent (arguments: SqlType list) (signature: FunctionSignature) =
        let known = arguments |> List.mapi (fun i t -> parameterAt signature i, t) |> List.filter (fun (_, t) -> t.Id <> TypeId.Unknown)
        let ofArrays = known |> List.choose (fun (p, t) -> if isAnyArray p then Option.ofObj t.Element else None)

        let ofElements =
            known
            |> List.choose (fun (p, t) ->
                match p.Id with
                | TypeId.AnyElement | TypeId.AnyCompatible -> Some t
                | _ when isAnyEnum p -> Some t
                | _ -> None)

        ofArrays.IsEmpty
        || (ofElements |> List.forall (fun t -> not t.IsArray) && (Coercion.commonType (ofArrays @ ofElements)).IsSome)

    type Resolution =
        | Found of FunctionSignature
        | Ambiguous
        | Missing

    /// Chooses the overload for arguments of these types (Unknown where the text leaves them open).
    let choose (candidates: FunctionSignature seq) (arguments: SqlType list) : Resolution =
        let fitting = candidates |> Seq.filter (fun c -> acceptsCount c arguments.Length) |> List.ofSeq

        let isExact (signature: FunctionSignature) =
            arguments |> Seq.mapi (fun i t -> t.SameTypeAs(parameterAt signature i)) |> Seq.forall id

        match fitting |> List.filter isExact with
        | exact :: _ -> Found exact
        | [] ->
            let coercible =
                fitting
                |> List.filter (fun c ->
                    arguments |> Seq.mapi (fun i t -> Coercion.canCoerce t (parameterAt c i) CoercionContext.Implicit) |> Seq.forall id && isConsistent arguments c)

            // A polymorphic overload is only as good as its concrete rivals let it be.
            let ranked = coercible |> keepBest (exactMatches arguments) |> keepBest (preferredMatches arguments)

            match ranked with
            | [ one ] -> Found one
            | [] -> Missing
            | several ->
                match resolveUnknowns arguments several with
                | [ one ] -> Found one
                | remaining ->
                    // Unknowns are taken to be of the known arguments' type when that is one type.
                    let known = arguments |> List.filter (fun t -> t.Id <> TypeId.Unknown) |> List.distinctBy (fun t -> t.Id)

                    let byKnown =
                        match known with
                        | [ t ] ->
                            let all (fits: SqlType -> bool) = remaining |> List.filter (fun c -> Seq.forall (fun i -> fits (parameterAt c i)) (seq { 0 .. arguments.Length - 1 }))

                            match all t.SameTypeAs with
                            | [] -> all (fun parameter -> Coercion.canCoerce t parameter CoercionContext.Implicit)
                            | same -> same
                        | _ -> []

                    let concrete = remaining |> List.filter (fun c -> not (Seq.exists isPolymorphicType c.ParameterTypes))

                    match byKnown, concrete with
                    | [ one ], _ -> Found one
                    | _, [ one ] -> Found one
                    | _ -> if remaining |> List.exists (fun c -> isPolymorphicType c.ReturnType) && concrete.IsEmpty then Found remaining.Head else Ambiguous

    /// What the polymorphic parameters stand for, from the arguments' types.
    let private polymorphicElement (signature: FunctionSignature) (arguments: SqlType list) : SqlType option =
        let candidates =
            arguments
            |> List.mapi (fun i t -> parameterAt signature i, t)
            |> List.choose (fun (parameter, t) ->
                match parameter.Id with
                | _ when t.Id = TypeId.Unknown -> None
                | TypeId.AnyElement | TypeId.AnyNonArray | TypeId.AnyCompatible -> Some t
                | _ when isAnyArray parameter ->
                    match t.Id with
                    | TypeId.Int2Vector -> Some SqlType.Int2
                    | TypeId.OidVector -> Some SqlType.Oid
                    | _ -> Option.ofObj t.Element
                | _ when isAnyEnum parameter -> Some t
                | _ -> None)

        match candidates with
        | [] -> None
        | list -> Coercion.commonType list |> Option.orElse (Some list.Head)

    /// The call's expression: arguments converted, defaults filled in, polymorphic types resolved.
    let call (context: BindContext) (signature: FunctionSignature) (arguments: ScalarExpr list) (span: SourceSpan) : ScalarExpr list * SqlType =
        let element = polymorphicElement signature (arguments |> List.map (fun a -> a.Type))

        let concrete (parameter: SqlType) =
            match parameter.Id with
            | TypeId.AnyElement | TypeId.AnyNonArray | TypeId.AnyCompatible -> element |> Option.defaultValue SqlType.Text
            | _ when isAnyEnum parameter -> element |> Option.defaultValue parameter
            | _ when isAnyArray parameter -> SqlType.ArrayOf(element |> Option.defaultValue SqlType.Text)
            | _ -> parameter

        let converted =
            arguments
            |> List.mapi (fun i argument ->
                let parameter = parameterAt signature i

                match parameter.Id with
                | TypeId.Any -> Coercion.settle context argument
                | _ ->
                    let target = concrete parameter
                    // A fixed numeric, or a varchar(n), is passed to a polymorphic parameter as it is.
                    if isPolymorphicType parameter && argument.Type.SameTypeAs target then argument
                    else Coercion.convert context argument target false)

        let missing = signature.ParameterTypes.Length - converted.Length

        let defaults =
            if missing <= 0 || signature.IsVariadic then []
            else
                [ for i in signature.DefaultValues.Length - missing .. signature.DefaultValues.Length - 1 ->
                      let parameter = signature.ParameterTypes[signature.ParameterTypes.Length - signature.DefaultValues.Length + i]
                      ScalarConstant(signature.DefaultValues[i], concrete parameter) :> ScalarExpr ]

        if signature.Volatility = Volatility.Volatile then context.HasVolatile <- true
        converted @ defaults, concrete signature.ReturnType

    let typeList (arguments: ScalarExpr list) =
        System.String.Join(", ", arguments |> List.map (fun a -> if a.Type.Id = TypeId.Unknown then "unknown" else a.Type.WithoutTypmod().ToString()))

    let notFound (name: string) (arguments: ScalarExpr list) span : 'a =
        Errors.failWithHint SqlState.UndefinedFunction span $"function {name}({typeList arguments}) does not exist" Errors.functionHint

    let ambiguous (name: string) (arguments: ScalarExpr list) span : 'a =
        Errors.failWithHint
            SqlState.AmbiguousFunction
            span
            $"function {name}({typeList arguments}) is not unique"
            "Could not choose a best candidate function. You might need to add explicit type casts."
