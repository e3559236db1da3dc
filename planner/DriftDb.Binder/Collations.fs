namespace DriftDb.Binder

open DriftDb.Types
open DriftDb.Frontend

/// Collations that COLLATE gives: two different ones can't meet in an expression (PostgreSQL's parse_collate.c).
module internal Collations =
    /// The collation given to the expression by COLLATE, from within it as well; None where it has its type's.
    let rec explicitOf (expr: Expr) : QualifiedName option =
        match expr with
        | Expr.Collate(_, collation, _) -> Some collation
        | Expr.Binary({ Symbol = "||" }, left, right, _) -> merge (explicitOf left) (explicitOf right)
        | _ -> None

    /// The collation of two expressions that are compared or put together. 42P21 where both have one given, and not the same.
    and merge (left: QualifiedName option) (right: QualifiedName option) : QualifiedName option =
        match left, right with
        | Some l, Some r when l.Last <> r.Last -> Errors.fail SqlState.CollationMismatch r.Span $"collation mismatch between explicit collations \"{l.Last}\" and \"{r.Last}\""
        | Some _, _ -> left
        | None, _ -> right
