namespace DriftDb.Frontend

open DriftDb.Grammar
open DriftDb.Types

/// Syntax errors: PostgreSQL's message and place; what was expected there in DETAIL, and in HINT the slip that it looks like.
module internal SyntaxErrors =

    /// Statements longer than this keep PostgreSQL's message alone: the walk through the grammar that finds the words costs tens of microseconds a token.
    [<Literal>]
    let private ExplainedTokens = 1_000

    /// The grammar's states before each token up to `at`; None where the walk and the parser disagree on the way.
    let private walk (script: Script) (first: int) (at: int) (entry: ParseEntry) : GrammarState array option =
        let states = Array.zeroCreate<GrammarState> (at - first + 1)
        states[0] <- GrammarState.Start entry
        let mutable i = 0
        let mutable go = true

        while go && i < at - first do
            match states[i].After(script.Tokens[first + i].Type) with
            | null -> go <- false
            | next ->
                states[i + 1] <- next
                i <- i + 1

        if go then Some states else None

    /// (detail, hint) for the token at `at`, which is `last` at the end of the statement.
    let private explain (script: Script) (first: int) (last: int) (at: int) (entry: ParseEntry) : string option * string option =
        if at - first > ExplainedTokens then
            None, None
        else
            match walk script first at entry with
            | None -> None, None
            | Some states ->
                let statement =
                    { Tokens = script.Tokens
                      First = first
                      Last = last
                      At = at
                      States = states }

                let previous = if at > first then Some script.Tokens[at - 1] else None

                let hint =
                    Habits.find statement
                    |> Option.orElseWith (fun () -> Misspelling.find statement)
                    |> Option.orElseWith (fun () -> Punctuation.find statement)

                SyntaxWords.expectation states[at - first] previous, hint

    let private raised message span detail hint =
        SqlException(SqlState.SyntaxError, message, span, Option.toObj detail, Option.toObj hint)

    /// The error of a statement whose token `at` does not fit.
    let unexpected (script: Script) (first: int) (last: int) (at: int) (entry: ParseEntry) : SqlException =
        let detail, hint = explain script first last at entry

        if at < script.Tokens.Length then
            let token = script.Tokens[at]
            raised $"syntax error at or near \"{token.Text}\"" (tokenSpan token) detail hint
        else
            raised "syntax error at end of input" (SourceSpan(script.Text.Length, 0)) detail hint

    /// The same where the words are known already: DriftQL's own statements.
    let driftUnexpected (script: Script) (last: int) (at: int) (detail: string option) (hint: string option) : SqlException =
        if at < last then
            let token = script.Tokens[at]
            raised $"syntax error at or near \"{token.Text}\"" (tokenSpan token) detail hint
        else
            let stop = script.Tokens[last - 1].End
            raised "syntax error at end of input" (SourceSpan(stop, 0)) detail hint
