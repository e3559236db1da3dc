namespace DriftDb.Frontend

open Antlr4.Runtime
open Antlr4.Runtime.Tree
open DriftDb.Grammar
open DriftDb.Types

/// Parse tree → ALTER, DROP, COMMENT, GRANT and REVOKE.
[<AbstractClass>]
type internal AlterationBuilder(isDrift: bool) =
    inherit DefinitionBuilder(isDrift)

    static member private Object (kind: ObjectKind) (name: QualifiedName) : ObjectReference =
        { Kind = kind
          Name = name
          Signature = None
          On = None
          Span = name.Span }

    /// The kind of object that a run of keywords names: `TABLE`, `MATERIALIZED VIEW`, `FOREIGN DATA WRAPPER`.
    static member private KindOfWords(words: string) : ObjectKind =
        match words with
        | "table" -> ObjectKind.Table
        | "view" -> ObjectKind.View
        | "materialized view" -> ObjectKind.MaterializedView
        | "index" -> ObjectKind.Index
        | "sequence" -> ObjectKind.Sequence
        | "schema" -> ObjectKind.Schema
        | "database" -> ObjectKind.Database
        | "domain" -> ObjectKind.Domain
        | "type" -> ObjectKind.Type
        | "function" -> ObjectKind.Function
        | "procedure" -> ObjectKind.Procedure
        | "routine" -> ObjectKind.Routine
        | "aggregate" -> ObjectKind.Aggregate
        | "extension" -> ObjectKind.Extension
        | "character set" -> ObjectKind.CharacterSet
        | "collation" -> ObjectKind.Collation
        | "translation" -> ObjectKind.Translation
        | "conversion" -> ObjectKind.Conversion
        | "language"
        | "procedural language" -> ObjectKind.Language
        | "role"
        | "user"
        | "group" -> ObjectKind.Role
        | "tablespace" -> ObjectKind.Tablespace
        | "statistics" -> ObjectKind.Statistics
        | "foreign table" -> ObjectKind.ForeignTable
        | "foreign data wrapper" -> ObjectKind.ForeignDataWrapper
        | "server"
        | "foreign server" -> ObjectKind.ForeignServer
        | "publication" -> ObjectKind.Publication
        | "subscription" -> ObjectKind.Subscription
        | "event trigger" -> ObjectKind.EventTrigger
        | "column" -> ObjectKind.Column
        | "trigger" -> ObjectKind.Trigger
        | "rule" -> ObjectKind.Rule
        | "policy" -> ObjectKind.Policy
        | _ -> invalidOp $"unknown kind of object: {words}"

    static member private KindOf(context: ParserRuleContext) = AlterationBuilder.KindOfWords(wordsOf context)

    static member private KindOfToken(token: IToken) = AlterationBuilder.KindOfWords(LiteralText.fold token.Text)

    member private this.Function (kind: ObjectKind) (context: SqlParser.FunctionSignatureContext) : ObjectReference =
        { Kind = kind
          Name = qualifiedOf (context.qname ())
          Signature =
            (if has (context.STAR()) then Some []
             elif has (context.LPAREN()) then
                 // OUT parameters don't identify a function.
                 Some
                     [ for parameter in context.functionParameter () |> Array.map this.FunctionParameter do
                           if parameter.Mode <> ParameterMode.Out then parameter.Type ]
             else
                 None)
          On = None
          Span = spanOf context }

    member private this.RenameSchemaOwner(context: SqlParser.RenameSchemaOwnerContext) : AlterObjectAction =
        match (context.Start :?> SqlToken).Type with
        | SqlLexer.RENAME -> AlterObjectAction.RenameTo(nameOf (context.identifier ()))
        | SqlLexer.SET -> AlterObjectAction.SetSchema(nameOf (context.identifier ()))
        | _ -> AlterObjectAction.OwnerTo(this.Role(context.roleSpec ()))

    // ---- ALTER TABLE and its kin

    member private this.ColumnAlteration(context: SqlParser.ColumnAlterationContext) : AlterColumnAction =
        match context.identityAlteration () with
        | [||] ->
            if exists (context.typeName ()) then
                AlterColumnAction.SetType(
                    this.TypeName(context.typeName ()),
                    optional (context.qname ()) qualifiedOf,
                    this.OptionalExpr(context.expr ())
                )
            elif has (context.GENERATED()) then
                AlterColumnAction.AddIdentity(has (context.ALWAYS()), this.SequenceOptions(context.sequenceOption ()))
            elif has (context.DROP()) then
                if has (context.DEFAULT()) then AlterColumnAction.DropDefault
                elif has (context.NULL()) then AlterColumnAction.DropNotNull
                elif has (context.EXPRESSION()) then AlterColumnAction.DropExpression(has (context.EXISTS()))
                else AlterColumnAction.DropIdentity(has (context.EXISTS()))
            elif has (context.DEFAULT()) then
                AlterColumnAction.SetDefault(this.Expr(context.expr ()))
            elif has (context.NULL()) then
                AlterColumnAction.SetNotNull
            elif has (context.STATISTICS()) then
                AlterColumnAction.SetStatistics(int (signedIntegerOf (context.signedInteger ())))
            elif has (context.STORAGE()) then
                AlterColumnAction.SetStorage (nameOf (context.columnLabel ())).Name
            elif has (context.COMPRESSION()) then
                AlterColumnAction.SetCompression (nameOf (context.columnLabel ())).Name
            elif has (context.RESET()) then
                AlterColumnAction.ResetOptions(this.Options(context.optionList ()))
            else
                AlterColumnAction.SetOptions(this.Options(context.optionList ()))
        | steps ->
            let always =
                steps
                |> Array.tryFind (fun step -> has (step.GENERATED()))
                |> Option.map (fun step -> has (step.ALWAYS()))

            let options =
                [ for step in steps do
                      if has (step.RESTART()) then
                          SequenceOption.Restart(optional (step.signedInteger ()) signedIntegerOf)
                      elif exists (step.sequenceOption ()) then
                          this.SequenceOption(step.sequenceOption ()) ]

            AlterColumnAction.SetIdentity(always, options)

    /// A column without a type is DriftQL's, and so is its default: `ADD COLUMN c DEFAULT "v"`.
    member private this.AddedColumn(context: SqlParser.ColumnDefinitionContext) : ColumnDefinition =
        let column = this.Column context

        if column.Type.IsSome then
            column
        else
            let constraints =
                column.Constraints
                |> List.map (fun item ->
                    match item.Kind with
                    | ColumnConstraintKind.Default(Expr.Column { Parts = [ { Quoted = true } as part ] }) ->
                        { item with
                            Kind = ColumnConstraintKind.Default(Expr.Literal(LiteralValue.String part.Name, part.Span)) }
                    | _ -> item)

            { column with Constraints = constraints }

    member private this.Alteration(context: SqlParser.AlterationContext) : AlterTableAction =
        match context with
        | :? SqlParser.AddColumnContext as add -> AlterTableAction.AddColumn(this.AddedColumn(add.columnDefinition ()), has (add.EXISTS()))
        | :? SqlParser.AddConstraintContext as add -> AlterTableAction.AddConstraint(this.TableConstraint(add.tableConstraint ()))
        | :? SqlParser.AddPeriodContext as add -> AlterTableAction.AddPeriod(this.PeriodNames (add.SYSTEM_TIME()) (add.identifier ()))
        | :? SqlParser.AddVersioningContext -> AlterTableAction.AddSystemVersioning
        | :? SqlParser.DropVersioningContext -> AlterTableAction.DropSystemVersioning
        | :? SqlParser.DropPeriodContext as drop ->
            let name =
                match drop.identifier () with
                | null -> identifierOf (tokenOf (drop.SYSTEM_TIME()))
                | name -> nameOf name

            AlterTableAction.DropPeriod(name, behaviorOf (drop.dropBehavior ()))
        | :? SqlParser.DropColumnContext as drop ->
            AlterTableAction.DropColumn(nameOf (drop.identifier ()), has (drop.EXISTS()), behaviorOf (drop.dropBehavior ()))
        | :? SqlParser.DropConstraintContext as drop ->
            AlterTableAction.DropConstraint(nameOf (drop.identifier ()), has (drop.EXISTS()), behaviorOf (drop.dropBehavior ()))
        | :? SqlParser.AlterColumnContext as alter ->
            AlterTableAction.AlterColumn(nameOf (alter.identifier ()), this.ColumnAlteration(alter.columnAlteration ()))
        | :? SqlParser.AlterConstraintContext as alter ->
            AlterTableAction.AlterConstraint(nameOf (alter.identifier ()), this.Attributes(alter.constraintAttribute ()))
        | :? SqlParser.ValidateConstraintContext as validate -> AlterTableAction.ValidateConstraint(nameOf (validate.identifier ()))
        | :? SqlParser.OwnerToContext as owner -> AlterTableAction.OwnerTo(this.Role(owner.roleSpec ()))
        | :? SqlParser.SetOptionsContext as set -> AlterTableAction.SetOptions(this.Options(set.optionList ()))
        | :? SqlParser.ResetOptionsContext as reset -> AlterTableAction.ResetOptions(this.Options(reset.optionList ()))
        | :? SqlParser.ReplicaIdentityContext as replica ->
            AlterTableAction.ReplicaIdentity(
                if has (replica.DEFAULT()) then ReplicaIdentity.Default
                elif has (replica.FULL()) then ReplicaIdentity.Full
                elif has (replica.NOTHING()) then ReplicaIdentity.Nothing
                else ReplicaIdentity.Index(nameOf (replica.identifier ()))
            )
        | :? SqlParser.EnableDisableContext -> AlterTableAction.EnableDisable(wordsOf context)
        | :? SqlParser.ClusterOnContext as cluster -> AlterTableAction.ClusterOn(nameOf (cluster.identifier ()))
        | :? SqlParser.SetWithoutContext as set ->
            if has (set.CLUSTER()) then
                AlterTableAction.SetWithoutCluster
            else
                AlterTableAction.Unsupported "SET WITHOUT OIDS"
        | :? SqlParser.SetTablespaceContext as set -> AlterTableAction.SetTablespace(nameOf (set.identifier ()))
        | :? SqlParser.SetLoggedContext as set -> AlterTableAction.SetLogged(has (set.LOGGED()))
        | :? SqlParser.InheritContext as inherits -> AlterTableAction.Inherit(qualifiedOf (inherits.qname ()))
        | :? SqlParser.NoInheritContext as inherits -> AlterTableAction.NoInherit(qualifiedOf (inherits.qname ()))
        | :? SqlParser.PartitioningContext as partition ->
            AlterTableAction.Unsupported(if has (partition.ATTACH()) then "ATTACH PARTITION" else "DETACH PARTITION")
        | _ -> invalidOp $"unknown action {context.GetType().Name}"

    member private this.AlterRelation(context: SqlParser.AlterRelationContext) : StatementNode =
        let kind = AlterationBuilder.KindOf(context.relationKind ())
        let name = qualifiedOf (context.qname ())
        let ifExists = has (context.EXISTS())
        let change = context.relationAlteration ()

        let alterObject action = StatementNode.AlterObject(AlterationBuilder.Object kind name, ifExists, action)

        match change.renameSchemaOwner (), change.identifier () with
        | null, [| oldName; newName |] ->
            if has (change.CONSTRAINT()) then
                alterObject (AlterObjectAction.RenameConstraint(nameOf oldName, nameOf newName))
            else
                alterObject (AlterObjectAction.RenameColumn(nameOf oldName, nameOf newName))
        | null, _ ->
            StatementNode.AlterTable(kind, name, ifExists, has (context.ONLY()), [ for action in change.alteration () -> this.Alteration action ])
        | action, _ -> alterObject (this.RenameSchemaOwner action)

    member private this.DomainAlteration(context: SqlParser.DomainAlterationContext) : AlterDomainAction =
        match (context.Start :?> SqlToken).Type with
        | SqlLexer.ADD -> AlterDomainAction.AddConstraint(this.DomainConstraint(context.domainConstraint ()))
        | SqlLexer.VALIDATE -> AlterDomainAction.ValidateConstraint(nameOf (context.identifier ()))
        | SqlLexer.SET when has (context.DEFAULT()) -> AlterDomainAction.SetDefault(this.Expr(context.expr ()))
        | SqlLexer.SET -> AlterDomainAction.SetNotNull
        | _ when has (context.DEFAULT()) -> AlterDomainAction.DropDefault
        | _ when has (context.NULL()) -> AlterDomainAction.DropNotNull
        | _ -> AlterDomainAction.DropConstraint(nameOf (context.identifier ()), has (context.EXISTS()), behaviorOf (context.dropBehavior ()))

    member private this.TypeAlteration(context: SqlParser.TypeAlterationContext) : AlterTypeAction =
        let texts = context.stringLiteral () |> Array.map stringOf

        match (context.Start :?> SqlToken).Type with
        | SqlLexer.ADD when has (context.VALUE()) ->
            AlterTypeAction.AddValue(texts[0], has (context.EXISTS()), (if texts.Length = 2 then Some(has (context.BEFORE()), texts[1]) else None))
        | SqlLexer.RENAME -> AlterTypeAction.RenameValue(texts[0], texts[1])
        | SqlLexer.ADD ->
            AlterTypeAction.AddAttribute(List.head (this.RecordColumns [| context.recordColumn () |]), behaviorOf (context.dropBehavior ()))
        | SqlLexer.DROP ->
            AlterTypeAction.DropAttribute(nameOf (context.identifier ()), has (context.EXISTS()), behaviorOf (context.dropBehavior ()))
        | _ ->
            AlterTypeAction.AlterAttribute(nameOf (context.identifier ()), this.TypeName(context.typeName ()), behaviorOf (context.dropBehavior ()))

    member this.Alter(context: SqlParser.AlterStmtContext) : StatementNode =
        let renamed kind name (action: SqlParser.RenameSchemaOwnerContext) =
            StatementNode.AlterObject(AlterationBuilder.Object kind name, false, this.RenameSchemaOwner action)

        match context with
        | :? SqlParser.AlterRelationContext as alter -> this.AlterRelation alter
        | :? SqlParser.AlterSequenceContext as alter ->
            let name = qualifiedOf (alter.qname ())

            match alter.renameSchemaOwner () with
            | null -> StatementNode.AlterSequence(name, has (alter.EXISTS()), this.SequenceOptions(alter.sequenceOption ()))
            | action ->
                StatementNode.AlterObject(AlterationBuilder.Object ObjectKind.Sequence name, has (alter.EXISTS()), this.RenameSchemaOwner action)
        | :? SqlParser.AlterDomainContext as alter ->
            let name = qualifiedOf (alter.qname ())

            match alter.renameSchemaOwner (), alter.domainAlteration () with
            | null, null ->
                let names = alter.identifier ()

                StatementNode.AlterObject(
                    AlterationBuilder.Object ObjectKind.Domain name,
                    false,
                    AlterObjectAction.RenameConstraint(nameOf names[0], nameOf names[1])
                )
            | null, action -> StatementNode.AlterDomain(name, this.DomainAlteration action)
            | action, _ -> renamed ObjectKind.Domain name action
        | :? SqlParser.AlterTypeContext as alter ->
            let name = qualifiedOf (alter.qname ())

            match alter.renameSchemaOwner (), alter.identifier () with
            | null, [| oldName; newName |] ->
                StatementNode.AlterObject(
                    AlterationBuilder.Object ObjectKind.Type name,
                    false,
                    AlterObjectAction.RenameColumn(nameOf oldName, nameOf newName)
                )
            | null, _ -> StatementNode.AlterType(name, [ for action in alter.typeAlteration () -> this.TypeAlteration action ])
            | action, _ -> renamed ObjectKind.Type name action
        | :? SqlParser.AlterRoleSettingContext as alter ->
            let struct (setting, value) = this.SettingOrReset (alter.setting ()) (alter.resetName ())
            StatementNode.AlterRoleSetting(optional (alter.roleSpec ()) this.Role, optionalName (alter.identifier ()), setting, value)
        | :? SqlParser.AlterRoleContext as alter ->
            let role = this.Role(alter.roleSpec 0)

            if has (alter.RENAME()) then
                StatementNode.AlterObject(
                    AlterationBuilder.Object ObjectKind.Role (qualified [ nameOf ((alter.roleSpec 0).identifier ()) ]),
                    false,
                    AlterObjectAction.RenameTo(nameOf (alter.identifier ()))
                )
            elif has (alter.ADD()) || has (alter.DROP()) then
                // ALTER GROUP g ADD USER u is GRANT g TO u.
                StatementNode.GrantRole
                    { IsGrant = has (alter.ADD())
                      Granted = [ nameOf ((alter.roleSpec 0).identifier ()) ]
                      Roles = [ this.Role(alter.roleSpec 1) ]
                      AdminOption = false
                      GrantedBy = None
                      Behavior = DropBehavior.Restrict
                      Span = spanOf context }
            else
                StatementNode.AlterRole
                    { Name = role
                      IsUser = false
                      Options = [ for item in alter.roleOption () -> this.RoleOption item ]
                      Span = spanOf context }
        | :? SqlParser.AlterDatabaseSettingContext as alter ->
            let struct (setting, value) = this.SettingOrReset (alter.setting ()) (alter.resetName ())
            StatementNode.AlterRoleSetting(None, Some(nameOf (alter.identifier ())), setting, value)
        | :? SqlParser.AlterDatabaseContext as alter ->
            let name = nameOf (alter.identifier ())

            match alter.renameSchemaOwner () with
            | null -> StatementNode.AlterDatabase(name, [ for item in alter.databaseOption () -> this.DatabaseOption item ])
            | action -> renamed ObjectKind.Database (qualified [ name ]) action
        | :? SqlParser.AlterFunctionContext as alter ->
            let kind = AlterationBuilder.KindOfToken((alter.GetChild 1 :?> ITerminalNode).Symbol)
            StatementNode.AlterObject(this.Function kind (alter.functionSignature ()), false, this.RenameSchemaOwner(alter.renameSchemaOwner ()))
        | :? SqlParser.AlterFunctionOptionsContext as alter ->
            let kind = AlterationBuilder.KindOfToken((alter.GetChild 1 :?> ITerminalNode).Symbol)
            let items = alter.functionOption ()
            let isSetting (item: SqlParser.FunctionOptionContext) = not (isNull (item.setting ())) || not (isNull (item.resetName ()))
            StatementNode.AlterFunctionOptions(this.Function kind (alter.functionSignature ()), [ for item in items do if not (isSetting item) then this.FunctionOption item ], this.FunctionSettings items)
        | :? SqlParser.AlterNamedContext as alter ->
            let kind = AlterationBuilder.KindOfToken((alter.GetChild 1 :?> ITerminalNode).Symbol)
            renamed kind (qualifiedOf (alter.qname ())) (alter.renameSchemaOwner ())
        | :? SqlParser.AlterDefaultPrivilegesContext as alter -> this.DefaultPrivileges alter
        | :? SqlParser.AlterUnsupportedContext as alter ->
            StatementNode.Unsupported("ALTER " + (alter.GetChild 1).GetText().ToUpperInvariant())
        | _ -> invalidOp $"unknown statement {context.GetType().Name}"

    // ---- DROP

    member this.Drop(context: SqlParser.DropStmtContext) : StatementNode =
        let drop kind objects ifExists behavior : DropStatement =
            { Kind = kind
              Objects = objects
              IfExists = ifExists
              Concurrently = false
              Behavior = behavior
              Force = false
              Span = spanOf context }

        match context with
        | :? SqlParser.DropSimpleContext as statement ->
            let kind = AlterationBuilder.KindOf(statement.simpleKind ())
            let objects = qualifiedNames (statement.qname ()) |> List.map (AlterationBuilder.Object kind)
            StatementNode.Drop(drop kind objects (has (statement.EXISTS())) (behaviorOf (statement.dropBehavior ())))
        | :? SqlParser.DropIndexContext as statement ->
            let objects = qualifiedNames (statement.qname ()) |> List.map (AlterationBuilder.Object ObjectKind.Index)

            StatementNode.Drop
                { drop ObjectKind.Index objects (has (statement.EXISTS())) (behaviorOf (statement.dropBehavior ())) with
                    Concurrently = has (statement.CONCURRENTLY()) }
        | :? SqlParser.DropDatabaseContext as statement ->
            let name = qualified [ nameOf (statement.identifier ()) ]

            StatementNode.Drop
                { drop ObjectKind.Database [ AlterationBuilder.Object ObjectKind.Database name ] (has (statement.EXISTS())) DropBehavior.Restrict with
                    Force = has (statement.FORCE()) }
        | :? SqlParser.DropRoleContext as statement ->
            let objects =
                [ for role in statement.roleSpecs().roleSpec () ->
                      match role.identifier () with
                      | null ->
                          raise (SqlException(SqlState.InvalidParameterValue, "cannot use special role specifier in DROP ROLE", spanOf role))
                      | name -> AlterationBuilder.Object ObjectKind.Role (qualified [ nameOf name ]) ]

            StatementNode.Drop(drop ObjectKind.Role objects (has (statement.EXISTS())) DropBehavior.Restrict)
        | :? SqlParser.DropFunctionContext as statement ->
            let kind = AlterationBuilder.KindOfToken((statement.GetChild 1 :?> ITerminalNode).Symbol)
            let objects = [ for signature in statement.functionSignature () -> this.Function kind signature ]
            StatementNode.Drop(drop kind objects (has (statement.EXISTS())) (behaviorOf (statement.dropBehavior ())))
        | :? SqlParser.DropOnTableContext as statement ->
            let kind = AlterationBuilder.KindOfToken((statement.GetChild 1 :?> ITerminalNode).Symbol)

            let reference =
                { AlterationBuilder.Object kind (qualified [ nameOf (statement.identifier ()) ]) with
                    On = Some(qualifiedOf (statement.qname ())) }

            StatementNode.Drop(drop kind [ reference ] (has (statement.EXISTS())) (behaviorOf (statement.dropBehavior ())))
        | :? SqlParser.DropOwnedContext as statement ->
            StatementNode.DropOwned(this.Roles(statement.roleSpecs ()), behaviorOf (statement.dropBehavior ()))
        | :? SqlParser.DropUnsupportedContext as statement ->
            StatementNode.Unsupported("DROP " + (statement.GetChild 1).GetText().ToUpperInvariant())
        | _ -> invalidOp $"unknown statement {context.GetType().Name}"

    // ---- COMMENT

    member this.Comment(context: SqlParser.CommentStmtContext) : StatementNode =
        let target = context.commentTarget ()
        let names = qualifiedNames (target.qname () |> Option.ofObj |> Option.toArray)
        let first = target.Start :?> SqlToken

        let reference: ObjectReference =
            match target.simpleKind (), target.functionSignature () with
            | null, null ->
                match first.Type with
                | SqlLexer.INDEX
                | SqlLexer.DATABASE
                | SqlLexer.ROLE
                | SqlLexer.COLUMN -> AlterationBuilder.Object (AlterationBuilder.KindOfToken first) names.Head
                | SqlLexer.CONSTRAINT ->
                    { AlterationBuilder.Object
                          (if has (target.DOMAIN()) then ObjectKind.DomainConstraint else ObjectKind.Constraint)
                          (qualified [ nameOf (target.identifier 0) ]) with
                        On = Some names.Head }
                | SqlLexer.TRIGGER
                | SqlLexer.RULE
                | SqlLexer.POLICY ->
                    { AlterationBuilder.Object (AlterationBuilder.KindOfToken first) (qualified [ nameOf (target.identifier 0) ]) with
                        On = Some names.Head }
                | SqlLexer.TEXT ->
                    AlterationBuilder.Object
                        (if has (target.CONFIGURATION()) then ObjectKind.TextSearchConfiguration
                         elif has (target.DICTIONARY()) then ObjectKind.TextSearchDictionary
                         elif has (target.PARSER()) then ObjectKind.TextSearchParser
                         else ObjectKind.TextSearchTemplate)
                        names.Head
                | SqlLexer.CAST ->
                    { Kind = ObjectKind.Cast
                      Name = { Parts = []; Span = spanOf target }
                      Signature = Some [ for typeName in target.typeName () -> this.TypeName typeName ]
                      On = None
                      Span = spanOf target }
                | SqlLexer.LARGE ->
                    let token = tokenOf (target.INTEGER())
                    AlterationBuilder.Object ObjectKind.LargeObject (qualified [ identifierOf token ])
                | _ ->
                    let symbol = identifierOf (target.operatorSymbol().Start :?> SqlToken)

                    { Kind = ObjectKind.Operator
                      Name = qualified ((target.identifier () |> Seq.cast |> namesOf) @ [ symbol ])
                      Signature = Some [ for typeName in target.typeName () -> this.TypeName typeName ]
                      On = None
                      Span = spanOf target }
            | null, signature -> this.Function (AlterationBuilder.KindOfToken first) signature
            | kind, _ -> AlterationBuilder.Object (AlterationBuilder.KindOf kind) names.Head

        StatementNode.Comment({ reference with Span = spanOf target }, optional (context.stringLiteral ()) stringOf)

    // ---- GRANT and REVOKE

    member private _.Privileges(context: SqlParser.PrivilegesContext) : Privilege list =
        if has (context.ALL()) then
            [ { Name = "all"
                Columns = columnsOf (context.columnNames ())
                Span = spanOf context } ]
        else
            [ for privilege in context.privilege () ->
                  { Name =
                      (match privilege.identifier () with
                       | null -> if has (privilege.ALTER()) then "alter system" else LiteralText.fold privilege.Start.Text
                       | name -> (nameOf name).Name)
                    Columns = columnsOf (privilege.columnNames ())
                    Span = spanOf privilege } ]

    member private this.GrantTarget(context: SqlParser.GrantTargetContext) : GrantTarget =
        if has (context.ALL()) then
            let kind =
                if has (context.TABLES()) then ObjectKind.Table
                elif has (context.SEQUENCES()) then ObjectKind.Sequence
                elif has (context.FUNCTIONS()) then ObjectKind.Function
                elif has (context.PROCEDURES()) then ObjectKind.Procedure
                else ObjectKind.Routine

            GrantTarget.AllInSchemas(kind, context.identifier () |> Seq.cast |> namesOf)
        else
            match context.functionSignature () with
            | [||] ->
                let words =
                    seq {
                        for i in 0 .. context.ChildCount - 1 do
                            match context.GetChild i with
                            | :? ITerminalNode as word when (tokenOf word).Type <> SqlLexer.COMMA -> yield LiteralText.fold (word.GetText())
                            | _ -> ()
                    }

                let kind =
                    match System.String.Join(' ', words) with
                    | "" -> ObjectKind.Table
                    | words -> AlterationBuilder.KindOfWords words

                GrantTarget.Objects(qualifiedNames (context.qname ()) |> List.map (AlterationBuilder.Object kind))
            | signatures ->
                let kind = AlterationBuilder.KindOfToken context.Start
                GrantTarget.Objects [ for signature in signatures -> this.Function kind signature ]

    member private this.GrantNode
        (isGrant: bool)
        (privileges: SqlParser.PrivilegesContext)
        (target: SqlParser.GrantTargetContext | null)
        (roles: SqlParser.RoleSpecsContext)
        (option: bool)
        (grantedBy: SqlParser.RoleSpecContext | null)
        (behavior: DropBehavior)
        (span: SourceSpan)
        : StatementNode =
        let names = this.Privileges privileges

        match target with
        | null ->
            StatementNode.GrantRole
                { IsGrant = isGrant
                  Granted =
                    [ for privilege in privileges.privilege () ->
                          match privilege.identifier () with
                          | null -> raise (syntaxErrorIn privilege)
                          | name -> nameOf name ]
                  Roles = this.Roles roles
                  AdminOption = option
                  GrantedBy = optional grantedBy this.Role
                  Behavior = behavior
                  Span = span }
        | target ->
            StatementNode.Grant
                { IsGrant = isGrant
                  Privileges = names
                  Target = this.GrantTarget target
                  Roles = this.Roles roles
                  GrantOption = option
                  GrantedBy = optional grantedBy this.Role
                  Behavior = behavior
                  Span = span }

    member this.Grant(context: SqlParser.GrantStmtContext) : StatementNode =
        let option =
            if has (context.ADMIN()) then
                not (has (context.FALSE()))
            else
                // `WITH GRANT OPTION`: GRANT is there twice.
                has (context.OPTION())

        this.GrantNode
            true
            (context.privileges ())
            (context.grantTarget ())
            (context.roleSpecs ())
            option
            (context.roleSpec ())
            DropBehavior.Restrict
            (spanOf context)

    member this.Revoke(context: SqlParser.RevokeStmtContext) : StatementNode =
        this.GrantNode
            false
            (context.privileges ())
            (context.grantTarget ())
            (context.roleSpecs ())
            (has (context.OPTION()))
            (context.roleSpec ())
            (behaviorOf (context.dropBehavior ()))
            (spanOf context)

    member private this.DefaultPrivileges(context: SqlParser.AlterDefaultPrivilegesContext) : StatementNode =
        let scopes = context.defaultPrivilegeScope ()
        // ALTER DEFAULT PRIVILEGES … REVOKE GRANT OPTION FOR has the word GRANT too.
        let isGrant = not (has (context.REVOKE()))

        StatementNode.AlterDefaultPrivileges
            { ForRoles =
                [ for scope in scopes do
                      if exists (scope.roleSpecs ()) then yield! this.Roles(scope.roleSpecs ()) ]
              InSchemas = [ for scope in scopes do yield! scope.identifier () |> Seq.cast |> namesOf ]
              IsGrant = isGrant
              Privileges = this.Privileges(context.privileges ())
              Kind =
                (match (context.defaultPrivilegeKind().Start :?> SqlToken).Type with
                 | SqlLexer.TABLES -> ObjectKind.Table
                 | SqlLexer.SEQUENCES -> ObjectKind.Sequence
                 | SqlLexer.TYPES -> ObjectKind.Type
                 | SqlLexer.SCHEMAS -> ObjectKind.Schema
                 | SqlLexer.ROUTINES -> ObjectKind.Routine
                 | _ -> ObjectKind.Function)
              Roles = this.Roles(context.roleSpecs ())
              GrantOption = has (context.OPTION())
              Behavior = behaviorOf (context.dropBehavior ())
              Span = spanOf context }
