namespace DriftDb.Frontend

open System
open System.Runtime.InteropServices
open System.Threading
open DriftDb.Grammar
open DriftDb.Types

/// A script's tokens, and where its statements lie in them.
[<NoComparison; ReferenceEquality>]
type internal Script =
    { Text: string
      Tokens: SqlToken[]
      /// First token and the token after the last of each statement, in order; empty statements too, but not an empty one at the end.
      Statements: ResizeArray<struct (int * int)> }

module internal Script =

    let private scanFailure (text: string) (error: ScanError) (start: int) (stop: int) =
        // PostgreSQL names the rest of the input after an unterminated token, and the token itself after junk.
        let what =
            match error with
            | ScanError.UnterminatedString -> "unterminated quoted string"
            | ScanError.UnterminatedDollarString -> "unterminated dollar-quoted string"
            | ScanError.UnterminatedBitString -> "unterminated bit string literal"
            | ScanError.UnterminatedHexString -> "unterminated hexadecimal string literal"
            | ScanError.UnterminatedIdentifier -> "unterminated quoted identifier"
            | ScanError.UnterminatedComment -> "unterminated /* comment"
            | ScanError.EmptyIdentifier -> "zero-length delimited identifier"
            | ScanError.TrailingJunkAfterParameter -> "trailing junk after parameter"
            | _ -> "trailing junk after numeric literal"

        let hint: string | null =
            match error with
            | ScanError.UnterminatedString -> "The text that begins here has no end. A quote inside of a text is doubled: 'it''s'."
            | ScanError.UnterminatedDollarString
            | ScanError.UnterminatedBitString
            | ScanError.UnterminatedHexString
            | ScanError.UnterminatedIdentifier
            | ScanError.UnterminatedComment -> "What begins here has no end."
            | _ -> null

        SqlException(SqlState.SyntaxError, $"{what} at or near \"{text.Substring(start, stop - start)}\"", SourceSpan(start, stop - start), hint = hint)

    /// The end of a JSON object that starts at `start`; braces in its strings don't count.
    let private jsonEnd (text: string) (start: int) =
        let mutable depth = 0
        let mutable i = start
        let mutable result = -1

        while result < 0 && i < text.Length do
            match text[i] with
            | '{' -> depth <- depth + 1
            | '}' ->
                depth <- depth - 1
                if depth = 0 then result <- i + 1
            | '"' ->
                i <- i + 1

                while i < text.Length && text[i] <> '"' do
                    if text[i] = '\\' then i <- i + 1
                    i <- i + 1
            | _ -> ()

            i <- i + 1

        if result < 0 then
            raise (SqlException(SqlState.SyntaxError, $"unterminated JSON document at or near \"{text.Substring start}\"", SourceSpan(start, text.Length - start)))

        result

    /// How deep the last token lies in BEGIN ATOMIC … END of a routine, where semicolons don't end the statement; its CASE … END count too.
    let private routineDepth (tokens: ResizeArray<SqlToken>) (first: int) (depth: int) =
        let last = tokens.Count - 1

        match tokens[last].Type with
        | SqlLexer.ATOMIC when last > first && tokens[last - 1].Type = SqlLexer.BEGIN && tokens[first].Type = SqlLexer.CREATE -> depth + 1
        | SqlLexer.CASE when depth > 0 -> depth + 1
        | SqlLexer.END when depth > 0 -> depth - 1
        | _ -> depth

    /// Reads all tokens. A `{` begins a JSON document of DriftQL, which becomes one token (SQL has no braces outside of strings).
    let read (text: string) : Script =
        let tokens = ResizeArray<SqlToken>(text.Length / 6 + 8)
        let statements = ResizeArray<struct (int * int)>()
        let mutable first = 0
        let mutable depth = 0
        let mutable position = 0
        let mutable go = true

        while go do
            let mutable scanner = SqlScanner<uint16>(MemoryMarshal.Cast<char, uint16>(text.AsSpan()), position)
            let mutable inner = true

            while inner do
                if not (scanner.Next()) then
                    if scanner.Error <> ScanError.None then
                        raise (scanFailure text scanner.Error scanner.Start scanner.End)

                    inner <- false
                    go <- false
                elif scanner.Kind = SqlLexer.UNKNOWN_CHARACTER && text[scanner.Start] = '{' then
                    position <- jsonEnd text scanner.Start
                    tokens.Add(SqlToken(text, scanner.Kind, scanner.Start, position, tokens.Count))
                    inner <- false
                else
                    tokens.Add(SqlToken(text, scanner.Kind, scanner.Start, scanner.End, tokens.Count))

                    depth <- routineDepth tokens first depth

                    if scanner.Kind = SqlLexer.SEMI && depth = 0 then
                        statements.Add(struct (first, tokens.Count - 1))
                        first <- tokens.Count

        if first < tokens.Count then statements.Add(struct (first, tokens.Count))

        { Text = text
          Tokens = tokens.ToArray()
          Statements = statements }

/// How deep a statement nests, counted on its tokens before anything recurses: a stack overflow would kill the process.
module internal Nesting =

    let tooDeep (token: SqlToken) =
        SqlException(
            SqlState.StatementTooComplex,
            "stack depth limit exceeded",
            tokenSpan token,
            hint = $"The statement nests deeper than {Limits.NestingDepth} levels."
        )

    /// The greatest depth of brackets and CASE, with runs of prefix operators, NOTs, and joins whose ON is still to come. COLLATE and ESCAPE may follow
    /// one another without brackets; the parser looks to the end of such a chain at each of its links, so that chains are bounded as well.
    let measure (tokens: SqlToken[]) (first: int) (last: int) : int =
        let mutable depth = 0
        let mutable deepest = 0
        let mutable run = 0
        let mutable joins = 0
        let mutable links = 0

        for i in first .. last - 1 do
            let token = tokens[i]

            match token.Type with
            | SqlLexer.LPAREN
            | SqlLexer.LBRACKET
            | SqlLexer.CASE ->
                depth <- depth + 1
                run <- run + 1
            | SqlLexer.RPAREN
            | SqlLexer.RBRACKET
            | SqlLexer.END ->
                depth <- max 0 (depth - 1)
                run <- 0
            | SqlLexer.NOT
            | SqlLexer.PLUS
            | SqlLexer.MINUS
            | SqlLexer.OP
            | SqlLexer.SCHEMA -> run <- run + 1
            | SqlLexer.CREATE -> ()
            | SqlLexer.COLLATE
            | SqlLexer.ESCAPE ->
                links <- links + 1
                run <- 0
            | SqlLexer.AND
            | SqlLexer.OR
            | SqlLexer.COMMA ->
                links <- 0
                run <- 0
            | SqlLexer.JOIN ->
                if i = first || tokens[i - 1].Type <> SqlLexer.CROSS then joins <- joins + 1
                run <- 0
            | SqlLexer.ON
            | SqlLexer.USING ->
                joins <- max 0 (joins - 1)
                run <- 0
            | _ -> run <- 0

            if links > Limits.NestingDepth then raise (tooDeep token)
            let here = depth + run + joins

            if here > deepest then
                deepest <- here
                // A prefix run is counted beside the brackets that end it: twice the limit in the worst case is what the big stack allows for.
                if depth > Limits.NestingDepth || run > Limits.NestingDepth || joins > Limits.NestingDepth then
                    raise (tooDeep token)

        deepest

/// Deep or long statements are parsed on a thread with a stack of its own.
module internal DeepStack =

    /// Enough for 1,000 nested brackets through ANTLR's recursion and the builder's (see Nesting), measured with room to spare.
    [<Literal>]
    let StackBytes = 268_435_456

    let run (work: unit -> 'result) : 'result =
        let mutable outcome = Unchecked.defaultof<'result>
        let mutable failure: Runtime.ExceptionServices.ExceptionDispatchInfo | null = null

        let body () =
            try
                outcome <- work ()
            with error ->
                failure <- Runtime.ExceptionServices.ExceptionDispatchInfo.Capture error

        let thread = Thread((fun () -> body ()), StackBytes)
        thread.IsBackground <- true
        thread.Start()
        thread.Join()

        match failure with
        | null -> outcome
        | failure ->
            failure.Throw()
            outcome
