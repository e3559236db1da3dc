namespace DriftDb.Frontend

open System
open System.Runtime.CompilerServices
open DriftDb.Grammar
open DriftDb.Types

/// PL/pgSQL: a block's text → AST (PostgreSQL 15 documentation, chapter 43). A routine's body is parsed when it is made, DO's when it runs; 42601 with the place in the text for what isn't the language,
/// 0A000 for what is and isn't there.
module internal BlockStatements =
    /// Words that end a list of statements.
    let private closers = [ "end"; "else"; "elsif"; "elseif"; "when"; "exception" ]

    let private closes (tokens: BlockTokens) = tokens.IsAtEnd || closers |> List.exists tokens.Next

    let private semicolon (tokens: BlockTokens) = tokens.ExpectKind(SqlLexer.SEMI, "\";\"")

    /// `<<name>>`
    let private label (tokens: BlockTokens) : string option =
        if tokens.IsOperator(tokens.Position, "<<") then
            tokens.Position <- tokens.Position + 1
            let name = tokens.Name()
            if not (tokens.IsOperator(tokens.Position, ">>")) then tokens.Fail "Expected \">>\"."
            tokens.Position <- tokens.Position + 1
            Some name.Name
        else
            None

    /// The label that may stand behind END once more.
    let private closingLabel (tokens: BlockTokens) (label: string option) =
        if not (tokens.IsKind(tokens.Position, SqlLexer.SEMI)) && not tokens.IsAtEnd then
            let name = tokens.Name()

            match label with
            | None -> raise (SqlException(SqlState.SyntaxError, $"end label \"{name.Name}\" specified for unlabeled block", name.Span))
            | Some label when label <> name.Name -> raise (SqlException(SqlState.SyntaxError, $"end label \"{name.Name}\" differs from block's label \"{label}\"", name.Span))
            | Some _ -> ()

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

    let private targets (tokens: BlockTokens) : Expr list =
        let rec more found =
            let found = target tokens :: found
            if tokens.TakeKind SqlLexer.COMMA then more found else List.rev found

        more []

    /// `INTO [STRICT] targets`, which the position is at.
    let private into (tokens: BlockTokens) : BlockInto =
        let first = tokens.Position
        tokens.Position <- first + 1
        let isStrict = tokens.Take "strict"
        let targets = targets tokens
        { IsStrict = isStrict; Targets = targets; Span = tokens.SpanFrom(first, tokens.Position) }

    /// What an assignment's target ends before: the index of its `:=`; None when the statement is something else.
    let private assignmentAt (tokens: BlockTokens) : int option =
        let first = tokens.Position

        let rec path i =
            if tokens.IsAssign i then Some i
            elif tokens.IsKind(i, SqlLexer.DOT) && tokens.IsName(i + 1) then path (i + 2)
            elif tokens.IsKind(i, SqlLexer.LBRACKET) then
                let close = tokens.Find(i + 1, fun j -> tokens.IsKind(j, SqlLexer.RBRACKET))
                if tokens.IsKind(close, SqlLexer.RBRACKET) then path (close + 1) else None
            else None

        if tokens.IsName first || tokens.IsKind(first, SqlLexer.PARAM) then path (first + 1) else None

    let private assign (tokens: BlockTokens) (at: int) : BlockStatement =
        let first = tokens.Position
        let target = tokens.SqlExpression(first, at)
        tokens.Position <- at + 1
        let value = tokens.ExpressionUntilSemicolon()
        let span = tokens.SpanFrom(first, tokens.Position)
        semicolon tokens
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
    let private rows (tokens: BlockTokens) (isEnd: int -> bool) : BlockRows =
        let first = tokens.Position

        if tokens.Take "execute" then
            dynamic tokens first isEnd
        else
            let last = tokens.Find(first, isEnd)
            tokens.Position <- last
            rowsOf tokens first last

    /// `(value, name := value)` behind a cursor's name, where it is next.
    let private cursorArguments (tokens: BlockTokens) : (Identifier option * BlockExpr) list =
        let isEnd i = tokens.IsKind(i, SqlLexer.COMMA) || tokens.IsKind(i, SqlLexer.RPAREN)

        let one () =
            let isNamed = tokens.IsName tokens.Position && (tokens.IsKind(tokens.Position + 1, SqlLexer.ASSIGN) || tokens.IsKind(tokens.Position + 1, SqlLexer.ARROW))

            let name =
                if isNamed then
                    let name = tokens.Name()
                    tokens.Position <- tokens.Position + 1
                    Some name
                else
                    None

            name, tokens.ExpressionUntil(")", isEnd)

        let rec all found =
            let found = one () :: found
            if tokens.TakeKind SqlLexer.COMMA then all found else List.rev found

        if tokens.TakeKind SqlLexer.LPAREN then
            let found = all []
            tokens.ExpectKind(SqlLexer.RPAREN, "\")\"")
            found
        else
            []

    let private exit (tokens: BlockTokens) (isContinue: bool) : BlockStatement =
        let first = tokens.Position
        tokens.Position <- first + 1
        let label = if tokens.Next "when" || tokens.IsKind(tokens.Position, SqlLexer.SEMI) then None else Some(tokens.Name())
        let condition = if tokens.Take "when" then Some(tokens.ExpressionUntilSemicolon()) else None
        let span = tokens.SpanFrom(first, tokens.Position)
        semicolon tokens
        BlockStatement.Leave(isContinue, label, condition, span)

    let private return' (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Position
        tokens.Position <- first + 1

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

        let span = tokens.SpanFrom(first, tokens.Position)
        semicolon tokens
        make span

    let private condition (tokens: BlockTokens) : BlockCondition =
        if tokens.Take "sqlstate" then
            let span = if tokens.IsAtEnd then SourceSpan.None else tokenSpan tokens.Current
            let code = tokens.String()

            if code.Length <> 5 || code |> Seq.exists (fun c -> not ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'))) then
                raise (SqlException(SqlState.SyntaxError, "invalid SQLSTATE code", span))

            BlockCondition.State code
        else
            BlockCondition.Named(tokens.Name().Name)

    let private raise' (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Position
        tokens.Position <- first + 1

        let level =
            [ "debug", RaiseLevel.Debug; "log", RaiseLevel.Log; "info", RaiseLevel.Info; "notice", RaiseLevel.Notice; "warning", RaiseLevel.Warning; "exception", RaiseLevel.Exception ]
            |> List.tryFind (fun (word, _) -> tokens.Next word)

        if level.IsSome then tokens.Position <- tokens.Position + 1
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
            if not (not tokens.IsAtEnd && tokens.IsAssign tokens.Position) then tokens.Fail "Expected \"=\"."
            tokens.Position <- tokens.Position + 1
            name, tokens.ExpressionUntil(";", fun i -> tokens.IsKind(i, SqlLexer.COMMA) || tokens.IsKind(i, SqlLexer.SEMI))

        let rec options found =
            let found = option () :: found
            if tokens.TakeKind SqlLexer.COMMA then options found else List.rev found

        let options = if tokens.Take "using" then options [] else []
        let span = tokens.SpanFrom(first, tokens.Position)
        semicolon tokens

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

    let private assert' (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Position
        tokens.Position <- first + 1
        let isComma i = tokens.IsKind(i, SqlLexer.COMMA) || tokens.IsKind(i, SqlLexer.SEMI)
        let condition = tokens.ExpressionUntil(";", isComma)
        let message = if tokens.TakeKind SqlLexer.COMMA then Some(tokens.ExpressionUntilSemicolon()) else None
        let span = tokens.SpanFrom(first, tokens.Position)
        semicolon tokens
        BlockStatement.Assert(condition, message, span)

    let private execute (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Position
        tokens.Position <- first + 1
        let isPart i = tokens.IsWord(i, "into") || tokens.IsWord(i, "using")
        let last = tokens.Find(tokens.Position, isPart)
        let command = tokens.Expression(tokens.Position, last)
        tokens.Position <- last
        let before = if tokens.Next "into" then Some(into tokens) else None
        let values = using tokens isPart
        let target = if before.IsNone && tokens.Next "into" then Some(into tokens) else before
        let span = tokens.SpanFrom(first, tokens.Position)
        semicolon tokens
        BlockStatement.Execute(command, target, values, span)

    let private diagnosticItems =
        [ "row_count"; "pg_context"; "returned_sqlstate"; "column_name"; "constraint_name"; "pg_datatype_name"; "message_text"; "table_name"; "schema_name"; "pg_exception_detail"; "pg_exception_hint"; "pg_exception_context" ]

    let private diagnostics (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Position
        tokens.Position <- first + 1
        let isStacked = tokens.Take "stacked"
        if not isStacked then tokens.Take "current" |> ignore
        tokens.Expect "diagnostics"

        let one () =
            let target = target tokens
            if not (not tokens.IsAtEnd && tokens.IsAssign tokens.Position) then tokens.Fail "Expected \"=\"."
            tokens.Position <- tokens.Position + 1
            let at = tokens.Position
            let item = tokens.Name().Name
            if not (List.contains item diagnosticItems) then raise (SqlException(SqlState.SyntaxError, "unrecognized GET DIAGNOSTICS item", tokens.SpanFrom(at, at + 1)))

            if isStacked = List.contains item [ "row_count"; "pg_context" ] then
                let command = if isStacked then "GET STACKED DIAGNOSTICS" else "GET CURRENT DIAGNOSTICS"
                raise (SqlException(SqlState.SyntaxError, $"diagnostics item {item.ToUpperInvariant()} is not allowed in {command}", tokens.SpanFrom(at, at + 1)))

            target, item

        let rec all found =
            let found = one () :: found
            if tokens.TakeKind SqlLexer.COMMA then all found else List.rev found

        let items = all []
        let span = tokens.SpanFrom(first, tokens.Position)
        semicolon tokens
        BlockStatement.Diagnostics(isStacked, items, span)

    let private open' (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Position
        tokens.Position <- first + 1
        let name = tokens.Name()

        let scroll =
            if tokens.Take "scroll" then
                Some true
            elif tokens.Next "no" then
                tokens.Position <- tokens.Position + 1
                tokens.Expect "scroll"
                Some false
            else
                None

        let rows, arguments =
            if tokens.Take "for" then Some(rows tokens (fun _ -> false)), []
            else None, cursorArguments tokens

        let span = tokens.SpanFrom(first, tokens.Position)
        semicolon tokens
        BlockStatement.Open(name, scroll, rows, arguments, span)

    /// FETCH and MOVE are SQL's but for INTO.
    let private fetch (tokens: BlockTokens) : BlockStatement =
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
        semicolon tokens
        let span = tokens.SpanFrom(first, last)

        match statement.Node with
        | StatementNode.Fetch(cursor, direction, isMove) ->
            if isMove && target.IsSome then raise (tokens.Unexpected at)
            if not isMove && target.IsNone then raise (tokens.Unexpected(last, "Expected INTO."))
            BlockStatement.Fetch(cursor, direction, target, span)
        | _ -> raise (tokens.Unexpected first)

    let private close (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Position
        tokens.Position <- first + 1
        let name = tokens.Name()
        let span = tokens.SpanFrom(first, tokens.Position)
        semicolon tokens
        BlockStatement.Close(name, span)

    let private endTransaction (tokens: BlockTokens) (isCommit: bool) : BlockStatement =
        let first = tokens.Position
        tokens.Position <- first + 1

        let chain =
            if tokens.Take "and" then
                let isNo = tokens.Take "no"
                tokens.Expect "chain"
                not isNo
            else
                false

        let span = tokens.SpanFrom(first, tokens.Position)
        semicolon tokens
        BlockStatement.EndTransaction(isCommit, chain, span)

    /// A statement of SQL, with an INTO of the block language somewhere in it.
    let private sql (tokens: BlockTokens) : BlockStatement =
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
        semicolon tokens
        BlockStatement.Sql(statement, target, tokens.SpanFrom(first, last))

    let private perform (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Position
        let last = tokens.EndOfStatement first
        let query = tokens.Select(first, last, 1)
        tokens.Position <- last
        semicolon tokens
        BlockStatement.Perform(query, tokens.SpanFrom(first, last))

    let private isCompound (tokens: BlockTokens) =
        [ "declare"; "begin"; "loop"; "while"; "for"; "foreach" ] |> List.exists tokens.Next

    /// Whether a transaction's end is meant, and not a column or variable of that name.
    let private endsTransaction (tokens: BlockTokens) (word: string) =
        tokens.Next word && (tokens.IsKind(tokens.Position + 1, SqlLexer.SEMI) || tokens.IsWord(tokens.Position + 1, "and"))

    let rec private statements (tokens: BlockTokens) : BlockStatement list =
        RuntimeHelpers.EnsureSufficientExecutionStack()

        let rec all found =
            if closes tokens then List.rev found else all (statement tokens :: found)

        all []

    and private statement (tokens: BlockTokens) : BlockStatement =
        match assignmentAt tokens with
        | Some at -> assign tokens at
        | None when tokens.IsOperator(tokens.Position, "<<") || isCompound tokens -> compound tokens
        | None when tokens.Next "if" -> if' tokens
        | None when tokens.Next "case" -> case tokens
        | None when tokens.Next "exit" -> exit tokens false
        | None when tokens.Next "continue" -> exit tokens true
        | None when tokens.Next "return" -> return' tokens
        | None when tokens.Next "raise" -> raise' tokens
        | None when tokens.Next "assert" -> assert' tokens
        | None when tokens.Next "execute" -> execute tokens
        | None when tokens.Next "perform" -> perform tokens
        | None when tokens.Next "get" -> diagnostics tokens
        | None when tokens.Next "open" -> open' tokens
        | None when tokens.Next "fetch" || tokens.Next "move" -> fetch tokens
        | None when tokens.Next "close" -> close tokens
        | None when endsTransaction tokens "commit" -> endTransaction tokens true
        | None when endsTransaction tokens "rollback" -> endTransaction tokens false
        | None when tokens.Next "null" ->
            tokens.Position <- tokens.Position + 1
            semicolon tokens
            BlockStatement.Nothing
        | None when tokens.IsKind(tokens.Position, SqlLexer.SEMI) -> tokens.Fail()
        | None -> sql tokens

    /// What may have a label: blocks and loops.
    and private compound (tokens: BlockTokens) : BlockStatement =
        let label = label tokens
        let first = tokens.Position

        if tokens.Take "loop" then
            let body = loopBody tokens label
            BlockStatement.Loop(label, body, tokens.SpanFrom(first, tokens.Position))
        elif tokens.Take "while" then
            let condition = tokens.ExpressionUntilWord "loop"
            tokens.Expect "loop"
            let body = loopBody tokens label
            BlockStatement.While(label, condition, body, tokens.SpanFrom(first, tokens.Position))
        elif tokens.Take "for" then
            for' tokens label first
        elif tokens.Take "foreach" then
            forEach tokens label first
        else
            let nested = block tokens label
            semicolon tokens
            BlockStatement.Nested nested

    and private loopBody (tokens: BlockTokens) (label: string option) : BlockStatement list =
        let body = statements tokens
        tokens.Expect "end"
        tokens.Expect "loop"
        closingLabel tokens label
        semicolon tokens
        body

    and private for' (tokens: BlockTokens) (label: string option) (first: int) : BlockStatement =
        let isRange i = tokens.IsKind(i, SqlLexer.DOT) && tokens.IsKind(i + 1, SqlLexer.DOT)
        let isLoop i = tokens.IsWord(i, "loop")
        let name = if tokens.IsName tokens.Position then Some(identifierOf tokens.Current) else None
        let targets = targets tokens
        tokens.Expect "in"
        let isReverse = tokens.Take "reverse"
        let start = tokens.Position
        let dots = tokens.Find(start, fun i -> isRange i || isLoop i)

        if isRange dots then
            if targets.Length <> 1 then raise (SqlException(SqlState.SyntaxError, "integer FOR loop must have only one target variable", targets.Head.Span))
            let low = tokens.Expression(start, dots)
            tokens.Position <- dots + 2
            let high = tokens.ExpressionUntil("LOOP", fun i -> isLoop i || tokens.IsWord(i, "by"))
            let step = if tokens.Take "by" then Some(tokens.ExpressionUntilWord "loop") else None
            tokens.Expect "loop"
            let body = loopBody tokens label
            BlockStatement.ForInteger(label, name.Value, low, high, step, isReverse, body, tokens.SpanFrom(first, tokens.Position))
        elif isReverse then
            raise (SqlException(SqlState.SyntaxError, "cannot specify REVERSE in query FOR loop", tokens.SpanFrom(start - 1, start)))
        else
            let isCursor =
                tokens.IsName start
                && not (tokens.Next "execute")
                && (isLoop (start + 1) || (tokens.IsKind(start + 1, SqlLexer.LPAREN) && not (tokens.Next "select") && isLoop (tokens.Find(start + 2, fun i -> tokens.IsKind(i, SqlLexer.RPAREN)) + 1)))

            let rows =
                if isCursor then
                    let cursor = tokens.Name()
                    BlockRows.Cursor(cursor, cursorArguments tokens)
                else
                    rows tokens isLoop

            tokens.Expect "loop"
            let body = loopBody tokens label
            BlockStatement.ForRows(label, targets, rows, body, tokens.SpanFrom(first, tokens.Position))

    and private forEach (tokens: BlockTokens) (label: string option) (first: int) : BlockStatement =
        let targets = targets tokens

        let slice =
            if tokens.Take "slice" then
                if not (tokens.IsKind(tokens.Position, SqlLexer.INTEGER)) then tokens.Fail "Expected a number."
                let slice = int32Of tokens.Current
                tokens.Position <- tokens.Position + 1
                slice
            else
                0

        tokens.Expect "in"
        tokens.Expect "array"
        let array = tokens.ExpressionUntilWord "loop"
        tokens.Expect "loop"
        let body = loopBody tokens label
        BlockStatement.ForEach(label, targets, slice, array, body, tokens.SpanFrom(first, tokens.Position))

    and private if' (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Position

        let branch () =
            tokens.Position <- tokens.Position + 1
            let condition = tokens.ExpressionUntilWord "then"
            tokens.Expect "then"
            condition, statements tokens

        let rec branches found =
            let found = branch () :: found
            if tokens.Next "elsif" || tokens.Next "elseif" then branches found else List.rev found

        let branches = branches []
        let otherwise = if tokens.Take "else" then statements tokens else []
        tokens.Expect "end"
        tokens.Expect "if"
        let span = tokens.SpanFrom(first, tokens.Position)
        semicolon tokens
        BlockStatement.If(branches, otherwise, span)

    and private case (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Position
        tokens.Position <- first + 1

        // No text can name the operand's variable: a name that is written has no blank at its end.
        let operand =
            if tokens.Next "when" then None
            else Some($"case operand {first} ", tokens.ExpressionUntilWord "when")

        let condition () : BlockExpr =
            match operand with
            | None -> tokens.ExpressionUntilWord "then"
            | Some(name, _) ->
                let start = tokens.Position
                let isEnd i = tokens.IsKind(i, SqlLexer.COMMA) || tokens.IsWord(i, "then")

                let rec values found =
                    let at = tokens.Position
                    let stop = tokens.Find(at, isEnd)
                    tokens.Position <- stop
                    let found = tokens.SqlExpression(at, stop) :: found
                    if tokens.TakeKind SqlLexer.COMMA then values found else List.rev found

                let values = values []
                let span = tokens.SpanFrom(start, tokens.Position)
                let variable = Expr.Column(qualified [ { Name = name; Quoted = true; Span = span } ])
                let test = Expr.InList(variable, values, false, span)

                let core: SelectCore =
                    { Distinct = DistinctClause.All
                      Items = [ MadeNodes.item test None ]
                      Into = None
                      From = []
                      Where = None
                      GroupBy = None
                      Having = None
                      Windows = []
                      Span = span }

                { Query = MadeNodes.query (QueryBody.Select core) span; Span = span }

        let branch () =
            tokens.Expect "when"
            let condition = condition ()
            tokens.Expect "then"
            condition, statements tokens

        let rec branches found =
            let found = branch () :: found
            if tokens.Next "when" then branches found else List.rev found

        let branches = branches []
        let otherwise = if tokens.Take "else" then Some(statements tokens) else None
        tokens.Expect "end"
        tokens.Expect "case"
        let span = tokens.SpanFrom(first, tokens.Position)
        semicolon tokens
        BlockStatement.Case(operand, branches, otherwise, span)

    and private handlers (tokens: BlockTokens) : BlockHandler list =
        let one () : BlockHandler =
            let first = tokens.Position
            tokens.Expect "when"

            let rec conditions found =
                let found = condition tokens :: found
                if tokens.Take "or" then conditions found else List.rev found

            let conditions = conditions []
            tokens.Expect "then"
            let body = statements tokens
            { Conditions = conditions; Body = body; Span = tokens.SpanFrom(first, tokens.Position) }

        let rec all found =
            let found = one () :: found
            if tokens.Next "when" then all found else List.rev found

        if tokens.Take "exception" then all [] else []

    /// From DECLARE or BEGIN to END and its label.
    and block (tokens: BlockTokens) (label: string option) : Block =
        let first = tokens.Position
        let declarations = BlockDeclarations.read tokens
        tokens.Expect "begin"
        let body = statements tokens
        let handlers = handlers tokens
        tokens.Expect "end"
        closingLabel tokens label

        { Label = label
          Declarations = declarations
          Body = body
          Handlers = handlers
          Span = tokens.SpanFrom(first, tokens.Position) }

    /// `#variable_conflict use_column` and its kin, before the first block.
    let rec options (tokens: BlockTokens) (conflict: VariableConflict) : VariableConflict =
        if not (tokens.IsOperator(tokens.Position, "#")) then
            conflict
        else
            tokens.Position <- tokens.Position + 1

            if tokens.Take "variable_conflict" then
                match tokens.Name().Name with
                | "error" -> options tokens VariableConflict.Error
                | "use_variable" -> options tokens VariableConflict.UseVariable
                | "use_column" -> options tokens VariableConflict.UseColumn
                | _ ->
                    tokens.Position <- tokens.Position - 1
                    tokens.Fail "Expected ERROR, USE_VARIABLE or USE_COLUMN."
            elif tokens.Take "print_strict_params" then
                // It adds parameters to the DETAIL of an error of STRICT, which has none here.
                tokens.Name() |> ignore
                options tokens conflict
            else
                tokens.Fail()

    /// A label before the outermost block.
    let outerLabel tokens = label tokens

[<AbstractClass; Sealed>]
type PlpgsqlParser private () =
    /// The body of a routine or of DO.
    static member Parse(body: string) : ProcedureBody =
        let tokens = BlockTokens(Script.read body)

        try
            let conflict = BlockStatements.options tokens VariableConflict.Error
            let label = BlockStatements.outerLabel tokens
            let block = BlockStatements.block tokens label
            tokens.TakeKind SqlLexer.SEMI |> ignore
            if not tokens.IsAtEnd then tokens.Fail()
            { Text = body; Conflict = conflict; Block = block }
        with :? InsufficientExecutionStackException ->
            raise (SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded", SourceSpan(0, 0)))
