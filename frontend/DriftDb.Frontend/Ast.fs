namespace DriftDb.Frontend

open DriftDb.Types

/// A constant as it was written.
[<RequireQualifiedAccess; NoComparison>]
type LiteralValue =
    | Null
    | Boolean of Value: bool
    /// `42`: fits 64 bits; the binder makes it int4 when it fits, else int8.
    | Integer of Value: int64
    /// `1.50`, `1e5`, `99999999999999999999`: numeric, its text kept exactly.
    | Decimal of Text: string
    /// `'it''s'`, `E'\n'`, `$$text$$`, DriftQL's `"text"`: already unescaped.
    | String of Value: string
    /// `B'1010'`: the digits.
    | BitString of Digits: string
    /// `X'1FF'`: the hexadecimal digits.
    | HexString of Digits: string

/// One value's meaning in SQL. Every case ends in its span.
[<RequireQualifiedAccess; NoComparison; CustomEquality>]
type Expr =
    | Literal of Value: LiteralValue * Span: SourceSpan
    /// `$1`: counted from 1.
    | Parameter of Index: int * Span: SourceSpan
    /// `a`, `t.a`, `s.t.a`. The last part may turn out to be a field of a composite column: the binder's to decide.
    | Column of Name: QualifiedName
    /// `*`, `t.*`, `s.t.*`: in select lists, RETURNING, row constructors and as a function's argument `f(t.*)`.
    | Star of Qualifier: QualifiedName option * Span: SourceSpan
    /// `- x`, `@ x`, `~ x`
    | Unary of Operator: OperatorName * Operand: Expr * Span: SourceSpan
    /// `a + b`, `a = b`, `a OPERATOR(pg_catalog.~) b`; comparisons are here as well. Left-deep, may be thousands deep.
    | Binary of Operator: OperatorName * Left: Expr * Right: Expr * Span: SourceSpan
    /// `a AND b AND c`: a chain is one node with two or more operands.
    | And of Operands: Expr list * Span: SourceSpan
    /// `a OR b OR c`: a chain is one node with two or more operands.
    | Or of Operands: Expr list * Span: SourceSpan
    /// `NOT a`
    | Not of Operand: Expr * Span: SourceSpan
    /// `a IS [NOT] NULL`, `a ISNULL`, `a NOTNULL`
    | IsNull of Operand: Expr * Negated: bool * Span: SourceSpan
    /// `a IS [NOT] TRUE | FALSE | UNKNOWN`
    | IsTruth of Operand: Expr * Truth: TruthValue * Negated: bool * Span: SourceSpan
    /// `a IS [NOT] DISTINCT FROM b`; Negated for `IS NOT DISTINCT FROM`.
    | IsDistinctFrom of Left: Expr * Right: Expr * Negated: bool * Span: SourceSpan
    /// `a [NOT] BETWEEN [SYMMETRIC] low AND high`
    | Between of Operand: Expr * Low: Expr * High: Expr * Symmetric: bool * Negated: bool * Span: SourceSpan
    /// `a [NOT] IN (1, 2, 3)`
    | InList of Operand: Expr * Items: Expr list * Negated: bool * Span: SourceSpan
    /// `a [NOT] IN (SELECT …)`, `(a, b) IN (SELECT …)`
    | InQuery of Operand: Expr * Query: Query * Negated: bool * Span: SourceSpan
    /// `a [NOT] LIKE | ILIKE | SIMILAR TO pattern [ESCAPE e]`
    | Like of Kind: LikeKind * Operand: Expr * Pattern: Expr * Escape: Expr option * Negated: bool * Span: SourceSpan
    /// `a = ANY (array)`, `a <> ALL (array)`; LIKE ANY has the operator `~~` (`!~~`, `~~*`, `!~~*`), as in PostgreSQL.
    | QuantifiedArray of Left: Expr * Operator: OperatorName * Quantifier: Quantifier * Array: Expr * Span: SourceSpan
    /// `a = ANY (SELECT …)`, `a <> ALL (SELECT …)`
    | QuantifiedQuery of Left: Expr * Operator: OperatorName * Quantifier: Quantifier * Query: Query * Span: SourceSpan
    /// `EXISTS (SELECT …)`
    | Exists of Query: Query * Span: SourceSpan
    /// `UNIQUE (SELECT …)`: no two rows without NULLs are equal
    | Unique of Query: Query * Span: SourceSpan
    /// `(SELECT …)` as a value
    | Subquery of Query: Query * Span: SourceSpan
    /// `ARRAY(SELECT …)`
    | ArrayQuery of Query: Query * Span: SourceSpan
    /// `ARRAY[1, 2]`, and the inner brackets of `ARRAY[[1], [2]]`
    | Array of Items: Expr list * Span: SourceSpan
    /// `a[1]`, `a[1:2][3]`
    | Subscript of Operand: Expr * Subscripts: Subscript list * Span: SourceSpan
    /// `(a).field`, `f(x).field`
    | Field of Operand: Expr * Name: Identifier * Span: SourceSpan
    /// `(a).*`
    | FieldStar of Operand: Expr * Span: SourceSpan
    /// `ROW(a, b)` (Explicit), `(a, b)`
    | Row of Items: Expr list * Explicit: bool * Span: SourceSpan
    /// `CASE [operand] WHEN a THEN b … [ELSE c] END`
    | Case of Operand: Expr option * Branches: CaseBranch list * Else: Expr option * Span: SourceSpan
    /// What stands left of the predicate in `CASE x WHEN < 5 THEN`: x. Nothing in the text.
    | CaseOperand of Span: SourceSpan
    /// `CAST(a AS t)`, `a::t`, `date '2024-01-01'`
    | Cast of Operand: Expr * Type: TypeName * Syntax: CastSyntax * Span: SourceSpan
    /// `a COLLATE "C"`
    | Collate of Operand: Expr * Collation: QualifiedName * Span: SourceSpan
    /// `a AT TIME ZONE zone`
    | AtTimeZone of Operand: Expr * Zone: Expr * Span: SourceSpan
    /// `f(a, b)`, aggregates and window functions too. EXTRACT, SUBSTRING, POSITION, TRIM, OVERLAY, OVERLAPS of rows and
    /// COLLATION FOR are calls of pg_catalog's functions, with arguments in the order that PostgreSQL gives them.
    | Call of Call: FunctionCall
    /// `COALESCE(a, b, …)`
    | Coalesce of Items: Expr list * Span: SourceSpan
    /// `NULLIF(a, b)`
    | NullIf of Left: Expr * Right: Expr * Span: SourceSpan
    /// `GREATEST(a, b, …)`
    | Greatest of Items: Expr list * Span: SourceSpan
    /// `LEAST(a, b, …)`
    | Least of Items: Expr list * Span: SourceSpan
    /// `GROUPING(a, b)`
    | Grouping of Items: Expr list * Span: SourceSpan
    /// `CURRENT_DATE`, `CURRENT_TIMESTAMP(3)`, `CURRENT_USER`
    | SessionValue of Kind: SessionValue * Precision: int option * Span: SourceSpan
    /// `DEFAULT`: in VALUES rows of an INSERT and as an assigned value only.
    | Default of Span: SourceSpan
    /// `@seq:42`, `@now` as a value: `drift_diff('t', @seq:1, @now)`, `SET drift.as_of = @seq:5`
    | TimePoint of Point: TemporalPoint
    /// `p OVERLAPS PERIOD(a, b)`, `p CONTAINS x`, `p IMMEDIATELY PRECEDES q`
    | PeriodPredicate of Operator: PeriodOperator * Left: PeriodOperand * Right: PeriodOperand * Span: SourceSpan

    /// The text that the expression was read from.
    member this.Span =
        match this with
        | Literal(_, span)
        | Parameter(_, span)
        | Star(_, span)
        | Unary(_, _, span)
        | Binary(_, _, _, span)
        | And(_, span)
        | Or(_, span)
        | Not(_, span)
        | IsNull(_, _, span)
        | IsTruth(_, _, _, span)
        | IsDistinctFrom(_, _, _, span)
        | Between(_, _, _, _, _, span)
        | InList(_, _, _, span)
        | InQuery(_, _, _, span)
        | Like(_, _, _, _, _, span)
        | QuantifiedArray(_, _, _, _, span)
        | QuantifiedQuery(_, _, _, _, span)
        | Exists(_, span)
        | Unique(_, span)
        | CaseOperand span
        | Subquery(_, span)
        | ArrayQuery(_, span)
        | Array(_, span)
        | Subscript(_, _, span)
        | Field(_, _, span)
        | FieldStar(_, span)
        | Row(_, _, span)
        | Case(_, _, _, span)
        | Cast(_, _, _, span)
        | Collate(_, _, span)
        | AtTimeZone(_, _, span)
        | Coalesce(_, span)
        | NullIf(_, _, span)
        | Greatest(_, span)
        | Least(_, span)
        | Grouping(_, span)
        | SessionValue(_, _, span)
        | Default span
        | PeriodPredicate(_, _, _, span) -> span
        | Column name -> name.Span
        | Call call -> call.Span
        | TimePoint point -> point.Span

    // Equality is by reference: structural equality would compare spans, and would overflow the stack on deep chains.
    override this.Equals(other) = obj.ReferenceEquals(this, other)
    override this.GetHashCode() = System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode this

/// `WHEN condition THEN result`; after an operand several values, any of which it may equal
and [<NoComparison; ReferenceEquality>] CaseBranch =
    { When: Expr list
      Then: Expr
      Span: SourceSpan }

/// One bracket after an array.
and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] Subscript =
    /// `[i]`
    | Index of Index: Expr
    /// `[low:high]`, either may be missing
    | Slice of Low: Expr option * High: Expr option

/// A type as written: `varchar(10)`, `numeric(10, 2)[]`, `timestamp(3) with time zone`, `pg_catalog.int4`.
/// SQL's keyword types carry PostgreSQL's names, one part: int2 int4 int8 float4 float8 numeric bool bpchar varchar bit varbit
/// time timetz timestamp timestamptz interval. `char` alone is bpchar(1), `bit` alone is bit(1); `"char"` is the one-byte type.
and [<NoComparison; ReferenceEquality>] TypeName =
    { Name: QualifiedName
      /// `(10, 2)`
      Modifiers: Expr list
      /// `varchar(10 OCTETS)`; None where it isn't said, which means characters
      LengthUnit: LengthUnit option
      /// `interval day to second`
      IntervalFields: IntervalFields option
      /// One entry a dimension: `[]` is None, `[3]` is Some 3. Empty for no array.
      ArrayBounds: int option list
      /// `SETOF t`, in a function's result
      SetOf: bool
      Span: SourceSpan }

/// `a`, `name => a`, `VARIADIC a`
and [<NoComparison; ReferenceEquality>] FunctionArgument =
    { Name: Identifier option
      Value: Expr
      Variadic: bool
      Span: SourceSpan }

/// `name([ALL | DISTINCT] arguments [ORDER BY …]) [WITHIN GROUP (ORDER BY …)] [FILTER (WHERE …)] [OVER …]`
and [<NoComparison; ReferenceEquality>] FunctionCall =
    { Name: QualifiedName
      Arguments: FunctionArgument list
      /// `count(*)`: then Arguments is empty.
      Star: bool
      Distinct: bool
      OrderBy: SortItem list
      WithinGroup: SortItem list
      Filter: Expr option
      /// `IGNORE NULLS` (Some true), `RESPECT NULLS` (Some false)
      IgnoreNulls: bool option
      Over: WindowReference option
      Span: SourceSpan }

/// `OVER w`, `OVER (…)`
and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] WindowReference =
    | Named of Name: Identifier
    | Inline of Window: WindowSpecification

/// `([base] [PARTITION BY …] [ORDER BY …] [frame])`
and [<NoComparison; ReferenceEquality>] WindowSpecification =
    { Base: Identifier option
      PartitionBy: Expr list
      OrderBy: SortItem list
      Frame: WindowFrame option
      Span: SourceSpan }

/// `ROWS | RANGE | GROUPS BETWEEN start AND end [EXCLUDE …]`; `ROWS start` has the end CURRENT ROW.
and [<NoComparison; ReferenceEquality>] WindowFrame =
    { Unit: FrameUnit
      Start: FrameBound
      End: FrameBound
      Exclusion: FrameExclusion
      Span: SourceSpan }

and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] FrameBound =
    | UnboundedPreceding
    | Preceding of Offset: Expr
    | CurrentRow
    | Following of Offset: Expr
    | UnboundedFollowing

/// `expression [ASC | DESC | USING op] [NULLS FIRST | LAST]`
and [<NoComparison; ReferenceEquality>] SortItem =
    { Expression: Expr
      Direction: SortDirection
      Using: OperatorName option
      Nulls: NullsOrder
      Span: SourceSpan }

/// A moment of system time.
and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] TemporalPoint =
    /// Any expression of a type that converts to timestamptz. `AS OF '@seq:5'` is already Sequence.
    | Expression of Value: Expr
    /// `@seq:42`, `@seq:$1`, `@seq:(expression)`: the state after that event
    | Sequence of Number: Expr * Span: SourceSpan
    /// `@now`
    | Now of Span: SourceSpan

    member this.Span =
        match this with
        | Expression value -> value.Span
        | Sequence(_, span) -> span
        | Now span -> span

/// `FOR SYSTEM_TIME …` after a table, or DriftQL's bare `AS OF point`.
and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] SystemTime =
    /// `AS OF point`
    | AsOf of Point: TemporalPoint * Span: SourceSpan
    /// `BETWEEN [ASYMMETRIC | SYMMETRIC] low AND high`: both ends belong to the period
    | Between of Low: TemporalPoint * High: TemporalPoint * Symmetric: bool * Span: SourceSpan
    /// `FROM low TO high`: the end does not belong to the period
    | FromTo of Low: TemporalPoint * High: TemporalPoint * Span: SourceSpan
    /// `ALL`
    | All of Span: SourceSpan

    member this.Span =
        match this with
        | AsOf(_, span)
        | Between(_, _, _, span)
        | FromTo(_, _, span)
        | All span -> span

/// One side of a period predicate.
and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] PeriodOperand =
    /// A declared period's name: `t.valid`; a column may stand here for CONTAINS' right side.
    | Named of Name: QualifiedName
    /// `PERIOD(low, high)`
    | Bounds of Low: Expr * High: Expr * Span: SourceSpan
    /// A single moment, right of CONTAINS
    | Point of Value: Expr

/// `[WITH …] body [ORDER BY …] [LIMIT …] [OFFSET …] [FOR UPDATE …] [AS OF point]`
and [<NoComparison; ReferenceEquality>] Query =
    { With: WithClause option
      Body: QueryBody
      OrderBy: SortItem list
      /// None without LIMIT, or with LIMIT ALL. FETCH FIRST n ROWS is the same; without n it is 1.
      Limit: Expr option
      /// `FETCH FIRST n PERCENT ROWS …`: the limit is a share of all rows, those that OFFSET skips included.
      IsPercent: bool
      /// `FETCH FIRST n ROWS WITH TIES`
      WithTies: bool
      Offset: Expr option
      Locking: LockingClause list
      /// DriftQL's `SELECT … AS OF point` at the end: the moment of every table reference in this query (common table
      /// expressions and subqueries included) that has no temporal clause of its own.
      AsOf: TemporalPoint option
      Span: SourceSpan }

and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] QueryBody =
    /// `SELECT …`; `TABLE t` is `SELECT * FROM t`.
    | Select of Select: SelectCore
    /// `VALUES (1, 2), (3, DEFAULT)`
    | Values of Rows: Expr list list * Span: SourceSpan
    /// `a UNION [ALL] [CORRESPONDING [BY (c, …)]] b`; INTERSECT binds tighter than UNION and EXCEPT. Left-deep. Corresponding is empty
    /// for all columns that both sides have, None where columns go by their places.
    | SetOperation of Operator: SetOperator * All: bool * Corresponding: Identifier list option * Left: QueryBody * Right: QueryBody * Span: SourceSpan
    /// `(query)` as an operand, where its own WITH, ORDER BY or LIMIT matter. Superfluous parentheses are gone.
    | Nested of Query: Query

/// `SELECT [ALL | DISTINCT | DISTINCT ON (…)] items [INTO …] [FROM …] [WHERE …] [GROUP BY …] [HAVING …] [WINDOW …]`
and [<NoComparison; ReferenceEquality>] SelectCore =
    { Distinct: DistinctClause
      /// May be empty: `SELECT FROM t`.
      Items: SelectItem list
      Into: IntoTarget option
      From: TableReference list
      Where: Expr option
      GroupBy: GroupByClause option
      Having: Expr option
      Windows: WindowDefinition list
      Span: SourceSpan }

and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] DistinctClause =
    | All
    | Distinct
    | On of Keys: Expr list

/// `expression [[AS] alias]`, or a star, whose columns may be named
and [<NoComparison; ReferenceEquality>] SelectItem =
    { Expression: Expr
      Alias: Identifier option
      /// `t.* AS (a, b)`
      Columns: Identifier list
      Span: SourceSpan }

/// `SELECT … INTO [TEMP] [TABLE] name`
and [<NoComparison; ReferenceEquality>] IntoTarget =
    { Name: QualifiedName
      Persistence: Persistence
      Span: SourceSpan }

/// `GROUP BY [ALL | DISTINCT] elements`
and [<NoComparison; ReferenceEquality>] GroupByClause =
    { /// Drops repeated grouping sets.
      Distinct: bool
      Elements: GroupingElement list
      Span: SourceSpan }

and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] GroupingElement =
    /// `a + b`; a bare integer is an ordinal, a bare name an input column before an output column: the binder's to decide.
    | Expression of Value: Expr
    /// `()`
    | Empty of Span: SourceSpan
    /// `(a, b)`: several keys that go together
    | Keys of Items: Expr list * Span: SourceSpan
    /// `ROLLUP (a, (b, c))`
    | Rollup of Items: GroupingElement list * Span: SourceSpan
    /// `CUBE (a, (b, c))`
    | Cube of Items: GroupingElement list * Span: SourceSpan
    /// `GROUPING SETS ((a), ROLLUP (b), ())`
    | Sets of Items: GroupingElement list * Span: SourceSpan

/// `WINDOW name AS (…)`
and [<NoComparison; ReferenceEquality>] WindowDefinition =
    { Name: Identifier
      Window: WindowSpecification
      Span: SourceSpan }

/// `FOR UPDATE [OF t, …] [NOWAIT | SKIP LOCKED]`
and [<NoComparison; ReferenceEquality>] LockingClause =
    { Strength: LockStrength
      Of: QualifiedName list
      Wait: LockWait
      Span: SourceSpan }

/// `WITH [RECURSIVE] ctes`
and [<NoComparison; ReferenceEquality>] WithClause =
    { Recursive: bool
      Tables: CommonTable list
      Span: SourceSpan }

/// `name [(columns)] AS [[NOT] MATERIALIZED] (statement) [SEARCH …] [CYCLE …]`
and [<NoComparison; ReferenceEquality>] CommonTable =
    { Name: Identifier
      Columns: Identifier list
      /// MATERIALIZED (Some true), NOT MATERIALIZED (Some false)
      Materialized: bool option
      Body: DataStatement
      Search: SearchClause option
      Cycle: CycleClause option
      Span: SourceSpan }

/// `SEARCH DEPTH|BREADTH FIRST BY columns SET sequence`: one more column, by which the rows of a recursion sort in that order.
and [<NoComparison; ReferenceEquality>] SearchClause =
    { DepthFirst: bool
      Columns: Identifier list
      Sequence: Identifier
      Span: SourceSpan }

/// `CYCLE columns SET mark [TO value DEFAULT value] USING path`: a row that the recursion has come through before is marked, and not gone on from.
and [<NoComparison; ReferenceEquality>] CycleClause =
    { Columns: Identifier list
      Mark: Identifier
      /// true and false where nothing is said
      Values: CycleMark option
      Path: Identifier
      Span: SourceSpan }

and [<NoComparison; ReferenceEquality>] CycleMark =
    { Cyclic: Expr
      Otherwise: Expr }

/// A statement that may stand in WITH, under EXPLAIN, in PREPARE and in COPY.
and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] DataStatement =
    | Query of Query
    | Insert of InsertStatement
    | Update of UpdateStatement
    | Delete of DeleteStatement
    | Merge of MergeStatement

/// An entry of FROM.
and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] TableReference =
    | Table of Table: TableSource
    /// `[LATERAL] (query) [[AS] alias [(columns)]]`
    | Subquery of Query: Query * Lateral: bool * Alias: TableAlias option * Span: SourceSpan
    /// `[LATERAL] f(x) [WITH ORDINALITY] [alias]`, `ROWS FROM (f(x), g(y))`
    | Function of Function: FunctionSource
    | Join of Join: JoinSource

    member this.Span =
        match this with
        | Table table -> table.Span
        | Subquery(_, _, _, span) -> span
        | Function source -> source.Span
        | Join join -> join.Span

/// `[ONLY] name [*] [FOR SYSTEM_TIME …] [[AS] alias [(columns)]] [TABLESAMPLE …]`
and [<NoComparison; ReferenceEquality>] TableSource =
    { Name: QualifiedName
      Only: bool
      SystemTime: SystemTime option
      Alias: TableAlias option
      Sample: TableSample option
      Span: SourceSpan }

/// `TABLESAMPLE method (arguments) [REPEATABLE (seed)]`
and [<NoComparison; ReferenceEquality>] TableSample =
    { Method: QualifiedName
      Arguments: Expr list
      Seed: Expr option
      Span: SourceSpan }

/// `[AS] name [(a, b)]`; for functions that return records `AS [name] (a int, b text)`
and [<NoComparison; ReferenceEquality>] TableAlias =
    { /// None only for `f(x) AS (a int, b text)`.
      Name: Identifier option
      Columns: Identifier list
      ColumnDefinitions: RecordColumn list
      Span: SourceSpan }

/// `a int COLLATE "C"`: a column of a record-returning function, or an attribute of a composite type
and [<NoComparison; ReferenceEquality>] RecordColumn =
    { Name: Identifier
      Type: TypeName
      Collation: QualifiedName option
      Span: SourceSpan }

and [<NoComparison; ReferenceEquality>] FunctionSource =
    { /// One, or several under ROWS FROM.
      Functions: TableFunction list
      RowsFrom: bool
      Lateral: bool
      WithOrdinality: bool
      Alias: TableAlias option
      Span: SourceSpan }

/// `f(x) [AS (a int)]`; the call is any expression that has function syntax (`current_date` as well)
and [<NoComparison; ReferenceEquality>] TableFunction =
    { Call: Expr
      ColumnDefinitions: RecordColumn list
      Span: SourceSpan }

/// `left JOIN right condition`; parenthesised joins may have an alias
and [<NoComparison; ReferenceEquality>] JoinSource =
    { Kind: JoinKind
      Left: TableReference
      Right: TableReference
      Condition: JoinCondition
      Alias: TableAlias option
      Span: SourceSpan }

and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] JoinCondition =
    /// CROSS JOIN
    | None
    /// `ON condition`
    | On of Condition: Expr
    /// `USING (a, b) [AS alias]`
    | Using of Columns: Identifier list * Alias: Identifier option
    /// `NATURAL`
    | Natural

/// `INSERT INTO table [AS alias] [(columns)] [OVERRIDING …] source [ON CONFLICT …] [RETURNING …]`
and [<NoComparison; ReferenceEquality>] InsertStatement =
    { With: WithClause option
      Table: QualifiedName
      Alias: Identifier option
      Columns: AssignmentTarget list
      /// OVERRIDING SYSTEM VALUE (Some true), OVERRIDING USER VALUE (Some false)
      OverridingSystem: bool option
      Source: InsertSource
      OnConflict: OnConflict option
      Returning: SelectItem list
      Span: SourceSpan }

and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] InsertSource =
    /// `DEFAULT VALUES`
    | DefaultValues
    /// `VALUES …`, `SELECT …`
    | Query of Query

/// A column that gets a value: `a`, `a[1]`, `a.field`
and [<NoComparison; ReferenceEquality>] AssignmentTarget =
    { Column: Identifier
      /// `.field` and `[i]`, outermost first; nearly always empty.
      Path: TargetStep list
      Span: SourceSpan }

and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] TargetStep =
    | Field of Name: Identifier
    | Subscript of Subscript: Subscript

/// `ON CONFLICT [target] DO NOTHING | DO UPDATE SET … [WHERE …]`
and [<NoComparison; ReferenceEquality>] OnConflict =
    { Target: ConflictTarget
      Action: ConflictAction
      Span: SourceSpan }

and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] ConflictTarget =
    /// No target: DO NOTHING only
    | Any
    /// `(a, lower(b)) [WHERE predicate]`
    | Elements of Elements: IndexElement list * Where: Expr option
    /// `ON CONSTRAINT name`
    | Constraint of Name: Identifier

and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] ConflictAction =
    | DoNothing
    | DoUpdate of Assignments: Assignment list * Where: Expr option

/// `column | (expression) [COLLATE c] [opclass [(options)]] [ASC | DESC] [NULLS FIRST | LAST]`
and [<NoComparison; ReferenceEquality>] IndexElement =
    { /// A column is Expr.Column of one part.
      Expression: Expr
      Collation: QualifiedName option
      OperatorClass: QualifiedName option
      OperatorClassOptions: NamedOption list
      Direction: SortDirection
      Nulls: NullsOrder
      Span: SourceSpan }

/// `name [= value]`: an option of WITH (…), COPY, EXPLAIN, an operator class …
and [<NoComparison; ReferenceEquality>] NamedOption =
    { /// Lower case; a namespace is kept: `toast.autovacuum_enabled`.
      Name: string
      Value: OptionValue option
      Span: SourceSpan }

and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] OptionValue =
    /// A bare word, `on`, `true`, `csv`: lower case unless quoted
    | Word of Text: string
    | String of Value: string
    /// A number with its sign
    | Number of Text: string
    /// `(a, b)`: COPY's column lists
    | List of Items: OptionValue list
    /// `*`: COPY's FORCE_QUOTE *
    | Star

/// `a = value`, `(a, b) = row`
and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] Assignment =
    /// `a = value`; the value may be Expr.Default
    | Single of Target: AssignmentTarget * Value: Expr * Span: SourceSpan
    /// `(a, b) = (1, DEFAULT) | ROW(1, 2) | (SELECT …)`: the value is Expr.Row or Expr.Subquery
    | Multiple of Targets: AssignmentTarget list * Value: Expr * Span: SourceSpan

/// `FOR PORTION OF period FROM low TO high`
and [<NoComparison; ReferenceEquality>] PortionOf =
    { Period: Identifier
      Low: Expr
      High: Expr
      Span: SourceSpan }

/// WHERE of UPDATE and DELETE
and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] RowSelection =
    | All
    | Where of Condition: Expr
    /// `WHERE CURRENT OF cursor`
    | CurrentOf of Cursor: Identifier

/// `UPDATE [ONLY] table [FOR PORTION OF …] [[AS] alias] SET … [FROM …] [WHERE …] [RETURNING …]`
and [<NoComparison; ReferenceEquality>] UpdateStatement =
    { With: WithClause option
      Table: QualifiedName
      Only: bool
      Portion: PortionOf option
      Alias: Identifier option
      Assignments: Assignment list
      From: TableReference list
      Where: RowSelection
      Returning: SelectItem list
      Span: SourceSpan }

/// `DELETE FROM [ONLY] table [FOR PORTION OF …] [[AS] alias] [USING …] [WHERE …] [RETURNING …]`
and [<NoComparison; ReferenceEquality>] DeleteStatement =
    { With: WithClause option
      Table: QualifiedName
      Only: bool
      Portion: PortionOf option
      Alias: Identifier option
      Using: TableReference list
      Where: RowSelection
      Returning: SelectItem list
      Span: SourceSpan }

/// `MERGE INTO table [[AS] alias] USING source ON condition WHEN …`
and [<NoComparison; ReferenceEquality>] MergeStatement =
    { With: WithClause option
      Table: QualifiedName
      Only: bool
      Alias: Identifier option
      Source: TableReference
      On: Expr
      Branches: MergeBranch list
      Returning: SelectItem list
      Span: SourceSpan }

/// `WHEN [NOT] MATCHED [BY SOURCE | TARGET] [AND condition] THEN action`
and [<NoComparison; ReferenceEquality>] MergeBranch =
    { Match: MergeMatch
      Condition: Expr option
      Action: MergeAction
      Span: SourceSpan }

and [<RequireQualifiedAccess>] MergeMatch =
    | Matched
    /// `NOT MATCHED [BY TARGET]`
    | NotMatchedByTarget
    /// `NOT MATCHED BY SOURCE`
    | NotMatchedBySource

and [<RequireQualifiedAccess; NoComparison; ReferenceEquality>] MergeAction =
    /// `UPDATE SET …`
    | Update of Assignments: Assignment list
    /// `DELETE`
    | Delete
    /// `INSERT [(columns)] [OVERRIDING …] VALUES (…)`; Values is empty for DEFAULT VALUES
    | Insert of Columns: AssignmentTarget list * OverridingSystem: bool option * Values: Expr list
    /// `DO NOTHING`
    | DoNothing
