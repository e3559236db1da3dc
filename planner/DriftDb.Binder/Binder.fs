namespace DriftDb.Binder

open System.Collections.Immutable
open DriftDb.Types
open DriftDb.Plan
open DriftDb.Frontend

/// A statement after binding: its typed logical plan, and what the plan cache has to know of it.
[<NoComparison; ReferenceEquality>]
type BoundStatement =
    { Plan: LogicalPlan
      /// One for each parameter, from $1.
      ParameterTypes: ImmutableArray<SqlType>
      /// The relations that the plan reads or writes, views included.
      Relations: ImmutableArray<IRelation>
      /// Oids of the routines that it calls.
      Routines: ImmutableArray<int>
      /// True when one of them runs statements of its own.
      CallsPrograms: bool
      /// What the statement does with each relation, for the check of rights.
      Accesses: ImmutableArray<RelationAccess>
      /// True when a table is read at a moment that only execution knows: the past may have had another schema.
      HasOpenPeriod: bool
      /// Hands out further column ids: the optimizer's.
      Ids: ColumnIds
      /// Numbers of common table expressions up to here are taken.
      LastCteId: int
      /// True when a volatile function is called: the answer may differ from run to run.
      HasVolatile: bool
      /// What the names in the text stand for, in its order; empty unless the options want them.
      Names: ImmutableArray<NamedPlace>
      /// Where the text depends on enums and composite types.
      TypeMentions: ImmutableArray<TypeMention> }

/// What an expression names, by where it stands, and the oids of the routines and domains that it uses.
[<NoComparison>]
type ExpressionNames =
    { Names: ImmutableArray<NamedPlace>
      TypeMentions: ImmutableArray<TypeMention>
      Routines: ImmutableArray<int> }

/// AST → typed logical plan. Scopes, types, overloads and grouping are checked here; what passes is a plan that can run.
[<AbstractClass; Sealed>]
type Binder =
    static member private Start(options: BindOptions) =
        let services = Services(BindContext options)
        services.BindQuery <- QueryBinder.bindQuery services
        services.BindWrite <- WriteBinder.bind services
        services.BindExpression <- ExprBinder.bind services { Scope = Scope.empty; Clause = "DEFAULT"; Collector = None; InAggregate = false; CaseOperand = None }
        services

    /// A parameter that was met before its type was known has it from here on.
    static member private GiveTypes (types: ImmutableArray<SqlType>) (plan: LogicalPlan) : LogicalPlan =
        let give (node: ScalarExpr) : ScalarExpr =
            match node with
            | :? ScalarParameter as parameter when parameter.ParameterType.Id = TypeId.Unknown -> ScalarParameter(parameter.Number, types[parameter.Number - 1])
            | :? ScalarSubquery as subquery -> subquery.WithPlan(Binder.GiveTypes types subquery.Plan)
            | _ -> node

        plan.MapInputs(fun input -> Binder.GiveTypes types input).MapExpressions(fun expression -> expression.Rewrite give)

    static member private Finish(services: Services, plan: LogicalPlan) =
        let context = services.Context

        let types =
            context.ParameterTypes
            |> Seq.mapi (fun i t ->
                if t.Id = TypeId.Unknown then
                    Errors.fail SqlState.IndeterminateDatatype SourceSpan.None $"could not determine data type of parameter ${i + 1}"
                else
                    t)
            |> Sequences.array

        { Plan = (if context.HasUntypedParameter then Binder.GiveTypes types plan else plan)
          ParameterTypes = types
          Relations = context.UsedRelations
          Routines = ImmutableArray.CreateRange context.Routines
          CallsPrograms = context.CallsPrograms
          Accesses = context.Accesses
          HasOpenPeriod = context.HasOpenPeriod
          Ids = context.Ids
          LastCteId = context.NextCteId
          HasVolatile = context.HasVolatile
          Names = context.Names.Places
          TypeMentions = context.Names.TypeMentions }

    /// In a routine's body its parameters are there.
    static member private Around(options: BindOptions) : Scope =
        match options.Routine with
        | null -> Scope.empty
        | routine ->
            let parameters = routine.Parameters |> Seq.mapi (fun i p -> p.Name, ScalarParameter(i + 1, p.Type) :> ScalarExpr) |> List.ofSeq
            { Scope.empty with Routine = Some { Of = routine; Parameters = parameters; Variables = routine.Variables } }

    /// The statement's plan. Its own WITH may change data.
    static member private BindStatement(services: Services, scope: Scope, statement: DataStatement) : LogicalPlan =
        services.TopLevelWith <-
            match statement with
            | DataStatement.Query query -> query.With
            | DataStatement.Insert insert -> insert.With
            | DataStatement.Update update -> update.With
            | DataStatement.Delete delete -> delete.With
            | DataStatement.Merge merge -> merge.With

        WriteBinder.bind services scope statement

    /// Binds a query or a data-changing statement.
    static member Bind(statement: DataStatement, options: BindOptions) : BoundStatement =
        let services = Binder.Start options
        let plan = Binder.BindStatement(services, Binder.Around options, statement)
        if not statement.IsMerge then WithWrites.check plan
        Binder.Finish(services, plan)

    /// 0A000 unless rows can be written through the view: what WITH CHECK OPTION asks for.
    static member CheckWritable(view: IRelation, options: BindOptions) : unit =
        let services = Binder.Start options

        try
            WriteTarget.resolve services.Context view SourceSpan.None "insert into" |> ignore
        with :? SqlException as error when error.SqlState = SqlState.ObjectNotInPrerequisiteState ->
            raise (SqlException(SqlState.FeatureNotSupported, "WITH CHECK OPTION is supported only on automatically updatable views", SourceSpan.None, "", error.Detail, error))

    /// Checks the last statement of a function's body against what the function returns, as a call would. 42P13 when it is none that gives rows.
    static member CheckResult(routine: Routine, last: DataStatement | null, options: BindOptions) : unit =
        let services = Binder.Start options
        let context = services.Context
        let parameters = routine.Parameters |> Seq.map (fun p -> p.Name, (ScalarConstant.Null p.Type :> ScalarExpr)) |> List.ofSeq
        let scope = { Scope.empty with Routine = Some { Of = routine; Parameters = parameters; Variables = null } }

        let wrong (detail: string) =
            Errors.failWithDetail SqlState.InvalidFunctionDefinition SourceSpan.None $"return type mismatch in function declared to return {routine.ReturnType}" detail

        let checkRows (body: LogicalPlan) =
            let output = (if RowConversion.isRecord routine.ReturnType then RowResults.fieldsOf context routine body else body).Output

            if RowConversion.isRecord routine.ReturnType && routine.ReturnColumns.IsEmpty then
                let row = routine.ReturnType.Row

                if not (isNull row) then
                    if output.Length <> row.Fields.Length then wrong $"Final statement must return {row.Fields.Length} columns."
                    Seq.iter2 (fun (c: OutputColumn) (f: RowField) -> Coercion.coerce context (c.Reference()) f.Type CoercionContext.Assignment |> ignore) output row.Fields
            elif not routine.ReturnColumns.IsEmpty then
                if output.Length <> routine.ReturnColumns.Length then wrong $"Final statement must return {routine.ReturnColumns.Length} columns."
            elif routine.ReturnType.Id <> TypeId.Void then
                if output.Length <> 1 then wrong "Final statement must return exactly one column."
                RoutineCalls.result context routine.ReturnType (output[0].Reference()) |> ignore

        match Option.ofObj last with
        | Some(DataStatement.Query query) when routine.IsInlined ->
            RoutineCalls.within context routine SourceSpan.None (fun _ ->
                match RoutineCalls.asExpression query with
                | Some value when routine.ReturnColumns.IsEmpty && not routine.ReturnsSet ->
                    let env = { Scope = scope; Clause = "a function's body"; Collector = None; InAggregate = false; CaseOperand = None }
                    RoutineCalls.result context routine.ReturnType (ExprBinder.bind services env value) |> ignore
                | _ -> checkRows (services.BindQuery scope query))
        | _ when routine.ReturnType.Id = TypeId.Void -> ()
        | Some(DataStatement.Query _ as statement)
        | Some(DataStatement.Insert { Returning = _ :: _ } | DataStatement.Update { Returning = _ :: _ } | DataStatement.Delete { Returning = _ :: _ } as statement) ->
            checkRows (Binder.BindStatement(services, scope, statement))
        | _ -> wrong "Function's final statement must be SELECT or INSERT/UPDATE/DELETE RETURNING."

    /// The procedure that CALL names, with the values of its parameters.
    static member BindCall(call: FunctionCall, options: BindOptions) : struct (Routine * ScalarExpr array) =
        let services = Binder.Start options
        let env = { Scope = Binder.Around options; Clause = "CALL"; Collector = None; InAggregate = false; CaseOperand = None }
        let schema = match call.Name.Texts with | [ _ ] -> null | parts -> parts[parts.Length - 2]
        let routines = options.Catalog.FindRoutines(schema, call.Name.Last) |> List.ofSeq
        let candidates = routines |> List.filter (fun r -> r.IsProcedure) |> List.map (fun r -> r.Signature)
        let given = RoutineCalls.inOrder candidates call |> List.map (fun a -> ExprBinder.bind services env a.Value)

        match FunctionResolution.choose candidates (given |> List.map (fun a -> a.Type)) with
        | FunctionResolution.Found signature ->
            let values, _ = RoutineCalls.arguments services signature given call.Span
            struct (signature.Routine, Array.ofList values)
        | FunctionResolution.Ambiguous -> FunctionResolution.ambiguous call.Name.Last given call.Span
        | FunctionResolution.Missing ->
            match FunctionResolution.choose (routines |> List.map (fun r -> r.Signature)) (given |> List.map (fun a -> a.Type)) with
            | FunctionResolution.Found signature ->
                Errors.failWithHint SqlState.WrongObjectType call.Span $"{signature.Name}({FunctionResolution.typeList given}) is not a procedure" "To call a function, use SELECT."
            | _ ->
                Errors.failWithHint
                    SqlState.UndefinedFunction
                    call.Span
                    $"procedure {call.Name.Last}({FunctionResolution.typeList given}) does not exist"
                    "No procedure matches the given name and argument types. You might need to add explicit type casts."

    /// The names that a query gives its columns itself: null where a star hides them.
    static member OutputNames(query: Query) : string list | null =
        let rec ofBody (body: QueryBody) : string list option =
            match body with
            | QueryBody.Select core ->
                let isStar (item: SelectItem) = match item.Expression with Expr.Star _ | Expr.FieldStar _ -> true | _ -> false
                if List.exists isStar core.Items then None else Some(core.Items |> List.map ColumnNames.ofItem)
            | QueryBody.Values(rows, _) -> Some(rows.Head |> List.mapi (fun i _ -> $"column{i + 1}"))
            | QueryBody.SetOperation(_, _, _, left, _, _) -> ofBody left
            | QueryBody.Nested nested -> ofBody nested.Body

        ofBody query.Body |> Option.toObj

    /// Binds an expression over the columns of one relation (none: no columns): a default, a check, an index expression, an argument of EXECUTE.
    /// Without a target type the expression keeps its own.
    static member BindExpression(expression: Expr, options: BindOptions, columns: ImmutableArray<OutputColumn>, clause: string, target: SqlType) : ScalarExpr =
        Binder.BindOver(Binder.Start options, expression, columns, clause, target)

    /// The value of $1, of the first type, as one of the second, as PL/pgSQL assigns it: through its text where there is no other way.
    static member BindConversion(source: SqlType, target: SqlType, options: BindOptions) : ScalarExpr =
        let services = Binder.Start options
        Coercion.convert services.Context (ScalarParameter(1, source)) target false

    /// The value of a variable ($1) with one of its parts replaced by $2, and the type that $2 is to have.
    static member BindPart(variable: string, variableType: SqlType, path: TargetStep seq, options: BindOptions, span: SourceSpan) : struct (ScalarExpr * SqlType) =
        let services = Binder.Start options
        let env = { Scope = Binder.Around options; Clause = "an assignment"; Collector = None; InAggregate = false; CaseOperand = None }
        services.Context.ResolveParameter(1, variableType)
        services.Context.ParameterType 2 |> ignore
        let before = ScalarParameter(1, services.Context.ParameterType 1)
        let assigned = PartAssignment.assign services env variable before (List.ofSeq path) (ScalarParameter(2, SqlType.Unknown)) span
        struct (assigned, services.Context.ParameterType 2)

    /// What the names in an expression over the columns of one relation stand for.
    static member NamesOf(expression: Expr, options: BindOptions, columns: ImmutableArray<OutputColumn>, target: SqlType) : ExpressionNames =
        let services = Binder.Start options
        let context = services.Context
        Binder.BindOver(services, expression, columns, "check constraints", target) |> ignore
        { Names = context.Names.Places; TypeMentions = context.Names.TypeMentions; Routines = ImmutableArray.CreateRange context.Routines }

    static member private BindOver(services: Services, expression: Expr, columns: ImmutableArray<OutputColumn>, clause: string, target: SqlType) : ScalarExpr =
        let table = Scope.tableOf "" (columns |> Seq.map (fun c -> { Name = c.Name; Column = c }) |> List.ofSeq)

        let env = { Scope = Scope.ofTable table Scope.empty; Clause = clause; Collector = None; InAggregate = false; CaseOperand = None }
        let bound = ExprBinder.bind services env expression

        if isNull (box target) then Coercion.settle services.Context bound
        else Coercion.coerce services.Context bound target CoercionContext.Assignment
