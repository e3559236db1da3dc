namespace DriftDb.Binder

open System.Collections.Immutable
open DriftDb.Types
open DriftDb.Plan

/// GROUPING(a, b): the number whose bits say which of its arguments the row's grouping set leaves out, the last one in the lowest bit.
/// A grouped query with such calls groups by a constant beside each key: where the set leaves the key out, the constant is NULL as well,
/// which NULL in the key itself couldn't tell.
module internal GroupingNumber =
    /// What a call looks like between its binding and the query's grouping; it is never run.
    let signature =
        FunctionSignature(Name = "grouping", ParameterTypes = ImmutableArray<SqlType>.Empty, ReturnType = SqlType.Int4, Kind = FunctionKind.Scalar, IsStrict = false)

    let isCall (e: ScalarExpr) =
        match e with
        | :? ScalarCall as call -> obj.ReferenceEquals(call.Function, signature)
        | _ -> false

    /// The call as a sum of bits over the keys' markers; None is a key that no set leaves out.
    let ofCall (keys: (ScalarExpr * OutputColumn option) list) (call: ScalarCall) : ScalarExpr =
        let number n : ScalarExpr = ScalarConstant(box n, SqlType.Int4)
        let last = call.Arguments.Length - 1

        call.Arguments
        |> Seq.mapi (fun i argument ->
            match keys |> List.tryFind (fun (key, _) -> ScalarEquality.Same(key, argument)) with
            | None -> Errors.fail SqlState.GroupingError argument.Span "arguments to GROUPING must be grouping expressions of the associated query level"
            | Some(_, None) -> number 0
            | Some(_, Some marker) ->
                ScalarCase(Sequences.array [ ScalarIsNull(marker.Reference(), false) :> ScalarExpr ], Sequences.array [ number (1 <<< (last - i)) ], number 0) :> ScalarExpr)
        |> Seq.reduce (fun a b -> ScalarArithmetic(ArithmeticOperator.Add, a, b, SqlType.Int4) :> ScalarExpr)
