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

            let source =
                { Name = { Parts = [ name ]; Span = name.Span }
                  Only = false
                  SystemTime = None
                  Alias = None
                  Sample = None
                  Span = name.Span }

            let item column = { Expression = Expr.Column { Parts = [ column ]; Span = column.Span }; Alias = None; Columns = []; Span = column.Span }

            let core =
                { Distinct = DistinctClause.All
                  Items = create.Columns |> List.map item
                  Into = None
                  From = [ TableReference.Table source ]
                  Where = None
                  GroupBy = None
                  Having = None
                  Windows = []
                  Span = create.Query.Span }

            let query =
                { With = Some { Recursive = true; Tables = [ table ]; Span = create.Query.Span }
                  Body = QueryBody.Select core
                  OrderBy = []
                  Limit = None
                  WithTies = false
                  Offset = None
                  Locking = []
                  AsOf = None
                  Span = create.Query.Span }

            { create with Recursive = false; Columns = []; Query = query }
