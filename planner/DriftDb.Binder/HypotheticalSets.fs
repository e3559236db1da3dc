namespace DriftDb.Binder

open DriftDb.Types
open DriftDb.Frontend

/// `rank(x) WITHIN GROUP (ORDER BY a)` and its kin (ISO/IEC 9075-2, 10.9): where a row with x for a would stand among the group's. Each is said in counts of the rows that sort before it.
module internal HypotheticalSets =
    let private isOne name =
        match name with
        | "rank" | "dense_rank" | "percent_rank" | "cume_dist" -> true
        | _ -> false

    let isCall (call: FunctionCall) = isOne call.Name.Last && not call.WithinGroup.IsEmpty && call.Over.IsNone

    let rewrite (call: FunctionCall) : Expr =
        let span = call.Span
        let keys = call.WithinGroup
        let values = call.Arguments |> List.map (fun argument -> argument.Value)

        if keys.Length <> values.Length then
            Errors.failWithHint
                SqlState.UndefinedFunction
                span
                $"function {call.Name.Last} does not exist for {values.Length} direct arguments and {keys.Length} ordering columns"
                $"To use the hypothetical-set aggregate {call.Name.Last}, the number of hypothetical direct arguments must match the number of ordering columns."

        let operator symbol = { Schema = []; Symbol = symbol; Span = span }
        let binary symbol left right = Expr.Binary(operator symbol, left, right, span)
        let integer value = Expr.Literal(LiteralValue.Integer value, span)

        /// Whether the left value sorts before the right one.
        let sortsBefore (key: SortItem) left right =
            let descending = key.Direction = SortDirection.Descending
            let nullsFirst = key.Nulls = NullsOrder.First || key.Nulls = NullsOrder.Default && descending
            let isNull value negated = Expr.IsNull(value, negated, span)
            let byNull = if nullsFirst then [ isNull left false; isNull right true ] else [ isNull left true; isNull right false ]
            Expr.Or([ Expr.IsTruth(binary (if descending then ">" else "<") left right, TruthValue.True, false, span); Expr.And(byNull, span) ], span)

        let rec before (keys: (SortItem * Expr * Expr) list) =
            match keys with
            | [ key, left, right ] -> sortsBefore key left right
            | (key, left, right) :: rest ->
                Expr.Or([ sortsBefore key left right; Expr.And([ Expr.IsDistinctFrom(left, right, true, span); before rest ], span) ], span)
            | [] -> Expr.Literal(LiteralValue.Boolean false, span)

        let rowFirst = before (List.map2 (fun (key: SortItem) value -> key, key.Expression, value) keys values)
        let valueFirst = before (List.map2 (fun (key: SortItem) value -> key, value, key.Expression) keys values)

        let count (distinct: Expr list) (condition: Expr option) =
            let filter =
                match condition, call.Filter with
                | Some condition, Some filter -> Some(Expr.And([ filter; condition ], span))
                | Some condition, None -> Some condition
                | None, filter -> filter

            let argument value = { Name = None; Value = value; Variadic = false; Span = span }

            Expr.Call
                { call with
                    Name = { call.Name with Parts = [ { Name = "count"; Quoted = false; Span = span } ] }
                    Arguments = distinct |> List.map argument
                    Star = distinct.IsEmpty
                    Distinct = not distinct.IsEmpty
                    WithinGroup = []
                    Filter = filter }

        let float8 = SqlParser.ParseTypeName "float8"
        let toFloat value = Expr.Cast(value, float8, CastSyntax.Cast, span)

        match call.Name.Last with
        | "rank" -> binary "+" (count [] (Some rowFirst)) (integer 1L)
        | "dense_rank" -> binary "+" (count [ Expr.Row(keys |> List.map (fun key -> key.Expression), true, span) ] (Some rowFirst)) (integer 1L)
        | "percent_rank" ->
            // An empty group gives 0.
            Expr.Coalesce([ binary "/" (toFloat (count [] (Some rowFirst))) (Expr.NullIf(count [] None, integer 0L, span)); toFloat (integer 0L) ], span)
        | _ -> binary "/" (toFloat (binary "+" (count [] (Some(Expr.Not(valueFirst, span)))) (integer 1L))) (binary "+" (count [] None) (integer 1L))
