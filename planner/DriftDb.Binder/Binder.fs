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
      /// What relation names and stars in the text stand for, in the text's order: a view keeps its query with these written out.
      ResolvedNames: ImmutableArray<ResolvedName> }

/// AST → typed logical plan. Scopes, types, overloads and grouping are checked here; what passes is a plan that can run.
[<AbstractClass; Sealed>]
type Binder =
    static member private Start(options: BindOptions) =
        let services = Services(BindContext options)
        services.BindQuery <- QueryBinder.bindQuery services
        services.BindWrite <- WriteBinder.bind services
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
          Accesses = context.Accesses
          HasOpenPeriod = context.HasOpenPeriod
          Ids = context.Ids
          LastCteId = context.NextCteId
          HasVolatile = context.HasVolatile
          ResolvedNames = context.ResolvedNames.Values |> Seq.sortBy (fun n -> n.Span.Start) |> Sequences.array }

    /// Binds a query or a data-changing statement.
    static member Bind(statement: DataStatement, options: BindOptions) : BoundStatement =
        let services = Binder.Start options

        services.TopLevelWith <-
            match statement with
            | DataStatement.Query query -> query.With
            | DataStatement.Insert insert -> insert.With
            | DataStatement.Update update -> update.With
            | DataStatement.Delete delete -> delete.With
            | DataStatement.Merge merge -> merge.With

        let plan = WriteBinder.bind services Scope.empty statement
        if not statement.IsMerge then WithWrites.check plan
        Binder.Finish(services, plan)

    /// Binds an expression over the columns of one relation (none: no columns): a default, a check, an index expression, an argument of EXECUTE.
    /// Without a target type the expression keeps its own.
    static member BindExpression(expression: Expr, options: BindOptions, columns: ImmutableArray<OutputColumn>, clause: string, target: SqlType) : ScalarExpr =
        let services = Binder.Start options

        let table =
            { Alias = ""
              Schema = None
              Columns = columns |> Seq.map (fun c -> { Name = c.Name; Column = c }) |> List.ofSeq
              Hidden = []
              Relation = None }

        let env = { Scope = Scope.ofTable table Scope.empty; Clause = clause; Collector = None; InAggregate = false }
        let bound = ExprBinder.bind services env expression

        if isNull (box target) then Coercion.settle services.Context bound
        else Coercion.coerce services.Context bound target CoercionContext.Assignment
