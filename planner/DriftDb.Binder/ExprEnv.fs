namespace DriftDb.Binder

open System.Collections.Generic
open DriftDb.Types
open DriftDb.Plan
open DriftDb.Frontend

/// The rows of a routine's call: a row of its arguments, and its body's query over them.
type internal CalledRows =
    { Arguments: DriftDb.Plan.Assignment list
      Body: LogicalPlan
      /// What the body puts out, by the names and types that the routine promises.
      Columns: OutputColumn list
      Span: SourceSpan }

/// Collects what a select list computes outside of its own expressions.
type internal SelectCollector(scope: Scope) =
    /// The names before grouping: what the arguments of aggregates see.
    member _.Scope = scope
    member val Aggregates = List<AggregateCall>()
    /// Window calls with the window that each was written over.
    member val Windows = List<WindowSpecification * WindowCall>()
    /// Set-returning functions of the select list.
    member val SetFunctions = List<LogicalTableFunction>()
    /// Routines of the select list that return rows.
    member val RoutineRows = List<CalledRows>()
    /// A GROUPING was seen: the query is grouped even without an aggregate.
    member val HasGrouping = false with get, set

/// Where an expression stands, which says what it may contain.
[<NoComparison; ReferenceEquality>]
type internal ExprEnv =
    { Scope: Scope
      /// The clause's name in messages: `WHERE`, `JOIN conditions`, `GROUP BY` …
      Clause: string
      /// None where aggregates and windows aren't allowed.
      Collector: SelectCollector option
      /// True inside an aggregate's arguments.
      InAggregate: bool
      /// The operand of the CASE around, within `WHEN < 5`.
      CaseOperand: ScalarExpr option }

/// What the expression binder asks of the query binder.
type internal Services(context: BindContext) =
    member _.Context = context
    /// Binds a query inside an expression; its plan's free columns are correlations with the scope.
    member val BindQuery: Scope -> Query -> LogicalPlan = (fun _ _ -> failwith "not wired") with get, set
    /// Binds an expression that may use no names: a default's.
    member val BindExpression: Expr -> ScalarExpr = (fun _ -> failwith "not wired") with get, set
    /// Binds a data-changing statement that stands in WITH.
    member val BindWrite: Scope -> DataStatement -> LogicalPlan = (fun _ _ -> failwith "not wired") with get, set
    /// The statement's own WITH, the only one in which data may be changed.
    member val TopLevelWith: WithClause option = None with get, set
