namespace DriftDb.Frontend

open DriftDb.Types

/// `CREATE RECURSIVE VIEW v (a) AS query` is `CREATE VIEW v AS WITH RECURSIVE v (a) AS (query) SELECT a FROM v`.
[<AbstractClass; Sealed>]
type RecursiveViews =
    /// The definition without RECURSIVE; any other definition as it is.
    static member AsPlain(create: CreateViewStatement) : CreateViewStatement =
        if not create.Recursive then
            create
        else
            let name = List.last create.Name.Parts

            let table =
                { Name = name
                  Columns = create.Columns
                  Materialized = None
                  Body = DataStatement.Query create.Query
                  Search = None
                  Cycle = None
                  Span = create.Query.Span }

            let item (column: Identifier) = MadeNodes.item (Expr.Column { Parts = [ column ]; Span = column.Span }) None
            let core = MadeNodes.select (create.Columns |> List.map item) [ MadeNodes.table name ] create.Query.Span
            let query = { MadeNodes.query (QueryBody.Select core) create.Query.Span with With = Some { Recursive = true; Tables = [ table ]; Span = create.Query.Span } }
            { create with Recursive = false; Columns = []; Query = query }
