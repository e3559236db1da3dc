namespace DriftDb.Frontend

open System
open System.Collections.Immutable
open DriftDb.Grammar
open DriftDb.Types

/// Text → AST, both dialects. Every error is an SqlException with the place in the text: 42601 for syntax, 54001 for nesting that is too deep.
[<AbstractClass; Sealed>]
type SqlParser private () =

    /// A text without any token where something must stand.
    static let missing (text: string) =
        SqlException(SqlState.SyntaxError, "syntax error at end of input", SourceSpan(text.Length, 0))

    /// Runs what may recurse deeply: on this thread when the statement is ordinary, else on a big stack.
    static let guarded (script: Script) (first: int) (last: int) (work: unit -> 'result) : 'result =
        let depth = Nesting.measure script.Tokens first last

        try
            if depth > 40 || last - first > 4_000 then DeepStack.run work else work ()
        with :? InsufficientExecutionStackException ->
            raise (SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded", tokenSpan script.Tokens[first]))

    static let parseTree (script: Script) (first: int) (last: int) (entry: ParseEntry) =
        let mutable offending: SqlToken | null = null

        match SqlParseDriver.Parse(script.Tokens, first, last, entry, &offending) with
        | null ->
            let at =
                match offending with
                | null -> last
                | token -> token.TokenIndex

            raise (SyntaxErrors.unexpected script first last at entry)
        | tree -> tree

    /// Whether DriftQL's bare AS OF is somewhere in the tree; an alias may be called OF as well.
    static let rec hasAsOf (tree: Antlr4.Runtime.Tree.IParseTree) =
        match tree with
        | :? DriftDb.Grammar.SqlParser.AsOfContext -> true
        | _ -> Seq.exists (fun i -> hasAsOf (tree.GetChild i)) (seq { 0 .. tree.ChildCount - 1 })

    /// DriftQL's bare AS OF (one that SYSTEM_TIME does not introduce) makes "x" a string where a value is compared.
    static let isDrift (script: Script) (first: int) (last: int) (tree: Antlr4.Runtime.Tree.IParseTree) =
        let tokens = script.Tokens
        let mutable found = false
        let mutable i = first + 1

        while not found && i < last - 1 do
            found <-
                tokens[i].Type = SqlLexer.AS
                && tokens[i + 1].Type = SqlLexer.OF
                && tokens[i - 1].Type <> SqlLexer.SYSTEM_TIME

            i <- i + 1

        tokens[first].Type = SqlLexer.ERASE || (found && hasAsOf tree)

    static let parseStatement (script: Script) (first: int) (last: int) : Statement =
        if first = last then
            let place = if first < script.Tokens.Length then script.Tokens[first].Start else script.Text.Length

            { Node = StatementNode.Empty
              Span = SourceSpan(place, 0)
              ParameterCount = 0 }
        elif DriftParser.recognises script first last then
            DriftParser.parse script first last
        else
            let span = spanBetween (tokenSpan script.Tokens[first]) (tokenSpan script.Tokens[last - 1])

            guarded script first last (fun () ->
                let tree = parseTree script first last ParseEntry.Statement :?> DriftDb.Grammar.SqlParser.SingleStatementContext
                let builder = StatementBuilder(isDrift script first last tree)
                let node = builder.Node(tree.stmt ())

                { Node = node
                  Span = span
                  ParameterCount = builder.ParameterCount })

    /// All statements of a script; statements without text between two semicolons are StatementNode.Empty. A syntax error anywhere is an error of
    /// the whole script, as with PostgreSQL's simple protocol. A script without any statement gives an empty array.
    static member Parse(text: string) : ImmutableArray<Statement> =
        let script = Script.read text
        let result = ImmutableArray.CreateBuilder<Statement>(script.Statements.Count)

        for struct (first, last) in script.Statements do
            result.Add(parseStatement script first last)

        result.DrainToImmutable()

    /// Every syntax error of a script, in order, each with its place: reading goes on after the semicolon of a statement that is wrong. After a
    /// token that does not end (a string without its closing quote) there is nothing to read. Empty for a script that parses.
    static member SyntaxErrors(text: string) : ImmutableArray<SqlException> =
        let errors = ImmutableArray.CreateBuilder<SqlException>()

        try
            let script = Script.read text

            for struct (first, last) in script.Statements do
                try
                    parseStatement script first last |> ignore
                with :? SqlException as error ->
                    errors.Add error
        with :? SqlException as error ->
            errors.Add error

        errors.DrainToImmutable()

    /// The only statement of a text (Empty for none): what the extended protocol's Parse message may hold. More than one is 42601.
    static member ParseOne(text: string) : Statement =
        let script = Script.read text

        let filled =
            script.Statements |> Seq.filter (fun (struct (first, last)) -> last > first) |> Seq.toArray

        match filled with
        | [||] ->
            { Node = StatementNode.Empty
              Span = SourceSpan(0, text.Length)
              ParameterCount = 0 }
        | [| struct (first, last) |] -> parseStatement script first last
        | _ -> raise (SqlException(SqlState.SyntaxError, "cannot insert multiple commands into a prepared statement"))

    /// The only statement of a text with parameters in place of the literals that Fingerprint lifted out of its UTF-8 form: the first becomes
    /// `$(parameterCount + 1)`. What is cached under the fingerprint must be made from this AST, so that no literal of one text stays in a plan for another.
    /// None where a lifted literal stands in a place that takes no parameter, or the text has more than one statement: then don't cache.
    static member ParseLifted(text: string, literals: ReadOnlySpan<LiteralToken>, parameterCount: int) : Statement option =
        let script = Script.read text
        let isAscii = System.Text.Ascii.IsValid(text.AsSpan())
        let mutable next = 0
        let mutable position = 0
        let mutable bytes = 0

        for i in 0 .. script.Tokens.Length - 1 do
            let token = script.Tokens[i]
            // Fingerprints count bytes, tokens count UTF-16 code units.
            bytes <-
                if isAscii then token.Start
                else bytes + System.Text.Encoding.UTF8.GetByteCount(text.AsSpan(position, token.Start - position))

            position <- token.Start

            if next < literals.Length && literals[next].Start = bytes then
                next <- next + 1

                script.Tokens[i] <-
                    SqlToken(text, DriftDb.Grammar.SqlParser.PARAM, token.Start, token.End, i, LiftedParameter = parameterCount + next)

        let filled =
            script.Statements |> Seq.filter (fun (struct (first, last)) -> last > first) |> Seq.toArray

        if next < literals.Length || filled.Length <> 1 then
            None
        else
            let struct (first, last) = filled[0]

            try
                Some(parseStatement script first last)
            with :? SqlException ->
                None

    /// The one statement that all tokens of the script are.
    static member internal ParseTokens(script: Script) : Statement = parseStatement script 0 script.Tokens.Length

    /// One expression: defaults and checks kept as text, configuration, tests.
    static member ParseExpression(text: string) : Expr = SqlParser.ParseExpressionTokens(Script.read text)

    static member internal ParseExpressionTokens(script: Script) : Expr =
        let text = script.Text
        let count = script.Tokens.Length
        if count = 0 then raise (missing text)

        guarded script 0 count (fun () ->
            let tree = parseTree script 0 count ParseEntry.Expression :?> DriftDb.Grammar.SqlParser.SingleExpressionContext
            StatementBuilder(false).Expr(tree.expr ()))

    /// A type's name: `numeric(10, 2)[]`, for regtype and format_type's inverse.
    static member ParseTypeName(text: string) : TypeName = SqlParser.ParseTypeNameTokens(Script.read text)

    static member internal ParseTypeNameTokens(script: Script) : TypeName =
        let text = script.Text
        let count = script.Tokens.Length
        if count = 0 then raise (missing text)

        guarded script 0 count (fun () ->
            let tree = parseTree script 0 count ParseEntry.TypeName :?> DriftDb.Grammar.SqlParser.SingleTypeNameContext
            StatementBuilder(false).TypeName(tree.typeName ()))
