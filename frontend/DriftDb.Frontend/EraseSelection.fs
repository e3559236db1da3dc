namespace DriftDb.Frontend

/// What `ERASE FROM t WHERE …` is about, said as a query: every version that is kept and satisfies the predicate, by the number of the event that made it.
module EraseSelection =

    /// `table` is the printed, qualified name; the predicate keeps its places in the statement's own text.
    let Query (table: string, predicate: Expr) : Query =
        match SqlParser.ParseOne($"SELECT __sequence FROM {table} FOR SYSTEM_TIME ALL").Node with
        | StatementNode.Query({ Body = QueryBody.Select select } as query) ->
            { query with
                Body = QueryBody.Select { select with Where = Some predicate } }
        | _ -> invalidOp "a SELECT is a query"
