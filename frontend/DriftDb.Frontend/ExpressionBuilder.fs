namespace DriftDb.Frontend

open System
open System.Runtime.CompilerServices
open Antlr4.Runtime
open Antlr4.Runtime.Tree
open DriftDb.Grammar
open DriftDb.Types

/// Parse tree → expressions and types. Queries are left to the class that inherits this one, since each contains the other.
/// Chains of binary operators, AND and OR, which may be thousands deep on their left, are walked in loops; everything else
/// recurses, after a look at how much stack is left.
[<AbstractClass>]
type internal ExpressionBuilder(isDrift: bool) =

    let mutable parameterCount = 0

    /// The statement ends in DriftQL's bare AS OF, so that "x" where a value is compared is a string.
    member _.IsDrift = isDrift

    /// The highest `$n` seen.
    member _.ParameterCount = parameterCount

    abstract Query: SqlParser.QueryContext -> Query

    // ---- names of system types and operators

    static member private SystemName (name: string) (span: SourceSpan) : QualifiedName =
        { Parts = [ { Name = name; Quoted = false; Span = span } ]
          Span = span }

    /// PostgreSQL's own function that stands behind special syntax.
    static member private SystemCall (name: string) (arguments: Expr list) (span: SourceSpan) =
        let part text : Identifier = { Name = text; Quoted = false; Span = span }

        Expr.Call
            { Name = { Parts = [ part "pg_catalog"; part name ]; Span = span }
              Arguments = arguments |> List.map (fun value -> { Name = None; Value = value; Variadic = false; Span = value.Span })
              Star = false
              Distinct = false
              OrderBy = []
              WithinGroup = []
              Filter = None
              IgnoreNulls = None
              Over = None
              Span = span }

    static member private String (value: string) (span: SourceSpan) = Expr.Literal(LiteralValue.String value, span)

    static member OperatorOf(token: SqlToken) : OperatorName =
        let text = token.Text

        { Schema = []
          Symbol = (if text = "!=" then "<>" else text)
          Span = tokenSpan token }

    member _.Operator(context: SqlParser.AnyOperatorContext) : OperatorName =
        match context.operatorSymbol () with
        | null -> ExpressionBuilder.OperatorOf(tokenOf (context.OP()))
        | symbol ->
            { ExpressionBuilder.OperatorOf(symbol.Start :?> SqlToken) with
                Schema = context.identifier () |> Seq.cast |> namesOf
                Span = spanOf context }

    // ---- types

    member this.TypeName(context: SqlParser.TypeNameContext) : TypeName =
        let simple = this.SimpleType(context.simpleType ())

        let bounds =
            [ for bound in context.arrayBound () ->
                  match bound.INTEGER() with
                  | null -> None
                  | size -> Some(int32Of (tokenOf size)) ]

        let bounds =
            // `int ARRAY` is int[], `int ARRAY[3]` is int[3]
            if has (context.ARRAY()) && List.isEmpty bounds then [ None ] else bounds

        { simple with
            ArrayBounds = bounds
            SetOf = has (context.SETOF())
            Span = spanOf context }

    member private this.Modifiers(context: SqlParser.TypeModifiersContext | null) : Expr list =
        match context with
        | null -> []
        | context -> this.Expressions(context.exprList ())

    member private this.SimpleType(context: SqlParser.SimpleTypeContext) : TypeName =
        match context.wordType () with
        | null when has (context.INTERVAL()) ->
            let precision =
                match context.INTEGER() with
                | null -> []
                | digits -> [ Expr.Literal(LiteralValue.Integer(integerOf (tokenOf digits)), tokenSpan (tokenOf digits)) ]

            this.IntervalType (context.intervalFields ()) precision (spanOf context)
        | null ->
            let first = nameOf (context.functionName ())
            let labels = context.columnLabel () |> Seq.cast |> namesOf
            let named = this.NamedType (first :: labels) (this.Modifiers(context.typeModifiers ())) (spanOf context)
            { named with LengthUnit = this.LengthUnit(context.typeModifiers ()) }
        | words -> { this.WordType words with LengthUnit = this.LengthUnit(words.typeModifiers ()) }

    member private _.LengthUnit(context: SqlParser.TypeModifiersContext | null) : LengthUnit option =
        match context with
        | null -> None
        | context -> optional (context.lengthUnit ()) ExpressionBuilder.UnitOf

    static member private UnitOf(context: SqlParser.LengthUnitContext) =
        if has (context.OCTETS()) then LengthUnit.Octets else LengthUnit.Characters

    /// `USING OCTETS` counts bytes: the call is one over the strings' UTF-8 bytes, and its result a string again where it is one.
    member private _.InUnits
        (context: SqlParser.UsingUnitContext | null)
        (strings: int)
        (givesString: bool)
        (call: Expr list -> Expr)
        (arguments: Expr list)
        (span: SourceSpan)
        =
        match context with
        | context when exists context && has ((Unchecked.nonNull context).lengthUnit().OCTETS()) ->
            let utf8 () = ExpressionBuilder.String "UTF8" span
            let bytes value = ExpressionBuilder.SystemCall "convert_to" [ value; utf8 () ] span
            let result = call (arguments |> List.mapi (fun i argument -> if i < strings then bytes argument else argument))
            if givesString then ExpressionBuilder.SystemCall "convert_from" [ result; utf8 () ] span else result
        | _ -> call arguments

    /// Types of one word, with SQL's synonyms replaced by PostgreSQL's names.
    member private _.NamedType (parts: Identifier list) (modifiers: Expr list) (span: SourceSpan) : TypeName =
        let name = qualified parts

        let canonical, modifiers =
            match parts with
            | [ part ] when not part.Quoted ->
                match part.Name with
                | "int"
                | "integer" -> Some "int4", modifiers
                | "smallint" -> Some "int2", modifiers
                | "bigint" -> Some "int8", modifiers
                | "real" -> Some "float4", modifiers
                | "decimal"
                | "dec" -> Some "numeric", modifiers
                | "boolean" -> Some "bool", modifiers
                | "float" ->
                    match modifiers with
                    | [] -> Some "float8", []
                    | [ Expr.Literal(LiteralValue.Integer bits, modifierSpan) ] ->
                        if bits < 1L then
                            raise (SqlException(SqlState.InvalidParameterValue, "precision for type float must be at least 1 bit", modifierSpan))
                        elif bits > 53L then
                            raise (SqlException(SqlState.InvalidParameterValue, "precision for type float must be less than 54 bits", modifierSpan))

                        Some(if bits <= 24L then "float4" else "float8"), []
                    | _ -> None, modifiers
                | _ -> None, modifiers
            | _ -> None, modifiers

        { Name =
            (match canonical with
             | Some text -> ExpressionBuilder.SystemName text name.Span
             | None -> name)
          Modifiers = modifiers
          IntervalFields = None
          ArrayBounds = []
          LengthUnit = None
          SetOf = false
          Span = span }

    member private this.WordType(context: SqlParser.WordTypeContext) : TypeName =
        let span = spanOf context
        let modifiers = this.Modifiers(context.typeModifiers ())
        let varying = has (context.VARYING())

        let one () = [ Expr.Literal(LiteralValue.Integer 1L, SourceSpan.None) ]
        let orOne = if List.isEmpty modifiers && not varying then one () else modifiers

        let name, modifiers =
            match (context.Start :?> SqlToken).Type with
            | SqlLexer.DOUBLE -> "float8", []
            | SqlLexer.BIT -> (if varying then "varbit" else "bit"), orOne
            | SqlLexer.TIME -> (if has (context.WITH()) then "timetz" else "time"), modifiers
            | SqlLexer.TIMESTAMP -> (if has (context.WITH()) then "timestamptz" else "timestamp"), modifiers
            | _ -> (if varying then "varchar" else "bpchar"), orOne

        { Name = ExpressionBuilder.SystemName name span
          Modifiers = modifiers
          IntervalFields = None
          ArrayBounds = []
          LengthUnit = None
          SetOf = false
          Span = span }

    member private _.IntervalType (fields: SqlParser.IntervalFieldsContext | null) (precision: Expr list) (span: SourceSpan) : TypeName =
        let fieldRange, precision =
            match fields with
            | null -> None, precision
            | fields ->
                let hasSecond = exists (fields.intervalSecond ())

                let range =
                    match (fields.Start :?> SqlToken).Type, fields.ChildCount with
                    | SqlLexer.YEAR, 1 -> IntervalFields.Year
                    | SqlLexer.YEAR, _ -> IntervalFields.YearToMonth
                    | SqlLexer.MONTH, _ -> IntervalFields.Month
                    | SqlLexer.DAY, 1 -> IntervalFields.Day
                    | SqlLexer.DAY, _ when has (fields.HOUR()) -> IntervalFields.DayToHour
                    | SqlLexer.DAY, _ when hasSecond -> IntervalFields.DayToSecond
                    | SqlLexer.DAY, _ -> IntervalFields.DayToMinute
                    | SqlLexer.HOUR, 1 -> IntervalFields.Hour
                    | SqlLexer.HOUR, _ when hasSecond -> IntervalFields.HourToSecond
                    | SqlLexer.HOUR, _ -> IntervalFields.HourToMinute
                    | SqlLexer.MINUTE, 1 -> IntervalFields.Minute
                    | SqlLexer.MINUTE, _ -> IntervalFields.MinuteToSecond
                    | _ -> IntervalFields.Second

                let precision =
                    match fields.intervalSecond () with
                    | null -> precision
                    | second ->
                        match second.INTEGER() with
                        | null -> precision
                        | digits -> [ Expr.Literal(LiteralValue.Integer(integerOf (tokenOf digits)), tokenSpan (tokenOf digits)) ]

                Some range, precision

        { Name = ExpressionBuilder.SystemName "interval" span
          Modifiers = precision
          IntervalFields = fieldRange
          ArrayBounds = []
          LengthUnit = None
          SetOf = false
          Span = span }

    /// `INTERVAL '1' DAY`, in expressions and after SET
    member this.IntervalLiteral
        (text: SqlParser.StringLiteralContext)
        (precision: ITerminalNode | null)
        (fields: SqlParser.IntervalFieldsContext | null)
        (span: SourceSpan)
        =
        let modifiers =
            match precision with
            | null -> []
            | digits -> [ Expr.Literal(LiteralValue.Integer(integerOf (tokenOf digits)), tokenSpan (tokenOf digits)) ]

        Expr.Cast(
            ExpressionBuilder.String (stringOf text) (spanOf text),
            this.IntervalType fields modifiers span,
            CastSyntax.TypedLiteral,
            span
        )

    // ---- the boolean level

    member this.Expressions(context: SqlParser.ExprListContext) : Expr list =
        [ for item in context.expr () -> this.Expr item ]

    member this.OptionalExpr(context: SqlParser.ExprContext | null) : Expr option =
        match context with
        | null -> None
        | context -> Some(this.Expr context)

    member this.Expr(context: SqlParser.ExprContext) : Expr =
        RuntimeHelpers.EnsureSufficientExecutionStack()

        match context with
        | :? SqlParser.PredicateContext as predicate -> this.Predicate (predicate.vexpr ()) (predicate.predicateTail ())
        | :? SqlParser.AndExprContext ->
            let operands = ResizeArray()
            let mutable current = context
            let mutable go = true

            while go do
                match current with
                | :? SqlParser.AndExprContext as conjunction ->
                    operands.Add(this.Expr(conjunction.expr 1))
                    current <- conjunction.expr 0
                | _ -> go <- false

            operands.Add(this.Expr current)
            operands.Reverse()
            Expr.And(List.ofSeq operands, spanOf context)
        | :? SqlParser.OrExprContext ->
            let operands = ResizeArray()
            let mutable current = context
            let mutable go = true

            while go do
                match current with
                | :? SqlParser.OrExprContext as disjunction ->
                    operands.Add(this.Expr(disjunction.expr 1))
                    current <- disjunction.expr 0
                | _ -> go <- false

            operands.Add(this.Expr current)
            operands.Reverse()
            Expr.Or(List.ofSeq operands, spanOf context)
        | :? SqlParser.NotExprContext as negation -> Expr.Not(this.Expr(negation.expr ()), spanOf context)
        | :? SqlParser.IsExprContext as test -> this.IsTest test
        | :? SqlParser.IsNullExprContext as test -> Expr.IsNull(this.Expr(test.expr ()), has (test.NOTNULL()), spanOf context)
        | _ -> invalidOp $"unknown expression {context.GetType().Name}"

    member private this.IsTest(context: SqlParser.IsExprContext) =
        let operand = this.Expr(context.expr ())
        let test = context.isTest ()
        let negated = has (context.NOT())
        let span = spanOf context

        match (test.Start :?> SqlToken).Type with
        | SqlLexer.NULL -> Expr.IsNull(operand, negated, span)
        | SqlLexer.TRUE -> Expr.IsTruth(operand, TruthValue.True, negated, span)
        | SqlLexer.FALSE -> Expr.IsTruth(operand, TruthValue.False, negated, span)
        | SqlLexer.UNKNOWN -> Expr.IsTruth(operand, TruthValue.Unknown, negated, span)
        | _ when has (test.NORMALIZED()) ->
            let form = test.IDENT() |> Option.ofObj |> Option.map (fun form -> ExpressionBuilder.String (form.GetText().ToUpperInvariant()) span) |> Option.toList
            let call = ExpressionBuilder.SystemCall "is_normalized" (operand :: form) span
            if negated then Expr.Not(call, span) else call
        | _ -> Expr.IsDistinctFrom(operand, this.Predicate (test.vexpr ()) (test.predicateTail ()), negated, span)

    /// A value and the predicates after it. Comparison binds looser than LIKE, IN and BETWEEN, and does not chain.
    member private this.Predicate (value: SqlParser.VexprContext) (tails: SqlParser.PredicateTailContext[]) : Expr =
        this.WithTails (this.Value value) tails

    member private this.WithTails (first: Expr) (tails: SqlParser.PredicateTailContext[]) : Expr =
        if tails.Length = 0 then
            first
        else
            let comparison = tails |> Array.tryFindIndex (fun tail -> tail :? SqlParser.ComparisonTailContext)

            match comparison with
            | None -> (first, tails) ||> Array.fold (fun left tail -> this.Tail left tail)
            | Some index ->
                let left = (first, tails[.. index - 1]) ||> Array.fold (fun left tail -> this.Tail left tail)
                let tail = tails[index] :?> SqlParser.ComparisonTailContext

                match tails[index + 1 ..] |> Array.tryFind (fun later -> later :? SqlParser.ComparisonTailContext) with
                | Some second -> raise (syntaxErrorIn second)
                | None -> ()

                let operator = ExpressionBuilder.OperatorOf(tail.comparison().Start :?> SqlToken)

                match tail.quantified () with
                | null ->
                    let right = this.Compared(tail.vexpr ())
                    let right = (right, tails[index + 1 ..]) ||> Array.fold (fun left tail -> this.Tail left tail)
                    Expr.Binary(operator, left, right, spanBetween left.Span right.Span)
                | quantified ->
                    let result = this.Quantified left operator quantified
                    (result, tails[index + 1 ..]) ||> Array.fold (fun left tail -> this.Tail left tail)

    /// A value that something is compared with: DriftQL writes "x" there.
    member private this.Compared(context: SqlParser.VexprContext) = this.DriftValue(this.Value context)

    member private _.DriftValue(value: Expr) =
        match value with
        | Expr.Column { Parts = [ { Quoted = true } as part ] } when isDrift -> Expr.Literal(LiteralValue.String part.Name, part.Span)
        | _ -> value

    member private this.Quantified (left: Expr) (operator: OperatorName) (context: SqlParser.QuantifiedContext) =
        let quantifier = if has (context.ALL()) then Quantifier.All else Quantifier.Any
        let span = spanBetween left.Span (spanOf context)

        match context.query () with
        | null -> Expr.QuantifiedArray(left, operator, quantifier, this.Expr(context.expr ()), span)
        | query -> Expr.QuantifiedQuery(left, operator, quantifier, this.Query query, span)

    member private this.Tail (left: Expr) (context: SqlParser.PredicateTailContext) : Expr =
        let span = spanBetween left.Span (spanOf context)

        match context with
        | :? SqlParser.BetweenTailContext as tail ->
            Expr.Between(left, this.Compared(tail.vexpr 0), this.Compared(tail.vexpr 1), has (tail.SYMMETRIC()), has (tail.NOT()), span)
        | :? SqlParser.InTailContext as tail ->
            match tail.query () with
            | null ->
                let items = this.Expressions(tail.exprList ()) |> List.map this.DriftValue
                Expr.InList(left, items, has (tail.NOT()), span)
            | query -> Expr.InQuery(left, this.Query query, has (tail.NOT()), span)
        | :? SqlParser.LikeTailContext as tail ->
            let word = tail.likeOperator ()
            let negated = has (tail.NOT())

            let kind =
                if has (word.LIKE()) then LikeKind.Like
                elif has (word.ILIKE()) then LikeKind.ILike
                else LikeKind.SimilarTo

            match tail.quantified () with
            | null ->
                let escape =
                    match tail.vexpr 1 with
                    | null -> None
                    | escape -> Some(this.Value escape)

                Expr.Like(kind, left, this.Compared(tail.vexpr 0), escape, negated, span)
            | quantified ->
                let symbol =
                    match kind, negated with
                    | LikeKind.Like, false -> "~~"
                    | LikeKind.Like, true -> "!~~"
                    | LikeKind.ILike, false -> "~~*"
                    | LikeKind.ILike, true -> "!~~*"
                    | LikeKind.SimilarTo, _ -> raise (syntaxErrorIn quantified)

                this.Quantified left { Schema = []; Symbol = symbol; Span = spanOf word } quantified
        | :? SqlParser.RegexTailContext as tail ->
            let flags =
                match tail.stringLiteral () with
                | null -> ExpressionBuilder.String "" span
                | text -> ExpressionBuilder.String (stringOf text) (spanOf text)

            let matches = ExpressionBuilder.SystemCall "drift_like_regex" [ left; this.Compared(tail.vexpr ()); flags ] span
            if has (tail.NOT()) then Expr.Not(matches, span) else matches
        | :? SqlParser.OverlapsTailContext as tail ->
            match left, this.Value(tail.vexpr ()) with
            | Expr.Row([ a; b ], _, _), Expr.Row([ c; d ], _, _) -> ExpressionBuilder.SystemCall "overlaps" [ a; b; c; d ] span
            | Expr.Row(_, _, rowSpan), Expr.Row([ _; _ ], _, _) ->
                raise (grammarError "wrong number of parameters on left side of OVERLAPS expression" rowSpan)
            | _, Expr.Row(_, _, rowSpan) -> raise (grammarError "wrong number of parameters on right side of OVERLAPS expression" rowSpan)
            | left, right -> this.Period PeriodOperator.Overlaps left right span
        | :? SqlParser.PeriodTailContext as tail ->
            let operator =
                if has (tail.EQUALS()) then PeriodOperator.Equals
                elif has (tail.CONTAINS()) then PeriodOperator.Contains
                elif has (tail.PRECEDES()) then (if has (tail.IMMEDIATELY()) then PeriodOperator.ImmediatelyPrecedes else PeriodOperator.Precedes)
                elif has (tail.IMMEDIATELY()) then PeriodOperator.ImmediatelySucceeds
                else PeriodOperator.Succeeds

            this.Period operator left (this.Value(tail.vexpr ())) span
        | _ -> invalidOp $"unknown predicate {context.GetType().Name}"

    member private _.Period operator left right span =
        let operand (value: Expr) =
            match value with
            | Expr.Column name -> PeriodOperand.Named name
            | Expr.Call { Name = { Parts = [ { Name = "period"; Quoted = false } ] }; Arguments = [ low; high ]; Over = None; Filter = None } ->
                PeriodOperand.Bounds(low.Value, high.Value, value.Span)
            | _ -> PeriodOperand.Point value

        Expr.PeriodPredicate(operator, operand left, operand right, span)

    // ---- the value level

    member this.Value(context: SqlParser.VexprContext) : Expr =
        RuntimeHelpers.EnsureSufficientExecutionStack()

        match context with
        | :? SqlParser.PrimaryValueContext as value -> this.Primary(value.primary ())
        | :? SqlParser.ArithmeticContext
        | :? SqlParser.InfixOperatorContext
        | :? SqlParser.QuantifiedOperatorContext -> this.OperatorChain context
        | :? SqlParser.CastSuffixContext as cast ->
            Expr.Cast(this.Value(cast.vexpr ()), this.TypeName(cast.typeName ()), CastSyntax.Colons, spanOf context)
        | :? SqlParser.SignedContext as signed ->
            let operator = ExpressionBuilder.OperatorOf(context.Start :?> SqlToken)
            this.Sign operator (this.Value(signed.vexpr ())) (spanOf context)
        | :? SqlParser.CollatedContext as collated ->
            Expr.Collate(this.Value(collated.vexpr ()), qualifiedOf (collated.qname ()), spanOf context)
        | :? SqlParser.AtTimeZoneContext as zoned -> Expr.AtTimeZone(this.Value(zoned.vexpr 0), this.Value(zoned.vexpr 1), spanOf context)
        | :? SqlParser.PrefixOperatorContext as prefix ->
            Expr.Unary(this.Operator(prefix.anyOperator ()), this.Value(prefix.vexpr ()), spanOf context)
        | _ -> invalidOp $"unknown value {context.GetType().Name}"

    /// A signed number is a constant, as in PostgreSQL: otherwise -9223372036854775808 could not be written.
    member private _.Sign (operator: OperatorName) (operand: Expr) (span: SourceSpan) =
        match operator.Symbol, operand with
        | "-", Expr.Literal(LiteralValue.Integer value, _) when value <> Int64.MinValue -> Expr.Literal(LiteralValue.Integer -value, span)
        | "-", Expr.Literal(LiteralValue.Integer _, _) -> Expr.Literal(LiteralValue.Decimal "9223372036854775808", span)
        | "-", Expr.Literal(LiteralValue.Decimal "9223372036854775808", _) -> Expr.Literal(LiteralValue.Integer Int64.MinValue, span)
        | "-", Expr.Literal(LiteralValue.Decimal text, _) ->
            Expr.Literal(LiteralValue.Decimal(if text.StartsWith '-' then text.Substring 1 else "-" + text), span)
        | _ -> Expr.Unary(operator, operand, span)

    /// `a + b + c …`: down the left spine in a loop, then up again.
    member private this.OperatorChain(context: SqlParser.VexprContext) : Expr =
        let spine = Collections.Generic.Stack<SqlParser.VexprContext>()
        let mutable current = context
        let mutable go = true

        while go do
            match current with
            | :? SqlParser.ArithmeticContext as node ->
                spine.Push current
                current <- node.vexpr 0
            | :? SqlParser.InfixOperatorContext as node ->
                spine.Push current
                current <- node.vexpr 0
            | :? SqlParser.QuantifiedOperatorContext as node ->
                spine.Push current
                current <- node.vexpr ()
            | _ -> go <- false

        let mutable left = this.Value current

        while spine.Count > 0 do
            match spine.Pop() with
            | :? SqlParser.ArithmeticContext as node ->
                let operator = ExpressionBuilder.OperatorOf(tokenOf (node.GetChild 1 :?> ITerminalNode))
                left <- Expr.Binary(operator, left, this.Value(node.vexpr 1), spanOf node)
            | :? SqlParser.InfixOperatorContext as node ->
                left <- Expr.Binary(this.Operator(node.anyOperator ()), left, this.Value(node.vexpr 1), spanOf node)
            | node ->
                let node = node :?> SqlParser.QuantifiedOperatorContext
                left <- this.Quantified left (this.Operator(node.anyOperator ())) (node.quantified ())

        left

    // ---- primaries

    member this.Number(token: SqlToken) : Expr =
        if token.Type = SqlLexer.INTEGER then
            match Int64.TryParse token.Span with
            | true, value -> Expr.Literal(LiteralValue.Integer value, tokenSpan token)
            | _ -> Expr.Literal(LiteralValue.Decimal token.Text, tokenSpan token)
        else
            Expr.Literal(LiteralValue.Decimal token.Text, tokenSpan token)

    member _.Parameter(token: SqlToken) : Expr =
        if token.LiftedParameter > 0 then
            parameterCount <- max parameterCount token.LiftedParameter
            Expr.Parameter(token.LiftedParameter, tokenSpan token)
        else

        match Int32.TryParse(token.Span.Slice 1) with
        | true, index when index >= 1 && index <= Limits.Parameters ->
            parameterCount <- max parameterCount index
            Expr.Parameter(index, tokenSpan token)
        | _ -> raise (SqlException(SqlState.UndefinedParameter, $"there is no parameter {token.Text}", tokenSpan token))

    member private this.Primary(context: SqlParser.PrimaryContext) : Expr =
        let span = spanOf context

        match context.GetChild 0 with
        | :? SqlParser.ColumnOrCallContext as name -> this.ColumnOrCall name
        | :? SqlParser.NumberContext as number -> this.Number(number.Start :?> SqlToken)
        | :? SqlParser.StringLiteralContext as text -> ExpressionBuilder.String (stringOf text) span
        | :? SqlParser.ParenthesisedContext as inner -> this.Indirections (this.Parenthesised inner) (context.indirection ())
        | :? SqlParser.ConstantContext as constant -> this.Constant(constant.Start :?> SqlToken)
        | :? SqlParser.TypedLiteralContext as literal ->
            match literal.wordType () with
            | null -> this.IntervalLiteral (literal.stringLiteral ()) (literal.INTEGER()) (literal.intervalFields ()) span
            | words ->
                let text = literal.stringLiteral ()
                Expr.Cast(ExpressionBuilder.String (stringOf text) (spanOf text), this.WordType words, CastSyntax.TypedLiteral, span)
        | :? SqlParser.CaseExprContext as case -> this.Case case
        | :? SqlParser.SpecialCallContext as call -> this.SpecialCall call
        | :? SqlParser.ArrayExprContext as array -> this.Indirections (this.Array array) (context.indirection ())
        | :? SqlParser.SessionValueContext as value -> this.SessionValue value
        | :? SqlParser.TemporalLiteralContext as literal -> Expr.TimePoint(this.TemporalLiteral literal)
        | first ->
            let token = tokenOf (first :?> ITerminalNode)

            match token.Type with
            | SqlLexer.PARAM -> this.Indirections (this.Parameter token) (context.indirection ())
            | SqlLexer.EXISTS -> Expr.Exists(this.Query(context.query ()), span)
            | SqlLexer.UNIQUE -> Expr.Unique(this.Query(context.query ()), span)
            | SqlLexer.NEXT ->
                let name = qualifiedOf (context.qname ())
                let quoted = name.Texts |> List.map (fun part -> "\"" + part.Replace("\"", "\"\"") + "\"")
                ExpressionBuilder.SystemCall "nextval" [ ExpressionBuilder.String (String.Join(".", quoted)) name.Span ] span
            | SqlLexer.ROW ->
                let items =
                    match context.exprList () with
                    | null -> []
                    | list -> this.Expressions list

                let stop = tokenSpan (tokenOf (context.RPAREN()))
                this.Indirections (Expr.Row(items, true, spanBetween (tokenSpan token) stop)) (context.indirection ())
            | SqlLexer.DEFAULT -> Expr.Default span
            | _ -> raise (syntaxErrorAt token)

    member private _.Constant(token: SqlToken) : Expr =
        let value =
            match token.Type with
            | SqlLexer.NULL -> LiteralValue.Null
            | SqlLexer.TRUE -> LiteralValue.Boolean true
            | SqlLexer.FALSE -> LiteralValue.Boolean false
            | SqlLexer.BITSTRING ->
                let digits = LiteralText.bits token

                match digits |> Seq.tryFind (fun c -> c <> '0' && c <> '1') with
                | Some c -> raise (SqlException(SqlState.InvalidTextRepresentation, $"\"{c}\" is not a valid binary digit", tokenSpan token))
                | None -> LiteralValue.BitString digits
            | _ ->
                let digits = LiteralText.bits token

                match digits |> Seq.tryFind (fun c -> not (Char.IsAsciiHexDigit c)) with
                | Some c -> raise (SqlException(SqlState.InvalidTextRepresentation, $"\"{c}\" is not a valid hexadecimal digit", tokenSpan token))
                | None -> LiteralValue.HexString digits

        Expr.Literal(value, tokenSpan token)

    member private this.Parenthesised(context: SqlParser.ParenthesisedContext) : Expr =
        match context.query () with
        | null ->
            match this.Expressions(context.exprList ()) with
            | [ single ] -> single
            | items -> Expr.Row(items, false, spanOf context)
        | query -> Expr.Subquery(this.Query query, spanOf context)

    member this.Subscript(context: SqlParser.SubscriptContext) : Subscript =
        let bounds = context.expr ()

        match context.COLON() with
        | null -> Subscript.Index(this.Expr bounds[0])
        | colon ->
            let colonStart = (tokenOf colon).Start
            let low = bounds |> Array.tryFind (fun bound -> startOf bound < colonStart) |> Option.map this.Expr
            let high = bounds |> Array.tryFind (fun bound -> startOf bound > colonStart) |> Option.map this.Expr
            Subscript.Slice(low, high)

    /// `[i]`, `.field` and `.*` after a value; neighbouring brackets are one node.
    member private this.Indirections (value: Expr) (steps: SqlParser.IndirectionContext[]) : Expr =
        let mutable result = value
        let mutable i = 0

        while i < steps.Length do
            let step = steps[i]
            let span = spanBetween value.Span (spanOf step)

            match step.fieldStep () with
            | null ->
                let first = i
                while i < steps.Length && exists (steps[i].subscript ()) do i <- i + 1
                let subscripts = [ for k in first .. i - 1 -> this.Subscript(steps[k].subscript ()) ]
                result <- Expr.Subscript(result, subscripts, spanBetween value.Span (spanOf steps[i - 1]))
            | field ->
                result <- ExpressionBuilder.FieldOf result field (i = steps.Length - 1) span
                i <- i + 1

        result

    static member private FieldOf (value: Expr) (step: SqlParser.FieldStepContext) (isLast: bool) (span: SourceSpan) =
        match step.columnLabel () with
        | null when isLast -> Expr.FieldStar(value, span)
        | null -> raise (grammarError "improper use of \"*\"" (spanOf step))
        | label -> Expr.Field(value, nameOf label, span)

    /// The standard's introducers of the character sets whose strings are strings of UTF-8 as they stand.
    static member private IsCharacterSet(parts: Identifier list) =
        match parts with
        | [ { Quoted = false; Name = ("_utf8" | "_sql_character" | "_sql_text" | "_sql_identifier" | "_ascii_full" | "_ascii_graphic") } ] -> true
        | _ -> false

    member private this.ColumnOrCall(context: SqlParser.ColumnOrCallContext) : Expr =
        let span = spanOf context
        let first = identifierOf (context.Start :?> SqlToken)

        let parts =
            match context.columnLabel () with
            | [||] -> [ first ]
            | labels -> first :: namesOf (labels |> Seq.cast)

        let star =
            match context.STAR() with
            | null -> None
            | node -> Some(tokenOf node)

        match context.call (), context.stringLiteral (), star with
        | null, null, Some _ ->
            if context.arraySubscript().Length > 0 then raise (grammarError "improper use of \"*\"" span)
            Expr.Star(Some(qualified parts), span)
        | null, null, None ->
            let column = Expr.Column(qualified parts)

            match context.arraySubscript () with
            | [||] -> column
            | brackets ->
                let subscripts = [ for bracket in brackets -> this.Subscript(bracket.subscript ()) ]
                let value = Expr.Subscript(column, subscripts, spanBetween column.Span (spanOf (Array.last brackets)))

                match context.fieldStep () with
                | null -> value
                | field ->
                    let steps = context.indirection ()
                    let first = ExpressionBuilder.FieldOf value field (Array.isEmpty steps) (spanBetween column.Span (spanOf field))
                    this.Indirections first steps
        | _, _, Some star -> raise (syntaxErrorAt star)
        | null, text, None when ExpressionBuilder.IsCharacterSet parts && first.Span.End = (spanOf text).Start ->
            // `_utf8'…'`: every string is in UTF-8
            ExpressionBuilder.String (stringOf text) span
        | null, text, None ->
            let typeName = this.NamedType parts [] (qualified parts).Span
            Expr.Cast(ExpressionBuilder.String (stringOf text) (spanOf text), typeName, CastSyntax.TypedLiteral, span)
        | call, null, None ->
            let result = this.Call (qualified parts) call

            match call.usingUnit (), parts, result.Arguments with
            | null, _, _ -> Expr.Call result
            | unit, [ { Name = ("char_length" | "character_length"); Quoted = false } ], [ { Value = value; Name = None; Variadic = false } ] ->
                if has (unit.lengthUnit().OCTETS()) then ExpressionBuilder.SystemCall "octet_length" [ value ] span else Expr.Call result
            | unit, _, _ -> raise (syntaxErrorIn unit)
        | call, text, None ->
            // `numeric(10, 2) '1.5'`
            let modifiers = this.Call (qualified parts) call

            if modifiers.Star || modifiers.Distinct || modifiers.Over.IsSome || modifiers.Filter.IsSome || not modifiers.OrderBy.IsEmpty then
                raise (syntaxErrorIn text)

            let typeName = this.NamedType parts (modifiers.Arguments |> List.map (fun argument -> argument.Value)) modifiers.Span
            Expr.Cast(ExpressionBuilder.String (stringOf text) (spanOf text), typeName, CastSyntax.TypedLiteral, span)

    // ---- calls

    member this.Call (name: QualifiedName) (context: SqlParser.CallContext) : FunctionCall =
        let arguments = [ for argument in context.callArgument () -> this.Argument argument ]
        // The first ORDER BY is WITHIN GROUP's when there is no other.
        let withinGroup = has (context.WITHIN())
        let orders = context.orderBy ()
        let inner = if withinGroup then orders.Length = 2 else orders.Length = 1

        { Name = name
          Arguments = arguments
          Star = has (context.STAR())
          Distinct = has (context.DISTINCT())
          OrderBy = if inner then this.OrderBy orders[0] else []
          WithinGroup = if withinGroup then this.OrderBy(Array.last orders) else []
          Filter = this.OptionalExpr(context.expr ())
          IgnoreNulls = if has (context.NULLS()) then Some(has (context.IGNORE())) else None
          Over =
            (match context.over () with
             | null -> None
             | over ->
                 match over.windowSpec () with
                 | null -> Some(WindowReference.Named(nameOf (over.identifier ())))
                 | window -> Some(WindowReference.Inline(this.Window window)))
          Span = spanBetween name.Span (spanOf context) }

    member private this.Argument(context: SqlParser.CallArgumentContext) : FunctionArgument =
        { Name =
            (match context.columnLabel () with
             | null -> None
             | label -> Some(nameOf label))
          Value = this.Expr(context.expr ())
          Variadic = has (context.VARIADIC())
          Span = spanOf context }

    member this.OrderBy(context: SqlParser.OrderByContext) : SortItem list =
        [ for item in context.sortItem () -> this.SortItem item ]

    member private this.SortItem(context: SqlParser.SortItemContext) : SortItem =
        { Expression = this.Expr(context.expr ())
          Direction =
            (if has (context.ASC()) then SortDirection.Ascending
             elif has (context.DESC()) then SortDirection.Descending
             else SortDirection.Default)
          Using =
            (match context.operatorSymbol () with
             | null -> None
             | symbol ->
                 Some
                     { ExpressionBuilder.OperatorOf(symbol.Start :?> SqlToken) with
                         Schema = context.identifier () |> Seq.cast |> namesOf })
          Nulls =
            (if has (context.FIRST()) then NullsOrder.First
             elif has (context.LAST()) then NullsOrder.Last
             else NullsOrder.Default)
          Span = spanOf context }

    member this.Window(context: SqlParser.WindowSpecContext) : WindowSpecification =
        { Base = optional (context.windowBase ()) nameOf
          PartitionBy =
            (match context.exprList () with
             | null -> []
             | list -> this.Expressions list)
          OrderBy =
            (match context.orderBy () with
             | null -> []
             | orderBy -> this.OrderBy orderBy)
          Frame = optional (context.frame ()) this.Frame
          Span = spanOf context }

    member private this.Frame(context: SqlParser.FrameContext) : WindowFrame =
        let bounds = context.frameBound () |> Array.map this.FrameBound

        { Unit =
            (if has (context.ROWS()) then FrameUnit.Rows
             elif has (context.RANGE()) then FrameUnit.Range
             else FrameUnit.Groups)
          Start = bounds[0]
          End = if bounds.Length = 2 then bounds[1] else FrameBound.CurrentRow
          Exclusion =
            (match context.frameExclusion () with
             | null -> FrameExclusion.NoOthers
             | exclusion ->
                 if has (exclusion.ROW()) then FrameExclusion.CurrentRow
                 elif has (exclusion.GROUP()) then FrameExclusion.Group
                 elif has (exclusion.TIES()) then FrameExclusion.Ties
                 else FrameExclusion.NoOthers)
          Span = spanOf context }

    member private this.FrameBound(context: SqlParser.FrameBoundContext) : FrameBound =
        let preceding = has (context.PRECEDING())

        match context.vexpr () with
        | null ->
            if has (context.CURRENT()) then FrameBound.CurrentRow
            elif preceding then FrameBound.UnboundedPreceding
            else FrameBound.UnboundedFollowing
        | offset -> if preceding then FrameBound.Preceding(this.Value offset) else FrameBound.Following(this.Value offset)

    member private this.Case(context: SqlParser.CaseExprContext) : Expr =
        let expressions = context.expr ()
        let hasElse = has (context.ELSE())
        let hasOperand = expressions.Length > (if hasElse then 1 else 0)

        let branches =
            [ for branch in context.whenClause () ->
                  { When = [ for operand in branch.whenOperand () -> this.WhenOperand operand ]
                    Then = this.Expr(branch.expr ())
                    Span = spanOf branch } ]

        if not hasOperand then
            for branch in context.whenClause () do
                match branch.COMMA() with
                | [||] -> ()
                | commas -> raise (syntaxErrorAt (tokenOf commas[0]))

                match branch.whenOperand(0).expr () with
                | null -> raise (syntaxErrorIn (branch.whenOperand 0))
                | _ -> ()

        Expr.Case(
            (if hasOperand then Some(this.Expr expressions[0]) else None),
            branches,
            (if hasElse then Some(this.Expr(Array.last expressions)) else None),
            spanOf context
        )

    member private this.WhenOperand(context: SqlParser.WhenOperandContext) : Expr =
        match context.expr () with
        | null -> this.WithTails (Expr.CaseOperand SourceSpan.None) (context.predicateTail ())
        | value -> this.Expr value

    member private this.Array(context: SqlParser.ArrayExprContext) : Expr =
        match context.query () with
        | null ->
            match this.ArrayItems(context.arrayItems ()) with
            | Expr.Array(items, _) -> Expr.Array(items, spanOf context)
            | other -> other
        | query -> Expr.ArrayQuery(this.Query query, spanOf context)

    member private this.ArrayItems(context: SqlParser.ArrayItemsContext) : Expr =
        match context.exprList () with
        | null -> Expr.Array([ for row in context.arrayItems () -> this.ArrayItems row ], spanOf context)
        | list -> Expr.Array(this.Expressions list, spanOf context)

    member this.SpecialCall(context: SqlParser.SpecialCallContext) : Expr =
        let span = spanOf context
        let call name arguments = ExpressionBuilder.SystemCall name arguments span

        match context with
        | :? SqlParser.CastCallContext as cast ->
            Expr.Cast(this.Expr(cast.expr ()), this.TypeName(cast.typeName ()), CastSyntax.Cast, span)
        | :? SqlParser.ExtractCallContext as extract ->
            let field =
                match extract.stringLiteral () with
                | null -> ExpressionBuilder.String (nameOf (extract.columnLabel ())).Name (spanOf (extract.columnLabel ()))
                | text -> ExpressionBuilder.String (stringOf text) (spanOf text)

            call "extract" [ field; this.Expr(extract.expr ()) ]
        | :? SqlParser.SubstringCallContext as substring ->
            let arguments =
                match substring.exprList () with
                | null -> []
                | list -> this.Expressions list

            let call name arguments = this.InUnits (substring.usingUnit ()) 1 true (call name) arguments span

            match substring.substringTail () with
            | null -> call "substring" arguments
            | tail ->
                let values = tail.expr () |> Array.map this.Expr |> List.ofArray

                match values with
                | _ when has (tail.SIMILAR()) -> call "substring" (arguments @ values)
                | [ length ] when has (tail.FOR()) -> call "substring" (arguments @ [ Expr.Literal(LiteralValue.Integer 1L, SourceSpan.None); length ])
                | [ length; start ] when (tail.Start :?> SqlToken).Type = SqlLexer.FOR -> call "substring" (arguments @ [ start; length ])
                | _ -> call "substring" (arguments @ values)
        | :? SqlParser.PositionCallContext as position ->
            this.InUnits (position.usingUnit ()) 2 false (call "position") [ this.Value(position.vexpr 1); this.Value(position.vexpr 0) ] span
        | :? SqlParser.TrimCallContext as trim ->
            let name =
                if has (trim.LEADING()) then "ltrim"
                elif has (trim.TRAILING()) then "rtrim"
                else "btrim"

            match trim.exprList () |> Array.map this.Expressions with
            | [| list |] -> call name list
            | [| characters; list |] -> call name (list @ characters)
            | _ -> raise (syntaxErrorIn context)
        | :? SqlParser.OverlayCallContext as overlay ->
            let arguments = this.Expressions(overlay.exprList ()) @ [ for value in overlay.expr () -> this.Expr value ]
            this.InUnits (overlay.usingUnit ()) 2 true (call "overlay") arguments span
        | :? SqlParser.NormalizeCallContext as normalize ->
            match normalize.columnLabel () with
            | null -> call "normalize" [ this.Expr(normalize.expr ()) ]
            | form -> call "normalize" [ this.Expr(normalize.expr ()); ExpressionBuilder.String ((nameOf form).Name.ToUpperInvariant()) (spanOf form) ]
        | :? SqlParser.CollationCallContext as collation -> call "pg_collation_for" [ this.Expr(collation.expr ()) ]
        | :? SqlParser.CoalesceCallContext as coalesce -> Expr.Coalesce(this.Expressions(coalesce.exprList ()), span)
        | :? SqlParser.NullIfCallContext as nullIf -> Expr.NullIf(this.Expr(nullIf.expr 0), this.Expr(nullIf.expr 1), span)
        | :? SqlParser.GreatestCallContext as greatest -> Expr.Greatest(this.Expressions(greatest.exprList ()), span)
        | :? SqlParser.LeastCallContext as least -> Expr.Least(this.Expressions(least.exprList ()), span)
        | :? SqlParser.GroupingCallContext as grouping -> Expr.Grouping(this.Expressions(grouping.exprList ()), span)
        | _ -> invalidOp $"unknown call {context.GetType().Name}"

    member _.SessionValue(context: SqlParser.SessionValueContext) : Expr =
        let kind =
            match (context.Start :?> SqlToken).Type with
            | SqlLexer.CURRENT_DATE -> SessionValue.CurrentDate
            | SqlLexer.CURRENT_TIME -> SessionValue.CurrentTime
            | SqlLexer.CURRENT_TIMESTAMP -> SessionValue.CurrentTimestamp
            | SqlLexer.LOCALTIME -> SessionValue.LocalTime
            | SqlLexer.LOCALTIMESTAMP -> SessionValue.LocalTimestamp
            | SqlLexer.CURRENT_ROLE -> SessionValue.CurrentRole
            | SqlLexer.CURRENT_USER -> SessionValue.CurrentUser
            | SqlLexer.SESSION_USER -> SessionValue.SessionUser
            | SqlLexer.USER -> SessionValue.User
            | SqlLexer.CURRENT_CATALOG -> SessionValue.CurrentCatalog
            | _ -> SessionValue.CurrentSchema

        let precision =
            match context.INTEGER() with
            | null -> None
            | digits -> Some(int32Of (tokenOf digits))

        Expr.SessionValue(kind, precision, spanOf context)

    // ---- moments

    member this.TemporalLiteral(context: SqlParser.TemporalLiteralContext) : TemporalPoint =
        let span = spanOf context

        if has (context.AT_NOW()) then
            TemporalPoint.Now span
        else
            match context.INTEGER(), context.PARAM() with
            | null, null -> TemporalPoint.Sequence(this.Expr(context.expr ()), span)
            | null, parameter -> TemporalPoint.Sequence(this.Parameter(tokenOf parameter), span)
            | digits, _ -> TemporalPoint.Sequence(Expr.Literal(LiteralValue.Integer(integerOf (tokenOf digits)), tokenSpan (tokenOf digits)), span)

    /// A moment after AS OF, FROM, TO …: `"@seq:1"` and `'@seq:1'` are read as well, and a lone quoted name is a string.
    member this.Moment(context: SqlParser.VexprContext) : TemporalPoint =
        match this.Value context with
        | Expr.TimePoint point -> point
        | Expr.Literal(LiteralValue.String text, span) -> ExpressionBuilder.MomentOfText text span
        | Expr.Column { Parts = [ { Quoted = true } as part ] } -> ExpressionBuilder.MomentOfText part.Name part.Span
        | value -> TemporalPoint.Expression value

    static member MomentOfText (text: string) (span: SourceSpan) : TemporalPoint =
        let text = text.Trim()

        if text.Equals("@now", StringComparison.OrdinalIgnoreCase) then
            TemporalPoint.Now span
        elif text.StartsWith("@seq:", StringComparison.OrdinalIgnoreCase) then
            match Int64.TryParse(text.AsSpan 5) with
            | true, number when number >= 0L -> TemporalPoint.Sequence(Expr.Literal(LiteralValue.Integer number, span), span)
            | _ -> raise (SqlException(SqlState.InvalidDatetimeFormat, $"invalid sequence point: \"{text}\"", span))
        else
            TemporalPoint.Expression(Expr.Literal(LiteralValue.String text, span))
