namespace DriftDb.Frontend

open System.Runtime.CompilerServices

/// AST → SQL: queries and the statements that change data.
type internal QueryPrinter() =
    inherit ExpressionPrinter()

    // ---- queries

    override this.Query(query: Query) : unit =
        RuntimeHelpers.EnsureSufficientExecutionStack()
        this.With query.With
        this.Body query.Body

        if not query.OrderBy.IsEmpty then
            this.Write " ORDER BY "
            this.Sort query.OrderBy

        match query.Limit with
        | None -> ()
        | Some count when query.WithTies || query.IsPercent ->
            this.Write " FETCH FIRST "
            this.FetchCount count
            if query.IsPercent then this.Write " PERCENT"
            this.Write(if query.WithTies then " ROWS WITH TIES" else " ROWS ONLY")
        | Some count ->
            this.Write " LIMIT "
            this.Expr count

        match query.Offset with
        | None -> ()
        | Some count ->
            this.Write " OFFSET "
            this.Expr count

        for clause in query.Locking do
            this.Locking clause

        match query.AsOf with
        | None -> ()
        | Some point ->
            this.Write " AS OF "
            this.Point point

    member private this.FetchCount(count: Expr) =
        match count with
        | Expr.Literal _
        | Expr.Parameter _ -> this.Expr count
        | _ ->
            this.Write "("
            this.Expr count
            this.Write ")"

    member private this.Locking(clause: LockingClause) =
        this.Write(
            match clause.Strength with
            | LockStrength.Update -> " FOR UPDATE"
            | LockStrength.NoKeyUpdate -> " FOR NO KEY UPDATE"
            | LockStrength.Share -> " FOR SHARE"
            | LockStrength.KeyShare -> " FOR KEY SHARE"
        )

        if not clause.Of.IsEmpty then
            this.Write " OF "
            this.Commas(clause.Of, this.QualifiedName)

        match clause.Wait with
        | LockWait.Wait -> ()
        | LockWait.NoWait -> this.Write " NOWAIT"
        | LockWait.SkipLocked -> this.Write " SKIP LOCKED"

    member private this.Search(clause: SearchClause) =
        this.Write(if clause.DepthFirst then " SEARCH DEPTH FIRST BY " else " SEARCH BREADTH FIRST BY ")
        this.Commas(clause.Columns, this.Name)
        this.Write " SET "
        this.Name clause.Sequence

    member private this.Cycle(clause: CycleClause) =
        this.Write " CYCLE "
        this.Commas(clause.Columns, this.Name)
        this.Write " SET "
        this.Name clause.Mark

        match clause.Values with
        | None -> ()
        | Some values ->
            this.Write " TO "
            this.Value values.Cyclic
            this.Write " DEFAULT "
            this.Value values.Otherwise

        this.Write " USING "
        this.Name clause.Path

    member this.With(clause: WithClause option) =
        match clause with
        | None -> ()
        | Some clause ->
            this.Write(if clause.Recursive then "WITH RECURSIVE " else "WITH ")

            this.Commas(
                clause.Tables,
                fun table ->
                    this.Name table.Name
                    this.OptionalNames table.Columns
                    this.Write " AS "

                    match table.Materialized with
                    | None -> ()
                    | Some materialized -> this.Write(if materialized then "MATERIALIZED " else "NOT MATERIALIZED ")

                    this.Write "("
                    this.DataStatement table.Body
                    this.Write ")"
                    table.Search |> Option.iter this.Search
                    table.Cycle |> Option.iter this.Cycle
            )

            this.Write " "

    member this.DataStatement(statement: DataStatement) =
        match statement with
        | DataStatement.Query query -> this.Query query
        | DataStatement.Insert insert -> this.Insert insert
        | DataStatement.Update update -> this.Update update
        | DataStatement.Delete delete -> this.Delete delete
        | DataStatement.Merge merge -> this.Merge merge

    member private this.Body(body: QueryBody) : unit =
        match body with
        | QueryBody.Select select -> this.Select select
        | QueryBody.Values(rows, _) ->
            this.Write "VALUES "
            this.Commas(rows, (fun row -> this.Parens(row, this.Expr)))
        | QueryBody.Nested query -> this.Subquery query
        | QueryBody.SetOperation _ -> this.SetOperations body

    /// INTERSECT binds tighter than UNION and EXCEPT; all associate to the left.
    member private this.SetOperations(body: QueryBody) =
        let precedence (body: QueryBody) =
            match body with
            | QueryBody.SetOperation(SetOperator.Intersect, _, _, _, _, _) -> 1
            | QueryBody.SetOperation _ -> 0
            | _ -> 2

        let operand minimum (body: QueryBody) =
            if precedence body < minimum then
                this.Write "("
                this.Body body
                this.Write ")"
            else
                this.Body body

        let spine = System.Collections.Generic.Stack<struct (string * Identifier list option * int * QueryBody)>()

        let rec descend (current: QueryBody) =
            match current with
            | QueryBody.SetOperation(operator, all, corresponding, left, right, _) ->
                let own = precedence current

                let word =
                    match operator with
                    | SetOperator.Union -> " UNION "
                    | SetOperator.Except -> " EXCEPT "
                    | SetOperator.Intersect -> " INTERSECT "

                spine.Push(struct (word + (if all then "ALL " else ""), corresponding, own + 1, right))

                match left with
                | QueryBody.SetOperation _ when precedence left >= own -> descend left
                | _ -> operand own left
            | _ -> ()

        descend body

        while spine.Count > 0 do
            let struct (word, corresponding, minimum, right) = spine.Pop()
            this.Write word

            match corresponding with
            | None -> ()
            | Some [] -> this.Write "CORRESPONDING "
            | Some names ->
                this.Write "CORRESPONDING BY "
                this.Parens(names, this.Name)
                this.Write " "

            operand minimum right

    member private this.Select(select: SelectCore) =
        this.Write "SELECT"

        match select.Distinct with
        | DistinctClause.All -> ()
        | DistinctClause.Distinct -> this.Write " DISTINCT"
        | DistinctClause.On keys ->
            this.Write " DISTINCT ON "
            this.Parens(keys, this.Expr)

        if not select.Items.IsEmpty then
            this.Write " "
            this.Items select.Items

        match select.Into with
        | None -> ()
        | Some target ->
            this.Write " INTO "
            this.Persistence target.Persistence
            this.Write "TABLE "
            this.QualifiedName target.Name

        this.From " FROM " select.From
        this.Condition " WHERE " select.Where

        match select.GroupBy with
        | None -> ()
        | Some groupBy ->
            this.Write " GROUP BY "
            this.When(groupBy.Distinct, "DISTINCT ")
            this.Commas(groupBy.Elements, this.GroupingElement)

        this.Condition " HAVING " select.Having

        if not select.Windows.IsEmpty then
            this.Write " WINDOW "

            this.Commas(
                select.Windows,
                fun definition ->
                    this.Name definition.Name
                    this.Write " AS "
                    this.Window definition.Window
            )

    member this.Persistence(persistence: Persistence) =
        match persistence with
        | Persistence.Permanent -> ()
        | Persistence.Temporary -> this.Write "TEMPORARY "
        | Persistence.Unlogged -> this.Write "UNLOGGED "

    member this.Condition (word: string) (condition: Expr option) =
        match condition with
        | None -> ()
        | Some condition ->
            this.Write word
            this.Expr condition

    member this.Items(items: SelectItem list) =
        this.Commas(
            items,
            fun item ->
                this.Expr item.Expression

                match item.Alias with
                | None -> ()
                | Some alias ->
                    this.Write " AS "
                    this.Label alias

                if not item.Columns.IsEmpty then
                    this.Write " AS "
                    this.Parens(item.Columns, this.Name)
        )

    member private this.GroupingElement(element: GroupingElement) =
        match element with
        | GroupingElement.Expression value -> this.Expr value
        | GroupingElement.Empty _ -> this.Write "()"
        | GroupingElement.Keys(items, _) -> this.Parens(items, this.Expr)
        | GroupingElement.Rollup(items, _) ->
            this.Write "ROLLUP "
            this.Parens(items, this.GroupingElement)
        | GroupingElement.Cube(items, _) ->
            this.Write "CUBE "
            this.Parens(items, this.GroupingElement)
        | GroupingElement.Sets(items, _) ->
            this.Write "GROUPING SETS "
            this.Parens(items, this.GroupingElement)

    // ---- tables

    member this.From (word: string) (tables: TableReference list) =
        if not tables.IsEmpty then
            this.Write word
            this.Commas(tables, this.Table)

    member this.Table(reference: TableReference) : unit =
        RuntimeHelpers.EnsureSufficientExecutionStack()

        match reference with
        | TableReference.Table table ->
            this.When(table.Only, "ONLY ")
            this.QualifiedName table.Name
            this.Optional(table.SystemTime, this.SystemTime)
            this.Optional(table.Alias, this.Alias)

            match table.Sample with
            | None -> ()
            | Some sample ->
                this.Write " TABLESAMPLE "
                this.QualifiedName sample.Method
                this.Write " "
                this.Parens(sample.Arguments, this.Expr)

                match sample.Seed with
                | None -> ()
                | Some seed ->
                    this.Write " REPEATABLE ("
                    this.Expr seed
                    this.Write ")"
        | TableReference.Subquery(query, lateral, alias, _) ->
            this.When(lateral, "LATERAL ")
            this.Subquery query
            this.Optional(alias, this.Alias)
        | TableReference.Function source ->
            this.When(source.Lateral, "LATERAL ")

            if source.RowsFrom then
                this.Write "ROWS FROM "

                this.Parens(
                    source.Functions,
                    fun item ->
                        this.Expr item.Call

                        if not item.ColumnDefinitions.IsEmpty then
                            this.Write " AS "
                            this.Parens(item.ColumnDefinitions, this.RecordColumn)
                )
            else
                this.Commas(source.Functions, (fun item -> this.Expr item.Call))

            this.When(source.WithOrdinality, " WITH ORDINALITY")
            this.Optional(source.Alias, this.Alias)
        | TableReference.Join join ->
            if join.Alias.IsSome then this.Write "("
            this.Join join

            match join.Alias with
            | None -> ()
            | Some alias ->
                this.Write ")"
                this.Alias alias

    member private this.Join(join: JoinSource) =
        // Left-deep chains in a loop.
        let spine = System.Collections.Generic.Stack<JoinSource>()

        let rec descend (join: JoinSource) =
            spine.Push join

            match join.Left with
            | TableReference.Join inner when inner.Alias.IsNone -> descend inner
            | other -> this.Table other

        descend join

        while spine.Count > 0 do
            let join = spine.Pop()
            this.Write " "
            this.When(join.Condition.IsNatural, "NATURAL ")

            this.Write(
                match join.Kind with
                | JoinKind.Inner -> "JOIN "
                | JoinKind.Left -> "LEFT JOIN "
                | JoinKind.Right -> "RIGHT JOIN "
                | JoinKind.Full -> "FULL JOIN "
                | JoinKind.Cross -> "CROSS JOIN "
            )

            match join.Right with
            | TableReference.Join { Alias = None } ->
                this.Write "("
                this.Table join.Right
                this.Write ")"
            | _ -> this.Table join.Right

            match join.Condition with
            | JoinCondition.None
            | JoinCondition.Natural -> ()
            | JoinCondition.On condition ->
                this.Write " ON "
                this.Expr condition
            | JoinCondition.Using(columns, alias) ->
                this.Write " USING "
                this.Names columns

                match alias with
                | None -> ()
                | Some alias ->
                    this.Write " AS "
                    this.Name alias

    member private this.SystemTime(time: SystemTime) =
        this.Write " FOR SYSTEM_TIME "

        match time with
        | SystemTime.AsOf(point, _) ->
            this.Write "AS OF "
            this.Point point
        | SystemTime.Between(low, high, symmetric, _) ->
            this.Write(if symmetric then "BETWEEN SYMMETRIC " else "BETWEEN ")
            this.Point low
            this.Write " AND "
            this.Point high
        | SystemTime.FromTo(low, high, _) ->
            this.Write "FROM "
            this.Point low
            this.Write " TO "
            this.Point high
        | SystemTime.All _ -> this.Write "ALL"

    member private this.Alias(alias: TableAlias) =
        this.Write " AS "

        match alias.Name with
        | None -> ()
        | Some name -> this.PlainName name

        if not alias.Columns.IsEmpty then this.Names alias.Columns

        if not alias.ColumnDefinitions.IsEmpty then
            this.When(alias.Name.IsSome, " ")
            this.Parens(alias.ColumnDefinitions, this.RecordColumn)

    member this.RecordColumn(column: RecordColumn) =
        this.Name column.Name
        this.Write " "
        this.TypeName column.Type
        this.Collation column.Collation

    member this.Collation(collation: QualifiedName option) =
        match collation with
        | None -> ()
        | Some collation ->
            this.Write " COLLATE "
            this.QualifiedName collation

    // ---- changes

    member private this.Target(target: AssignmentTarget) =
        this.Name target.Column

        for step in target.Path do
            match step with
            | TargetStep.Field name ->
                this.Write "."
                this.Label name
            | TargetStep.Subscript subscript -> this.Subscript subscript

    member private this.Assignments(assignments: Assignment list) =
        this.Commas(
            assignments,
            fun assignment ->
                match assignment with
                | Assignment.Single(target, value, _) ->
                    this.Target target
                    this.Write " = "
                    this.Expr value
                | Assignment.Multiple(targets, value, _) ->
                    this.Parens(targets, this.Target)
                    this.Write " = "
                    this.Expr value
        )

    member private this.Returning(items: SelectItem list) =
        if not items.IsEmpty then
            this.Write " RETURNING "
            this.Items items

    member private this.Selection(selection: RowSelection) =
        match selection with
        | RowSelection.All -> ()
        | RowSelection.Where condition ->
            this.Write " WHERE "
            this.Expr condition
        | RowSelection.CurrentOf cursor ->
            this.Write " WHERE CURRENT OF "
            this.Name cursor

    member private this.Overriding(system: bool option) =
        match system with
        | None -> ()
        | Some system -> this.Write(if system then " OVERRIDING SYSTEM VALUE" else " OVERRIDING USER VALUE")

    member this.IndexElement(element: IndexElement) =
        match element.Expression with
        | Expr.Column { Parts = [ name ] } -> this.Name name
        | expression ->
            this.Write "("
            this.Expr expression
            this.Write ")"

        this.Collation element.Collation

        match element.OperatorClass with
        | None -> ()
        | Some operatorClass ->
            this.Write " "
            this.QualifiedName operatorClass
            if not element.OperatorClassOptions.IsEmpty then this.Options element.OperatorClassOptions

        match element.Direction with
        | SortDirection.Default -> ()
        | SortDirection.Ascending -> this.Write " ASC"
        | SortDirection.Descending -> this.Write " DESC"

        this.Nulls element.Nulls

    /// `(name value, …)`
    member this.Options(options: NamedOption list) =
        this.Parens(
            options,
            fun option ->
                let parts = option.Name.Split '.'
                this.Join(".", List.ofArray parts, (fun part -> this.Label { Name = part; Quoted = false; Span = option.Span }))

                match option.Value with
                | None -> ()
                | Some value ->
                    this.Write " = "
                    this.OptionValue value
        )

    member this.OptionValue(value: OptionValue) =
        match value with
        | OptionValue.Word word -> this.Label { Name = word; Quoted = false; Span = DriftDb.Types.SourceSpan.None }
        | OptionValue.String value -> this.String value
        | OptionValue.Number digits -> this.Write digits
        | OptionValue.List items -> this.Parens(items, this.OptionValue)
        | OptionValue.Star -> this.Write "*"

    member this.Insert(insert: InsertStatement) =
        this.With insert.With
        this.Write "INSERT INTO "
        this.QualifiedName insert.Table

        match insert.Alias with
        | None -> ()
        | Some alias ->
            this.Write " AS "
            this.Name alias

        if not insert.Columns.IsEmpty then
            this.Write " "
            this.Parens(insert.Columns, this.Target)

        this.Overriding insert.OverridingSystem

        match insert.Source with
        | InsertSource.DefaultValues -> this.Write " DEFAULT VALUES"
        | InsertSource.Query query ->
            this.Write " "
            this.Query query

        match insert.OnConflict with
        | None -> ()
        | Some conflict ->
            this.Write " ON CONFLICT"

            match conflict.Target with
            | ConflictTarget.Any -> ()
            | ConflictTarget.Elements(elements, where) ->
                this.Write " "
                this.Parens(elements, this.IndexElement)
                this.Condition " WHERE " where
            | ConflictTarget.Constraint name ->
                this.Write " ON CONSTRAINT "
                this.Name name

            match conflict.Action with
            | ConflictAction.DoNothing -> this.Write " DO NOTHING"
            | ConflictAction.DoUpdate(assignments, where) ->
                this.Write " DO UPDATE SET "
                this.Assignments assignments
                this.Condition " WHERE " where

        this.Returning insert.Returning

    member private this.TargetTable (table: QualifiedName) (only: bool) (portion: PortionOf option) (alias: Identifier option) =
        this.When(only, "ONLY ")
        this.QualifiedName table

        match portion with
        | None -> ()
        | Some portion ->
            this.Write " FOR PORTION OF "
            this.Name portion.Period
            this.Write " FROM "
            this.Value portion.Low
            this.Write " TO "
            this.Value portion.High

        match alias with
        | None -> ()
        | Some alias ->
            this.Write " AS "
            this.Name alias

    member this.Update(update: UpdateStatement) =
        this.With update.With
        this.Write "UPDATE "
        this.TargetTable update.Table update.Only update.Portion update.Alias
        this.Write " SET "
        this.Assignments update.Assignments
        this.From " FROM " update.From
        this.Selection update.Where
        this.Returning update.Returning

    member this.Delete(delete: DeleteStatement) =
        this.With delete.With
        this.Write "DELETE FROM "
        this.TargetTable delete.Table delete.Only delete.Portion delete.Alias
        this.From " USING " delete.Using
        this.Selection delete.Where
        this.Returning delete.Returning

    member this.Merge(merge: MergeStatement) =
        this.With merge.With
        this.Write "MERGE INTO "
        this.TargetTable merge.Table merge.Only None merge.Alias
        this.Write " USING "
        this.Table merge.Source
        this.Write " ON "
        this.Expr merge.On

        for branch in merge.Branches do
            this.Write(
                match branch.Match with
                | MergeMatch.Matched -> " WHEN MATCHED"
                | MergeMatch.NotMatchedByTarget -> " WHEN NOT MATCHED"
                | MergeMatch.NotMatchedBySource -> " WHEN NOT MATCHED BY SOURCE"
            )

            this.Condition " AND " branch.Condition
            this.Write " THEN "

            match branch.Action with
            | MergeAction.Update assignments ->
                this.Write "UPDATE SET "
                this.Assignments assignments
            | MergeAction.Delete -> this.Write "DELETE"
            | MergeAction.DoNothing -> this.Write "DO NOTHING"
            | MergeAction.Insert(columns, overriding, values) ->
                this.Write "INSERT"

                if not columns.IsEmpty then
                    this.Write " "
                    this.Parens(columns, this.Target)

                this.Overriding overriding

                if values.IsEmpty then
                    this.Write " DEFAULT VALUES"
                else
                    this.Write " VALUES "
                    this.Parens(values, this.Expr)

        this.Returning merge.Returning
