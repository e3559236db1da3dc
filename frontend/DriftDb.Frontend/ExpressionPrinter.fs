namespace DriftDb.Frontend

open System
open System.Globalization
open System.Runtime.CompilerServices
open System.Text
open DriftDb.Grammar

/// How tightly a piece of an expression binds; an operand that binds looser than its place demands gets parentheses.
module internal Precedence =
    [<Literal>]
    let Or = 0

    [<Literal>]
    let And = 1

    [<Literal>]
    let Not = 2

    [<Literal>]
    let Is = 3

    [<Literal>]
    let Comparison = 4

    [<Literal>]
    let Predicate = 5

    [<Literal>]
    let Operator = 6

    [<Literal>]
    let Additive = 7

    [<Literal>]
    let Multiplicative = 8

    [<Literal>]
    let Power = 9

    [<Literal>]
    let AtTimeZone = 10

    [<Literal>]
    let Collate = 11

    [<Literal>]
    let Sign = 12

    [<Literal>]
    let Cast = 13

    [<Literal>]
    let Primary = 14

    let ofOperator (operator: OperatorName) =
        if not operator.Schema.IsEmpty then
            Operator
        else
            match operator.Symbol with
            | "="
            | "<>"
            | "<"
            | "<="
            | ">"
            | ">=" -> Comparison
            | "+"
            | "-" -> Additive
            | "*"
            | "/"
            | "%" -> Multiplicative
            | "^" -> Power
            | _ -> Operator

    let rec ofExpr (expr: Expr) =
        match expr with
        | Expr.Or _ -> Or
        | Expr.And _ -> And
        | Expr.Not _ -> Not
        | Expr.IsNull _
        | Expr.IsTruth _
        | Expr.IsDistinctFrom _ -> Is
        | Expr.Binary(operator, _, _, _) -> ofOperator operator
        | Expr.QuantifiedArray(_, operator, _, _, _)
        | Expr.QuantifiedQuery(_, operator, _, _, _) -> if ofOperator operator = Comparison then Comparison else Operator
        | Expr.Between _
        | Expr.InList _
        | Expr.InQuery _
        | Expr.Like _
        | Expr.PeriodPredicate _ -> Predicate
        | Expr.Unary({ Schema = []; Symbol = ("+" | "-") }, _, _) -> Sign
        | Expr.Unary _ -> Operator
        | Expr.Literal(LiteralValue.Integer value, _) when value < 0L -> Sign
        | Expr.Literal(LiteralValue.Decimal text, _) when text.StartsWith '-' -> Sign
        | Expr.AtTimeZone _ -> AtTimeZone
        | Expr.Collate _ -> Collate
        | Expr.Cast(_, _, CastSyntax.Colons, _) -> Cast
        | _ -> Primary

/// AST → SQL that parses to the same AST again: expressions and types. Queries are left to the class that inherits this one.
[<AbstractClass>]
type internal ExpressionPrinter() =

    let text = StringBuilder()

    member _.Text = text

    member _.Write(part: string) = text.Append part |> ignore

    /// Writes the items with a separator between them.
    member _.Join(separator: string, items: 'item list, write: 'item -> unit) =
        items
        |> List.iteri (fun i item ->
            if i > 0 then text.Append separator |> ignore
            write item)

    member this.Commas(items: 'item list, write: 'item -> unit) = this.Join(", ", items, write)

    /// `(a, b)`
    member this.Parens(items: 'item list, write: 'item -> unit) =
        this.Write "("
        this.Commas(items, write)
        this.Write ")"

    member this.Optional(item: 'item option, write: 'item -> unit) = Option.iter write item

    member this.When(condition: bool, part: string) = if condition then this.Write part

    // ---- names and literals

    static member private Quote(name: string) = "\"" + name.Replace("\"", "\"\"") + "\""

    /// A name where unquoted words of most kinds may stand.
    member this.Name(name: Identifier) =
        let safe =
            SqlWords.HasPlainCharacters name.Name
            && (match SqlWords.Classify name.Name |> Option.ofNullable with
                | None
                | Some WordClass.Plain -> true
                | Some WordClass.Reserved
                | Some WordClass.TypeOrFunctionName -> false
                | Some _ -> not name.Quoted)

        this.Write(if safe then name.Name else ExpressionPrinter.Quote name.Name)

    /// A name where only plain words may stand without quotes.
    member this.PlainName(name: Identifier) =
        this.Write(if SqlWords.IsPlainName name.Name then name.Name else ExpressionPrinter.Quote name.Name)

    /// A name after AS or a dot, where any word may stand.
    member this.Label(name: Identifier) =
        this.Write(if SqlWords.HasPlainCharacters name.Name then name.Name else ExpressionPrinter.Quote name.Name)

    member this.QualifiedName(name: QualifiedName) =
        match name.Parts with
        | [] -> ()
        | first :: rest ->
            this.Name first

            for part in rest do
                this.Write "."
                this.Label part

    member this.Names(names: Identifier list) = this.Parens(names, this.Name)

    member this.OptionalNames(names: Identifier list) =
        if not names.IsEmpty then
            this.Write " "
            this.Names names

    member this.String(value: string) =
        text.Append('\'').Append(value.Replace("'", "''")).Append('\'') |> ignore

    member this.Literal(value: LiteralValue) =
        match value with
        | LiteralValue.Null -> this.Write "NULL"
        | LiteralValue.Boolean true -> this.Write "TRUE"
        | LiteralValue.Boolean false -> this.Write "FALSE"
        | LiteralValue.Integer number -> this.Write(number.ToString CultureInfo.InvariantCulture)
        | LiteralValue.Decimal digits -> this.Write digits
        | LiteralValue.String value -> this.String value
        | LiteralValue.BitString digits -> this.Write("B'" + digits + "'")
        | LiteralValue.HexString digits -> this.Write("X'" + digits + "'")

    member this.Operator(operator: OperatorName) =
        if operator.Schema.IsEmpty then
            this.Write operator.Symbol
        else
            this.Write "OPERATOR("
            this.Join(".", operator.Schema, this.Name)
            this.Write("." + operator.Symbol + ")")

    // ---- types

    static member private FieldsText(fields: IntervalFields) =
        match fields with
        | IntervalFields.Year -> "YEAR"
        | IntervalFields.Month -> "MONTH"
        | IntervalFields.Day -> "DAY"
        | IntervalFields.Hour -> "HOUR"
        | IntervalFields.Minute -> "MINUTE"
        | IntervalFields.Second -> "SECOND"
        | IntervalFields.YearToMonth -> "YEAR TO MONTH"
        | IntervalFields.DayToHour -> "DAY TO HOUR"
        | IntervalFields.DayToMinute -> "DAY TO MINUTE"
        | IntervalFields.DayToSecond -> "DAY TO SECOND"
        | IntervalFields.HourToMinute -> "HOUR TO MINUTE"
        | IntervalFields.HourToSecond -> "HOUR TO SECOND"
        | IntervalFields.MinuteToSecond -> "MINUTE TO SECOND"

    member private this.Modifiers(modifiers: Expr list) =
        if not modifiers.IsEmpty then this.Parens(modifiers, this.Expr)

    member private this.Length(typeName: TypeName) =
        match typeName.LengthUnit with
        | None -> this.Modifiers typeName.Modifiers
        | Some unit ->
            this.Write "("
            this.Commas(typeName.Modifiers, this.Expr)
            this.Write(if unit = LengthUnit.Octets then " OCTETS)" else " CHARACTERS)")

    /// The fields with the precision that belongs to SECOND.
    member private this.Fields(typeName: TypeName) =
        match typeName.IntervalFields with
        | None -> ()
        | Some fields ->
            this.Write(" " + ExpressionPrinter.FieldsText fields)
            this.Modifiers typeName.Modifiers

    member private this.BareTypeName(typeName: TypeName) =
        match typeName.Name.Parts with
        | [ { Name = ("time" | "timestamp" | "bit" | "interval") as word; Quoted = false } ] -> this.Write word
        | [ { Quoted = false } as part ] -> this.PlainName part
        // "int" is not int4, nor is "char" bpchar.
        | [ part ] -> this.Write(ExpressionPrinter.Quote part.Name)
        | _ -> this.QualifiedName typeName.Name

    member this.TypeName(typeName: TypeName) =
        this.When(typeName.SetOf, "SETOF ")
        this.BareTypeName typeName

        if typeName.IntervalFields.IsSome then this.Fields typeName else this.Length typeName

        for bound in typeName.ArrayBounds do
            match bound with
            | None -> this.Write "[]"
            | Some size -> this.Write $"[{size}]"

    // ---- expressions

    abstract Query: Query -> unit

    member this.Subquery(query: Query) =
        this.Write "("
        this.Query query
        this.Write ")"

    /// An operand whose place demands at least the given precedence.
    member private this.Operand (minimum: int) (expr: Expr) =
        if Precedence.ofExpr expr < minimum then
            this.Write "("
            this.Expr expr
            this.Write ")"
        else
            this.Expr expr

    member this.Value(expr: Expr) = this.Operand Precedence.Operator expr

    member this.Expr(expr: Expr) : unit =
        RuntimeHelpers.EnsureSufficientExecutionStack()
        let negation negated = if negated then "NOT " else ""

        match expr with
        | Expr.Literal(value, _) -> this.Literal value
        | Expr.Parameter(index, _) -> this.Write $"${index}"
        | Expr.Column name -> this.QualifiedName name
        | Expr.Star(None, _) -> this.Write "*"
        | Expr.Star(Some qualifier, _) ->
            this.QualifiedName qualifier
            this.Write ".*"
        | Expr.Unary(operator, operand, _) ->
            this.Operator operator
            let place = text.Length
            this.Operand (if Precedence.ofExpr expr = Precedence.Sign then Precedence.Sign else Precedence.Additive) operand
            // Two operators side by side would be one; -5 after a sign would be a constant.
            if text.Length > place && "~!@#^&|`?+-*/%<>=nN".Contains text[place] || not operator.Schema.IsEmpty then
                text.Insert(place, " ") |> ignore
        | Expr.Binary _ -> this.BinaryChain expr
        | Expr.And(operands, _) -> this.Join(" AND ", operands, this.Operand Precedence.Not)
        | Expr.Or(operands, _) -> this.Join(" OR ", operands, this.Operand Precedence.And)
        | Expr.Not(operand, _) ->
            this.Write "NOT "
            this.Operand Precedence.Not operand
        | Expr.IsNull(operand, negated, _) ->
            this.Value operand
            this.Write(" IS " + negation negated + "NULL")
        | Expr.IsTruth(operand, truth, negated, _) ->
            this.Value operand

            let word =
                match truth with
                | TruthValue.True -> "TRUE"
                | TruthValue.False -> "FALSE"
                | TruthValue.Unknown -> "UNKNOWN"

            this.Write(" IS " + negation negated + word)
        | Expr.IsDistinctFrom(left, right, negated, _) ->
            this.Value left
            this.Write(" IS " + negation negated + "DISTINCT FROM ")
            this.Value right
        | Expr.Between(operand, low, high, symmetric, negated, _) ->
            this.Value operand
            this.Write(" " + negation negated + "BETWEEN ")
            this.When(symmetric, "SYMMETRIC ")
            this.Value low
            this.Write " AND "
            this.Value high
        | Expr.InList(operand, items, negated, _) ->
            this.Value operand
            this.Write(" " + negation negated + "IN ")
            this.Parens(items, this.Expr)
        | Expr.InQuery(operand, query, negated, _) ->
            this.Value operand
            this.Write(" " + negation negated + "IN ")
            this.Subquery query
        | Expr.Like(kind, operand, pattern, escape, negated, _) ->
            this.Value operand

            let word =
                match kind with
                | LikeKind.Like -> "LIKE "
                | LikeKind.ILike -> "ILIKE "
                | LikeKind.SimilarTo -> "SIMILAR TO "

            this.Write(" " + negation negated + word)
            this.Value pattern

            match escape with
            | None -> ()
            | Some escape ->
                this.Write " ESCAPE "
                this.Value escape
        | Expr.QuantifiedArray(left, operator, quantifier, array, _) ->
            this.QuantifiedStart left operator quantifier
            this.Write "("
            this.Expr array
            this.Write ")"
        | Expr.QuantifiedQuery(left, operator, quantifier, query, _) ->
            this.QuantifiedStart left operator quantifier
            this.Subquery query
        | Expr.Exists(query, _) ->
            this.Write "EXISTS "
            this.Subquery query
        | Expr.Unique(query, _) ->
            this.Write "UNIQUE "
            this.Subquery query
        | Expr.CaseOperand _ ->
            // What follows brings the space before it.
            if text.Length > 0 && text[text.Length - 1] = ' ' then text.Length <- text.Length - 1
        | Expr.Subquery(query, _) -> this.Subquery query
        | Expr.ArrayQuery(query, _) ->
            this.Write "ARRAY"
            this.Subquery query
        | Expr.Array(items, _) ->
            this.Write "ARRAY"
            this.ArrayItems items
        | Expr.Subscript(operand, subscripts, _) ->
            match operand with
            | Expr.Column _
            | Expr.Parameter _ -> this.Expr operand
            | _ ->
                this.Write "("
                this.Expr operand
                this.Write ")"

            for subscript in subscripts do
                this.Subscript subscript
        | Expr.Field(operand, name, _) ->
            this.Write "("
            this.Expr operand
            this.Write ")."
            this.Label name
        | Expr.FieldStar(operand, _) ->
            this.Write "("
            this.Expr operand
            this.Write ").*"
        | Expr.Row(items, isExplicit, _) ->
            this.When(isExplicit || items.Length < 2, "ROW")
            this.Parens(items, this.Expr)
        | Expr.Case(operand, branches, otherwise, _) ->
            this.Write "CASE"

            match operand with
            | None -> ()
            | Some operand ->
                this.Write " "
                this.Expr operand

            for branch in branches do
                this.Write " WHEN "
                this.Commas(branch.When, this.Expr)
                this.Write " THEN "
                this.Expr branch.Then

            match otherwise with
            | None -> ()
            | Some otherwise ->
                this.Write " ELSE "
                this.Expr otherwise

            this.Write " END"
        | Expr.Cast(operand, typeName, CastSyntax.Cast, _) ->
            this.Write "CAST("
            this.Expr operand
            this.Write " AS "
            this.TypeName typeName
            this.Write ")"
        | Expr.Cast(operand, typeName, CastSyntax.Colons, _) ->
            this.Operand Precedence.Cast operand
            this.Write "::"
            this.TypeName typeName
        | Expr.Cast(operand, typeName, CastSyntax.TypedLiteral, _) ->
            this.BareTypeName typeName
            if typeName.IntervalFields.IsNone then this.Modifiers typeName.Modifiers
            this.Write " "
            this.Expr operand
            this.Fields typeName
        | Expr.Collate(operand, collation, _) ->
            this.Operand Precedence.Collate operand
            this.Write " COLLATE "
            this.QualifiedName collation
        | Expr.AtTimeZone(operand, zone, _) ->
            this.Operand Precedence.AtTimeZone operand
            this.Write " AT TIME ZONE "
            this.Operand Precedence.Collate zone
        | Expr.Call call -> this.Call call
        | Expr.Coalesce(items, _) -> this.Special "COALESCE" items
        | Expr.NullIf(left, right, _) -> this.Special "NULLIF" [ left; right ]
        | Expr.Greatest(items, _) -> this.Special "GREATEST" items
        | Expr.Least(items, _) -> this.Special "LEAST" items
        | Expr.Grouping(items, _) -> this.Special "GROUPING" items
        | Expr.SessionValue(kind, precision, _) ->
            this.Write(
                match kind with
                | SessionValue.CurrentDate -> "CURRENT_DATE"
                | SessionValue.CurrentTime -> "CURRENT_TIME"
                | SessionValue.CurrentTimestamp -> "CURRENT_TIMESTAMP"
                | SessionValue.LocalTime -> "LOCALTIME"
                | SessionValue.LocalTimestamp -> "LOCALTIMESTAMP"
                | SessionValue.CurrentRole -> "CURRENT_ROLE"
                | SessionValue.CurrentUser -> "CURRENT_USER"
                | SessionValue.SessionUser -> "SESSION_USER"
                | SessionValue.User -> "USER"
                | SessionValue.CurrentCatalog -> "CURRENT_CATALOG"
                | SessionValue.CurrentSchema -> "CURRENT_SCHEMA"
            )

            this.Optional(precision, (fun digits -> this.Write $"({digits})"))
        | Expr.Default _ -> this.Write "DEFAULT"
        | Expr.TimePoint point -> this.Point point
        | Expr.PeriodPredicate(operator, left, right, _) ->
            this.Period left

            this.Write(
                match operator with
                | PeriodOperator.Overlaps -> " OVERLAPS "
                | PeriodOperator.Equals -> " EQUALS "
                | PeriodOperator.Contains -> " CONTAINS "
                | PeriodOperator.Precedes -> " PRECEDES "
                | PeriodOperator.Succeeds -> " SUCCEEDS "
                | PeriodOperator.ImmediatelyPrecedes -> " IMMEDIATELY PRECEDES "
                | PeriodOperator.ImmediatelySucceeds -> " IMMEDIATELY SUCCEEDS "
            )

            this.Period right

    member private this.Special (name: string) (items: Expr list) =
        this.Write name
        this.Parens(items, this.Expr)

    /// `a + b + c …`: down the left spine in a loop, since it may be thousands deep.
    member private this.BinaryChain(expr: Expr) =
        let spine = Collections.Generic.Stack<struct (OperatorName * Expr * int)>()

        let rec descend (current: Expr) =
            match current with
            | Expr.Binary(operator, left, right, _) ->
                let own = Precedence.ofOperator operator
                // Comparison does not chain; its operands are values. All others associate to the left.
                let leftMinimum, rightMinimum =
                    if own = Precedence.Comparison then Precedence.Operator, Precedence.Operator else own, own + 1

                spine.Push(struct (operator, right, rightMinimum))

                match left with
                | Expr.Binary _ when Precedence.ofExpr left >= leftMinimum -> descend left
                | _ -> this.Operand leftMinimum left
            | _ -> ()

        descend expr

        while spine.Count > 0 do
            let struct (operator, right, minimum) = spine.Pop()
            this.Write " "
            this.Operator operator
            this.Write " "
            this.Operand minimum right

    member private this.QuantifiedStart (left: Expr) (operator: OperatorName) (quantifier: Quantifier) =
        this.Value left
        this.Write " "

        // Only operators of the looser levels can be followed by ANY; the others need OPERATOR().
        match operator.Schema, Precedence.ofOperator operator with
        | [], (Precedence.Additive | Precedence.Multiplicative | Precedence.Power) -> this.Write $"OPERATOR({operator.Symbol})"
        | _ -> this.Operator operator

        this.Write(if quantifier = Quantifier.Any then " ANY " else " ALL ")

    member private this.ArrayItems(items: Expr list) =
        this.Write "["

        this.Commas(
            items,
            fun item ->
                match item with
                | Expr.Array(inner, _) when items |> List.forall (fun other -> other.IsArray) -> this.ArrayItems inner
                | _ -> this.Expr item
        )

        this.Write "]"

    member this.Subscript(subscript: Subscript) =
        this.Write "["

        match subscript with
        | Subscript.Index index -> this.Expr index
        | Subscript.Slice(low, high) ->
            this.Optional(low, this.Expr)
            this.Write ":"
            this.Optional(high, this.Expr)

        this.Write "]"

    member private this.Period(operand: PeriodOperand) =
        match operand with
        | PeriodOperand.Named name -> this.QualifiedName name
        | PeriodOperand.Bounds(low, high, _) -> this.Special "period" [ low; high ]
        | PeriodOperand.Point value -> this.Value value

    member this.Point(point: TemporalPoint) =
        match point with
        | TemporalPoint.Expression value -> this.Value value
        | TemporalPoint.Now _ -> this.Write "@now"
        | TemporalPoint.Sequence(Expr.Literal(LiteralValue.Integer number, _), _) when number >= 0L -> this.Write $"@seq:{number}"
        | TemporalPoint.Sequence(Expr.Parameter(index, _), _) -> this.Write $"@seq:${index}"
        | TemporalPoint.Sequence(number, _) ->
            this.Write "@seq:("
            this.Expr number
            this.Write ")"

    // ---- calls

    member this.Call(call: FunctionCall) =
        this.QualifiedName call.Name
        this.Write "("

        if call.Star then
            this.Write "*"
        else
            this.When(call.Distinct, "DISTINCT ")

            this.Commas(
                call.Arguments,
                fun argument ->
                    this.When(argument.Variadic, "VARIADIC ")

                    this.Optional(
                        argument.Name,
                        fun name ->
                            this.Label name
                            this.Write " => "
                    )

                    this.Expr argument.Value
            )

            if not call.OrderBy.IsEmpty then
                this.Write " ORDER BY "
                this.Sort call.OrderBy

        this.Write ")"

        if not call.WithinGroup.IsEmpty then
            this.Write " WITHIN GROUP (ORDER BY "
            this.Sort call.WithinGroup
            this.Write ")"

        match call.Filter with
        | None -> ()
        | Some condition ->
            this.Write " FILTER (WHERE "
            this.Expr condition
            this.Write ")"

        match call.IgnoreNulls with
        | None -> ()
        | Some ignoreNulls -> this.Write(if ignoreNulls then " IGNORE NULLS" else " RESPECT NULLS")

        match call.Over with
        | None -> ()
        | Some(WindowReference.Named name) ->
            this.Write " OVER "
            this.Name name
        | Some(WindowReference.Inline window) ->
            this.Write " OVER "
            this.Window window

    member this.Sort(items: SortItem list) =
        this.Commas(
            items,
            fun item ->
                this.Expr item.Expression

                match item.Using, item.Direction with
                | Some operator, _ ->
                    this.Write " USING "
                    this.Operator operator
                | None, SortDirection.Ascending -> this.Write " ASC"
                | None, SortDirection.Descending -> this.Write " DESC"
                | None, SortDirection.Default -> ()

                this.Nulls item.Nulls
        )

    member this.Nulls(order: NullsOrder) =
        match order with
        | NullsOrder.Default -> ()
        | NullsOrder.First -> this.Write " NULLS FIRST"
        | NullsOrder.Last -> this.Write " NULLS LAST"

    member this.Window(window: WindowSpecification) =
        this.Write "("
        // Each part but the first is parted from what is before it.
        let part (write: unit -> unit) =
            if text[text.Length - 1] <> '(' then this.Write " "
            write ()

        this.Optional(window.Base, (fun name -> part (fun () -> this.PlainName name)))

        if not window.PartitionBy.IsEmpty then
            part (fun () ->
                this.Write "PARTITION BY "
                this.Commas(window.PartitionBy, this.Expr))

        if not window.OrderBy.IsEmpty then
            part (fun () ->
                this.Write "ORDER BY "
                this.Sort window.OrderBy)

        this.Optional(window.Frame, (fun frame -> part (fun () -> this.Frame frame)))
        this.Write ")"

    member private this.Frame(frame: WindowFrame) =
        let bound (bound: FrameBound) =
            match bound with
            | FrameBound.UnboundedPreceding -> this.Write "UNBOUNDED PRECEDING"
            | FrameBound.UnboundedFollowing -> this.Write "UNBOUNDED FOLLOWING"
            | FrameBound.CurrentRow -> this.Write "CURRENT ROW"
            | FrameBound.Preceding offset ->
                this.Value offset
                this.Write " PRECEDING"
            | FrameBound.Following offset ->
                this.Value offset
                this.Write " FOLLOWING"

        this.Write(
            match frame.Unit with
            | FrameUnit.Rows -> "ROWS BETWEEN "
            | FrameUnit.Range -> "RANGE BETWEEN "
            | FrameUnit.Groups -> "GROUPS BETWEEN "
        )

        bound frame.Start
        this.Write " AND "
        bound frame.End

        match frame.Exclusion with
        | FrameExclusion.NoOthers -> ()
        | FrameExclusion.CurrentRow -> this.Write " EXCLUDE CURRENT ROW"
        | FrameExclusion.Group -> this.Write " EXCLUDE GROUP"
        | FrameExclusion.Ties -> this.Write " EXCLUDE TIES"
