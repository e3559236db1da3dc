namespace DriftDb.Frontend

open System
open DriftDb.Grammar
open DriftDb.Types

/// The tokens of a block, and the embedded SQL in them. The block language has SQL's lexical structure, so SQL's scanner reads it once, and what is SQL goes to SQL's parser as a run of the same tokens:
/// nothing is read twice, and every span counts from the start of the body.
type internal BlockTokens(script: Script) =
    let text = script.Text

    /// `1..10`: behind a dot the scanner takes the second one for the start of a number.
    let tokens =
        [| for i in 0 .. script.Tokens.Length - 1 do
               let token = script.Tokens[i]

               if i > 0 && token.Type = SqlLexer.DECIMAL && token.Span[0] = '.' && script.Tokens[i - 1].Type = SqlLexer.DOT && script.Tokens[i - 1].End = token.Start then
                   SqlToken(text, SqlLexer.DOT, token.Start, token.Start + 1, i)
                   let isWhole = token.Span.Slice(1).IndexOfAnyExceptInRange('0', '9') < 0
                   SqlToken(text, (if isWhole then SqlLexer.INTEGER else SqlLexer.DECIMAL), token.Start + 1, token.End, i)
               else
                   token |]

    let isWordToken (token: SqlToken) =
        let first = token.Span[0]
        Char.IsLetter first || first = '_' || first >= '\128'

    /// A script of its own for the parser: tokens know their place in it.
    let part (pieces: (int * int * int) list) : Script =
        let result = ResizeArray<SqlToken>()

        for kind, start, stop in pieces do
            result.Add(SqlToken(text, kind, start, stop, result.Count))

        { Text = text; Tokens = result.ToArray(); Statements = ResizeArray() }

    let piece (token: SqlToken) = token.Type, token.Start, token.End

    member val Position = 0 with get, set

    member _.Count = tokens.Length
    member _.Text = text
    member _.At(index: int) = tokens[index]
    member this.IsAtEnd = this.Position >= tokens.Length
    member this.Current = tokens[this.Position]

    /// Where the token with this index begins; behind the last one, the end of the text.
    member _.PlaceOf(index: int) = if index < tokens.Length then tokens[index].Start else text.Length

    member _.SpanFrom(first: int, last: int) =
        if last <= first then SourceSpan((if first < tokens.Length then tokens[first].Start else text.Length), 0)
        else SourceSpan(tokens[first].Start, tokens[last - 1].End - tokens[first].Start)

    /// `syntax error at or near …` at the token with this index.
    member _.Unexpected(index: int, ?detail: string) : SqlException =
        let detail = Option.toObj detail

        if index < tokens.Length then
            let token = tokens[index]
            SqlException(SqlState.SyntaxError, $"syntax error at or near \"{token.Text}\"", tokenSpan token, detail)
        else
            SqlException(SqlState.SyntaxError, "syntax error at end of input", SourceSpan(text.Length, 0), detail)

    member this.Fail(?detail: string) : 'a = raise (this.Unexpected(this.Position, ?detail = detail))

    member _.IsKind(index: int, kind: int) = index < tokens.Length && tokens[index].Type = kind

    /// Whether the token is this word, not quoted. Words are given in lower case.
    member _.IsWord(index: int, word: string) =
        index < tokens.Length
        && tokens[index].End - tokens[index].Start = word.Length
        && tokens[index].Span.Equals(word.AsSpan(), StringComparison.OrdinalIgnoreCase)
        && isWordToken tokens[index]

    member this.Next(word: string) = this.IsWord(this.Position, word)

    /// Passes the word if it is next.
    member this.Take(word: string) =
        let found = this.Next word
        if found then this.Position <- this.Position + 1
        found

    member this.TakeKind(kind: int) =
        let found = this.IsKind(this.Position, kind)
        if found then this.Position <- this.Position + 1
        found

    member this.Expect(word: string) = if not (this.Take word) then this.Fail($"Expected {word.ToUpperInvariant()}.")

    member this.ExpectKind(kind: int, what: string) = if not (this.TakeKind kind) then this.Fail($"Expected {what}.")

    /// An operator token by its text.
    member _.IsOperator(index: int, symbol: string) =
        index < tokens.Length && tokens[index].Span.Equals(symbol.AsSpan(), StringComparison.Ordinal)

    member this.IsName(index: int) =
        index < tokens.Length
        && (tokens[index].Type = SqlLexer.QIDENT || tokens[index].Type = SqlLexer.UIDENT || (isWordToken tokens[index] && not (this.IsString index)))

    member _.IsString(index: int) =
        index < tokens.Length
        && (match tokens[index].Type with
            | SqlLexer.STRING
            | SqlLexer.ESTRING
            | SqlLexer.USTRING
            | SqlLexer.DSTRING -> true
            | _ -> false)

    /// `:=`, or `=` as old PL/SQL has it.
    member _.IsAssign(index: int) = index < tokens.Length && (tokens[index].Type = SqlLexer.ASSIGN || tokens[index].Type = SqlLexer.EQ)

    member this.ExpectAssign() =
        if not (this.IsAssign this.Position) then this.Fail "Expected \"=\"."
        this.Skip()

    member this.Skip() = this.Position <- this.Position + 1

    /// Passes the word that a statement begins with; its index.
    member this.Begin() : int =
        this.Skip()
        this.Position - 1

    /// The span of a statement from its first token to here, and passes the semicolon behind it.
    member this.Finish(first: int) : SourceSpan =
        let span = this.SpanFrom(first, this.Position)
        this.ExpectKind(SqlLexer.SEMI, "\";\"")
        span

    /// One item, and others as long as there are more.
    member _.OneOrMore(read: unit -> 'item, isMore: unit -> bool) : 'item list =
        let rec all found =
            let found = read () :: found
            if isMore () then all found else List.rev found

        all []

    /// Items between commas.
    member this.Separated(read: unit -> 'item) : 'item list = this.OneOrMore(read, fun () -> this.TakeKind SqlLexer.COMMA)

    member this.Name() : Identifier =
        if not (this.IsName this.Position) then this.Fail "Expected a name."
        let token = this.Current
        this.Position <- this.Position + 1
        identifierOf token

    member this.String() : string =
        if not (this.IsString this.Position) then this.Fail "Expected a string."
        let token = this.Current
        this.Position <- this.Position + 1
        LiteralText.ofToken token

    /// The first token at or behind `first`, outside of brackets, for which the test holds; the end of the statement is where there is none.
    member _.Find(first: int, isEnd: int -> bool) : int =
        let mutable depth = 0
        let mutable cases = 0
        let mutable i = first
        let mutable go = true

        while go && i < tokens.Length do
            match tokens[i].Type with
            | SqlLexer.SEMI when depth = 0 -> go <- false
            | _ when depth = 0 && cases = 0 && isEnd i -> go <- false
            | kind ->
                match kind with
                | SqlLexer.LPAREN
                | SqlLexer.LBRACKET -> depth <- depth + 1
                | SqlLexer.RPAREN
                | SqlLexer.RBRACKET -> depth <- depth - 1
                | SqlLexer.SEMI -> depth <- -1
                | SqlLexer.CASE -> cases <- cases + 1
                | SqlLexer.END when cases > 0 -> cases <- cases - 1
                | _ -> ()

                if depth < 0 then
                    raise (SqlException(SqlState.SyntaxError, $"mismatched parentheses at or near \"{tokens[i].Text}\"", tokenSpan tokens[i]))

                i <- i + 1

        if i = tokens.Length && depth > 0 then
            raise (SqlException(SqlState.SyntaxError, "mismatched parentheses at end of input", SourceSpan(text.Length, 0)))

        i

    /// The index of the semicolon that ends what begins at `first`.
    member this.EndOfStatement(first: int) : int =
        let stop = this.Find(first, fun _ -> false)
        if stop >= tokens.Length then raise (this.Unexpected(stop, "Expected \";\"."))
        stop

    // ---- embedded SQL

    /// Runs the SQL parser over a script of its own; what it misses at the end is missed behind `last`.
    member private this.Guarded (last: int) (work: unit -> 'result) : 'result =
        try
            work ()
        with :? SqlException as error when error.SqlState = SqlState.SyntaxError && error.Span.Start >= text.Length && last < tokens.Length ->
            raise (SqlException(error.SqlState, error.Message, SourceSpan(tokens[last].Start, 0), error.Detail, error.Hint, error))

    /// Tokens [first, last) as a statement, without those of [cutFrom, cutTo): an INTO of the block language.
    member this.Statement(first: int, last: int, cutFrom: int, cutTo: int) : Statement =
        let kept = [ for i in first .. last - 1 do if i < cutFrom || i >= cutTo then piece tokens[i] ]
        this.Guarded last (fun () -> SqlParser.ParseTokens(part kept))

    member this.Statement(first: int, last: int) = this.Statement(first, last, last, last)

    /// Tokens [first, last) behind a SELECT that the text doesn't have; `skip` tokens of them are the word that stands for it.
    member this.Select(first: int, last: int, skip: int) : Query =
        let from = first + skip
        if from >= last then raise (this.Unexpected(from, "Expected an expression."))
        let start = tokens[from].Start
        let pieces = (SqlLexer.SELECT, start, start) :: [ for i in from .. last - 1 -> piece tokens[i] ]

        match (this.Guarded last (fun () -> SqlParser.ParseTokens(part pieces))).Node with
        | StatementNode.Query query -> query
        | _ -> raise (this.Unexpected from)

    member this.Expression(first: int, last: int) : BlockExpr =
        { Query = this.Select(first, last, 0)
          Span = this.SpanFrom(first, last) }

    /// Tokens [first, last) as one SQL expression.
    member this.SqlExpression(first: int, last: int) : Expr =
        if first >= last then raise (this.Unexpected(first, "Expected an expression."))
        this.Guarded last (fun () -> SqlParser.ParseExpressionTokens(part [ for i in first .. last - 1 -> piece tokens[i] ]))

    member this.TypeName(first: int, last: int) : TypeName =
        if first >= last then raise (this.Unexpected(first, "Expected a type."))
        this.Guarded last (fun () -> SqlParser.ParseTypeNameTokens(part [ for i in first .. last - 1 -> piece tokens[i] ]))

    /// Reads up to a token for which the test holds and passes what lies between as an expression; 42601 where the statement ends before that.
    member this.ExpressionUntil(what: string, isEnd: int -> bool) : BlockExpr =
        let first = this.Position
        let last = this.Find(first, isEnd)

        if last >= tokens.Length || not (isEnd last) then
            raise (SqlException(SqlState.SyntaxError, $"missing \"{what}\" at end of SQL expression", (if last < tokens.Length then tokenSpan tokens[last] else SourceSpan(text.Length, 0))))

        this.Position <- last
        this.Expression(first, last)

    member this.ExpressionUntilWord(word: string) = this.ExpressionUntil(word.ToUpperInvariant(), fun i -> this.IsWord(i, word))

    member this.ExpressionUntilSemicolon() : BlockExpr =
        let first = this.Position
        let last = this.EndOfStatement first
        this.Position <- last
        this.Expression(first, last)

    /// Expressions between commas, up to the end of the statement or a token for which the test holds.
    member this.Expressions(isEnd: int -> bool) : BlockExpr list =
        let isPart i = this.IsKind(i, SqlLexer.COMMA) || isEnd i

        this.Separated(fun () ->
            let first = this.Position
            let last = this.Find(first, isPart)
            this.Position <- last
            this.Expression(first, last))
