namespace DriftDb.Frontend

open DriftDb.Types

/// An expression of the block language: PostgreSQL reads it as the query `SELECT expression`, so that `count(*) FROM t` is one as well.
[<NoComparison; ReferenceEquality>]
type BlockExpr =
    { Query: Query
      Span: SourceSpan }

/// What a declaration says of a variable's type.
[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type BlockType =
    /// `numeric(10, 2)[]`
    | Named of Name: TypeName
    /// `record`: a row whose fields are those of what was assigned last
    | Record
    /// `x%TYPE`, `t.a%TYPE`
    | TypeOf of Name: QualifiedName
    /// `t%ROWTYPE`
    | RowTypeOf of Name: QualifiedName

/// `name type` of a cursor's parameters
[<NoComparison; ReferenceEquality>]
type BlockCursorParameter =
    { Name: Identifier
      Type: BlockType }

[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type BlockDeclaration =
    /// `name [CONSTANT] type [NOT NULL] [DEFAULT | := | = expression];`
    | Variable of Name: Identifier * Type: BlockType * IsConstant: bool * IsNotNull: bool * Default: BlockExpr option
    /// `name ALIAS FOR other;`
    | Alias of Name: Identifier * Of: Expr
    /// `name [[NO] SCROLL] CURSOR [(parameters)] FOR query;`
    | Cursor of Name: Identifier * Scroll: bool option * Parameters: BlockCursorParameter list * Query: Query

/// Where rows come from: FOR … IN, RETURN QUERY, OPEN.
[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type BlockRows =
    /// A query, or a change of data with RETURNING
    | Query of Statement: DataStatement * Span: SourceSpan
    /// `EXECUTE command [USING values]`
    | Dynamic of Command: BlockExpr * Using: BlockExpr list * Span: SourceSpan
    /// `cursor [(arguments)]`
    | Cursor of Name: Identifier * Arguments: (Identifier option * BlockExpr) list

/// `INTO [STRICT] a, b`: each target is a variable, a field or a parameter.
[<NoComparison; ReferenceEquality>]
type BlockInto =
    { IsStrict: bool
      Targets: Expr list
      Span: SourceSpan }

/// What an EXCEPTION branch catches, and what RAISE raises.
[<RequireQualifiedAccess>]
type BlockCondition =
    /// `unique_violation`, `others`
    | Named of Name: string
    /// `SQLSTATE '22012'`
    | State of Code: string

[<RequireQualifiedAccess>]
type RaiseLevel =
    | Debug
    | Log
    | Info
    | Notice
    | Warning
    | Exception

/// `RAISE [level] 'format' [, values] | condition [USING option = value, …];`. Nothing at all raises the error again that is being handled.
[<NoComparison; ReferenceEquality>]
type BlockRaise =
    { Level: RaiseLevel
      Condition: BlockCondition option
      Format: string option
      Arguments: BlockExpr list
      /// `MESSAGE`, `DETAIL` … in lower case
      Options: (string * BlockExpr) list
      Span: SourceSpan }

    member this.IsAgain = this.Condition.IsNone && this.Format.IsNone && this.Options.IsEmpty

[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type BlockStatement =
    | Nested of Block: Block
    /// `target := expression;` The target is a variable with fields and subscripts behind it.
    | Assign of Target: Expr * Value: BlockExpr * Span: SourceSpan
    | If of Branches: (BlockExpr * BlockStatement list) list * Else: BlockStatement list * Span: SourceSpan
    /// With an operand, it is a variable of that name, and each condition compares with it. Else is None where there is none: then 20000 is raised.
    | Case of Operand: (string * BlockExpr) option * Branches: (BlockExpr * BlockStatement list) list * Else: BlockStatement list option * Span: SourceSpan
    | Loop of Label: string option * Body: BlockStatement list * Span: SourceSpan
    | While of Label: string option * Condition: BlockExpr * Body: BlockStatement list * Span: SourceSpan
    /// `FOR i IN [REVERSE] a .. b [BY step] LOOP`
    | ForInteger of Label: string option * Variable: Identifier * From: BlockExpr * To: BlockExpr * Step: BlockExpr option * IsReverse: bool * Body: BlockStatement list * Span: SourceSpan
    | ForRows of Label: string option * Targets: Expr list * Rows: BlockRows * Body: BlockStatement list * Span: SourceSpan
    /// `FOREACH x [SLICE n] IN ARRAY a LOOP`
    | ForEach of Label: string option * Targets: Expr list * Slice: int * Array: BlockExpr * Body: BlockStatement list * Span: SourceSpan
    /// `EXIT [label] [WHEN condition];`, and CONTINUE
    | Leave of IsContinue: bool * Label: Identifier option * Condition: BlockExpr option * Span: SourceSpan
    | Return of Value: BlockExpr option * Span: SourceSpan
    | ReturnNext of Value: BlockExpr option * Span: SourceSpan
    | ReturnQuery of Rows: BlockRows * Span: SourceSpan
    | Raise of Details: BlockRaise
    | Assert of Condition: BlockExpr * Message: BlockExpr option * Span: SourceSpan
    /// A statement of SQL; without INTO its rows are an error.
    | Sql of Statement: Statement * Into: BlockInto option * Span: SourceSpan
    /// `PERFORM query;`
    | Perform of Query: Query * Span: SourceSpan
    /// `EXECUTE command [INTO targets] [USING values];`
    | Execute of Command: BlockExpr * Into: BlockInto option * Using: BlockExpr list * Span: SourceSpan
    /// `GET [STACKED] DIAGNOSTICS target = item, …;` with the items in lower case
    | Diagnostics of IsStacked: bool * Items: (Expr * string) list * Span: SourceSpan
    /// `OPEN cursor …;` Rows is None for a cursor that has its query from its declaration.
    | Open of Cursor: Identifier * Scroll: bool option * Rows: BlockRows option * Arguments: (Identifier option * BlockExpr) list * Span: SourceSpan
    | Fetch of Cursor: Identifier * Direction: FetchDirection * Into: BlockInto option * Span: SourceSpan
    | Close of Cursor: Identifier * Span: SourceSpan
    /// `COMMIT [AND CHAIN];`, and ROLLBACK
    | EndTransaction of IsCommit: bool * Chain: bool * Span: SourceSpan
    | Nothing

/// `WHEN condition OR condition THEN statements`
and [<NoComparison; ReferenceEquality>] BlockHandler =
    { Conditions: BlockCondition list
      Body: BlockStatement list
      Span: SourceSpan }

/// `[<<label>>] [DECLARE …] BEGIN … [EXCEPTION …] END [label];`
and [<NoComparison; ReferenceEquality>] Block =
    { Label: string option
      Declarations: BlockDeclaration list
      Body: BlockStatement list
      Handlers: BlockHandler list
      Span: SourceSpan }

[<RequireQualifiedAccess>]
type VariableConflict =
    /// A name that is both a variable and a column is 42702.
    | Error
    | UseVariable
    | UseColumn

/// The whole body of a routine in PL/pgSQL, or of DO.
[<NoComparison; ReferenceEquality>]
type ProcedureBody =
    { Text: string
      Conflict: VariableConflict
      Block: Block }
