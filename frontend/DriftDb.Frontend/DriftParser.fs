namespace DriftDb.Frontend

open System
open System.Text
open FParsec
open DriftDb.Grammar
open DriftDb.Types

/// DriftQL, the native dialect: the statements that SQL has no form for, in FParsec. What DriftQL shares with SQL (SELECT … AS OF, ALTER TABLE,
/// CREATE INDEX ON t(c), ANALYZE TABLE, ERASE) is in the grammar. A double-quoted text is a string wherever a value stands.
module internal DriftParser =

    type private State = { Offset: int; mutable ParameterCount: int }

    type private P<'result> = Parser<'result, State>

    // ---- lexical

    let private lineComment: P<unit> = skipString "--" >>. skipRestOfLine true

    let private blockComment: P<unit> = skipString "/*" >>. skipCharsTillString "*/" true Int32.MaxValue

    let private blanks: P<unit> = skipMany (spaces1 <|> attempt lineComment <|> attempt blockComment)

    [<Literal>]
    let private endOfStatement = "the end of the statement"

    let private isPart (c: char) = isAsciiLetter c || isDigit c || c = '_' || c = '$' || c >= '\128'

    let private isStart (c: char) = isAsciiLetter c || c = '_' || c >= '\128'

    let private word (text: string) : P<unit> =
        (attempt (skipStringCI text >>. notFollowedBy (satisfy isPart)) <?> text.ToUpperInvariant()) >>. blanks

    let private symbol (text: string) : P<unit> = (skipString text <?> $"\"{text}\"") >>. blanks

    /// A parser's result with its span in the whole script.
    let private spanned (inner: P<'r>) : P<'r * SourceSpan> =
        pipe4 getPosition inner getPosition getUserState (fun start result stop state ->
            result, SourceSpan(state.Offset + int start.Index, int (stop.Index - start.Index)))

    let private quoted (quote: char) : P<string> =
        let doubled = skipString (String(quote, 2)) >>% quote
        between (skipChar quote) (skipChar quote) (manyChars (attempt doubled <|> noneOf [ quote ]))

    let private identifier: P<Identifier> =
        let plain = many1Satisfy2 isStart isPart |>> fun text -> LiteralText.truncate (LiteralText.fold text), false
        let delimited = quoted '"' |>> fun text -> LiteralText.truncate text, true

        (spanned (plain <|> delimited) <?> "a name") .>> blanks
        |>> fun ((name, isQuoted), span) -> { Name = name; Quoted = isQuoted; Span = span }

    let private name: P<QualifiedName> = sepBy1 identifier (symbol ".") |>> qualified

    let private text: P<string> = ((quoted '\'' <|> quoted '"') <?> "a string") .>> blanks

    // ---- values

    let private literal: P<Expr> =
        let textLiteral = spanned (quoted '\'' <|> quoted '"') |>> fun (value, span) -> Expr.Literal(LiteralValue.String value, span)

        let number =
            spanned (many1Satisfy2L (fun c -> isDigit c || c = '-' || c = '.') (fun c -> isDigit c || c = '.' || c = 'e' || c = 'E') "number")
            >>= fun (digits, span) ->
                match Int64.TryParse digits with
                | true, value -> preturn (Expr.Literal(LiteralValue.Integer value, span))
                | _ ->
                    match Double.TryParse(digits, Globalization.NumberStyles.Float, Globalization.CultureInfo.InvariantCulture) with
                    | true, _ -> preturn (Expr.Literal(LiteralValue.Decimal digits, span))
                    | _ -> fail "number"

        let parameter =
            spanned (skipChar '$' >>. many1Satisfy isDigit) .>>. getUserState
            >>= fun ((digits, span), state) ->
                match Int32.TryParse digits with
                | true, index when index >= 1 && index <= Limits.Parameters ->
                    state.ParameterCount <- max state.ParameterCount index
                    preturn (Expr.Parameter(index, span))
                | _ -> fail "parameter"

        let truth =
            spanned ((word "true" >>% true) <|> (word "false" >>% false))
            |>> fun (value, span) -> Expr.Literal(LiteralValue.Boolean value, span)

        ((textLiteral <|> parameter <|> number <|> truth) <?> "a value") .>> blanks

    /// `"k"`, `5`, `$1`, `("a", 5)` for a key of several columns
    let private key: P<Expr> =
        let row =
            spanned (between (symbol "(") (symbol ")") (sepBy1 literal (symbol ",")))
            |>> fun (items, span) ->
                match items with
                | [ single ] -> single
                | _ -> Expr.Row(items, false, span)

        word "key" >>. (row <|> literal)

    let private moment: P<TemporalPoint> =
        let now = spanned (skipStringCI "@now") |>> fun ((), span) -> TemporalPoint.Now span

        let sequence =
            spanned (skipStringCI "@seq:" >>. literal) |>> fun (number, span) -> TemporalPoint.Sequence(number, span)

        let time =
            literal
            |>> fun value ->
                match value with
                | Expr.Literal(LiteralValue.String text, span) -> ExpressionBuilder.MomentOfText text span
                | _ -> TemporalPoint.Expression value

        (now <|> sequence <|> time) .>> blanks

    /// The document's text; its syntax was checked before.
    let private document: P<JsonText> =
        let body: P<unit> =
            fun stream ->
                let mutable depth = 0
                let mutable go = true

                while go do
                    match stream.Read() with
                    | '{' -> depth <- depth + 1
                    | '}' ->
                        depth <- depth - 1
                        if depth = 0 then go <- false
                    | '"' ->
                        let mutable inside = true

                        while inside do
                            match stream.Read() with
                            | '\\' -> stream.Skip()
                            | '"'
                            | CharStream.EndOfStreamChar -> inside <- false
                            | _ -> ()
                    | CharStream.EndOfStreamChar -> go <- false
                    | _ -> ()

                Reply(())

        let skippedBody = body |> withSkippedString (fun text () -> text)
        (spanned (followedBy (skipChar '{') >>. skippedBody) <?> "a document") .>> blanks
        |>> fun (text, span) -> { Text = text; Span = span }

    /// `WITH (name [=] value, …)`
    let private options: P<NamedOption list> =
        let optionName = many1Satisfy2 isStart isPart .>> blanks |>> LiteralText.fold

        let value =
            (text |>> OptionValue.String)
            <|> (many1Satisfy2 (fun c -> isDigit c || c = '-') (fun c -> isDigit c || c = '.') .>> blanks |>> OptionValue.Number)
            <|> (optionName |>> OptionValue.Word)

        let item =
            spanned (optionName .>>. opt (optional (symbol "=") >>. value))
            |>> fun ((name, value), span) -> ({ Name = name; Value = value; Span = span }: NamedOption)

        (word "with" >>. between (symbol "(") (symbol ")") (sepBy1 item (symbol ","))) <|> preturn []

    // ---- statements

    let private createTable: P<StatementNode> =
        let primaryKey = word "pk" >>. symbol "=" >>. identifier
        let index = word "index" >>. between (symbol "(") (symbol ")") (sepBy1 identifier (symbol ","))

        pipe3 (word "create" >>. word "table" >>. name .>> symbol "(") primaryKey (many (symbol "," >>. index) .>> symbol ")") (fun name key indexes ->
            StatementNode.DriftCreateTable(name, key, List.concat indexes))

    let private insert: P<StatementNode> =
        pipe2 (word "insert" >>. word "into" >>. name) document (fun table document -> StatementNode.DriftInsert(table, document))

    let private patch: P<StatementNode> =
        pipe3 (word "patch" >>. name) (key .>> word "set") document (fun table key document -> StatementNode.Patch(table, key, document))

    let private softDelete: P<StatementNode> =
        pipe2 (word "soft" >>. word "delete" >>. word "from" >>. name) key (fun table key -> StatementNode.SoftDelete(table, key))

    let private show: P<StatementNode> =
        let drift = pipe2 (word "drift" >>. name) key (fun table key -> StatementNode.ShowDrift(table, key))
        let backups = word "backups" >>. opt (word "from" >>. text) |>> StatementNode.ShowBackups
        word "show" >>. (backups <|> drift)

    let private backup: P<StatementNode> =
        let what = (word "table" >>. name |>> Some) <|> ((optional (word "database")) >>% None)

        pipe3 (word "backup" >>. what) (word "to" >>. text) options (fun table directory options ->
            StatementNode.Backup(table, directory, options))

    let private restore: P<StatementNode> =
        pipe3 (word "restore" >>. word "database" >>. word "from" >>. text) (opt (word "to" >>. moment)) options (fun directory point options ->
            StatementNode.RestoreDatabase(directory, point, options))

    let private statement: P<StatementNode> =
        choice
            [ createTable
              insert
              patch
              softDelete
              show
              word "snapshot" >>. name |>> StatementNode.Snapshot
              word "compact" >>. name |>> StatementNode.Compact
              backup
              restore
              word "verify" >>. word "backup" >>. text |>> StatementNode.VerifyBackup ]
        .>> (eof <?> endOfStatement)

    /// What the parser expected, in words and in the order of its alternatives.
    let rec private expected (errors: ErrorMessageList) : string list =
        ErrorMessageList.ToSortedArray errors
        |> Seq.collect (fun message ->
            match message with
            | Expected label when label <> "whitespace" -> [ label ]
            | NestedError(_, _, inner)
            | CompoundError(_, _, _, inner) -> expected inner
            | _ -> [])
        |> Seq.distinct
        |> Seq.sortBy (fun label -> label = endOfStatement)
        |> List.ofSeq

    /// Whether the tokens begin a statement that only DriftQL has.
    let recognises (script: Script) (first: int) (last: int) : bool =
        let tokens = script.Tokens
        let textAt i = if first + i < last then LiteralText.fold tokens[first + i].Text else ""
        let isDocument i = i < last && tokens[i].Type = SqlLexer.UNKNOWN_CHARACTER && tokens[i].Span[0] = '{'

        /// The token after the (qualified) name that begins at `i`.
        let rec afterName i =
            if i + 1 < last && tokens[i + 1].Type = SqlLexer.DOT then afterName (i + 2) else i + 1

        match textAt 0 with
        | "patch"
        | "soft"
        | "snapshot"
        | "compact"
        | "backup"
        | "verify" -> true
        | "show" -> (textAt 1 = "drift" && last - first > 2 && textAt 2 <> ".") || textAt 1 = "backups"
        | "restore" -> textAt 1 = "database"
        | "insert" -> textAt 1 = "into" && last - first > 3 && isDocument (afterName (first + 2))
        | "create" ->
            textAt 1 = "table"
            && (let paren = afterName (first + 2)

                paren + 2 < last
                && tokens[paren].Type = SqlLexer.LPAREN
                && LiteralText.fold tokens[paren + 1].Text = "pk"
                && tokens[paren + 2].Type = SqlLexer.EQ)
        | _ -> false

    /// How deep a document's brackets nest, outside of its strings.
    let private documentDepth (text: ReadOnlySpan<char>) =
        let mutable depth = 0
        let mutable deepest = 0
        let mutable i = 0

        while i < text.Length do
            match text[i] with
            | '{'
            | '[' ->
                depth <- depth + 1
                deepest <- max deepest depth
            | '}'
            | ']' -> depth <- depth - 1
            | '"' ->
                i <- i + 1

                while i < text.Length && text[i] <> '"' do
                    if text[i] = '\\' then i <- i + 1
                    i <- i + 1
            | _ -> ()

            i <- i + 1

        deepest

    let private checkDocument (token: SqlToken) =
        if documentDepth token.Span > Limits.NestingDepth then raise (Nesting.tooDeep token)

        try
            JsonParser.Validate(Encoding.UTF8.GetBytes token.Text)
        with :? SqlException as error when error.Span.IsNone ->
            raise (SqlException(error.SqlState, error.Message, tokenSpan token, error.Detail, error.Hint, error))

    /// Parses tokens [first, last), which `recognises` has said yes to.
    let parse (script: Script) (first: int) (last: int) : Statement =
        let tokens = script.Tokens
        Nesting.measure tokens first last |> ignore

        for i in first .. last - 1 do
            if tokens[i].Type = SqlLexer.UNKNOWN_CHARACTER && tokens[i].Span[0] = '{' then checkDocument tokens[i]

        let start = tokens[first].Start
        let stop = tokens[last - 1].End
        let state = { Offset = start; ParameterCount = 0 }

        match runParserOnSubstring statement state "" script.Text start (stop - start) with
        | Success(node, state, _) ->
            { Node = node
              Span = SourceSpan(start, stop - start)
              ParameterCount = state.ParameterCount }
        | Failure(_, error, _) ->
            // FParsec's place lies before the blanks of the token that does not fit, or in it.
            let place = start + int error.Position.Index
            let at = Seq.init (last - first) (fun i -> first + i) |> Seq.tryFind (fun i -> tokens[i].End > place) |> Option.defaultValue last
            let hint = Habits.driftForm (LiteralText.fold tokens[first].Text)

            let detail =
                match expected error.Messages with
                | [] -> None
                | words -> SyntaxWords.sentence words (if at > first then Some tokens[at - 1] else None)

            raise (SyntaxErrors.driftUnexpected script last at detail hint)
