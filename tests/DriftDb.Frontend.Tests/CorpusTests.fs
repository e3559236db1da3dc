module DriftDb.Frontend.Tests.CorpusTests

open Expecto
open DriftDb.Frontend
open DriftDb.Types

/// What print ∘ parse says about one statement: nothing when it is the identity.
let identityFailure (statement: Statement) : string option =
    match statement.Node with
    | StatementNode.Unsupported _ -> None
    | StatementNode.AlterTable(_, _, _, _, actions) when actions |> List.exists (fun action -> action.IsUnsupported) -> None
    | node ->
        let printed = SqlPrinter.PrintNode node

        try
            let again = (SqlParser.ParseOne printed).Node
            let before = Structure.dump node
            let after = Structure.dump again
            if before = after then None else Some $"{printed}\n  before {before}\n  after  {after}"
        with :? SqlException as error ->
            Some $"{printed}\n  {error.SqlState} {error.Message} at {error.Span}"

let private checkAll (texts: (string * string) seq) =
    let mutable statements = 0
    let failures = ResizeArray<string>()

    for name, text in texts do
        try
            for statement in SqlParser.Parse text do
                statements <- statements + 1
                identityFailure statement |> Option.iter (fun failure -> failures.Add $"{name}: {failure}")
        with :? SqlException as error ->
            failures.Add $"{name}: {error.SqlState} {error.Message} at {error.Span}: {text}"

    let shown = System.String.Join("\n", failures |> Seq.truncate 10)
    Expect.isEmpty failures $"{failures.Count} failures:\n{shown}"
    Expect.isGreaterThan statements 0 "no statements"

let tests =
    testList
        "corpus"
        [ test "TPC-H parses, and prints to what parses to the same" { checkAll (Corpus.tpch ()) }
          test "what clients send parses, and prints to what parses to the same" { checkAll (Corpus.captures ()) }
          test "sqllogictest's statements parse, and print to what parses to the same" {
              checkAll (Corpus.logicTests () |> Seq.filter (fun (_, sql) -> not (Corpus.isForeign sql)))
          }
          test "SQLite's own forms are syntax errors, as in PostgreSQL" {
              for _, sql in Corpus.logicTests () |> Seq.filter (snd >> Corpus.isForeign) do
                  Expect.throws (fun () -> SqlParser.Parse sql |> ignore) sql
          }
          testSequenced (
              test "no statement of the corpus that parses falls back to full LL" {
                  let fallbacks () = DriftDb.Grammar.SqlParseDriver.FallbackCount
                  let logic = Corpus.logicTests () |> Seq.filter (fun (_, sql) -> not (Corpus.isForeign sql))

                  for name, text in Seq.concat [ Seq.ofArray (Corpus.tpch ()); Seq.ofArray (Corpus.captures ()); logic; Corpus.conformance () ] do
                      let before = fallbacks ()

                      match (try Some(SqlParser.Parse text) with :? SqlException -> None) with
                      | Some _ -> Expect.equal (fallbacks () - before) 0L $"{name}: {text}"
                      | None -> ()
              }
          ) ]
