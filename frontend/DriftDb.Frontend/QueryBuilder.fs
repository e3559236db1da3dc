namespace DriftDb.Frontend

open System.Runtime.CompilerServices
open Antlr4.Runtime
open Antlr4.Runtime.Tree
open DriftDb.Grammar
open DriftDb.Types

/// Parse tree → queries and the statements that change data.
type internal QueryBuilder(isDrift: bool) =
    inherit ExpressionBuilder(isDrift)

    // ---- queries

    override this.Query(context: SqlParser.QueryContext) : Query =
        RuntimeHelpers.EnsureSufficientExecutionStack()
        let span = spanOf context
        let mutable limit = None
        let mutable offset = None
        let mutable isPercent = false
        let mutable withTies = false
        let mutable sawLimit = false
        let mutable sawOffset = false

        for part in context.limitPart () do
            if has (part.OFFSET()) then
                if sawOffset then raise (grammarError "multiple OFFSET clauses not allowed" (spanOf part))
                sawOffset <- true
                offset <- this.OptionalExpr(part.expr ())
            else
                if sawLimit then raise (grammarError "multiple LIMIT clauses not allowed" (spanOf part))
                sawLimit <- true
                isPercent <- has (part.PERCENT_())
                withTies <- has (part.TIES())

                limit <-
                    if has (part.FETCH()) then
                        match part.vexpr () with
                        | null -> Some(Expr.Literal(LiteralValue.Integer 1L, spanOf part))
                        | count -> Some(this.Value count)
                    else
                        this.OptionalExpr(part.expr ())

        let withClause = this.OptionalWith(context.withClause ())
        let body = this.Body(context.queryBody ())
        let orderBy = optional (context.orderBy ()) this.OrderBy |> Option.defaultValue []

        if withTies && orderBy.IsEmpty then
            raise (grammarError "WITH TIES cannot be specified without ORDER BY clause" span)

        let locking = [ for clause in context.lockingClause () do yield! this.Locking clause ]

        let asOf =
            match context.asOf () with
            | null -> None
            | clause -> Some(this.Moment(clause.vexpr ()))

        match body with
        | QueryBody.Nested inner when withClause.IsNone && orderBy.IsEmpty && limit.IsNone && offset.IsNone && locking.IsEmpty && asOf.IsNone ->
            { inner with Span = span }
        | _ ->
            { With = withClause
              Body = body
              OrderBy = orderBy
              Limit = limit
              IsPercent = isPercent
              WithTies = withTies
              Offset = offset
              Locking = locking
              AsOf = asOf
              Span = span }

    member private _.Locking(context: SqlParser.LockingClauseContext) : LockingClause list =
        // FOR READ ONLY is the standard's way to ask for no lock.
        if has (context.READ()) then
            []
        else
            [ { Strength =
                  (if has (context.SHARE()) then
                       (if has (context.KEY()) then LockStrength.KeyShare else LockStrength.Share)
                   elif has (context.NO()) then
                       LockStrength.NoKeyUpdate
                   else
                       LockStrength.Update)
                Of = qualifiedNames (context.qname ())
                Wait =
                  (if has (context.NOWAIT()) then LockWait.NoWait
                   elif has (context.SKIP_()) then LockWait.SkipLocked
                   else LockWait.Wait)
                Span = spanOf context } ]

    member this.OptionalWith(context: SqlParser.WithClauseContext | null) : WithClause option =
        match context with
        | null -> None
        | context ->
            Some
                { Recursive = has (context.RECURSIVE())
                  Tables = [ for table in context.commonTable () -> this.CommonTable table ]
                  Span = spanOf context }

    member private this.CommonTable(context: SqlParser.CommonTableContext) : CommonTable =
        { Name = nameOf (context.identifier ())
          Columns = columnsOf (context.columnNames ())
          Materialized = if has (context.MATERIALIZED()) then Some(not (has (context.NOT()))) else None
          Body = this.DataStatement(context.dataStmt ())
          Search = context.searchClause () |> Option.ofObj |> Option.map this.Search
          Cycle = context.cycleClause () |> Option.ofObj |> Option.map this.Cycle
          Span = spanOf context }

    member private this.Search(context: SqlParser.SearchClauseContext) : SearchClause =
        { DepthFirst = has (context.DEPTH())
          Columns = context.columnList().identifier () |> Seq.cast |> namesOf
          Sequence = nameOf (context.identifier ())
          Span = spanOf context }

    member private this.Cycle(context: SqlParser.CycleClauseContext) : CycleClause =
        { Columns = context.columnList().identifier () |> Seq.cast |> namesOf
          Mark = nameOf (context.identifier 0)
          Values =
            match context.vexpr () with
            | [| cyclic; otherwise |] -> Some { Cyclic = this.Value cyclic; Otherwise = this.Value otherwise }
            | _ -> None
          Path = nameOf (context.identifier 1)
          Span = spanOf context }

    member this.DataStatement(context: SqlParser.DataStmtContext) : DataStatement =
        match context.GetChild 0 with
        | :? SqlParser.QueryContext as query -> DataStatement.Query(this.Query query)
        | :? SqlParser.InsertStmtContext as insert -> DataStatement.Insert(this.Insert insert)
        | :? SqlParser.UpdateStmtContext as update -> DataStatement.Update(this.Update update)
        | :? SqlParser.DeleteStmtContext as delete -> DataStatement.Delete(this.Delete delete)
        | :? SqlParser.MergeStmtContext as merge -> DataStatement.Merge(this.Merge merge)
        | other -> invalidOp $"unknown statement {other.GetType().Name}"

    member private this.Body(context: SqlParser.QueryBodyContext) : QueryBody =
        match context with
        | :? SqlParser.SelectBodyContext as body -> QueryBody.Select(this.Select(body.selectCore ()))
        | :? SqlParser.ValuesBodyContext as body ->
            QueryBody.Values([ for row in body.valuesRow () -> this.Expressions(row.exprList ()) ], spanOf context)
        | :? SqlParser.TableBodyContext as body ->
            let span = spanOf context

            let source: TableSource =
                { Name = qualifiedOf (body.qname ())
                  Only = has (body.ONLY())
                  SystemTime = None
                  Alias = None
                  Sample = None
                  Span = spanOf (body.qname ()) }

            QueryBody.Select
                { Distinct = DistinctClause.All
                  Items = [ { Expression = Expr.Star(None, span); Alias = None; Columns = []; Span = span } ]
                  Into = None
                  From = [ TableReference.Table source ]
                  Where = None
                  GroupBy = None
                  Having = None
                  Windows = []
                  Span = span }
        | :? SqlParser.NestedBodyContext as body ->
            let inner = this.Query(body.query ())

            match inner with
            | { With = None; OrderBy = []; Limit = None; Offset = None; Locking = []; AsOf = None } -> inner.Body
            | _ -> QueryBody.Nested inner
        | :? SqlParser.SetOperationContext -> this.SetOperations context
        | _ -> invalidOp $"unknown query {context.GetType().Name}"

    /// `a UNION b UNION c …`: down the left spine in a loop, then up again.
    member private this.SetOperations(context: SqlParser.QueryBodyContext) : QueryBody =
        let spine = System.Collections.Generic.Stack<SqlParser.SetOperationContext>()
        let mutable current = context
        let mutable go = true

        while go do
            match current with
            | :? SqlParser.SetOperationContext as node ->
                spine.Push node
                current <- node.queryBody 0
            | _ -> go <- false

        let mutable left = this.Body current

        while spine.Count > 0 do
            let node = spine.Pop()

            let operator =
                if has (node.UNION()) then SetOperator.Union
                elif has (node.EXCEPT()) then SetOperator.Except
                else SetOperator.Intersect

            let corresponding =
                match node.corresponding () with
                | null -> None
                | clause ->
                    match clause.columnNames () with
                    | null -> Some []
                    | names -> Some(columnsOf names)

            left <- QueryBody.SetOperation(operator, has (node.ALL()), corresponding, left, this.Body(node.queryBody 1), spanOf node)

        left

    member private this.Select(context: SqlParser.SelectCoreContext) : SelectCore =
        let expressions = context.expr ()
        // WHERE comes before HAVING; both are plain expressions of the rule.
        let where = if has (context.WHERE()) then Some(this.Expr expressions[0]) else None
        let having = if has (context.HAVING()) then Some(this.Expr(Array.last expressions)) else None

        { Distinct =
            (if has (context.DISTINCT()) then
                 match context.exprList () with
                 | null -> DistinctClause.Distinct
                 | keys -> DistinctClause.On(this.Expressions keys)
             else
                 DistinctClause.All)
          Items = this.SelectItems(context.selectItem ())
          Into =
            (match context.intoTarget () with
             | null -> None
             | into ->
                 Some
                     { Name = qualifiedOf (into.qname ())
                       Persistence =
                         (if has (into.UNLOGGED()) then Persistence.Unlogged
                          elif has (into.TEMP()) || has (into.TEMPORARY()) then Persistence.Temporary
                          else Persistence.Permanent)
                       Span = spanOf into })
          From = this.From(context.fromClause ())
          Where = where
          GroupBy = optional (context.groupBy ()) this.GroupBy
          Having = having
          Windows =
            [ for definition in context.windowDefinition () ->
                  { Name = nameOf (definition.identifier ())
                    Window = this.Window(definition.windowSpec ())
                    Span = spanOf definition } ]
          Span = spanOf context }

    member this.SelectItems(contexts: SqlParser.SelectItemContext[]) : SelectItem list =
        [ for item in contexts do
              let span = spanOf item

              if has (item.STAR()) then
                  { Expression = Expr.Star(None, tokenSpan (tokenOf (item.STAR()))); Alias = None; Columns = columnsOf (item.columnNames ()); Span = span }
              else
                  let alias =
                      match item.columnLabel () with
                      | null -> optional (item.bareLabel ()) nameOf
                      | label -> Some(nameOf label)

                  match this.Expr(item.expr ()), item.columnNames () with
                  | expression, null -> { Expression = expression; Alias = alias; Columns = []; Span = span }
                  | (Expr.Star _ | Expr.FieldStar _) as star, names -> { Expression = star; Alias = None; Columns = columnsOf names; Span = span }
                  | _, names -> raise (syntaxErrorIn names) ]

    member private this.GroupBy(context: SqlParser.GroupByContext) : GroupByClause =
        { Distinct = has (context.DISTINCT())
          Elements = [ for element in context.groupingElement () -> this.GroupingElement element ]
          Span = spanOf context }

    member private this.GroupingElement(context: SqlParser.GroupingElementContext) : GroupingElement =
        let span = spanOf context
        let inner () = [ for element in context.groupingElement () -> this.GroupingElement element ]

        if has (context.ROLLUP()) then
            GroupingElement.Rollup(inner (), span)
        elif has (context.CUBE()) then
            GroupingElement.Cube(inner (), span)
        elif has (context.SETS()) then
            GroupingElement.Sets(inner (), span)
        else
            match context.expr () with
            | null -> GroupingElement.Empty span
            | value ->
                match this.Expr value with
                | Expr.Row(items, false, _) -> GroupingElement.Keys(items, span)
                | key -> GroupingElement.Expression key

    // ---- tables

    member this.From(context: SqlParser.FromClauseContext | null) : TableReference list =
        match context with
        | null -> []
        | context -> [ for reference in context.tableRef () -> this.TableReference reference ]

    member this.TableReference(context: SqlParser.TableRefContext) : TableReference =
        RuntimeHelpers.EnsureSufficientExecutionStack()
        let first = this.TablePrimary(context.tablePrimary ())
        (first, context.joinTail ()) ||> Array.fold (fun left tail -> this.Join left tail)

    member private this.Join (left: TableReference) (context: SqlParser.JoinTailContext) : TableReference =
        let kind =
            match context.joinType () with
            | null -> if has (context.CROSS()) then JoinKind.Cross else JoinKind.Inner
            | word ->
                if has (word.LEFT()) then JoinKind.Left
                elif has (word.RIGHT()) then JoinKind.Right
                elif has (word.FULL()) then JoinKind.Full
                else JoinKind.Inner

        let right =
            match context.tableRef () with
            | null -> this.TablePrimary(context.tablePrimary ())
            | reference -> this.TableReference reference

        let condition =
            match context.expr () with
            | null ->
                if has (context.CROSS()) then JoinCondition.None
                elif has (context.NATURAL()) then JoinCondition.Natural
                else JoinCondition.Using(columnsOf (context.columnNames ()), optionalName (context.identifier ()))
            | value -> JoinCondition.On(this.Expr value)

        TableReference.Join
            { Kind = kind
              Left = left
              Right = right
              Condition = condition
              Alias = None
              Span = spanBetween left.Span (spanOf context) }

    member private this.TablePrimary(context: SqlParser.TablePrimaryContext) : TableReference =
        let span = spanOf context

        let functionSource functions rowsFrom lateral ordinality (alias: SqlParser.TableAliasContext | null) =
            TableReference.Function
                { Functions = functions
                  RowsFrom = rowsFrom
                  Lateral = lateral
                  WithOrdinality = ordinality
                  Alias = optional alias this.Alias
                  Span = span }

        match context with
        | :? SqlParser.TableNameContext as table ->
            this.Table (table.qname ()) false (table.systemTime ()) (table.tableAlias ()) (table.tableSample ()) span
        | :? SqlParser.OnlyTableContext as table ->
            this.Table (table.qname ()) true (table.systemTime ()) (table.tableAlias ()) (table.tableSample ()) span
        | :? SqlParser.DerivedTableContext as derived ->
            TableReference.Subquery(this.Query(derived.query ()), has (derived.LATERAL()), optional (derived.tableAlias ()) this.Alias, span)
        | :? SqlParser.TableFunctionContext as source ->
            let call = Expr.Call(this.Call (qualifiedOf (source.qname ())) (source.call ()))

            functionSource
                [ { Call = call; ColumnDefinitions = []; Span = call.Span } ]
                false
                (has (source.LATERAL()))
                (has (source.ORDINALITY()))
                (source.tableAlias ())
        | :? SqlParser.SpecialTableFunctionContext as source ->
            functionSource
                [ { Call = this.SpecialFunction (source.specialCall ()) (source.sessionValue ()); ColumnDefinitions = []; Span = span } ]
                false
                (has (source.LATERAL()))
                (has (source.ORDINALITY()))
                (source.tableAlias ())
        | :? SqlParser.RowsFromContext as rows ->
            let functions =
                [ for item in rows.rowsFromItem () ->
                      { Call =
                          (match item.call () with
                           | null -> this.SpecialFunction (item.specialCall ()) (item.sessionValue ())
                           | call -> Expr.Call(this.Call (qualifiedOf (item.qname ())) call))
                        ColumnDefinitions =
                          (match item.recordColumns () with
                           | null -> []
                           | columns -> this.RecordColumns(columns.recordColumn ()))
                        Span = spanOf item } ]

            functionSource functions true (has (rows.LATERAL())) (has (rows.ORDINALITY())) (rows.tableAlias ())
        | :? SqlParser.NestedJoinContext as nested ->
            match this.TableReference(nested.tableRef ()), nested.tableAlias () with
            | TableReference.Join join, alias ->
                TableReference.Join
                    { join with
                        Alias = optional alias this.Alias |> Option.orElse join.Alias
                        Span = span }
            | other, null -> other
            | _, alias -> raise (syntaxErrorIn alias)
        | _ -> invalidOp $"unknown table reference {context.GetType().Name}"

    member private this.SpecialFunction (call: SqlParser.SpecialCallContext | null) (value: SqlParser.SessionValueContext | null) =
        match call, value with
        | null, value -> this.SessionValue(Unchecked.nonNull value)
        | call, _ -> this.SpecialCall call

    member private this.Table
        (name: SqlParser.QnameContext)
        (only: bool)
        (times: SqlParser.SystemTimeContext[])
        (alias: SqlParser.TableAliasContext | null)
        (sample: SqlParser.TableSampleContext | null)
        (span: SourceSpan)
        =
        if times.Length > 1 then raise (syntaxErrorIn times[1])

        TableReference.Table
            { Name = qualifiedOf name
              Only = only
              SystemTime = if times.Length = 0 then None else Some(this.SystemTime times[0])
              Alias = optional alias this.Alias
              Sample =
                (match sample with
                 | null -> None
                 | sample ->
                     Some
                         { Method = qualifiedOf (sample.qname ())
                           Arguments = this.Expressions(sample.exprList ())
                           Seed = this.OptionalExpr(sample.expr ())
                           Span = spanOf sample })
              Span = span }

    member private this.SystemTime(context: SqlParser.SystemTimeContext) : SystemTime =
        let span = spanOf context

        match context.asOf () with
        | null ->
            let point i = this.Moment(context.vexpr i)

            if has (context.OF()) then SystemTime.AsOf(point 0, span)
            elif has (context.BETWEEN()) then SystemTime.Between(point 0, point 1, has (context.SYMMETRIC()), span)
            elif has (context.FROM()) then SystemTime.FromTo(point 0, point 1, span)
            else SystemTime.All span
        | clause -> SystemTime.AsOf(this.Moment(clause.vexpr ()), span)

    member private this.Alias(context: SqlParser.TableAliasContext) : TableAlias =
        let name =
            match context.aliasName () with
            | null -> optional (context.bareTableAlias ()) nameOf
            | name -> Some(nameOf name)

        let columns =
            match context.aliasColumns () with
            | null -> [||]
            | columns -> columns.aliasColumn ()

        let typed = columns |> Array.filter (fun column -> exists (column.typeName ()))

        if typed.Length > 0 && typed.Length < columns.Length || (typed.Length = 0 && name.IsNone) then
            raise (syntaxErrorIn context)

        { Name = name
          Columns = if typed.Length > 0 then [] else [ for column in columns -> nameOf (column.identifier ()) ]
          ColumnDefinitions =
            [ for column in typed ->
                  { Name = nameOf (column.identifier ())
                    Type = this.TypeName(column.typeName ())
                    Collation = optional (column.qname ()) qualifiedOf
                    Span = spanOf column } ]
          Span = spanOf context }

    member this.RecordColumns(contexts: SqlParser.RecordColumnContext[]) : RecordColumn list =
        [ for column in contexts ->
              { Name = nameOf (column.identifier ())
                Type = this.TypeName(column.typeName ())
                Collation = optional (column.qname ()) qualifiedOf
                Span = spanOf column } ]

    // ---- changes

    member private this.Target(context: SqlParser.TargetContext) : AssignmentTarget =
        { Column = nameOf (context.identifier ())
          Path =
            [ for step in context.targetStep () ->
                  match step.subscript () with
                  | null -> TargetStep.Field(nameOf (step.columnLabel ()))
                  | subscript -> TargetStep.Subscript(this.Subscript subscript) ]
          Span = spanOf context }

    member private this.Targets(context: SqlParser.InsertColumnsContext | null) : AssignmentTarget list =
        match context with
        | null -> []
        | context -> [ for target in context.target () -> this.Target target ]

    member private this.Assignments(context: SqlParser.AssignmentsContext) : Assignment list =
        [ for assignment in context.assignment () do
              let value = this.Expr(assignment.expr ())
              let targets = [ for target in assignment.target () -> this.Target target ]

              if has (assignment.LPAREN()) then
                  let value =
                      match value, targets with
                      | Expr.Row _, _
                      | Expr.Subquery _, _ -> value
                      // `(a) = (1)`: one column, a row of one
                      | single, [ _ ] -> Expr.Row([ single ], true, single.Span)
                      | _ -> raise (SqlException(SqlState.FeatureNotSupported, "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression", value.Span))

                  Assignment.Multiple(targets, value, spanOf assignment)
              else
                  Assignment.Single(List.head targets, value, spanOf assignment) ]

    member this.Returning(context: SqlParser.ReturningContext | null) : SelectItem list =
        match context with
        | null -> []
        | context -> this.SelectItems(context.selectItem ())

    member private this.Selection(context: SqlParser.RowSelectionContext | null) : RowSelection =
        match context with
        | null -> RowSelection.All
        | context ->
            match context.expr () with
            | null -> RowSelection.CurrentOf(nameOf (context.identifier ()))
            | condition -> RowSelection.Where(this.Expr condition)

    static member private Overriding (system: ITerminalNode | null) (overriding: ITerminalNode | null) =
        if has overriding then Some(has system) else None

    member this.Insert(context: SqlParser.InsertStmtContext) : InsertStatement =
        { With = this.OptionalWith(context.withClause ())
          Table = qualifiedOf (context.qname ())
          Alias = optionalName (context.identifier ())
          Columns = this.Targets(context.insertColumns ())
          OverridingSystem = QueryBuilder.Overriding (context.SYSTEM()) (context.OVERRIDING())
          Source =
            (match context.query () with
             | null -> InsertSource.DefaultValues
             | query -> InsertSource.Query(this.Query query))
          OnConflict = optional (context.onConflict ()) this.OnConflict
          Returning = this.Returning(context.returning ())
          Span = spanOf context }

    member private this.OnConflict(context: SqlParser.OnConflictContext) : OnConflict =
        let target =
            match context.conflictTarget () with
            | null -> ConflictTarget.Any
            | target when has (target.CONSTRAINT()) -> ConflictTarget.Constraint(nameOf (target.identifier ()))
            | target ->
                ConflictTarget.Elements([ for element in target.indexElement () -> this.IndexElement element ], this.OptionalExpr(target.expr ()))

        let action =
            match context.assignments () with
            | null -> ConflictAction.DoNothing
            | assignments -> ConflictAction.DoUpdate(this.Assignments assignments, this.OptionalExpr(context.expr ()))

        match target, action with
        | ConflictTarget.Any, ConflictAction.DoUpdate _ ->
            raise (grammarError "ON CONFLICT DO UPDATE requires inference specification or constraint name" (spanOf context))
        | _ -> { Target = target; Action = action; Span = spanOf context }

    member this.IndexElement(context: SqlParser.IndexElementContext) : IndexElement =
        let expression =
            match context.call (), context.expr () with
            | null, null ->
                match context.specialCall (), context.sessionValue () with
                | null, null -> Expr.Column(qualified [ nameOf (context.identifier ()) ])
                | call, value -> this.SpecialFunction call value
            | null, value -> this.Expr value
            | call, _ -> Expr.Call(this.Call (qualified (nameOf (context.functionName ()) :: namesOf (context.columnLabel () |> Seq.cast))) call)

        let collated = has (context.COLLATE())
        let names = context.qname ()

        { Expression = expression
          Collation = if collated then Some(qualifiedOf names[0]) else None
          OperatorClass =
            (match names.Length - (if collated then 1 else 0) with
             | 0 -> None
             | _ -> Some(qualifiedOf (Array.last names)))
          OperatorClassOptions = this.Options(context.optionList ())
          Direction =
            (if has (context.ASC()) then SortDirection.Ascending
             elif has (context.DESC()) then SortDirection.Descending
             else SortDirection.Default)
          Nulls =
            (if has (context.FIRST()) then NullsOrder.First
             elif has (context.LAST()) then NullsOrder.Last
             else NullsOrder.Default)
          Span = spanOf context }

    member this.Options(context: SqlParser.OptionListContext | null) : NamedOption list =
        match context with
        | null -> []
        | context ->
            [ for option in context.option () ->
                  { Name = System.String.Join('.', option.columnLabel () |> Seq.map (fun label -> (nameOf label).Name))
                    Value = optional (option.optionValue ()) this.OptionValue
                    Span = spanOf option } ]

    member this.OptionValue(context: SqlParser.OptionValueContext) : OptionValue =
        match context.GetChild 0 with
        | :? SqlParser.ColumnLabelContext as word -> OptionValue.Word (nameOf word).Name
        | :? SqlParser.SignedNumberContext as number -> OptionValue.Number(signedTextOf number)
        | :? SqlParser.StringLiteralContext as text -> OptionValue.String(stringOf text)
        | _ ->
            if has (context.STAR()) then
                OptionValue.Star
            else
                OptionValue.List [ for item in context.optionValue () -> this.OptionValue item ]

    member private _.TargetTable(context: SqlParser.DmlTargetContext) =
        let alias =
            match context.identifier () with
            | null -> optional (context.bareTableAlias ()) nameOf
            | name -> Some(nameOf name)

        struct (qualifiedOf (context.qname ()), has (context.ONLY()), alias)

    member private this.Portion(context: SqlParser.PortionOfContext | null) : PortionOf option =
        match context with
        | null -> None
        | context ->
            Some
                { Period = nameOf (context.identifier ())
                  Low = this.Value(context.vexpr 0)
                  High = this.Value(context.vexpr 1)
                  Span = spanOf context }

    member this.Update(context: SqlParser.UpdateStmtContext) : UpdateStatement =
        let target = context.dmlTarget ()
        let struct (table, only, alias) = this.TargetTable target

        { With = this.OptionalWith(context.withClause ())
          Table = table
          Only = only
          Portion = this.Portion(target.portionOf ())
          Alias = alias
          Assignments = this.Assignments(context.assignments ())
          From = this.From(context.fromClause ())
          Where = this.Selection(context.rowSelection ())
          Returning = this.Returning(context.returning ())
          Span = spanOf context }

    member this.Delete(context: SqlParser.DeleteStmtContext) : DeleteStatement =
        let target = context.dmlTarget ()
        let struct (table, only, alias) = this.TargetTable target

        { With = this.OptionalWith(context.withClause ())
          Table = table
          Only = only
          Portion = this.Portion(target.portionOf ())
          Alias = alias
          Using = [ for reference in context.tableRef () -> this.TableReference reference ]
          Where = this.Selection(context.rowSelection ())
          Returning = this.Returning(context.returning ())
          Span = spanOf context }

    member this.Merge(context: SqlParser.MergeStmtContext) : MergeStatement =
        let target = context.dmlTarget ()
        let struct (table, only, alias) = this.TargetTable target
        if exists (target.portionOf ()) then raise (syntaxErrorIn (target.portionOf ()))

        { With = this.OptionalWith(context.withClause ())
          Table = table
          Only = only
          Alias = alias
          Source = this.TableReference(context.tableRef ())
          On = this.Expr(context.expr ())
          Branches = [ for branch in context.mergeBranch () -> this.MergeBranch branch ]
          Returning = this.Returning(context.returning ())
          Span = spanOf context }

    member private this.MergeBranch(context: SqlParser.MergeBranchContext) : MergeBranch =
        let matched = not (has (context.NOT()))

        if matched && has (context.BY()) then raise (syntaxErrorAt (tokenOf (context.BY())))

        { Match =
            (if matched then MergeMatch.Matched
             elif has (context.SOURCE()) then MergeMatch.NotMatchedBySource
             else MergeMatch.NotMatchedByTarget)
          Condition = this.OptionalExpr(context.expr ())
          Action =
            (let action = context.mergeAction ()

             match (action.Start :?> SqlToken).Type with
             | SqlLexer.UPDATE -> MergeAction.Update(this.Assignments(action.assignments ()))
             | SqlLexer.DELETE -> MergeAction.Delete
             | SqlLexer.DO -> MergeAction.DoNothing
             | _ ->
                 let values =
                     match action.valuesRow () with
                     | null -> []
                     | row -> this.Expressions(row.exprList ())

                 MergeAction.Insert(
                     this.Targets(action.insertColumns ()),
                     QueryBuilder.Overriding (action.SYSTEM()) (action.OVERRIDING()),
                     values
                 ))
          Span = spanOf context }
