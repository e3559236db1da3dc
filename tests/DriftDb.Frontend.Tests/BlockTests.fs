/// PL/pgSQL: blocks that parse, with the spans of what is in them, and those that don't, with the place.
module DriftDb.Frontend.Tests.BlockTests

open Expecto
open DriftDb.Frontend
open DriftDb.Types

let private parse text = PlpgsqlParser.Parse text

let private body text = (parse text).Block.Body

let private textOf (text: string) (span: SourceSpan) = text.Substring(span.Start, span.Length)

/// Body, and the text at which its error stands.
let private wrong =
    [ "BEGIN x := ; END", ";"
      "BEGIN IF a b c; END", ";"
      "BEGIN IF a THEN NULL; END", ""
      "BEGIN LOOP NULL; END IF; END", "IF"
      "BEGIN FOR i IN 1..2 NULL; END", ";"
      "DECLARE x int BEGIN END", "BEGIN"
      "DECLARE x; BEGIN END", ";"
      "BEGIN SELECT (1; END", ";"
      "BEGIN a := b); END", ")"
      "BEGIN RAISE NOTICE 'a %'; END", "RAISE NOTICE 'a %'"
      "BEGIN NULL END", "END"
      "BEGIN NULL; END; x", "x"
      "BEGIN SELECT 1 INTO a INTO b; END", "INTO a"
      "BEGIN SELEC 1; END", "SELEC"
      "BEGIN EXCEPTION WHEN SQLSTATE 'abc' THEN NULL; END", "'abc'"
      "BEGIN GET DIAGNOSTICS a = returned_sqlstate; END", "returned_sqlstate" ]

let tests =
    testList
        "blocks"
        [ test "a range of integers is three tokens" {
              for text in [ "BEGIN FOR i IN 1..10 LOOP NULL; END LOOP; END"; "BEGIN FOR i IN a..b LOOP NULL; END LOOP; END"; "BEGIN FOR i IN REVERSE 1 .. 10 BY 2 LOOP NULL; END LOOP; END" ] do
                  match body text with
                  | [ BlockStatement.ForInteger(None, variable, _, _, _, _, [ BlockStatement.Nothing ], _) ] -> Expect.equal variable.Name "i" text
                  | other -> failtest $"%A{other}"
          }

          test "embedded SQL knows its place in the body" {
              let text = "DECLARE a int; BEGIN SELECT v INTO a FROM t WHERE id = 5; END"

              match body text with
              | [ BlockStatement.Sql(statement, Some into, span) ] ->
                  Expect.equal (textOf text span) "SELECT v INTO a FROM t WHERE id = 5" "the statement"
                  Expect.equal (textOf text into.Span) "INTO a" "INTO"

                  match statement.Node with
                  | StatementNode.Query { Body = QueryBody.Select core } -> Expect.equal (textOf text core.Where.Value.Span) "id = 5" "WHERE"
                  | other -> failtest $"%A{other}"
              | other -> failtest $"%A{other}"
          }

          test "an expression is a query" {
              match body "BEGIN n := count(*) FROM t; END" with
              | [ BlockStatement.Assign(_, { Query = { Body = QueryBody.Select core } }, _) ] -> Expect.isNonEmpty core.From "FROM"
              | other -> failtest $"%A{other}"
          }

          test "strings and comments hide the language's words" {
              match body "BEGIN a := 'x; THEN' || $q$ LOOP $q$; -- END;\n IF a = 'THEN' /* THEN */ THEN NULL; END IF; END" with
              | [ BlockStatement.Assign _; BlockStatement.If([ _, [ BlockStatement.Nothing ] ], [], _) ] -> ()
              | other -> failtest $"%A{other}"
          }

          test "CASE of SQL within a condition has its own THEN" {
              match body "BEGIN IF CASE WHEN a THEN b ELSE c END THEN NULL; END IF; END" with
              | [ BlockStatement.If([ _, [ BlockStatement.Nothing ] ], [], _) ] -> ()
              | other -> failtest $"%A{other}"
          }

          test "words of the language may be names of variables" {
              match body "BEGIN name := 1; exit := 2; text.value[3] = 4; $1 := 5; END" with
              | [ BlockStatement.Assign _; BlockStatement.Assign _; BlockStatement.Assign _; BlockStatement.Assign _ ] -> ()
              | other -> failtest $"%A{other}"
          }

          test "all of a block" {
              let block = (parse "#variable_conflict use_column\n<<o>> DECLARE a CONSTANT t.x%TYPE NOT NULL := 1; r record; b ALIAS FOR $1; c SCROLL CURSOR (k int) FOR SELECT k; BEGIN NULL; EXCEPTION WHEN unique_violation OR SQLSTATE '22012' THEN NULL; WHEN OTHERS THEN RAISE; END o;").Block
              Expect.equal block.Label (Some "o") "the label"
              Expect.equal block.Declarations.Length 4 "declarations"
              Expect.equal (block.Handlers |> List.map (fun handler -> handler.Conditions.Length)) [ 2; 1 ] "handlers"
          }

          test "what is wrong has its place" {
              for text, at in wrong do
                  try
                      parse text |> ignore
                      failtest $"{text} parses"
                  with :? SqlException as error ->
                      Expect.equal error.SqlState SqlState.SyntaxError text
                      Expect.isTrue (text.Substring(error.Span.Start).StartsWith at) $"{text}: at {error.Span}, not at {at}"
          }

          test "blocks nested without end are an error, not a dead process" {
              let text = String.replicate 100_000 "BEGIN " + String.replicate 100_000 "END; "

              try
                  parse text |> ignore
              with :? SqlException as error -> Expect.equal error.SqlState SqlState.StatementTooComplex "depth"
          } ]
