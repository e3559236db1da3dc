namespace DriftDb.Frontend

open System
open DriftDb.Types

/// AST → SQL: every statement.
type internal StatementPrinter() =
    inherit DefinitionPrinter()

    // ---- objects

    static member KindText(kind: ObjectKind) =
        match kind with
        | ObjectKind.Table -> "TABLE"
        | ObjectKind.View -> "VIEW"
        | ObjectKind.MaterializedView -> "MATERIALIZED VIEW"
        | ObjectKind.Index -> "INDEX"
        | ObjectKind.Sequence -> "SEQUENCE"
        | ObjectKind.Schema -> "SCHEMA"
        | ObjectKind.Database -> "DATABASE"
        | ObjectKind.Domain -> "DOMAIN"
        | ObjectKind.Type -> "TYPE"
        | ObjectKind.Function -> "FUNCTION"
        | ObjectKind.Procedure -> "PROCEDURE"
        | ObjectKind.Routine -> "ROUTINE"
        | ObjectKind.Aggregate -> "AGGREGATE"
        | ObjectKind.Operator -> "OPERATOR"
        | ObjectKind.Extension -> "EXTENSION"
        | ObjectKind.CharacterSet -> "CHARACTER SET"
        | ObjectKind.Translation -> "TRANSLATION"
        | ObjectKind.Collation -> "COLLATION"
        | ObjectKind.Conversion -> "CONVERSION"
        | ObjectKind.Language -> "LANGUAGE"
        | ObjectKind.Role -> "ROLE"
        | ObjectKind.Tablespace -> "TABLESPACE"
        | ObjectKind.ForeignTable -> "FOREIGN TABLE"
        | ObjectKind.ForeignServer -> "SERVER"
        | ObjectKind.ForeignDataWrapper -> "FOREIGN DATA WRAPPER"
        | ObjectKind.Publication -> "PUBLICATION"
        | ObjectKind.Subscription -> "SUBSCRIPTION"
        | ObjectKind.EventTrigger -> "EVENT TRIGGER"
        | ObjectKind.AccessMethod -> "ACCESS METHOD"
        | ObjectKind.Statistics -> "STATISTICS"
        | ObjectKind.TextSearchConfiguration -> "TEXT SEARCH CONFIGURATION"
        | ObjectKind.TextSearchDictionary -> "TEXT SEARCH DICTIONARY"
        | ObjectKind.TextSearchParser -> "TEXT SEARCH PARSER"
        | ObjectKind.TextSearchTemplate -> "TEXT SEARCH TEMPLATE"
        | ObjectKind.LargeObject -> "LARGE OBJECT"
        | ObjectKind.Column -> "COLUMN"
        | ObjectKind.Constraint -> "CONSTRAINT"
        | ObjectKind.DomainConstraint -> "CONSTRAINT"
        | ObjectKind.Trigger -> "TRIGGER"
        | ObjectKind.Rule -> "RULE"
        | ObjectKind.Policy -> "POLICY"
        | ObjectKind.Cast -> "CAST"

    /// The object without its kind: `f(int)`, `c ON t`.
    member private this.Object(reference: ObjectReference) =
        match reference.Kind, reference.Signature with
        | ObjectKind.Cast, Some [ source; target ] ->
            this.Write "("
            this.TypeName source
            this.Write " AS "
            this.TypeName target
            this.Write ")"
        | ObjectKind.Operator, Some types ->
            let parts = reference.Name.Parts

            for part in List.take (parts.Length - 1) parts do
                this.Name part
                this.Write "."

            this.Write (List.last parts).Name
            this.Write " "
            this.Parens(types, this.TypeName)
        | ObjectKind.LargeObject, _ -> this.Write reference.Name.Last
        | ObjectKind.Role, _ -> this.Commas(reference.Name.Parts, this.PlainName)
        | ObjectKind.Aggregate, Some [] ->
            this.QualifiedName reference.Name
            this.Write "(*)"
        | _, signature ->
            this.QualifiedName reference.Name
            this.Optional(signature, (fun types -> this.Parens(types, this.TypeName)))

            match reference.On with
            | None -> ()
            | Some table ->
                this.Write(if reference.Kind = ObjectKind.DomainConstraint then " ON DOMAIN " else " ON ")
                this.QualifiedName table

    member private this.ObjectWithKind(reference: ObjectReference) =
        this.Write(StatementPrinter.KindText reference.Kind + " ")
        this.Object reference

    member private this.Drop(drop: DropStatement) =
        this.Write("DROP " + StatementPrinter.KindText drop.Kind + " ")
        this.When(drop.Concurrently, "CONCURRENTLY ")
        this.When(drop.IfExists, "IF EXISTS ")
        this.Commas(drop.Objects, this.Object)
        this.Behavior drop.Behavior
        this.When(drop.Force, " WITH (FORCE)")

    // ---- ALTER

    member private this.AlterColumn(action: AlterColumnAction) =
        match action with
        | AlterColumnAction.SetType(typeName, collation, using) ->
            this.Write "TYPE "
            this.TypeName typeName
            this.Collation collation
            this.Condition " USING " using
        | AlterColumnAction.SetDefault value ->
            this.Write "SET DEFAULT "
            this.Expr value
        | AlterColumnAction.DropDefault -> this.Write "DROP DEFAULT"
        | AlterColumnAction.SetNotNull -> this.Write "SET NOT NULL"
        | AlterColumnAction.DropNotNull -> this.Write "DROP NOT NULL"
        | AlterColumnAction.DropExpression ifExists -> this.Write(if ifExists then "DROP EXPRESSION IF EXISTS" else "DROP EXPRESSION")
        | AlterColumnAction.AddIdentity(always, options) ->
            this.Write "ADD "
            this.Identity always options
        | AlterColumnAction.SetIdentity(always, options) ->
            let generated =
                match always with
                | None -> []
                | Some always -> [ fun () -> this.Write(if always then "SET GENERATED ALWAYS" else "SET GENERATED BY DEFAULT") ]

            let changes =
                options
                |> List.map (fun option () ->
                    match option with
                    | SequenceOption.Restart _ -> this.SequenceOption option
                    | _ ->
                        this.Write "SET "
                        this.SequenceOption option)

            this.Join(" ", generated @ changes, (fun write -> write ()))
        | AlterColumnAction.DropIdentity ifExists -> this.Write(if ifExists then "DROP IDENTITY IF EXISTS" else "DROP IDENTITY")
        | AlterColumnAction.SetStatistics target -> this.Write $"SET STATISTICS {target}"
        | AlterColumnAction.SetOptions options ->
            this.Write "SET "
            this.Options options
        | AlterColumnAction.ResetOptions options ->
            this.Write "RESET "
            this.Options options
        | AlterColumnAction.SetStorage storage -> this.Write("SET STORAGE " + storage)
        | AlterColumnAction.SetCompression method -> this.Write("SET COMPRESSION " + method)

    member private this.AlterTable(action: AlterTableAction) =
        let named word (name: Identifier) =
            this.Write word
            this.Name name

        match action with
        | AlterTableAction.AddColumn(column, ifNotExists) ->
            this.Write(if ifNotExists then "ADD COLUMN IF NOT EXISTS " else "ADD COLUMN ")
            this.Column column
        | AlterTableAction.DropColumn(name, ifExists, behavior) ->
            named (if ifExists then "DROP COLUMN IF EXISTS " else "DROP COLUMN ") name
            this.Behavior behavior
        | AlterTableAction.AlterColumn(name, action) ->
            named "ALTER COLUMN " name
            this.Write " "
            this.AlterColumn action
        | AlterTableAction.AddConstraint item ->
            this.Write "ADD "
            this.TableConstraint item
        | AlterTableAction.DropConstraint(name, ifExists, behavior) ->
            named (if ifExists then "DROP CONSTRAINT IF EXISTS " else "DROP CONSTRAINT ") name
            this.Behavior behavior
        | AlterTableAction.ValidateConstraint name -> named "VALIDATE CONSTRAINT " name
        | AlterTableAction.AlterConstraint(name, attributes) ->
            named "ALTER CONSTRAINT " name
            this.Attributes attributes
        | AlterTableAction.AddPeriod(name, first, last) ->
            this.Write "ADD "
            this.PeriodFor name first last
        | AlterTableAction.DropPeriod(name, behavior) ->
            named "DROP PERIOD FOR " name
            this.Behavior behavior
        | AlterTableAction.AddSystemVersioning -> this.Write "ADD SYSTEM VERSIONING"
        | AlterTableAction.DropSystemVersioning -> this.Write "DROP SYSTEM VERSIONING"
        | AlterTableAction.OwnerTo owner ->
            this.Write "OWNER TO "
            this.Role owner
        | AlterTableAction.SetOptions options ->
            this.Write "SET "
            this.Options options
        | AlterTableAction.ResetOptions options ->
            this.Write "RESET "
            this.Options options
        | AlterTableAction.ReplicaIdentity identity ->
            match identity with
            | ReplicaIdentity.Default -> this.Write "REPLICA IDENTITY DEFAULT"
            | ReplicaIdentity.Full -> this.Write "REPLICA IDENTITY FULL"
            | ReplicaIdentity.Nothing -> this.Write "REPLICA IDENTITY NOTHING"
            | ReplicaIdentity.Index name -> named "REPLICA IDENTITY USING INDEX " name
        | AlterTableAction.EnableDisable text -> this.Write text
        | AlterTableAction.ClusterOn index -> named "CLUSTER ON " index
        | AlterTableAction.SetWithoutCluster -> this.Write "SET WITHOUT CLUSTER"
        | AlterTableAction.SetTablespace name -> named "SET TABLESPACE " name
        | AlterTableAction.SetLogged logged -> this.Write(if logged then "SET LOGGED" else "SET UNLOGGED")
        | AlterTableAction.Inherit parent ->
            this.Write "INHERIT "
            this.QualifiedName parent
        | AlterTableAction.NoInherit parent ->
            this.Write "NO INHERIT "
            this.QualifiedName parent
        | AlterTableAction.Unsupported feature -> this.Write feature

    member private this.AlterObject(action: AlterObjectAction, isType: bool) =
        match action with
        | AlterObjectAction.RenameTo name ->
            this.Write "RENAME TO "
            this.Name name
        | AlterObjectAction.RenameColumn(oldName, newName) ->
            this.Write(if isType then "RENAME ATTRIBUTE " else "RENAME COLUMN ")
            this.Name oldName
            this.Write " TO "
            this.Name newName
        | AlterObjectAction.RenameConstraint(oldName, newName) ->
            this.Write "RENAME CONSTRAINT "
            this.Name oldName
            this.Write " TO "
            this.Name newName
        | AlterObjectAction.SetSchema schema ->
            this.Write "SET SCHEMA "
            this.Name schema
        | AlterObjectAction.OwnerTo owner ->
            this.Write "OWNER TO "
            this.Role owner

    member private this.AlterDomain(action: AlterDomainAction) =
        match action with
        | AlterDomainAction.SetDefault value ->
            this.Write "SET DEFAULT "
            this.Expr value
        | AlterDomainAction.DropDefault -> this.Write "DROP DEFAULT"
        | AlterDomainAction.SetNotNull -> this.Write "SET NOT NULL"
        | AlterDomainAction.DropNotNull -> this.Write "DROP NOT NULL"
        | AlterDomainAction.AddConstraint item ->
            this.Write "ADD "
            this.DomainConstraint item
        | AlterDomainAction.DropConstraint(name, ifExists, behavior) ->
            this.Write(if ifExists then "DROP CONSTRAINT IF EXISTS " else "DROP CONSTRAINT ")
            this.Name name
            this.Behavior behavior
        | AlterDomainAction.ValidateConstraint name ->
            this.Write "VALIDATE CONSTRAINT "
            this.Name name

    member private this.AlterType(action: AlterTypeAction) =
        match action with
        | AlterTypeAction.AddValue(label, ifNotExists, neighbour) ->
            this.Write(if ifNotExists then "ADD VALUE IF NOT EXISTS " else "ADD VALUE ")
            this.String label

            match neighbour with
            | None -> ()
            | Some(before, other) ->
                this.Write(if before then " BEFORE " else " AFTER ")
                this.String other
        | AlterTypeAction.RenameValue(oldLabel, newLabel) ->
            this.Write "RENAME VALUE "
            this.String oldLabel
            this.Write " TO "
            this.String newLabel
        | AlterTypeAction.AddAttribute(attribute, behavior) ->
            this.Write "ADD ATTRIBUTE "
            this.RecordColumn attribute
            this.Behavior behavior
        | AlterTypeAction.DropAttribute(name, ifExists, behavior) ->
            this.Write(if ifExists then "DROP ATTRIBUTE IF EXISTS " else "DROP ATTRIBUTE ")
            this.Name name
            this.Behavior behavior
        | AlterTypeAction.AlterAttribute(name, typeName, behavior) ->
            this.Write "ALTER ATTRIBUTE "
            this.Name name
            this.Write " TYPE "
            this.TypeName typeName
            this.Behavior behavior

    // ---- roles and privileges

    member private this.RoleOptions(role: RoleStatement) =
        this.Role role.Name

        for option in role.Options do
            this.Write(" " + option.Name.ToUpperInvariant())

            match option.Value with
            | None -> ()
            | Some(OptionValue.List items) ->
                this.Write " "
                this.Commas(items, this.OptionValue)
            | Some(OptionValue.Word word) -> this.Write(" " + word.ToUpperInvariant())
            | Some value ->
                this.Write " "
                this.OptionValue value

    member private this.Privileges(privileges: Privilege list) =
        this.Commas(
            privileges,
            fun privilege ->
                this.Write(privilege.Name.ToUpperInvariant())
                this.OptionalNames privilege.Columns
        )

    member private this.Grant(grant: GrantStatement) =
        this.Write(if grant.IsGrant then "GRANT " else "REVOKE ")
        this.When(grant.GrantOption && not grant.IsGrant, "GRANT OPTION FOR ")
        this.Privileges grant.Privileges
        this.Write " ON "

        match grant.Target with
        | GrantTarget.AllInSchemas(kind, schemas) ->
            this.Write("ALL " + StatementPrinter.KindText kind + "S IN SCHEMA ")
            this.Commas(schemas, this.Name)
        | GrantTarget.Objects objects ->
            match objects with
            | { Kind = ObjectKind.ForeignServer } :: _ -> this.Write "FOREIGN SERVER "
            | first :: _ -> this.Write(StatementPrinter.KindText first.Kind + " ")
            | [] -> ()

            this.Commas(objects, this.Object)

        this.Write(if grant.IsGrant then " TO " else " FROM ")
        this.Roles grant.Roles
        this.When(grant.GrantOption && grant.IsGrant, " WITH GRANT OPTION")
        this.GrantedBy grant.GrantedBy
        this.Behavior grant.Behavior

    member private this.GrantedBy(role: RoleSpecification option) =
        match role with
        | None -> ()
        | Some role ->
            this.Write " GRANTED BY "
            this.Role role

    member private this.GrantRole(grant: GrantRoleStatement) =
        this.Write(if grant.IsGrant then "GRANT " else "REVOKE ")
        this.When(grant.AdminOption && not grant.IsGrant, "ADMIN OPTION FOR ")
        this.Commas(grant.Granted, this.Name)
        this.Write(if grant.IsGrant then " TO " else " FROM ")
        this.Roles grant.Roles
        this.When(grant.AdminOption && grant.IsGrant, " WITH ADMIN OPTION")
        this.GrantedBy grant.GrantedBy
        this.Behavior grant.Behavior

    member private this.DefaultPrivileges(grant: DefaultPrivilegesStatement) =
        this.Write "ALTER DEFAULT PRIVILEGES"

        if not grant.ForRoles.IsEmpty then
            this.Write " FOR ROLE "
            this.Roles grant.ForRoles

        if not grant.InSchemas.IsEmpty then
            this.Write " IN SCHEMA "
            this.Commas(grant.InSchemas, this.Name)

        this.Write(if grant.IsGrant then " GRANT " else " REVOKE ")
        this.When(grant.GrantOption && not grant.IsGrant, "GRANT OPTION FOR ")
        this.Privileges grant.Privileges
        this.Write(" ON " + StatementPrinter.KindText grant.Kind + "S")
        this.Write(if grant.IsGrant then " TO " else " FROM ")
        this.Roles grant.Roles
        this.When(grant.GrantOption && grant.IsGrant, " WITH GRANT OPTION")
        this.Behavior grant.Behavior

    // ---- sessions

    member private this.Modes(modes: TransactionMode list) =
        this.Commas(
            modes,
            fun mode ->
                this.Write(
                    match mode with
                    | TransactionMode.Isolation IsolationLevel.ReadUncommitted -> "ISOLATION LEVEL READ UNCOMMITTED"
                    | TransactionMode.Isolation IsolationLevel.ReadCommitted -> "ISOLATION LEVEL READ COMMITTED"
                    | TransactionMode.Isolation IsolationLevel.RepeatableRead -> "ISOLATION LEVEL REPEATABLE READ"
                    | TransactionMode.Isolation IsolationLevel.Serializable -> "ISOLATION LEVEL SERIALIZABLE"
                    | TransactionMode.ReadOnly true -> "READ ONLY"
                    | TransactionMode.ReadOnly false -> "READ WRITE"
                    | TransactionMode.Deferrable true -> "DEFERRABLE"
                    | TransactionMode.Deferrable false -> "NOT DEFERRABLE"
                    | TransactionMode.DiagnosticsSize conditions -> $"DIAGNOSTICS SIZE {conditions}"
                )
        )

    member private this.Fetch (cursor: Identifier) (direction: FetchDirection) =
        this.Write(
            match direction with
            | FetchDirection.Forward count when count < 0L -> $"BACKWARD {-count} FROM "
            | FetchDirection.Forward count -> $"FORWARD {count} FROM "
            | FetchDirection.ForwardAll -> "ALL FROM "
            | FetchDirection.BackwardAll -> "BACKWARD ALL FROM "
            | FetchDirection.Absolute position -> $"ABSOLUTE {position} FROM "
            | FetchDirection.Relative offset -> $"RELATIVE {offset} FROM "
        )

        this.Name cursor

    member private this.Targets(targets: MaintenanceTarget list) =
        if not targets.IsEmpty then
            this.Write " "

            this.Commas(
                targets,
                fun target ->
                    this.QualifiedName target.Table
                    this.OptionalNames target.Columns
            )

    member private this.SpacedOptions(options: NamedOption list) =
        if not options.IsEmpty then
            this.Write " "
            this.Options options

    member private this.Copy(copy: CopyStatement) =
        this.Write "COPY "

        match copy.Source with
        | CopySource.Table(name, columns) ->
            this.QualifiedName name
            this.OptionalNames columns
        | CopySource.Query query ->
            this.Write "("
            this.DataStatement query
            this.Write ")"

        this.Write(if copy.IsFrom then " FROM " else " TO ")

        match copy.Endpoint with
        | CopyEndpoint.Client -> this.Write(if copy.IsFrom then "STDIN" else "STDOUT")
        | CopyEndpoint.File path -> this.String path
        | CopyEndpoint.Program command ->
            this.Write "PROGRAM "
            this.String command

        this.OptionalOptions copy.Options
        this.Condition " WHERE " copy.Where

    member private this.DatabaseOptions(options: NamedOption list) =
        for option in options do
            this.Write(" " + option.Name.ToUpperInvariant() + " = ")
            this.Optional(option.Value, this.OptionValue)

    // ---- DriftQL

    member private this.DriftOptions(options: NamedOption list) = this.OptionalOptions options

    member private this.Drift(node: StatementNode) =
        match node with
        | StatementNode.DriftCreateTable(name, key, indexes) ->
            this.Write "CREATE TABLE "
            this.QualifiedName name
            this.Write " (pk="
            this.Name key

            if not indexes.IsEmpty then
                this.Write ", INDEX"
                this.Names indexes

            this.Write ")"
        | StatementNode.DriftInsert(table, document) ->
            this.Write "INSERT INTO "
            this.QualifiedName table
            this.Write(" " + document.Text)
        | StatementNode.Patch(table, key, document) ->
            this.Write "PATCH "
            this.QualifiedName table
            this.Write " KEY "
            this.Value key
            this.Write(" SET " + document.Text)
        | StatementNode.SoftDelete(table, key) ->
            this.Write "SOFT DELETE FROM "
            this.QualifiedName table
            this.Write " KEY "
            this.Value key
        | StatementNode.ShowDrift(table, key) ->
            this.Write "SHOW DRIFT "
            this.QualifiedName table
            this.Write " KEY "
            this.Value key
        | StatementNode.Snapshot table ->
            this.Write "SNAPSHOT "
            this.QualifiedName table
        | StatementNode.Compact table ->
            this.Write "COMPACT "
            this.QualifiedName table
        | StatementNode.Backup(table, directory, options) ->
            this.Write "BACKUP "

            match table with
            | None -> ()
            | Some table ->
                this.Write "TABLE "
                this.QualifiedName table
                this.Write " "

            this.Write "TO "
            this.String directory
            this.DriftOptions options
        | StatementNode.RestoreDatabase(directory, point, options) ->
            this.Write "RESTORE DATABASE FROM "
            this.String directory

            match point with
            | None -> ()
            | Some point ->
                this.Write " TO "
                this.Point point

            this.DriftOptions options
        | StatementNode.VerifyBackup directory ->
            this.Write "VERIFY BACKUP "
            this.String directory
        | StatementNode.ShowBackups directory ->
            this.Write "SHOW BACKUPS"

            match directory with
            | None -> ()
            | Some directory ->
                this.Write " FROM "
                this.String directory
        | other -> invalidOp $"not a statement of DriftQL: {other.GetType().Name}"

    // ---- all statements

    member this.Statement(statement: Statement) = this.Node statement.Node

    member this.Node(node: StatementNode) : unit =
        let named (word: string) (name: Identifier) =
            this.Write word
            this.Name name

        let texted (word: string) (text: string) =
            this.Write word
            this.String text

        match node with
        | StatementNode.Empty -> ()
        | StatementNode.Query query -> this.Query query
        | StatementNode.Insert insert -> this.Insert insert
        | StatementNode.Update update -> this.Update update
        | StatementNode.Delete delete -> this.Delete delete
        | StatementNode.Merge merge -> this.Merge merge
        | StatementNode.Truncate(tables, restart, behavior) ->
            this.Write "TRUNCATE TABLE "
            this.Commas(tables, this.QualifiedName)
            this.When(restart, " RESTART IDENTITY")
            this.Behavior behavior
        | StatementNode.Copy copy -> this.Copy copy
        | StatementNode.Call call ->
            this.Write "CALL "
            this.Call call
        | StatementNode.Do(language, body, _) ->
            this.Write "DO "
            this.Optional(language, (fun language -> texted "LANGUAGE " language; this.Write " "))
            this.String body

        // ---- definitions
        | StatementNode.CreateTable create -> this.CreateTable create
        | StatementNode.CreateTableAs create -> this.CreateTableAs create
        | StatementNode.AlterTable(kind, name, ifExists, only, actions) ->
            this.Write("ALTER " + StatementPrinter.KindText kind + " ")
            this.When(ifExists, "IF EXISTS ")
            this.When(only, "ONLY ")
            this.QualifiedName name
            this.Write " "
            this.Commas(actions, this.AlterTable)
        | StatementNode.AlterObject(reference, ifExists, action) ->
            this.Write("ALTER " + StatementPrinter.KindText reference.Kind + " ")
            this.When(ifExists, "IF EXISTS ")
            this.Object reference
            this.Write " "
            this.AlterObject(action, (reference.Kind = ObjectKind.Type))
        | StatementNode.Drop drop -> this.Drop drop
        | StatementNode.DropOwned(roles, behavior) ->
            this.Write "DROP OWNED BY "
            this.Roles roles
            this.Behavior behavior
        | StatementNode.ReassignOwned(roles, newOwner) ->
            this.Write "REASSIGN OWNED BY "
            this.Roles roles
            this.Write " TO "
            this.Role newOwner
        | StatementNode.CreateIndex create -> this.CreateIndex create
        | StatementNode.CreateView create -> this.CreateView create
        | StatementNode.CreateMaterializedView create -> this.CreateMaterializedView create
        | StatementNode.RefreshMaterializedView(name, concurrently, withData) ->
            this.Write(if concurrently then "REFRESH MATERIALIZED VIEW CONCURRENTLY " else "REFRESH MATERIALIZED VIEW ")
            this.QualifiedName name
            this.When(not withData, " WITH NO DATA")
        | StatementNode.CreateSchema(name, authorization, ifNotExists, characterSet, path, elements) ->
            this.Write(if ifNotExists then "CREATE SCHEMA IF NOT EXISTS" else "CREATE SCHEMA")
            this.Optional(name, named " ")

            match authorization with
            | None -> ()
            | Some role ->
                this.Write " AUTHORIZATION "
                this.Role role

            match characterSet with
            | None -> ()
            | Some name ->
                this.Write " DEFAULT CHARACTER SET "
                this.QualifiedName name

            if not path.IsEmpty then
                this.Write " PATH "
                this.Commas(path, this.Name)

            for element in elements do
                this.Write " "
                this.Statement element
        | StatementNode.CreateSequence(name, persistence, ifNotExists, options) ->
            this.Write "CREATE "
            this.Persistence persistence
            this.Write(if ifNotExists then "SEQUENCE IF NOT EXISTS " else "SEQUENCE ")
            this.QualifiedName name
            this.SequenceOptions options
        | StatementNode.AlterSequence(name, ifExists, options) ->
            this.Write(if ifExists then "ALTER SEQUENCE IF EXISTS " else "ALTER SEQUENCE ")
            this.QualifiedName name
            this.SequenceOptions options
        | StatementNode.CreateDomain(name, typeName, collation, defaultValue, constraints) ->
            this.Write "CREATE DOMAIN "
            this.QualifiedName name
            this.Write " AS "
            this.TypeName typeName
            this.Collation collation

            match defaultValue with
            | None -> ()
            | Some value ->
                this.Write " DEFAULT "
                this.Value value

            for item in constraints do
                this.Write " "
                this.DomainConstraint item
        | StatementNode.AlterDomain(name, action) ->
            this.Write "ALTER DOMAIN "
            this.QualifiedName name
            this.Write " "
            this.AlterDomain action
        | StatementNode.CreateType(name, definition) ->
            this.Write "CREATE TYPE "
            this.QualifiedName name

            match definition with
            | TypeDefinition.Shell -> ()
            | TypeDefinition.Enum labels ->
                this.Write " AS ENUM "
                this.Parens(labels, this.String)
            | TypeDefinition.Composite attributes ->
                this.Write " AS "
                this.Parens(attributes, this.RecordColumn)
            | TypeDefinition.Distinct source ->
                this.Write " AS "
                this.TypeName source
                this.Write " FINAL"
            | TypeDefinition.Range options ->
                this.Write " AS RANGE "
                this.Options options
        | StatementNode.AlterType(name, actions) ->
            this.Write "ALTER TYPE "
            this.QualifiedName name
            this.Write " "
            this.Commas(actions, this.AlterType)
        | StatementNode.CreateDatabase(name, options) ->
            named "CREATE DATABASE " name
            this.DatabaseOptions options
        | StatementNode.AlterDatabase(name, options) ->
            named "ALTER DATABASE " name
            this.DatabaseOptions options
        | StatementNode.CreateRole role ->
            this.Write(if role.IsUser then "CREATE USER " else "CREATE ROLE ")
            this.RoleOptions role
        | StatementNode.AlterRole role ->
            this.Write "ALTER ROLE "
            this.RoleOptions role
        | StatementNode.AlterRoleSetting(role, database, setting, value) ->
            match role, database with
            | None, Some database -> named "ALTER DATABASE " database
            | _ ->
                this.Write "ALTER ROLE "

                match role with
                | None -> this.Write "ALL"
                | Some role -> this.Role role

                this.Optional(database, named " IN DATABASE ")

            this.SettingChange { Setting = setting; Value = value }
        | StatementNode.Grant grant -> this.Grant grant
        | StatementNode.GrantRole grant -> this.GrantRole grant
        | StatementNode.AlterFunctionOptions(reference, options, settings) ->
            this.Write "ALTER "
            this.ObjectWithKind reference
            this.FunctionOptions options
            List.iter this.SettingChange settings
        | StatementNode.AlterDefaultPrivileges grant -> this.DefaultPrivileges grant
        | StatementNode.Comment(reference, text) ->
            this.Write "COMMENT ON "
            this.ObjectWithKind reference
            this.Write " IS "

            match text with
            | None -> this.Write "NULL"
            | Some text -> this.String text
        | StatementNode.Unsupported feature -> this.Write feature
        | StatementNode.CreateExtension(name, ifNotExists, options) ->
            this.Write(if ifNotExists then "CREATE EXTENSION IF NOT EXISTS " else "CREATE EXTENSION ")
            this.Label name

            for option in options do
                this.Write(" " + option.Name.ToUpperInvariant())

                match option.Value with
                | None -> ()
                | Some value ->
                    this.Write " "
                    this.OptionValue value
        | StatementNode.CreateFunction create -> this.CreateFunction create
        | StatementNode.UndropTable(name, newName) ->
            this.Write "UNDROP TABLE "
            this.QualifiedName name
            this.Optional(newName, named " TO ")
        | StatementNode.RestoreTable(name, point) ->
            this.Write "RESTORE TABLE "
            this.QualifiedName name
            this.Write " TO "
            this.Point point

        // ---- transactions
        | StatementNode.Begin modes ->
            this.Write "BEGIN"

            if not modes.IsEmpty then
                this.Write " "
                this.Modes modes
        | StatementNode.Commit chain -> this.Write(if chain then "COMMIT AND CHAIN" else "COMMIT")
        | StatementNode.Rollback chain -> this.Write(if chain then "ROLLBACK AND CHAIN" else "ROLLBACK")
        | StatementNode.Savepoint name -> named "SAVEPOINT " name
        | StatementNode.ReleaseSavepoint name -> named "RELEASE SAVEPOINT " name
        | StatementNode.RollbackToSavepoint name -> named "ROLLBACK TO SAVEPOINT " name
        | StatementNode.SetTransaction modes ->
            this.Write "SET TRANSACTION "
            this.Modes modes
        | StatementNode.SetTransactionSnapshot snapshot -> texted "SET TRANSACTION SNAPSHOT " snapshot
        | StatementNode.SetSessionCharacteristics modes ->
            this.Write "SET SESSION CHARACTERISTICS AS TRANSACTION "
            this.Modes modes
        | StatementNode.SetConstraints(names, deferred) ->
            this.Write "SET CONSTRAINTS "
            if names.IsEmpty then this.Write "ALL" else this.Commas(names, this.QualifiedName)
            this.Write(if deferred then " DEFERRED" else " IMMEDIATE")
        | StatementNode.PrepareTransaction id -> texted "PREPARE TRANSACTION " id
        | StatementNode.CommitPrepared id -> texted "COMMIT PREPARED " id
        | StatementNode.RollbackPrepared id -> texted "ROLLBACK PREPARED " id
        | StatementNode.LockTable(tables, mode, noWait) ->
            this.Write "LOCK TABLE "
            this.Commas(tables, this.QualifiedName)
            this.Write(" IN " + mode.ToUpperInvariant() + " MODE")
            this.When(noWait, " NOWAIT")

        // ---- the session
        | StatementNode.Set(scope, name, value) ->
            this.Write(if scope = SettingScope.Local then "SET LOCAL " else "SET ")
            this.Setting name value
        | StatementNode.Reset name ->
            this.Write "RESET "
            this.SettingName name
        | StatementNode.ResetAll -> this.Write "RESET ALL"
        | StatementNode.Show name ->
            this.Write "SHOW "
            this.SettingName name
        | StatementNode.ShowAll -> this.Write "SHOW ALL"
        | StatementNode.Discard target ->
            this.Write(
                match target with
                | DiscardTarget.All -> "DISCARD ALL"
                | DiscardTarget.Plans -> "DISCARD PLANS"
                | DiscardTarget.Sequences -> "DISCARD SEQUENCES"
                | DiscardTarget.Temp -> "DISCARD TEMP"
            )
        | StatementNode.Prepare(name, types, body) ->
            named "PREPARE " name

            if not types.IsEmpty then
                this.Write " "
                this.Parens(types, this.TypeName)

            this.Write " AS "
            this.Statement body
        | StatementNode.Execute(name, arguments) -> this.Execute name arguments
        | StatementNode.Deallocate None -> this.Write "DEALLOCATE ALL"
        | StatementNode.Deallocate(Some name) -> named "DEALLOCATE " name
        | StatementNode.DeclareCursor declare ->
            named "DECLARE " declare.Name
            this.When(declare.Binary, " BINARY")
            this.When(declare.Insensitive, " INSENSITIVE")

            match declare.Scroll with
            | None -> ()
            | Some scroll -> this.Write(if scroll then " SCROLL" else " NO SCROLL")

            this.Write(if declare.WithHold then " CURSOR WITH HOLD FOR " else " CURSOR FOR ")
            this.Query declare.Query
        | StatementNode.Fetch(cursor, direction, isMove) ->
            this.Write(if isMove then "MOVE " else "FETCH ")
            this.Fetch cursor direction
        | StatementNode.Open cursor -> named "OPEN " cursor
        | StatementNode.Close None -> this.Write "CLOSE ALL"
        | StatementNode.Close(Some cursor) -> named "CLOSE " cursor
        | StatementNode.Listen channel -> named "LISTEN " channel
        | StatementNode.Notify(channel, payload) ->
            named "NOTIFY " channel
            this.Optional(payload, texted ", ")
        | StatementNode.Unlisten None -> this.Write "UNLISTEN *"
        | StatementNode.Unlisten(Some channel) -> named "UNLISTEN " channel
        | StatementNode.Explain(options, body) ->
            this.Write "EXPLAIN"
            this.SpacedOptions options
            this.Write " "
            this.Statement body
        | StatementNode.Load file -> texted "LOAD " file

        // ---- maintenance
        | StatementNode.Vacuum(options, targets) ->
            this.Write "VACUUM"
            this.SpacedOptions options
            this.Targets targets
        | StatementNode.Analyze(options, targets) ->
            this.Write "ANALYZE"
            this.SpacedOptions options
            this.Targets targets
        | StatementNode.Reindex(kind, name, options) ->
            this.Write "REINDEX"
            this.SpacedOptions options
            this.Write(" " + StatementPrinter.KindText kind)

            match name with
            | None -> ()
            | Some name ->
                this.Write " "
                this.QualifiedName name
        | StatementNode.Cluster(table, index) ->
            this.Write "CLUSTER"

            match table with
            | None -> ()
            | Some table ->
                this.Write " "
                this.QualifiedName table

            this.Optional(index, named " USING ")
        | StatementNode.Checkpoint -> this.Write "CHECKPOINT"
        | StatementNode.Erase(table, condition) ->
            this.Write "ERASE FROM "
            this.QualifiedName table
            this.Write " WHERE "
            this.Expr condition

        | StatementNode.DriftCreateTable _
        | StatementNode.DriftInsert _
        | StatementNode.Patch _
        | StatementNode.SoftDelete _
        | StatementNode.ShowDrift _
        | StatementNode.Snapshot _
        | StatementNode.Compact _
        | StatementNode.Backup _
        | StatementNode.RestoreDatabase _
        | StatementNode.VerifyBackup _
        | StatementNode.ShowBackups _ -> this.Drift node

/// AST → text that parses to the same AST again (spans and superfluous quotes aside), in a form that PostgreSQL accepts where it knows the statement.
/// Views, defaults and checks are kept as such text. Statements of the kind Unsupported print their name only.
[<AbstractClass; Sealed>]
type SqlPrinter private () =

    static let print (write: StatementPrinter -> unit) =
        let work () =
            let printer = StatementPrinter()
            write printer
            printer.Text.ToString()

        try
            work ()
        with :? InsufficientExecutionStackException ->
            DeepStack.run work

    static member Print(statement: Statement) : string = print (fun printer -> printer.Statement statement)

    static member PrintNode(node: StatementNode) : string = print (fun printer -> printer.Node node)

    static member PrintQuery(query: Query) : string = print (fun printer -> printer.Query query)

    static member PrintDataStatement(statement: DataStatement) : string = print (fun printer -> printer.DataStatement statement)

    static member PrintExpr(expr: Expr) : string = print (fun printer -> printer.Expr expr)

    static member PrintType(typeName: TypeName) : string = print (fun printer -> printer.TypeName typeName)

    /// The words by which SQL calls a kind of object: `MATERIALIZED VIEW`.
    static member KindText(kind: ObjectKind) : string = StatementPrinter.KindText kind
