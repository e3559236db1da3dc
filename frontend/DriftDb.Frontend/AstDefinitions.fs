namespace DriftDb.Frontend

open DriftDb.Types

/// A role as GRANT and OWNER TO name it.
[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type RoleSpecification =
    | Named of Name: Identifier
    | Public
    | CurrentUser
    | CurrentRole
    | SessionUser

/// What REFERENCES does when the referenced row goes or changes.
[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type ReferentialAction =
    | NoAction
    | Restrict
    | Cascade
    /// `SET NULL [(columns)]`
    | SetNull of Columns: Identifier list
    /// `SET DEFAULT [(columns)]`
    | SetDefault of Columns: Identifier list

[<RequireQualifiedAccess>]
type ForeignKeyMatch =
    | Simple
    | Full
    | Partial

/// `[NOT] DEFERRABLE`, `INITIALLY DEFERRED | IMMEDIATE`, `NOT VALID`, `NO INHERIT`
[<NoComparison>]
type ConstraintAttributes =
    { Deferrable: bool
      InitiallyDeferred: bool
      NotValid: bool
      NoInherit: bool }

/// `REFERENCES table [(columns)] [MATCH …] [ON DELETE …] [ON UPDATE …]`
[<NoComparison; ReferenceEquality>]
type ForeignKeyReference =
    { Table: QualifiedName
      /// Empty: the referenced table's primary key.
      Columns: Identifier list
      /// `PERIOD p` as the last referenced column of a temporal key
      Period: Identifier option
      Match: ForeignKeyMatch
      OnDelete: ReferentialAction
      OnUpdate: ReferentialAction
      Span: SourceSpan }

/// An option of a sequence or of an identity column.
[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type SequenceOption =
    /// `AS bigint`
    | As of Type: TypeName
    /// `INCREMENT [BY] n`
    | Increment of Value: int64
    /// `MINVALUE n`; None for `NO MINVALUE`
    | MinValue of Value: int64 option
    /// `MAXVALUE n`; None for `NO MAXVALUE`
    | MaxValue of Value: int64 option
    /// `START [WITH] n`
    | Start of Value: int64
    /// `RESTART [[WITH] n]`
    | Restart of Value: int64 option
    | Cache of Value: int64
    /// `CYCLE`, `NO CYCLE`
    | Cycle of Cycle: bool
    /// `OWNED BY table.column`; None for `OWNED BY NONE`
    | OwnedBy of Column: QualifiedName option
    /// `SEQUENCE NAME name`: pg_dump's, for identity columns
    | SequenceName of Name: QualifiedName

/// The extras of a UNIQUE or PRIMARY KEY constraint.
[<NoComparison; ReferenceEquality>]
type IndexParameters =
    { Include: Identifier list
      /// `WITH (…)`
      Options: NamedOption list
      Tablespace: Identifier option }

/// What a column is constrained to.
[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type ColumnConstraintKind =
    | NotNull
    | Null
    | PrimaryKey of Index: IndexParameters
    /// `UNIQUE [NULLS [NOT] DISTINCT]`
    | Unique of NullsNotDistinct: bool * Index: IndexParameters
    | Check of Condition: Expr
    | Default of Value: Expr
    /// `GENERATED ALWAYS | BY DEFAULT AS IDENTITY [(options)]`
    | Identity of Always: bool * Options: SequenceOption list
    /// `GENERATED ALWAYS AS (expression) STORED`
    | Generated of Value: Expr
    /// `GENERATED ALWAYS AS ROW START`
    | RowStart
    /// `GENERATED ALWAYS AS ROW END`
    | RowEnd
    | References of Reference: ForeignKeyReference

/// `[CONSTRAINT name] kind [attributes]`
[<NoComparison; ReferenceEquality>]
type ColumnConstraint =
    { Name: Identifier option
      Kind: ColumnConstraintKind
      Attributes: ConstraintAttributes
      Span: SourceSpan }

/// `name type [COLLATE c] [constraints]`
[<NoComparison; ReferenceEquality>]
type ColumnDefinition =
    { Name: Identifier
      /// None: `CREATE TABLE … AS`-like forms and DriftQL's columns, whose types come with their values.
      Type: TypeName option
      Collation: QualifiedName option
      Constraints: ColumnConstraint list
      Span: SourceSpan }

/// What a table is constrained to.
[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type TableConstraintKind =
    /// `PRIMARY KEY (a, b [WITHOUT OVERLAPS])`
    | PrimaryKey of Columns: Identifier list * WithoutOverlaps: Identifier option * Index: IndexParameters
    /// `UNIQUE [NULLS NOT DISTINCT] (a, b [WITHOUT OVERLAPS])`
    | Unique of Columns: Identifier list * WithoutOverlaps: Identifier option * NullsNotDistinct: bool * Index: IndexParameters
    /// `PRIMARY KEY USING INDEX i`, `UNIQUE USING INDEX i`
    | UsingIndex of Primary: bool * Index: Identifier
    | Check of Condition: Expr
    /// `FOREIGN KEY (a, b [, PERIOD p]) REFERENCES …`
    | ForeignKey of Columns: Identifier list * Period: Identifier option * Reference: ForeignKeyReference
    /// `EXCLUDE [USING method] (element WITH operator, …) [WHERE (…)]`
    | Exclude of Method: Identifier option * Elements: (IndexElement * OperatorName) list * Where: Expr option

/// `[CONSTRAINT name] kind [attributes]`
[<NoComparison; ReferenceEquality>]
type TableConstraint =
    { Name: Identifier option
      Kind: TableConstraintKind
      Attributes: ConstraintAttributes
      Span: SourceSpan }

/// What is between the parentheses of CREATE TABLE.
[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type TableElement =
    | Column of Column: ColumnDefinition
    | Constraint of Constraint: TableConstraint
    /// `LIKE table [INCLUDING | EXCLUDING what]…`: (true, "defaults") for INCLUDING DEFAULTS
    | Like of Table: QualifiedName * Options: (bool * string) list * Span: SourceSpan
    /// `PERIOD FOR SYSTEM_TIME (start, end)`, `PERIOD FOR name (start, end)`
    | Period of Name: Identifier * Start: Identifier * End: Identifier * Span: SourceSpan

[<RequireQualifiedAccess>]
type OnCommitAction =
    | PreserveRows
    | DeleteRows
    | Drop

/// `CREATE [TEMP] TABLE [IF NOT EXISTS] name (elements) …`
[<NoComparison; ReferenceEquality>]
type CreateTableStatement =
    { Name: QualifiedName
      Persistence: Persistence
      IfNotExists: bool
      Elements: TableElement list
      /// `INHERITS (a, b)`
      Inherits: QualifiedName list
      /// `PARTITION BY strategy (elements)`
      PartitionBy: (string * IndexElement list) option
      Using: Identifier option
      Options: NamedOption list
      /// WITH SYSTEM VERSIONING (Some true), WITHOUT SYSTEM VERSIONING (Some false)
      SystemVersioning: bool option
      OnCommit: OnCommitAction option
      Tablespace: Identifier option
      Span: SourceSpan }

/// `CREATE [TEMP] TABLE [IF NOT EXISTS] name [(columns)] AS query [WITH [NO] DATA]`
[<NoComparison; ReferenceEquality>]
type CreateTableAsStatement =
    { Name: QualifiedName
      Persistence: Persistence
      IfNotExists: bool
      Columns: Identifier list
      Using: Identifier option
      Options: NamedOption list
      SystemVersioning: bool option
      OnCommit: OnCommitAction option
      Tablespace: Identifier option
      /// A query; or `EXECUTE name (…)`
      Source: CreateTableSource
      WithData: bool
      Span: SourceSpan }

and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] CreateTableSource =
    | Query of Query
    | Execute of Name: Identifier * Arguments: Expr list

/// What REPLICA IDENTITY names.
[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type ReplicaIdentity =
    | Default
    | Full
    | Nothing
    | Index of Name: Identifier

/// An action on a column: `ALTER [COLUMN] c …`
[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type AlterColumnAction =
    /// `[SET DATA] TYPE t [COLLATE c] [USING e]`
    | SetType of Type: TypeName * Collation: QualifiedName option * Using: Expr option
    | SetDefault of Value: Expr
    | DropDefault
    | SetNotNull
    | DropNotNull
    /// `DROP EXPRESSION [IF EXISTS]`
    | DropExpression of IfExists: bool
    /// `ADD GENERATED ALWAYS | BY DEFAULT AS IDENTITY [(options)]`
    | AddIdentity of Always: bool * Options: SequenceOption list
    /// `SET GENERATED ALWAYS`, `SET INCREMENT 2`, `RESTART WITH 5`
    | SetIdentity of Always: bool option * Options: SequenceOption list
    | DropIdentity of IfExists: bool
    | SetStatistics of Target: int
    /// `SET (n_distinct = 5)`
    | SetOptions of Options: NamedOption list
    | ResetOptions of Options: NamedOption list
    /// `SET STORAGE word`
    | SetStorage of Storage: string
    /// `SET COMPRESSION word`
    | SetCompression of Method: string

/// One action of ALTER TABLE (several may follow each other, parted by commas).
[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type AlterTableAction =
    /// `ADD [COLUMN] [IF NOT EXISTS] definition`; DriftQL's `ADD COLUMN c DEFAULT "v"` has no type
    | AddColumn of Column: ColumnDefinition * IfNotExists: bool
    | DropColumn of Name: Identifier * IfExists: bool * Behavior: DropBehavior
    | AlterColumn of Name: Identifier * Action: AlterColumnAction
    | AddConstraint of Constraint: TableConstraint
    | DropConstraint of Name: Identifier * IfExists: bool * Behavior: DropBehavior
    | ValidateConstraint of Name: Identifier
    /// `ALTER CONSTRAINT c DEFERRABLE …`
    | AlterConstraint of Name: Identifier * Attributes: ConstraintAttributes
    /// `ADD PERIOD FOR name (start, end)`
    | AddPeriod of Name: Identifier * Start: Identifier * End: Identifier
    | DropPeriod of Name: Identifier * Behavior: DropBehavior
    /// `ADD SYSTEM VERSIONING`
    | AddSystemVersioning
    /// `DROP SYSTEM VERSIONING`
    | DropSystemVersioning
    | OwnerTo of Owner: RoleSpecification
    /// `SET (fillfactor = 70)`
    | SetOptions of Options: NamedOption list
    | ResetOptions of Options: NamedOption list
    | ReplicaIdentity of Identity: ReplicaIdentity
    /// `ENABLE | DISABLE [REPLICA | ALWAYS] TRIGGER | RULE name | ALL | USER`, `[NO] FORCE | ENABLE | DISABLE ROW LEVEL SECURITY`:
    /// the words in lower case
    | EnableDisable of Text: string
    | ClusterOn of Index: Identifier
    | SetWithoutCluster
    | SetTablespace of Name: Identifier
    | SetLogged of Logged: bool
    | Inherit of Parent: QualifiedName
    | NoInherit of Parent: QualifiedName
    /// `ATTACH PARTITION …` and others that are recognised only to say 0A000; the words
    | Unsupported of Feature: string

/// `CREATE [UNIQUE] INDEX [CONCURRENTLY] [[IF NOT EXISTS] name] ON table [USING method] (elements) …`
[<NoComparison; ReferenceEquality>]
type CreateIndexStatement =
    { /// None: a name is made from the table's and the columns'.
      Name: Identifier option
      Unique: bool
      Concurrently: bool
      IfNotExists: bool
      Table: QualifiedName
      Only: bool
      Method: Identifier option
      Elements: IndexElement list
      Include: Identifier list
      NullsNotDistinct: bool
      Options: NamedOption list
      Tablespace: Identifier option
      Where: Expr option
      Span: SourceSpan }

[<RequireQualifiedAccess>]
type CheckOption =
    | Local
    | Cascaded

/// `CREATE [OR REPLACE] [TEMP] [RECURSIVE] VIEW name [(columns)] [WITH (…)] AS query [WITH CHECK OPTION]`
[<NoComparison; ReferenceEquality>]
type CreateViewStatement =
    { Name: QualifiedName
      OrReplace: bool
      Persistence: Persistence
      Recursive: bool
      Columns: Identifier list
      Options: NamedOption list
      Query: Query
      CheckOption: CheckOption option
      Span: SourceSpan }

/// `CREATE MATERIALIZED VIEW [IF NOT EXISTS] name [(columns)] AS query [WITH [NO] DATA]`
[<NoComparison; ReferenceEquality>]
type CreateMaterializedViewStatement =
    { Name: QualifiedName
      IfNotExists: bool
      Columns: Identifier list
      Options: NamedOption list
      Tablespace: Identifier option
      Query: Query
      WithData: bool
      Span: SourceSpan }

/// What a domain is constrained to.
[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type DomainConstraintKind =
    | NotNull
    | Null
    | Check of Condition: Expr

[<NoComparison; ReferenceEquality>]
type DomainConstraint =
    { Name: Identifier option
      Kind: DomainConstraintKind
      NotValid: bool
      Span: SourceSpan }

[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type AlterDomainAction =
    | SetDefault of Value: Expr
    | DropDefault
    | SetNotNull
    | DropNotNull
    | AddConstraint of Constraint: DomainConstraint
    | DropConstraint of Name: Identifier * IfExists: bool * Behavior: DropBehavior
    | ValidateConstraint of Name: Identifier

[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type TypeDefinition =
    /// `AS ENUM ('a', 'b')`
    | Enum of Labels: string list
    /// `AS (a int, b text)`
    | Composite of Attributes: RecordColumn list
    /// `AS RANGE (subtype = t, …)`
    | Range of Options: NamedOption list
    /// `AS integer FINAL`: a type of its own with another's values
    | Distinct of Source: TypeName
    /// A shell: `CREATE TYPE name`
    | Shell

[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type AlterTypeAction =
    /// `ADD VALUE [IF NOT EXISTS] 'a' [BEFORE | AFTER 'b']`: Neighbour is (isBefore, label)
    | AddValue of Label: string * IfNotExists: bool * Neighbour: (bool * string) option
    | RenameValue of Old: string * New: string
    | AddAttribute of Attribute: RecordColumn * Behavior: DropBehavior
    | DropAttribute of Name: Identifier * IfExists: bool * Behavior: DropBehavior
    | AlterAttribute of Name: Identifier * Type: TypeName * Behavior: DropBehavior

[<RequireQualifiedAccess>]
type ParameterMode =
    | In
    | Out
    | InOut
    | Variadic

/// `[mode] [name] type [DEFAULT value]` of a function
[<NoComparison; ReferenceEquality>]
type FunctionParameter =
    { Mode: ParameterMode
      Name: Identifier option
      Type: TypeName
      Default: Expr option
      Span: SourceSpan }

[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type FunctionResult =
    /// No RETURNS: a procedure, or OUT parameters
    | None
    | Type of Type: TypeName
    /// `RETURNS TABLE (a int, …)`
    | Table of Columns: RecordColumn list

/// A statement in a routine's body.
[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type RoutineStatement =
    | Data of Statement: DataStatement
    | Call of Call: FunctionCall
    /// `RETURN value`
    | Return of Value: Expr

[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type FunctionBody =
    /// `AS 'body'`, `AS $$ body $$`
    | Text of Body: string * Contents: SourceSpan
    /// `RETURN expression`
    | Return of Value: Expr
    /// `AS 'file', 'symbol'`
    | Library of File: string * Symbol: string
    /// `BEGIN ATOMIC statement; … END`
    | Atomic of Statements: RoutineStatement list
    /// The standard's own form: one statement after the head
    | Single of Statement: DataStatement

/// What SET assigns.
[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type SettingValue =
    /// `SET x TO DEFAULT`, `RESET x`
    | Default
    /// `SET x TO a, 'b', 5`: words are Column, numbers and strings Literal, `INTERVAL '1' …` Cast, `@seq:5` TimePoint
    | Values of Values: Expr list
    /// `SET x FROM CURRENT` (in functions)
    | FromCurrent

/// `SET x TO …` of a function: how the setting is while it runs. Value Default for RESET; name `all` for RESET ALL
[<NoComparison; ReferenceEquality>]
type SettingChange = { Setting: string; Value: SettingValue }

/// `CREATE [OR REPLACE] FUNCTION | PROCEDURE name (parameters) RETURNS … LANGUAGE … AS …`
[<NoComparison; ReferenceEquality>]
type CreateFunctionStatement =
    { Name: QualifiedName
      OrReplace: bool
      IsProcedure: bool
      Parameters: FunctionParameter list
      Result: FunctionResult
      Language: string option
      Body: FunctionBody option
      /// The rest, in lower case: `immutable`, `strict`, `security definer`, `cost` with its number …
      Options: NamedOption list
      Settings: SettingChange list
      Span: SourceSpan }

/// The kinds of objects that DROP, COMMENT, GRANT and ALTER … RENAME name.
[<RequireQualifiedAccess>]
type ObjectKind =
    | Table
    | View
    | MaterializedView
    | Index
    | Sequence
    | Schema
    | Database
    | Domain
    | Type
    | Function
    | Procedure
    | Routine
    | Aggregate
    | Operator
    | Extension
    | CharacterSet
    | Collation
    | Translation
    | Conversion
    | Language
    | Role
    | Tablespace
    | ForeignTable
    | ForeignServer
    | ForeignDataWrapper
    | Publication
    | Subscription
    | EventTrigger
    | AccessMethod
    | Statistics
    | TextSearchConfiguration
    | TextSearchDictionary
    | TextSearchParser
    | TextSearchTemplate
    | LargeObject
    /// The next five belong to a table or a domain: see ObjectReference.On.
    | Column
    | Constraint
    | DomainConstraint
    | Trigger
    | Rule
    | Policy
    | Cast

/// An object that a statement names: `TABLE s.t`, `FUNCTION f(int)`, `CONSTRAINT c ON t`, `COLUMN t.c`.
[<NoComparison; ReferenceEquality>]
type ObjectReference =
    { Kind: ObjectKind
      /// For a cast: empty (see Signature).
      Name: QualifiedName
      /// The argument types of a function, an aggregate or an operator; source and target of a cast; None without parentheses.
      Signature: TypeName list option
      /// The table (or domain) of a constraint, trigger, rule or policy.
      On: QualifiedName option
      Span: SourceSpan }

/// `DROP kind [CONCURRENTLY] [IF EXISTS] names [CASCADE | RESTRICT]`
[<NoComparison; ReferenceEquality>]
type DropStatement =
    { Kind: ObjectKind
      Objects: ObjectReference list
      IfExists: bool
      Concurrently: bool
      Behavior: DropBehavior
      /// `WITH (FORCE)` of DROP DATABASE
      Force: bool
      Span: SourceSpan }

/// `SELECT (a, b)`; the privilege's words in lower case, `all` for ALL [PRIVILEGES]
[<NoComparison; ReferenceEquality>]
type Privilege =
    { Name: string
      Columns: Identifier list
      Span: SourceSpan }

[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type GrantTarget =
    | Objects of Objects: ObjectReference list
    /// `ALL TABLES IN SCHEMA s`
    | AllInSchemas of Kind: ObjectKind * Schemas: Identifier list

/// `GRANT privileges ON target TO roles [WITH GRANT OPTION]`, `REVOKE [GRANT OPTION FOR] … FROM …`
[<NoComparison; ReferenceEquality>]
type GrantStatement =
    { IsGrant: bool
      Privileges: Privilege list
      Target: GrantTarget
      Roles: RoleSpecification list
      /// WITH GRANT OPTION, GRANT OPTION FOR
      GrantOption: bool
      GrantedBy: RoleSpecification option
      Behavior: DropBehavior
      Span: SourceSpan }

/// `GRANT a, b TO roles [WITH ADMIN OPTION]`, `REVOKE [ADMIN OPTION FOR] a FROM …`
[<NoComparison; ReferenceEquality>]
type GrantRoleStatement =
    { IsGrant: bool
      Granted: Identifier list
      Roles: RoleSpecification list
      AdminOption: bool
      GrantedBy: RoleSpecification option
      Behavior: DropBehavior
      Span: SourceSpan }

/// `ALTER DEFAULT PRIVILEGES [FOR ROLE …] [IN SCHEMA …] GRANT | REVOKE …`
[<NoComparison; ReferenceEquality>]
type DefaultPrivilegesStatement =
    { ForRoles: RoleSpecification list
      InSchemas: Identifier list
      IsGrant: bool
      Privileges: Privilege list
      Kind: ObjectKind
      Roles: RoleSpecification list
      GrantOption: bool
      Behavior: DropBehavior
      Span: SourceSpan }

/// CREATE and ALTER ROLE, USER, GROUP: options in lower case (`superuser`, `nologin`, `password` with a string, `valid until`,
/// `connection limit`, `in role` with a list …)
[<NoComparison; ReferenceEquality>]
type RoleStatement =
    { Name: RoleSpecification
      /// CREATE USER has LOGIN by default.
      IsUser: bool
      Options: NamedOption list
      Span: SourceSpan }

/// What ALTER of any kind of object but a table's columns does.
[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type AlterObjectAction =
    | RenameTo of Name: Identifier
    /// `RENAME [COLUMN] a TO b` of a table, view or type's ATTRIBUTE
    | RenameColumn of Old: Identifier * New: Identifier
    | RenameConstraint of Old: Identifier * New: Identifier
    | SetSchema of Schema: Identifier
    | OwnerTo of Owner: RoleSpecification
