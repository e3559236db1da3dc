namespace DriftDb.Frontend

open System
open System.Runtime.CompilerServices
open DriftDb.Grammar
open DriftDb.Types

/// PL/pgSQL: a block's text → AST (PostgreSQL 15 documentation, chapter 43). A routine's body is parsed when it is made, DO's when it runs; 42601 with the place in the text for what isn't the language,
/// 0A000 for what is and isn't there.
module internal BlockStructure =
    /// Words that end a list of statements.
    let private closers = [ "end"; "else"; "elsif"; "elseif"; "when"; "exception" ]

    let private closes (tokens: BlockTokens) = tokens.IsAtEnd || closers |> List.exists tokens.Next

    /// `<<name>>`
    let private label (tokens: BlockTokens) : string option =
        if tokens.IsOperator(tokens.Position, "<<") then
            tokens.Skip()
            let name = tokens.Name()
            if not (tokens.IsOperator(tokens.Position, ">>")) then tokens.Fail "Expected \">>\"."
            tokens.Skip()
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
        match BlockStatements.assignmentAt tokens with
        | Some at -> BlockStatements.assign tokens at
        | None when tokens.IsOperator(tokens.Position, "<<") || isCompound tokens -> compound tokens
        | None when tokens.Next "if" -> if' tokens
        | None when tokens.Next "case" -> case tokens
        | None when tokens.Next "exit" -> BlockStatements.exit tokens false
        | None when tokens.Next "continue" -> BlockStatements.exit tokens true
        | None when tokens.Next "return" -> BlockStatements.return' tokens
        | None when tokens.Next "raise" -> BlockStatements.raise' tokens
        | None when tokens.Next "assert" -> BlockStatements.assert' tokens
        | None when tokens.Next "execute" -> BlockStatements.execute tokens
        | None when tokens.Next "perform" -> BlockStatements.perform tokens
        | None when tokens.Next "get" -> BlockStatements.diagnostics tokens
        | None when tokens.Next "open" -> BlockStatements.open' tokens
        | None when tokens.Next "fetch" || tokens.Next "move" -> BlockStatements.fetch tokens
        | None when tokens.Next "close" -> BlockStatements.close tokens
        | None when endsTransaction tokens "commit" -> BlockStatements.endTransaction tokens true
        | None when endsTransaction tokens "rollback" -> BlockStatements.endTransaction tokens false
        | None when tokens.Next "null" ->
            tokens.Skip()
            tokens.ExpectKind(SqlLexer.SEMI, "\";\"")
            BlockStatement.Nothing
        | None when tokens.IsKind(tokens.Position, SqlLexer.SEMI) -> tokens.Fail()
        | None -> BlockStatements.sql tokens

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
            tokens.ExpectKind(SqlLexer.SEMI, "\";\"")
            BlockStatement.Nested nested

    and private loopBody (tokens: BlockTokens) (label: string option) : BlockStatement list =
        let body = statements tokens
        tokens.Expect "end"
        tokens.Expect "loop"
        closingLabel tokens label
        tokens.ExpectKind(SqlLexer.SEMI, "\";\"")
        body

    and private for' (tokens: BlockTokens) (label: string option) (first: int) : BlockStatement =
        let isRange i = tokens.IsKind(i, SqlLexer.DOT) && tokens.IsKind(i + 1, SqlLexer.DOT)
        let isLoop i = tokens.IsWord(i, "loop")
        let name = if tokens.IsName tokens.Position then Some(identifierOf tokens.Current) else None
        let targets = BlockStatements.targets tokens
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
                    BlockRows.Cursor(cursor, BlockStatements.cursorArguments tokens)
                else
                    BlockStatements.rows tokens isLoop

            tokens.Expect "loop"
            let body = loopBody tokens label
            BlockStatement.ForRows(label, targets, rows, body, tokens.SpanFrom(first, tokens.Position))

    and private forEach (tokens: BlockTokens) (label: string option) (first: int) : BlockStatement =
        let targets = BlockStatements.targets tokens

        let slice =
            if tokens.Take "slice" then
                if not (tokens.IsKind(tokens.Position, SqlLexer.INTEGER)) then tokens.Fail "Expected a number."
                let slice = int32Of tokens.Current
                tokens.Skip()
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
            tokens.Skip()
            let condition = tokens.ExpressionUntilWord "then"
            tokens.Expect "then"
            condition, statements tokens

        let branches = tokens.OneOrMore(branch, fun () -> tokens.Next "elsif" || tokens.Next "elseif")
        let otherwise = if tokens.Take "else" then statements tokens else []
        tokens.Expect "end"
        tokens.Expect "if"
        let span = tokens.Finish first
        BlockStatement.If(branches, otherwise, span)

    and private case (tokens: BlockTokens) : BlockStatement =
        let first = tokens.Begin()

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

                let value () =
                    let at = tokens.Position
                    tokens.Position <- tokens.Find(at, isEnd)
                    tokens.SqlExpression(at, tokens.Position)

                let values = tokens.Separated value
                let span = tokens.SpanFrom(start, tokens.Position)
                let variable = Expr.Column(qualified [ { Name = name; Quoted = true; Span = span } ])
                let test = Expr.InList(variable, values, false, span)

                { Query = MadeNodes.query (QueryBody.Select(MadeNodes.select [ MadeNodes.item test None ] [] span)) span; Span = span }

        let branch () =
            tokens.Expect "when"
            let condition = condition ()
            tokens.Expect "then"
            condition, statements tokens

        let branches = tokens.OneOrMore(branch, fun () -> tokens.Next "when")
        let otherwise = if tokens.Take "else" then Some(statements tokens) else None
        tokens.Expect "end"
        tokens.Expect "case"
        let span = tokens.Finish first
        BlockStatement.Case(operand, branches, otherwise, span)

    and private handlers (tokens: BlockTokens) : BlockHandler list =
        let one () : BlockHandler =
            let first = tokens.Position
            tokens.Expect "when"

            let conditions = tokens.OneOrMore((fun () -> BlockStatements.condition tokens), fun () -> tokens.Take "or")
            tokens.Expect "then"
            let body = statements tokens
            { Conditions = conditions; Body = body; Span = tokens.SpanFrom(first, tokens.Position) }

        if tokens.Take "exception" then tokens.OneOrMore(one, fun () -> tokens.Next "when") else []

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
            tokens.Skip()

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
            let conflict = BlockStructure.options tokens VariableConflict.Error
            let label = BlockStructure.outerLabel tokens
            let block = BlockStructure.block tokens label
            tokens.TakeKind SqlLexer.SEMI |> ignore
            if not tokens.IsAtEnd then tokens.Fail()
            { Text = body; Conflict = conflict; Block = block }
        with :? InsufficientExecutionStackException ->
            raise (SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded", SourceSpan(0, 0)))
