namespace DriftDb.Binder

open System.Collections.Immutable
open DriftDb.Types
open DriftDb.Plan
open DriftDb.Frontend

/// Calls of routines with a body of SQL: which argument is which parameter, and which query the body is.
module internal RoutineCalls =
    let private deepest = 32

    /// The arguments of a call in the order of the parameters, when some are given by name.
    let inOrder (candidates: FunctionSignature list) (call: FunctionCall) : FunctionArgument list =
        match call.Arguments |> List.tryFindIndex (fun a -> a.Name.IsSome) with
        | None -> call.Arguments
        | Some first ->
            let positional, named = List.splitAt first call.Arguments

            match named |> List.tryFind (fun a -> a.Name.IsNone) with
            | Some late -> Errors.fail SqlState.SyntaxError late.Span "positional argument cannot follow named argument"
            | None -> ()

            let fits (signature: FunctionSignature) =
                not (isNull signature.Routine)
                && named |> List.forall (fun a -> signature.Routine.Parameters |> Seq.skip (min first signature.Routine.Parameters.Length) |> Seq.exists (fun p -> p.Name = a.Name.Value.Name))

            /// A function of the system: what is left out between given arguments has its default, which is 0.
            let ofSystem (signature: FunctionSignature) =
                let names = List.ofSeq signature.ParameterNames |> List.skip first
                let last = names |> List.findIndexBack (fun name -> named |> List.exists (fun a -> a.Name.Value.Name = name))

                positional
                @ (names
                   |> List.take (last + 1)
                   |> List.map (fun name ->
                       match named |> List.tryFind (fun a -> a.Name.Value.Name = name) with
                       | Some a -> { a with Name = None }
                       | None -> { Name = None; Value = Expr.Literal(LiteralValue.Integer 0L, call.Span); Variadic = false; Span = call.Span }))

            let fitsSystem (signature: FunctionSignature) =
                first < signature.ParameterNames.Length
                && named |> List.forall (fun a -> signature.ParameterNames |> Seq.skip first |> Seq.contains a.Name.Value.Name)
                && signature.ParameterNames |> Seq.skip first |> Seq.take (signature.ParameterNames.Length - signature.DefaultValues.Length |> fun needed -> max 0 (needed - first)) |> Seq.forall (fun name -> named |> List.exists (fun a -> a.Name.Value.Name = name))

            match candidates |> List.tryFind fits with
            | None when candidates |> List.exists fitsSystem -> ofSystem (candidates |> List.find fitsSystem)
            | None when candidates |> List.forall (fun c -> isNull c.Routine && c.ParameterNames.IsEmpty) && not candidates.IsEmpty -> Errors.unsupported call.Span "named notation for this function of the system"
            | None -> Errors.failWithHint SqlState.UndefinedFunction call.Span $"function {call.Name.Last} has no such parameters" Errors.functionHint
            | Some signature ->
                let rest =
                    signature.Routine.Parameters
                    |> Seq.skip first
                    |> Seq.map (fun p -> p, named |> List.tryFind (fun a -> a.Name.Value.Name = p.Name))
                    |> List.ofSeq

                let last = rest |> List.findIndexBack (fun (_, argument) -> argument.IsSome)

                // A parameter left out between two given ones has its default, which stands in the call as if it were written.
                let written =
                    rest
                    |> List.take (last + 1)
                    |> List.map (fun (p, argument) ->
                        match argument with
                        | Some a -> { a with Name = None }
                        | None when isNull p.DefaultText -> Errors.failWithHint SqlState.UndefinedFunction call.Span $"function {call.Name.Last} needs a value for parameter \"{p.Name}\"" Errors.functionHint
                        | None -> { Name = None; Value = SqlParser.ParseExpression p.DefaultText; Variadic = false; Span = call.Span })

                positional @ written

    /// The arguments converted to the parameters' types, the missing ones by their defaults; and what the call's type is, which the arguments decide for a polymorphic one.
    let arguments (services: Services) (signature: FunctionSignature) (given: ScalarExpr list) span : ScalarExpr list * SqlType =
        let context = services.Context
        context.Catalog.RequireExecute signature.Routine
        let converted, returnType = FunctionResolution.call context signature given span
        let routine = signature.Routine
        context.Routines.Add routine.Oid |> ignore
        // What is behind the last parameter becomes its array.
        let own = routine.Parameters.Length - 1

        let converted =
            if signature.IsVariadic then List.take own converted @ [ ScalarArray(Sequences.array (List.skip own converted), routine.Parameters[own].Type) :> ScalarExpr ]
            else converted

        let given = if signature.IsVariadic then List.truncate routine.Parameters.Length converted else given

        let defaults =
            routine.Parameters
            |> Seq.skip given.Length
            |> Seq.map (fun p ->
                let value = context.Aside(fun () -> services.BindExpression (SqlParser.ParseExpression p.DefaultText))
                Coercion.coerce context (value.Rewrite(fun e -> if e.Span.IsNone then e else e.With SourceSpan.None)) p.Type CoercionContext.Assignment)
            |> List.ofSeq

        List.take given.Length converted @ defaults, returnType

    /// Whether the body takes the place of the call. Within itself it can't, and not at any depth.
    let isInlined (context: BindContext) (signature: FunctionSignature) =
        let routine = signature.Routine
        routine.IsInlined && (FunctionResolution.isPolymorphic signature || not (List.contains routine.Oid context.Inlined) && context.Inlined.Length < deepest)

    /// A routine that runs statements of its own is called as a function of the system: its oid goes before the arguments.
    let procedural (context: BindContext) (routine: Routine) (kind: FunctionKind) (returnType: SqlType) (values: ScalarExpr list) : FunctionSignature * ImmutableArray<ScalarExpr> =
        let signature = routine.CallSignature(kind, returnType)
        if signature.Volatility = Volatility.Volatile then context.HasVolatile <- true
        context.CallsPrograms <- true
        signature, Sequences.array ((ScalarConstant(box routine.Oid, SqlType.Int4) :> ScalarExpr) :: values)

    /// `SELECT expression` and nothing else: the body is a value, not a query.
    let asExpression (query: Query) : Expr option =
        match query with
        | { With = None; OrderBy = []; Limit = None; Offset = None; Locking = []; AsOf = None; Body = QueryBody.Select core } ->
            match core with
            | { Distinct = DistinctClause.All; Items = [ item ]; Into = None; From = []; Where = None; GroupBy = None; Having = None; Windows = [] } ->
                match item.Expression with
                | Expr.Star _ | Expr.FieldStar _ -> None
                | expression -> Some expression
            | _ -> None
        | _ -> None

    /// Runs over the routine's one query. What its body says about positions means nothing in the statement that calls it.
    let within (context: BindContext) (routine: Routine) span (work: Query -> 'result) : 'result =
        if context.Inlined.Length >= deepest then
            Errors.failWithHint SqlState.FeatureNotSupported span $"function {routine.Name} calls itself, or nests deeper than {deepest} calls" "Use WITH RECURSIVE."

        let query =
            match SqlParser.ParseOne(Seq.exactlyOne routine.Body).Node with
            | StatementNode.Query query -> query
            | _ -> invalidOp $"{routine.Name} is no query"

        let around = context.Inlined
        context.Inlined <- routine.Oid :: around

        try
            try
                context.Aside(fun () -> work query)
            with :? SqlException as error when error.SqlState <> SqlState.FeatureNotSupported || not error.Span.IsNone ->
                raise (SqlException(error.SqlState, error.Message, SourceSpan.None, error.Detail, error.Hint, error))
        finally
            context.Inlined <- around

    /// The body's value as the type that the call returns.
    let result (context: BindContext) (returnType: SqlType) (value: ScalarExpr) : ScalarExpr =
        let plain = value.Rewrite(fun node -> if node.Span.IsNone then node else node.With SourceSpan.None)

        if returnType.Id = TypeId.Void then ScalarConstant.Null SqlType.Void :> ScalarExpr
        elif plain.Type.Id <> TypeId.Unknown && not (Coercion.canCoerce plain.Type returnType CoercionContext.Assignment) then
            Errors.failWithDetail
                SqlState.InvalidFunctionDefinition
                SourceSpan.None
                $"return type mismatch in function declared to return {returnType}"
                $"Actual return type is {plain.Type.WithoutTypmod()}."
        else Coercion.convert context plain returnType false
