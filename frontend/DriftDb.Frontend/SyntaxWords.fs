namespace DriftDb.Frontend

open System
open System.Collections.Generic
open DriftDb.Grammar

/// What the grammar expects at a place, in words: `Expected FROM, WHERE or the end of the statement after "a".`
module internal SyntaxWords =

    type private Rules = DriftDb.Grammar.SqlParser

    /// Alternatives that are named; more end in an ellipsis.
    [<Literal>]
    let private Named = 8

    /// Rules that are named as a whole, in the order of naming.
    let private phrases =
        [ Rules.RULE_stmt, "a statement"
          Rules.RULE_query, "a query"
          Rules.RULE_dataStmt, "a query or a change of data"
          Rules.RULE_expr, "an expression"
          Rules.RULE_vexpr, "an expression"
          Rules.RULE_typeName, "a type"
          Rules.RULE_simpleType, "a type"
          Rules.RULE_qname, "a name"
          Rules.RULE_identifier, "a name"
          Rules.RULE_functionName, "a name"
          Rules.RULE_columnLabel, "a name"
          Rules.RULE_roleSpec, "a role"
          Rules.RULE_tableRef, "a table"
          Rules.RULE_tablePrimary, "a table"
          Rules.RULE_dmlTarget, "a table"
          Rules.RULE_target, "a column"
          Rules.RULE_columnDefinition, "a column's definition"
          Rules.RULE_tableConstraint, "a constraint"
          Rules.RULE_stringLiteral, "a string"
          Rules.RULE_signedInteger, "a number"
          Rules.RULE_signedNumber, "a number"
          Rules.RULE_optionList, "options in parentheses"
          Rules.RULE_columnNames, "names in parentheses" ]

    /// What may always be added, and is named last.
    let private extras =
        [ Rules.RULE_bareLabel, "an alias"
          Rules.RULE_bareTableAlias, "an alias"
          Rules.RULE_tableAlias, "an alias"
          Rules.RULE_joinTail, "a join"
          Rules.RULE_anyOperator, "an operator"
          Rules.RULE_predicateTail, "an operator"
          Rules.RULE_comparison, "an operator" ]

    let private phraseOf = dict (phrases @ extras)
    let private wholeRules = HashSet(phraseOf.Keys) :> IReadOnlySet<int>
    let private phraseOrder = phrases |> List.map snd |> List.distinct
    let private extraOrder = extras |> List.map snd |> List.distinct

    /// Words that go on an expression or a call: where an operator may stand they say nothing new.
    let private operators =
        HashSet
            [ SqlLexer.AND; SqlLexer.OR; SqlLexer.IS; SqlLexer.ISNULL; SqlLexer.NOTNULL; SqlLexer.NOT; SqlLexer.COLLATE; SqlLexer.AT
              SqlLexer.TYPECAST; SqlLexer.CARET; SqlLexer.STAR; SqlLexer.SLASH; SqlLexer.PERCENT; SqlLexer.PLUS; SqlLexer.MINUS
              SqlLexer.LBRACKET; SqlLexer.DOT; SqlLexer.LPAREN; SqlLexer.UESCAPE; SqlLexer.FILTER; SqlLexer.OVER; SqlLexer.WITHIN
              SqlLexer.IGNORE; SqlLexer.RESPECT; SqlLexer.ESCAPE; SqlLexer.STRING; SqlLexer.ESTRING; SqlLexer.DSTRING; SqlLexer.USTRING ]

    /// The clauses that people look for, in the order of a statement.
    let private clauses =
        [ SqlLexer.SELECT; SqlLexer.INSERT; SqlLexer.UPDATE; SqlLexer.DELETE; SqlLexer.TABLE; SqlLexer.INTO; SqlLexer.VALUES; SqlLexer.SET
          SqlLexer.FROM; SqlLexer.USING; SqlLexer.JOIN; SqlLexer.ON; SqlLexer.WHERE; SqlLexer.GROUP; SqlLexer.HAVING; SqlLexer.ORDER
          SqlLexer.LIMIT; SqlLexer.WHEN; SqlLexer.THEN; SqlLexer.ELSE; SqlLexer.END; SqlLexer.AND; SqlLexer.BY; SqlLexer.TO; SqlLexer.AS
          SqlLexer.RETURNING; SqlLexer.UNION; SqlLexer.COMMA; SqlLexer.LPAREN; SqlLexer.RPAREN; SqlLexer.RBRACKET ]

    /// A token as people write it: SELECT, ")".
    let tokenName (kind: int) =
        match kind with
        | SqlLexer.GROUP -> "GROUP BY"
        | SqlLexer.ORDER -> "ORDER BY"
        | SqlLexer.INTEGER
        | SqlLexer.DECIMAL -> "a number"
        | SqlLexer.STRING
        | SqlLexer.ESTRING
        | SqlLexer.USTRING
        | SqlLexer.DSTRING
        | SqlLexer.BITSTRING
        | SqlLexer.HEXSTRING -> "a string"
        | SqlLexer.IDENT
        | SqlLexer.QIDENT
        | SqlLexer.UIDENT -> "a name"
        | SqlLexer.PARAM -> "a parameter"
        | SqlLexer.OP -> "an operator"
        | _ ->
            match SqlLexer.DefaultVocabulary.GetLiteralName kind with
            | null -> SqlLexer.DefaultVocabulary.GetDisplayName kind
            | literal ->
                let text = literal.Substring(1, literal.Length - 2)
                if Char.IsLetter text[0] then text else $"\"{text}\""

    let private join (items: string list) =
        match items with
        | [] -> ""
        | [ single ] -> single
        | items -> String.Join(", ", List.take (items.Length - 1) items) + " or " + List.last items

    /// `Expected a, b or c after X.`; nothing where nothing is expected.
    let sentence (words: string list) (previous: SqlToken option) : string option =
        if words.IsEmpty then
            None
        else
            let place =
                match previous with
                | None -> ""
                | Some token when token.Type < SqlLexer.LPAREN -> $" after {token.Text.ToUpperInvariant()}"
                | Some token when token.Text.Length > 40 -> ""
                | Some token -> $" after \"{token.Text}\""

            Some $"Expected {join words}{place}."

    /// What may stand in a place; `previous` is the token before it.
    let expectation (state: GrammarState) (previous: SqlToken option) : string option =
        let struct (rules, tokens) = state.Expected wholeRules
        let found = rules |> Seq.map (fun rule -> phraseOf[rule]) |> HashSet
        let goesOn = found.Contains "an operator"
        // A name may go on as the type of a literal: `date '…'`.
        if goesOn then found.Remove "a string" |> ignore
        let ends = tokens.Contains -1

        let words =
            [ for kind in tokens do
                  if kind > 0 && not (goesOn && operators.Contains kind) then kind ]

        let main, others = words |> List.partition (fun kind -> List.contains kind clauses)

        let names =
            List.concat
                [ phraseOrder |> List.filter found.Contains
                  main |> List.sortBy (fun kind -> List.findIndex ((=) kind) clauses) |> List.map tokenName
                  others |> List.map tokenName |> List.sort
                  extraOrder |> List.filter found.Contains ]
            |> List.distinct

        let shown =
            if names.Length <= Named then names
            elif ends then List.truncate Named names
            else List.truncate Named names @ [ "another clause" ]

        sentence (if ends then shown @ [ "the end of the statement" ] else shown) previous
