namespace DriftDb.Frontend

open System
open System.Text
open Antlr4.Runtime
open Antlr4.Runtime.Tree
open DriftDb.Grammar
open DriftDb.Types

/// The texts of literals and names, as PostgreSQL's lexer reads them.
module internal LiteralText =

    let private invalidEscape message span = SqlException(SqlState.InvalidEscapeSequence, message, span)

    /// Cuts an identifier to 63 bytes of UTF-8, never inside a character.
    let truncate (name: string) =
        if name.Length * 3 <= Limits.IdentifierBytes || Encoding.UTF8.GetByteCount name <= Limits.IdentifierBytes then
            name
        else
            let mutable bytes = 0
            let mutable length = 0
            let mutable go = true

            while go do
                let mutable rune = Rune.ReplacementChar
                let mutable consumed = 0
                Rune.DecodeFromUtf16(name.AsSpan length, &rune, &consumed) |> ignore

                if bytes + rune.Utf8SequenceLength > Limits.IdentifierBytes then
                    go <- false
                else
                    bytes <- bytes + rune.Utf8SequenceLength
                    length <- length + consumed

            name.Substring(0, length)

    /// Lower case for ASCII letters only, as PostgreSQL does with UTF-8.
    let fold (text: string) =
        if text.AsSpan().IndexOfAnyInRange('A', 'Z') < 0 then
            text
        else
            String.map (fun c -> if c >= 'A' && c <= 'Z' then char (int c ||| 0x20) else c) text

    /// Where the pieces of a string literal lie: `'a'` newline `'b'` has two.
    let private pieces (text: string) (escapes: bool) =
        let result = StringBuilder()
        let mutable i = text.IndexOf '\''
        let mutable inside = false

        while i < text.Length do
            let c = text[i]

            if not inside then
                if c = '\'' then inside <- true
            elif c = '\\' && escapes && i + 1 < text.Length then
                result.Append(c).Append(text[i + 1]) |> ignore
                i <- i + 1
            elif c = '\'' then
                if i + 1 < text.Length && text[i + 1] = '\'' then
                    result.Append(if escapes then "\\'" else "'") |> ignore
                    i <- i + 1
                else
                    inside <- false
            else
                result.Append c |> ignore

            i <- i + 1

        result.ToString()

    let private hexValue (c: char) =
        if c >= '0' && c <= '9' then int c - int '0'
        elif c >= 'a' && c <= 'f' then int c - int 'a' + 10
        elif c >= 'A' && c <= 'F' then int c - int 'A' + 10
        else -1

    /// The escapes of E'…': \b \f \n \r \t \ooo \xhh \uXXXX \UXXXXXXXX; octal and \x give bytes of UTF-8.
    let private unescape (body: string) (span: SourceSpan) =
        if body.IndexOf '\\' < 0 then
            body
        else
            let bytes = ResizeArray<byte>()

            let append (text: string) = bytes.AddRange(Encoding.UTF8.GetBytes text)
            let mutable i = 0
            let mutable highSurrogate = 0

            let readHex start (maximum: int) =
                let mutable value = 0
                let mutable digits = 0

                while digits < maximum && start + digits < body.Length && hexValue body[start + digits] >= 0 do
                    value <- value * 16 + hexValue body[start + digits]
                    digits <- digits + 1

                struct (value, digits)

            while i < body.Length do
                let c = body[i]

                if c <> '\\' || i + 1 >= body.Length then
                    let run = if Char.IsHighSurrogate c && i + 1 < body.Length then 2 else 1
                    append (body.Substring(i, run))
                    i <- i + run
                else
                    let e = body[i + 1]
                    i <- i + 2

                    match e with
                    | 'b' -> bytes.Add 8uy
                    | 'f' -> bytes.Add 12uy
                    | 'n' -> bytes.Add 10uy
                    | 'r' -> bytes.Add 13uy
                    | 't' -> bytes.Add 9uy
                    | 'x' ->
                        let struct (value, digits) = readHex i 2
                        if digits = 0 then bytes.Add(byte 'x') else bytes.Add(byte value)
                        i <- i + digits
                    | 'u'
                    | 'U' ->
                        let width = if e = 'u' then 4 else 8
                        let struct (value, digits) = readHex i width
                        if digits <> width then raise (invalidEscape "invalid Unicode escape" span)
                        i <- i + width

                        if value >= 0xD800 && value < 0xDC00 then
                            highSurrogate <- value
                        elif value >= 0xDC00 && value < 0xE000 then
                            if highSurrogate = 0 then raise (SqlException(SqlState.SyntaxError, "invalid Unicode surrogate pair", span))
                            append (Char.ConvertFromUtf32(0x10000 + ((highSurrogate &&& 0x3FF) <<< 10) + (value &&& 0x3FF)))
                            highSurrogate <- 0
                        elif value > 0x10FFFF || value = 0 then
                            raise (SqlException(SqlState.SyntaxError, "invalid Unicode escape value", span))
                        else
                            append (Char.ConvertFromUtf32 value)
                    | _ when e >= '0' && e <= '7' ->
                        let mutable value = int e - int '0'
                        let mutable digits = 1

                        while digits < 3 && i < body.Length && body[i] >= '0' && body[i] <= '7' do
                            value <- value * 8 + int body[i] - int '0'
                            i <- i + 1
                            digits <- digits + 1

                        bytes.Add(byte (value &&& 0xFF))
                    | _ -> append (string e)

            try
                UTF8Encoding(false, true).GetString(bytes.ToArray())
            with :? DecoderFallbackException as error ->
                let unknown =
                    match error.BytesUnknown with
                    | null -> [||]
                    | bytes -> bytes

                let wrong = unknown |> Array.map (fun b -> $"0x{b:x2}") |> String.concat " "
                raise (SqlException(SqlState.CharacterNotInRepertoire, $"invalid byte sequence for encoding \"UTF8\": {wrong}"))

    /// The escapes of U&'…' and U&"…": \XXXX and \+XXXXXX, with another escape character after UESCAPE.
    let unescapeUnicode (body: string) (escape: char) (span: SourceSpan) =
        let result = StringBuilder()
        let mutable i = 0
        let fail () = raise (SqlException(SqlState.SyntaxError, "invalid Unicode escape", span))

        while i < body.Length do
            if body[i] <> escape then
                result.Append body[i] |> ignore
                i <- i + 1
            elif i + 1 < body.Length && body[i + 1] = escape then
                result.Append escape |> ignore
                i <- i + 2
            else
                let start, width = if i + 1 < body.Length && body[i + 1] = '+' then i + 2, 6 else i + 1, 4
                if start + width > body.Length then fail ()
                let mutable value = 0

                for k in start .. start + width - 1 do
                    if hexValue body[k] < 0 then fail ()
                    value <- value * 16 + hexValue body[k]

                if value = 0 || value > 0x10FFFF then fail ()
                if value < 0x10000 then result.Append(char value) |> ignore else result.Append(Char.ConvertFromUtf32 value) |> ignore
                i <- start + width

        result.ToString()

    /// The value of a string literal's token (not of U&'…', which needs its UESCAPE).
    let ofToken (token: SqlToken) =
        let text = token.Text
        let span = SourceSpan(token.Start, token.End - token.Start)

        let value =
            match token.Type with
            | SqlLexer.DSTRING ->
                let delimiter = text.IndexOf('$', 1) + 1
                text.Substring(delimiter, text.Length - 2 * delimiter)
            | SqlLexer.ESTRING -> unescape (pieces text true) span
            | _ -> pieces text false

        if value.IndexOf '\000' >= 0 then
            raise (SqlException(SqlState.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": 0x00", span))

        value

    /// Where the literal's text lies in the statement; None where escapes make the two differ.
    let contentsSpan (token: SqlToken) : SourceSpan =
        let text = token.Text
        let before = if token.Type = SqlLexer.DSTRING then text.IndexOf('$', 1) + 1 else text.IndexOf '\'' + 1
        let length = text.Length - before - (if token.Type = SqlLexer.DSTRING then before else 1)
        let isPlain = token.Type = SqlLexer.DSTRING || (token.Type = SqlLexer.STRING && text.IndexOf('\'', before) = text.Length - 1)
        if isPlain then SourceSpan(token.Start + before, length) else SourceSpan.None

    /// The digits of B'…' and X'…'.
    let bits (token: SqlToken) = pieces token.Text false

    /// The text between the quotes of U&'…'.
    let unicodeBody (token: SqlToken) = pieces token.Text false

/// Reading names and spans off a parse tree.
[<AutoOpen>]
module internal ParseTree =

    let inline has (node: ITerminalNode | null) = not (isNull node)
    let inline exists (context: ParserRuleContext | null) = not (isNull context)

    let startOf (context: ParserRuleContext) = (context.Start :?> SqlToken).Start

    let endOf (context: ParserRuleContext) =
        match context.Stop with
        | :? SqlToken as stop -> max stop.End (startOf context)
        | _ -> startOf context

    let spanOf (context: ParserRuleContext) =
        let start = startOf context
        SourceSpan(start, endOf context - start)

    let tokenOf (node: ITerminalNode) = node.Symbol :?> SqlToken

    let tokenSpan (token: SqlToken) = SourceSpan(token.Start, token.End - token.Start)

    /// From the start of one node to the end of another.
    let spanBetween (start: SourceSpan) (stop: SourceSpan) = SourceSpan(start.Start, stop.End - start.Start)

    let syntaxErrorAt (token: SqlToken) =
        SqlException(SqlState.SyntaxError, $"syntax error at or near \"{token.Text}\"", tokenSpan token)

    let syntaxErrorIn (context: ParserRuleContext) = syntaxErrorAt (context.Start :?> SqlToken)

    /// An error of the grammar that only the builder can see, in PostgreSQL's own words.
    let grammarError message span = SqlException(SqlState.SyntaxError, message, span)

    let identifierOf (token: SqlToken) : Identifier =
        let text = token.Text

        match token.Type with
        | SqlLexer.QIDENT ->
            { Name = text.Substring(1, text.Length - 2).Replace("\"\"", "\"") |> LiteralText.truncate
              Quoted = true
              Span = tokenSpan token }
        | SqlLexer.UIDENT ->
            { Name = LiteralText.unescapeUnicode (text.Substring(3, text.Length - 4).Replace("\"\"", "\"")) '\\' (tokenSpan token) |> LiteralText.truncate
              Quoted = true
              Span = tokenSpan token }
        | _ ->
            { Name = LiteralText.fold text |> LiteralText.truncate
              Quoted = false
              Span = tokenSpan token }

    /// Every rule for a single name has exactly one token.
    let nameOf (context: ParserRuleContext) = identifierOf (context.Start :?> SqlToken)

    let namesOf (contexts: ParserRuleContext seq) = contexts |> Seq.map nameOf |> List.ofSeq

    let qualified (parts: Identifier list) : QualifiedName =
        { Parts = parts
          Span = spanBetween (List.head parts).Span (List.last parts).Span }

    let qualifiedOf (context: SqlParser.QnameContext) : QualifiedName =
        let first = nameOf (context.identifier ())

        match context.columnLabel () with
        | [||] -> { Parts = [ first ]; Span = first.Span }
        | labels -> { Parts = first :: namesOf (labels |> Seq.cast); Span = spanOf context }

    let qualifiedNames (contexts: SqlParser.QnameContext[]) = contexts |> Seq.map qualifiedOf |> List.ofSeq

    let columnsOf (context: SqlParser.ColumnNamesContext | null) =
        match context with
        | null -> []
        | context -> context.columnList().identifier () |> Seq.cast |> namesOf

    let optional (context: 'c | null) (build: 'c -> 'r) : 'r option =
        match context with
        | null -> None
        | context -> Some(build context)

    let optionalName (context: SqlParser.IdentifierContext | null) =
        match context with
        | null -> None
        | context -> Some(nameOf context)

    let stringOf (context: SqlParser.StringLiteralContext) =
        let token = context.Start :?> SqlToken

        if token.Type = SqlLexer.USTRING then
            let escape =
                match context.STRING() with
                | null -> '\\'
                | node ->
                    match LiteralText.ofToken (tokenOf node) with
                    | text when text.Length = 1 && not (Char.IsAsciiHexDigit text[0]) && text[0] <> '+' && text[0] <> '\'' && text[0] <> '"' -> text[0]
                    | _ -> raise (grammarError "invalid Unicode escape character" (tokenSpan (tokenOf node)))

            LiteralText.unescapeUnicode (LiteralText.unicodeBody token) escape (spanOf context)
        else
            LiteralText.ofToken token

    let labelOrString (context: SqlParser.LabelOrStringContext) =
        match context.stringLiteral () with
        | null -> (nameOf (context.columnLabel ())).Name
        | literal -> stringOf literal

    /// The statement's words in lower case, parted by single blanks.
    let wordsOf (context: ParserRuleContext) =
        let rec leaves (tree: IParseTree) : string seq =
            seq {
                match tree with
                | :? ITerminalNode as node -> yield LiteralText.fold (node.GetText())
                | _ ->
                    for i in 0 .. tree.ChildCount - 1 do
                        yield! leaves (tree.GetChild i)
            }

        String.Join(' ', leaves context)

    let behaviorOf (context: SqlParser.DropBehaviorContext | null) =
        match context with
        | null -> DropBehavior.Restrict
        | context -> if has (context.CASCADE()) then DropBehavior.Cascade else DropBehavior.Restrict

    let integerOf (token: SqlToken) =
        match Int64.TryParse token.Span with
        | true, value -> value
        | _ -> raise (SqlException(SqlState.NumericValueOutOfRange, $"value \"{token.Text}\" is out of range for type bigint", tokenSpan token))

    let int32Of (token: SqlToken) =
        match Int32.TryParse token.Span with
        | true, value -> value
        | _ -> raise (SqlException(SqlState.NumericValueOutOfRange, $"value \"{token.Text}\" is out of range for type integer", tokenSpan token))

    let signedTextOf (context: ParserRuleContext) =
        let number = (context.GetChild(context.ChildCount - 1) :?> ITerminalNode) |> tokenOf
        if context.ChildCount = 2 && (context.Start :?> SqlToken).Type = SqlLexer.MINUS then "-" + number.Text else number.Text

    let signedIntegerOf (context: SqlParser.SignedIntegerContext) =
        match Int64.TryParse(signedTextOf context) with
        | true, value -> value
        | _ -> raise (syntaxErrorIn context)
