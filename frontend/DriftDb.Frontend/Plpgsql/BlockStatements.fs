namespace DriftDb.Frontend

open System
open System.Runtime.CompilerServices
open DriftDb.Grammar
open DriftDb.Types

/// Statements of the block language that have no others in them.
module internal BlockStatements =
    /// `a`, `a.b`, `$1`: where INTO puts a value. The token behind it is next.
    let private target (tokens: BlockTokens) : Expr =
        let first = tokens.Position

        if tokens.IsKind(first, SqlLexer.PARAM) then
            tokens.Position <- first + 1
        else
            tokens.Name() |> ignore

            while tokens.IsKind(tokens.Position, SqlLexer.DOT) && tokens.IsName(tokens.Position + 1) do
                tokens.Position <- tokens.Position + 2

        tokens.SqlExpression(first, tokens.Position)

    let targets (tokens: BlockTokens) : Expr list = tokens.Separated(fun () -> target tokens)

    /// `INTO [STRICT] targets`, which the position is at.
    let private into (tokens: BlockTokens) : BlockInto =
        let first = tokens.Begin()
        let isStrict = tokens.Take "strict"
        let targets = targets tokens
        { IsStrict = isStrict; Targets = targets; Span = tokens.SpanFrom(first, tokens.Position) }

    /// What an assignment's target ends before: the index of its `:=`; None when the statement is something else.
    let assignmentAt (tokens: BlockTokens) : int option =
        let first = tokens.Position

        let rec path i =
            if tokens.IsAssign i then Some i
            elif tokens.IsKind(i, SqlLexer.DOT) && tokens.IsName(i + 1) then path (i + 2)
            elif tokens.IsKind(i, SqlLexer.LBRACKET) then
                let close = tokens.Find(i + 1, fun j -> tokens.IsKind(j, SqlLexer.RBRACKET))
                if tokens.IsKind(close, SqlLexer.RBRACKET) then path (close + 1) else None
            else None

        if tokens.IsName first || tokens.IsKind(first, SqlLexer.PARAM) then path (first + 1) else None

    let assign (tokens: BlockTokens) (at: int) : BlockStatement =
        let first = tokens.Position
        let target = tokens.SqlExpression(first, at)
        tokens.Position <- at + 1
        let value = tokens.ExpressionUntilSemicolon()
        let span = tokens.Finish first
        BlockStatement.Assign(target, value, span)

    /// `USING a, b`, where it is next.
    let private using (tokens: BlockTokens) (isEnd: int -> bool) : BlockExpr list =
        if tokens.Take "using" then tokens.Expressions isEnd else []

    /// `EXECUTE command [USING …]`; EXECUTE is passed already.
    let private dynamic (tokens: BlockTokens) (first: int) (isEnd: int -> bool) : BlockRows =
        let last = tokens.Find(tokens.Position, fun i -> tokens.IsWord(i, "using") || isEnd i)
        let command = tokens.Expression(tokens.Position, last)
        tokens.Position <- last
        let values = using tokens isEnd
        BlockRows.Dynamic(command, values, tokens.SpanFrom(first, tokens.Position))

    let private rowsOf (tokens: BlockTokens) (first: int) (last: int) : BlockRows =
        let span = tokens.SpanFrom(first, last)

        match tokens.Statement(first, last).Node with
        | StatementNode.Query query -> BlockRows.Query(DataStatement.Query query, span)
        | StatementNode.Insert insert -> BlockRows.Query(DataStatement.Insert insert, span)
        | StatementNode.Update update -> BlockRows.Query(DataStatement.Update update, span)
        | StatementNode.Delete delete -> BlockRows.Query(DataStatement.Delete delete, span)
        | _ -> raise (tokens.Unexpected(first, "Expected a query."))

    /// A query, or EXECUTE, up to the end of the statement or a token for which the test holds.
    let rows (tokens: BlockTokens) (isEnd: int -> bool) : BlockRows =
        let first = tokens.Position

        if tokens.Take "execute" then
            dynamic tokens first isEnd
        else
            let last = tokens.Find(first, isEnd)
            tokens.Position <- last
            rowsOf tokens first last

    /// `(value, name := value)` behind a cursor's name, where it is next.
    let cursorArguments (tokens: BlockTokens) : (Identifier option * BlockExpr) list =
        let isEnd i = tokens.IsKind(i, SqlLexer.COMMA) || tokens.IsKind(i, SqlLexer.RPAREN)

        let one () =
            let isNamed = tokens.IsName tokens.Position && (tokens.IsKind(tokens.Position + 1, SqlLexer.ASSIGN) || tokens.IsKind(tokens.Position + 1, SqlLexer.ARROW))

            let name =
                if isNamed then
                    let name = tokens.Name()
                    tokens.Skip()
                    Some name
                else
                    None

            name, tokens.ExpressionUntil(")", isEnd)

        if tokens.TakeKind SqlLexer.LPAREN then
            let found = tokens.Separated one
            tokens.ExpectKind(SqlLexer.RPAREN, "\")\"")
            found
        else
            []

    let exit (tokens: BlockTokens) (isContinue: bool) : BlockStatement =
        let first = tokens.Begin()
        let label = if tokens.Next "when" || tokens.IsKind(tokens.Position, SqlLexer.SEMI) then None else Some(tokens.Name())
        let condition = if tokens.Take "when" then Some(tokens.ExpressionUntilSemicolon()) else None
        let span = tokens.Finish first
        BlockStatement.Leave(isContinue, label, condition, span)

    let return' (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Begin()

        let value () = if tokens.IsKind(tokens.Position, SqlLexer.SEMI) then None else Some(tokens.ExpressionUntilSemicolon())

        let make =
            if tokens.Take "next" then
                let value = value ()
                fun span -> BlockStatement.ReturnNext(value, span)
            elif tokens.Take "query" then
                let rows = rows tokens (fun _ -> false)
                fun span -> BlockStatement.ReturnQuery(rows, span)
            else
                let value = value ()
                fun span -> BlockStatement.Return(value, span)

        let span = tokens.Finish first
        make span

    let condition (tokens: BlockTokens) : BlockCondition =
        if tokens.Take "sqlstate" then
            let span = if tokens.IsAtEnd then SourceSpan.None else tokenSpan tokens.Current
            let code = tokens.String()

            if code.Length <> 5 || code |> Seq.exists (fun c -> not ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'))) then
                raise (SqlException(SqlState.SyntaxError, "invalid SQLSTATE code", span))

            BlockCondition.State code
        else
            BlockCondition.Named(tokens.Name().Name)

    let raise' (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Begin()

        let level =
            [ "debug", RaiseLevel.Debug; "log", RaiseLevel.Log; "info", RaiseLevel.Info; "notice", RaiseLevel.Notice; "warning", RaiseLevel.Warning; "exception", RaiseLevel.Exception ]
            |> List.tryFind (fun (word, _) -> tokens.Next word)

        if level.IsSome then tokens.Skip()
        let isUsing i = tokens.IsWord(i, "using")
        let isEnd () = tokens.IsKind(tokens.Position, SqlLexer.SEMI) || tokens.Next "using"

        let format, condition, arguments =
            if tokens.IsAtEnd || isEnd () then
                None, None, []
            elif tokens.IsString tokens.Position then
                let format = tokens.String()
                Some format, None, (if tokens.TakeKind SqlLexer.COMMA then tokens.Expressions isUsing else [])
            else
                None, Some(condition tokens), []

        let option () =
            let name = tokens.Name().Name
            tokens.ExpectAssign()
            name, tokens.ExpressionUntil(";", fun i -> tokens.IsKind(i, SqlLexer.COMMA) || tokens.IsKind(i, SqlLexer.SEMI))

        let options = if tokens.Take "using" then tokens.Separated option else []
        let span = tokens.Finish first

        // `%%` is a percent sign, every other `%` takes an argument.
        let places =
            match format with
            | None -> 0
            | Some text -> (text.Replace("%%", "") |> Seq.filter (fun c -> c = '%') |> Seq.length)

        if format.IsSome && places > arguments.Length then raise (SqlException(SqlState.SyntaxError, "too few parameters specified for RAISE", span))
        if format.IsSome && places < arguments.Length then raise (SqlException(SqlState.SyntaxError, "too many parameters specified for RAISE", span))

        BlockStatement.Raise
            { Level = level |> Option.map snd |> Option.defaultValue RaiseLevel.Exception
              Condition = condition
              Format = format
              Arguments = arguments
              Options = options
              Span = span }

    let assert' (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Begin()
        let isComma i = tokens.IsKind(i, SqlLexer.COMMA) || tokens.IsKind(i, SqlLexer.SEMI)
        let condition = tokens.ExpressionUntil(";", isComma)
        let message = if tokens.TakeKind SqlLexer.COMMA then Some(tokens.ExpressionUntilSemicolon()) else None
        let span = tokens.Finish first
        BlockStatement.Assert(condition, message, span)

    let execute (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Begin()
        let isPart i = tokens.IsWord(i, "into") || tokens.IsWord(i, "using")
        let last = tokens.Find(tokens.Position, isPart)
        let command = tokens.Expression(tokens.Position, last)
        tokens.Position <- last
        let before = if tokens.Next "into" then Some(into tokens) else None
        let values = using tokens isPart
        let target = if before.IsNone && tokens.Next "into" then Some(into tokens) else before
        let span = tokens.Finish first
        BlockStatement.Execute(command, target, values, span)

    let private diagnosticItems =
        [ "row_count"; "pg_context"; "returned_sqlstate"; "column_name"; "constraint_name"; "pg_datatype_name"; "message_text"; "table_name"; "schema_name"; "pg_exception_detail"; "pg_exception_hint"; "pg_exception_context" ]

    let diagnostics (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Begin()
        let isStacked = tokens.Take "stacked"
        if not isStacked then tokens.Take "current" |> ignore
        tokens.Expect "diagnostics"

        let one () =
            let target = target tokens
            tokens.ExpectAssign()
            let at = tokens.Position
            let item = tokens.Name().Name
            if not (List.contains item diagnosticItems) then raise (SqlException(SqlState.SyntaxError, "unrecognized GET DIAGNOSTICS item", tokens.SpanFrom(at, at + 1)))

            if isStacked = List.contains item [ "row_count"; "pg_context" ] then
                let command = if isStacked then "GET STACKED DIAGNOSTICS" else "GET CURRENT DIAGNOSTICS"
                raise (SqlException(SqlState.SyntaxError, $"diagnostics item {item.ToUpperInvariant()} is not allowed in {command}", tokens.SpanFrom(at, at + 1)))

            target, item

        let items = tokens.Separated one
        let span = tokens.Finish first
        BlockStatement.Diagnostics(isStacked, items, span)

    let open' (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Begin()
        let name = tokens.Name()

        let scroll =
            if tokens.Take "scroll" then
                Some true
            elif tokens.Next "no" then
                tokens.Skip()
                tokens.Expect "scroll"
                Some false
            else
                None

        let rows, arguments =
            if tokens.Take "for" then Some(rows tokens (fun _ -> false)), []
            else None, cursorArguments tokens

        let span = tokens.Finish first
        BlockStatement.Open(name, scroll, rows, arguments, span)

    /// FETCH and MOVE are SQL's but for INTO.
    let fetch (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Position
        let last = tokens.EndOfStatement first
        let at = tokens.Find(first, fun i -> tokens.IsWord(i, "into"))

        let target =
            if at < last then
                tokens.Position <- at
                Some(into tokens)
            else
                None

        let stop = if target.IsSome then tokens.Position else last
        let statement = tokens.Statement(first, last, at, stop)
        tokens.Position <- last
        let span = tokens.Finish first

        match statement.Node with
        | StatementNode.Fetch(cursor, direction, isMove) ->
            if isMove && target.IsSome then raise (tokens.Unexpected at)
            if not isMove && target.IsNone then raise (tokens.Unexpected(last, "Expected INTO."))
            BlockStatement.Fetch(cursor, direction, target, span)
        | _ -> raise (tokens.Unexpected first)

    let close (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Begin()
        let name = tokens.Name()
        let span = tokens.Finish first
        BlockStatement.Close(name, span)

    let endTransaction (tokens: BlockTokens) (isCommit: bool) : BlockStatement =
        let first = tokens.Begin()

        let chain =
            if tokens.Take "and" then
                let isNo = tokens.Take "no"
                tokens.Expect "chain"
                not isNo
            else
                false

        let span = tokens.Finish first
        BlockStatement.EndTransaction(isCommit, chain, span)

    /// A statement of SQL, with an INTO of the block language somewhere in it.
    let sql (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Position
        let last = tokens.EndOfStatement first
        let takesInto = [ "select"; "insert"; "update"; "delete"; "merge"; "with"; "values" ] |> List.exists tokens.Next || tokens.IsKind(first, SqlLexer.LPAREN)
        let isInto i = takesInto && tokens.IsWord(i, "into") && not (i > first && (tokens.IsWord(i - 1, "insert") || tokens.IsWord(i - 1, "merge")))
        let at = tokens.Find(first, isInto)

        let target =
            if at < last then
                tokens.Position <- at
                Some(into tokens)
            else
                None

        let statement = tokens.Statement(first, last, at, (if target.IsSome then tokens.Position else at))

        match target with
        | Some target when tokens.Find(tokens.Position, isInto) < last -> raise (SqlException(SqlState.SyntaxError, "INTO specified more than once", target.Span))
        | _ -> ()

        tokens.Position <- last
        BlockStatement.Sql(statement, target, tokens.Finish first)

    let perform (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Position
        let last = tokens.EndOfStatement first
        let query = tokens.Select(first, last, 1)
        tokens.Position <- last
        BlockStatement.Perform(query, tokens.Finish first)
