namespace DriftDb.Binder

open System
open System.Collections.Generic
open System.Collections.Immutable
open DriftDb.Types
open DriftDb.Plan
open DriftDb.Frontend

/// Conditions as lists of terms that must all be true.
module internal Conjunction =
    let rec terms (condition: ScalarExpr) : ScalarExpr list =
        match condition with
        | :? ScalarAnd as conjunction -> conjunction.Terms |> Seq.collect terms |> List.ofSeq
        | term -> [ term ]

/// FOR PORTION OF as it is bound.
[<NoComparison; ReferenceEquality>]
type internal Portion =
    { Period: RelationPeriod
      Low: ScalarExpr
      High: ScalarExpr }

/// INSERT, UPDATE and DELETE.
module internal WriteBinder =
    let private array items = Sequences.array items

    let private clause scope name = { Scope = scope; Clause = name; Collector = None; InAggregate = false; CaseOperand = None }

    /// Converts a value that is stored into a column. A length or a scale is enforced (22001), not cut to.
    /// The type that a literal of a column is read as, before the column's length is imposed on it.
    let private literalType (column: RelationColumn) =
        match column.Type.Id with
        | TypeId.Numeric -> SqlType.Numeric
        | TypeId.BpChar -> SqlType.Text
        // The fields say what a bare number means.
        | TypeId.Interval -> column.Type
        | _ -> column.Type.WithoutTypmod()

    let private store (context: BindContext) (column: RelationColumn) (value: ScalarExpr) : ScalarExpr =
        if value.Type.Id <> TypeId.Unknown && not (Coercion.canCoerce value.Type column.Type CoercionContext.Assignment) then
            Errors.failWithHint
                SqlState.DatatypeMismatch
                value.Span
                $"column \"{column.Name}\" is of type {column.Type.WithoutTypmod()} but expression is of type {value.Type.WithoutTypmod()}"
                "You will need to rewrite or cast the expression."

        let isLiteral = value.Type.Id = TypeId.Unknown
        let typed = if isLiteral && column.Type.Typmod >= 0 then Coercion.convert context value (literalType column) false else value
        Coercion.convert context typed column.Type false

    let private parseDefault (services: Services) (column: RelationColumn) : ScalarExpr =
        match column.DefaultText with
        | null -> ScalarConstant.Null column.Type
        | text -> store services.Context column (services.Context.Aside(fun () -> ExprBinder.bind services (clause Scope.empty "DEFAULT") (SqlParser.ParseExpression text)))

    let private defaultOf (services: Services) (column: RelationColumn) : ScalarExpr =
        let value = if column.IsGenerated then ScalarConstant.Null column.Type :> ScalarExpr else parseDefault services column
        // The default's text has positions of its own.
        value.Rewrite(fun e -> if e.Span.IsNone then e else e.With SourceSpan.None)

    /// A condition or expression over one row of the table, from its stored text.
    let private overRow (services: Services) (relation: IRelation) (columns: OutputColumn list) (text: string) (what: string) : ScalarExpr =
        let table =
            { Scope.tableOf relation.Name (List.map2 (fun (c: RelationColumn) column -> { Name = c.Name; Column = column }) (List.ofSeq relation.Columns) columns) with
                Schema = Some relation.Schema }

        services.Context.IsDefinition <- true
        let bound = services.Context.Aside(fun () -> ExprBinder.bind services (clause (Scope.ofTable table Scope.empty) what) (SqlParser.ParseExpression text))
        services.Context.IsDefinition <- false

        bound
        |> fun e -> e.Rewrite(fun node -> if node.Span.IsNone then node else node.With SourceSpan.None)

    let private checks (services: Services) (relation: IRelation) (columns: OutputColumn list) : ImmutableArray<CheckCondition> =
        let notNull =
            Seq.zip relation.Columns columns
            |> Seq.filter (fun (c, _) -> not c.IsNullable)
            |> Seq.map (fun (c, column) ->
                // The new row's column claims to be nullable until this very check has passed.
                let reference = ScalarColumn(column.Id, column.Name, column.Type, true)
                CheckCondition(c.Name, ScalarIsNull(reference, true), c.Ordinal))

        let conditions =
            relation.Checks
            |> Seq.map (fun check ->
                CheckCondition(check.Name, Coercion.toBoolean services.Context "CHECK" (overRow services relation columns check.Condition "check constraints")))

        array (Seq.append notNull conditions)

    let private target (services: Services) (name: QualifiedName) verb : WriteTarget =
        WriteTarget.resolve services.Context (FromBinder.findRelation services name null) name.Span verb

    /// Notes where the target's name stands, and where it could have another one.
    let private noteTarget (context: BindContext) (target: WriteTarget) (name: QualifiedName) (alias: Identifier option) (portion: PortionOf option) =
        let finish = match portion with Some portion -> portion.Span.End | None -> name.Span.End
        context.Names.Add(name.Span, NameUse.Relation(target.Named, (if alias.IsSome then SourceSpan.None else SourceSpan(finish, 0)), SourceSpan.None))

    /// The column that an assignment names, whatever part of it.
    let private namedColumn (context: BindContext) (target: WriteTarget) (targetColumn: AssignmentTarget) : RelationColumn =
        match target.Names |> List.tryFind (fun n -> n.Name = targetColumn.Column.Name) with
        | Some name ->
            context.Names.Add(targetColumn.Column.Span, NameUse.TargetColumn(ColumnSource(target.Named, int target.Named.Columns[name.NamedOrdinal].AttributeNumber, false)))
            target.Table.Columns[name.Ordinal]
        | None when target.Named.Columns |> Seq.exists (fun c -> c.Name = targetColumn.Column.Name) ->
            Errors.failWithDetail
                SqlState.FeatureNotSupported
                SourceSpan.None
                $"cannot change column \"{targetColumn.Column.Name}\" of view \"{target.Named.Name}\""
                "View columns that are not columns of their base relation are not updatable."
        | None -> Errors.fail SqlState.UndefinedColumn targetColumn.Span $"column \"{targetColumn.Column.Name}\" of relation \"{target.Named.Name}\" does not exist"

    /// What the statement calls a column of the table.
    let private nameOf (target: WriteTarget) (column: RelationColumn) = (target.Names |> List.find (fun n -> n.Ordinal = column.Ordinal)).Name

    /// The conditions of views with a check option, over a new row: they must be true, not only not false.
    let private viewChecks (services: Services) (target: WriteTarget) (row: OutputColumn list) : CheckCondition list =
        target.Conditions
        |> List.filter (fun c -> c.IsChecked)
        |> List.map (fun condition ->
            let bound = WriteTarget.bindCondition services condition row

            if bound.DescendantsAndSelf() |> Seq.exists (fun e -> e :? ScalarSubquery) then
                Errors.unsupported SourceSpan.None "WITH CHECK OPTION over a condition with a subquery"

            CheckCondition(condition.View.Name, ScalarIsBool(bound, true, false), IsOfView = true))

    let private rejectSystemTime (column: RelationColumn) span verb =
        if column.SystemTime <> SystemTimeColumn.None then
            Errors.fail SqlState.GeneratedAlways span $"cannot {verb} column \"{column.Name}\": it is generated as row start or end"

    /// RETURNING over the columns that names reach.
    let private returning (services: Services) (scope: Scope) (items: SelectItem list) : ImmutableArray<DriftDb.Plan.Assignment> =
        if items.IsEmpty then
            Unchecked.defaultof<ImmutableArray<DriftDb.Plan.Assignment>>
        else
            let context = services.Context
            QueryBinder.noteItems context scope items

            QueryBinder.expandItems scope (RowReferences.expandItems (ExprBinder.bind services (clause scope "RETURNING")) items)
            |> List.map (fun (name, item) ->
                let value: ScalarExpr =
                    match item with
                    | Choice1Of2 expression -> Coercion.settle context (ExprBinder.bind services (clause scope "RETURNING") expression)
                    | Choice2Of2 column ->
                        context.Reads column
                        column.Reference()

                // Always an id of its own: the columns behind are the write's, not its output's.
                let origin =
                    match value with
                    | :? ScalarColumn as c ->
                        scope.Tables |> List.collect (fun t -> t.Columns) |> List.tryFind (fun s -> s.Column.Id = c.Id) |> Option.map (fun s -> s.Column.Origin) |> Option.toObj
                    | _ -> null

                let fresh = context.NewColumn(name, value.Type, value.Nullable)
                DriftDb.Plan.Assignment(OutputColumn(fresh.Id, name, value.Type, value.Nullable, Origin = origin), value))
            |> array

    /// A write with its RETURNING. What subqueries there compute is computed of the rows that the write has given, which is as well: all parts of a statement see what was before it.
    let private withReturning (services: Services) (scope: Scope) (items: SelectItem list) (write: ImmutableArray<DriftDb.Plan.Assignment> -> LogicalPlan) : LogicalPlan =
        let values = returning services scope items

        let isSubquery (node: ScalarExpr) = node :? ScalarSubquery

        if values.IsDefault || not (values |> Seq.exists (fun a -> a.Value.DescendantsAndSelf() |> Seq.exists isSubquery)) then
            write values
        else
            let context = services.Context
            let used = values |> Seq.collect (fun a -> FreeColumns.Of a.Value) |> Set.ofSeq
            let reachable = (scope.Tables |> List.collect (fun t -> t.Columns @ t.Hidden)) @ scope.Visible |> List.map (fun c -> c.Column) |> List.distinctBy (fun c -> c.Id)

            let needed =
                match reachable |> List.filter (fun c -> used.Contains c.Id) with
                | [] -> List.truncate 1 reachable
                | columns -> columns

            let id = context.NewCteId()
            let fresh = needed |> List.map (fun c -> context.NewColumn(c.Name, c.Type, c.Nullable))
            let named = List.map2 (fun (column: OutputColumn) (source: OutputColumn) -> DriftDb.Plan.Assignment(column, source.Reference())) needed fresh
            let rows = LogicalProject(LogicalCteScan(id, "returning", array fresh), array named)
            LogicalWith(id, "returning", write (needed |> List.map DriftDb.Plan.Assignment.PassThrough |> array), LogicalProject(rows, values), true)

    let private newColumns (context: BindContext) (relation: IRelation) =
        relation.Columns
        |> Seq.map (fun c ->
            let fresh = context.NewColumn(c.Name, c.Type, c.IsNullable)
            OutputColumn(fresh.Id, c.Name, c.Type, c.IsNullable, Origin = ColumnOrigin(relation.Oid, c.AttributeNumber)))
        |> List.ofSeq

    let private rowScope (target: WriteTarget) (alias: string) (columns: OutputColumn list) (like: Scope) =
        let table =
            { Scope.tableOf alias (target.Names |> List.map (fun n -> { Name = n.Name; Column = columns[n.Ordinal] })) with
                Schema = Some target.Named.Schema
                Relation = Some target.Named }

        Scope.ofTable table like

    /// Computes GENERATED … STORED columns of a row from its other columns, by a projection over the row's plan.
    let private withGenerated (services: Services) (relation: IRelation) (plan: LogicalPlan) (row: OutputColumn list) : LogicalPlan * OutputColumn list =
        if relation.Columns |> Seq.forall (fun c -> not c.IsGenerated) then
            plan, row
        else
            let computed =
                List.zip (List.ofSeq relation.Columns) row
                |> List.map (fun (c, column) ->
                    if c.IsGenerated then
                        let value = store services.Context c (overRow services relation row c.DefaultText "column generation expressions")
                        DriftDb.Plan.Assignment(services.Context.NewColumn(c.Name, c.Type, true), value)
                    else
                        DriftDb.Plan.Assignment.PassThrough column)

            let rowIds = row |> List.map (fun c -> c.Id) |> Set.ofList
            let others = plan.Output |> Seq.filter (fun c -> not (rowIds.Contains c.Id)) |> Seq.map DriftDb.Plan.Assignment.PassThrough |> List.ofSeq
            LogicalProject(plan, array (others @ computed)), computed |> List.map (fun (a: DriftDb.Plan.Assignment) -> a.Column)

    /// The unique index that ON CONFLICT means: its keys are the elements, and the condition given makes its predicate true.
    let private arbiter (services: Services) (relation: IRelation) (onConflict: OnConflict) : IndexInfo =
        match onConflict.Target with
        | ConflictTarget.Any -> null
        | ConflictTarget.Constraint name ->
            match relation.Indexes |> Seq.tryFind (fun i -> i.Name = name.Name && i.IsUnique) with
            | Some index -> index
            | None -> Errors.fail SqlState.UndefinedObject name.Span $"constraint \"{name.Name}\" for table \"{relation.Name}\" does not exist"
        | ConflictTarget.Elements(elements, where) ->
            // Indexes know their columns by attribute number.
            let columns =
                relation.Columns |> Seq.map (fun c -> { Name = c.Name; Column = OutputColumn(int c.AttributeNumber, c.Name, c.Type, true) }) |> List.ofSeq

            let scope =
                Scope.ofTable { Scope.tableOf relation.Name columns with Schema = Some relation.Schema } Scope.empty

            let bind text expression = ExprBinder.bind services (clause scope text) expression
            let keys = elements |> List.map (fun e -> bind "ON CONFLICT" e.Expression)

            let given =
                match where with
                | Some condition -> Coercion.toBoolean services.Context "WHERE" (bind "ON CONFLICT" condition) |> Conjunction.terms
                | None -> []

            let isKey (key: IndexKey) (bound: ScalarExpr) =
                match key.Expression, bound with
                | null, (:? ScalarColumn as column) -> int relation.Columns[key.Ordinal].AttributeNumber = column.Id
                | null, _ -> false
                | expression, _ -> ScalarEquality.Same(expression, bound)

            let isMeant (index: IndexInfo) =
                index.IsUnique
                && keys |> List.forall (fun bound -> index.Keys |> Seq.exists (fun key -> isKey key bound))
                && index.Keys |> Seq.forall (fun key -> keys |> List.exists (isKey key))
                && (isNull index.Predicate
                    || Conjunction.terms index.Predicate |> List.forall (fun wanted -> given |> List.exists (fun term -> ScalarEquality.Same(term, wanted))))

            match relation.Indexes |> Seq.tryFind isMeant with
            | Some index -> index
            | None ->
                Errors.fail
                    SqlState.InvalidColumnReference
                    SourceSpan.None
                    "there is no unique or exclusion constraint matching the ON CONFLICT specification"

    let rec bindInsert (services: Services) (scope: Scope) (insert: InsertStatement) : LogicalPlan =
        QueryBinder.withTables services scope insert.With (fun inner -> bindInsertBody services inner insert None)

    /// With `perRow` a row is made of each row of a plan, its values bound over the names given; the statement's own source doesn't count then.
    and private bindInsertBody (services: Services) (scope: Scope) (insert: InsertStatement) (perRow: (LogicalPlan * Scope * Expr list) option) : LogicalPlan =
        let context = services.Context
        let target = target services insert.Table "insert into"
        if perRow.IsNone then noteTarget context target insert.Table insert.Alias None
        let relation = target.Table
        if target.IsView && insert.OnConflict.IsSome then Errors.unsupported insert.Span "ON CONFLICT through a view"
        let tableColumns = List.ofSeq relation.Columns

        let targets =
            if insert.Columns.IsEmpty then
                target.Names |> List.map (fun n -> relation.Columns[n.Ordinal]) |> List.filter (fun c -> c.SystemTime = SystemTimeColumn.None)
            else
                insert.Columns |> List.map (namedColumn context target)

        /// The column that each value is for, and which part of it.
        let places =
            if insert.Columns.IsEmpty then targets |> List.map (fun column -> column, []) |> Array.ofList
            else List.map2 (fun column (named: AssignmentTarget) -> column, named.Path) targets insert.Columns |> Array.ofList

        places
        |> Array.iteri (fun i (c, path) ->
            if places |> Seq.take i |> Seq.exists (fun (other, otherPath) -> other.Name = c.Name && (otherPath.IsEmpty || path.IsEmpty)) then
                Errors.fail SqlState.DuplicateColumn insert.Columns[i].Span $"column \"{c.Name}\" specified more than once")

        // OVERRIDING USER VALUE: what is given for an identity column doesn't count.
        let isOverridden (column: RelationColumn) = insert.OverridingSystem = Some false && (column.Identity = 'a' || column.Identity = 'd')

        let isExplicitlyAllowed (column: RelationColumn) = column.Identity <> 'a' || insert.OverridingSystem = Some true

        let reject (column: RelationColumn) (span: SourceSpan) =
            rejectSystemTime column span "insert into"

            if column.IsGenerated then
                Errors.failWithDetail
                    SqlState.GeneratedAlways
                    span
                    $"cannot insert a non-DEFAULT value into column \"{column.Name}\""
                    $"Column \"{column.Name}\" is a generated column."

            if not (isExplicitlyAllowed column) then
                raise (
                    SqlException(
                        SqlState.GeneratedAlways,
                        $"cannot insert a non-DEFAULT value into column \"{column.Name}\"",
                        span,
                        $"Column \"{column.Name}\" is an identity column defined as GENERATED ALWAYS.",
                        "Use OVERRIDING SYSTEM VALUE to override."
                    )
                )

        /// Without a column list the first columns are meant, as many as there are values.
        let noteColumns (count: int) =
            if insert.Columns.IsEmpty && perRow.IsNone then
                let place = (match insert.Alias with Some alias -> alias.Span | None -> insert.Table.Span).End
                context.Names.Add(SourceSpan(place, 0), NameUse.AllColumns(targets |> Seq.map (fun c -> nameOf target c) |> Seq.truncate count |> Sequences.array))

        let tooMany (span: SourceSpan) : unit = Errors.fail SqlState.SyntaxError span "INSERT has more expressions than target columns"

        let tooFew (count: int) (span: SourceSpan) : unit =
            // Without a column list the missing columns at the end get their defaults.
            if count < targets.Length && not insert.Columns.IsEmpty then
                Errors.fail SqlState.SyntaxError span "INSERT has more target columns than expressions"

        /// A value for a column or a part of it, beside those that other parts of the column have already.
        let put env (i: int) (value: ScalarExpr) (given: (RelationColumn * ScalarExpr) list) : (RelationColumn * ScalarExpr) list =
            match places[i] with
            | column, [] -> (column, store context column value) :: given
            | column, path ->
                let before = given |> List.tryFind (fun (c, _) -> c.Ordinal = column.Ordinal) |> Option.map snd |> Option.defaultValue (ScalarConstant.Null column.Type)
                let after = PartAssignment.assign services env column.Name before path value insert.Columns[i].Span
                (column, store context column after) :: (given |> List.filter (fun (c, _) -> c.Ordinal <> column.Ordinal))

        /// The whole row from the values of the named columns.
        let complete (given: (RelationColumn * ScalarExpr) list) : ScalarExpr list =
            tableColumns
            |> List.map (fun c ->
                match given |> List.tryFind (fun (t, _) -> t.Ordinal = c.Ordinal) with
                | Some(_, value) -> value
                | None -> defaultOf services c)

        let isDefault = insert.Columns.IsEmpty && insert.Source.IsDefaultValues
        WriteTarget.note context target (fun note -> note.Inserts <- true) (fun note -> if isDefault then None else Some note.Inserted) (targets |> List.map (fun c -> c.Ordinal))

        let row = newColumns context relation |> List.map (fun c -> OutputColumn(c.Id, c.Name, c.Type, true, Origin = c.Origin))

        /// The row's values, each for its column.
        let cellsIn env (cells: Expr list) =
            if cells.Length > targets.Length then tooMany cells[targets.Length].Span
            tooFew cells.Length cells.Head.Span
            noteColumns cells.Length

            cells
            |> List.indexed
            |> List.fold
                (fun given (i, cell) ->
                    match cell, places[i] with
                    | Expr.Default _, (_, _ :: _) -> Errors.fail SqlState.FeatureNotSupported cell.Span "cannot set a subfield to DEFAULT"
                    | _, (column, _) when cell.IsDefault || isOverridden column -> (column, defaultOf services column) :: given
                    | _, (column, _) ->
                        reject column cell.Span
                        put env i (ExprBinder.bind services env cell) given)
                []
            |> complete

        let input: LogicalPlan =
            match perRow, insert.Source with
            | Some(plan, names, values), _ ->
                let values = if values.IsEmpty then complete [] else cellsIn (clause names "VALUES") values
                LogicalProject(plan, List.map2 (fun column value -> DriftDb.Plan.Assignment(column, value)) row values |> array)
            | None, InsertSource.DefaultValues -> LogicalValues(array row, array [ array (complete []) ])
            | None, InsertSource.Query { Body = QueryBody.Values(rows, _); With = None; OrderBy = []; Limit = None; Offset = None } ->
                let env = clause { scope with Tables = []; Visible = [] } "VALUES"

                LogicalValues(array row, rows |> List.map (QueryBinder.expandRow services env >> cellsIn env >> array) |> array)
            | None, InsertSource.Query query ->
                let plan = QueryBinder.bindQueryFor services (Scope.nested { scope with Tables = []; Visible = []; Outer = None }) query (places |> Seq.map (fun (column, path) -> if path.IsEmpty then literalType column else SqlType.Text) |> List.ofSeq)
                if plan.Output.Length > targets.Length then tooMany query.Span
                tooFew plan.Output.Length query.Span
                noteColumns plan.Output.Length

                let given =
                    List.ofSeq plan.Output
                    |> List.indexed
                    |> List.fold
                        (fun given (i, source) ->
                            let column, _ = places[i]

                            if isOverridden column then
                                (column, defaultOf services column) :: given
                            else
                                reject column query.Span
                                put (clause scope "INSERT") i (source.Reference()) given)
                        []

                LogicalProject(plan, List.map2 (fun column value -> DriftDb.Plan.Assignment(column, value)) row (complete given) |> array)

        let input, row = withGenerated services relation input row
        let input = if Seq.map (fun (c: OutputColumn) -> c.Id) input.Output |> List.ofSeq = (row |> List.map (fun c -> c.Id)) then input else LogicalProject(input, row |> List.map DriftDb.Plan.Assignment.PassThrough |> array)
        let fresh = newColumns context relation
        WriteTarget.comesFrom context target fresh
        let alias = match insert.Alias with Some a -> a.Name | None -> target.Named.Name
        let checkConditions = array (Seq.append (checks services relation fresh) (viewChecks services target fresh))

        let conflict =
            insert.OnConflict
            |> Option.map (fun onConflict ->
                let index = arbiter services relation onConflict

                match onConflict.Action with
                | ConflictAction.DoNothing -> ConflictClause(index, ImmutableArray<OutputColumn>.Empty, Unchecked.defaultof<_>, null)
                | ConflictAction.DoUpdate(assignments, where) ->
                    if isNull index then Errors.fail SqlState.SyntaxError onConflict.Span "ON CONFLICT DO UPDATE requires inference specification or constraint name"
                    let existing = newColumns context relation
                    WriteTarget.comesFrom context target existing
                    let existingScope = rowScope target alias existing scope
                    let excluded = { Scope.tableOf "excluded" (fresh |> List.map (fun c -> { Name = c.Name; Column = c })) with Relation = Some relation }
                    // Bare names mean the existing row: `excluded` is reached only by its name.
                    let both = { existingScope with Tables = existingScope.Tables @ [ excluded ] }
                    let assigned = bindAssignments services both target assignments |> List.map (fun (c, v) -> c.Ordinal, v)

                    // Generated columns follow from the row as it becomes: what is assigned, and else what was there.
                    let becomes (node: ScalarExpr) : ScalarExpr =
                        match node with
                        | :? ScalarColumn as column ->
                            assigned
                            |> List.tryFind (fun (ordinal, _) -> existing[ordinal].Id = column.Id)
                            |> Option.map snd
                            |> Option.defaultValue node
                        | _ -> node

                    let generated =
                        relation.Columns
                        |> Seq.filter (fun c -> c.IsGenerated)
                        |> Seq.map (fun c -> c.Ordinal, store context c ((overRow services relation existing c.DefaultText "column generation expressions").Rewrite becomes))
                        |> List.ofSeq

                    let updates = assigned @ generated |> List.map (fun (ordinal, value) -> struct (ordinal, value))
                    let condition = where |> Option.map (fun w -> Coercion.toBoolean context "WHERE" (ExprBinder.bind services (clause both "WHERE") w)) |> Option.toObj
                    ConflictClause(index, array existing, array updates, condition))
            |> Option.toObj

        let input, conflict = if isNull conflict then input, conflict else ConflictSubqueries.besideInput context fresh input conflict

        withReturning services (rowScope target alias fresh scope) insert.Returning (fun returned -> LogicalInsert(relation, input, array fresh, checkConditions, conflict, returned))

    /// SET: each assigned column with its value, in the table's column order.
    and private bindAssignments (services: Services) (scope: Scope) (target: WriteTarget) (assignments: Assignment list) : (RelationColumn * ScalarExpr) list =
        let context = services.Context
        let env = clause scope "UPDATE"

        // Columns of which parts are assigned, with what they have become so far: `SET a[1] = 1, a[2] = 2`.
        let parts = Dictionary<int, ScalarExpr>()

        let whole = HashSet<int>()
        let twice (column: RelationColumn) : unit = Errors.fail SqlState.SyntaxError SourceSpan.None $"multiple assignments to same column \"{column.Name}\""

        let ofPart (column: RelationColumn) (targetColumn: AssignmentTarget) value =
            if whole.Contains column.Ordinal then twice column

            let before =
                match parts.TryGetValue column.Ordinal with
                | true, value -> value
                | _ -> (scope.Tables.Head.Columns |> List.find (fun c -> c.Name = targetColumn.Column.Name)).Column.Reference()

            let after = PartAssignment.assign services env column.Name before targetColumn.Path value targetColumn.Span
            parts[column.Ordinal] <- after
            column, store context column after

        let requireWritable (column: RelationColumn) (targetColumn: AssignmentTarget) : unit =
            let onlyDefault detail = Errors.failWithDetail SqlState.GeneratedAlways targetColumn.Span $"column \"{column.Name}\" can only be updated to DEFAULT" detail
            rejectSystemTime column targetColumn.Span "update"
            if column.IsGenerated then onlyDefault $"Column \"{column.Name}\" is a generated column."
            if column.Identity = 'a' then onlyDefault $"Column \"{column.Name}\" is an identity column defined as GENERATED ALWAYS."

        let one (targetColumn: AssignmentTarget) (value: Expr) =
            let column = namedColumn context target targetColumn

            match value with
            | Expr.Default _ ->
                rejectSystemTime column targetColumn.Span "update"
                column, defaultOf services column
            | _ ->
                requireWritable column targetColumn

                if not targetColumn.Path.IsEmpty then
                    ofPart column targetColumn (ExprBinder.bind services env value)
                else
                    if parts.ContainsKey column.Ordinal then twice column
                    whole.Add column.Ordinal |> ignore
                    column, store context column (ExprBinder.bind services env value)

        let bound =
            assignments
            |> List.collect (fun assignment ->
                match assignment with
                | DriftDb.Frontend.Assignment.Single(targetColumn, value, _) -> [ one targetColumn value ]
                | DriftDb.Frontend.Assignment.Multiple(targets, Expr.Row(values, _, _), span) ->
                    if targets.Length <> values.Length then
                        Errors.fail SqlState.SyntaxError span "number of columns does not match number of values"

                    List.map2 one targets values
                | DriftDb.Frontend.Assignment.Multiple([ single ], value, _) -> [ one single value ]
                | DriftDb.Frontend.Assignment.Multiple(targets, Expr.Subquery(query, subquerySpan), span) ->
                    // Each column by a subquery of its own over the same query.
                    targets
                    |> List.mapi (fun i targetColumn ->
                        let plan = services.BindQuery (Scope.nested scope) query

                        if plan.Output.Length <> targets.Length then
                            Errors.fail SqlState.SyntaxError span "number of columns does not match number of values"

                        let column = namedColumn context target targetColumn
                        requireWritable column targetColumn
                        let chosen = LogicalProject(plan, array [ DriftDb.Plan.Assignment.PassThrough plan.Output[i] ])
                        let value = ScalarSubquery(SubqueryKind.Scalar, chosen, array [], ComparisonOperator.Equal, plan.Output[i].Type).With subquerySpan
                        if targetColumn.Path.IsEmpty then column, store context column value else ofPart column targetColumn value)
                | DriftDb.Frontend.Assignment.Multiple(_, _, span) ->
                    Errors.fail SqlState.FeatureNotSupported span "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression")

        // Of several parts of one column the last expression holds them all.
        let bound =
            bound
            |> List.indexed
            |> List.filter (fun (i, (c, _)) -> not (parts.ContainsKey c.Ordinal) || not (bound |> List.skip (i + 1) |> List.exists (fun (later, _) -> later.Ordinal = c.Ordinal)))
            |> List.map snd

        WriteTarget.note context target ignore (fun note -> Some note.Updated) (bound |> List.map (fun (c, _) -> c.Ordinal))

        bound
        |> List.iteri (fun i (c, _) ->
            if bound |> List.take i |> List.exists (fun (other, _) -> other.Ordinal = c.Ordinal) then
                Errors.fail SqlState.SyntaxError SourceSpan.None $"multiple assignments to same column \"{c.Name}\"")

        bound

    /// The target's scan with its row id and the conditions of its views, and FROM or USING beside it.
    let private targetScan (services: Services) (scope: Scope) (target: WriteTarget) alias (others: TableReference list) span =
        let context = services.Context
        let relation = target.Table
        let around = context.View
        if target.IsView then context.View <- target.Named
        let scan, table = FromBinder.scan context relation alias null
        context.View <- around
        let rowId = context.NewColumn("row id", SqlType.Int8, false)
        let scan = LogicalScan(relation, alias, scan.Columns.Add rowId, scan.Sources.Add ScanSource.RowId, null)
        let columns = table.Columns |> List.map (fun c -> c.Column)
        if target.IsView then WriteTarget.comesFrom context target columns

        let named =
            { table with
                Schema = Some target.Named.Schema
                Columns = target.Names |> List.map (fun n -> { Name = n.Name; Column = columns[n.Ordinal] })
                Relation = Some target.Named }

        let visible =
            target.Conditions
            |> List.fold (fun (plan: LogicalPlan) condition -> LogicalFilter(plan, WriteTarget.bindCondition services condition columns)) (scan :> LogicalPlan)

        let targetScope = Scope.ofTable named { scope with Tables = []; Visible = [] }

        if others.IsEmpty then
            visible, targetScope, columns, rowId
        else
            let plan, otherScope = FromBinder.bindFrom services { scope with Tables = []; Visible = [] } others
            LogicalJoin(DriftDb.Plan.JoinKind.Inner, visible, plan, ScalarConstant.True), Scope.combine targetScope otherScope span, columns, rowId

    let private selection (services: Services) (scope: Scope) (where: RowSelection) (plan: LogicalPlan) : LogicalPlan =
        match where with
        | RowSelection.All -> plan
        | RowSelection.Where condition ->
            LogicalFilter(plan, Coercion.toBoolean services.Context "WHERE" (ExprBinder.bind services (clause scope "WHERE") condition))
        | RowSelection.CurrentOf cursor -> Errors.unsupported cursor.Span "WHERE CURRENT OF"

    /// FOR PORTION OF: the period and the bounds, which may not depend on a row.
    let private bindPortion (services: Services) (target: WriteTarget) (portion: PortionOf) : Portion =
        let context = services.Context

        let period =
            match target.Named.Periods |> Seq.tryFind (fun p -> p.Name = portion.Period.Name) with
            | Some period -> period
            | None -> Errors.fail SqlState.UndefinedObject portion.Period.Span $"period \"{portion.Period.Name}\" of relation \"{target.Named.Name}\" does not exist"

        let bound (expression: Expr) (ordinal: int) =
            let value = store context target.Table.Columns[ordinal] (ExprBinder.bind services (clause Scope.empty "FOR PORTION OF") expression)

            for node in value.DescendantsAndSelf() do
                match node with
                | :? ScalarSubquery -> Errors.fail SqlState.FeatureNotSupported expression.Span "cannot use subquery in FOR PORTION OF expression"
                | :? ScalarCall as call when call.Function.Volatility = Volatility.Volatile ->
                    Errors.fail SqlState.FeatureNotSupported expression.Span "cannot use a volatile function in FOR PORTION OF expression"
                | _ -> ()

            value

        { Period = period
          Low = bound portion.Low period.Start
          High = bound portion.High period.End }

    /// The rows whose period has a part in the portion. A portion that ends before it begins has no rows, nor has one with a NULL bound.
    let private withinPortion (columns: OutputColumn list) (portion: Portion) (plan: LogicalPlan) : LogicalPlan =
        let less left right : ScalarExpr = ScalarComparison(ComparisonOperator.Less, left, right)
        let start, finish = columns[portion.Period.Start].Reference(), columns[portion.Period.End].Reference()
        LogicalFilter(plan, ScalarAnd(array [ less portion.Low portion.High; less start portion.High; less portion.Low finish ]))

    /// The rows that are to be inserted for what of each row's period lies before and behind the portion, as columns of the plan.
    let private leftovers (services: Services) (target: WriteTarget) (columns: OutputColumn list) (portion: Portion) (plan: LogicalPlan) : LogicalPlan * LeftoverRow list =
        let context = services.Context
        let relation = target.Table
        let start, finish = portion.Period.Start, portion.Period.End

        let side (plan: LogicalPlan, rows: LeftoverRow list) (isWanted: ScalarExpr, changed: int, bound: ScalarExpr) =
            let wanted = context.NewColumn("left over", SqlType.Bool, false)

            let row =
                List.zip (List.ofSeq relation.Columns) columns
                |> List.map (fun (c, old) ->
                    let value: ScalarExpr =
                        if c.Ordinal = changed then bound
                        elif c.SystemTime <> SystemTimeColumn.None then ScalarConstant.Null c.Type
                        else old.Reference()

                    DriftDb.Plan.Assignment(context.NewColumn(c.Name, c.Type, true), value))

            let passed = plan.Output |> Seq.map DriftDb.Plan.Assignment.PassThrough |> List.ofSeq
            let projected = LogicalProject(plan, array (passed @ DriftDb.Plan.Assignment(wanted, isWanted) :: row))
            let projected, columns = withGenerated services relation projected (row |> List.map (fun a -> a.Column))
            projected, rows @ [ LeftoverRow(wanted.Id, array columns, checks services relation columns) ]

        [ (ScalarComparison(ComparisonOperator.Less, columns[start].Reference(), portion.Low) :> ScalarExpr), finish, portion.Low
          (ScalarComparison(ComparisonOperator.Less, portion.High, columns[finish].Reference()) :> ScalarExpr), start, portion.High ]
        |> List.fold side (plan, [])

    /// Updates the rows of a plan.
    let private updateRows (services: Services) (target: WriteTarget) (filtered: LogicalPlan) (updateScope: Scope) (columns: OutputColumn list) (rowId: int) (sets: Assignment list) (portion: Portion option) (items: SelectItem list) : LogicalPlan =
        let context = services.Context
        let relation = target.Table
        let named = updateScope.Tables.Head
        let filtered, leftovers =
            match portion with
            | Some portion -> leftovers services target columns portion filtered
            | None -> filtered, []

        let assignments =
            let assigned = bindAssignments services updateScope target sets

            match portion with
            | None -> assigned
            | Some { Period = period; Low = low; High = high } ->
                for column, _ in assigned do
                    if column.Ordinal = period.Start || column.Ordinal = period.End then
                        Errors.fail SqlState.SyntaxError SourceSpan.None $"cannot update column \"{column.Name}\" because it is used in FOR PORTION OF"

                let cut ordinal bound isLater =
                    relation.Columns[ordinal], (ScalarExtreme(array [ columns[ordinal].Reference() :> ScalarExpr; bound ], isLater) :> ScalarExpr)

                cut period.Start low true :: cut period.End high false :: assigned

        // The new row: assigned columns under new ids, the others as they are.
        let row =
            List.zip (List.ofSeq relation.Columns) columns
            |> List.map (fun (c, old) ->
                match assignments |> List.tryFind (fun (a, _) -> a.Ordinal = c.Ordinal) with
                | Some(_, value) ->
                    let fresh = context.NewColumn(c.Name, c.Type, c.IsNullable)
                    DriftDb.Plan.Assignment(OutputColumn(fresh.Id, c.Name, c.Type, true, Origin = old.Origin), value)
                | None when c.SystemTime <> SystemTimeColumn.None ->
                    // Nothing is stored in it: see FromBinder.scan.
                    DriftDb.Plan.Assignment(context.NewColumn(c.Name, c.Type, true), ScalarConstant.Null c.Type)
                | None -> DriftDb.Plan.Assignment.PassThrough old)

        // Old values stay reachable for a generated column's sake and for FROM's columns in RETURNING.
        let rowIds = row |> List.map (fun a -> a.Column.Id) |> Set.ofList
        let others = filtered.Output |> Seq.filter (fun c -> not (rowIds.Contains c.Id)) |> Seq.map DriftDb.Plan.Assignment.PassThrough |> List.ofSeq
        let projected = LogicalProject(filtered, array (row @ others)) :> LogicalPlan
        let projected, newRow = withGenerated services relation projected (row |> List.map (fun a -> a.Column))

        let returnScope =
            let newTable = { named with Columns = target.Names |> List.map (fun n -> { Name = n.Name; Column = newRow[n.Ordinal] }); Hidden = [] }
            let oldIds = named.Columns |> List.map (fun c -> c.Column.Id) |> Set.ofList
            { updateScope with
                Tables = newTable :: updateScope.Tables.Tail
                Visible = newTable.Columns @ (updateScope.Visible |> List.filter (fun c -> not (oldIds.Contains c.Column.Id))) }

        WriteTarget.comesFrom context target newRow

        let changed =
            relation.Columns
            |> Seq.filter (fun c -> c.IsGenerated || assignments |> List.exists (fun (a, _) -> a.Ordinal = c.Ordinal))
            |> Seq.map (fun c -> c.Ordinal)

        // Only what is assigned can break a constraint.
        let changedSet = Set.ofSeq changed

        let checkConditions =
            Seq.append (checks services relation newRow |> Seq.filter (fun c -> c.NotNullColumn < 0 || changedSet.Contains c.NotNullColumn)) (viewChecks services target newRow)
            |> array

        withReturning services returnScope items (fun returned -> LogicalUpdate(relation, projected, rowId, array newRow, array changed, checkConditions, returned, Leftovers = array leftovers))

    let bindUpdate (services: Services) (scope: Scope) (update: UpdateStatement) : LogicalPlan =
        QueryBinder.withTables services scope update.With (fun inner ->
            let target = target services update.Table "update"
            noteTarget services.Context target update.Table update.Alias update.Portion
            let portion = update.Portion |> Option.map (bindPortion services target)
            let alias = match update.Alias with Some a -> a.Name | None -> target.Named.Name
            let plan, updateScope, columns, rowId = targetScan services inner target alias update.From update.Span
            let selected = selection services updateScope update.Where plan
            let filtered = Option.foldBack (withinPortion columns) portion selected
            updateRows services target filtered updateScope columns rowId.Id update.Assignments portion update.Returning)

    let bindDelete (services: Services) (scope: Scope) (delete: DeleteStatement) : LogicalPlan =
        QueryBinder.withTables services scope delete.With (fun inner ->
            let target = target services delete.Table "delete from"
            noteTarget services.Context target delete.Table delete.Alias delete.Portion
            let portion = delete.Portion |> Option.map (bindPortion services target)
            let alias = match delete.Alias with Some a -> a.Name | None -> target.Named.Name
            let plan, deleteScope, columns, rowId = targetScan services inner target alias delete.Using delete.Span
            let selected = selection services deleteScope delete.Where plan

            let filtered, leftovers =
                match portion with
                | Some portion -> withinPortion columns portion selected |> leftovers services target columns portion
                | None -> selected, []

            WriteTarget.note services.Context target (fun note -> note.Deletes <- true) (fun _ -> None) []
            withReturning services deleteScope delete.Returning (fun returned -> LogicalDelete(target.Table, filtered, rowId.Id, returned, Leftovers = array leftovers)))

    /// MERGE: source and target are joined once, before anything is changed; each branch then writes the rows that have chosen it.
    let bindMerge (services: Services) (scope: Scope) (merge: MergeStatement) : LogicalPlan =
        if not merge.Returning.IsEmpty then Errors.unsupported merge.Span "MERGE with RETURNING"

        if merge.With |> Option.exists (fun w -> w.Tables |> List.exists (fun t -> not t.Body.IsQuery)) then
            Errors.unsupported merge.Span "a data-modifying statement in the WITH of MERGE"

        for matching in merge.Branches |> List.groupBy (fun b -> b.Match) |> List.map snd do
            if matching |> List.take (matching.Length - 1) |> List.exists (fun b -> b.Condition.IsNone) then
                Errors.fail SqlState.SyntaxError SourceSpan.None "unreachable WHEN clause specified after unconditional WHEN clause"

        QueryBinder.withTables services scope merge.With (fun inner ->
            let context = services.Context
            let target = target services merge.Table "merge into"
            noteTarget context target merge.Table merge.Alias None
            if target.IsView then Errors.unsupported merge.Span "MERGE into a view"
            let relation = target.Table
            let alias = match merge.Alias with Some a -> a.Name | None -> relation.Name
            let outside = { inner with Tables = []; Visible = [] }
            let sourcePlan, sourceScope = FromBinder.bindFrom services outside [ merge.Source ]
            let scan, table = FromBinder.scan context relation alias null
            let rowId = context.NewColumn("row id", SqlType.Int8, false)
            let scan = LogicalScan(relation, alias, scan.Columns.Add rowId, scan.Sources.Add ScanSource.RowId, null)
            let both = Scope.combine (Scope.ofTable table outside) sourceScope merge.Span
            let on = Coercion.toBoolean context "JOIN/ON" (ExprBinder.bind services (clause both "JOIN conditions") merge.On)
            let joined = LogicalJoin(DriftDb.Plan.JoinKind.Left, sourcePlan, scan, on)
            let found negated = ScalarIsNull(ScalarColumn(rowId.Id, rowId.Name, SqlType.Int8, true), negated) :> ScalarExpr

            let chooses (branch: MergeBranch) : ScalarExpr =
                let matched, names =
                    match branch.Match with
                    | MergeMatch.Matched -> found true, both
                    | MergeMatch.NotMatchedByTarget -> found false, sourceScope
                    | MergeMatch.NotMatchedBySource -> Errors.unsupported branch.Span "NOT MATCHED BY SOURCE"

                match branch.Condition with
                | None -> matched
                | Some condition -> ScalarAnd(array [ matched; Coercion.toBoolean context "MERGE WHEN" (ExprBinder.bind services (clause names "MERGE WHEN conditions") condition) ])

            let number i = ScalarConstant(box (i + 1), SqlType.Int4) :> ScalarExpr
            let choice = ScalarCase(merge.Branches |> List.map chooses |> array, merge.Branches |> List.mapi (fun i _ -> number i) |> array, ScalarConstant(box 0, SqlType.Int4))
            let action = context.NewColumn("action", SqlType.Int4, false)
            let passed = joined.Output |> Seq.map DriftDb.Plan.Assignment.PassThrough |> List.ofSeq
            let chosen = LogicalProject(joined, array (passed @ [ DriftDb.Plan.Assignment(action, choice) ]))
            let chosenId = context.NewCteId()

            /// The rows that have chosen a branch, and their columns' ids by those of the join.
            let rowsOf i =
                let fresh = chosen.Output |> Seq.map (fun c -> OutputColumn(context.NewColumn(c.Name, c.Type, true).Id, c.Name, c.Type, true, Origin = c.Origin)) |> List.ofSeq
                let byId = Seq.zip chosen.Output fresh |> Seq.map (fun (old, column) -> old.Id, column) |> dict
                let rows = LogicalCteScan(chosenId, "merge", array fresh)
                LogicalFilter(rows, ScalarComparison(ComparisonOperator.Equal, byId[action.Id].Reference(), number i)) :> LogicalPlan, byId

            let moved (byId: System.Collections.Generic.IDictionary<int, OutputColumn>) (names: Scope) =
                let move (c: ScopeColumn) = { c with Column = byId[c.Column.Id] }
                { names with
                    Tables = names.Tables |> List.map (fun t -> { t with Columns = List.map move t.Columns; Hidden = List.map move t.Hidden })
                    Visible = List.map move names.Visible }

            let writes =
                merge.Branches
                |> List.mapi (fun i branch ->
                    let rows, byId = rowsOf i

                    match branch.Action, branch.Match with
                    | MergeAction.DoNothing, _ -> []
                    | MergeAction.Update sets, _ ->
                        let names = moved byId both
                        [ updateRows services target rows names (names.Tables.Head.Columns |> List.map (fun c -> c.Column)) byId[rowId.Id].Id sets None [] ]
                    | MergeAction.Delete, _ ->
                        (context.Access relation).Deletes <- true
                        [ LogicalDelete(relation, rows, byId[rowId.Id].Id, Unchecked.defaultof<_>) :> LogicalPlan ]
                    | MergeAction.Insert(columns, overriding, values), _ ->
                        let insert: InsertStatement =
                            { With = None
                              Table = merge.Table
                              Alias = None
                              Columns = columns
                              OverridingSystem = overriding
                              Source = InsertSource.DefaultValues
                              OnConflict = None
                              Returning = []
                              Span = branch.Span }

                        [ bindInsertBody services outside insert (Some(rows, moved byId sourceScope, values)) ])
                |> List.concat

            let rec inOrder (writes: LogicalPlan list) : LogicalPlan =
                match writes with
                | [] -> LogicalValues(ImmutableArray.Empty, ImmutableArray.Empty)
                | [ last ] -> last
                | first :: rest -> LogicalWith(context.NewCteId(), "merge branch", first, inOrder rest, true)

            LogicalWith(chosenId, "merge", chosen, inOrder writes, true))

    /// Any statement that changes data.
    let bind (services: Services) (scope: Scope) (statement: DataStatement) : LogicalPlan =
        match statement with
        | DataStatement.Query query -> QueryBinder.bindQuery services scope query
        | DataStatement.Insert insert -> bindInsert services scope insert
        | DataStatement.Update update -> bindUpdate services scope update
        | DataStatement.Delete delete -> bindDelete services scope delete
        | DataStatement.Merge merge -> bindMerge services scope merge
