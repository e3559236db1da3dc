namespace DriftDb.Frontend

open DriftDb.Types

/// `UPDATE … WHERE CURRENT OF c` and the cursors that it goes by: the row is found again by the number that the store gave it.
[<AbstractClass; Sealed>]
type PositionedStatements =
    static member private RowId = "ctid"

    static member private Name(text: string) : Identifier = { Name = text; Quoted = true; Span = SourceSpan.None }

    static member private RowIdOf(table: Identifier) =
        Expr.Column { Parts = [ table; PositionedStatements.Name PositionedStatements.RowId ]; Span = SourceSpan.None }

    /// The cursor whose row a statement changes; None for any other statement.
    static member CursorOf(node: StatementNode) : Identifier option =
        match node with
        | StatementNode.Update { Where = RowSelection.CurrentOf cursor }
        | StatementNode.Delete { Where = RowSelection.CurrentOf cursor } -> Some cursor
        | _ -> None

    /// The table that a data-changing statement names.
    static member TableOf(node: StatementNode) : QualifiedName =
        match node with
        | StatementNode.Update update -> update.Table
        | StatementNode.Delete delete -> delete.Table
        | _ -> invalidArg (nameof node) "only UPDATE and DELETE have a table"

    /// The same statement for the row with this number.
    static member AtRow(node: StatementNode, rowId: string) : DataStatement =
        let condition (table: QualifiedName) (alias: Identifier option) =
            let name = alias |> Option.defaultValue (List.last table.Parts)
            let literal = Expr.Literal(LiteralValue.String rowId, SourceSpan.None)
            let equals: OperatorName = { Schema = []; Symbol = "="; Span = SourceSpan.None }
            RowSelection.Where(Expr.Binary(equals, PositionedStatements.RowIdOf name, literal, SourceSpan.None))

        match node with
        | StatementNode.Update update -> DataStatement.Update { update with Where = condition update.Table update.Alias }
        | StatementNode.Delete delete -> DataStatement.Delete { delete with Where = condition delete.Table delete.Alias }
        | _ -> invalidArg (nameof node) "only UPDATE and DELETE are positioned"

    /// A cursor's query with the number of each row as one more column at its end; None where a row isn't one of a single table.
    static member WithRowId(query: Query) : Query option =
        match query.Body with
        | QueryBody.Select core when core.Distinct = DistinctClause.All && core.GroupBy.IsNone && core.Having.IsNone && query.AsOf.IsNone ->
            match core.From with
            | [ TableReference.Table({ SystemTime = None; Sample = None } as source) ] ->
                let name =
                    match source.Alias with
                    | Some { Name = Some alias } -> alias
                    | _ -> List.last source.Name.Parts

                let item =
                    { Expression = PositionedStatements.RowIdOf name
                      Alias = Some(PositionedStatements.Name "row")
                      Columns = []
                      Span = SourceSpan.None }

                Some { query with Body = QueryBody.Select { core with Items = core.Items @ [ item ] } }
            | _ -> None
        | _ -> None

    /// The table that a cursor's query reads, where <see cref="WithRowId"/> has an answer.
    static member SourceOf(query: Query) : QualifiedName option =
        match query.Body with
        | QueryBody.Select { From = [ TableReference.Table source ] } -> Some source.Name
        | _ -> None
