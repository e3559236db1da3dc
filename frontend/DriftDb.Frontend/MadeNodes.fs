namespace DriftDb.Frontend

open DriftDb.Types

/// Small nodes that the program makes itself, for rewritings of a statement in terms of others.
[<RequireQualifiedAccess>]
module MadeNodes =
    /// A query that is its body and nothing else.
    let query (body: QueryBody) (span: SourceSpan) : Query =
        { With = None; Body = body; OrderBy = []; Limit = None; IsPercent = false; WithTies = false; Offset = None; Locking = []; AsOf = None; Span = span }

    /// `SELECT items FROM sources`
    let select (items: SelectItem list) (sources: TableReference list) (span: SourceSpan) : SelectCore =
        { Distinct = DistinctClause.All; Items = items; Into = None; From = sources; Where = None; GroupBy = None; Having = None; Windows = []; Span = span }

    let item (expression: Expr) (alias: Identifier option) : SelectItem = { Expression = expression; Alias = alias; Columns = []; Span = expression.Span }

    /// A table by its bare name, as it stands in FROM.
    let table (name: Identifier) : TableReference =
        TableReference.Table { Name = { Parts = [ name ]; Span = name.Span }; Only = false; SystemTime = None; Alias = None; Sample = None; Span = name.Span }
