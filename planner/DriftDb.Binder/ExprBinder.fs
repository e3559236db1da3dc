namespace DriftDb.Binder

open System
open System.Collections.Immutable
open System.Runtime.CompilerServices
open System.Text
open DriftDb.Types
open DriftDb.Plan
open DriftDb.Frontend

/// AST expressions → typed scalar expressions.
module internal ExprBinder =
    let private array items = Sequences.array items

    let private literal (value: LiteralValue) (span: SourceSpan) : ScalarExpr =
        let utf8 (text: string) = box (Encoding.UTF8.GetBytes text)

        let constant: ScalarExpr =
            match value with
            | LiteralValue.Null -> ScalarConstant(null, SqlType.Unknown)
            | LiteralValue.Boolean value -> if value then ScalarConstant.True else ScalarConstant.False
            | LiteralValue.Integer value when value >= int64 Int32.MinValue && value <= int64 Int32.MaxValue -> ScalarConstant(box (int32 value), SqlType.Int4)
            | LiteralValue.Integer value -> ScalarConstant(box value, SqlType.Int8)
            | LiteralValue.String text -> ScalarConstant(utf8 text, SqlType.Unknown)
            | LiteralValue.Decimal _ | LiteralValue.BitString _ | LiteralValue.HexString _ -> ScalarConstant(null, SqlType.Unknown)

        constant.With span

    /// A decimal literal: as many digits and decimals as it was written with.
    let private decimal (context: BindContext) (text: string) (span: SourceSpan) : ScalarExpr =
        let isPlain = text |> Seq.forall (fun c -> Char.IsAsciiDigit c || c = '.')
        let point = text.IndexOf '.'
        let digits = text.Replace(".", "")
        let scale = if point < 0 then 0 else text.Length - point - 1
        let significant = digits.TrimStart '0'
        let precision = max 1 (max significant.Length scale)

        if isPlain && precision <= 18 then
            let value = if significant = "" then 0L else Int64.Parse(significant, Globalization.CultureInfo.InvariantCulture)
            ScalarConstant(box value, SqlType.FixedNumeric(precision, scale)).With span
        else
            ScalarConstant(context.Options.ParseLiteral.Invoke(SqlType.Numeric, text), SqlType.Numeric).With span

    let private withoutAggregates (env: ExprEnv) = { env with Collector = None; InAggregate = true }

    let callByName (context: BindContext) name (arguments: ScalarExpr list) span : ScalarExpr =
        let candidates = context.Catalog.Functions.FindFunctions name |> Seq.filter (fun f -> f.Kind = FunctionKind.Scalar)

        match FunctionResolution.choose candidates (arguments |> List.map (fun a -> a.Type)) with
        | FunctionResolution.Found signature ->
            let converted, result = FunctionResolution.call context signature arguments span
            ScalarCall(signature, array converted, result).With span
        | FunctionResolution.Ambiguous -> FunctionResolution.ambiguous name arguments span
        | FunctionResolution.Missing -> FunctionResolution.notFound name arguments span

    let rec private isRow (expr: Expr) =
        match expr with
        | Expr.Row _ -> true
        | _ -> false

    /// Comparison of rows, by the standard's rules: equality of all, or lexicographic order.
    let private compareRows context (op: ComparisonOperator) (left: ScalarExpr list) (right: ScalarExpr list) span : ScalarExpr =
        if left.Length <> right.Length then
            Errors.fail SqlState.SyntaxError span "unequal number of entries in row expressions"

        let pairs = List.zip left right

        match op with
        | ComparisonOperator.Equal -> pairs |> List.map (fun (l, r) -> Operators.compare context op l r span) |> Operators.conjunction
        | ComparisonOperator.NotEqual -> pairs |> List.map (fun (l, r) -> Operators.compare context op l r span) |> Operators.disjunction
        | _ ->
            let strict =
                match op with
                | ComparisonOperator.LessOrEqual -> ComparisonOperator.Less
                | ComparisonOperator.GreaterOrEqual -> ComparisonOperator.Greater
                | other -> other

            // a1 < b1 OR (a1 = b1 AND (a2 < b2 OR …)), the last pair with the operator itself
            let rec build pairs : ScalarExpr =
                match pairs with
                | [ (l, r) ] -> Operators.compare context op l r span
                | (l, r) :: rest ->
                    Operators.disjunction
                        [ Operators.compare context strict l r span
                          Operators.conjunction [ Operators.compare context ComparisonOperator.Equal l r span; build rest ] ]
                | [] -> ScalarConstant.True

            build pairs

    let rec bind (services: Services) (env: ExprEnv) (expr: Expr) : ScalarExpr =
        services.Context.Enter expr.Span
        let bound = bindNode services env expr
        services.Context.Leave()
        bound

    and private bindNode (services: Services) (env: ExprEnv) (expr: Expr) : ScalarExpr =
        let context = services.Context
        let sub expression = bind services env expression
        let span = expr.Span

        match expr with
        | Expr.Literal(LiteralValue.Decimal text, _) -> decimal context text span
        | Expr.Literal(LiteralValue.BitString digits, _) -> ScalarConstant(context.Options.ParseLiteral.Invoke(SqlType.Of TypeId.VarBit, digits), SqlType.Of TypeId.Bit).With span
        | Expr.Literal(LiteralValue.HexString digits, _) -> ScalarConstant(context.Options.ParseLiteral.Invoke(SqlType.Of TypeId.VarBit, "x" + digits), SqlType.Of TypeId.Bit).With span
        | Expr.Literal(value, _) -> literal value span
        | Expr.Parameter(index, _) when env.Scope.Routine.IsSome && not (isNull env.Scope.Routine.Value.Variables) ->
            match env.Scope.Routine.Value.Variables.Find index with
            | null -> Errors.fail SqlState.UndefinedParameter span $"there is no parameter ${index}"
            | found -> useVariable services env.Scope.Routine.Value.Variables found
        | Expr.Parameter(index, _) when env.Scope.Routine.IsSome ->
            match List.tryItem (index - 1) env.Scope.Routine.Value.Parameters with
            | Some(_, value) -> value
            | None -> Errors.fail SqlState.UndefinedParameter span $"there is no parameter ${index}"
        | Expr.Parameter(index, _) ->
            if index < 1 || index > Limits.Parameters then Errors.fail SqlState.UndefinedParameter span $"there is no parameter ${index}"
            ScalarParameter(index, context.ParameterType index).With span
        | Expr.Column name -> columnReference services env name
        | Expr.Star(Some qualifier, _) -> (starRow services env qualifier).With span
        | Expr.Star(None, _) -> Errors.fail SqlState.SyntaxError span "row expansion via \"*\" is not supported here"
        | Expr.Unary(op, operand, _) -> Operators.prefix context op.Symbol (sub operand) span
        | Expr.Binary _ -> binary services env expr
        | Expr.And(operands, _) -> ScalarAnd(operands |> List.map (fun o -> Coercion.toBoolean context "AND" (sub o)) |> array).With span
        | Expr.Or(operands, _) -> ScalarOr(operands |> List.map (fun o -> Coercion.toBoolean context "OR" (sub o)) |> array).With span
        | Expr.Not(operand, _) -> ScalarNot(Coercion.toBoolean context "NOT" (sub operand)).With span
        | Expr.IsNull(Expr.Row(items, _, _), negated, _) ->
            // A row IS NULL when all its fields are, IS NOT NULL when none is: the two aren't opposites.
            items |> List.map (fun item -> ScalarIsNull(sub item, negated) :> ScalarExpr) |> Operators.conjunction
        | Expr.IsNull(operand, negated, _) ->
            match sub operand with
            | row when RowConversion.isRecord row.Type -> (RowReferences.isNull (fun name arguments -> callByName context name arguments span) row negated).With span
            | value -> ScalarIsNull(Coercion.settleConstant context value, negated).With span
        | Expr.IsTruth(operand, truth, negated, _) ->
            match truth with
            | TruthValue.True -> ScalarIsBool(Coercion.toBoolean context "IS TRUE" (sub operand), true, negated).With span
            | TruthValue.False -> ScalarIsBool(Coercion.toBoolean context "IS FALSE" (sub operand), false, negated).With span
            | TruthValue.Unknown -> ScalarIsNull(Coercion.toBoolean context "IS UNKNOWN" (sub operand), negated).With span
        | Expr.IsDistinctFrom(Expr.Row(lefts, _, _), Expr.Row(rights, _, _), negated, _) when lefts.Length = rights.Length ->
            let parts = List.map2 (fun l r -> isDistinct context (sub l) (sub r) negated span) lefts rights
            if negated then Operators.conjunction parts else Operators.disjunction parts
        | Expr.IsDistinctFrom(left, right, negated, _) -> isDistinct context (sub left) (sub right) negated span
        | Expr.Between(operand, low, high, symmetric, negated, _) -> between services env operand low high symmetric negated span
        | Expr.InList(operand, items, negated, _) -> inList services env operand items negated span
        | Expr.InQuery(operand, query, negated, _) ->
            if negated then quantified services env SubqueryKind.All ComparisonOperator.NotEqual operand query span
            else quantified services env SubqueryKind.Any ComparisonOperator.Equal operand query span
        | Expr.Like(kind, operand, pattern, escape, negated, _) -> like services env kind operand pattern escape negated span
        | Expr.QuantifiedArray(left, op, quantifier, items, _) -> quantifiedArray services env left op.Symbol quantifier items span
        | Expr.QuantifiedQuery(left, op, quantifier, query, _) ->
            match Operators.comparison op.Symbol with
            | Some comparison ->
                quantified services env (if quantifier = Quantifier.All then SubqueryKind.All else SubqueryKind.Any) comparison left query span
            | None -> Errors.unsupported span $"{op.Symbol} with a quantified subquery"
        | Expr.Exists(query, _) ->
            let plan = services.BindQuery (Scope.nested env.Scope) query
            ScalarSubquery(SubqueryKind.Exists, plan, array [], ComparisonOperator.Equal, SqlType.Bool).With span
        | Expr.Unique(query, _) -> sub (asNoDuplicates services env query span)
        | Expr.CaseOperand _ ->
            match env.CaseOperand with
            | Some operand -> operand
            | None -> Errors.fail SqlState.SyntaxError span "a predicate without its left side is allowed in WHEN of a CASE with an operand only"
        | Expr.Subquery(query, _) ->
            let plan = services.BindQuery (Scope.nested env.Scope) query

            if plan.Output.Length <> 1 then Errors.fail SqlState.SyntaxError span "subquery must return only one column"
            ScalarSubquery(SubqueryKind.Scalar, plan, array [], ComparisonOperator.Equal, plan.Output[0].Type).With span
        | Expr.ArrayQuery(query, _) ->
            let plan = services.BindQuery (Scope.nested env.Scope) query

            if plan.Output.Length <> 1 then Errors.fail SqlState.SyntaxError span "subquery must return only one column"
            let element = plan.Output[0].Type
            let result = if element.IsArray then element else SqlType.ArrayOf(element.WithoutTypmod())
            ScalarSubquery(SubqueryKind.Array, plan, array [], ComparisonOperator.Equal, result).With span
        | Expr.Array(items, _) -> arrayConstructor services env items None span
        | Expr.Subscript(operand, subscripts, _) -> subscript services env operand subscripts span
        | Expr.Field(Expr.Column { Parts = [ table ] }, name, _) when (Scope.tryFind env.Scope table.Name table.Span).IsNone && (Scope.findTable env.Scope None table.Name).IsSome ->
            qualifiedColumn services env None table.Name name.Name span
        | Expr.Field(operand, name, _) -> RowReferences.field (sub operand) name.Name span
        | Expr.FieldStar _ -> Errors.fail SqlState.FeatureNotSupported span "row expansion via \"*\" is not supported here"
        | Expr.Row(items, _, _) -> ScalarRow(items |> List.collect (rowItem services env) |> List.map (fun item -> (Coercion.settle context item).With item.Span) |> array).With span
        | Expr.Case(operand, branches, otherwise, _) -> caseExpression services env operand branches otherwise span
        | Expr.Cast(operand, typeName, syntax, _) -> cast services env operand typeName syntax span
        | Expr.Collate(operand, collation, _) ->
            match collation.Last with
            | "default" | "C" | "POSIX" | "ucs_basic" | "C.UTF-8" | "c" ->
                let value = sub operand
                let element = if value.Type.IsArray then value.Type.Element else value.Type

                if not element.IsString then
                    Errors.fail SqlState.DatatypeMismatch span $"collations are not supported by type {value.Type.WithoutTypmod()}"

                value
            | name -> Errors.fail SqlState.UndefinedObject span $"collation \"{name}\" for encoding \"UTF8\" does not exist"
        | Expr.AtTimeZone(operand, zone, _) -> callByName context "timezone" [ sub zone; sub operand ] span
        | Expr.Call call -> functionCall services env call
        | Expr.Coalesce(items, _) -> ScalarCoalesce(items |> List.map sub |> Coercion.unify context "COALESCE" |> array).With span
        | Expr.NullIf(left, right, _) ->
            let bound = sub left
            let variable, reference = services.Context.Named bound
            let other = sub right
            let condition = Operators.compare context ComparisonOperator.Equal reference other span
            // The value has the type in which it was compared.
            let value = Operators.comparable context reference other |> Option.map fst |> Option.defaultValue (Coercion.settle context reference)
            variable (ScalarCase(array [ condition ], array [ ScalarConstant.Null value.Type :> ScalarExpr ], value))
        | Expr.Greatest(items, _) -> ScalarExtreme(items |> List.map sub |> Coercion.unify context "GREATEST" |> array, true).With span
        | Expr.Least(items, _) -> ScalarExtreme(items |> List.map sub |> Coercion.unify context "LEAST" |> array, false).With span
        | Expr.Grouping(items, _) -> grouping services env items span
        | Expr.SessionValue(kind, precision, _) -> sessionValue context kind precision span
        | Expr.Default _ -> Errors.fail SqlState.SyntaxError span "DEFAULT is not allowed in this context"
        | Expr.TimePoint point ->
            match point with
            | TemporalPoint.Sequence(number, _) -> Coercion.convert context (sub number) SqlType.Int8 false
            | TemporalPoint.Expression value -> sub value
            | TemporalPoint.Now _ -> callByName context "now" [] span
        | Expr.PeriodPredicate(operator, left, right, _) ->
            let binding: PeriodPredicates.Binding =
                { Context = context
                  Bind = sub
                  Call = fun function' arguments -> callByName context function' arguments span
                  Name = services.Context.Named }

            PeriodPredicates.bind binding env.Scope operator left right span

    and private isDistinct context left right negated span : ScalarExpr =
        match Operators.comparable context left right with
        | Some(l, r) -> ScalarIsDistinct(l, r, negated).With span
        | None -> Operators.compare context ComparisonOperator.Equal left right span

    /// A routine's parameter: found where no column has the name, or by the routine's own name before it.
    and private routineParameter (scope: Scope) (routine: string option) (name: string) : ScalarExpr option =
        match scope.Routine with
        | Some around when routine.IsNone || routine = Some around.Of.Name ->
            around.Parameters |> List.tryFind (fun (parameter, _) -> parameter <> "" && parameter = name) |> Option.map snd
        | _ -> None

    /// A variable becomes a parameter of the statement.
    and private useVariable (services: Services) (variables: IVariableScope) (found: VariableReference) : ScalarExpr =
        let parameter = variables.Use found
        services.Context.ResolveParameter(parameter.Number, parameter.ParameterType)
        parameter

    /// The variable of the block around that a name stands for, with the fields behind it. Where a column has the name as well, the block says what that means; as a rule it is 42702.
    and private variableReference (services: Services) (env: ExprEnv) (names: string list) span : ScalarExpr option =
        match env.Scope.Routine with
        | Some around when not (isNull around.Variables) ->
            match around.Variables.Find(array names) with
            | null -> None
            | found ->
                let isColumn =
                    match names with
                    | [ one ] -> (Scope.tryFind env.Scope one span).IsSome || (Scope.findTable env.Scope None one).IsSome
                    | [ table; column ] -> Scope.findTable env.Scope None table |> Option.exists (fun t -> (Scope.findIn t column).IsSome)
                    | [ schema; table; column ] -> Scope.findTable env.Scope (Some schema) table |> Option.exists (fun t -> (Scope.findIn t column).IsSome)
                    | _ -> false

                let variable () =
                    let value = useVariable services around.Variables found
                    Some(names |> List.skip found.Parts |> List.fold (fun (row: ScalarExpr) name -> RowReferences.field row name span) value)

                match around.Variables.Conflict with
                | _ when not isColumn -> variable ()
                | NameConflict.UseVariable -> variable ()
                | NameConflict.UseColumn -> None
                | _ ->
                    let shown = String.Join(".", names)
                    Errors.failWithDetail SqlState.AmbiguousColumn span $"column reference \"{shown}\" is ambiguous" "It could refer to either a PL/pgSQL variable or a table column."
        | _ -> None

    /// `t.*` where a value is asked for: the whole row.
    and private starRow (services: Services) (env: ExprEnv) (qualifier: QualifiedName) : ScalarExpr =
        let schema = match qualifier.Texts with | [ _ ] -> None | parts -> Some parts[parts.Length - 2]

        match Scope.findTable env.Scope schema qualifier.Last with
        | Some table -> RowReferences.wholeRow services table
        | None -> Scope.missingTable qualifier.Last qualifier.Span

    /// What an item of ROW(…) puts into the row: a star all that it stands for.
    and private rowItem (services: Services) (env: ExprEnv) (item: Expr) : ScalarExpr list =
        match item with
        | Expr.Star(Some qualifier, span) ->
            match Scope.findTable env.Scope None qualifier.Last with
            | Some table ->
                services.Context.Names.Add(span, NameUse.Star(Scope.pathsIn table))
                table.Columns |> List.map (fun c -> services.Context.Reads c.Column; (c.Column.Reference()).With span)
            | None -> Scope.missingTable qualifier.Last span
        | Expr.FieldStar(operand, span) -> RowReferences.expandStar (bind services env) operand span |> List.map (fun (_, field) -> bind services env field)
        | expression -> [ bind services env expression ]

    and private columnReference (services: Services) (env: ExprEnv) (name: QualifiedName) : ScalarExpr =
        let span = name.Span

        let variable = variableReference services env name.Texts span

        let parameter routine name =
            let value = routineParameter env.Scope routine name

            if value.IsSome then
                services.Context.Names.Add(span, NameUse.Parameter(env.Scope.Routine.Value.Of, name, not (Scope.isEmpty env.Scope)))

            value

        match name.Texts with
        | _ when variable.IsSome -> variable.Value
        | [ one ] ->
            match Scope.tryFind env.Scope one span with
            | Some column ->
                Scope.tableWith env.Scope one column |> Option.iter (fun table -> noteColumn services env table one column span)
                services.Context.Reads column
                column.Reference().With span
            | None ->
                // A table's name alone is its whole row.
                match Scope.findTable env.Scope None one with
                | Some table -> (RowReferences.wholeRow services table).With span
                | None when (routineParameter env.Scope None one).IsSome -> (parameter None one).Value
                | None when env.Clause.StartsWith "DEFAULT" -> Errors.fail SqlState.FeatureNotSupported span "cannot use column reference in DEFAULT expression"
                // The standard's third truth value; it isn't reserved here.
                | None when one = "unknown" && not name.Parts.Head.Quoted -> (ScalarConstant.Null SqlType.Bool).With span
                | None -> Scope.missingColumn name.Parts.Head span
        | [ table; column ] when (Scope.findTable env.Scope None table).IsNone && (routineParameter env.Scope (Some table) column).IsSome ->
            (parameter (Some table) column).Value
        // A routine's parameter may be a row.
        | [ row; field ] when (Scope.findTable env.Scope None row).IsNone && (routineParameter env.Scope None row |> Option.exists (fun value -> RowConversion.isRecord value.Type)) ->
            RowReferences.field (routineParameter env.Scope None row).Value field span
        | [ table; column ] -> qualifiedColumn services env None table column span
        | [ schema; table; column ]
        | [ _; schema; table; column ] -> qualifiedColumn services env (Some schema) table column span
        | parts ->
            let shown = String.Join(".", parts)
            Errors.fail SqlState.SyntaxError span $"improper qualified name (too many dotted names): {shown}"

    and private qualifiedColumn (services: Services) (env: ExprEnv) schema table name span : ScalarExpr =
        match Scope.findTable env.Scope schema table with
        | None -> Scope.missingTable table span
        | Some found ->
            match Scope.findIn found name with
            | Some column ->
                noteColumn services env found name column span
                services.Context.Reads column
                column.Reference().With span
            | None -> Errors.fail SqlState.UndefinedColumn span $"column {table}.{name} does not exist"

    /// Says in what table of FROM a column was found. Its name alone stays where the table's name would find another one, and where nothing but names may stand.
    and private noteColumn (services: Services) (env: ExprEnv) (table: ScopeTable) name (column: OutputColumn) span =
        let names = services.Context.Names

        if names.IsWanted then
            let isReached = env.Clause <> "ON CONFLICT" && (match Scope.findTable env.Scope None table.Alias with Some found -> obj.ReferenceEquals(found, table) | None -> false)
            let alias = if isReached then table.Alias else ""

            names.Add(span, NameUse.Column(alias, name, Scope.sourceIn table name column))

    /// An error about an operator stands at the operator; the expression itself begins with its left operand.
    and private infix (context: BindContext) (op: OperatorName) (left: ScalarExpr) (right: ScalarExpr) (span: SourceSpan) : ScalarExpr =
        (Operators.binary context op.Symbol left right op.Span).With span

    /// A chain of left-associative operators is bound in a loop: it may be thousands deep.
    and private binary (services: Services) (env: ExprEnv) (expr: Expr) : ScalarExpr =
        let context = services.Context

        let rec spine (e: Expr) rest =
            match e with
            | Expr.Binary(op, left, right, span) when not (isRow left) -> spine left ((op, right, span) :: rest)
            | _ -> e, rest

        let first, rest = spine expr []

        match first, rest with
        | Expr.Binary(op, Expr.Row(lefts, _, _), right, span), [] ->
            match Operators.comparison op.Symbol, right with
            | Some comparison, Expr.Row(rights, _, _) ->
                compareRows context comparison (lefts |> List.map (bind services env)) (rights |> List.map (bind services env)) span
            | Some comparison, Expr.Subquery(query, _) -> rowAgainstQuery services env comparison lefts query span
            | _ -> infix context op (ScalarRow(lefts |> List.map (bind services env) |> array)) (bind services env right) span
        | Expr.Binary _, _ ->
            // The leftmost operator compares rows; the rest of the chain goes on from its answer.
            rest |> List.fold (fun left (op, right, span) -> infix context op left (bind services env right) span) (binary services env first)
        | _ ->
            let mutable bound = bind services env first
            let mutable depth = 0
            let mutable collation = Collations.explicitOf first

            for op, right, span in rest do
                collation <- Collations.merge collation (Collations.explicitOf right)
                depth <- depth + 1
                services.Context.RequireLevels(depth, span)
                bound <- infix context op bound (bind services env right) span

            bound

    and private rowAgainstQuery (services: Services) (env: ExprEnv) comparison lefts query span : ScalarExpr =
        // (a, b) = (SELECT …): as ANY, which is the same for at most one row.
        quantifiedRow services env SubqueryKind.Any comparison (lefts |> List.map (bind services env)) query span

    and private between (services: Services) (env: ExprEnv) operand low high symmetric negated span : ScalarExpr =
        let context = services.Context
        let wrap, value = services.Context.Named(bind services env operand)
        let lowBound, highBound = bind services env low, bind services env high

        let range a b =
            ScalarAnd(
                array
                    [ Operators.compare context ComparisonOperator.GreaterOrEqual value a span
                      Operators.compare context ComparisonOperator.LessOrEqual value b span ]
            )
            :> ScalarExpr

        let test = if symmetric then Operators.disjunction [ range lowBound highBound; range highBound lowBound ] else range lowBound highBound
        let test = if negated then ScalarNot(test) :> ScalarExpr else test
        (wrap test).With span

    and private inList (services: Services) (env: ExprEnv) operand items negated span : ScalarExpr =
        let context = services.Context

        match operand with
        | Expr.Row(lefts, _, _) ->
            let bound = lefts |> List.map (bind services env)

            let tests =
                items
                |> List.map (fun item ->
                    match item with
                    | Expr.Row(rights, _, _) -> compareRows context ComparisonOperator.Equal bound (rights |> List.map (bind services env)) span
                    | other -> compareRows context ComparisonOperator.Equal bound [ bind services env other ] span)

            let test = Operators.disjunction tests
            if negated then ScalarNot(test).With span else test
        | _ ->
            let value = bind services env operand
            let bound = items |> List.map (bind services env)

            // Untyped items and operand find their type together.
            let value =
                if value.Type.Id = TypeId.Unknown then
                    match Coercion.commonType (bound |> List.map (fun b -> b.Type)) with
                    | Some t -> Coercion.convert context value t false
                    | None -> value
                else
                    value

            let pairs =
                bound
                |> List.map (fun item ->
                    match Operators.comparable context value item with
                    | Some pair -> pair
                    | None -> Operators.compare context ComparisonOperator.Equal value item span |> ignore; value, item)

            let sameLeft = pairs |> List.forall (fun (l, _) -> obj.ReferenceEquals(l, value))
            let sameKind = pairs |> List.forall (fun (_, r) -> r.Type.Kind = value.Type.Kind && (not value.Type.IsFixedNumeric || r.Type.Scale = value.Type.Scale))

            if sameLeft && sameKind then
                ScalarIn(value, pairs |> List.map snd |> array, negated).With span
            else
                let op = if negated then ComparisonOperator.NotEqual else ComparisonOperator.Equal
                let wrap, reference = services.Context.Named value
                let tests = bound |> List.map (fun item -> Operators.compare context op reference item span)
                (wrap (if negated then Operators.conjunction tests else Operators.disjunction tests)).With span

    and private quantified (services: Services) (env: ExprEnv) kind op operand query span : ScalarExpr =
        let operands =
            match operand with
            | Expr.Row(items, _, _) -> items |> List.map (bind services env)
            | other -> [ bind services env other ]

        quantifiedRow services env kind op operands query span

    and private quantifiedRow (services: Services) (env: ExprEnv) kind op operands query span : ScalarExpr =
        let context = services.Context
        let plan = services.BindQuery (Scope.nested env.Scope) query

        if plan.Output.Length > operands.Length then Errors.fail SqlState.SyntaxError span "subquery has too many columns"
        elif plan.Output.Length < operands.Length then Errors.fail SqlState.SyntaxError span "subquery has too few columns"

        // Each side is converted to the pair's common type; the query's columns by a projection over it.
        let pairs =
            List.zip operands (List.ofSeq plan.Output)
            |> List.map (fun (l, column) ->
                match Operators.comparable context l (column.Reference()) with
                | Some(left, right) -> left, right, column
                | None -> Operators.compare context op l (column.Reference()) span |> ignore; l, column.Reference(), column)

        let converted =
            if pairs |> List.forall (fun (_, r, _) -> r :? ScalarColumn) then
                plan
            else
                let assignments =
                    pairs
                    |> List.map (fun (_, r, column) ->
                        match r with
                        | :? ScalarColumn -> Assignment.PassThrough column
                        | _ -> Assignment(context.NewColumn(column.Name, r.Type, r.Nullable), r))

                LogicalProject(plan, array assignments) :> LogicalPlan

        ScalarSubquery(kind, converted, pairs |> List.map (fun (l, _, _) -> l) |> array, op, SqlType.Bool).With span

    and private like (services: Services) (env: ExprEnv) kind operand pattern escape negated span : ScalarExpr =
        let context = services.Context
        let sub expression = bind services env expression
        let value = sub operand

        match kind with
        | LikeKind.Like | LikeKind.ILike -> Operators.like context (kind = LikeKind.ILike) negated value (sub pattern) (Option.map sub escape) span
        | LikeKind.SimilarTo ->
            let arguments = sub pattern :: (escape |> Option.map sub |> Option.toList)
            let regex = callByName context "similar_to_escape" arguments span
            let test = Operators.binary context "~" value regex span
            if negated then ScalarNot(test).With span else test

    and private quantifiedArray (services: Services) (env: ExprEnv) left symbol quantifier items span : ScalarExpr =
        let context = services.Context
        let value = bind services env left
        let isAll = (quantifier = Quantifier.All)

        let boundArray =
            match bind services env items with
            | a when a.Type.Id = TypeId.Unknown ->
                let element = if value.Type.Id = TypeId.Unknown then SqlType.Text else value.Type.WithoutTypmod()
                let element = if element.IsFixedNumeric then SqlType.Numeric else element
                Coercion.convert context a (SqlType.ArrayOf element) false
            | a when a.Type.Id = TypeId.Int2Vector -> Coercion.convert context a (SqlType.ArrayOf SqlType.Int2) false
            | a when a.Type.Id = TypeId.OidVector -> Coercion.convert context a (SqlType.ArrayOf SqlType.Oid) false
            | a -> a

        if not boundArray.Type.IsArray then
            Errors.fail SqlState.WrongObjectType span "op ANY/ALL (array) requires array on right side"

        match Operators.comparison symbol with
        | Some op ->
            let element = boundArray.Type.Element
            let probe = ScalarColumn(-1, "element", element, true)

            match Operators.comparable context value probe with
            | None -> Operators.compare context op value probe span
            | Some(l, r) ->
                // The element's side may need a conversion, which is done on the whole array.
                let target = r.Type.WithoutTypmod()
                let target = if target.IsFixedNumeric then SqlType.Numeric else target
                let l = if l.Type.IsFixedNumeric then Coercion.convert context l SqlType.Numeric false else l
                let converted = if element.SameTypeAs target then boundArray else Coercion.convert context boundArray (SqlType.ArrayOf target) false
                ScalarQuantifiedArray(op, isAll, l, converted).With span
        | None ->
            // LIKE ANY and regular expressions: over the literal elements, one by one.
            match boundArray with
            | :? ScalarArray as literalArray ->
                let tests = literalArray.Elements |> Seq.map (fun e -> Operators.binary context symbol value e span) |> List.ofSeq
                if isAll then Operators.conjunction tests else Operators.disjunction tests
            | _ -> Errors.unsupported span $"{symbol} ANY/ALL with an array that isn't written out"

    and private arrayConstructor (services: Services) (env: ExprEnv) items (target: SqlType option) span : ScalarExpr =
        let context = services.Context

        let bound =
            items
            |> List.map (fun item ->
                match item with
                | Expr.Array(inner, innerSpan) -> arrayConstructor services env inner target innerSpan
                | other -> bind services env other)

        match bound, target with
        | [], Some t -> ScalarArray(array [], t).With span
        | [], None ->
            Errors.failWithHint SqlState.IndeterminateDatatype span "cannot determine type of empty array" "Explicitly cast to the desired type, for example ARRAY[]::integer[]."
        | _, Some t when not (bound.Head.Type.IsArray) ->
            ScalarArray(bound |> List.map (fun b -> Coercion.coerce context b t.Element CoercionContext.Explicit) |> array, t).With span
        | _ ->
            let unified = Coercion.unify context "ARRAY" bound
            let first = unified.Head.Type
            let element = if first.IsFixedNumeric then SqlType.Numeric else first.WithoutTypmod()
            let unified = if first.IsFixedNumeric then unified |> List.map (fun u -> Coercion.convert context u element false) else unified
            ScalarArray(array unified, (if first.IsArray then first else SqlType.ArrayOf element)).With span

    /// GROUPING(a, b): stands as a call until the grouping is known (QueryBinder puts the number in its place).
    and private grouping (services: Services) (env: ExprEnv) items span : ScalarExpr =
        match env.Collector with
        | Some collector when not env.InAggregate ->
            if items.Length > 31 then Errors.fail SqlState.TooManyArguments span "GROUPING must have fewer than 32 arguments"
            collector.HasGrouping <- true
            let arguments = items |> List.map (fun item -> Coercion.settle services.Context (bind services env item))
            ScalarCall(GroupingNumber.signature, array arguments, SqlType.Int4).With span
        | _ -> Errors.fail SqlState.GroupingError span $"grouping operations are not allowed in {env.Clause}"

    /// `a[1:2]`, `a[:2][3]`: as soon as one subscript is a slice, an index alone means a slice from 1 to it.
    and private arraySlice (services: Services) (env: ExprEnv) (value: ScalarExpr) subscripts span : ScalarExpr =
        let lows, highs, given = sliceBounds services env subscripts
        callByName services.Context "array_slice" [ value; lows; highs; given ] span

    /// The bounds of a slice as two arrays, and which of them were written: two bits a dimension.
    and sliceBounds (services: Services) (env: ExprEnv) subscripts : ScalarExpr * ScalarExpr * ScalarExpr =
        let one: ScalarExpr = ScalarConstant(box 1, SqlType.Int4)
        let bound expression = Coercion.coerce services.Context (bind services env expression) SqlType.Int4 CoercionContext.Assignment

        let pairs =
            subscripts
            |> List.map (fun s ->
                match s with
                | Subscript.Index index -> Some one, Some(bound index)
                | Subscript.Slice(low, high) -> Option.map bound low, Option.map bound high)

        let list pick = ScalarArray(pairs |> List.map (pick >> Option.defaultValue one) |> array, SqlType.ArrayOf SqlType.Int4) :> ScalarExpr
        let bit (side: ScalarExpr option) shift = if side.IsSome then 1 <<< shift else 0
        let given = pairs |> List.mapi (fun i (low, high) -> bit low (2 * i) ||| bit high (2 * i + 1)) |> List.sum
        list fst, list snd, ScalarConstant(box given, SqlType.Int4)

    /// What a column gets by `SET a[1] = value`: its array with the part replaced. The value is asked for with the subscripts (none for a slice) and the type that it must have.
    and assignSubscripts (services: Services) (env: ExprEnv) (column: ScalarExpr) subscripts (valueAt: ImmutableArray<ScalarExpr> -> SqlType -> ScalarExpr) span : ScalarExpr =
        let context = services.Context
        let isSlice = subscripts |> List.exists (fun s -> match s with Subscript.Slice _ -> true | Subscript.Index _ -> false)

        if not column.Type.IsArray then
            Errors.fail SqlState.DatatypeMismatch span $"cannot subscript type {column.Type.WithoutTypmod()} because it does not support subscripting"

        if isSlice then
            let lows, highs, given = sliceBounds services env subscripts
            callByName context "array_set_slice" [ column; lows; highs; given; valueAt ImmutableArray.Empty column.Type ] span
        else
            let indexes =
                subscripts
                |> List.map (fun s ->
                    match s with
                    | Subscript.Index index -> Coercion.coerce context (bind services env index) SqlType.Int4 CoercionContext.Assignment
                    | Subscript.Slice _ -> Errors.unsupported span "an array slice")

            callByName context "array_set_element" [ column; ScalarArray(array indexes, SqlType.ArrayOf SqlType.Int4); valueAt (array indexes) column.Type.Element ] span

    and private subscript (services: Services) (env: ExprEnv) operand subscripts span : ScalarExpr =
        let context = services.Context

        let value =
            match bind services env operand with
            | v when v.Type.Id = TypeId.Int2Vector -> Coercion.convert context v (SqlType.ArrayOf SqlType.Int2) false
            | v when v.Type.Id = TypeId.OidVector -> Coercion.convert context v (SqlType.ArrayOf SqlType.Oid) false
            | v -> v

        if value.Type.Id = TypeId.Jsonb then
            subscripts
            |> List.fold
                (fun v s ->
                    match s with
                    | Subscript.Index index -> Operators.binary context "->" v (bind services env index) span
                    | Subscript.Slice _ -> Errors.fail SqlState.DatatypeMismatch span "jsonb subscript does not support slices")
                value
        elif value.Type.Id = TypeId.Name then
            // A name is an array of its characters, counted from 0.
            match subscripts with
            | [ Subscript.Index index ] ->
                let position = Operators.binary context "+" (bind services env index) (ScalarConstant(box 1, SqlType.Int4)) span
                let one: ScalarExpr = ScalarConstant(box 1, SqlType.Int4)
                let character = callByName context "substr" [ Coercion.convert context value SqlType.Text false; position; one ] span
                Coercion.coerce context character SqlType.Char1 CoercionContext.Explicit
            | _ -> Errors.unsupported span "a slice of a name"
        elif not value.Type.IsArray then
            Errors.fail SqlState.DatatypeMismatch span $"cannot subscript type {value.Type.WithoutTypmod()} because it does not support subscripting"
        elif subscripts |> List.exists (fun s -> match s with Subscript.Slice _ -> true | Subscript.Index _ -> false) then
            arraySlice services env value subscripts span
        else
            let indexes =
                subscripts
                |> List.map (fun s ->
                    match s with
                    | Subscript.Index index -> Coercion.coerce context (bind services env index) SqlType.Int4 CoercionContext.Assignment
                    | Subscript.Slice _ -> Errors.unsupported span "an array slice")

            ScalarSubscript(value, array indexes).With span

    /// Whether an operand of WHEN is a predicate that begins with the operand of the CASE.
    and private isWhenPredicate (expression: Expr) : bool =
        match expression with
        | Expr.CaseOperand _ -> true
        | Expr.Binary(_, left, _, _)
        | Expr.Between(left, _, _, _, _, _)
        | Expr.InList(left, _, _, _)
        | Expr.InQuery(left, _, _, _)
        | Expr.Like(_, left, _, _, _, _)
        | Expr.QuantifiedArray(left, _, _, _, _)
        | Expr.QuantifiedQuery(left, _, _, _, _)
        | Expr.Not(left, _) -> isWhenPredicate left
        | Expr.Call { Arguments = first :: _ } -> isWhenPredicate first.Value
        | _ -> false

    /// `UNIQUE (q)`: there is no row of q that comes twice; rows with NULLs are equal to none.
    and private asNoDuplicates (services: Services) (env: ExprEnv) (query: Query) span : Expr =
        let count = (services.BindQuery (Scope.nested env.Scope) query).Output.Length
        if count = 0 then Errors.fail SqlState.SyntaxError span "UNIQUE needs a subquery with columns"
        let identifier text = { Name = text; Quoted = true; Span = span }
        let names = [ for i in 1..count -> identifier $"c{i}" ]
        let columns = names |> List.map (fun name -> Expr.Column { Parts = [ name ]; Span = span })
        let rows: TableAlias = { Name = Some(identifier "u"); Columns = names; ColumnDefinitions = []; Span = span }

        let counted =
            Expr.Call
                { Name = { Parts = [ { identifier "count" with Quoted = false } ]; Span = span }
                  Arguments = []
                  Star = true
                  Distinct = false
                  OrderBy = []
                  WithinGroup = []
                  Filter = None
                  IgnoreNulls = None
                  Over = None
                  Span = span }

        let ones = MadeNodes.select [ MadeNodes.item (Expr.Literal(LiteralValue.Integer 1L, span)) None ] [ TableReference.Subquery(query, false, Some rows, span) ] span

        let core =
            { ones with
                Where = Some(Expr.And((columns |> List.map (fun column -> Expr.IsNull(column, true, span))) @ [ Expr.Literal(LiteralValue.Boolean true, span) ], span))
                GroupBy = Some { Distinct = false; Elements = columns |> List.map GroupingElement.Expression; Span = span }
                Having = Some(Expr.Binary({ Schema = []; Symbol = ">"; Span = span }, counted, Expr.Literal(LiteralValue.Integer 1L, span), span)) }

        Expr.Not(Expr.Exists(MadeNodes.query (QueryBody.Select core) span, span), span)

    and private caseExpression (services: Services) (env: ExprEnv) operand branches otherwise span : ScalarExpr =
        let context = services.Context

        let wrap, subject =
            match operand with
            | Some value ->
                let wrap, reference = services.Context.Named(bind services env value)
                wrap, Some reference
            | None -> id, None

        let conditions =
            branches
            |> List.map (fun branch ->
                let condition (expression: Expr) : ScalarExpr =
                    let bound = bind services { env with CaseOperand = subject } expression

                    match subject with
                    | Some _ when isWhenPredicate expression -> Coercion.toBoolean context "CASE/WHEN" bound
                    | Some value -> Operators.compare context ComparisonOperator.Equal value bound branch.Span
                    | None -> Coercion.toBoolean context "CASE/WHEN" bound

                match branch.When |> List.map condition with
                | [ one ] -> one
                | several -> ScalarOr(array several))

        let results = branches |> List.map (fun branch -> bind services env branch.Then)

        let last =
            match otherwise with
            | Some value -> bind services env value
            | None -> ScalarConstant(null, SqlType.Unknown)

        let unified = Coercion.unify context "CASE" (results @ [ last ])
        let count = results.Length
        (wrap (ScalarCase(array conditions, array (List.take count unified), List.last unified))).With span

    and private cast (services: Services) (env: ExprEnv) operand (typeName: TypeName) syntax span : ScalarExpr =
        let context = services.Context

        match TypeResolution.domain context.Catalog typeName with
        | null ->
            let target = TypeResolution.resolve context.Catalog typeName
            context.Names.Mention(target, typeName.Name.Span, true)
            castToType services env operand target span
        | domain ->
            context.Names.Add(typeName.Name.Span, NameUse.Domain domain)
            context.Routines.Add domain.Oid |> ignore
            (domainValue services domain (castToType services env operand domain.BaseType span)).With span

    /// A value that must be one of a domain's: 23514 or 23502 when it isn't.
    and private domainValue (services: Services) (domain: Domain) (value: ScalarExpr) : ScalarExpr =
        let context = services.Context
        let wrap, reference = services.Context.Named value
        let check = context.Catalog.Functions.FindFunctions Domain.CheckFunction |> Seq.head
        let text (s: string | null) : ScalarExpr = if isNull s then ScalarConstant.Null SqlType.Text else ScalarConstant(box (System.Text.Encoding.UTF8.GetBytes(Unchecked.nonNull s)), SqlType.Text)
        let call (condition: ScalarExpr) constraintName : ScalarExpr = ScalarCall(check, array [ condition; text domain.Name; text constraintName ], SqlType.Bool)

        let condition (item: CheckText) : ScalarExpr =
            // VALUE is bound as a column that stands in for the value.
            let stand = context.NewColumn("value", domain.BaseType, true)
            let table = Scope.tableOf "" [ { Name = "value"; Column = stand } ]
            let env = { Scope = Scope.ofTable table Scope.empty; Clause = "CHECK"; Collector = None; InAggregate = false; CaseOperand = None }

            (Coercion.toBoolean context "CHECK" (context.Aside(fun () -> bind services env (SqlParser.ParseExpression item.Condition)))).Rewrite(fun node ->
                match node with
                | :? ScalarColumn as c when c.Id = stand.Id -> reference
                | _ -> if node.Span.IsNone then node else node.With SourceSpan.None)

        let tests =
            [ if domain.IsNotNull then
                  yield call (ScalarIsNull(reference, true)) null

              for item in domain.Checks do
                  yield call (condition item) item.Name ]

        match tests with
        | [] -> value
        | _ -> wrap (ScalarCase(array [ Operators.conjunction tests ], array [ reference ], reference))

    and private castToType (services: Services) (env: ExprEnv) operand (target: SqlType) span : ScalarExpr =
        let context = services.Context

        match operand with
        | Expr.Array(items, _) when target.IsArray -> arrayConstructor services env items (Some target) span
        | Expr.Row(items, _, _) when target.IsComposite ->
            // What the row is cast to decides about its untyped literals and parameters.
            Coercion.convert context (ScalarRow(items |> List.collect (rowItem services env) |> array).With span) target true
        | _ ->
            let bound = bind services env operand

            match bound with
            // A length that a literal has to be cut to isn't the literal's parser's business.
            | :? ScalarConstant as constant when constant.ConstantType.Id = TypeId.Unknown && target.Typmod >= 0 && target.Id <> TypeId.Interval && not (isNull constant.Value) ->
                let plain = Coercion.convert context (bound.With operand.Span) (if target.Id = TypeId.BpChar then SqlType.Text elif target.Id = TypeId.Numeric then SqlType.Numeric else target.WithoutTypmod()) true
                Coercion.convert context plain target true
            | :? ScalarConstant as constant when constant.ConstantType.Id = TypeId.Unknown && target.IsArray && target.Element.IsString && target.Element.Typmod >= 0 ->
                let plain = Coercion.convert context (bound.With operand.Span) (SqlType.ArrayOf SqlType.Text) true
                Coercion.convert context plain target true
            | _ -> (Coercion.coerce context bound target CoercionContext.Explicit).With(if bound.Span.IsNone then span else bound.Span)

    and private sessionValue context kind precision span : ScalarExpr =
        let now = callByName context "now" [] span

        let withPrecision id =
            match precision with
            | Some p -> SqlType.Of(id, min p 6)
            | None -> SqlType.Of id

        let convert target = Coercion.convert context now target true

        match kind with
        | SessionValue.CurrentDate -> convert SqlType.Date
        | SessionValue.CurrentTime -> convert (withPrecision TypeId.TimeTz)
        | SessionValue.CurrentTimestamp -> convert (withPrecision TypeId.TimestampTz)
        | SessionValue.LocalTime -> convert (withPrecision TypeId.Time)
        | SessionValue.LocalTimestamp -> convert (withPrecision TypeId.Timestamp)
        | SessionValue.CurrentRole | SessionValue.CurrentUser | SessionValue.User -> callByName context "current_user" [] span
        | SessionValue.SessionUser -> callByName context "session_user" [] span
        | SessionValue.CurrentCatalog -> callByName context "current_database" [] span
        | SessionValue.CurrentSchema -> callByName context "current_schema" [] span

    /// `LISTAGG(x, s) WITHIN GROUP (ORDER BY k)` is `string_agg(x, s ORDER BY k)`; without a separator nothing stands between.
    and private asStringAgg (call: FunctionCall) : FunctionCall =
        let nothing = { Name = None; Value = Expr.Literal(LiteralValue.String "", call.Span); Variadic = false; Span = call.Span }

        { call with
            Name = { call.Name with Parts = [ { Name = "string_agg"; Quoted = false; Span = call.Name.Span } ] }
            Arguments = (match call.Arguments with | [ value ] -> [ value; nothing ] | other -> other)
            OrderBy = call.WithinGroup
            WithinGroup = [] }

    and private functionCall (services: Services) (env: ExprEnv) (call: FunctionCall) : ScalarExpr =
        let context = services.Context
        let functionName = call.Name.Last
        let span = call.Span

        match call.Name.Texts with
        | [ _ ] | [ ("pg_catalog" | "information_schema" | "public"); _ ] -> ()
        | [ schema; _ ] when context.Catalog.SchemaExists schema -> ()
        | parts when parts.Length > 1 -> Errors.fail SqlState.InvalidSchemaName span $"schema \"{parts.Head}\" does not exist"
        | _ -> ()

        let schema = match call.Name.Texts with | [ _ ] -> null | parts -> parts[parts.Length - 2]
        let routines = context.Catalog.FindRoutines(schema, functionName) |> Seq.filter (fun r -> not r.IsProcedure) |> Seq.map (fun r -> r.Signature) |> List.ofSeq
        let isBuiltIn = isNull schema || schema = "pg_catalog" || schema = "information_schema" || schema = "public"
        let candidates = if isBuiltIn then Seq.append (context.Catalog.Functions.FindFunctions functionName) routines |> List.ofSeq else routines
        let isAggregate = candidates |> Seq.exists (fun f -> f.Kind = FunctionKind.Aggregate)
        let isWindow = candidates |> Seq.exists (fun f -> f.Kind = FunctionKind.Window)

        if call.IgnoreNulls.IsSome && call.Over.IsNone then
            Errors.fail SqlState.WrongObjectType span "RESPECT NULLS and IGNORE NULLS are for window functions only"

        match call.Over with
        | None when isBuiltIn && HypotheticalSets.isCall call -> bind services env (HypotheticalSets.rewrite call)
        | None when functionName = "listagg" && candidates.IsEmpty -> functionCall services env (asStringAgg call)
        | Some over -> windowCall services env call candidates over
        | None when isAggregate -> aggregateCall services env call candidates
        | None when isWindow && candidates |> Seq.forall (fun f -> f.Kind = FunctionKind.Window) ->
            Errors.fail SqlState.WrongObjectType span $"window function {functionName} requires an OVER clause"
        | None ->
            let given = RoutineCalls.inOrder candidates call

            let arguments =
                given
                |> List.map (fun a -> bind services env a.Value)

            let arguments =
                match arguments with
                | [ a; b; c; d ] when isBuiltIn && functionName = "overlaps" ->
                    // An interval as the second of a pair is the length of the period.
                    let finish (start: ScalarExpr) (second: ScalarExpr) = if second.Type.Id = TypeId.Interval then Operators.binary context "+" start second span else second
                    [ a; finish a b; c; finish c d ]
                | _ -> arguments

            let types = arguments |> List.map (fun a -> a.Type)

            let spreads = given |> List.exists (fun a -> a.Variadic)

            match FunctionResolution.choose (candidates |> Seq.filter (fun f -> f.Kind = FunctionKind.Scalar || f.Kind = FunctionKind.Table) |> FunctionResolution.ofCall spreads) types with
            | FunctionResolution.Found signature when not (isNull signature.Routine) ->
                context.Names.Add(call.Name.Span, NameUse.Routine signature.Routine)
                routineCall services env signature arguments span
            | FunctionResolution.Found signature when isBuiltIn && signature.Name = "pg_typeof" && types.Head.Id = TypeId.Unknown ->
                // A literal keeps the type that it has before it is asked for another.
                ScalarConstant(box (int TypeId.Unknown), SqlType.Of TypeId.RegType).With span
            | FunctionResolution.Found signature when signature.Kind = FunctionKind.Table -> setReturning services env signature arguments span
            | FunctionResolution.Found signature ->
                let converted, result = FunctionResolution.call context signature arguments span
                ScalarCall(signature, array converted, result).With span
            | FunctionResolution.Ambiguous -> FunctionResolution.ambiguous functionName arguments span
            | FunctionResolution.Missing ->
                // A type's name with one argument is a cast: date(x), int4(x), text(x).
                match arguments, TypeNames.Find functionName with
                | [ row ], _ when isNull schema && RowConversion.isRecord row.Type && not (isNull (RowConversion.rowOf row.Type)) && (RowConversion.rowOf row.Type).IndexOf functionName >= 0 ->
                    // `name(row)` is `(row).name`.
                    RowReferences.field row functionName span
                | [ one ], target when not (isNull target) && one.Type.Id <> TypeId.Void && not (RowConversion.isRecord one.Type) -> Coercion.coerce context one target CoercionContext.Explicit
                | _ -> FunctionResolution.notFound functionName arguments span

    /// A call of a routine, by the language of its body and what it returns.
    and private routineCall (services: Services) (env: ExprEnv) (signature: FunctionSignature) (arguments: ScalarExpr list) span : ScalarExpr =
        let routine = signature.Routine
        let isRow = not routine.ReturnsSet && (RowConversion.isRecord routine.ReturnType || not routine.ReturnColumns.IsEmpty)

        if not (RoutineCalls.isInlined services.Context signature) then RoutineValues.procedural services env signature isRow arguments span
        elif signature.Kind = FunctionKind.Table && not isRow then RoutineValues.rows services env signature arguments span
        else RoutineValues.inlined services (bind services) signature isRow arguments span

    and private setReturning (services: Services) (env: ExprEnv) signature arguments span : ScalarExpr =
        let context = services.Context

        match env.Collector with
        | Some collector when not env.InAggregate ->
            let converted, result = FunctionResolution.call context signature arguments span

            let columns =
                if signature.ReturnColumns.IsDefaultOrEmpty then [ context.NewColumn(signature.Name, result, true) ]
                else
                    [ for struct (name, t) in signature.ReturnColumns ->
                          context.NewColumn(name, (if t.Id = TypeId.AnyElement then result else t), true) ]

            let isSame (other: LogicalTableFunction) =
                obj.ReferenceEquals(other.Function, signature)
                && signature.Volatility <> Volatility.Volatile
                && Seq.forall2 (fun a b -> ScalarEquality.Same(a, b)) other.Arguments converted

            // The functions of a select list run side by side: the same call twice gives the same rows.
            let columns =
                match collector.SetFunctions |> Seq.tryFind isSame with
                | Some same -> List.ofSeq same.Columns
                | None ->
                    collector.SetFunctions.Add(LogicalTableFunction(signature, array converted, array columns, null))
                    columns

            match columns with
            | [ one ] -> one.Reference().With span
            | several -> (RowConversion.rowWith (several |> List.map (fun c -> c.Name)) (several |> List.map (fun c -> c.Reference() :> ScalarExpr))).With span
        | _ -> Errors.fail SqlState.FeatureNotSupported span $"set-returning functions are not allowed in {env.Clause}"

    and private bindAggregateArguments (services: Services) (env: ExprEnv) (collector: SelectCollector) (call: FunctionCall) candidates =
        let context = services.Context
        let inner = { withoutAggregates env with Scope = collector.Scope }
        let arguments = call.Arguments |> List.map (fun a -> bind services inner a.Value)
        let types = arguments |> List.map (fun a -> a.Type)

        let signature =
            match FunctionResolution.choose candidates types with
            | FunctionResolution.Found signature -> signature
            | FunctionResolution.Ambiguous -> FunctionResolution.ambiguous call.Name.Last arguments call.Span
            | FunctionResolution.Missing -> FunctionResolution.notFound call.Name.Last arguments call.Span

        // A fixed numeric is aggregated as it is: sums of scaled integers are exact and fast.
        let keepsFixed (argument: ScalarExpr) (parameter: SqlType) = argument.Type.IsFixedNumeric && parameter.Id = TypeId.Numeric
        let converted, result = FunctionResolution.call context signature arguments call.Span

        let converted =
            if call.Star then []
            else
                List.mapi2
                    (fun i (original: ScalarExpr) (c: ScalarExpr) -> if keepsFixed original (FunctionResolution.parameterAt signature i) then original else c)
                    arguments
                    (List.take arguments.Length converted)
                @ List.skip arguments.Length converted

        let resultType =
            match converted with
            | argument :: _ when argument.Type.IsFixedNumeric ->
                match signature.Name with
                | "sum" -> NumericTyping.Sum argument.Type
                | "min" | "max" | "any_value" -> argument.Type.WithoutTypmod()
                | _ -> result
            | argument :: _ when (signature.Name = "min" || signature.Name = "max") -> argument.Type.WithoutTypmod()
            | _ -> result

        inner, signature, converted, resultType

    and private aggregateCall (services: Services) (env: ExprEnv) (call: FunctionCall) candidates : ScalarExpr =
        let context = services.Context

        match env.Collector with
        | None when env.InAggregate -> Errors.fail SqlState.GroupingError call.Span "aggregate function calls cannot be nested"
        | None -> Errors.fail SqlState.GroupingError call.Span $"aggregate functions are not allowed in {env.Clause}"
        | Some collector ->
            let aggregates = candidates |> Seq.filter (fun (f: FunctionSignature) -> f.Kind = FunctionKind.Aggregate)

            if call.Star && call.Name.Last <> "count" then
                Errors.failWithHint SqlState.UndefinedFunction call.Span $"function {call.Name.Last}() does not exist" Errors.functionHint

            // What WITHIN GROUP orders by is aggregated: it comes behind the direct arguments.
            let call =
                match aggregates |> Seq.exists (fun f -> f.IsOrderedSet), call.WithinGroup with
                | true, [] -> Errors.fail SqlState.WrongObjectType call.Span $"WITHIN GROUP is required for ordered-set aggregate {call.Name.Last}"
                | false, _ :: _ ->
                    Errors.fail SqlState.WrongObjectType call.Span $"{call.Name.Last} is not an ordered-set aggregate, so it cannot have WITHIN GROUP"
                | true, sorted ->
                    let aggregated = sorted |> List.map (fun item -> ({ Name = None; Value = item.Expression; Variadic = false; Span = item.Span }: FunctionArgument))
                    { call with Arguments = call.Arguments @ aggregated }
                | false, [] -> call

            let inner, signature, arguments, resultType = bindAggregateArguments services env collector call aggregates
            if call.Distinct then arguments |> List.iter (fun a -> Comparability.requireEquality a.Type (if a.Span.IsNone then call.Span else a.Span))
            let filter = call.Filter |> Option.map (fun f -> Coercion.toBoolean context "FILTER" (bind services inner f)) |> Option.toObj
            let orderBy = (if call.WithinGroup.IsEmpty then call.OrderBy else call.WithinGroup) |> List.map (fun item -> sortExpr services inner item)
            // What a DISTINCT aggregate gets is sorted: where the order shows, it is part of the answer.
            let orderBy =
                match signature.Name with
                | "array_agg" | "string_agg" | "json_agg" | "jsonb_agg" when call.Distinct && orderBy.IsEmpty -> arguments |> List.map (fun a -> SortExpr(a, false, false))
                | _ -> orderBy

            let nullable = signature.Name <> "count"

            let same (existing: AggregateCall) =
                obj.ReferenceEquals(existing.Function, signature)
                && existing.Distinct = call.Distinct
                && ScalarEquality.Same(existing.Filter, filter)
                && existing.OrderBy.IsEmpty
                && orderBy.IsEmpty
                && existing.Arguments.Length = arguments.Length
                && Seq.forall2 (fun a b -> ScalarEquality.Same(a, b)) existing.Arguments arguments

            match collector.Aggregates |> Seq.tryFind same with
            | Some existing -> existing.Column.Reference().With call.Span
            | None ->
                let column = context.NewColumn(call.Name.Last, resultType, nullable)
                collector.Aggregates.Add(AggregateCall(column, signature, array arguments, call.Distinct, filter, array orderBy))
                column.Reference().With call.Span

    and sortExpr (services: Services) (env: ExprEnv) (item: SortItem) : SortExpr =
        let value = Coercion.settle services.Context (bind services env item.Expression)
        let descending = isDescending item
        Comparability.requireOrdering value item.Span
        SortExpr(value, descending, nullsFirst item descending)

    and isDescending (item: SortItem) =
        match item.Using with
        | Some { Symbol = ">" } -> true
        | Some { Symbol = "<" } -> false
        | Some op -> Errors.fail SqlState.WrongObjectType item.Span $"operator {op.Symbol} is not a valid ordering operator"
        | None -> item.Direction = SortDirection.Descending

    and nullsFirst (item: SortItem) descending =
        match item.Nulls with
        | NullsOrder.First -> true
        | NullsOrder.Last -> false
        | NullsOrder.Default -> descending

    and private windowCall (services: Services) (env: ExprEnv) (call: FunctionCall) candidates over : ScalarExpr =
        let context = services.Context

        match env.Collector with
        | None -> Errors.fail SqlState.WindowingError call.Span $"window functions are not allowed in {env.Clause}"
        | Some collector ->
            let rec resolve (specification: WindowSpecification) =
                match specification.Base with
                | None -> specification
                | Some name ->
                    let parent = lookup name.Name name.Span

                    { specification with
                        Base = None
                        PartitionBy = parent.PartitionBy
                        OrderBy = (if specification.OrderBy.IsEmpty then parent.OrderBy else specification.OrderBy) }

            and lookup name span =
                match env.Scope.Windows |> List.tryFind (fun (n, _) -> n = name) with
                | Some(_, specification) -> resolve specification
                | None -> Errors.fail SqlState.UndefinedObject span $"window \"{name}\" does not exist"

            let specification =
                match over with
                | WindowReference.Named name -> lookup name.Name name.Span
                | WindowReference.Inline specification -> resolve specification

            // Arguments of a window function may themselves be aggregates of the same level.
            let arguments = call.Arguments |> List.map (fun a -> bind services env a.Value)

            let signature =
                match FunctionResolution.choose (candidates |> Seq.filter (fun (f: FunctionSignature) -> f.Kind = FunctionKind.Window || f.Kind = FunctionKind.Aggregate)) (arguments |> List.map (fun a -> a.Type)) with
                | FunctionResolution.Found signature -> signature
                | FunctionResolution.Ambiguous -> FunctionResolution.ambiguous call.Name.Last arguments call.Span
                | FunctionResolution.Missing -> FunctionResolution.notFound call.Name.Last arguments call.Span

            if call.Distinct then Errors.unsupported call.Span "DISTINCT for window functions"

            match signature.Name with
            | "lag" | "lead" | "first_value" | "last_value" | "nth_value" -> ()
            | name when call.IgnoreNulls.IsSome -> Errors.fail SqlState.WrongObjectType call.Span $"function {name} does not accept RESPECT NULLS or IGNORE NULLS"
            | _ -> ()

            let converted, result = FunctionResolution.call context signature arguments call.Span

            let bound kind = FrameBound(kind, null)
            let offset expression = Coercion.settle context (bind services env expression)

            let frameBound (b: DriftDb.Frontend.FrameBound) =
                match b with
                | DriftDb.Frontend.FrameBound.UnboundedPreceding -> bound FrameBoundKind.UnboundedPreceding
                | DriftDb.Frontend.FrameBound.Preceding o -> FrameBound(FrameBoundKind.Preceding, offset o)
                | DriftDb.Frontend.FrameBound.CurrentRow -> bound FrameBoundKind.CurrentRow
                | DriftDb.Frontend.FrameBound.Following o -> FrameBound(FrameBoundKind.Following, offset o)
                | DriftDb.Frontend.FrameBound.UnboundedFollowing -> bound FrameBoundKind.UnboundedFollowing

            let frame =
                match specification.Frame with
                | None -> WindowFrame(FrameMode.Range, bound FrameBoundKind.UnboundedPreceding, bound FrameBoundKind.CurrentRow)
                | Some f ->
                    let exclusion =
                        match f.Exclusion with
                        | DriftDb.Frontend.FrameExclusion.NoOthers -> DriftDb.Plan.FrameExclusion.NoOthers
                        | DriftDb.Frontend.FrameExclusion.CurrentRow -> DriftDb.Plan.FrameExclusion.CurrentRow
                        | DriftDb.Frontend.FrameExclusion.Group -> DriftDb.Plan.FrameExclusion.Group
                        | DriftDb.Frontend.FrameExclusion.Ties -> DriftDb.Plan.FrameExclusion.Ties

                    let mode = match f.Unit with FrameUnit.Rows -> FrameMode.Rows | FrameUnit.Range -> FrameMode.Range | FrameUnit.Groups -> FrameMode.Groups
                    WindowFrame(mode, frameBound f.Start, frameBound f.End, Exclusion = exclusion)

            let filter = call.Filter |> Option.map (fun f -> Coercion.toBoolean context "FILTER" (bind services env f)) |> Option.toObj
            let nullable = not (signature.Name = "count" || signature.Name = "row_number" || signature.Name = "rank" || signature.Name = "dense_rank")
            let column = context.NewColumn(call.Name.Last, result, nullable)
            collector.Windows.Add((specification, WindowCall(column, signature, array converted, frame, filter, IgnoresNulls = (call.IgnoreNulls = Some true))))
            column.Reference().With call.Span
