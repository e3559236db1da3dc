namespace DriftDb.Binder

open DriftDb.Types
open DriftDb.Plan
open DriftDb.Frontend

/// `p OVERLAPS q` and its kin (ISO/IEC 9075-2, 8.20): comparisons of the ends of two periods, of which neither contains its own end.
module internal PeriodPredicates =
    /// What the expression binder lends: how a value is bound, and how one that is used twice becomes a variable.
    [<NoComparison; ReferenceEquality>]
    type Binding =
        { Context: BindContext
          Bind: Expr -> ScalarExpr
          Call: string -> ScalarExpr list -> ScalarExpr
          Name: ScalarExpr -> (ScalarExpr -> ScalarExpr) * ScalarExpr }

    let private systemTime = "system_time"

    /// The names of the two columns of a table's period.
    let private columnsOf (table: ScopeTable) period : (string * string) option =
        match table.Relation with
        | None -> None
        | Some relation ->
            match relation.Periods |> Seq.tryFind (fun p -> p.Name = period) with
            | Some found -> Some(table.Columns[found.Start].Name, table.Columns[found.End].Name)
            | None ->
                let isPseudo name = table.Hidden |> List.exists (fun c -> c.Name = name) && table.Columns |> List.forall (fun c -> c.Name <> name)

                if period = systemTime && isPseudo "system_time_start" && isPseudo "system_time_end" then
                    Some("system_time_start", "system_time_end")
                else
                    None

    /// `p`, `t.p`, `s.t.p` as the two columns; None when there is no such period in scope.
    let private resolve (scope: Scope) (name: QualifiedName) : (Expr * Expr) option =
        let ends (qualifier: Identifier list) (start: string, finish: string) =
            let column text =
                Expr.Column
                    { Parts = qualifier @ [ { Name = text; Quoted = true; Span = name.Span } ]
                      Span = name.Span }

            column start, column finish

        match List.rev name.Parts with
        | [ period ] ->
            let rec look (level: Scope) =
                match level.Tables |> List.choose (fun t -> columnsOf t period.Name |> Option.map (fun columns -> t, columns)) with
                | [ table, columns ] -> Some(ends [ { Name = table.Alias; Quoted = true; Span = name.Span } ] columns)
                | _ :: _ :: _ -> Errors.fail SqlState.AmbiguousColumn name.Span $"period reference \"{period.Name}\" is ambiguous"
                | [] -> level.Outer |> Option.bind look

            look scope
        | period :: qualifier ->
            let schema = qualifier |> List.tryItem 1 |> Option.map (fun part -> part.Name)

            Scope.findTable scope schema qualifier.Head.Name
            |> Option.bind (fun table -> columnsOf table period.Name)
            |> Option.map (ends (List.rev qualifier))
        | [] -> None

    /// An operand: a period's two ends, or one moment.
    [<NoComparison; ReferenceEquality>]
    type private Operand =
        /// Two ends; Checked where they were written as PERIOD (a, b), so that nobody has made sure of their order yet.
        | Ends of Start: ScalarExpr * End: ScalarExpr * Checked: bool
        | Moment of Value: ScalarExpr

    let private operand (binding: Binding) (scope: Scope) (mayBeMoment: bool) (given: PeriodOperand) (span: SourceSpan) : Operand =
        match given with
        | PeriodOperand.Bounds(low, high, _) -> Ends(binding.Bind low, binding.Bind high, true)
        | PeriodOperand.Named name ->
            match resolve scope name with
            | Some(start, finish) -> Ends(binding.Bind start, binding.Bind finish, false)
            | None when mayBeMoment -> Moment(binding.Bind(Expr.Column name))
            | None ->
                let shown = System.String.Join(".", name.Texts)
                Errors.fail SqlState.UndefinedObject name.Span $"period \"{shown}\" does not exist"
        | PeriodOperand.Point value when mayBeMoment -> Moment(binding.Bind value)
        | PeriodOperand.Point value ->
            Errors.fail SqlState.DatatypeMismatch (if value.Span.IsNone then span else value.Span) "a period is expected: the name of a table's period, or PERIOD (start, end)"

    let private isMoment (sqlType: SqlType) =
        match sqlType.Id with
        | TypeId.Date
        | TypeId.Timestamp
        | TypeId.TimestampTz -> true
        | _ -> false

    let bind (binding: Binding) (scope: Scope) (operator: PeriodOperator) (left: PeriodOperand) (right: PeriodOperand) (span: SourceSpan) : ScalarExpr =
        let context = binding.Context
        let first = operand binding scope false left span
        let second = operand binding scope (operator = PeriodOperator.Contains) right span

        let values given =
            match given with
            | Ends(start, finish, _) -> [ start; finish ]
            | Moment value -> [ value ]

        let typed = Coercion.unify context "PERIOD" (values first @ values second)

        match typed |> List.tryFind (fun value -> not (isMoment value.Type)) with
        | Some other ->
            Errors.fail SqlState.DatatypeMismatch (if other.Span.IsNone then span else other.Span) $"the ends of a period are of type date or timestamp, not {other.Type.WithoutTypmod()}"
        | None -> ()

        let variables, named = typed |> List.map binding.Name |> List.unzip

        // PERIOD (a, b) with a not before b is an error (22020), whichever end the predicate looks at.
        let ends given start finish =
            match given with
            | Ends(Checked = true) -> binding.Call "drift_period_start" [ start; finish ], binding.Call "drift_period_end" [ start; finish ]
            | _ -> start, finish

        let compare comparison a b : ScalarExpr = Operators.compare context comparison a b span
        let less, atMost, equal = compare ComparisonOperator.Less, compare ComparisonOperator.LessOrEqual, compare ComparisonOperator.Equal
        let both a b : ScalarExpr = ScalarAnd(Sequences.array [ a; b ]).With span

        let condition =
            match named with
            | [ s; e; moment ] ->
                let s, e = ends first s e
                both (atMost s moment) (less moment e)
            | [ s; e; s2; e2 ] ->
                let s, e = ends first s e
                let s2, e2 = ends second s2 e2

                match operator with
                | PeriodOperator.Overlaps -> both (less s e2) (less s2 e)
                | PeriodOperator.Equals -> both (equal s s2) (equal e e2)
                | PeriodOperator.Contains -> both (atMost s s2) (atMost e2 e)
                | PeriodOperator.Precedes -> atMost e s2
                | PeriodOperator.Succeeds -> atMost e2 s
                | PeriodOperator.ImmediatelyPrecedes -> equal e s2
                | PeriodOperator.ImmediatelySucceeds -> equal s e2
            | _ -> invalidOp "a period has two ends"

        List.foldBack (fun variable body -> variable body) variables condition
