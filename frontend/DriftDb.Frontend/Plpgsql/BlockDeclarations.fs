namespace DriftDb.Frontend

open DriftDb.Grammar
open DriftDb.Types

/// DECLARE: variables, aliases, cursors.
module internal BlockDeclarations =
    let private isTypeEnd (tokens: BlockTokens) i =
        tokens.IsWord(i, "not") || tokens.IsWord(i, "collate") || tokens.IsWord(i, "default") || tokens.IsAssign i || tokens.IsKind(i, SqlLexer.COMMA)

    let private qualifiedUpTo (tokens: BlockTokens) (last: int) : QualifiedName =
        let isMore () =
            let isMore = tokens.Position < last
            if isMore then tokens.ExpectKind(SqlLexer.DOT, "\".\"")
            isMore

        qualified (tokens.OneOrMore(tokens.Name, isMore))

    /// The type in tokens [first, last), at which the position is.
    let private typeIn (tokens: BlockTokens) (last: int) : BlockType =
        let first = tokens.Position

        if last - first >= 3 && tokens.IsKind(last - 2, SqlLexer.PERCENT) && (tokens.IsWord(last - 1, "type") || tokens.IsWord(last - 1, "rowtype")) then
            let name = qualifiedUpTo tokens (last - 2)
            tokens.Position <- last
            if tokens.IsWord(last - 1, "type") then BlockType.TypeOf name else BlockType.RowTypeOf name
        elif last - first = 1 && tokens.IsWord(first, "record") then
            tokens.Position <- last
            BlockType.Record
        else
            let name = tokens.TypeName(first, last)
            tokens.Position <- last
            BlockType.Named name

    let private cursor (tokens: BlockTokens) (name: Identifier) (scroll: bool option) : BlockDeclaration =
        let parameters =
            if tokens.TakeKind SqlLexer.LPAREN then
                let parameter () =
                    let name = tokens.Name()
                    let last = tokens.Find(tokens.Position, fun i -> tokens.IsKind(i, SqlLexer.COMMA) || tokens.IsKind(i, SqlLexer.RPAREN))
                    { BlockCursorParameter.Name = name; Type = typeIn tokens last }

                let parameters = tokens.Separated parameter
                tokens.ExpectKind(SqlLexer.RPAREN, "\")\"")
                parameters
            else
                []

        if not (tokens.Take "for" || tokens.Take "is") then tokens.Fail "Expected FOR."
        let first = tokens.Position
        let last = tokens.EndOfStatement first
        tokens.Position <- last

        match tokens.Statement(first, last).Node with
        | StatementNode.Query query -> BlockDeclaration.Cursor(name, scroll, parameters, query)
        | _ -> raise (tokens.Unexpected(first, "A cursor's query is a SELECT."))

    let private variable (tokens: BlockTokens) (name: Identifier) : BlockDeclaration =
        let isConstant = tokens.Take "constant"
        let last = tokens.Find(tokens.Position, isTypeEnd tokens)
        let declared = typeIn tokens last

        if tokens.Take "collate" then
            // One collation is there, under several names.
            tokens.Name() |> ignore
            if tokens.TakeKind SqlLexer.DOT then tokens.Name() |> ignore

        let isNotNull = tokens.Take "not"
        if isNotNull then tokens.Expect "null"

        let value =
            if tokens.Take "default" then
                Some(tokens.ExpressionUntilSemicolon())
            elif not tokens.IsAtEnd && tokens.IsAssign tokens.Position then
                tokens.Skip()
                Some(tokens.ExpressionUntilSemicolon())
            else
                None

        if isNotNull && value.IsNone then
            raise (SqlException(SqlState.NullValueNotAllowed, $"variable \"{name.Name}\" must have a default value, since it's declared NOT NULL", name.Span))

        BlockDeclaration.Variable(name, declared, isConstant, isNotNull, value)

    let private one (tokens: BlockTokens) : BlockDeclaration =
        let name = tokens.Name()

        let declaration =
            if tokens.Next "alias" then
                tokens.Skip()
                tokens.Expect "for"
                let first = tokens.Position
                tokens.Position <- tokens.EndOfStatement first
                BlockDeclaration.Alias(name, tokens.SqlExpression(first, tokens.Position))
            elif tokens.Next "cursor" then
                tokens.Skip()
                cursor tokens name None
            elif tokens.Next "scroll" && tokens.IsWord(tokens.Position + 1, "cursor") then
                tokens.Position <- tokens.Position + 2
                cursor tokens name (Some true)
            elif tokens.Next "no" && tokens.IsWord(tokens.Position + 1, "scroll") then
                tokens.Position <- tokens.Position + 2
                tokens.Expect "cursor"
                cursor tokens name (Some false)
            else
                variable tokens name

        tokens.ExpectKind(SqlLexer.SEMI, "\";\"")
        declaration

    /// The declarations behind DECLARE, which may come again between them; up to BEGIN.
    let read (tokens: BlockTokens) : BlockDeclaration list =
        let rec all found =
            if tokens.Take "declare" then all found
            elif tokens.Next "begin" then List.rev found
            else all (one tokens :: found)

        if tokens.Take "declare" then all [] else []
