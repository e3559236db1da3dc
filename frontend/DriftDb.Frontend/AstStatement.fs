namespace DriftDb.Frontend

open DriftDb.Types

[<RequireQualifiedAccess>]
type IsolationLevel =
    | ReadUncommitted
    | ReadCommitted
    | RepeatableRead
    | Serializable

/// A mode of BEGIN, SET TRANSACTION and the like.
[<RequireQualifiedAccess>]
type TransactionMode =
    | Isolation of Level: IsolationLevel
    /// READ ONLY (true), READ WRITE (false)
    | ReadOnly of ReadOnly: bool
    /// DEFERRABLE (true), NOT DEFERRABLE (false)
    | Deferrable of Deferrable: bool
    /// `DIAGNOSTICS SIZE n`
    | DiagnosticsSize of Conditions: int

[<RequireQualifiedAccess>]
type SettingScope =
    /// SET SESSION, or plain SET
    | Session
    /// SET LOCAL
    | Local

/// How far FETCH and MOVE go.
[<RequireQualifiedAccess>]
type FetchDirection =
    /// `NEXT`, `FORWARD`, `5`, `FORWARD 5`, `BACKWARD 5` (negative)
    | Forward of Count: int64
    /// `ALL`, `FORWARD ALL`
    | ForwardAll
    | BackwardAll
    /// `FIRST` is 1, `LAST` is -1
    | Absolute of Position: int64
    | Relative of Offset: int64

[<NoComparison; ReferenceEquality>]
type DeclareCursorStatement =
    { Name: Identifier
      Binary: bool
      Insensitive: bool
      /// SCROLL (Some true), NO SCROLL (Some false)
      Scroll: bool option
      WithHold: bool
      Query: Query
      Span: SourceSpan }

[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type CopySource =
    | Table of Name: QualifiedName * Columns: Identifier list
    /// `(SELECT …)`, `(INSERT … RETURNING …)`
    | Query of Query: DataStatement

[<RequireQualifiedAccess>]
type CopyEndpoint =
    /// STDIN, STDOUT
    | Client
    | File of Path: string
    | Program of Command: string

/// `COPY source FROM | TO endpoint [options] [WHERE …]`
[<NoComparison; ReferenceEquality>]
type CopyStatement =
    { Source: CopySource
      /// FROM (true), TO (false)
      IsFrom: bool
      Endpoint: CopyEndpoint
      /// Both syntaxes give the new one's names: format, freeze, delimiter, null, header, quote, escape, force_quote, force_not_null,
      /// force_null, encoding
      Options: NamedOption list
      Where: Expr option
      Span: SourceSpan }

[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type DiscardTarget =
    | All
    | Plans
    | Sequences
    | Temp

/// A table of VACUUM and ANALYZE with the columns.
[<NoComparison; ReferenceEquality>]
type MaintenanceTarget =
    { Table: QualifiedName
      Columns: Identifier list
      Span: SourceSpan }

/// A JSON document as DriftQL writes it, its text kept as it stands (it is valid JSON).
[<NoComparison>]
type JsonText = { Text: string; Span: SourceSpan }

/// Everything that a session can be told to do, with nothing left out: a match that forgets a case does not compile.
[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type StatementNode =
    /// Nothing between two semicolons
    | Empty

    // ---- queries and data
    | Query of Query
    | Insert of InsertStatement
    | Update of UpdateStatement
    | Delete of DeleteStatement
    | Merge of MergeStatement
    /// `TRUNCATE [TABLE] a, b [RESTART IDENTITY] [CASCADE]`
    | Truncate of Tables: QualifiedName list * RestartIdentity: bool * Behavior: DropBehavior
    | Copy of CopyStatement
    /// `CALL p(1, 2)`
    | Call of Call: FunctionCall
    /// `DO [LANGUAGE l] 'body'`
    /// Contents is where the body's text lies in the statement; none where escapes make the two differ.
    | Do of Language: string option * Body: string * Contents: SourceSpan

    // ---- definitions
    | CreateTable of CreateTableStatement
    | CreateTableAs of CreateTableAsStatement
    /// `ALTER TABLE [IF EXISTS] [ONLY] t action, …`; Kind is Table, View, Index, Sequence, MaterializedView or ForeignTable
    | AlterTable of Kind: ObjectKind * Name: QualifiedName * IfExists: bool * Only: bool * Actions: AlterTableAction list
    /// `ALTER kind [IF EXISTS] name RENAME … | SET SCHEMA … | OWNER TO …`; renaming a table is here too
    | AlterObject of Object: ObjectReference * IfExists: bool * Action: AlterObjectAction
    | Drop of DropStatement
    /// `DROP OWNED BY a [CASCADE]`, `REASSIGN OWNED BY a TO b`
    | DropOwned of Roles: RoleSpecification list * Behavior: DropBehavior
    | ReassignOwned of Roles: RoleSpecification list * NewOwner: RoleSpecification
    | CreateIndex of CreateIndexStatement
    | CreateView of CreateViewStatement
    | CreateMaterializedView of CreateMaterializedViewStatement
    /// `REFRESH MATERIALIZED VIEW [CONCURRENTLY] v [WITH [NO] DATA]`
    | RefreshMaterializedView of Name: QualifiedName * Concurrently: bool * WithData: bool
    /// `CREATE SCHEMA [IF NOT EXISTS] [name] [AUTHORIZATION role] [DEFAULT CHARACTER SET c] [PATH a, b] [elements]`
    | CreateSchema of
        Name: Identifier option *
        Authorization: RoleSpecification option *
        IfNotExists: bool *
        CharacterSet: QualifiedName option *
        Path: Identifier list *
        Elements: Statement list
    | CreateSequence of Name: QualifiedName * Persistence: Persistence * IfNotExists: bool * Options: SequenceOption list
    | AlterSequence of Name: QualifiedName * IfExists: bool * Options: SequenceOption list
    | CreateDomain of
        Name: QualifiedName *
        Type: TypeName *
        Collation: QualifiedName option *
        Default: Expr option *
        Constraints: DomainConstraint list
    | AlterDomain of Name: QualifiedName * Action: AlterDomainAction
    | CreateType of Name: QualifiedName * Definition: TypeDefinition
    | AlterType of Name: QualifiedName * Actions: AlterTypeAction list
    /// `CREATE DATABASE d [WITH] option = value …`
    | CreateDatabase of Name: Identifier * Options: NamedOption list
    | AlterDatabase of Name: Identifier * Options: NamedOption list
    | CreateRole of RoleStatement
    | AlterRole of RoleStatement
    /// `ALTER ROLE r | ALL [IN DATABASE d] SET x = …`, `ALTER DATABASE d SET x = …`; Value Default also for RESET; name `all` for RESET ALL
    | AlterRoleSetting of
        Role: RoleSpecification option *
        Database: Identifier option *
        Setting: string *
        Value: SettingValue
    | Grant of GrantStatement
    | GrantRole of GrantRoleStatement
    | AlterDefaultPrivileges of DefaultPrivilegesStatement
    /// `COMMENT ON object IS 'text' | NULL`
    | Comment of Object: ObjectReference * Text: string option
    /// `SECURITY LABEL …`, `CREATE TRIGGER …`, `CREATE RULE …` and others that are recognised only to say 0A000; the words
    | Unsupported of Feature: string
    | CreateExtension of Name: Identifier * IfNotExists: bool * Options: NamedOption list
    | CreateFunction of CreateFunctionStatement
    /// `ALTER FUNCTION f(int) IMMUTABLE STRICT SET x TO … …`; options as in CREATE FUNCTION
    | AlterFunctionOptions of Function: ObjectReference * Options: NamedOption list * Settings: SettingChange list
    /// `UNDROP TABLE t [TO name]`
    | UndropTable of Name: QualifiedName * NewName: Identifier option
    /// `RESTORE TABLE t TO point`
    | RestoreTable of Name: QualifiedName * Point: TemporalPoint

    // ---- transactions
    /// `BEGIN`, `START TRANSACTION`
    | Begin of Modes: TransactionMode list
    /// `COMMIT`, `END`
    | Commit of Chain: bool
    /// `ROLLBACK`, `ABORT`
    | Rollback of Chain: bool
    | Savepoint of Name: Identifier
    | ReleaseSavepoint of Name: Identifier
    | RollbackToSavepoint of Name: Identifier
    | SetTransaction of Modes: TransactionMode list
    /// `SET TRANSACTION SNAPSHOT 'id'`
    | SetTransactionSnapshot of Snapshot: string
    /// `SET SESSION CHARACTERISTICS AS TRANSACTION …`
    | SetSessionCharacteristics of Modes: TransactionMode list
    /// `SET CONSTRAINTS ALL | names DEFERRED | IMMEDIATE`; no names for ALL
    | SetConstraints of Names: QualifiedName list * Deferred: bool
    | PrepareTransaction of Id: string
    | CommitPrepared of Id: string
    | RollbackPrepared of Id: string
    /// `LOCK [TABLE] a, b [IN mode MODE] [NOWAIT]`: the mode's words in lower case, `access exclusive` when not given
    | LockTable of Tables: QualifiedName list * Mode: string * NoWait: bool

    // ---- the session
    /// `SET x = …`; the name in lower case, dots kept. SET TIME ZONE is `timezone`, SET NAMES `client_encoding`, SET ROLE `role`,
    /// SET SESSION AUTHORIZATION `session_authorization`, SET SCHEMA `search_path`.
    | Set of Scope: SettingScope * Name: string * Value: SettingValue
    /// `RESET x`
    | Reset of Name: string
    | ResetAll
    | Show of Name: string
    | ShowAll
    | Discard of Target: DiscardTarget
    /// `PREPARE name [(types)] AS statement`
    | Prepare of Name: Identifier * Types: TypeName list * Body: Statement
    /// `EXECUTE name [(arguments)]`
    | Execute of Name: Identifier * Arguments: Expr list
    /// None for ALL
    | Deallocate of Name: Identifier option
    | DeclareCursor of DeclareCursorStatement
    /// `FETCH direction FROM c`, `MOVE …`
    /// `OPEN c`: a cursor is open when it is declared, so that this only says that it wasn't read yet
    | Open of Cursor: Identifier
    | Fetch of Cursor: Identifier * Direction: FetchDirection * IsMove: bool
    /// None for ALL
    | Close of Cursor: Identifier option
    | Listen of Channel: Identifier
    | Notify of Channel: Identifier * Payload: string option
    /// None for `*`
    | Unlisten of Channel: Identifier option
    /// `EXPLAIN [ANALYZE] [VERBOSE] statement`, `EXPLAIN (STAGES, FORMAT JSON) statement`
    | Explain of Options: NamedOption list * Body: Statement
    /// `LOAD 'file'`
    | Load of File: string

    // ---- maintenance
    | Vacuum of Options: NamedOption list * Targets: MaintenanceTarget list
    /// `ANALYZE [t [(c)]]`, DriftQL's `ANALYZE TABLE t`
    | Analyze of Options: NamedOption list * Targets: MaintenanceTarget list
    /// `REINDEX [(options)] TABLE | INDEX | SCHEMA | DATABASE | SYSTEM [CONCURRENTLY] name`: System and Database are both Database
    | Reindex of Kind: ObjectKind * Name: QualifiedName option * Options: NamedOption list
    | Cluster of Table: QualifiedName option * Index: Identifier option
    | Checkpoint

    // ---- DriftQL
    /// `CREATE TABLE t (pk=id[, INDEX(a, b)])`; each name in INDEX is an index of its own
    | DriftCreateTable of Name: QualifiedName * Key: Identifier * Indexes: Identifier list
    /// `INSERT INTO t {json}`
    | DriftInsert of Table: QualifiedName * Document: JsonText
    /// `PATCH t KEY "k" SET {json}`; the key is a Literal, a Parameter, or a Row of them
    | Patch of Table: QualifiedName * Key: Expr * Document: JsonText
    /// `SOFT DELETE FROM t KEY "k"`
    | SoftDelete of Table: QualifiedName * Key: Expr
    /// `SHOW DRIFT t KEY "k"`
    | ShowDrift of Table: QualifiedName * Key: Expr
    /// `SNAPSHOT t`
    | Snapshot of Table: QualifiedName
    /// `COMPACT t`
    | Compact of Table: QualifiedName
    /// `BACKUP TO 'dir'`, `BACKUP DATABASE TO 'dir'`, `BACKUP TABLE t TO 'dir'`, with `[WITH (options)]`; Since for INCREMENTAL FROM 'dir'
    | Backup of Table: QualifiedName option * Directory: string * Options: NamedOption list
    /// `RESTORE DATABASE FROM 'dir' [TO point] [WITH (options)]`
    | RestoreDatabase of Directory: string * Point: TemporalPoint option * Options: NamedOption list
    /// `VERIFY BACKUP 'dir'`
    | VerifyBackup of Directory: string
    /// `SHOW BACKUPS [FROM 'dir']`
    | ShowBackups of Directory: string option
    /// `ERASE FROM t WHERE …`: takes rows out of the history as well
    | Erase of Table: QualifiedName * Where: Expr

/// One statement of a script.
and [<NoComparison; ReferenceEquality>] Statement =
    { Node: StatementNode
      /// Of the statement's own text, without its semicolon.
      Span: SourceSpan
      /// The highest `$n` in it.
      ParameterCount: int }
