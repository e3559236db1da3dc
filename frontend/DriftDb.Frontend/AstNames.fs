namespace DriftDb.Frontend

open DriftDb.Types

/// One name as SQL sees it: unquoted text is folded to lower case, quoted text kept, both cut to 63 bytes of UTF-8.
[<NoComparison>]
type Identifier =
    { Name: string
      /// Written in double quotes. Carries no meaning for lookups (folding is done); for hints and for DriftQL only.
      Quoted: bool
      Span: SourceSpan }

/// `a`, `a.b`, `catalog.schema.table.column`: at least one part.
[<NoComparison>]
type QualifiedName =
    { Parts: Identifier list
      Span: SourceSpan }

    /// The last part's text: the object's own name.
    member this.Last = (List.last this.Parts).Name

    /// The texts of the parts.
    member this.Texts = this.Parts |> List.map (fun part -> part.Name)

/// An operator by symbol: `+`, `~~`, `->>`, or `OPERATOR(pg_catalog.~)`. `!=` is already `<>`.
[<NoComparison>]
type OperatorName =
    { /// Empty unless the OPERATOR(schema.op) form was used.
      Schema: Identifier list
      Symbol: string
      Span: SourceSpan }

/// The field range of INTERVAL: `INTERVAL '1' DAY`, `interval day to second(3)`.
[<RequireQualifiedAccess>]
type IntervalFields =
    | Year
    | Month
    | Day
    | Hour
    | Minute
    | Second
    | YearToMonth
    | DayToHour
    | DayToMinute
    | DayToSecond
    | HourToMinute
    | HourToSecond
    | MinuteToSecond

/// `LIKE`, `ILIKE`, `SIMILAR TO`.
[<RequireQualifiedAccess>]
type LikeKind =
    | Like
    | ILike
    | SimilarTo

/// `IS TRUE`, `IS FALSE`, `IS UNKNOWN`.
[<RequireQualifiedAccess>]
type TruthValue =
    | True
    | False
    | Unknown

/// `ANY` (and its synonym `SOME`), `ALL`.
[<RequireQualifiedAccess>]
type Quantifier =
    | Any
    | All

/// How a cast was written; all three mean the same, except that a literal after its type is converted while binding.
[<RequireQualifiedAccess>]
type CastSyntax =
    /// `CAST(x AS t)`
    | Cast
    /// `x::t`
    | Colons
    /// `date '2024-01-01'`, `INTERVAL '1' DAY`
    | TypedLiteral

/// The values that SQL gives without parentheses.
[<RequireQualifiedAccess>]
type SessionValue =
    | CurrentDate
    | CurrentTime
    | CurrentTimestamp
    | LocalTime
    | LocalTimestamp
    | CurrentRole
    | CurrentUser
    | SessionUser
    | User
    | CurrentCatalog
    | CurrentSchema

/// `ASC`, `DESC`; Default when neither is written.
[<RequireQualifiedAccess>]
type SortDirection =
    | Default
    | Ascending
    | Descending

/// `NULLS FIRST`, `NULLS LAST`; Default is LAST for ascending, FIRST for descending.
[<RequireQualifiedAccess>]
type NullsOrder =
    | Default
    | First
    | Last

[<RequireQualifiedAccess>]
type JoinKind =
    | Inner
    | Left
    | Right
    | Full
    /// `CROSS JOIN`; commas in FROM are separate entries of the FROM list.
    | Cross

[<RequireQualifiedAccess>]
type SetOperator =
    | Union
    | Intersect
    | Except

[<RequireQualifiedAccess>]
type LockStrength =
    | Update
    | NoKeyUpdate
    | Share
    | KeyShare

/// What to do about a row that someone else holds.
[<RequireQualifiedAccess>]
type LockWait =
    | Wait
    | NoWait
    | SkipLocked

[<RequireQualifiedAccess>]
type FrameUnit =
    | Rows
    | Range
    | Groups

[<RequireQualifiedAccess>]
type FrameExclusion =
    | NoOthers
    | CurrentRow
    | Group
    | Ties

/// SQL:2011's predicates over periods.
[<RequireQualifiedAccess>]
type PeriodOperator =
    | Overlaps
    | Equals
    | Contains
    | Precedes
    | Succeeds
    | ImmediatelyPrecedes
    | ImmediatelySucceeds

/// `RESTRICT` (the default) or `CASCADE`.
[<RequireQualifiedAccess>]
type DropBehavior =
    | Restrict
    | Cascade

/// What a length, or a position in a string, counts.
[<RequireQualifiedAccess>]
type LengthUnit =
    | Characters
    | Octets

/// `TEMPORARY`, `UNLOGGED`, or neither.
[<RequireQualifiedAccess>]
type Persistence =
    | Permanent
    | Temporary
    | Unlogged
