namespace DriftDb.Frontend

open System
open Antlr4.Runtime
open Antlr4.Runtime.Tree
open DriftDb.Grammar
open DriftDb.Types

/// Parse tree → statements: sessions, transactions, maintenance, and the dispatch to the other chapters.
type internal StatementBuilder(isDrift: bool) =
    inherit AlterationBuilder(isDrift)

    member private this.AsStatement (context: ParserRuleContext) (node: StatementNode) : Statement =
        { Node = node
          Span = spanOf context
          ParameterCount = this.ParameterCount }

    // ---- transactions

    member private _.Mode(context: SqlParser.TransactionModeContext) : TransactionMode =
        if has (context.ISOLATION()) then
            TransactionMode.Isolation(
                if has (context.SERIALIZABLE()) then IsolationLevel.Serializable
                elif has (context.REPEATABLE()) then IsolationLevel.RepeatableRead
                elif has (context.COMMITTED()) then IsolationLevel.ReadCommitted
                else IsolationLevel.ReadUncommitted
            )
        elif has (context.DEFERRABLE()) then
            TransactionMode.Deferrable(not (has (context.NOT())))
        elif has (context.SIZE()) then
            TransactionMode.DiagnosticsSize(int32Of (tokenOf (context.INTEGER())))
        else
            TransactionMode.ReadOnly(has (context.ONLY()))

    member private this.Modes(context: SqlParser.TransactionModesContext | null) : TransactionMode list =
        match context with
        | null -> []
        | context -> [ for mode in context.transactionMode () -> this.Mode mode ]

    member private this.Transaction(context: SqlParser.TransactionStmtContext) : StatementNode =
        match context with
        | :? SqlParser.BeginContext as statement -> StatementNode.Begin(this.Modes(statement.transactionModes ()))
        | :? SqlParser.CommitContext as statement -> StatementNode.Commit(has (statement.CHAIN()) && not (has (statement.NO())))
        | :? SqlParser.RollbackContext as statement -> StatementNode.Rollback(has (statement.CHAIN()) && not (has (statement.NO())))
        | :? SqlParser.RollbackToContext as statement -> StatementNode.RollbackToSavepoint(nameOf (statement.identifier ()))
        | :? SqlParser.SavepointContext as statement -> StatementNode.Savepoint(nameOf (statement.identifier ()))
        | :? SqlParser.ReleaseContext as statement -> StatementNode.ReleaseSavepoint(nameOf (statement.identifier ()))
        | :? SqlParser.PrepareTransactionContext as statement -> StatementNode.PrepareTransaction(stringOf (statement.stringLiteral ()))
        | :? SqlParser.CommitPreparedContext as statement -> StatementNode.CommitPrepared(stringOf (statement.stringLiteral ()))
        | :? SqlParser.RollbackPreparedContext as statement -> StatementNode.RollbackPrepared(stringOf (statement.stringLiteral ()))
        | _ -> invalidOp $"unknown statement {context.GetType().Name}"

    member private _.Lock(context: SqlParser.LockStmtContext) : StatementNode =
        StatementNode.LockTable(
            [ for table in context.truncateTable () -> qualifiedOf (table.qname ()) ],
            (match context.lockMode () with
             | null -> "access exclusive"
             | mode -> wordsOf mode),
            has (context.NOWAIT())
        )

    // ---- settings

    member private _.SettingName(context: SqlParser.SettingNameContext) =
        nameOf (context.identifier ()) :: (context.columnLabel () |> Seq.cast |> namesOf)
        |> List.map (fun part -> part.Name.ToLowerInvariant())
        |> String.concat "."

    member private this.SettingValueExpr(context: SqlParser.SettingValueContext) : Expr =
        let span = spanOf context

        match context.GetChild 0 with
        | :? SqlParser.SignedNumberContext as number ->
            let text = signedTextOf number

            match Int64.TryParse text with
            | true, value -> Expr.Literal(LiteralValue.Integer value, span)
            | _ -> Expr.Literal(LiteralValue.Decimal text, span)
        | :? SqlParser.StringLiteralContext as text -> Expr.Literal(LiteralValue.String(stringOf text), span)
        | :? SqlParser.TemporalLiteralContext as point -> Expr.TimePoint(this.TemporalLiteral point)
        | :? ITerminalNode as word when (tokenOf word).Type = SqlLexer.INTERVAL && exists (context.stringLiteral ()) ->
            this.IntervalLiteral (context.stringLiteral ()) (context.INTEGER()) (context.intervalFields ()) span
        | :? ITerminalNode as word when (tokenOf word).Type = SqlLexer.PARAM -> this.Parameter(tokenOf word)
        | _ -> Expr.Column(qualified [ nameOf context ])

    override this.Setting(context: SqlParser.SettingContext) =
        let word (value: SqlParser.LabelOrStringContext) =
            SettingValue.Values [ Expr.Literal(LiteralValue.String(labelOrString value), spanOf value) ]

        let text (value: SqlParser.StringLiteralContext) =
            SettingValue.Values [ Expr.Literal(LiteralValue.String(stringOf value), spanOf value) ]

        match context.settingName () with
        | null ->
            match (context.Start :?> SqlToken).Type with
            | SqlLexer.TIME ->
                match context.settingValue () with
                | null -> struct ("timezone", SettingValue.Default)
                | value -> struct ("timezone", SettingValue.Values [ this.SettingValueExpr value ])
            | SqlLexer.NAMES ->
                match context.stringLiteral () with
                | null -> struct ("client_encoding", SettingValue.Default)
                | value -> struct ("client_encoding", text value)
            | SqlLexer.ROLE -> struct ("role", word (context.labelOrString ()))
            | SqlLexer.SESSION ->
                match context.labelOrString () with
                | null -> struct ("session_authorization", SettingValue.Default)
                | value -> struct ("session_authorization", word value)
            | SqlLexer.SCHEMA -> struct ("search_path", text (context.stringLiteral ()))
            | _ ->
                let option = if has (context.DOCUMENT()) then "document" else "content"
                struct ("xmloption", SettingValue.Values [ Expr.Literal(LiteralValue.String option, spanOf context) ])
        | name ->
            let name = this.SettingName name

            match context.settingValues () with
            | null -> struct (name, SettingValue.FromCurrent)
            | values ->
                match values.settingValue () with
                | [||] -> struct (name, SettingValue.Default)
                | values -> struct (name, SettingValue.Values [ for value in values -> this.SettingValueExpr value ])

    member private _.SpecialSetting(first: IToken) =
        match first.Type with
        | SqlLexer.TIME -> "timezone"
        | SqlLexer.SESSION -> "session_authorization"
        | _ -> "transaction_isolation"

    override this.ResetName(context: SqlParser.ResetNameContext) =
        match context.settingName () with
        | null -> if has (context.ALL()) then "all" else this.SpecialSetting context.Start
        | name -> this.SettingName name

    member private this.Set(context: SqlParser.SetStmtContext) : StatementNode =
        match context with
        | :? SqlParser.SetTransactionContext as set -> StatementNode.SetTransaction(this.Modes(set.transactionModes ()))
        | :? SqlParser.SetSnapshotContext as set -> StatementNode.SetTransactionSnapshot(stringOf (set.stringLiteral ()))
        | :? SqlParser.SetCharacteristicsContext as set -> StatementNode.SetSessionCharacteristics(this.Modes(set.transactionModes ()))
        | :? SqlParser.SetConstraintsContext as set -> StatementNode.SetConstraints(qualifiedNames (set.qname ()), has (set.DEFERRED()))
        | :? SqlParser.SetVariableContext as set ->
            let struct (name, value) = this.Setting(set.setting ())
            StatementNode.Set((if has (set.LOCAL()) then SettingScope.Local else SettingScope.Session), name, value)
        | _ -> invalidOp $"unknown statement {context.GetType().Name}"

    // ---- prepared statements and cursors

    member private this.Prepare(context: SqlParser.PrepareStmtContext) : StatementNode =
        let body = context.dataStmt ()

        StatementNode.Prepare(
            nameOf (context.identifier ()),
            [ for typeName in context.typeName () -> this.TypeName typeName ],
            this.AsStatement body (this.DataNode body)
        )

    member private this.Execute(context: SqlParser.ExecuteStmtContext) : StatementNode =
        StatementNode.Execute(
            nameOf (context.identifier ()),
            (match context.exprList () with
             | null -> []
             | arguments -> this.Expressions arguments)
        )

    member private this.Declare(context: SqlParser.DeclareStmtContext) : StatementNode =
        let scroll = context.SCROLL().Length > 0

        StatementNode.DeclareCursor
            { Name = nameOf (context.identifier ())
              Binary = context.BINARY().Length > 0
              Insensitive = context.INSENSITIVE().Length > 0
              Scroll = if scroll then Some(context.NO().Length = 0) else None
              WithHold = has (context.WITH())
              Query = this.Query(context.query ())
              Span = spanOf context }

    member private _.Direction(context: SqlParser.FetchDirectionContext | null) : FetchDirection =
        match context with
        | null -> FetchDirection.Forward 1L
        | context ->
            let count () =
                match context.signedInteger () with
                | null -> None
                | value -> Some(signedIntegerOf value)

            match (context.Start :?> SqlToken).Type with
            | SqlLexer.NEXT -> FetchDirection.Forward 1L
            | SqlLexer.PRIOR -> FetchDirection.Forward -1L
            | SqlLexer.FIRST -> FetchDirection.Absolute 1L
            | SqlLexer.LAST -> FetchDirection.Absolute -1L
            | SqlLexer.ALL -> FetchDirection.ForwardAll
            | SqlLexer.ABSOLUTE -> FetchDirection.Absolute (count ()).Value
            | SqlLexer.RELATIVE -> FetchDirection.Relative (count ()).Value
            | SqlLexer.FORWARD ->
                if has (context.ALL()) then FetchDirection.ForwardAll else FetchDirection.Forward(defaultArg (count ()) 1L)
            | SqlLexer.BACKWARD ->
                if has (context.ALL()) then FetchDirection.BackwardAll else FetchDirection.Forward(-(defaultArg (count ()) 1L))
            | _ -> FetchDirection.Forward (count ()).Value

    // ---- COPY

    member private this.Copy(context: SqlParser.CopyStmtContext) : StatementNode =
        let span = spanOf context
        let option name value : NamedOption = { Name = name; Value = value; Span = span }
        let endpoint = context.copyEndpoint ()

        // COPY BINARY and the options without parentheses are the syntax of old, which psql's \copy still sends.
        let legacy =
            [ if has (context.BINARY()) then
                  option "format" (Some(OptionValue.Word "binary"))
              match context.DELIMITERS() with
              | null -> ()
              | _ -> option "delimiter" (Some(OptionValue.String(stringOf (context.stringLiteral ()))))
              for item in context.copyOption () do
                  let text () = Some(OptionValue.String(stringOf (item.stringLiteral ())))

                  let columns () =
                      match item.columnList () with
                      | null -> OptionValue.Star
                      | list -> OptionValue.List [ for name in list.identifier () -> OptionValue.Word (nameOf name).Name ]

                  match (item.Start :?> SqlToken).Type with
                  | SqlLexer.BINARY -> option "format" (Some(OptionValue.Word "binary"))
                  | SqlLexer.CSV -> option "format" (Some(OptionValue.Word "csv"))
                  | SqlLexer.FREEZE -> option "freeze" None
                  | SqlLexer.HEADER -> option "header" None
                  | SqlLexer.DELIMITER -> option "delimiter" (text ())
                  | SqlLexer.NULL -> option "null" (text ())
                  | SqlLexer.QUOTE -> option "quote" (text ())
                  | SqlLexer.ESCAPE -> option "escape" (text ())
                  | SqlLexer.ENCODING -> option "encoding" (text ())
                  | _ ->
                      let name =
                          if has (item.QUOTE()) then "force_quote"
                          elif has (item.NOT()) then "force_not_null"
                          else "force_null"

                      option name (Some(columns ())) ]

        StatementNode.Copy
            { Source =
                (match context.dataStmt () with
                 | null -> CopySource.Table(qualifiedOf (context.qname ()), columnsOf (context.columnNames ()))
                 | body -> CopySource.Query(this.DataStatement body))
              IsFrom = has (context.FROM())
              Endpoint =
                (match endpoint.stringLiteral () with
                 | null -> CopyEndpoint.Client
                 | text -> if has (endpoint.PROGRAM()) then CopyEndpoint.Program(stringOf text) else CopyEndpoint.File(stringOf text))
              Options = legacy @ this.Options(context.optionList ())
              Where = this.OptionalExpr(context.expr ())
              Span = span }

    // ---- EXPLAIN and maintenance

    member private this.DataNode(context: SqlParser.DataStmtContext) : StatementNode =
        match this.DataStatement context with
        | DataStatement.Query query -> StatementNode.Query query
        | DataStatement.Insert insert -> StatementNode.Insert insert
        | DataStatement.Update update -> StatementNode.Update update
        | DataStatement.Delete delete -> StatementNode.Delete delete
        | DataStatement.Merge merge -> StatementNode.Merge merge

    member private this.Explain(context: SqlParser.ExplainStmtContext) : StatementNode =
        let flag name (node: ITerminalNode | null) =
            match node with
            | null -> []
            | node -> [ ({ Name = name; Value = None; Span = tokenSpan (tokenOf node) }: NamedOption) ]

        let options =
            flag "analyze" (match context.ANALYZE() with null -> context.ANALYSE() | node -> node)
            @ flag "verbose" (context.VERBOSE())
            @ this.Options(context.optionList ())

        let body = context.explainable ()

        let node =
            match body.GetChild 0 with
            | :? SqlParser.DataStmtContext as data -> this.DataNode data
            | :? SqlParser.DeclareStmtContext as declare -> this.Declare declare
            | :? SqlParser.ExecuteStmtContext as execute -> this.Execute execute
            | :? SqlParser.CreateStmtContext as create ->
                match this.Create create with
                | StatementNode.CreateTableAs _
                | StatementNode.CreateMaterializedView _ as node -> node
                | _ -> raise (syntaxErrorIn create)
            | :? SqlParser.RefreshStmtContext as refresh -> this.Refresh refresh
            | other -> invalidOp $"unknown statement {other.GetType().Name}"

        StatementNode.Explain(options, this.AsStatement body node)

    member private _.Refresh(context: SqlParser.RefreshStmtContext) : StatementNode =
        StatementNode.RefreshMaterializedView(qualifiedOf (context.qname ()), has (context.CONCURRENTLY()), not (has (context.NO())))

    member private _.MaintenanceTargets(contexts: SqlParser.MaintenanceTargetContext[]) : MaintenanceTarget list =
        [ for target in contexts ->
              { Table = qualifiedOf (target.qname ())
                Columns = columnsOf (target.columnNames ())
                Span = spanOf target } ]

    member private this.FlagsAndOptions (flags: (string * ITerminalNode) list) (options: SqlParser.OptionListContext | null) : NamedOption list =
        [ for name, node in flags do
              if has node then
                  { Name = name; Value = None; Span = tokenSpan (tokenOf node) } ]
        @ this.Options options

    // ---- all statements

    override this.SchemaElement(context: ParserRuleContext) : Statement =
        match context with
        | :? SqlParser.CreateStmtContext as create -> this.AsStatement create (this.Create create)
        | :? SqlParser.GrantStmtContext as grant -> this.AsStatement grant (this.Grant grant)
        | _ -> invalidOp $"unknown schema element {context.GetType().Name}"

    member this.Node(context: SqlParser.StmtContext) : StatementNode =
        match context.GetChild 0 with
        | :? SqlParser.QueryContext as query -> StatementNode.Query(this.Query query)
        | :? SqlParser.InsertStmtContext as insert -> StatementNode.Insert(this.Insert insert)
        | :? SqlParser.UpdateStmtContext as update -> StatementNode.Update(this.Update update)
        | :? SqlParser.DeleteStmtContext as delete -> StatementNode.Delete(this.Delete delete)
        | :? SqlParser.MergeStmtContext as merge -> StatementNode.Merge(this.Merge merge)
        | :? SqlParser.TransactionStmtContext as transaction -> this.Transaction transaction
        | :? SqlParser.SetStmtContext as set -> this.Set set
        | :? SqlParser.ShowStmtContext as show ->
            if has (show.ALL()) then
                StatementNode.ShowAll
            else
                match show.settingName () with
                | null -> StatementNode.Show(this.SpecialSetting((show.GetChild 1 :?> ITerminalNode).Symbol))
                | name -> StatementNode.Show(this.SettingName name)
        | :? SqlParser.ResetStmtContext as reset ->
            if has ((reset.resetName ()).ALL()) then StatementNode.ResetAll else StatementNode.Reset(this.ResetName(reset.resetName ()))
        | :? SqlParser.DiscardStmtContext as discard ->
            StatementNode.Discard(
                if has (discard.ALL()) then DiscardTarget.All
                elif has (discard.PLANS()) then DiscardTarget.Plans
                elif has (discard.SEQUENCES()) then DiscardTarget.Sequences
                else DiscardTarget.Temp
            )
        | :? SqlParser.CreateStmtContext as create -> this.Create create
        | :? SqlParser.AlterStmtContext as alter -> this.Alter alter
        | :? SqlParser.DropStmtContext as drop -> this.Drop drop
        | :? SqlParser.TruncateStmtContext as truncate ->
            StatementNode.Truncate(
                [ for table in truncate.truncateTable () -> qualifiedOf (table.qname ()) ],
                has (truncate.RESTART()),
                behaviorOf (truncate.dropBehavior ())
            )
        | :? SqlParser.CopyStmtContext as copy -> this.Copy copy
        | :? SqlParser.CallStmtContext as call -> StatementNode.Call(this.Call (qualifiedOf (call.qname ())) (call.call ()))
        | :? SqlParser.DoStmtContext as block ->
            StatementNode.Do(
                (match block.labelOrString () with
                 | [||] -> None
                 | languages -> Some(labelOrString languages[0])),
                stringOf (block.stringLiteral ()),
                LiteralText.contentsSpan ((block.stringLiteral ()).Start :?> SqlToken)
            )
        | :? SqlParser.CommentStmtContext as comment -> this.Comment comment
        | :? SqlParser.GrantStmtContext as grant -> this.Grant grant
        | :? SqlParser.RevokeStmtContext as revoke -> this.Revoke revoke
        | :? SqlParser.ReassignStmtContext as reassign ->
            StatementNode.ReassignOwned(this.Roles(reassign.roleSpecs ()), this.Role(reassign.roleSpec ()))
        | :? SqlParser.RefreshStmtContext as refresh -> this.Refresh refresh
        | :? SqlParser.LockStmtContext as lockTable -> this.Lock lockTable
        | :? SqlParser.PrepareStmtContext as prepare -> this.Prepare prepare
        | :? SqlParser.ExecuteStmtContext as execute -> this.Execute execute
        | :? SqlParser.DeallocateStmtContext as deallocate -> StatementNode.Deallocate(optionalName (deallocate.identifier ()))
        | :? SqlParser.DeclareStmtContext as declare -> this.Declare declare
        | :? SqlParser.FetchStmtContext as fetch ->
            StatementNode.Fetch(nameOf (fetch.identifier ()), this.Direction(fetch.fetchDirection ()), has (fetch.MOVE()))
        | :? SqlParser.OpenStmtContext as opened -> StatementNode.Open(nameOf (opened.identifier ()))
        | :? SqlParser.CloseStmtContext as close -> StatementNode.Close(optionalName (close.identifier ()))
        | :? SqlParser.ListenStmtContext as listen ->
            if has (listen.LISTEN()) then
                StatementNode.Listen(nameOf (listen.identifier ()))
            elif has (listen.NOTIFY()) then
                StatementNode.Notify(nameOf (listen.identifier ()), optional (listen.stringLiteral ()) stringOf)
            else
                StatementNode.Unlisten(optionalName (listen.identifier ()))
        | :? SqlParser.ExplainStmtContext as explain -> this.Explain explain
        | :? SqlParser.LoadStmtContext as load -> StatementNode.Load(stringOf (load.stringLiteral ()))
        | :? SqlParser.VacuumStmtContext as vacuum ->
            let analyze = match vacuum.ANALYZE() with null -> vacuum.ANALYSE() | node -> node

            StatementNode.Vacuum(
                this.FlagsAndOptions
                    [ "full", vacuum.FULL(); "freeze", vacuum.FREEZE(); "verbose", vacuum.VERBOSE(); "analyze", analyze ]
                    (vacuum.optionList ()),
                this.MaintenanceTargets(vacuum.maintenanceTarget ())
            )
        | :? SqlParser.AnalyzeStmtContext as analyze ->
            StatementNode.Analyze(
                this.FlagsAndOptions [ "verbose", analyze.VERBOSE() ] (analyze.optionList ()),
                this.MaintenanceTargets(analyze.maintenanceTarget ())
            )
        | :? SqlParser.ReindexStmtContext as reindex ->
            let kind =
                if has (reindex.TABLE()) then ObjectKind.Table
                elif has (reindex.INDEX()) then ObjectKind.Index
                elif has (reindex.SCHEMA()) then ObjectKind.Schema
                else ObjectKind.Database

            StatementNode.Reindex(
                kind,
                optional (reindex.qname ()) qualifiedOf,
                this.FlagsAndOptions [ "concurrently", reindex.CONCURRENTLY() ] (reindex.optionList ())
            )
        | :? SqlParser.ClusterStmtContext as cluster ->
            // CLUSTER i ON t, the spelling of old, is CLUSTER t USING i.
            StatementNode.Cluster(optional (cluster.qname ()) qualifiedOf, optionalName (cluster.identifier ()))
        | :? SqlParser.CheckpointStmtContext -> StatementNode.Checkpoint
        | :? SqlParser.UndropStmtContext as undrop -> StatementNode.UndropTable(qualifiedOf (undrop.qname ()), optionalName (undrop.identifier ()))
        | :? SqlParser.RestoreTableStmtContext as restore ->
            StatementNode.RestoreTable(qualifiedOf (restore.qname ()), this.Moment(restore.vexpr ()))
        | :? SqlParser.EraseStmtContext as erase -> StatementNode.Erase(qualifiedOf (erase.qname ()), this.Expr(erase.expr ()))
        | :? SqlParser.UnsupportedStmtContext as unsupported -> StatementNode.Unsupported(unsupported.Start.Text.ToUpperInvariant())
        | other -> invalidOp $"unknown statement {other.GetType().Name}"
