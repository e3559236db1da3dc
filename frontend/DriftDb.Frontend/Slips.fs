namespace DriftDb.Frontend

open System
open DriftDb.Grammar

/// A statement that does not parse, with what its grammar allowed before each token up to the one that does not fit.
[<NoComparison; ReferenceEquality>]
type internal BrokenStatement =
    { Tokens: SqlToken[]
      First: int
      Last: int
      /// The token that does not fit; Last at the end of the statement.
      At: int
      /// States[i] is before token First + i.
      States: GrammarState array }

    member this.Kind(i: int) = if i >= this.Last then -1 else this.Tokens[i].Type

    /// The text of a token in lower case, counted from the one that does not fit; empty outside of the statement.
    member this.Near(offset: int) =
        let i = this.At + offset
        if i < this.First || i >= this.Last then "" else LiteralText.fold this.Tokens[i].Text

    /// The statement's nth word, from 0.
    member this.Word(index: int) = this.Near(this.First + index - this.At)

    /// How far the statement goes on when, in the place before token `i`, other tokens stand, and it continues with token `next`: the index
    /// of the first token that does not fit, Last + 1 when it is whole. Looks only a few tokens past the slip.
    member this.Reach (i: int) (replacement: int list) (next: int) : int =
        let step (state: GrammarState | null) kind =
            match state with
            | null -> null
            | state -> state.After kind

        let mutable state = List.fold step (this.States[i - this.First]: GrammarState | null) replacement
        let mutable position = next
        let stop = min (this.Last + 1) (this.At + 12)

        while not (isNull state) && position < stop do
            state <- step state (this.Kind position)
            if not (isNull state) then position <- position + 1

        if isNull state && position = next && replacement.IsEmpty then -1
        elif isNull state then position
        else position

    /// Whether a repair gets past the token that does not fit and one more.
    member this.Mends (i: int) (replacement: int list) (next: int) =
        this.Reach i replacement next >= min (this.At + 2) (this.Last + 1)

/// Words that are one slip of the fingers from a keyword.
module internal Misspelling =

    /// Edits between two words, where two letters that changed places count as one (the restricted Damerau-Levenshtein distance).
    let distance (a: string) (b: string) =
        let cost = Array2D.zeroCreate (a.Length + 1) (b.Length + 1)
        for i in 0 .. a.Length do cost[i, 0] <- i
        for j in 0 .. b.Length do cost[0, j] <- j

        for i in 1 .. a.Length do
            for j in 1 .. b.Length do
                let same = if a[i - 1] = b[j - 1] then 0 else 1
                cost[i, j] <- min (min (cost[i - 1, j] + 1) (cost[i, j - 1] + 1)) (cost[i - 1, j - 1] + same)

                if i > 1 && j > 1 && a[i - 1] = b[j - 2] && a[i - 2] = b[j - 1] then
                    cost[i, j] <- min cost[i, j] (cost[i - 2, j - 2] + 1)

        cost[a.Length, b.Length]

    /// (word in lower case, kind) of every keyword.
    let private keywords =
        [| for kind in 1 .. SqlLexer.LPAREN - 1 do
               match SqlLexer.DefaultVocabulary.GetLiteralName kind with
               | null -> ()
               | literal -> literal.Trim('\'').ToLowerInvariant(), kind |]

    let private kindOf = dict keywords

    /// The keywords that a word may be meant as, the nearest first: (edits, kinds). Two words that were run together are there too.
    let candidates (word: string) : (int * int list) list =
        let allowed = if word.Length <= 2 then 0 elif word.Length <= 4 then 1 else 2

        let near =
            [ for text, kind in keywords do
                  if abs (text.Length - word.Length) <= allowed && text <> word then
                      let edits = distance word text
                      if edits <= allowed then edits, [ kind ] ]

        let joined =
            [ for cut in 2 .. word.Length - 2 do
                  match kindOf.TryGetValue(word.Substring(0, cut)), kindOf.TryGetValue(word.Substring cut) with
                  | (true, first), (true, second) -> 1, [ first; second ]
                  | _ -> () ]

        List.sortBy fst (near @ joined)

    /// The keyword that was meant, here or one or two tokens before: the repair that goes furthest.
    let find (statement: BrokenStatement) : string option =
        let repairs =
            [ for back in 0 .. 2 do
                  let i = statement.At - back

                  if i >= statement.First && i < statement.Last && Char.IsLetter statement.Tokens[i].Text[0] then
                      for edits, kinds in candidates (LiteralText.fold statement.Tokens[i].Text) do
                          if statement.Mends i kinds (i + 1) then
                              (-(statement.Reach i kinds (i + 1)), edits, back), kinds ]

        match repairs with
        | [] -> None
        | repairs ->
            let _, kinds = repairs |> List.minBy fst
            let words = kinds |> List.map (fun kind -> (SqlLexer.DefaultVocabulary.GetLiteralName kind |> string).Trim '\'')
            let meant = String.Join(' ', words)
            Some $"Perhaps you meant {meant}."

/// A token too many, or one that is missing.
module internal Punctuation =

    /// Keywords that are forgotten, with the one before or after which they stand.
    let private forgotten =
        [ SqlLexer.FROM; SqlLexer.INTO; SqlLexer.BY; SqlLexer.SET; SqlLexer.AS; SqlLexer.THEN; SqlLexer.END; SqlLexer.ON; SqlLexer.TABLE
          SqlLexer.VALUES; SqlLexer.TO; SqlLexer.AND; SqlLexer.IN; SqlLexer.KEY; SqlLexer.WHERE; SqlLexer.JOIN; SqlLexer.USING ]

    let private places (statement: BrokenStatement) =
        [ statement.At; statement.At - 1 ] |> List.filter (fun i -> i > statement.First)

    let find (statement: BrokenStatement) : string option =
        let at = statement.At
        let kind = statement.Kind at
        let before = if at > statement.First then statement.Kind(at - 1) else 0
        let after = if at < statement.Last then statement.Kind(at + 1) else 0
        let without i = statement.Reach i [] (i + 1) >= min (at + 2) (statement.Last + 1)
        let insert i kinds = statement.Mends i kinds i

        if kind = SqlLexer.COMMA && (before = SqlLexer.COMMA || after = SqlLexer.COMMA) then
            Some "There is one comma too many."
        elif kind = SqlLexer.COMMA && without at then
            Some "The comma is one too many."
        elif before = SqlLexer.COMMA && kind <> SqlLexer.COMMA && statement.Reach (at - 1) [] at > at then
            let next = if kind < 0 then "the end" else $"\"{statement.Tokens[at].Text}\""
            Some $"The comma before {next} is one too many."
        elif kind = SqlLexer.RPAREN && without at then
            Some "The closing parenthesis has no opening one."
        elif [ 1..4 ] |> List.exists (fun count -> insert at (List.replicate count SqlLexer.RPAREN)) then
            Some "A closing parenthesis is missing."
        elif insert at [ SqlLexer.RBRACKET ] then
            Some "A closing bracket is missing."
        elif insert at [ SqlLexer.COMMA ] then
            Some $"Perhaps a comma is missing before \"{statement.Tokens[at].Text}\"."
        else
            let word =
                forgotten
                |> List.tryPick (fun word -> places statement |> List.tryFind (fun i -> insert i [ word ]) |> Option.map (fun i -> word, i))

            match word with
            | Some(word, i) when i < statement.Last -> Some $"Perhaps {SyntaxWords.tokenName word} is missing before \"{statement.Tokens[i].Text}\"."
            | Some(word, _) -> Some $"Perhaps {SyntaxWords.tokenName word} is missing."
            | None ->
                if insert at [ SqlLexer.LPAREN ] then Some $"An opening parenthesis is missing before \"{statement.Tokens[at].Text}\"."
                elif at - 1 >= statement.First && insert (at - 1) [ SqlLexer.COMMA ] then
                    Some $"Perhaps a comma is missing before \"{statement.Tokens[at - 1].Text}\"."
                else None
