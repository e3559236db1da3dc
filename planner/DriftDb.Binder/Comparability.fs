namespace DriftDb.Binder

open DriftDb.Types
open DriftDb.Plan

/// Types whose values can't be compared: json and xml, and arrays of them.
module internal Comparability =
    let rec private isComparable (sqlType: SqlType) =
        match sqlType.Id with
        | TypeId.Json | TypeId.Xml -> false
        | TypeId.Array when not (isNull sqlType.Element) -> isComparable sqlType.Element
        | _ -> true

    /// What ORDER BY needs.
    let requireOrdering (value: ScalarExpr) span =
        if not (isComparable value.Type) then
            Errors.failWithHint
                SqlState.UndefinedFunction
                (if value.Span.IsNone then span else value.Span)
                $"could not identify an ordering operator for type {value.Type.WithoutTypmod()}"
                "Use an explicit ordering operator or modify the query."

    /// What GROUP BY, DISTINCT and set operations need.
    let requireEquality (sqlType: SqlType) span =
        if not (isComparable sqlType) then
            Errors.fail SqlState.UndefinedFunction span $"could not identify an equality operator for type {sqlType.WithoutTypmod()}"
