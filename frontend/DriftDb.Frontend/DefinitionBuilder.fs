namespace DriftDb.Frontend

open Antlr4.Runtime
open Antlr4.Runtime.Tree
open DriftDb.Grammar
open DriftDb.Types

/// Parse tree → CREATE statements and their parts.
[<AbstractClass>]
type internal DefinitionBuilder(isDrift: bool) =
    inherit QueryBuilder(isDrift)

    // ---- parts that several statements share

    member _.Persistence(context: SqlParser.PersistenceContext | null) =
        match context with
        | null -> Persistence.Permanent
        | context -> if has (context.UNLOGGED()) then Persistence.Unlogged else Persistence.Temporary

    member _.Role(context: SqlParser.RoleSpecContext) : RoleSpecification =
        match context.identifier () with
        | null ->
            if has (context.CURRENT_USER()) then RoleSpecification.CurrentUser
            elif has (context.CURRENT_ROLE()) then RoleSpecification.CurrentRole
            else RoleSpecification.SessionUser
        | name ->
            match nameOf name with
            | { Name = "public"; Quoted = false } -> RoleSpecification.Public
            | name -> RoleSpecification.Named name

    member this.Roles(context: SqlParser.RoleSpecsContext) : RoleSpecification list =
        [ for role in context.roleSpec () -> this.Role role ]

    member _.Attributes(contexts: SqlParser.ConstraintAttributeContext[]) : ConstraintAttributes =
        let mutable result =
            { Deferrable = false
              InitiallyDeferred = false
              NotValid = false
              NoInherit = false }

        for attribute in contexts do
            let negated = has (attribute.NOT())

            result <-
                if has (attribute.DEFERRABLE()) then { result with Deferrable = not negated }
                elif has (attribute.DEFERRED()) then { result with Deferrable = true; InitiallyDeferred = true }
                elif has (attribute.VALID()) then { result with NotValid = true }
                elif has (attribute.INHERIT()) then { result with NoInherit = true }
                else result

        result

    member this.SequenceOption(context: SqlParser.SequenceOptionContext) : SequenceOption =
        let number () =
            match context.signedInteger () with
            | null -> None
            | value -> Some(signedIntegerOf value)

        let required () = (number ()).Value

        match (context.Start :?> SqlToken).Type with
        | SqlLexer.AS -> SequenceOption.As(this.TypeName(context.typeName ()))
        | SqlLexer.INCREMENT -> SequenceOption.Increment(required ())
        | SqlLexer.MINVALUE -> SequenceOption.MinValue(number ())
        | SqlLexer.MAXVALUE -> SequenceOption.MaxValue(number ())
        | SqlLexer.NO ->
            if has (context.MINVALUE()) then SequenceOption.MinValue None
            elif has (context.MAXVALUE()) then SequenceOption.MaxValue None
            else SequenceOption.Cycle false
        | SqlLexer.START -> SequenceOption.Start(required ())
        | SqlLexer.RESTART -> SequenceOption.Restart(number ())
        | SqlLexer.CACHE -> SequenceOption.Cache(required ())
        | SqlLexer.CYCLE -> SequenceOption.Cycle true
        | SqlLexer.OWNED ->
            match qualifiedOf (context.qname ()) with
            | { Parts = [ { Name = "none"; Quoted = false } ] } -> SequenceOption.OwnedBy None
            | column -> SequenceOption.OwnedBy(Some column)
        | _ -> SequenceOption.SequenceName(qualifiedOf (context.qname ()))

    member this.SequenceOptions(contexts: SqlParser.SequenceOptionContext[]) : SequenceOption list =
        [ for item in contexts -> this.SequenceOption item ]

    // ---- tables

    member private this.IndexParameters(context: SqlParser.IndexParametersContext) : IndexParameters =
        { Include = columnsOf (context.columnNames ())
          Options = this.Options(context.optionList ())
          Tablespace = optionalName (context.identifier ()) }

    member private this.Reference(context: SqlParser.ReferenceContext) : ForeignKeyReference =
        let names = context.identifier () |> Seq.cast |> namesOf
        let period = has (context.PERIOD())
        let mutable onDelete = ReferentialAction.NoAction
        let mutable onUpdate = ReferentialAction.NoAction

        for action in context.referenceAction () do
            let columns = columnsOf (action.columnNames ())

            let what =
                if has (action.ACTION()) then ReferentialAction.NoAction
                elif has (action.RESTRICT()) then ReferentialAction.Restrict
                elif has (action.CASCADE()) then ReferentialAction.Cascade
                elif has (action.NULL()) then ReferentialAction.SetNull columns
                else ReferentialAction.SetDefault columns

            // `ON UPDATE SET …`: the words after ON decide.
            if (tokenOf (action.GetChild 1 :?> ITerminalNode)).Type = SqlLexer.DELETE then onDelete <- what else onUpdate <- what

        { Table = qualifiedOf (context.qname ())
          Columns = if period then List.take (names.Length - 1) names else names
          Period = if period then Some(List.last names) else None
          Match =
            (if has (context.FULL()) then ForeignKeyMatch.Full
             elif has (context.PARTIAL()) then ForeignKeyMatch.Partial
             else ForeignKeyMatch.Simple)
          OnDelete = onDelete
          OnUpdate = onUpdate
          Span = spanOf context }

    member private this.ColumnConstraintKind(context: SqlParser.ColumnConstraintKindContext) : ColumnConstraintKind =
        match (context.Start :?> SqlToken).Type with
        | SqlLexer.NOT -> ColumnConstraintKind.NotNull
        | SqlLexer.NULL -> ColumnConstraintKind.Null
        | SqlLexer.PRIMARY -> ColumnConstraintKind.PrimaryKey(this.IndexParameters(context.indexParameters ()))
        | SqlLexer.UNIQUE ->
            ColumnConstraintKind.Unique(has (context.NULLS()) && has (context.NOT()), this.IndexParameters(context.indexParameters ()))
        | SqlLexer.CHECK -> ColumnConstraintKind.Check(this.Expr(context.expr ()))
        | SqlLexer.DEFAULT -> ColumnConstraintKind.Default(this.Value(context.vexpr ()))
        | SqlLexer.REFERENCES -> ColumnConstraintKind.References(this.Reference(context.reference ()))
        | _ ->
            if has (context.IDENTITY()) then
                ColumnConstraintKind.Identity(has (context.ALWAYS()), this.SequenceOptions(context.sequenceOption ()))
            elif has (context.STORED()) then
                if not (has (context.ALWAYS())) then
                    raise (grammarError "for a generated column, GENERATED ALWAYS must be specified" (spanOf context))

                ColumnConstraintKind.Generated(this.Expr(context.expr ()))
            elif has (context.START()) then
                ColumnConstraintKind.RowStart
            else
                ColumnConstraintKind.RowEnd

    member this.Column(context: SqlParser.ColumnDefinitionContext) : ColumnDefinition =
        let mutable collation = optional (context.qname ()) qualifiedOf

        let constraints =
            [ for item in context.columnConstraint () do
                  let kind = item.columnConstraintKind ()

                  match kind.qname () with
                  | null ->
                      { ColumnConstraint.Name = optionalName (item.identifier ())
                        Kind = this.ColumnConstraintKind kind
                        Attributes = this.Attributes(item.constraintAttribute ())
                        Span = spanOf item }
                  | name -> collation <- Some(qualifiedOf name) ]

        { Name = nameOf (context.identifier ())
          Type = optional (context.typeName ()) this.TypeName
          Collation = collation
          Constraints = constraints
          Span = spanOf context }

    member this.TableConstraint(context: SqlParser.TableConstraintContext) : TableConstraint =
        let kind = context.tableConstraintKind ()

        let keyColumns (columns: SqlParser.KeyColumnsContext) =
            let names = columns.identifier () |> Seq.cast |> namesOf

            if has (columns.OVERLAPS()) then
                List.take (names.Length - 1) names, Some(List.last names)
            else
                names, None

        { Name = optionalName (context.identifier ())
          Kind =
            (match (kind.Start :?> SqlToken).Type with
             | SqlLexer.PRIMARY
             | SqlLexer.UNIQUE as word ->
                 match kind.keyColumns () with
                 | null -> TableConstraintKind.UsingIndex((word = SqlLexer.PRIMARY), nameOf (kind.identifier 0))
                 | columns ->
                     let columns, overlaps = keyColumns columns
                     let index = this.IndexParameters(kind.indexParameters ())

                     if word = SqlLexer.PRIMARY then
                         TableConstraintKind.PrimaryKey(columns, overlaps, index)
                     else
                         TableConstraintKind.Unique(columns, overlaps, (has (kind.NULLS()) && has (kind.NOT())), index)
             | SqlLexer.CHECK -> TableConstraintKind.Check(this.Expr(kind.expr ()))
             | SqlLexer.FOREIGN ->
                 let names = kind.identifier () |> Seq.cast |> namesOf

                 if has (kind.PERIOD()) then
                     TableConstraintKind.ForeignKey(List.take (names.Length - 1) names, Some(List.last names), this.Reference(kind.reference ()))
                 else
                     TableConstraintKind.ForeignKey(names, None, this.Reference(kind.reference ()))
             | _ ->
                 TableConstraintKind.Exclude(
                     (match kind.identifier () with
                      | [||] -> None
                      | names -> Some(nameOf names[0])),
                     [ for exclusion in kind.exclusion () ->
                           this.IndexElement(exclusion.indexElement ()),
                           { ExpressionBuilder.OperatorOf(exclusion.operatorSymbol().Start :?> SqlToken) with
                               Schema = exclusion.identifier () |> Seq.cast |> namesOf } ],
                     this.OptionalExpr(kind.expr ())
                 ))
          Attributes = this.Attributes(context.constraintAttribute ())
          Span = spanOf context }

    /// A column's type may be missing only where CREATE TABLE … AS names its columns.
    member private _.Typed(column: ColumnDefinition) =
        if column.Type.IsNone then
            raise (SqlException(SqlState.SyntaxError, $"column \"{column.Name.Name}\" has no type", column.Span))

        column

    member private this.Element(context: SqlParser.TableElementContext) : TableElement =
        match context.GetChild 0 with
        | :? SqlParser.ColumnDefinitionContext as column -> TableElement.Column(this.Column column)
        | :? SqlParser.TableConstraintContext as constraintContext -> TableElement.Constraint(this.TableConstraint constraintContext)
        | _ ->
            if has (context.LIKE()) then
                let options =
                    [ for i in 0 .. context.ChildCount - 2 do
                          match context.GetChild i, context.GetChild(i + 1) with
                          | (:? ITerminalNode as word), (:? SqlParser.ColumnLabelContext as label) ->
                              (tokenOf word).Type = SqlLexer.INCLUDING, (nameOf label).Name
                          | _ -> () ]

                TableElement.Like(qualifiedOf (context.qname ()), options, spanOf context)
            else
                let name, first, last = this.PeriodNames (context.SYSTEM_TIME()) (context.identifier ())
                TableElement.Period(name, first, last, spanOf context)

    member _.PeriodNames (systemTime: ITerminalNode | null) (names: SqlParser.IdentifierContext[]) =
        match systemTime with
        | null -> nameOf names[0], nameOf names[1], nameOf names[2]
        | word -> identifierOf (tokenOf word), nameOf names[0], nameOf names[1]

    member private this.CreateTable(context: SqlParser.CreateTableContext) : StatementNode =
        let elements = [ for element in context.tableElement () -> this.Element element ]
        let mutable inherits = []
        let mutable partitionBy = None
        let mutable using = None
        let mutable options = []
        let mutable versioning = None
        let mutable onCommit = None
        let mutable tablespace = None

        for item in context.createTableOption () do
            match (item.Start :?> SqlToken).Type with
            | SqlLexer.INHERITS -> inherits <- qualifiedNames (item.qname ())
            | SqlLexer.PARTITION ->
                partitionBy <- Some((nameOf (item.identifier ())).Name, [ for element in item.indexElement () -> this.IndexElement element ])
            | SqlLexer.USING -> using <- optionalName (item.identifier ())
            | SqlLexer.TABLESPACE -> tablespace <- optionalName (item.identifier ())
            | SqlLexer.ON ->
                onCommit <-
                    Some(
                        if has (item.DROP()) then OnCommitAction.Drop
                        elif has (item.DELETE()) then OnCommitAction.DeleteRows
                        else OnCommitAction.PreserveRows
                    )
            | _ ->
                if has (item.SYSTEM()) then versioning <- Some(has (item.WITH()))
                elif exists (item.optionList ()) then options <- this.Options(item.optionList ())

        let name = qualifiedOf (context.qname ())
        let persistence = this.Persistence(context.persistence ())
        let ifNotExists = has (context.EXISTS())

        match context.createTableSource () with
        | null ->
            if not (has (context.LPAREN())) then raise (grammarError "syntax error at end of input" (SourceSpan(endOf context, 0)))

            let elements =
                elements
                |> List.map (fun element ->
                    match element with
                    | TableElement.Column column -> TableElement.Column(this.Typed column)
                    | _ -> element)

            StatementNode.CreateTable
                { Name = name
                  Persistence = persistence
                  IfNotExists = ifNotExists
                  Elements = elements
                  Inherits = inherits
                  PartitionBy = partitionBy
                  Using = using
                  Options = options
                  SystemVersioning = versioning
                  OnCommit = onCommit
                  Tablespace = tablespace
                  Span = spanOf context }
        | source ->
            let columns =
                elements
                |> List.map (fun element ->
                    match element with
                    | TableElement.Column { Type = None; Constraints = []; Name = name } -> name
                    | TableElement.Column column -> raise (grammarError $"syntax error at or near \"{column.Name.Name}\"" column.Span)
                    | _ -> raise (syntaxErrorIn source))

            StatementNode.CreateTableAs
                { Name = name
                  Persistence = persistence
                  IfNotExists = ifNotExists
                  Columns = columns
                  Using = using
                  Options = options
                  SystemVersioning = versioning
                  OnCommit = onCommit
                  Tablespace = tablespace
                  Source =
                    (match source.query () with
                     | null ->
                         CreateTableSource.Execute(
                             nameOf (source.identifier ()),
                             (match source.exprList () with
                              | null -> []
                              | arguments -> this.Expressions arguments)
                         )
                     | query -> CreateTableSource.Query(this.Query query))
                  WithData = not (has (context.NO()))
                  Span = spanOf context }

    // ---- functions

    member this.FunctionParameter(context: SqlParser.FunctionParameterContext) : FunctionParameter =
        let body = context.parameterBody ()

        { Mode =
            (if has (context.INOUT()) || (has (context.IN()) && has (context.OUT())) then ParameterMode.InOut
             elif has (context.OUT()) then ParameterMode.Out
             elif has (context.VARIADIC()) then ParameterMode.Variadic
             else ParameterMode.In)
          Name = optional (body.functionName ()) nameOf
          Type = this.TypeName(body.typeName ())
          Default = this.OptionalExpr(context.expr ())
          Span = spanOf context }

    member private this.RoutineBody(context: SqlParser.RoutineBodyContext) : FunctionBody =
        if has (context.ATOMIC()) then FunctionBody.Atomic [ for statement in context.routineStatement () -> this.RoutineStatement statement ]
        else
            match context.expr () with
            | null -> FunctionBody.Single(this.DataStatement(context.dataStmt ()))
            | value -> FunctionBody.Return(this.Expr value)

    member private this.RoutineStatement(context: SqlParser.RoutineStatementContext) : RoutineStatement =
        match context.expr (), context.callStmt () with
        | null, null -> RoutineStatement.Data(this.DataStatement(context.dataStmt ()))
        | null, call -> RoutineStatement.Call(this.Call (qualifiedOf (call.qname ())) (call.call ()))
        | value, _ -> RoutineStatement.Return(this.Expr value)

    /// An option of a function that isn't its language or its body.
    member this.FunctionOption(item: SqlParser.FunctionOptionContext) : NamedOption =
        let span = spanOf item
        let flag name : NamedOption = { Name = name; Value = None; Span = span }
        let valued name value : NamedOption = { Name = name; Value = Some value; Span = span }

        match (item.Start :?> SqlToken).Type with
        | SqlLexer.CALLED -> flag "called on null input"
        | SqlLexer.RETURNS -> flag "strict"
        | SqlLexer.COST
        | SqlLexer.ROWS -> valued (LiteralText.fold (item.Start.Text)) (OptionValue.Number(signedTextOf (item.signedNumber ())))
        | SqlLexer.PARALLEL -> valued "parallel" (OptionValue.Word (nameOf (item.columnLabel ())).Name)
        | _ -> flag (wordsOf item)

    abstract Setting: SqlParser.SettingContext -> struct (string * SettingValue)
    abstract ResetName: SqlParser.ResetNameContext -> string

    member this.SettingOrReset (setting: SqlParser.SettingContext | null) (reset: SqlParser.ResetNameContext | null) =
        match setting, reset with
        | null, reset -> struct (this.ResetName(Unchecked.nonNull reset), SettingValue.Default)
        | setting, _ -> this.Setting setting

    /// The SET and RESET among the options of a function.
    member this.FunctionSettings(items: SqlParser.FunctionOptionContext seq) : SettingChange list =
        [ for item in items do
              match item.setting (), item.resetName () with
              | null, null -> ()
              | setting, reset ->
                  let struct (name, value) = this.SettingOrReset setting reset
                  { Setting = name; Value = value } ]

    member private this.CreateFunction(context: SqlParser.CreateFunctionContext) : StatementNode =
        let mutable language = None
        let mutable body = None

        let options =
            [ for item in context.functionOption () do
                  match (item.Start :?> SqlToken).Type with
                  | SqlLexer.AS ->
                      body <-
                          Some(
                              match item.stringLiteral () with
                              | [| text |] -> FunctionBody.Text(stringOf text, LiteralText.contentsSpan (text.Start :?> SqlToken))
                              | texts -> FunctionBody.Library(stringOf texts[0], stringOf texts[1])
                          )
                  | SqlLexer.LANGUAGE -> language <- Some((labelOrString (item.labelOrString ())).ToLowerInvariant())
                  | SqlLexer.SET
                  | SqlLexer.RESET -> ()
                  | _ -> this.FunctionOption item ]

        match context.routineBody () with
        | null -> ()
        | written ->
            if body.IsSome then raise (grammarError "conflicting or redundant options" (spanOf written))
            body <- Some(this.RoutineBody written)

        StatementNode.CreateFunction
            { Name = qualifiedOf (context.qname ())
              OrReplace = has (context.OR())
              IsProcedure = has (context.PROCEDURE())
              Parameters = [ for parameter in context.functionParameter () -> this.FunctionParameter parameter ]
              Result =
                (if has (context.TABLE()) then FunctionResult.Table(this.RecordColumns(context.recordColumn ()))
                 else
                     match context.typeName () with
                     | null -> FunctionResult.None
                     | result -> FunctionResult.Type(this.TypeName result))
              Language = language
              Body = body
              Options = options
              Settings = this.FunctionSettings(context.functionOption ())
              Span = spanOf context }

    // ---- the rest

    member this.DomainConstraint(context: SqlParser.DomainConstraintContext) : DomainConstraint =
        { Name = optionalName (context.identifier ())
          Kind =
            (match context.expr () with
             | null ->
                 // NOT VALID has a NOT of its own.
                 let ownNots = if has (context.VALID()) then 1 else 0
                 if context.NOT().Length > ownNots then DomainConstraintKind.NotNull else DomainConstraintKind.Null
             | condition -> DomainConstraintKind.Check(this.Expr condition))
          NotValid = has (context.VALID())
          Span = spanOf context }

    member this.DatabaseOption(context: SqlParser.DatabaseOptionContext) : NamedOption =
        let labels = context.columnLabel ()
        let limit = has (context.LIMIT())

        { Name = if limit then "connection limit" else (nameOf labels[0]).Name
          Value =
            (match context.signedNumber (), context.stringLiteral () with
             | null, null -> Some(OptionValue.Word (nameOf (Array.last labels)).Name)
             | null, text -> Some(OptionValue.String(stringOf text))
             | number, _ -> Some(OptionValue.Number(signedTextOf number)))
          Span = spanOf context }

    member this.RoleOption(context: SqlParser.RoleOptionContext) : NamedOption =
        let span = spanOf context
        let named name value : NamedOption = { Name = name; Value = value; Span = span }

        match (context.Start :?> SqlToken).Type with
        | SqlLexer.PASSWORD
        | SqlLexer.ENCRYPTED ->
            named
                "password"
                (match context.stringLiteral () with
                 | null -> Some(OptionValue.Word "null")
                 | text -> Some(OptionValue.String(stringOf text)))
        | SqlLexer.CONNECTION -> named "connection limit" (Some(OptionValue.Number(signedTextOf (context.signedInteger ()))))
        | SqlLexer.VALID -> named "valid until" (Some(OptionValue.String(stringOf (context.stringLiteral ()))))
        | SqlLexer.INHERIT -> named "inherit" None
        | SqlLexer.IDENT ->
            let word = LiteralText.fold context.Start.Text

            match word with
            | "superuser" | "nosuperuser" | "createdb" | "nocreatedb" | "createrole" | "nocreaterole" | "noinherit" | "login" | "nologin"
            | "replication" | "noreplication" | "bypassrls" | "nobypassrls" -> named word None
            | _ -> raise (grammarError $"unrecognized role option \"{word}\"" span)
        | _ ->
            let name = if has (context.IN()) then "in role" else LiteralText.fold context.Start.Text

            match context.roleSpec () with
            | [||] -> named name (Some(OptionValue.Number(context.INTEGER().GetText())))
            | roles -> named name (Some(OptionValue.List [ for role in roles -> OptionValue.Word(match role.identifier () with | null -> LiteralText.fold role.Start.Text | name -> (nameOf name).Name) ]))

    member private this.CreateIndex(context: SqlParser.CreateIndexContext) : StatementNode =
        // Names in the order of the grammar: [the index's], [after USING], [after TABLESPACE].
        let mutable name = None
        let mutable method = None
        let mutable tablespace = None

        for i in 0 .. context.ChildCount - 1 do
            match context.GetChild i with
            | :? SqlParser.IdentifierContext as identifier ->
                match (tokenOf (context.GetChild(i - 1) :?> ITerminalNode)).Type with
                | SqlLexer.USING -> method <- Some(nameOf identifier)
                | SqlLexer.TABLESPACE -> tablespace <- Some(nameOf identifier)
                | _ -> name <- Some(nameOf identifier)
            | _ -> ()

        StatementNode.CreateIndex
            { Name = name
              Unique = has (context.UNIQUE())
              Concurrently = has (context.CONCURRENTLY())
              IfNotExists = has (context.IF())
              Table = qualifiedOf (context.qname ())
              Only = has (context.ONLY())
              Method = method
              Elements = [ for element in context.indexElement () -> this.IndexElement element ]
              Include = columnsOf (context.columnNames ())
              NullsNotDistinct = has (context.NULLS()) && context.NOT().Length > (if has (context.IF()) then 1 else 0)
              Options = this.Options(context.optionList ())
              Tablespace = tablespace
              Where = this.OptionalExpr(context.expr ())
              Span = spanOf context }

    abstract SchemaElement: ParserRuleContext -> Statement

    default _.SchemaElement _ = invalidOp "schema elements belong to the statement builder"

    member this.Create(context: SqlParser.CreateStmtContext) : StatementNode =
        match context with
        | :? SqlParser.CreateTableContext as create -> this.CreateTable create
        | :? SqlParser.CreatePartitionContext -> StatementNode.Unsupported "CREATE TABLE … PARTITION OF"
        | :? SqlParser.CreateIndexContext as create -> this.CreateIndex create
        | :? SqlParser.CreateFunctionContext as create -> this.CreateFunction create
        | :? SqlParser.CreateViewContext as create ->
            StatementNode.CreateView
                { Name = qualifiedOf (create.qname ())
                  OrReplace = has (create.OR())
                  Persistence = this.Persistence(create.persistence ())
                  Recursive = has (create.RECURSIVE())
                  Columns = columnsOf (create.columnNames ())
                  Options = this.Options(create.optionList ())
                  Query = this.Query(create.query ())
                  CheckOption =
                    (if not (has (create.CHECK())) then None
                     elif has (create.LOCAL()) then Some CheckOption.Local
                     else Some CheckOption.Cascaded)
                  Span = spanOf context }
        | :? SqlParser.CreateMaterializedViewContext as create ->
            let mutable tablespace = None

            for i in 1 .. create.ChildCount - 1 do
                match create.GetChild i, create.GetChild(i - 1) with
                | (:? SqlParser.IdentifierContext as identifier), (:? ITerminalNode as word) when (tokenOf word).Type = SqlLexer.TABLESPACE ->
                    tablespace <- Some(nameOf identifier)
                | _ -> ()

            StatementNode.CreateMaterializedView
                { Name = qualifiedOf (create.qname ())
                  IfNotExists = has (create.EXISTS())
                  Columns = columnsOf (create.columnNames ())
                  Options =
                    [ for list in create.optionList () do
                          yield! this.Options list ]
                  Tablespace = tablespace
                  Query = this.Query(create.query ())
                  WithData = not (has (create.NO()))
                  Span = spanOf context }
        | :? SqlParser.CreateSchemaContext as create ->
            StatementNode.CreateSchema(
                optionalName (create.identifier ()),
                optional (create.roleSpec ()) this.Role,
                has (create.EXISTS()),
                create.schemaOption () |> Array.tryPick (fun option -> optional (option.qname ()) qualifiedOf),
                [ for option in create.schemaOption () do
                      for name in option.identifier () -> nameOf name ],
                [ for i in 0 .. create.ChildCount - 1 do
                      match create.GetChild i with
                      | :? SqlParser.CreateStmtContext as element -> this.SchemaElement element
                      | :? SqlParser.GrantStmtContext as element -> this.SchemaElement element
                      | _ -> () ]
            )
        | :? SqlParser.CreateSequenceContext as create ->
            StatementNode.CreateSequence(
                qualifiedOf (create.qname ()),
                this.Persistence(create.persistence ()),
                has (create.EXISTS()),
                this.SequenceOptions(create.sequenceOption ())
            )
        | :? SqlParser.CreateDomainContext as create ->
            let names = create.qname ()

            StatementNode.CreateDomain(
                qualifiedOf names[0],
                this.TypeName(create.typeName ()),
                (if names.Length > 1 then Some(qualifiedOf names[1]) else None),
                (match create.vexpr () with
                 | [||] -> None
                 | values -> Some(this.Value values[0])),
                [ for item in create.domainConstraint () -> this.DomainConstraint item ]
            )
        | :? SqlParser.CreateTypeContext as create ->
            StatementNode.CreateType(
                qualifiedOf (create.qname ()),
                (if not (has (create.AS())) then TypeDefinition.Shell
                 elif has (create.ENUM()) then TypeDefinition.Enum [ for label in create.stringLiteral () -> stringOf label ]
                 elif has (create.RANGE()) then TypeDefinition.Range(this.Options(create.optionList ()))
                 elif exists (create.typeName ()) then TypeDefinition.Distinct(this.TypeName(create.typeName ()))
                 else TypeDefinition.Composite(this.RecordColumns(create.recordColumn ())))
            )
        | :? SqlParser.CreateDatabaseContext as create ->
            StatementNode.CreateDatabase(nameOf (create.identifier ()), [ for item in create.databaseOption () -> this.DatabaseOption item ])
        | :? SqlParser.CreateRoleContext as create ->
            StatementNode.CreateRole
                { Name = this.Role(create.roleSpec ())
                  IsUser = has (create.USER())
                  Options = [ for item in create.roleOption () -> this.RoleOption item ]
                  Span = spanOf context }
        | :? SqlParser.CreateExtensionContext as create ->
            let options =
                [ for i in 1 .. create.ChildCount - 1 do
                      match create.GetChild i, create.GetChild(i - 1) with
                      | (:? SqlParser.LabelOrStringContext as value), (:? ITerminalNode as word) ->
                          ({ Name = LiteralText.fold (word.GetText())
                             Value = Some(OptionValue.String(labelOrString value))
                             Span = spanOf value }: NamedOption)
                      | (:? ITerminalNode as word), _ when (tokenOf word).Type = SqlLexer.CASCADE ->
                          { Name = "cascade"; Value = None; Span = tokenSpan (tokenOf word) }
                      | _ -> () ]

            StatementNode.CreateExtension(nameOf (create.columnLabel ()), has (create.EXISTS()), options)
        | :? SqlParser.CreateUnsupportedContext as create ->
            let words = wordsOf context
            let feature = words.Split ' ' |> Array.truncate 4 |> Array.takeWhile (fun word -> word <> "on")
            // CREATE TRIGGER, CREATE RULE …: the kind is the first word that isn't OR REPLACE or CONSTRAINT.
            let kind =
                feature
                |> Array.skip 1
                |> Array.filter (fun word -> not (Array.contains word [| "or"; "replace"; "constraint"; "trusted"; "procedural" |]))
                |> Array.tryHead

            ignore create
            StatementNode.Unsupported("CREATE " + (defaultArg kind "").ToUpperInvariant())
        | _ -> invalidOp $"unknown statement {context.GetType().Name}"
